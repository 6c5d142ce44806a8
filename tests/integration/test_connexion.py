"""Signing in: two doors, one sentence for every refusal, few tries, and an end that is an end."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import URL, select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.erreurs import DonneeRefusee
from tests.conftest import CLE, Peupler, valeur_de
from web.app import Application
from web.comptes import (
    ALPHABET_CARTE,
    COMPTES_DEMONSTRATION,
    Compte,
    creer_comptes_demonstration,
    donner_carte,
    hacher_mot_de_passe,
    lire_code_carte,
)
from web.config import Config, Mode
from web.transaction import bd, transaction

CLAIRE = COMPTES_DEMONSTRATION["claire@demonstration.invalid"]
NADIA = COMPTES_DEMONSTRATION["personne@demonstration.invalid"]
PHRASE = "Vérifiez les deux"


@pytest.fixture(scope="module")
def base_peuplee(peupler: Peupler) -> Path:
    """A database with the demonstration accounts, hashed once for the whole file: hashing is slow."""
    return peupler(lambda session: creer_comptes_demonstration(session, personne_id=1, structure_id=1))


@pytest.fixture
def config(base_peuplee: Path, tmp_path: Path) -> Config:
    """A copy of that database for each test."""
    base = shutil.copy(base_peuplee, tmp_path / "base.sqlite")
    return Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=URL.create("sqlite", database=str(base)))


def jeton(client: FlaskClient, page: str) -> str:
    return valeur_de(client.get(page).text)


def se_connecter(client: FlaskClient, identifiant: str, mot_de_passe: str, suite: str = "") -> TestResponse:
    return client.post(
        "/connexion",
        data={
            "csrf_token": jeton(client, "/connexion"),
            "identifiant": identifiant,
            "mot_de_passe": mot_de_passe,
            "suite": suite,
        },
    )


def montrer_sa_carte(client: FlaskClient, code: str) -> TestResponse:
    return client.post("/ma-carte", data={"csrf_token": jeton(client, "/ma-carte"), "code": code})


def connecte(client: FlaskClient) -> bool:
    return "Quitter" in client.get("/").text


def test_a_conseillere_enters_with_her_password_and_goes_where_she_was_going(client: FlaskClient) -> None:
    reponse = se_connecter(client, " Claire@Demonstration.invalid ", CLAIRE.secret, suite="/accessibilite")
    assert (reponse.status_code, reponse.location) == (303, "/accessibilite")
    assert connecte(client)


def test_a_person_enters_with_her_card_however_she_types_it(client: FlaskClient) -> None:
    assert montrer_sa_carte(client, f" {NADIA.secret[:4].lower()}-{NADIA.secret[4:]} ").status_code == 303
    assert connecte(client)


def test_a_card_is_never_a_password_and_a_person_has_no_password(client: FlaskClient) -> None:
    assert se_connecter(client, NADIA.identifiant, NADIA.secret).status_code == 422
    assert not connecte(client)


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: FlaskClient) -> None:
    def corps(identifiant: str) -> str:
        reponse = se_connecter(client, identifiant, "un-mot-de-passe-faux")
        assert reponse.status_code == 422
        return re.sub(r'value="[^"]*"', "", reponse.text)

    assert PHRASE in corps(CLAIRE.identifiant)
    assert corps(CLAIRE.identifiant) == corps("inconnue@demonstration.invalid")


def test_one_account_is_tried_five_times_then_even_the_right_password_waits(client: FlaskClient) -> None:
    for _ in range(5):
        assert se_connecter(client, CLAIRE.identifiant, "un-mot-de-passe-faux").status_code == 422
    assert se_connecter(client, CLAIRE.identifiant, CLAIRE.secret).status_code == 429
    autre = COMPTES_DEMONSTRATION["departement@demonstration.invalid"]
    assert se_connecter(client, autre.identifiant, autre.secret).status_code == 303


def test_guessing_cards_stops_after_five_tries_but_good_cards_are_never_counted(app: Application) -> None:
    for _ in range(12):
        assert montrer_sa_carte(app.test_client(), NADIA.secret).status_code == 303
    client = app.test_client()
    for _ in range(5):
        assert montrer_sa_carte(client, "ABCD2345").status_code == 422
    assert montrer_sa_carte(client, NADIA.secret).status_code == 429


def test_the_session_of_a_closed_account_ends_at_its_next_page(app: Application, client: FlaskClient) -> None:
    se_connecter(client, CLAIRE.identifiant, CLAIRE.secret)
    with app.app_context(), transaction() as session:
        session.scalars(select(Compte).where(Compte.identifiant == CLAIRE.identifiant)).one().actif = False
    assert not connecte(client)
    assert se_connecter(client, CLAIRE.identifiant, CLAIRE.secret).status_code == 422


def test_a_new_card_ends_the_former_one_and_its_sessions(app: Application, client: FlaskClient) -> None:
    montrer_sa_carte(client, NADIA.secret)
    with app.app_context(), transaction() as session:
        compte = session.scalars(select(Compte).where(Compte.role == RoleActeur.PERSONNE)).one()
        nouvelle = donner_carte(compte)
    assert not connecte(client)
    assert montrer_sa_carte(client, NADIA.secret).status_code == 422
    assert montrer_sa_carte(client, nouvelle).status_code == 303


def test_a_session_left_open_ends_after_twelve_hours_however_busy(client: FlaskClient) -> None:
    with time_machine.travel("2026-11-23T07:00:00Z", tick=False) as horloge:
        se_connecter(client, CLAIRE.identifiant, CLAIRE.secret)
        for _ in range(11):
            horloge.shift(3600)
            assert connecte(client)
        horloge.shift(3660)
        assert not connecte(client)


def test_signing_out_twice_is_no_error_and_leaves_nothing(client: FlaskClient) -> None:
    se_connecter(client, CLAIRE.identifiant, CLAIRE.secret)
    for _ in range(2):
        reponse = client.post(
            "/deconnexion", data={"csrf_token": jeton(client, "/ma-carte" if not connecte(client) else "/")}
        )
        assert (reponse.status_code, reponse.location) == (303, "/")
    assert not connecte(client)


def test_signing_in_keeps_nothing_of_the_anonymous_session(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["laisse"] = "par un autre"
    se_connecter(client, CLAIRE.identifiant, CLAIRE.secret)
    with client.session_transaction() as session:
        assert "laisse" not in session


def test_the_secrets_of_the_demonstration_are_offered_and_open_their_doors(client: FlaskClient) -> None:
    page = client.get("/connexion").text
    for modele in COMPTES_DEMONSTRATION.values():
        assert modele.invitation in page
        entree = montrer_sa_carte if modele.role is RoleActeur.PERSONNE else None
        reponse = (
            entree(client, modele.secret)
            if entree
            else se_connecter(client, modele.identifiant, modele.secret)
        )
        assert reponse.status_code == 303, modele.identifiant
        client.delete_cookie("mobilite")


def test_no_secret_can_be_read_in_the_database(app: Application) -> None:
    with app.app_context(), bd.session as session:
        for compte in session.scalars(select(Compte)):
            secret = COMPTES_DEMONSTRATION[compte.identifiant].secret
            assert (compte.mot_de_passe or "$argon2id$").startswith("$argon2id$")
            assert secret.encode() not in (compte.code_carte or b"")


@pytest.mark.parametrize("code", ["", "ABC", "ABCD23456", "ABCD2O45", "ABCD-234é", "Ⅷ" * 8, "a" * 10_000])
def test_a_code_that_no_card_carries_is_refused_in_words(code: str) -> None:
    with pytest.raises(DonneeRefusee, match="Regardez votre carte"):
        lire_code_carte(code)


def test_no_two_signs_of_a_card_are_read_one_for_the_other() -> None:
    assert not set("01ILOU") & set(ALPHABET_CARTE)
    assert len(set(ALPHABET_CARTE)) == len(ALPHABET_CARTE) == 30


def test_a_short_password_is_refused_whatever_its_signs() -> None:
    with pytest.raises(DonneeRefusee, match="15 caractères"):
        hacher_mot_de_passe("Aa1!Aa1!Aa1!Aa")
