"""What keeps a vehicle going: its odometer, what is to be done every so often, what it has cost."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base, Identifie, maintenant


class GenreDepense(StrEnum):
    """What money was spent on for a vehicle."""

    ACHAT = "achat"
    CARBURANT = "carburant"
    ENTRETIEN = "entretien"
    REPARATION = "reparation"
    PNEUS = "pneus"
    ASSURANCE = "assurance"
    CONTROLE_TECHNIQUE = "controle_technique"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The kind in French."""
        return {
            "achat": "Achat du véhicule",
            "carburant": "Carburant ou recharge",
            "entretien": "Entretien",
            "reparation": "Réparation",
            "pneus": "Pneus",
            "assurance": "Assurance",
            "controle_technique": "Contrôle technique",
            "autre": "Autre dépense",
        }[self.value]


class ReleveKm(Base, kw_only=True):
    """What the odometer said on a day; ``correction`` when it was set back, which nothing else may do."""

    __tablename__ = "releve_km"
    __table_args__ = (
        CheckConstraint("km BETWEEN 0 AND 2000000", name="km"),
        Index(None, "vehicule_id", "le"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"))
    le: Mapped[date]
    km: Mapped[int]
    correction: Mapped[bool] = mapped_column(default=False)
    note_par: Mapped[int]
    note_le: Mapped[datetime] = mapped_column(default_factory=maintenant)


class LigneEntretien(Identifie, Base, kw_only=True):
    """Something to do every so many kilometres, every so many months, or both, whichever comes first.

    ``fait_le`` and ``fait_km``: the last time, as far as anybody has said.
    """

    __tablename__ = "ligne_entretien"
    __table_args__ = (
        CheckConstraint("tous_les_km IS NOT NULL OR tous_les_mois IS NOT NULL", name="tous_les_combien"),
        CheckConstraint("tous_les_km BETWEEN 1 AND 500000", name="tous_les_km"),
        CheckConstraint("tous_les_mois BETWEEN 1 AND 240", name="tous_les_mois"),
        CheckConstraint("quoi <> ''", name="quoi"),
    )

    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"), index=True)
    quoi: Mapped[str]
    tous_les_km: Mapped[int | None] = mapped_column(default=None)
    tous_les_mois: Mapped[int | None] = mapped_column(default=None)
    fait_le: Mapped[date | None] = mapped_column(default=None)
    fait_km: Mapped[int | None] = mapped_column(default=None)


class Depense(Identifie, Base, kw_only=True):
    """Money spent on a vehicle on a day, in whole cents; ``km`` what the odometer said then."""

    __tablename__ = "depense"
    __table_args__ = (
        CheckConstraint("centimes > 0", name="centimes"),
        UniqueConstraint("notee_par", "cle_idempotence"),
        Index(None, "vehicule_id", "le"),
    )

    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"))
    le: Mapped[date]
    genre: Mapped[GenreDepense]
    centimes: Mapped[int]
    km: Mapped[int | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")
    notee_par: Mapped[int]
    notee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    cle_idempotence: Mapped[str]
