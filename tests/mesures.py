"""What tests measure in a database, in their own words: never with the code they check."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT


def chevauchements(session: Session) -> int:
    """How many pairs of bookings hold one vehicle at the same time, the buffer of the fleet included."""
    une, autre = aliased(Reservation), aliased(Reservation)
    paires = select(func.count()).where(
        une.id < autre.id,
        une.vehicule_id == autre.vehicule_id,
        une.debut < autre.libre_le,
        autre.debut < une.libre_le,
        une.statut.in_(OCCUPENT),
        autre.statut.in_(OCCUPENT),
    )
    return session.scalars(paires).one()
