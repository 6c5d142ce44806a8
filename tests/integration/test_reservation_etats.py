"""Whatever people do, in whatever order: no overlap, and nobody is refused what is free."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.offre import Offre
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import AVANT, CONSEILLERE, VUS, cles, jours, un_vehicule, une_offre
from tests.mesures import chevauchements
from web import reservations

JOURS = st.integers(0, 6)
DUREES = st.integers(1, 3)
Tenue = tuple[int, datetime, datetime, datetime | None]
"""What the model remembers of a booking: vehicle, start, end, and when it lapses unless confirmed."""


class Guichet(RuleBasedStateMachine):
    """Two vehicles, one week, and a model of who has what in plain Python."""

    def __init__(self, moteur: Engine) -> None:
        super().__init__()
        self.moteur = moteur
        self.cle: Callable[[], str] = cles()
        self.instant = AVANT
        self.tenues: dict[int, Tenue] = {}
        with Session(moteur) as session, session.begin():
            session.execute(delete(Reservation))
            offre = une_offre()
            vehicules = [un_vehicule(offre) for _ in range(2)]
            session.add_all(vehicules)
            session.flush()
            self.offre_id = offre.id
            self.vehicules = [v.id for v in vehicules]

    def vivantes(self) -> dict[int, Tenue]:
        """What still holds a vehicle at this instant."""
        return {n: t for n, t in self.tenues.items() if t[3] is None or t[3] > self.instant}

    def libre(self, vehicule: int, debut: datetime, fin: datetime, sauf: int | None = None) -> bool:
        """Whether the model says nobody has it."""
        return not any(
            v == vehicule and d < fin and debut < f
            for n, (v, d, f, _) in self.vivantes().items()
            if n != sauf
        )

    def choisir(self, session: Session, rang: int) -> Reservation:
        """Any booking ever made."""
        return session.get_one(Reservation, sorted(self.tenues)[rang % len(self.tenues)])

    def noter(self, r: Reservation) -> None:
        """Remember a booking as the answer described it."""
        expire_le = r.expire_le if r.statut is StatutReservation.DEMANDEE else None
        self.tenues[r.id] = (r.vehicule_id, r.debut, r.fin, expire_le)

    @rule(jour=JOURS, duree=DUREES)
    def demander(self, jour: int, duree: int) -> None:
        """Ask for any vehicle: refused if and only if none is free."""
        dates = jours(jour, duree)
        une_libre = any(self.libre(v, **dates) for v in self.vehicules)
        try:
            with Session(self.moteur) as session, session.begin():
                offre = session.get_one(Offre, self.offre_id)
                reservation = reservations.demander(
                    session, acteur=CONSEILLERE, offre=offre, cle=self.cle(), le=self.instant, **dates
                )
                self.noter(reservation)
        except VehiculeDejaReserve:
            assert not une_libre
        else:
            assert une_libre

    @precondition(lambda self: self.tenues)
    @rule(rang=st.integers(0, 50))
    def confirmer(self, rang: int) -> None:
        """Say yes: possible if and only if the request is still waiting."""
        with Session(self.moteur) as session:
            reservation = self.choisir(session, rang)
            attend = reservation.etat(self.instant) is StatutReservation.DEMANDEE
            try:
                reservations.confirmer(
                    session,
                    reservation,
                    par=CONSEILLERE,
                    le=self.instant,
                    **VUS,
                )
            except ReservationDejaTraitee:
                assert not attend
            else:
                assert attend
                session.commit()
                self.noter(reservation)

    @precondition(lambda self: self.tenues)
    @rule(rang=st.integers(0, 50))
    def annuler(self, rang: int) -> None:
        """Give up: the vehicle is free at once."""
        with Session(self.moteur) as session:
            reservation = self.choisir(session, rang)
            try:
                reservations.annuler(session, reservation, par=CONSEILLERE, le=self.instant)
            except ReservationDejaTraitee:
                return
            session.commit()
            self.tenues[reservation.id] = (*self.tenues[reservation.id][:3], AVANT - timedelta(days=1))

    @precondition(lambda self: self.tenues)
    @rule(rang=st.integers(0, 50), jour=JOURS, duree=DUREES)
    def deplacer(self, rang: int, jour: int, duree: int) -> None:
        """Ask for other days: refused if and only if somebody else has them."""
        dates = jours(jour, duree)
        with Session(self.moteur) as session:
            reservation = self.choisir(session, rang)
            libre = self.libre(reservation.vehicule_id, **dates, sauf=reservation.id)
            try:
                reservations.deplacer(session, reservation, par=CONSEILLERE, le=self.instant, **dates)
            except VehiculeDejaReserve:
                assert not libre
            except ReservationDejaTraitee:
                assert reservation.etat(self.instant) is not StatutReservation.DEMANDEE
            else:
                assert libre
                session.commit()
                self.noter(reservation)

    @rule(heures=st.integers(1, 30))
    def attendre(self, heures: int) -> None:
        """Time passes; requests lapse."""
        self.instant = min(self.instant + timedelta(hours=heures), AVANT + timedelta(days=4))

    @invariant()
    def jamais_deux_personnes_pour_un_vehicule(self) -> None:
        """The promise."""
        with Session(self.moteur) as session:
            assert chevauchements(session) == 0


def test_no_sequence_of_gestures_books_a_vehicle_twice_or_refuses_a_free_one(moteur: Engine) -> None:
    run_state_machine_as_test(
        lambda: Guichet(moteur),  # type: ignore[arg-type]  # a factory is documented to do
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
