"""Keys out, keys back, everything settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import maintenant
from mobilite.journal import Evenement
from mobilite.reservation import Reservation
from web.reservations.conclusion import conclure, regles_de


def remettre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the keys were handed over."""
    instant = le or maintenant()
    conclure(session, reservation, reservation.remettre(le=instant), par, Evenement.VEHICULE_REMIS, instant)


def rendre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the vehicle came back: the days left are free once it has been made ready again."""
    instant = le or maintenant()
    ordre = reservation.rendre(tampon=regles_de(session, reservation.vehicule.offre).tampon, le=instant)
    conclure(session, reservation, ordre, par, Evenement.VEHICULE_RENDU, instant)


def clore(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that nothing is left to settle: deposit, price, damages."""
    instant = le or maintenant()
    conclure(session, reservation, reservation.clore(le=instant), par, Evenement.RESERVATION_CLOSE, instant)
