"""Her agreement that France Travail receives what concerns her mobility, in their codes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur
from mobilite.base import Base, maintenant
from mobilite.prescription import FormeAccord

_EN_VIGUEUR = "retire_le IS NULL"


class AccordFranceTravail(Base, kw_only=True):
    """She said yes on a day; at most one agreement is in force. Earlier ones are kept."""

    __tablename__ = "accord_france_travail"
    __table_args__ = (
        CheckConstraint("(retire_le IS NULL) = (retire_par IS NULL)", name="retire_par_quelqu_un"),
        Index(
            "uq_accord_france_travail_en_vigueur",
            "personne_id",
            unique=True,
            sqlite_where=text(_EN_VIGUEUR),
            postgresql_where=text(_EN_VIGUEUR),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    donne_le: Mapped[date]
    comment: Mapped[FormeAccord]
    note_par: Mapped[int]
    note_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    retire_le: Mapped[datetime | None] = mapped_column(default=None)
    retire_par: Mapped[int | None] = mapped_column(default=None)

    def retirer(self, par: Acteur) -> None:
        """Take the agreement back, at once."""
        if self.retire_le is None:
            self.retire_le, self.retire_par = maintenant(), par.id


def accords_en_vigueur(*personnes: int) -> Select[AccordFranceTravail]:
    """The agreements in force of the persons named by number."""
    return (
        select(AccordFranceTravail)
        .where(AccordFranceTravail.personne_id.in_(personnes), AccordFranceTravail.retire_le.is_(None))
        .order_by(AccordFranceTravail.personne_id)
    )
