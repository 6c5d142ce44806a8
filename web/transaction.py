"""Database transactions: how they begin on both databases, commit in the view, and are tried again.

SQLite: Python's own transaction handling is switched off and we emit BEGIN. A GET or HEAD reads
(DEFERRED, and the database itself refuses writes); everything else takes the write lock at once
(IMMEDIATE), whoever opens the session: a transaction that starts reading and then writes fails
under load however long it waits, because its snapshot is stale.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from random import SystemRandom
from typing import Any, ParamSpec, TypeVar, cast

import flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

P = ParamSpec("P")
R = TypeVar("R")

METHODES_DE_LECTURE = frozenset({"GET", "HEAD", "OPTIONS"})
ESSAIS = 3
ATTENTE_MAX_S = 5
_PRAGMAS = (
    f"busy_timeout={ATTENTE_MAX_S * 1000}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "trusted_schema=OFF",
)
_hasard = SystemRandom()
_VERROUS_POSTGRESQL = frozenset({"40001", "40P01", "55P03"})
_VERROUS_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

# Objects stay readable after the commit: a page is rendered once its transaction is over.
bd = SQLAlchemy(
    engine_options={"hide_parameters": True, "pool_pre_ping": True},
    session_options={"expire_on_commit": False},
)


def options_du_moteur(url: URL) -> dict[str, Any]:
    """Engine options for one address, as Flask-SQLAlchemy-Lite wants them."""
    if url.get_backend_name() != "postgresql":
        return {"url": url}
    reglages = {
        "lock_timeout": f"{ATTENTE_MAX_S}s",
        "statement_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
    }
    return {
        "url": url,
        "connect_args": {"options": " ".join(f"-c {cle}={valeur}" for cle, valeur in reglages.items())},
    }


def preparer_moteur(moteur: Engine) -> None:
    """Attach our way of beginning transactions to an engine. To be called once per engine."""
    if moteur.dialect.name == "sqlite":
        event.listen(moteur, "connect", _ouvrir_sqlite)
        event.listen(moteur, "begin", _commencer_sqlite)
    else:
        event.listen(moteur, "begin", _commencer_postgresql)


def _ouvrir_sqlite(connexion: sqlite3.Connection, _fiche: object) -> None:
    connexion.isolation_level = None
    for pragma in _PRAGMAS:
        connexion.execute(f"PRAGMA {pragma}")


def _lit(connexion: Connection) -> bool:
    """Whether the transaction that begins may only read: said by its opener, else by the method."""
    dit: bool | None = connexion.get_execution_options().get("lecture_seule")
    if dit is not None:
        return dit
    return flask.has_request_context() and flask.request.method in METHODES_DE_LECTURE


def _commencer_sqlite(connexion: Connection) -> None:
    lit = _lit(connexion)
    connexion.exec_driver_sql(f"PRAGMA query_only={'ON' if lit else 'OFF'}")
    if lit:
        connexion.exec_driver_sql("BEGIN DEFERRED")
    else:
        _prendre_son_tour(connexion)


def _prendre_son_tour(connexion: Connection) -> None:
    """Begin to write, asking for the lock again at random moments.

    SQLite asks less and less often the longer it has waited: in a crowd whoever came last is served
    first, and somebody waits for ever. Here everybody has the same chance each time.
    """
    brute = cast("sqlite3.Connection", connexion.connection.dbapi_connection)
    limite = time.monotonic() + ATTENTE_MAX_S
    brute.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < limite:
            try:
                brute.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as erreur:
                if not _est_occupee(erreur):
                    raise
            else:
                return
            time.sleep(_hasard.uniform(0.0005, 0.02))
        connexion.exec_driver_sql("BEGIN IMMEDIATE")  # the refusal is told as any other
    finally:
        brute.execute(f"PRAGMA busy_timeout={ATTENTE_MAX_S * 1000}")


def _commencer_postgresql(connexion: Connection) -> None:
    if _lit(connexion):
        connexion.exec_driver_sql("SET TRANSACTION READ ONLY")


@contextmanager
def transaction() -> Iterator[Session]:
    """The session of this request: committed at the end of the block, rolled back on any error.

    Every read that decides a write belongs inside. Nothing slow does: no mail, no outgoing call.
    """
    session = bd.session
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def lecture() -> Iterator[Session]:
    """A short session of its own that only reads, even within a POST: it takes no write lock."""
    with bd.sessionmaker() as session:
        session.connection(execution_options={"lecture_seule": True})
        yield session


@contextmanager
def consultation() -> Iterator[Session]:
    """The one thing a GET may write: the log of who read a dossier, in its own transaction."""
    with bd.sessionmaker() as session:
        session.connection(execution_options={"lecture_seule": False})
        yield session
        session.commit()


def est_un_verrou(erreur: BaseException) -> bool:
    """Whether an error only says that somebody else holds the lock."""
    origine = erreur.orig if isinstance(erreur, DBAPIError) else None
    if isinstance(origine, sqlite3.OperationalError):
        return _est_occupee(origine)
    return getattr(origine, "sqlstate", None) in _VERROUS_POSTGRESQL


def _est_occupee(erreur: sqlite3.OperationalError) -> bool:
    # The low byte: extended codes (SQLITE_BUSY_SNAPSHOT…) refine the same refusal.
    return (erreur.sqlite_errorcode & 0xFF) in _VERROUS_SQLITE


def reessayer(fonction: Callable[P, R]) -> Callable[P, R]:
    """Run a whole transaction again when a lock was refused: three tries in all, jittered.

    Decorate the function that *contains* ``with transaction()``: it starts from nothing each time.
    """

    @wraps(fonction)
    def essais(*args: P.args, **kwargs: P.kwargs) -> R:
        for essai in range(1, ESSAIS):
            try:
                return fonction(*args, **kwargs)
            except DBAPIError as erreur:
                if not est_un_verrou(erreur):
                    raise
                bd.session.rollback()
                time.sleep(_hasard.uniform(0.02, 0.1) * essai)
        return fonction(*args, **kwargs)

    return essais
