"""The offers of the partners, kept as the documented sheet (``docs/offre.md``) and its life cycle."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, UniqueConstraint, false, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.candidate import Genre
from mobilite.erreurs import RegleMetier
from mobilite.structure import Structure


class StatutOffre(StrEnum):
    """Where an offer stands."""

    BROUILLON = "brouillon"
    OUVERTE = "ouverte"
    RETIREE = "retiree"

    @property
    def libelle(self) -> str:
        """The status in French."""
        return {"brouillon": "Brouillon", "ouverte": "Ouverte", "retiree": "Retirée"}[self.value]


class OffreRetiree(RegleMetier):
    """The offer is not open any more."""

    code = "offre_retiree"

    def __init__(self) -> None:
        super().__init__("Cette offre n'est plus proposée en ce moment.")


class Offre(Identifie, Base, kw_only=True):
    """One solution of one structure. ``fiche`` holds the documented sheet without what columns say.

    ``code`` is the stable name used in files and commands; ``cle_idempotence`` recognises a form
    that was sent twice.
    """

    __tablename__ = "offre"
    __table_args__ = (UniqueConstraint("structure_id", "cle_idempotence"),)

    code: Mapped[str] = mapped_column(unique=True)
    nom: Mapped[str]
    genre: Mapped[Genre] = mapped_column(index=True)
    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"), init=False, index=True)
    structure: Mapped[Structure] = relationship(lazy="joined", innerjoin=True)
    statut: Mapped[StatutOffre] = mapped_column(default=StatutOffre.BROUILLON)
    fiche: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    verifiee_le: Mapped[date | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)
    cle_idempotence: Mapped[str | None] = mapped_column(default=None)
    creee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    version: Mapped[int] = mapped_column(init=False, default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def document(
        self, *, vehicules: int | None = None, occupations: Collection[tuple[date, date]] = ()
    ) -> dict[str, Any]:
        """The offer in the documented format, ready for ``LecteurOffres``.

        ``vehicules`` in service and their ``occupations`` (first day, last day, both included) make
        the live calendar; without vehicles kept here the sheet speaks alone.
        """
        structure: dict[str, Any] = {"nom": self.structure.nom}
        if self.structure.telephone:
            structure["telephone"] = self.structure.telephone
        document = self.fiche | {
            "id": self.code,
            "nom": self.nom,
            "genre": self.genre.value,
            "structure": structure,
            "demonstration": self.demonstration,
        }
        if self.verifiee_le is not None:
            document["verifiee_le"] = self.verifiee_le.isoformat()
        if vehicules is not None:
            document["calendrier"] = {
                "vehicules": vehicules,
                "occupations": [
                    {"du": du.isoformat(), "au": au.isoformat()} for du, au in sorted(occupations)
                ],
            }
        return document

    def ouvrir(self, verifiee_le: date) -> None:
        """Show the offer in the proposals; what it says was checked on that day."""
        self.statut = StatutOffre.OUVERTE
        self.verifiee_le = verifiee_le

    def retirer(self) -> None:
        """Stop proposing it; what was reserved stays reserved."""
        if self.statut is StatutOffre.RETIREE:
            raise OffreRetiree
        self.statut = StatutOffre.RETIREE


def offres_ouvertes() -> Select[Offre]:
    """What can be proposed now, in a stable order."""
    return select(Offre).where(Offre.statut == StatutOffre.OUVERTE).order_by(Offre.code)


def offres_visibles_par(acteur: Acteur) -> Select[Offre]:
    """The offers somebody may open: her own for a partner, all for advisers and the Département."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.CONSEILLER | RoleActeur.DEPARTEMENT | RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = Offre.structure_id == acteur.structure_id
        case RoleActeur.PERSONNE:
            visible = Offre.statut == StatutOffre.OUVERTE
        case _:
            visible = false()
    return select(Offre).where(visible).order_by(Offre.code)
