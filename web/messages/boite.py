"""The outbox within a transaction: a message is written with the fact it tells, once, by the right way.

Two gestures. ``ecrire``: something just happened. ``accorder``: what the clock says should be there
now; what is missing is written, what is not true any more is withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.course_solidaire import CourseSolidaire
from mobilite.flotte import Vehicule
from mobilite.journee_accueil import InscriptionAccueil
from mobilite.liste_attente import Attente
from mobilite.notification import (
    Canal,
    CanalRefuse,
    EtatMessage,
    GenreMessage,
    Message,
    Moyen,
    moyen_de_la_personne,
    moyen_de_la_structure,
    moyen_de_vive_voix,
)
from mobilite.parcours import Parcours
from mobilite.personnes import Personne
from mobilite.prescription import Prescription
from mobilite.reservation import Reservation
from mobilite.structure import Structure
from web.comptes import Compte

PLUS_VRAI = "Ce n'est plus vrai."
Objet = (
    Reservation
    | CourseSolidaire
    | Attente
    | Vehicule
    | Structure
    | Parcours
    | Prescription
    | InscriptionAccueil
)
"""What a message may speak of."""

URGENTS = frozenset({GenreMessage.DEMANDE_A_REPONDRE, GenreMessage.VEHICULE_LIBERE})
"""What a structure without an account is told by telephone rather than by post."""

DE_VIVE_VOIX = frozenset(
    {
        GenreMessage.PLACE_PROPOSEE,
        GenreMessage.PLACE_CONFIRMEE,
        GenreMessage.PLACE_REFUSEE,
        GenreMessage.PLACE_ANNULEE,
        GenreMessage.DEMANDE_EXPIREE,
        GenreMessage.VEHICULE_CHANGE,
        GenreMessage.SANS_VEHICULE,
        GenreMessage.RENDEZ_VOUS_FIXE,
    }
)
"""What a person must know to come, or not to come for nothing: without a text message, somebody tells her."""


@dataclass(frozen=True, slots=True)
class Brouillon:
    """A message before it is written. To ``structure`` when there is one, else to ``personne``.

    ``cle`` names the fact with what the sentence says of it: when that changes, it is another message.
    """

    genre: GenreMessage
    cle: str
    objet: Objet
    texte: str
    titre: str = ""
    personne: Personne | None = None
    structure: Structure | None = None
    jusqu_au: datetime | None = None


def ecrire(session: Session, brouillon: Brouillon, instant: datetime) -> Message | None:
    """Write a message; ``None`` when it was already told, or when there is no way to tell it."""
    moyen = moyen_pour(session, brouillon.genre, brouillon.personne, brouillon.structure)
    if moyen.canal is None:
        return None
    message = Message(
        genre=brouillon.genre.value,
        canal=moyen.canal,
        personne_id=brouillon.personne.id if brouillon.personne else None,
        structure_id=brouillon.structure.id if brouillon.structure else None,
        titre=brouillon.titre,
        texte=brouillon.texte,
        cle=brouillon.cle,
        objet_type=brouillon.objet.__tablename__,
        objet_id=brouillon.objet.id,
        cree_le=instant,
        a_partir_du=instant,
        jusqu_au=brouillon.jusqu_au,
        remarque=moyen.pourquoi if moyen.canal in (Canal.APPEL, Canal.LETTRE) else "",
    )
    try:
        with session.begin_nested():
            session.add(message)
            session.flush()
    except IntegrityError:
        if session.scalar(select(Message.id).where(Message.cle == brouillon.cle)) is None:
            raise
        return None
    return message


def accorder(session: Session, genre: GenreMessage, attendus: Iterable[Brouillon], instant: datetime) -> int:
    """Make the outbox say what should be told now, for one kind; how many messages changed.

    Messages of that kind that still wait and are not expected any more are withdrawn.
    """
    brouillons = {brouillon.cle: brouillon for brouillon in attendus}
    changes = 0
    en_attente = select(Message).where(Message.genre == genre.value, Message.etat == EtatMessage.EN_ATTENTE)
    for message in session.scalars(en_attente.order_by(Message.id)).all():
        if message.cle not in brouillons and (
            message.pris_jusqu_au is None or message.pris_jusqu_au <= instant
        ):
            session.execute(message.retirer(PLUS_VRAI))
            changes += 1
    for brouillon in _nouveaux(session, brouillons):
        changes += ecrire(session, brouillon, instant) is not None
    return changes


def _nouveaux(session: Session, brouillons: Mapping[str, Brouillon]) -> list[Brouillon]:
    deja = set(session.scalars(select(Message.cle).where(Message.cle.in_(brouillons))))
    return [brouillon for cle, brouillon in sorted(brouillons.items()) if cle not in deja]


def retirer(session: Session, objet: Objet, genres: Collection[GenreMessage]) -> None:
    """Withdraw what still waits to be told about an object: something else has happened since."""
    ordre = select(Message).where(
        Message.objet_type == objet.__tablename__,
        Message.objet_id == objet.id,
        Message.genre.in_([genre.value for genre in genres]),
        Message.etat == EtatMessage.EN_ATTENTE,
    )
    for message in session.scalars(ordre.order_by(Message.id)).all():
        session.execute(message.retirer(PLUS_VRAI))


def moyen_pour(
    session: Session,
    genre: GenreMessage,
    personne: Personne | None,
    structure: Structure | None,
    *,
    sauf: Collection[Canal] = (),
) -> Moyen:
    """How to tell it now: read again when it leaves, since a telephone or a refusal may have come.

    ``sauf``: the ways that were tried and lead nowhere.
    """
    if structure is not None:
        return moyen_de_la_structure(
            bool(courriels_de(session, structure.id)),
            genre in URGENTS,
            refus_de(session, structure_id=structure.id).union(sauf),
        )
    if personne is None:
        return Moyen(None, "Personne à prévenir.")
    moyen = moyen_de_vive_voix if genre in DE_VIVE_VOIX else moyen_de_la_personne
    return moyen(personne, refus_de(session, personne_id=personne.id).union(sauf))


def refus_de(
    session: Session, *, personne_id: int | None = None, structure_id: int | None = None
) -> frozenset[Canal]:
    """The ways somebody refuses."""
    qui = (
        CanalRefuse.personne_id == personne_id
        if personne_id is not None
        else CanalRefuse.structure_id == structure_id
    )
    return frozenset(session.scalars(select(CanalRefuse.canal).where(qui)))


def courriels_de(session: Session, structure_id: int) -> list[str]:
    """The e-mail addresses of the accounts that act for a structure."""
    ordre = select(Compte.identifiant).where(
        Compte.structure_id == structure_id, Compte.role == RoleActeur.PARTENAIRE, Compte.actif
    )
    return [adresse for adresse in session.scalars(ordre.order_by(Compte.id)) if "@" in adresse]
