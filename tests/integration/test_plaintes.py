"""Each complaint of docs/carnet-de-bord.md leads to a page that opens, and the words it quotes are on it."""

from __future__ import annotations

import re

import pytest

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour
from mobilite.diagnostic import Diagnostic
from mobilite.plan import PlanActions
from tests.conftest import Entrer
from tests.fabriques import CONSEILLERE, une_personne
from tests.integration.bureau import Bureau
from tests.unit.lecture import RACINE
from web.app import Application
from web.referentiel import referentiel
from web.transaction import transaction

PLAINTES = ("#1999", "#2002", "#1539", "#1541", "#1515", "#1536", "#1092", "#1093", "#526", "Alertes de fin")


def lignes() -> list[list[str]]:
    """complaint, answer, page, words."""
    texte = (RACINE / "docs" / "carnet-de-bord.md").read_text(encoding="utf-8")
    rangs = [ligne for ligne in texte.splitlines() if ligne.startswith("| ")]
    return [[case.strip() for case in rang.strip("|").split("|")] for rang in rangs[1:]]


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def test_every_complaint_has_its_page_and_the_words_are_on_it(bureau: Bureau, app: Application) -> None:
    """Nobody follows this dossier, one of its steps is due, its diagnostic has begun."""
    personne = une_personne(prenom="Nour", conseiller_id=None)
    with app.app_context(), transaction() as session:
        diagnostic = Diagnostic(
            personne=personne, questionnaire=referentiel().questionnaire.version, commence_par=1
        )
        diagnostic.repondre("D5_confiance", 0, CONSEILLERE)
        plan = PlanActions(personne=personne)
        plan.ajouter_etape("Appeler le garage", CONSEILLERE).echeance = ce_jour()
        session.add_all([personne, diagnostic, plan])
    dites = lignes()
    assert len(dites) > 5
    for plainte, _reponse, page, mots in dites:
        adresse = page.strip("`").replace("…", str(personne.uuid))
        cite = re.fullmatch(r"« (.+) »", mots)
        assert cite is not None, plainte
        lue = bureau.page(adresse).replace("\u00a0", " ").replace("’", "'")
        assert cite[1].replace("’", "'") in lue, plainte
    toutes = " ".join(ligne[0] for ligne in dites)
    assert [plainte for plainte in PLAINTES if plainte not in toutes] == []
