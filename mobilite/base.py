"""The declarative base every table stands on: names of constraints, types, identity, UTC hours.

Entities are typed Declarative dataclasses, built by keyword, usable without a database. They have
an integer ``id`` inside and a random ``uuid`` for URLs. They never hold a session, and equality is
identity: two loads of one row in one session are the same object.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import (
    DDL,
    JSON,
    DateTime,
    Dialect,
    Enum,
    FromClause,
    MetaData,
    Table,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

PARIS = ZoneInfo("Europe/Paris")
"""The clock on the wall of the guichet: only for reading days and hours, never for storing."""


def maintenant() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def ce_jour() -> date:
    """Today, in France."""
    return jour_local(maintenant())


def jour_local(instant: datetime) -> date:
    """The day it is in France at that instant."""
    return instant.astimezone(PARIS).date()


class HeureUTC(TypeDecorator[datetime]):
    """An instant. Refuses naive values; SQLite holds UTC text of fixed width, which sorts like time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Send UTC; raise ``ValueError`` for an hour without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an aware datetime is required, got {value!r}")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware UTC whatever the database and its session say."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON document. It is replaced whole: a change inside one that was loaded is not seen."""


def _valeurs(etiquettes: type[enum.Enum]) -> list[str]:
    return [str(etiquette.value) for etiquette in etiquettes]


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    """What all tables share.

    Label enumerations are stored as their value with a CHECK; ``datetime`` is ``HeureUTC`` and
    ``dict[str, Any]`` or ``list[Any]`` a JSON ``Document``.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: HeureUTC(),
        dict[str, Any]: Document,
        list[Any]: Document,
        enum.Enum: Enum(
            enum.Enum, native_enum=False, create_constraint=True, length=40, values_callable=_valeurs
        ),
    }

    @classmethod
    def __table_cls__(cls, *args: Any, **kwargs: Any) -> Table:
        """Numbers are never given twice, on SQLite either: the journal keeps them after a row is gone."""
        return Table(*args, sqlite_autoincrement=True, **kwargs)

    def __repr__(self) -> str:
        """The table and the key, never a value: these strings end up in logs."""
        return f"<{type(self).__name__} {getattr(self, 'id', None) or 'neuf'}>"


class Identifie(MappedAsDataclass, kw_only=True, eq=False, repr=False):
    """An integer key inside, a random ``uuid`` in URLs."""

    id: Mapped[int] = mapped_column(init=False, primary_key=True, sort_order=-2)
    uuid: Mapped[UUID] = mapped_column(default_factory=uuid4, unique=True, sort_order=-1)


def garder(table: FromClause, *, sqlite: Iterable[str] = (), postgresql: Iterable[str] = ()) -> None:
    """Declare the guards created with a table: triggers and functions, in each database's own words."""
    for dialecte, ordres in (("sqlite", sqlite), ("postgresql", postgresql)):
        for ordre in ordres:
            garde: DDL = DDL(ordre.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", garde.execute_if(dialect=dialecte))
