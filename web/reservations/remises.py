"""Keys out, keys back, everything settled."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import jour_local, maintenant
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


class ClesTropTot(RegleMetier):
    """The days before its first one are free for somebody else: the keys stay until the eve."""

    code = "cles_trop_tot"

    def __init__(self, debut: date) -> None:
        super().__init__(
            f"Ce véhicule est réservé à partir du {debut:%d/%m/%Y}. Plus tôt que la veille, quelqu'un d'autre peut"
            " le réserver : changez d'abord les jours."
        )


def remettre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the keys were handed over, on the eve of the first day at the earliest.

    Raises ``ClesTropTot``, ``VehiculeIndisponible`` for a vehicle that does not roll now, ``VehiculePasLa``
    when somebody else has it, or has it before the start.
    """
    instant = le or maintenant()
    flotte = verrouiller(session, reservation.vehicule.offre)
    ordre = reservation.remettre(le=instant)
    session.expire(reservation.vehicule)
    reservation.vehicule.refuser_si_indisponible(instant + timedelta(microseconds=1), instant)
    liberer_les_demandes_expirees(session, flotte, instant)
    _refuser_si_pas_la(session, reservation, instant)
    _refuser_si_trop_tot(session, reservation, instant)
    conclure(session, reservation, ordre, par, Evenement.VEHICULE_REMIS, instant)


def _refuser_si_trop_tot(session: Session, reservation: Reservation, instant: datetime) -> None:
    """Who keeps it longer has the keys already: for her the next stay may begin any day."""
    debut = jour_local(reservation.debut)
    if debut <= jour_local(instant) + timedelta(days=1):
        return
    suivie = session.get(Reservation, reservation.renouvelle_id) if reservation.renouvelle_id else None
    if suivie is None or suivie.statut not in (StatutReservation.REMISE, StatutReservation.RENDUE):
        raise ClesTropTot(debut)


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
