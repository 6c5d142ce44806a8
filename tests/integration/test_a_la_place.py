"""What she asked instead of a stopped vehicle, once confirmed, gives the first back: that one, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.flotte import Vehicule
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import AVANT, CONSEILLERE, VUS, jours, la_personne
from tests.integration.test_relogement import PANNE, Parc, cle, elle
from web import relogement, reservations

HEURE = timedelta(hours=1)


@pytest.fixture
def parc(moteur: Engine) -> Iterator[Parc]:
    with Session(moteur) as session, session.begin():
        yield Parc(session)


def demander_en_plus(parc: Parc, personne: Personne, vehicule: Vehicule, le: datetime) -> Reservation:
    """Her adviser books another one for the same days, beside the one she has."""
    return reservations.demander(
        parc.session,
        acteur=CONSEILLERE,
        offre=parc.offre,
        vehicule=vehicule,
        personne_id=personne.id,
        cle=cle(),
        le=le,
        **jours(),
    )


def test_a_second_vehicle_asked_while_hers_ran_gives_back_nothing(parc: Parc) -> None:
    """Broken, re-housed, then broken again: what was booked beside the second is not instead of it."""
    clio, zoe = parc.vehicule("Clio"), parc.vehicule("Zoé")
    personne = elle(parc.session)
    sienne, prise = parc.place(clio, personne_id=personne.id), parc.place(zoe)
    parc.panne(clio)
    reservations.annuler(parc.session, prise, par=parc.par, le=AVANT)
    relogement.reloger_la_structure(parc.session, parc.offre.structure_id, par=parc.par, le=AVANT)
    assert sienne.vehicule is zoe
    en_plus = demander_en_plus(parc, personne, parc.vehicule("Grande"), AVANT + HEURE)
    parc.panne(zoe, debut=AVANT + 2 * HEURE, le=AVANT + 2 * HEURE)
    reservations.confirmer(parc.session, en_plus, par=parc.par, le=AVANT + 3 * HEURE, **VUS)
    assert sienne.statut is StatutReservation.CONFIRMEE


def test_what_was_asked_between_two_breakdowns_is_not_instead_of_the_second(parc: Parc) -> None:
    clio = parc.vehicule("Clio")
    personne = elle(parc.session)
    sienne = parc.place(clio, personne_id=personne.id)
    arret, _ = relogement.immobiliser(
        parc.session, clio, par=parc.par, motif=PANNE, debut=AVANT, fin=None, cle=cle(), le=AVANT
    )
    relogement.remettre_en_route(parc.session, clio, arret, par=parc.par, le=AVANT + HEURE)
    en_plus = demander_en_plus(parc, personne, parc.vehicule("Grande"), AVANT + 2 * HEURE)
    parc.panne(clio, debut=AVANT + 3 * HEURE, le=AVANT + 3 * HEURE)
    reservations.confirmer(parc.session, en_plus, par=parc.par, le=AVANT + 4 * HEURE, **VUS)
    assert sienne.statut is StatutReservation.CONFIRMEE


def test_a_stopped_vehicle_she_gives_up_at_that_instant_does_not_refuse_the_other_one(moteur: Engine) -> None:
    with Session(moteur) as session, session.begin():
        parc = Parc(session)
        personne, par = elle(session), parc.par
        clio = parc.vehicule("Clio")
        perdue = parc.place(clio, personne_id=personne.id).id
        parc.panne(clio)
        demandee = demander_en_plus(parc, personne, parc.vehicule("Zoé"), AVANT).id
        acteur = la_personne(personne)

    def confirmer() -> StatutReservation:
        with Session(moteur) as session, session.begin():
            remplacante = session.get_one(Reservation, demandee)
            reservations.confirmer(session, remplacante, par=par, le=AVANT, **VUS)
            return remplacante.statut

    with ThreadPoolExecutor(1) as fil, Session(moteur) as session:
        reservations.annuler(session, session.get_one(Reservation, perdue), par=acteur, le=AVANT)
        reponse = fil.submit(confirmer)
        with pytest.raises(TimeoutError):
            reponse.result(timeout=0.5)  # it waits for her
        session.commit()
        assert reponse.result(timeout=30) is StatutReservation.CONFIRMEE
