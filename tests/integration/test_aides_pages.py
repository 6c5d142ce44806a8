"""The aids on the adviser's desk: weighed for this dossier, with whom to ask, and what is left to pay."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from mobilite.acteur import RoleActeur
from mobilite.besoin import MotifDeplacement
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import PlanActions, StatutAction
from tests.conftest import Entrer
from tests.fabriques import CONSEILLERE, une_offre, une_personne
from web.app import Application
from web.transaction import transaction


@pytest.fixture
def desk(app: Application, entrer: Entrer) -> FlaskClient:
    return entrer(RoleActeur.CONSEILLER)


def _stagiaire(app: Application) -> UUID:
    """Somebody of Étain who goes to a training in Bar-le-Duc, eighty kilometres away, without a licence."""
    with app.app_context(), transaction() as session:
        cycle = [{"jours": ["lun", "mar"], "arrivee": "08:00", "retour": "17:00"}]
        besoin = BesoinExprime(
            destination="55029", motif=MotifDeplacement.FORMATION, passages={"cycle": cycle}
        )
        personne = une_personne(
            departs=[Depart(insee="55181")], besoins=[besoin], annee_naissance=2005, permis={"type": "aucun"}
        )
        offre = une_offre(code="navette", nom="Navette du centre")
        session.add_all([personne, offre])
        session.flush()
        plan = PlanActions(personne=personne)
        session.add(plan)
        plan.retenir(
            offre.uuid,
            besoin.uuid,
            offre.nom,
            StatutAction.GARDEE,
            CONSEILLERE,
            raison="",
            instantane={"cout_mensuel_eur": 120.0},
        )
        return personne.uuid


def _vue(client: FlaskClient, personne: UUID, suite: str) -> str:
    reponse = client.get(f"/conseiller/dossiers/{personne}{suite}")
    assert reponse.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", " ", reponse.text))


def test_la_page_dit_chaque_aide_qui_la_donne_et_ce_qui_manque(app: Application, desk: FlaskClient) -> None:
    personne = _stagiaire(app)
    page = _vue(desk, personne, "/aides")
    assert "Aide à la mobilité de France Travail" in page
    assert "délibération 2022-56" in page
    assert "si elle touche l'ARE, et combien" in page
    assert "Cette aide a pris fin le 31/12/2025." in page
    # The need is eighty kilometres away: the aid may pay all of a shuttle at 120 € a month.
    reste = re.search(r"Navette du centre\s+120\s*€\s+0\s*€\s+120\s*€", page)
    assert reste, page[:3000]


def test_le_plan_montre_les_aides_en_bref_et_mene_a_la_page(app: Application, desk: FlaskClient) -> None:
    personne = _stagiaire(app)
    page = desk.get(f"/conseiller/dossiers/{personne}/plan").text
    assert 'id="aides-en-bref"' in page
    assert f'href="/conseiller/dossiers/{personne}/aides"' in page


def test_une_aide_exclue_dit_pourquoi_et_n_est_pas_parmi_les_possibles(
    app: Application, desk: FlaskClient
) -> None:
    with app.app_context(), transaction() as session:
        titulaire: Personne = une_personne(annee_naissance=1980, permis={"type": "B"})
        session.add(titulaire)
        session.flush()
        uuid = titulaire.uuid
    page = desk.get(f"/conseiller/dossiers/{uuid}/aides").text
    possibles, impossibles = page.split('id="aides-impossibles"')
    assert 'id="aide-permis_un_euro"' not in possibles
    assert "Elle a déjà le permis B." in html.unescape(impossibles)
