"""Somebody real who may be written to, a place of hers, and a way out that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import PARIS
from mobilite.notification import Canal, GenreMessage, Message
from mobilite.personnes import Joindre, Personne
from mobilite.reservation import Reservation
from tests.fabriques import (
    CONSEILLERE,
    VUS,
    le_partenaire,
    un_vehicule,
    une_offre,
    une_personne,
    une_structure,
)
from web import reservations
from web.messages.echeances import ECHEANCES, ecrire_les_echeances
from web.messages.envoi import envoyer_les_messages
from web.passages import Passage


def le(texte: str) -> datetime:
    """An instant on the French clock."""
    return datetime.fromisoformat(texte).replace(tzinfo=PARIS)


MARDI = le("2026-11-24T10:00")
"""A working day, at an hour when messages leave."""

DEBUT = le("2026-12-03T08:00")
"""A Thursday."""


@contextmanager
def ecriture(moteur: Engine) -> Iterator[Session]:
    """A write transaction whose objects stay readable afterwards."""
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        yield session


def nadia(**choix: Any) -> Personne:
    """Somebody real who may be sent text messages."""
    joignable = {"telephone": "+33639981234", "joindre": Joindre.TELEPHONE, "message_possible": True}
    return une_personne(demonstration=False, conseiller_id=CONSEILLERE.id, **(joignable | choix))


def une_demande(session: Session, personne: Personne, debut: datetime = DEBUT) -> Reservation:
    """She asked for a real car three days long."""
    offre = une_offre(
        structure=une_structure(demonstration=False), demonstration=False, verifiee_le=MARDI.date()
    )
    session.add_all([offre, personne, un_vehicule(offre, libelle="Clio grise")])
    session.flush()
    return reservations.demander(
        session,
        acteur=CONSEILLERE,
        offre=offre,
        debut=debut,
        fin=debut + timedelta(days=3),
        cle=f"demande-{personne.prenom}",
        personne_id=personne.id,
        le=MARDI,
    )


def confirmer(session: Session, reservation: Reservation, par: Acteur | None = None) -> None:
    partenaire = par or le_partenaire(reservation.vehicule.offre.structure)
    reservations.confirmer(session, reservation, par=partenaire, le=MARDI, **VUS)


def messages(moteur: Engine) -> list[Message]:
    with Session(moteur) as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def horloge(moteur: Engine, quand: datetime, *genres: GenreMessage) -> int:
    """What the clock does at an instant."""
    with ecriture(moteur) as session:
        return ecrire_les_echeances(session, Passage(quand, (quand,)), genres=genres or tuple(ECHEANCES))


class Boite:
    """A way out that keeps what it was given, and may refuse."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.recus: list[tuple[str, str]] = []
        self.refuse = refuse

    def __call__(self, destinations: Sequence[str], titre: str, texte: str) -> bool:
        self.recus += [(destination, texte) for destination in destinations]
        return not self.refuse


def envoyer(moteur: Engine, boite: Boite, quand: datetime = MARDI, **choix: Any) -> int:
    return envoyer_les_messages(
        moteur, {Canal.SMS: boite, Canal.COURRIEL: boite}, horloge=lambda: quand, **choix
    )
