"""Keys go out once, of a vehicle that is there and rolls, with the sheet of that very vehicle; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.etat_des_lieux import Moment
from mobilite.flotte import VehiculeIndisponible
from mobilite.immobilisation import MotifImmobilisation
from mobilite.reglement import Reglement
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import AVANT, CONSEILLERE, LUNDI, VUS, un_vehicule, une_offre, une_personne
from tests.integration.sejour import DEPART, une_reservation
from web import relogement, reservations
from web.etats_des_lieux import brouillon
from web.reservations.remises import ClesTropTot, VehiculePasLa

JOUR = timedelta(days=1)


def deux_a_la_suite(session: Session) -> tuple[Reservation, Reservation]:
    """Two people, one vehicle: three days each, one after the other."""
    clio, nadia, omar = un_vehicule(une_offre(), libelle="Clio"), une_personne(), une_personne()
    session.add_all([clio, nadia, omar])
    premiere = une_reservation(session, clio, nadia)
    return premiere, une_reservation(session, clio, omar, debut=premiere.fin, fin=premiere.fin + 3 * JOUR)


def test_no_keys_of_a_vehicle_that_somebody_has_not_brought_back(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        premiere, suivante = deux_a_la_suite(session)
        reservations.remettre(session, premiere, par=CONSEILLERE, le=DEPART)
        le_matin = suivante.debut + timedelta(hours=9)
        with pytest.raises(VehiculePasLa, match="encore dehors"):
            reservations.remettre(session, suivante, par=CONSEILLERE, le=le_matin)
        reservations.rendre(session, premiere, par=CONSEILLERE, le=le_matin)
        reservations.remettre(session, suivante, par=CONSEILLERE, le=le_matin)
        assert suivante.statut is StatutReservation.REMISE


def test_no_keys_before_the_day_while_the_vehicle_is_kept_for_somebody_else(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        premiere, suivante = deux_a_la_suite(session)
        with pytest.raises(VehiculePasLa, match="quelqu'un d'autre"):
            reservations.remettre(session, suivante, par=CONSEILLERE, le=DEPART)
        # Back one day early: whoever comes next may have the keys on the eve.
        reservations.remettre(session, premiere, par=CONSEILLERE, le=DEPART)
        reservations.rendre(session, premiere, par=CONSEILLERE, le=premiere.fin - JOUR)
        reservations.remettre(session, suivante, par=CONSEILLERE, le=premiere.fin - JOUR / 2)


def test_keys_wait_for_the_eve_unless_she_has_them_already(moteur: Engine) -> None:
    """The days before are free for somebody else: given then, two people would have the keys."""
    with Session(moteur) as session, session.begin():
        clio, nadia = un_vehicule(une_offre()), une_personne()
        session.add_all([clio, nadia])
        place = une_reservation(session, clio, nadia)
        with pytest.raises(ClesTropTot, match="à partir du 30/11/2026"):
            reservations.remettre(session, place, par=CONSEILLERE, le=DEPART - 2 * JOUR)
        assert place.statut is StatutReservation.CONFIRMEE
        reservations.remettre(session, place, par=CONSEILLERE, le=DEPART - JOUR)
        suite = reservations.renouveler(
            session, place, par=CONSEILLERE, fin=place.fin + 3 * JOUR, cle="suite", le=DEPART
        )
        reservations.confirmer(session, suite, par=CONSEILLERE, le=DEPART, **VUS)
        reservations.remettre(session, suite, par=CONSEILLERE, le=DEPART)


def test_no_keys_of_a_vehicle_that_has_stopped_since_the_page_was_opened(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        premiere, _ = deux_a_la_suite(session)
        clio = premiere.vehicule
        assert clio.immobilisations == []
        arret, _ = relogement.immobiliser(
            session,
            clio,
            par=CONSEILLERE,
            motif=MotifImmobilisation.PANNE,
            debut=DEPART - JOUR,
            fin=None,
            cle="panne",
            le=DEPART - JOUR,
        )
        with pytest.raises(VehiculeIndisponible, match="ne roule pas"):
            reservations.remettre(session, premiere, par=CONSEILLERE, le=DEPART)
        relogement.remettre_en_route(session, clio, arret, par=CONSEILLERE, le=DEPART)
        reservations.remettre(session, premiere, par=CONSEILLERE, le=DEPART)
        assert premiere.statut is StatutReservation.REMISE


def test_a_sheet_begun_on_one_vehicle_says_nothing_of_the_next(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        clio, logan, nadia = un_vehicule(offre, km=100), un_vehicule(offre, km=90_000), une_personne()
        session.add_all([clio, logan, nadia])
        reservation = une_reservation(session, clio, nadia)
        brouillon(session, reservation, Moment.REMISE, par=CONSEILLERE).km = 120
        reservations.changer_vehicule(session, reservation, logan, par=CONSEILLERE, le=DEPART - JOUR)
        neuf = brouillon(session, reservation, Moment.REMISE, par=CONSEILLERE)
        assert (neuf.vehicule_id, neuf.km) == (logan.id, None), "120 km is what the other one showed"


def test_an_exchange_that_would_take_a_buffer_is_refused_and_changes_nothing(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        offre = une_offre()
        a, b = un_vehicule(offre), un_vehicule(offre)
        session.add_all([a, b, Reglement(offre=offre, tampon_heures=24)])
        session.flush()

        def demander(vehicule: object, debut: int, cle: str) -> Reservation:
            return reservations.demander(
                session,
                acteur=CONSEILLERE,
                offre=offre,
                vehicule=vehicule,  # type: ignore[arg-type]
                debut=LUNDI + debut * JOUR,
                fin=LUNDI + (debut + 2) * JOUR,
                cle=cle,
                le=AVANT,
            )

        sejour, autre = demander(a, 0, "un"), demander(b, 2, "deux")
        reservations.confirmer(session, sejour, par=CONSEILLERE, le=AVANT, **VUS)
        suite = reservations.renouveler(
            session, sejour, par=CONSEILLERE, fin=LUNDI + 4 * JOUR, cle="suite", le=AVANT
        )
        # What continues the stay would leave, and the other would start at the very hour it ends.
        with pytest.raises(VehiculeDejaReserve):
            reservations.echanger(session, suite, autre, par=CONSEILLERE, le=AVANT)
        session.expire_all()
        assert (suite.vehicule_id, autre.vehicule_id) == (a.id, b.id)
