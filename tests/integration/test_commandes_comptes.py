"""Accounts from the console: opened, closed, and the demonstration kept away from real ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.structure import Structure
from tests.fabriques import une_personne
from web.commandes import mobilite
from web.commandes.base import session_qui_ecrit
from web.comptes import Compte, creer_compte, mot_de_passe_juste

PHRASE = "une phrase qui se retient bien"


@pytest.fixture(autouse=True)
def ailleurs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own; no database yet."""
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))
    for cle in ("DATABASE_URL", "MOBILITE_MODE", "SECRET_KEY", "TRUSTED_HOSTS"):
        monkeypatch.delenv(cle, raising=False)
    return tmp_path


def lancer(*mots: str, entree: str | None = None) -> Result:
    """Run one command; a bug comes out as a bug, never as an exit code."""
    resultat = CliRunner().invoke(mobilite, list(mots), input=entree)
    if resultat.exception is not None and not isinstance(resultat.exception, SystemExit):
        raise resultat.exception
    return resultat


def creer(adresse: str, role: str, *mots: str, phrase: str = PHRASE) -> Result:
    return lancer(
        "comptes", "creer", adresse, "--role", role, "--nom", "Claire", *mots, entree=f"{phrase}\n" * 2
    )


def test_an_account_opened_on_an_empty_machine_can_sign_in_and_a_closed_one_cannot() -> None:
    resultat = creer("Claire@meuse.example", "conseiller")
    assert resultat.exit_code == 0, resultat.stderr
    assert PHRASE not in resultat.output
    with session_qui_ecrit() as session:
        compte = session.scalars(select(Compte)).one()
        assert (compte.identifiant, compte.role) == ("claire@meuse.example", RoleActeur.CONSEILLER)
        assert not compte.demonstration
        assert mot_de_passe_juste(PHRASE, compte.mot_de_passe)
        jeton = compte.jeton_session
    assert lancer("comptes", "fermer", "claire@MEUSE.example").exit_code == 0
    with session_qui_ecrit() as session:
        compte = session.scalars(select(Compte)).one()
        assert not compte.actif
        assert compte.jeton_session != jeton
    assert "claire@meuse.example (fermé)" in lancer("comptes", "lister").stdout


def test_two_partners_of_one_structure_share_it() -> None:
    for adresse in ("un@roues.example", "deux@roues.example"):
        assert creer(adresse, "partenaire", "--structure", "Les Roues").exit_code == 0
    with session_qui_ecrit() as session:
        structure = session.scalars(select(Structure)).one()
        assert {c.structure_id for c in session.scalars(select(Compte))} == {structure.id}


@pytest.mark.parametrize(
    ("mots", "phrase", "dit"),
    [
        (("partenaire",), PHRASE, "structure"),
        (("conseiller", "--structure", "Les Roues"), PHRASE, "structure"),
        (("conseiller",), "trop court", "15 caractères"),
    ],
)
def test_an_account_that_cannot_stand_leaves_nothing_behind(
    mots: tuple[str, ...], phrase: str, dit: str
) -> None:
    resultat = creer("claire@meuse.example", *mots, phrase=phrase)
    assert resultat.exit_code == 2
    assert dit in resultat.stderr
    with session_qui_ecrit() as session:
        assert session.scalars(select(Compte)).all() == []
        assert session.scalars(select(Structure)).all() == []


def test_the_demonstration_never_joins_real_accounts() -> None:
    assert creer("claire@meuse.example", "conseiller").exit_code == 0
    resultat = lancer("demonstration", "charger")
    assert (resultat.exit_code, resultat.stderr) == (
        2,
        "DATABASE_URL : cette base a de vrais comptes : la démonstration n'y entre pas.\n",
    )


def test_the_demonstration_starts_again_after_a_card_was_given_in_it() -> None:
    assert lancer("demonstration", "charger").exit_code == 0
    with session_qui_ecrit() as session:
        personne = une_personne()
        session.add(personne)
        session.flush()
        creer_compte(
            session,
            identifiant=f"carte-{personne.uuid}",
            libelle="Yasmine",
            role=RoleActeur.PERSONNE,
            personne_id=personne.id,
        )
    assert lancer("demonstration", "charger").exit_code == 0


def test_a_machine_said_to_be_in_production_starts_no_demonstration(
    ailleurs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cle, valeur in {
        "MOBILITE_MODE": "production",
        "SECRET_KEY": "0123456789abcdef" * 4,
        "TRUSTED_HOSTS": "mobilite.example",
    }.items():
        monkeypatch.setenv(cle, valeur)
    resultat = lancer("servir", "--demonstration")
    assert resultat.exit_code == 2
    assert "production" in resultat.stderr
    assert not (ailleurs / "instance" / "mobilite.sqlite").exists()
