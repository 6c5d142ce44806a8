"""The bookings of a dossier: where each stands, what may still be changed, what to propose instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from mobilite.base import jour_local, maintenant
from mobilite.flotte import dernier_jour
from mobilite.personnes import Personne
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import MOBILES, OCCUPENT, SUITES, StatutReservation
from web import reservations as actes
from web.acces import acteur_courant
from web.personne.suivi import SANS_SUITE, Choix, autre_chose

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReservationSuivie:
    """A booking as the dossier shows it. ``choix``: what to propose instead; ``None`` when nothing is to be."""

    reservation: Reservation
    etat: StatutReservation
    du: date
    au: date
    choix: tuple[Choix, ...] | None = None

    @property
    def arret(self) -> str:
        """Why its vehicle cannot serve it; empty when it can, or when it does not have to any more."""
        r = self.reservation
        return r.vehicule.raison_d_arret(r.debut, r.fin) if self.etat in MOBILES else ""

    @property
    def annulable(self) -> bool:
        """Whether it can still be given up."""
        return StatutReservation.ANNULEE in SUITES.get(self.etat, ())

    @property
    def deplacable(self) -> bool:
        """Whether other days may still be asked."""
        return self.etat is StatutReservation.DEMANDEE

    @property
    def prolongeable(self) -> bool:
        """Whether it may be asked to keep it longer."""
        return self.etat in actes.PROLONGEABLES and self.reservation.fin > maintenant()


def reservations_suivies(session: Session, personne: Personne) -> list[ReservationSuivie]:
    """Her bookings to come and those of the last month, the next one first.

    What else is free is long to find: it is looked for only for the days on which she is left without.
    """
    instant = maintenant()
    siennes = reservations_visibles_par(acteur_courant()).where(
        Reservation.personne_id == personne.id, Reservation.fin > instant - RECENT
    )
    suivies = [suivre(r, instant) for r in session.scalars(siennes)]
    return [
        replace(s, choix=autre_chose(session, personne, s.reservation, instant))
        if _reste_sans(s, suivies, instant)
        else s
        for s in suivies
    ]


def _reste_sans(perdue: ReservationSuivie, toutes: Sequence[ReservationSuivie], instant: datetime) -> bool:
    """Whether it came to nothing before its first day, and she has asked nothing else on its days."""
    sienne = perdue.reservation
    if sienne.debut <= instant or not (perdue.etat in SANS_SUITE or perdue.arret):
        return False
    return not any(
        s.etat in OCCUPENT and not s.arret and s.du <= perdue.au and perdue.du <= s.au for s in toutes
    )


def suivre(reservation: Reservation, instant: datetime) -> ReservationSuivie:
    """A booking as it stands at an instant."""
    return ReservationSuivie(
        reservation, reservation.etat(instant), jour_local(reservation.debut), dernier_jour(reservation.fin)
    )
