"""Keeping a vehicle longer: asked on her page or at the desk, by the same rules, and never twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.liste_attente import Attente
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, une_personne
from tests.integration.sejour import DEPART, Sejour, un_sejour, une_reservation, vu
from web.app import Application
from web.calendrier import minuit
from web.transaction import lecture, transaction


@pytest.fixture(autouse=True)
def la_veille() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 28, 9, tzinfo=PARIS), tick=True):
        yield


@pytest.fixture
def sejour(app: Application) -> Sejour:
    """Nadia has the Clio from Monday 30 to Wednesday 2 December; Karim has it from Saturday 5."""
    sejour = un_sejour(app)
    with app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation)).one()
        karim, zoe = une_personne(prenom="Karim"), une_personne(prenom="Zoé")
        session.add_all([karim, zoe])
        samedi = minuit(date(2026, 12, 5))
        une_reservation(session, sienne.vehicule, karim, debut=samedi, fin=samedi + timedelta(days=2))
        session.add(
            Attente(
                personne_id=zoe.id,
                offre_id=sienne.vehicule.offre_id,
                debut=minuit(date(2026, 12, 3)),
                fin=minuit(date(2026, 12, 5)),
                demandee_par=CONSEILLERE.id,
                cle_idempotence="zoe",
            )
        )
    return sejour


def elle(sejour: Sejour) -> FlaskClient:
    with sejour.app.app_context(), transaction() as session:
        nadia = session.scalars(select(Personne).where(Personne.prenom == "Nadia")).one()
        compte = compte_de(session, RoleActeur.PERSONNE, personne_id=nadia.id)
    return client_de(sejour.app, compte.jeton_session)


def suites(sejour: Sejour) -> list[tuple[date, StatutReservation]]:
    with sejour.app.app_context(), lecture() as session:
        toutes = session.scalars(select(Reservation).where(Reservation.renouvelle_id.is_not(None)))
        return [(s.fin.astimezone(PARIS).date(), s.statut) for s in toutes]


def test_she_asks_on_her_page_and_reads_who_has_the_vehicle_next(sejour: Sejour) -> None:
    """The days of the next person are not shown, whoever waits is counted, and a form sent twice asks once."""
    client = elle(sejour)
    adresse = f"/mes-deplacements/demande/{sejour.reservation}"
    assert f"{adresse}/prolonger" in client.get(adresse).text
    page = client.get(f"{adresse}/prolonger").text
    assert re.findall(r'<option value="([\d-]+)"', page) == ["2026-12-03", "2026-12-04"]
    assert "Quelqu’un d’autre a ce véhicule à partir du samedi 5 décembre. Une personne attend" in vu_de(page)
    assert "Karim" not in page
    assert "Zoé" not in page
    champs = {"csrf_token": valeur_de(page), "cle": valeur_de(page, "cle"), "jusqu_au": "2026-12-04"}
    for _ in range(2):
        assert client.post(f"{adresse}/prolonger", data=champs).status_code == 303
    assert suites(sejour) == [(date(2026, 12, 5), StatutReservation.DEMANDEE)]
    assert "Vous avez demandé à le garder jusqu’au vendredi 4 décembre" in vu(client.get(adresse))


def test_days_of_the_next_person_are_refused_with_a_sentence_that_says_until_when(sejour: Sejour) -> None:
    client = elle(sejour)
    adresse = f"/mes-deplacements/demande/{sejour.reservation}/prolonger"
    page = client.get(adresse).text
    champs = {"csrf_token": valeur_de(page), "cle": valeur_de(page, "cle"), "jusqu_au": "2026-12-06"}
    refus = client.post(adresse, data=champs)
    assert refus.status_code == 409
    assert "jusqu'au 04/12/2026, pas plus" in vu(refus)
    assert suites(sejour) == []


def test_the_adviser_prolongs_for_her_and_says_how_she_asked(sejour: Sejour) -> None:
    with sejour.app.app_context(), transaction() as session:
        nadia = session.scalars(select(Personne).where(Personne.prenom == "Nadia")).one()
        compte = compte_de(session, RoleActeur.CONSEILLER)
        nadia.conseiller_id = compte.id
        dossier = f"/conseiller/dossiers/{nadia.uuid}"
    client = client_de(sejour.app, compte.jeton_session)
    adresse = f"{dossier}/reservations/{sejour.reservation}/prolonger"
    assert adresse in client.get(dossier).text
    page = client.get(adresse).text
    champs = {"csrf_token": valeur_de(page), "cle": valeur_de(page, "cle"), "jusqu_au": "2026-12-03"}
    refus = client.post(adresse, data=champs)
    assert refus.status_code == 422
    assert "Dites si elle a appelé" in vu(refus)
    assert re.search(r'value="2026-12-03" selected', refus.text)
    assert client.post(adresse, data=champs | {"canal": "telephone"}).status_code == 303
    assert suites(sejour) == [(date(2026, 12, 4), StatutReservation.DEMANDEE)]
    assert "La suite est déjà demandée, jusqu’au 03/12/2026" in vu(client.get(adresse))


def test_after_the_day_of_return_nothing_is_prolonged(sejour: Sejour) -> None:
    with time_machine.travel(DEPART + timedelta(days=4)):
        page = elle(sejour).get(f"/mes-deplacements/demande/{sejour.reservation}/prolonger")
        assert "Le jour du retour est passé" in vu(page)


def vu_de(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").replace("&nbsp;", " ").split())
