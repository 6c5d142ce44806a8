"""The vehicles behind an offer, and when each may be on the road."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.base import Base, Identifie, jour_local
from mobilite.candidate import Boite, CategorieVehicule
from mobilite.erreurs import RegleMetier
from mobilite.offre import Offre


class Energie(StrEnum):
    """What it runs on."""

    ESSENCE = "essence"
    DIESEL = "diesel"
    ELECTRIQUE = "electrique"
    HYBRIDE = "hybride"
    GPL = "gpl"
    MUSCULAIRE = "musculaire"

    @property
    def libelle(self) -> str:
        """The energy in French."""
        return {
            "essence": "Essence",
            "diesel": "Diesel",
            "electrique": "Électrique",
            "hybride": "Hybride",
            "gpl": "GPL",
            "musculaire": "Musculaire",
        }[self.value]


class VehiculeIndisponible(RegleMetier):
    """The vehicle may not be on the road for these days."""

    code = "vehicule_indisponible"


class Vehicule(Identifie, Base, kw_only=True):
    """One vehicle. ``ct_valable_au`` and ``assurance_valable_au`` are the last valid days.

    ``None`` there means nobody has said (or, for a bike, that the law asks nothing): it excludes
    nothing, the partner checks the papers before confirming.
    """

    __tablename__ = "vehicule"
    __table_args__ = (CheckConstraint("places BETWEEN 1 AND 9", name="places"),)

    offre_id: Mapped[int] = mapped_column(ForeignKey("offre.id"), init=False, index=True)
    offre: Mapped[Offre] = relationship(lazy="joined", innerjoin=True)
    libelle: Mapped[str]
    categorie: Mapped[CategorieVehicule]
    boite: Mapped[Boite | None] = mapped_column(default=None)
    places: Mapped[int | None] = mapped_column(default=None)
    energie: Mapped[Energie | None] = mapped_column(default=None)
    immatriculation: Mapped[str | None] = mapped_column(default=None)
    en_service: Mapped[bool] = mapped_column(default=True)
    ct_valable_au: Mapped[date | None] = mapped_column(default=None)
    assurance_valable_au: Mapped[date | None] = mapped_column(default=None)

    def refuser_si_indisponible(self, fin: datetime) -> None:
        """Raise ``VehiculeIndisponible`` when it may not run until ``fin`` (excluded)."""
        jour = dernier_jour(fin)
        if not self.en_service:
            raise VehiculeIndisponible(f"« {self.libelle} » n'est pas en service en ce moment.")
        for quoi, valable_au in (
            ("Le contrôle technique", self.ct_valable_au),
            ("L'assurance", self.assurance_valable_au),
        ):
            if valable_au is not None and valable_au < jour:
                raise VehiculeIndisponible(
                    f"{quoi} de « {self.libelle} » s'arrête le {valable_au:%d/%m/%Y}, avant le retour."
                )


def dernier_jour(fin: datetime) -> date:
    """The last day, in France, of a range that ends at ``fin`` excluded."""
    return jour_local(fin - timedelta(microseconds=1))


def peut_rouler_jusqu_a(fin: datetime) -> ColumnElement[bool]:
    """The same rule as ``Vehicule.refuser_si_indisponible``, as a condition of a query."""
    jour = dernier_jour(fin)
    return and_(
        Vehicule.en_service,
        or_(Vehicule.ct_valable_au.is_(None), Vehicule.ct_valable_au >= jour),
        or_(Vehicule.assurance_valable_au.is_(None), Vehicule.assurance_valable_au >= jour),
    )
