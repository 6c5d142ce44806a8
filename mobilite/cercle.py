"""The circle of professionals around a person: it hangs on her consent; withdrawn, it shows nothing."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    UniqueConstraint,
    false,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur
from mobilite.base import Base, Identifie, maintenant


class Portee(StrEnum):
    """What a professional of her circle may see, each wider than the one before."""

    RENDEZ_VOUS = "rendez_vous"
    PLAN = "plan"

    @property
    def libelle(self) -> str:
        """What is seen, said to her as well."""
        return {
            "rendez_vous": "les jours et lieux de rendez-vous",
            "plan": "son but et les étapes de son plan",
        }[self.value]

    @property
    def rang(self) -> int:
        """A scope holds every scope of a lower rank."""
        return list(Portee).index(self)


class MembreCercle(Identifie, Base, kw_only=True):
    """A professional she agrees to have around her, what this one may see, and until when.

    ``structure_id`` is set when the structure is one of the platform: its accounts then see what
    ``portee`` says. ``retire_le``: she took her agreement back.
    """

    __tablename__ = "membre_cercle"
    __table_args__ = (
        CheckConstraint("nom <> '' OR structure <> ''", name="qui"),
        CheckConstraint("jusqu_au >= du", name="dans_l_ordre"),
        UniqueConstraint("personne_id", "cle"),
    )

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    nom: Mapped[str] = mapped_column(default="")
    structure: Mapped[str] = mapped_column(default="")
    structure_id: Mapped[int | None] = mapped_column(ForeignKey("structure.id"), default=None, index=True)
    portee: Mapped[Portee]
    du: Mapped[date]
    jusqu_au: Mapped[date | None] = mapped_column(default=None)
    accord_le: Mapped[date]
    note_par: Mapped[int]
    retire_le: Mapped[datetime | None] = mapped_column(default=None)
    retire_par: Mapped[int | None] = mapped_column(default=None)
    cle: Mapped[str | None] = mapped_column(default=None)

    def retirer(self, par: Acteur) -> bool:
        """Take the agreement back, at once; whether anything changed."""
        if self.retire_le is not None:
            return False
        self.retire_le, self.retire_par = maintenant(), par.id
        return True


def membres_du_cercle(personne_id: int, le: date) -> Select[MembreCercle]:
    """Who is in the circle of somebody on a day."""
    return (
        select(MembreCercle)
        .where(MembreCercle.personne_id == personne_id, *_en_vigueur(le))
        .order_by(MembreCercle.id)
    )


def partages_avec(acteur: Acteur, le: date) -> Select[MembreCercle]:
    """What people share with the structure of a partner on a day; nothing for anybody else."""
    if acteur.structure_id is None:
        return select(MembreCercle).where(false())
    return (
        select(MembreCercle)
        .where(MembreCercle.structure_id == acteur.structure_id, *_en_vigueur(le))
        .order_by(MembreCercle.personne_id, MembreCercle.id)
    )


def _en_vigueur(le: date) -> tuple[ColumnElement[bool], ...]:
    return (
        MembreCercle.retire_le.is_(None),
        MembreCercle.du <= le,
        or_(MembreCercle.jusqu_au.is_(None), MembreCercle.jusqu_au >= le),
    )
