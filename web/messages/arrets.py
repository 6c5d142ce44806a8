"""What a person is told when her vehicle stops, is replaced, or is back, in the transaction of the fact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, LigneJournal, consigner, lignes_de
from mobilite.notification import GenreMessage
from mobilite.reservation import Reservation
from web.messages import redaction
from web.messages.boite import Brouillon, ecrire, retirer


def dire_le_changement(
    session: Session, reservation: Reservation, vers: Vehicule, raison: str, instant: datetime
) -> None:
    """Another vehicle, same days; the booking already says it. ``raison``: empty when it makes room."""
    retirer(session, reservation, (GenreMessage.SANS_VEHICULE,))
    _dire(
        session,
        GenreMessage.VEHICULE_CHANGE,
        f"change:reservation:{reservation.id}:vehicule:{vers.id}:{instant.isoformat()}",
        reservation,
        redaction.vehicule_change(reservation, raison, vers),
        instant,
    )


def dire_sans_vehicule(
    session: Session, reservation: Reservation, raison: str, par: Acteur, instant: datetime
) -> None:
    """Hers has stopped: told and written once until it is back on the road, then again if it stops again.

    Her page shows what else is free, and somebody decides with her.
    """
    vehicule = reservation.vehicule
    if deja_dite_sans_vehicule(session, reservation, instant):
        return
    session.add(
        consigner(par, Evenement.RESERVATION_A_RELOGER, reservation, le=instant, vehicule=vehicule.id)
    )
    retirer(
        session,
        reservation,
        (GenreMessage.PLACE_CONFIRMEE, GenreMessage.RAPPEL_VEHICULE, GenreMessage.VEHICULE_CHANGE),
    )
    _dire(
        session,
        GenreMessage.SANS_VEHICULE,
        f"sans:reservation:{reservation.id}:vehicule:{vehicule.id}:{instant.isoformat()}",
        reservation,
        redaction.sans_vehicule(reservation, raison),
        instant,
    )


def dire_retrouve(session: Session, reservation: Reservation, instant: datetime) -> None:
    """She had been told that hers was gone; it is back."""
    retirer(session, reservation, (GenreMessage.SANS_VEHICULE,))
    _dire(
        session,
        GenreMessage.VEHICULE_CHANGE,
        f"retrouve:reservation:{reservation.id}:{instant.isoformat()}",
        reservation,
        redaction.vehicule_retrouve(reservation),
        instant,
    )


def deja_dite_sans_vehicule(session: Session, reservation: Reservation, le: datetime) -> bool:
    """Whether she was told by then: since hers was last back, or of a stop that still keeps it from her."""
    vehicule = reservation.vehicule
    retour = _dernier_retour(session, vehicule)
    arrets = [
        arret.declaree_le
        for arret in vehicule.immobilisations
        if arret.debut < reservation.fin and (arret.fin is None or arret.fin > reservation.debut)
    ]
    dits = lignes_de(reservation).where(
        LigneJournal.quoi == Evenement.RESERVATION_A_RELOGER.value, LigneJournal.survenu_le <= le
    )
    return any(
        dit.id > retour or any(declare_le <= dit.survenu_le for declare_le in arrets)
        for dit in session.scalars(dits)
        if dit.details["vehicule"] == vehicule.id
    )


def _dernier_retour(session: Session, vehicule: Vehicule) -> int:
    """The last line of the journal that says that it is back on the road; 0 when there is none."""
    retours = lignes_de(vehicule).where(LigneJournal.quoi == Evenement.VEHICULE_REMIS_EN_ROUTE.value)
    return session.scalar(select(func.max(retours.order_by(None).subquery().c.id))) or 0


def _dire(
    session: Session, genre: GenreMessage, cle: str, reservation: Reservation, texte: str, instant: datetime
) -> None:
    """To her, by her way, at once; nobody to tell when the booking is for nobody."""
    if reservation.personne is None:
        return
    brouillon = Brouillon(
        genre, cle, reservation, texte, personne=reservation.personne, jusqu_au=reservation.debut
    )
    ecrire(session, brouillon, instant)
