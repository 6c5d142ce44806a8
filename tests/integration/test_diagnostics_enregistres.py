"""Twelve fictional situations, each with a recorded diagnostic: levels, alerts, outcome, plan, and why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import g
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from mobilite.diagnostic import TypeDiagnostic
from mobilite.personnes import Personne
from mobilite.verdict import Verdict
from seeds.charger import charger
from seeds.diagnostics import DossierEcrit, lire_diagnostics
from tests.conftest import CLE, Peupler
from tests.fabriques import CONSEILLERE
from web.app import Application
from web.config import Config, Mode
from web.conseiller.plan_autour import suggestions_pour
from web.conseiller.resultats import constats_de, lues, questionnaire_de, resultats_de
from web.lecture_maisons import lire_maisons
from web.propositions import proposer_pour
from web.referentiel import dossier_des_graines, referentiel
from web.transaction import bd

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


@pytest.mark.parametrize("prenom", DOSSIERS)
def test_every_answer_of_a_recorded_diagnostic_is_read_and_nearly_every_question_has_one(
    session: Session, prenom: str
) -> None:
    for diagnostic in personne(session, prenom).diagnostics:
        questionnaire = questionnaire_de(diagnostic)
        reponses = lues(diagnostic)
        assert set(reponses) == set(diagnostic.reponses), "an answer that cannot be read"
        posees = [item.code for item in questionnaire.posees(reponses)]
        assert not set(reponses) - set(posees), "an answer of a closed branch"
        if diagnostic.type is TypeDiagnostic.ENTREE:
            assert len(reponses) >= 0.85 * len(posees), sorted(set(posees) - set(reponses))


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
