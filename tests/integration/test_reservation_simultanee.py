"""Many people at once: real threads, real transactions, both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.disponibilite import Alternatives, VehiculeDejaReserve
from mobilite.offre import Offre
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.regles_de_flotte import TENUE
from mobilite.reservation import Reservation, est_un_chevauchement
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from tests.fabriques import AVANT, CONSEILLERE, VUS, jours, un_vehicule, une_offre, une_personne
from tests.mesures import chevauchements
from web import reservations
from web.reservations.demandes import DejaUnVehicule

T = TypeVar("T")

PERSONNES = 20


def ensemble(nombre: int, geste: Callable[[int], T]) -> list[T]:
    """Do the same thing in as many threads, all released at the same instant."""
    depart = threading.Barrier(nombre)

    def attendre_puis(rang: int) -> T:
        depart.wait(timeout=30)
        return geste(rang)

    with ThreadPoolExecutor(nombre) as fils:
        return [fil.result() for fil in [fils.submit(attendre_puis, rang) for rang in range(nombre)]]


def une_flotte(moteur: Engine, vehicules: int) -> int:
    with Session(moteur) as session, session.begin():
        offre, ailleurs = une_offre(), une_offre()
        session.add_all([un_vehicule(offre) for _ in range(vehicules)])
        session.add(un_vehicule(ailleurs, libelle="Ailleurs"))
        session.flush()
        return offre.id


def demander(moteur: Engine, offre_id: int, rang: int, cle: str = "cle") -> int | Alternatives:
    """Somebody's whole transaction: the number of her booking, or what she is told instead."""
    quelqu_un = Acteur(id=1000 + rang, role=RoleActeur.CONSEILLER)
    try:
        with Session(moteur) as session, session.begin():
            offre = session.get_one(Offre, offre_id)
            return reservations.demander(
                session, acteur=quelqu_un, offre=offre, cle=cle, le=AVANT, **jours()
            ).id
    except VehiculeDejaReserve as refus:
        return refus.alternatives


@pytest.mark.parametrize("vehicules", [1, 3])
def test_twenty_people_at_once_are_as_many_served_as_there_are_vehicles_and_the_others_are_told(
    moteur: Engine, vehicules: int
) -> None:
    offre_id = une_flotte(moteur, vehicules)

    reponses = ensemble(PERSONNES, lambda rang: demander(moteur, offre_id, rang))

    servies = [r for r in reponses if isinstance(r, int)]
    assert len(servies) == vehicules
    for refus in reponses:
        if isinstance(refus, Alternatives):
            assert [v.libelle for v in refus.autres_offres] == ["Ailleurs"]
            assert len(refus.prochaines_dates) == vehicules
    with Session(moteur) as session:
        assert chevauchements(session) == 0
        assert sorted(session.scalars(select(Reservation.id))) == sorted(servies)


def test_one_form_sent_eight_times_at_once_books_once(moteur: Engine) -> None:
    offre_id = une_flotte(moteur, 3)
    reponses = ensemble(8, lambda _rang: demander(moteur, offre_id, rang=0, cle="la même"))
    assert len(set(reponses)) == 1
    assert isinstance(reponses[0], int)


def test_two_screens_of_one_person_on_two_fleets_at_once_give_her_one_vehicle(moteur: Engine) -> None:
    """No vehicle is common to the two forms: only she is."""
    with Session(moteur) as session, session.begin():
        offres = [une_offre() for _ in range(4)]
        session.add_all([un_vehicule(offre) for offre in offres])
        personnes = [une_personne() for _ in range(6)]
        session.add_all(personnes)
        session.flush()
        numeros, qui = [offre.id for offre in offres], [personne.id for personne in personnes]

    for jour, personne_id in enumerate(qui):
        seule = Acteur(id=3000 + jour, role=RoleActeur.PERSONNE, personne_id=personne_id)

        def demander_seule(rang: int, seule: Acteur = seule, jour: int = jour) -> bool:
            try:
                with Session(moteur) as session, session.begin():
                    reservations.demander(
                        session,
                        acteur=seule,
                        offre=session.get_one(Offre, numeros[rang]),
                        cle=f"ecran-{rang}",
                        le=AVANT,
                        **jours(10 * jour, 2),
                    )
            except DejaUnVehicule:
                return False
            return True

        assert ensemble(len(numeros), demander_seule).count(True) == 1


def test_a_stay_given_up_while_it_is_continued_leaves_no_continuation_alone(moteur: Engine) -> None:
    """Two hands at once, ten times: either the continuation falls with the stay, or it is refused."""
    offre_id = une_flotte(moteur, 10)
    sejours = [demander(moteur, offre_id, rang) for rang in range(10)]
    with Session(moteur) as session, session.begin():
        for numero in sejours:
            sejour = session.get_one(Reservation, numero)
            reservations.confirmer(session, sejour, par=CONSEILLERE, le=AVANT, **VUS)

    def annuler_ou_prolonger(rang: int) -> None:
        with suppress(ReservationDejaTraitee), Session(moteur) as session, session.begin():
            sejour = session.get_one(Reservation, sejours[rang // 2])
            memes: dict[str, Any] = {"par": CONSEILLERE, "le": AVANT}
            if rang % 2:
                reservations.annuler(session, sejour, **memes)
            else:
                fin = sejour.fin + timedelta(days=1)
                reservations.renouveler(session, sejour, fin=fin, cle=f"suite-{rang}", **memes)

    ensemble(2 * len(sejours), annuler_ou_prolonger)

    with Session(moteur) as session:
        assert set(session.scalars(select(Reservation.statut))) == {StatutReservation.ANNULEE}


def test_confirming_at_the_very_instant_the_hold_ends_leaves_exactly_one_holder(moteur: Engine) -> None:
    for manche in range(5):
        offre_id = une_flotte(moteur, 1)
        numero = demander(moteur, offre_id, rang=99, cle=f"tenue{manche}")
        assert isinstance(numero, int)

        def confirmer(numero: int = numero) -> bool:
            with Session(moteur) as session, session.begin():
                tenue = session.get_one(Reservation, numero)
                try:
                    reservations.confirmer(
                        session,
                        tenue,
                        par=CONSEILLERE,
                        le=AVANT + TENUE - timedelta(microseconds=1),
                        **VUS,
                    )
                except ReservationDejaTraitee:
                    return False
            return True

        def prendre(rang: int, offre_id: int = offre_id, manche: int = manche) -> bool:
            try:
                with Session(moteur) as session, session.begin():
                    reservations.demander(
                        session,
                        acteur=Acteur(id=2000 + rang, role=RoleActeur.CONSEILLER),
                        offre=session.get_one(Offre, offre_id),
                        cle=f"prise{manche}",
                        le=AVANT + TENUE,
                        **jours(),
                    )
            except VehiculeDejaReserve:
                return False
            return True

        gagnants = ensemble(5, lambda rang: confirmer() if rang == 0 else prendre(rang))
        assert gagnants.count(True) == 1
        with Session(moteur) as session:
            assert chevauchements(session) == 0


def verifier_puis_inserer(moteur: Engine, vehicule_id: int, rang: int) -> bool:
    """What booking software usually does: look, hesitate, write. Only the database can save it."""
    with Session(moteur) as session:
        prise = session.scalar(select(Reservation.id).where(Reservation.statut.in_(OCCUPENT)))
        if prise is not None:
            return False
        time.sleep(0.3)
        session.add(
            Reservation(
                vehicule_id=vehicule_id, demandee_par=rang, cle_idempotence="x", expire_le=AVANT, **jours()
            )
        )
        try:
            session.commit()
        except IntegrityError as erreur:
            if not est_un_chevauchement(erreur):
                raise
            return False
        return True


@pytest.mark.parametrize("garde", [True, False])
def test_without_its_guard_postgresql_double_books_and_this_test_sees_it(
    moteur_postgresql: Engine, garde: bool
) -> None:
    """The control: were the race invisible here, the tests above would prove nothing."""
    with Session(moteur_postgresql) as session, session.begin():
        if not garde:
            session.execute(text("ALTER TABLE reservation DROP CONSTRAINT ex_reservation_sans_chevauchement"))
        vehicule = un_vehicule(une_offre())
        session.add(vehicule)
        session.flush()
        vehicule_id = vehicule.id

    gagnants = ensemble(4, lambda rang: verifier_puis_inserer(moteur_postgresql, vehicule_id, rang))

    with Session(moteur_postgresql) as session:
        if garde:
            assert gagnants.count(True) == 1
            assert chevauchements(session) == 0
        else:
            assert chevauchements(session) > 0


@pytest.mark.parametrize("statut", [StatutReservation.DEMANDEE, StatutReservation.CONFIRMEE])
def test_without_its_triggers_sqlite_stores_an_overlap_and_this_test_sees_it(
    moteur_sqlite: Engine, statut: StatutReservation
) -> None:
    with Session(moteur_sqlite) as session, session.begin():
        session.execute(text("DROP TRIGGER reservation_sans_chevauchement_insert"))
        vehicule = un_vehicule(une_offre())
        session.add(vehicule)
        session.flush()
        for rang in range(2):
            session.add(
                Reservation(
                    vehicule_id=vehicule.id,
                    demandee_par=rang,
                    cle_idempotence="x",
                    statut=statut,
                    expire_le=AVANT,
                    place_confirmee_par="Paul",
                    place_confirmee_le=AVANT,
                    **jours(),
                )
            )
        session.flush()
        assert chevauchements(session) == 1
