"""Who runs a task: every process tries, the ledger decides, in the transaction of the work itself.

A process that dies in the middle leaves neither line nor work, and the next one that looks does it.
Slots that were missed (nobody was running, everybody was stuck) are made up for by one run, which
writes a line for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Delete, Engine, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mobilite.passage_tache import PassageTache
from web.creneaux import Cadence
from web.transaction import est_un_verrou

RATTRAPAGE = timedelta(days=1)
"""How far back missed slots are made up for."""

GARDE = timedelta(days=60)
"""How long the ledger is kept."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One run: the instant it happens at, and the slots it is for, in order."""

    instant: datetime
    creneaux: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Tache:
    """One task: a stable id, when, what it does in French, and the function that does it.

    The function takes a session inside a write transaction and says how many things it changed. It
    does nothing that the transaction cannot undo: what leaves the house goes through the outbox.
    """

    id: str
    cadence: Cadence
    libelle: str
    faire: Callable[[Session, Passage], int]


def passer(moteur: Engine, tache: Tache, instant: datetime) -> int | None:
    """Run a task if it is due and nobody else did; how many things changed, ``None`` when it is not ours.

    Somebody who holds the lock too long (a frozen process) is not waited for: the next look will do.
    """
    try:
        dus = creneaux_dus(moteur, tache, instant)
        return _passer(moteur, tache, Passage(instant, tuple(dus))) if dus else None
    except DBAPIError as erreur:
        if est_un_verrou(erreur):
            return None
        raise


def creneaux_dus(moteur: Engine, tache: Tache, instant: datetime) -> list[datetime]:
    """The slots of the last day that have no line yet; for a task that never ran, only the last one."""
    with moteur.connect().execution_options(lecture_seule=True) as connexion:
        ecrits = select(PassageTache.prevu_le).where(
            PassageTache.tache == tache.id, PassageTache.prevu_le > instant - RATTRAPAGE
        )
        faits = set(connexion.scalars(ecrits))
        premier = connexion.scalar(
            select(func.min(PassageTache.prevu_le)).where(PassageTache.tache == tache.id)
        )
    tous = tache.cadence.creneaux(instant - RATTRAPAGE, instant)
    if premier is None:
        return tous[-1:]
    return [creneau for creneau in tous if creneau not in faits and creneau > premier]


def _passer(moteur: Engine, tache: Tache, passage: Passage) -> int | None:
    with Session(moteur) as session, session.begin():
        gagnes = _inscrire(session, tache.id, passage)
        if not gagnes:
            return None
        changements = tache.faire(session, Passage(passage.instant, tuple(gagnes)))
        session.execute(
            update(PassageTache)
            .where(PassageTache.tache == tache.id, PassageTache.prevu_le == gagnes[-1])
            .values(changements=changements)
        )
        return changements


def _inscrire(session: Session, tache: str, passage: Passage) -> Sequence[datetime]:
    """Write the lines that nobody has written; those are ours. Whoever is writing them is waited for."""
    lignes = [
        {"tache": tache, "prevu_le": creneau, "fait_le": passage.instant, "changements": 0}
        for creneau in passage.creneaux
    ]
    # Both databases say it the same way, each in its own module.
    ecrire = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    ordre = ecrire(PassageTache).on_conflict_do_nothing().returning(PassageTache.prevu_le)
    return sorted(session.scalars(ordre, lignes))


def executer(tache: Tache, moteur: Engine, instant: datetime) -> int:
    """Run a task now, due or not, outside the ledger: for a command, a demonstration, a test."""
    with Session(moteur) as session, session.begin():
        return tache.faire(session, Passage(instant, (instant,)))


def derniers_passages(session: Session) -> dict[str, datetime]:
    """When each task was done for the last time."""
    ordre = select(PassageTache.tache, func.max(PassageTache.fait_le)).group_by(PassageTache.tache)
    return dict(iter(session.execute(ordre)))


def passages_a_oublier(instant: datetime) -> Delete:
    """The lines older than the ledger is kept."""
    return delete(PassageTache).where(PassageTache.prevu_le < instant - GARDE)
