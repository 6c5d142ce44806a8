"""The secret address under which a structure reads the bookings of its vehicles in its own calendar.

Calendar programs cannot sign in: whoever holds the address reads the calendar. So it is long, drawn
at random, known to the database by its hash only, and thrown away with one click.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ForeignKey, Index, LargeBinary, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur
from mobilite.base import Base, Identifie, maintenant

_OCTETS = 32
_EN_SERVICE = "retiree_le IS NULL"


class AdresseAgenda(Identifie, Base, kw_only=True):
    """One address given to a structure; at most one works at a time. The address itself is not kept."""

    __tablename__ = "adresse_agenda"
    __table_args__ = (
        Index(
            "uq_adresse_agenda_en_service",
            "structure_id",
            unique=True,
            sqlite_where=text(_EN_SERVICE),
            postgresql_where=text(_EN_SERVICE),
        ),
    )

    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id", ondelete="CASCADE"))
    empreinte: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    creee_par: Mapped[int]
    creee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    retiree_le: Mapped[datetime | None] = mapped_column(default=None)

    @classmethod
    def donner(cls, structure_id: int, par: Acteur) -> tuple[AdresseAgenda, str]:
        """A new address and its secret, to be shown once."""
        secret = secrets.token_urlsafe(_OCTETS)
        return cls(structure_id=structure_id, empreinte=empreinte(secret), creee_par=par.id), secret


def empreinte(secret: str) -> bytes:
    """What the database knows of a secret of 256 random bits: nothing slow is needed to keep it."""
    return sha256(secret.encode()).digest()


def adresse_en_service(structure_id: int) -> Select[AdresseAgenda]:
    """The address of a structure that works now."""
    return select(AdresseAgenda).where(
        AdresseAgenda.structure_id == structure_id, AdresseAgenda.retiree_le.is_(None)
    )


def adresse_de(secret: str) -> Select[AdresseAgenda]:
    """The address a secret opens, if nobody withdrew it."""
    return select(AdresseAgenda).where(
        AdresseAgenda.empreinte == empreinte(secret), AdresseAgenda.retiree_le.is_(None)
    )
