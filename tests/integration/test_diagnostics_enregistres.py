"""Twelve fictional situations, each with a recorded diagnostic: levels, alerts, outcome, plan, and why."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import URL, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.diagnostic import IssueRetenue, TypeDiagnostic
from mobilite.issue import Issue
from mobilite.journal import Evenement, LigneJournal
from mobilite.personnes import Personne
from mobilite.verdict import Verdict
from seeds.charger import charger
from seeds.diagnostics import DossierEcrit, lire_diagnostics
from tests.conftest import CLE, Entrer, Peupler, client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE
from web.app import Application
from web.config import Config, Mode
from web.conseiller.plan_autour import suggestions_pour
from web.conseiller.resultats import constats_de, lues, resultats_de
from web.lecture_maisons import lire_maisons
from web.prise_de_notes import questionnaire_de
from web.propositions import proposer_pour
from web.referentiel import dossier_des_graines, referentiel
from web.transaction import bd, lecture, transaction

LE = date(2026, 11, 23)
DEMONSTRATION = dossier_des_graines() / "demonstration"
DOSSIERS = lire_diagnostics(DEMONSTRATION / "diagnostics", LE)


@pytest.fixture(scope="module")
def base_chargee(peupler: Peupler) -> Path:
    """The fictional département, loaded once for the whole file."""
    maisons = (dossier_des_graines() / "meuse" / "maisons_demonstration.csv").read_bytes()
    return peupler(
        lambda session: charger(
            session,
            DEMONSTRATION,
            lire_maisons(maisons, referentiel().territoire, demonstration=True),
            le=LE,
            conseiller_id=CONSEILLERE.id,
            version_questionnaire=referentiel().questionnaire.version,
        )
    )


@pytest.fixture
def config(base_chargee: Path, tmp_path: Path) -> Config:
    base = shutil.copy(base_chargee, tmp_path / "base.sqlite")
    return Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=URL.create("sqlite", database=str(base)))


@pytest.fixture
def session(app: Application) -> Iterator[Session]:
    """The database as an adviser reads it."""
    with app.test_request_context():
        g.acteur = CONSEILLERE
        yield bd.session


def personne(session: Session, prenom: str) -> Personne:
    return session.scalars(select(Personne).where(Personne.prenom == prenom)).one()


def test_twelve_people_have_a_recorded_diagnostic_with_its_reason() -> None:
    assert len(DOSSIERS) >= 12
    assert all(len(d.pourquoi) > 40 for d in DOSSIERS.values())
    assert {d.attendu["issue"] for d in DOSSIERS.values()} == {
        "freins_prealables",
        "accompagnement_renforce",
        "apprentissage",
        "depannage_materiel",
        "conseil_rapide",
    }


def test_every_answer_of_a_recorded_diagnostic_is_read_and_nearly_every_question_has_one(
    session: Session,
) -> None:
    for prenom in DOSSIERS:
        for diagnostic in personne(session, prenom).diagnostics:
            questionnaire = questionnaire_de(diagnostic)
            reponses = lues(diagnostic)
            assert set(reponses) == set(diagnostic.reponses), (prenom, "an answer that cannot be read")
            posees = [item.code for item in questionnaire.posees(reponses)]
            assert not set(reponses) - set(posees), (prenom, "an answer of a closed branch")
            if diagnostic.type is TypeDiagnostic.ENTREE:
                manquent = set(posees) - set(reponses)
                assert len(manquent) <= 0.15 * len(posees), (prenom, sorted(manquent))


@pytest.mark.parametrize(("prenom", "dossier"), DOSSIERS.items(), ids=list(DOSSIERS))
def test_the_rules_find_in_each_dossier_what_its_story_says(
    session: Session, prenom: str, dossier: DossierEcrit
) -> None:
    elle = personne(session, prenom)
    resultats = resultats_de(elle, LE)
    constats = constats_de(session, elle, LE, resultats)
    assert resultats is not None and constats is not None
    attendu, pourquoi = dossier.attendu, dossier.pourquoi
    assert {a.axe.value: a.niveau.value for a in resultats.axes} == attendu["freins"], pourquoi
    vives = [a.alerte.code for a in constats.alertes if a.verdict is Verdict.OUI]
    assert vives == attendu["alertes"], pourquoi
    assert constats.issue.issue == attendu["issue"], pourquoi
    plan = suggestions_pour(session, elle, None, proposer_pour(session, elle, LE), LE)
    proposees = [suggestion.code for suggestion in plan]
    assert set(attendu["suggestions"]) <= set(proposees), (pourquoi, proposees)


# The pages


@dataclass
class Dossier:
    """The dossier of somebody of the demonstration, open at an adviser's desk."""

    app: Application
    client: FlaskClient
    adresse: str

    def page(self, suite: str = "/resultats") -> str:
        reponse = self.client.get(f"{self.adresse}/diagnostic{suite}")
        assert reponse.status_code == 200, (suite, reponse.status_code)
        return re.sub(r"\s+", " ", html.unescape(reponse.text).replace("\xa0", " "))

    def poster(self, suite: str, **champs: str) -> TestResponse:
        champs["csrf_token"] = valeur_de(self.client.get(f"{self.adresse}/diagnostic/resultats").text)
        return self.client.post(f"{self.adresse}/diagnostic{suite}", data=champs)


@pytest.fixture
def chez(app: Application, entrer: Entrer) -> Callable[[str], Dossier]:
    client = entrer(RoleActeur.CONSEILLER)

    def ouvrir(prenom: str) -> Dossier:
        with app.app_context(), lecture() as session:
            uuid = session.scalars(select(Personne.uuid).where(Personne.prenom == prenom)).one()
        return Dossier(app, client, f"/conseiller/dossiers/{uuid}")

    return ouvrir


def morceau(page: str, debut: str, fin: str) -> str:
    return page[page.index(debut) : page.index(fin, page.index(debut))]


def test_an_alert_stands_on_the_results_with_what_to_do_and_why(chez: Callable[[str], Dossier]) -> None:
    page = chez("Jérémy").page()
    alerte = morceau(page, 'id="alerte-controle_technique_depasse"', "</details>")
    assert "Passer par le garage solidaire avant de louer." in alerte
    assert "La date du contrôle technique est passée." in alerte
    assert 'class="source"' in alerte


def test_what_is_missing_for_an_alert_leads_to_its_question(chez: Callable[[str], Dossier]) -> None:
    page = chez("Karim").page()
    a_verifier = morceau(page, 'id="alertes-a-verifier"', "</section>")
    assert re.search(r'href="[^"]+/diagnostic/D4#D4_accompagnement">Demander', a_verifier)


def test_an_outcome_is_overruled_with_a_reason_and_both_stay(chez: Callable[[str], Dossier]) -> None:
    dossier = chez("Michel")
    sans = dossier.poster("/issue", issue="conseil_rapide", raison=" ")
    assert sans.status_code == 422
    assert 'value="conseil_rapide" checked' in sans.text
    for _ in range(2):  # sent twice, kept once
        assert (
            dossier.poster("/issue", issue="conseil_rapide", raison="Le permis revient lundi.").status_code
            == 302
        )
    issue = morceau(dossier.page(), 'id="issue"', "</section>")
    assert "Le permis revient lundi." in issue
    assert "Proposé ce jour-là par les règles : dépannage matériel" in issue
    with dossier.app.app_context(), lecture() as session:
        [retenue] = session.scalars(select(IssueRetenue))
        assert (retenue.issue, retenue.issue_calculee) == (Issue.CONSEIL_RAPIDE, "depannage_materiel")
        quoi = session.scalars(select(LigneJournal).where(LigneJournal.quoi == Evenement.ISSUE_RETENUE.value))
        assert [ligne.details for ligne in quoi] == [
            {"issue": "conseil_rapide", "calculee": "depannage_materiel"}
        ]


def test_an_older_diagnostic_is_read_in_its_own_words(chez: Callable[[str], Dossier]) -> None:
    dossier = chez("Chantal")
    ancienne = re.search(r"/resultats\?diagnostic=([0-9a-f-]{36})", dossier.page())
    assert ancienne
    page = dossier.page(f"/resultats?diagnostic={ancienne[1]}")
    assert "Un accident ou un échec à l'examen vous fait-il encore peur ?" in page
    assert "Questionnaire version 2026.1" in page
    assert "Réponses mises de côté" not in page, "a question of its own version was set aside"
    assert "Un accident, ou la peur d'en avoir un" in dossier.page()


def test_the_moments_are_compared_axis_by_axis_and_question_by_question(
    chez: Callable[[str], Dossier],
) -> None:
    page = chez("Chantal").page("/comparaison")
    axes = morceau(page, 'id="comparaison-axes"', "</table>")
    assert "points de mieux" in axes and "frein fort" in axes and "frein moyen" in axes
    assert "Indice d'autonomie" in axes
    scindee = morceau(page, 'id="D5_mauvais_souvenir"', "</tr>")
    assert "Question séparée en deux" in scindee and "oui, beaucoup" in scindee and "pas posée" in scindee
    assert "Question retirée" in morceau(page, 'id="D1_frequence"', "</tr>")
    assert 'id="D1_a_plusieurs"' not in page, "what has not moved waits behind a link"


def test_a_new_moment_begins_empty_with_todays_questions_and_what_was_said_beside(
    chez: Callable[[str], Dossier],
) -> None:
    dossier = chez("Michel")
    assert dossier.poster("", type="sortie").status_code == 302
    page = dossier.page("/D8")
    bloc = morceau(page, 'id="D8_telephone"', "</fieldset>")
    assert "Dit à l'entrée" in bloc and "checked" not in bloc
    assert "À la sortie" in dossier.page("/comparaison")


def test_she_never_reads_her_index_her_alerts_nor_her_outcome(app: Application) -> None:
    with app.app_context(), transaction() as session:
        elle = personne(session, "Chantal")
        jeton = compte_de(session, RoleActeur.PERSONNE, personne_id=elle.id).jeton_session
        adresses = [
            str(regle)
            for regle in app.url_map.iter_rules()
            if regle.endpoint.startswith("personne.")
            and "GET" in (regle.methods or ())
            and not regle.arguments
        ]
    client = client_de(app, jeton)
    lues = [client.get(adresse).text.lower() for adresse in adresses]
    assert any("chantal" in page for page in lues)
    for adresse, page in zip(adresses, lues, strict=True):
        for mot in ("indice", "autonomie", "sur 100", "frein", "alerte", "renforcé", "apprentissage"):
            assert mot not in page, (adresse, mot)
