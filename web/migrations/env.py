"""How Alembic reaches the database and sees all tables: those of the domain and the accounts."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from mobilite import tables
from mobilite.base import HeureUTC
from web import comptes
from web.base_de_donnees import creer_moteur
from web.config import lire_config

MODULES = (tables, comptes)
"""Importing them is what declares the tables; all stand on one metadata."""


def _ecrire_type(genre: str, objet: Any, _contexte: AutogenContext) -> str | Literal[False]:
    """Migrations are frozen: they name SQLAlchemy's types, never those of the domain, which move."""
    if genre == "type" and isinstance(objet, HeureUTC):
        return "sa.DateTime(timezone=True)"
    if genre == "type" and isinstance(objet, JSON):
        return "DOCUMENT"
    return False


def _migrer(connexion: Connection) -> None:
    context.configure(
        connection=connexion,
        target_metadata=tables.metadata,
        render_item=_ecrire_type,
        render_as_batch=connexion.dialect.name == "sqlite",
        transactional_ddl=True,  # SQLite too: we emit BEGIN ourselves
    )
    with context.begin_transaction():
        context.run_migrations()


fournie = context.config.attributes.get("connection")
if fournie is not None:
    _migrer(fournie)
else:
    with creer_moteur(lire_config().base).begin() as connexion:
        _migrer(connexion)
