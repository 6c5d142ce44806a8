"""What a person is told at once when something happens to her booking, in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.disponibilite import occupe
from mobilite.journal import Evenement
from mobilite.notification import GenreMessage
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from web.contact import contact_de
from web.messages import redaction
from web.messages.boite import Brouillon, ecrire, retirer

_SUIVENT_LA_RESERVATION = (
    GenreMessage.PLACE_CONFIRMEE,
    GenreMessage.VEHICULE_CHANGE,
    GenreMessage.SANS_VEHICULE,
    GenreMessage.RAPPEL_VEHICULE,
    GenreMessage.DEMANDE_A_REPONDRE,
    GenreMessage.PLACE_PROPOSEE,
)
"""What is withdrawn as soon as the booking changes."""

_A_DIRE: Mapping[Evenement, tuple[GenreMessage, Callable[[Reservation], str]]] = {
    Evenement.RESERVATION_CONFIRMEE: (GenreMessage.PLACE_CONFIRMEE, redaction.place_confirmee),
    Evenement.RESERVATION_REFUSEE: (GenreMessage.PLACE_REFUSEE, redaction.place_refusee),
    Evenement.RESERVATION_ANNULEE: (GenreMessage.PLACE_ANNULEE, redaction.place_annulee),
}


def dire_sans_reponse(session: Session, reservation: Reservation, instant: datetime) -> None:
    """Nobody answered her request in time: she is told until its last day, for the first may be near."""
    retirer(session, reservation, _SUIVENT_LA_RESERVATION)
    personne = reservation.personne
    if personne is None:
        return
    texte = redaction.demande_expiree(reservation, contact_de(session, personne).telephone)
    _dire(session, GenreMessage.DEMANDE_EXPIREE, reservation, texte, reservation.fin, instant)


def suivre_la_reservation(
    session: Session, reservation: Reservation, quoi: Evenement, par: Acteur, instant: datetime
) -> None:
    """Withdraw what the change makes untrue, and tell her what she did not do herself."""
    if quoi is Evenement.PAPIERS_VUS:
        return  # a paper that was seen makes nothing untrue
    retirer(session, reservation, _SUIVENT_LA_RESERVATION)
    personne = reservation.personne
    if personne is None or quoi not in _A_DIRE or par.role is RoleActeur.PERSONNE:
        return
    genre, phrase = _A_DIRE[quoi]
    texte = phrase(reservation)
    if quoi is Evenement.RESERVATION_ANNULEE:
        if _dite_avec_son_sejour(session, reservation):
            return
        texte = redaction.place_annulee(reservation, suite=_a_une_suite(session, reservation, instant))
    _dire(session, genre, reservation, texte, reservation.debut, instant)


def _dire(
    session: Session,
    genre: GenreMessage,
    reservation: Reservation,
    texte: str,
    jusqu_au: datetime,
    instant: datetime,
) -> None:
    ecrire(
        session,
        Brouillon(
            genre,
            f"{genre.value}:reservation:{reservation.id}",
            reservation,
            texte,
            personne=reservation.personne,
            jusqu_au=jusqu_au,
        ),
        instant,
    )


def _a_une_suite(session: Session, reservation: Reservation, instant: datetime) -> bool:
    """Whether what was to follow it falls with it, and is told in the same sentence."""
    suite = select(Reservation.id).where(
        Reservation.renouvelle_id == reservation.id, Reservation.statut.in_(OCCUPENT), occupe(instant)
    )
    return session.scalar(suite.limit(1)) is not None


def _dite_avec_son_sejour(session: Session, reservation: Reservation) -> bool:
    """Whether the stay that it continues was given up just before it: she was told of both."""
    if reservation.renouvelle_id is None:
        return False
    return session.get_one(Reservation, reservation.renouvelle_id).statut is StatutReservation.ANNULEE
