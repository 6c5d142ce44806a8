"""Keys out, keys back, everything settled."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import maintenant
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from web.reservations.conclusion import conclure, liberer_les_demandes_expirees, regles_de, verrouiller


class VehiculePasLa(RegleMetier):
    """Somebody else has it, or should have it, at the hour the keys would go out."""

    code = "vehicule_pas_la"

    def __init__(self, libelle: str, *, dehors: bool) -> None:
        super().__init__(
            f"« {libelle} » est encore dehors : notez d'abord son retour."
            if dehors
            else f"« {libelle} » est gardé pour quelqu'un d'autre avant ce départ : attendez le jour dit."
        )


def remettre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the keys were handed over.

    Raises ``VehiculeIndisponible`` for a vehicle that does not roll now, ``VehiculePasLa`` when somebody
    else has it, or has it before the start.
    """
    instant = le or maintenant()
    flotte = verrouiller(session, reservation.vehicule.offre)
    ordre = reservation.remettre(le=instant)
    session.expire(reservation.vehicule)
    reservation.vehicule.refuser_si_indisponible(instant + timedelta(microseconds=1), instant)
    liberer_les_demandes_expirees(session, flotte, instant)
    _refuser_si_pas_la(session, reservation, instant)
    conclure(session, reservation, ordre, par, Evenement.VEHICULE_REMIS, instant)


def _refuser_si_pas_la(session: Session, reservation: Reservation, instant: datetime) -> None:
    """The guard of the database compares days; here it is the keys, at this very hour."""
    autres = session.execute(
        select(Reservation.statut, Reservation.personne_id).where(
            Reservation.vehicule_id == reservation.vehicule_id,
            Reservation.id.not_in((reservation.id, reservation.renouvelle_id or reservation.id)),
            or_(
                Reservation.statut == StatutReservation.REMISE,
                and_(
                    Reservation.statut.in_(OCCUPENT),
                    Reservation.debut < reservation.debut,
                    Reservation.libre_le > instant,
                ),
            ),
        )
    ).all()
    # She who keeps it longer has the keys already.
    statuts = [statut for statut, qui in autres if qui is None or qui != reservation.personne_id]
    if statuts:
        raise VehiculePasLa(reservation.vehicule.libelle, dehors=StatutReservation.REMISE in statuts)


def rendre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the vehicle came back: the days left are free once it has been made ready again."""
    instant = le or maintenant()
    ordre = reservation.rendre(tampon=regles_de(session, reservation.vehicule.offre).tampon, le=instant)
    conclure(session, reservation, ordre, par, Evenement.VEHICULE_RENDU, instant)


def clore(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that nothing is left to settle: deposit, price, damages."""
    instant = le or maintenant()
    conclure(session, reservation, reservation.clore(le=instant), par, Evenement.RESERVATION_CLOSE, instant)
