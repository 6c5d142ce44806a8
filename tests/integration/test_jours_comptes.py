"""The days a stay is billed for: those she really had the vehicle, whatever the day the sheets are signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from mobilite.flotte import Energie
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import un_vehicule
from tests.integration.sejour import COMPTEUR, DEPART, Sejour, un_sejour, une_reservation
from web.app import Application
from web.transaction import transaction

JOUR = timedelta(days=1)
MERCREDI_SOIR = DEPART + timedelta(days=2, hours=8)
JEUDI_MATIN = DEPART + 3 * JOUR

Aller = Callable[[datetime], None]


@pytest.fixture
def aller() -> Iterator[Aller]:
    with time_machine.travel(DEPART, tick=True) as horloge:
        yield horloge.move_to


@pytest.fixture
def sejour(app: Application, aller: Aller) -> Sejour:
    """Booked from Monday to Wednesday, four euros a day."""
    return un_sejour(app)


def la_suite(sejour: Sejour, *, autre_vehicule: bool = False) -> Sejour:
    """She keeps it from Thursday to Saturday, and the structure said yes."""
    with sejour.app.app_context(), transaction() as session:
        premiere = session.scalars(select(Reservation)).one()
        vehicule, personne = premiere.vehicule, premiere.personne
        assert personne is not None
        if autre_vehicule:
            vehicule = un_vehicule(vehicule.offre, libelle="Logan", energie=Energie.ESSENCE)
            session.add(vehicule)
        suite = une_reservation(
            session,
            vehicule,
            personne,
            debut=premiere.fin,
            fin=premiere.fin + 3 * JOUR,
            renouvelle_id=premiere.id,
            cle_idempotence="suite",
        )
    return Sejour(sejour.app, sejour.jeton, suite.uuid)


def location(sejour: Sejour) -> str:
    """The line of the days, as it was signed."""
    decompte = sejour.etats().decompte
    assert decompte is not None
    return decompte.lignes[0].detail.split(" à ")[0]


def rendre(sejour: Sejour, **compteur: str) -> str:
    """Sign the return; the page of the two sheets."""
    sejour.rendre(**compteur)
    return sejour.page("etat-des-lieux")


def test_a_sheet_signed_days_after_the_return_bills_no_day_more(sejour: Sejour, aller: Aller) -> None:
    sejour.remettre()
    aller(MERCREDI_SOIR)
    assert sejour.poster("rendre").status_code == 303
    aller(MERCREDI_SOIR + 3 * JOUR)
    page = rendre(sejour)
    assert location(sejour) == "3 jours"
    assert "3 jours." in page
    assert "après l'heure prévue" not in page


def test_keys_noted_first_count_from_that_day_even_if_the_sheet_comes_later(
    sejour: Sejour, aller: Aller
) -> None:
    assert sejour.poster("remettre").status_code == 303
    aller(DEPART + JOUR)
    assert sejour.poster("depart/compteur", **COMPTEUR).status_code == 303
    sejour.remettre()
    aller(MERCREDI_SOIR)
    rendre(sejour)
    assert location(sejour) == "3 jours"


def test_the_eve_of_the_first_day_is_free(sejour: Sejour, aller: Aller) -> None:
    aller(DEPART - JOUR)
    sejour.remettre()
    aller(MERCREDI_SOIR)
    rendre(sejour)
    assert location(sejour) == "3 jours"


def test_days_without_the_vehicle_are_not_billed(sejour: Sejour, aller: Aller) -> None:
    aller(DEPART + JOUR)
    sejour.remettre()
    aller(DEPART + JOUR + timedelta(hours=6))
    rendre(sejour)
    assert location(sejour) == "1 jour"


def test_a_vehicle_that_comes_back_late_is_billed_until_it_is_there(sejour: Sejour, aller: Aller) -> None:
    sejour.remettre()
    aller(JEUDI_MATIN)
    page = rendre(sejour)
    assert location(sejour) == "4 jours"
    assert "Rendu 9 heures après l'heure prévue" in page


def test_without_a_sheet_at_the_departure_the_days_are_still_known(sejour: Sejour, aller: Aller) -> None:
    assert sejour.poster("remettre").status_code == 303
    aller(MERCREDI_SOIR)
    rendre(sejour)
    assert location(sejour) == "3 jours"


@pytest.mark.parametrize("signe", [JEUDI_MATIN, JEUDI_MATIN + JOUR], ids=["that day", "a day later"])
@pytest.mark.parametrize("autre_vehicule", [False, True], ids=["same vehicle", "another vehicle"])
def test_the_day_between_two_stays_that_follow_is_billed_once(
    sejour: Sejour, aller: Aller, signe: datetime, autre_vehicule: bool
) -> None:
    suite = la_suite(sejour, autre_vehicule=autre_vehicule)
    sejour.remettre()
    aller(JEUDI_MATIN)
    if autre_vehicule:
        # The two keys change hands that day, whenever the sheets are signed.
        assert sejour.poster("rendre").status_code == 303
        assert suite.poster("remettre").status_code == 303
    aller(signe)
    page = rendre(sejour)
    suite.remettre()
    aller(MERCREDI_SOIR + 3 * JOUR)
    rendre(suite)
    assert (location(sejour), location(suite)) == ("3 jours", "3 jours")
    assert ("après l'heure prévue" in page) is autre_vehicule


def test_a_vehicle_given_back_between_two_stays_is_billed_for_neither_night(
    sejour: Sejour, aller: Aller
) -> None:
    suite = la_suite(sejour)
    sejour.remettre()
    aller(MERCREDI_SOIR)
    rendre(sejour)
    aller(JEUDI_MATIN + JOUR)
    suite.remettre()
    rendre(suite)
    assert (location(sejour), location(suite)) == ("3 jours", "1 jour")


def test_a_suite_that_nobody_confirmed_does_not_pay_for_a_late_return(sejour: Sejour, aller: Aller) -> None:
    suite = la_suite(sejour)
    with sejour.app.app_context(), transaction() as session:
        session.execute(
            update(Reservation)
            .where(Reservation.uuid == suite.reservation)
            .values(statut=StatutReservation.REFUSEE)
        )
    sejour.remettre()
    aller(JEUDI_MATIN)
    assert "Rendu 9 heures après" in rendre(sejour)
    assert location(sejour) == "4 jours"


def test_two_erased_people_one_after_the_other_are_not_one(sejour: Sejour, aller: Aller) -> None:
    suite = la_suite(sejour)
    sejour.remettre()
    with sejour.app.app_context(), transaction() as session:
        session.execute(update(Reservation).values(personne_id=None, renouvelle_id=None))
    aller(JEUDI_MATIN)
    assert "Rendu 9 heures après" in rendre(sejour)
    assert (location(sejour), suite.lue().statut) == ("4 jours", StatutReservation.CONFIRMEE)


def test_what_was_signed_stays_when_the_suite_is_given_up_afterwards(sejour: Sejour, aller: Aller) -> None:
    suite = la_suite(sejour)
    sejour.remettre()
    aller(JEUDI_MATIN)
    avant = rendre(sejour)
    assert suite.poster("annuler", annulation="avis_change").status_code == 303
    assert sejour.page("etat-des-lieux").count("3 jours.") == avant.count("3 jours.") == 1
