"""What a command reads: the database when there is one, else the demonstration, and it says which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from mobilite.erreurs import DonneeRefusee
from web.base_de_donnees import creer_moteur, mettre_a_jour
from web.config import adresse_de_la_base


@contextmanager
def session_si_base() -> Iterator[Session | None]:
    """A reading session; ``None`` when no database was ever made here and none is named.

    A database that is named but empty is a real, empty platform: no Maison, no offer.
    """
    if not base_existe():
        click.echo("Aucune base ici : données de démonstration.", err=True)
        yield None
        return
    moteur = _ouvrir(adresse_de_la_base())
    try:
        with Session(moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            yield session
    finally:
        moteur.dispose()


@contextmanager
def session_qui_ecrit() -> Iterator[Session]:
    """A writing session on an up-to-date database, made if need be; committed at the end."""
    with moteur_a_jour() as moteur, Session(moteur) as session, session.begin():
        yield session


@contextmanager
def moteur_a_jour() -> Iterator[Engine]:
    """The engine of an up-to-date database, made if need be."""
    url = adresse_de_la_base()
    if url.database and url.get_backend_name() == "sqlite":
        try:
            Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            raise DonneeRefusee("MOBILITE_INSTANCE", "ce dossier ne peut pas être créé.") from None
    moteur = _ouvrir(url)
    try:
        mettre_a_jour(moteur)
        yield moteur
    finally:
        moteur.dispose()


def est_vide(session: Session) -> bool:
    """Whether the database has no table of ours yet."""
    return not inspect(session.connection()).has_table("maison_solidarite")


def base_existe() -> bool:
    """Whether a database was made here, or is named."""
    return bool(os.environ.get("DATABASE_URL")) or _existe(adresse_de_la_base())


def _existe(url: URL) -> bool:
    return url.get_backend_name() != "sqlite" or bool(url.database and Path(url.database).exists())


def _ouvrir(url: URL) -> Engine:
    moteur = creer_moteur(url)
    try:
        with moteur.connect() as connexion:
            inspect(connexion).get_table_names()  # a file that is no database shows when it is read
    except DatabaseError:
        raise DonneeRefusee("DATABASE_URL", "cette base de données ne s'ouvre pas.") from None
    return moteur
