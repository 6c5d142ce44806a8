"""What every change of a booking goes through: the wait for our turn, the compare-and-swap, the journal.

Order of locks: the vehicles of the offers (by number), the person who asks alone, then the bookings; always
the same, so that two askers wait and never block each other for good.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME, Acteur
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import sans_les_places_passees
from mobilite.offre import Offre
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.reglement import reglement_de
from mobilite.regles_de_flotte import SANS_REGLE, Regles
from mobilite.reservation import Reservation, expirer_demandes
from mobilite.statut_reservation import OCCUPENT
from web.messages.faits import dire_sans_reponse, suivre_la_reservation


def regles_de(session: Session, offre: Offre) -> Regles:
    """The rules of the fleet of an offer; ``SANS_REGLE`` when it has written none."""
    reglement = session.scalar(reglement_de(offre.id))
    return SANS_REGLE if reglement is None else reglement.regles()


def verrouiller(session: Session, *offres: Offre) -> list[int]:
    """Wait for our turn on the vehicles of some offers (SQLite: the transaction itself has waited)."""
    numeros = sorted({offre.id for offre in offres})
    ids = select(Vehicule.id).where(Vehicule.offre_id.in_(numeros)).order_by(Vehicule.id)
    return list(session.scalars(ids.with_for_update()))


def liberer_les_demandes_expirees(
    session: Session, vehicules: Collection[int] | None, instant: datetime
) -> Sequence[Reservation]:
    """Expire the requests nobody answered in time, write it in the journal, and tell who had asked.

    What was only held for somebody of the waiting list, who did not say yes, has its own story (`web.places`).
    """
    ids = session.scalars(expirer_demandes(instant, vehicules)).all()
    if not ids:
        return ()
    expirees = session.scalars(
        select(Reservation).where(Reservation.id.in_(ids)).order_by(Reservation.id),
        execution_options={"populate_existing": True},
    ).all()
    demandees = set(
        session.scalars(select(Reservation.id).where(Reservation.id.in_(ids), sans_les_places_passees()))
    )
    for reservation in expirees:
        session.add(consigner(PLATEFORME, Evenement.RESERVATION_EXPIREE, reservation, le=instant))
        if reservation.id in demandees:
            dire_sans_reponse(session, reservation, instant)
        if reservation.renouvelle_id is not None:
            accorder_le_tampon(session, reservation.renouvelle_id)
    return expirees


def conclure(
    session: Session,
    reservation: Reservation,
    ordre: Update,
    par: Acteur,
    quoi: Evenement,
    instant: datetime,
    **details: Any,
) -> None:
    """Run a compare-and-swap and its journal line; ``ReservationDejaTraitee`` when somebody was first."""
    ecrire(session, reservation, ordre, instant)
    noter(session, reservation, par, quoi, instant, **details)


def noter(
    session: Session,
    reservation: Reservation,
    par: Acteur,
    quoi: Evenement,
    instant: datetime,
    **details: Any,
) -> None:
    """What follows a change that was written: the buffers it frees or needs, the journal, the messages."""
    for numero in (reservation.renouvelle_id, reservation.id):
        if numero is not None:
            accorder_le_tampon(session, numero)
    session.add(consigner(par, quoi, reservation, le=instant, **details))
    suivre_la_reservation(session, reservation, quoi, par, instant)


def ecrire(session: Session, reservation: Reservation, ordre: Update, instant: datetime) -> None:
    """Run a compare-and-swap; ``ReservationDejaTraitee`` when somebody was first."""
    resultat = session.execute(ordre)
    change = isinstance(resultat, CursorResult) and resultat.rowcount == 1
    session.refresh(reservation)
    if not change:
        raise ReservationDejaTraitee(reservation.etat(instant))


def accorder_le_tampon(session: Session, numero: int) -> None:
    """A booking that is continued at once on its vehicle needs no buffer; one that is not has it again.

    The continuation covers the buffer as long as it is alive, so that giving the buffer back in the
    transaction that ends it finds nobody there.
    """
    reservation = session.get_one(Reservation, numero)
    if reservation.statut not in OCCUPENT:
        return
    suite = session.scalar(
        select(Reservation.id).where(
            Reservation.renouvelle_id == numero,
            Reservation.statut.in_(OCCUPENT),
            Reservation.vehicule_id == reservation.vehicule_id,
            Reservation.debut == reservation.fin,
        )
    )
    if suite is not None:
        libre_le = reservation.fin
    elif session.scalar(select(Reservation.id).where(Reservation.renouvelle_id == numero).limit(1)) is None:
        return
    else:
        libre_le = regles_de(session, reservation.vehicule.offre).libre_le(reservation.fin)
    if libre_le != reservation.libre_le:
        ordre = update(Reservation).where(Reservation.id == numero).values(libre_le=libre_le)
        session.execute(ordre.execution_options(synchronize_session=False))
        session.refresh(reservation)
