"""The Maisons de la Solidarité, where people are received."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import CheckConstraint, Delete, Select, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base, Identifie
from mobilite.horaires import lire_horaires
from mobilite.lieux import Lieu, Position
from mobilite.territoire import MaisonAccueil


class MaisonSolidarite(Identifie, Base, kw_only=True):
    """One Maison: WGS84 position, INSEE code of its commune, where and when its address was read.

    ``demonstration``: the place was chosen by us; every screen that uses it says so. ``horaires``:
    its opening hours in the writing of ``mobilite.horaires``; ``None`` when nobody has said.
    """

    __tablename__ = "maison_solidarite"
    __table_args__ = (
        UniqueConstraint("nom", "adresse", "insee"),
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="position"),
    )

    nom: Mapped[str]
    adresse: Mapped[str]
    insee: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    source: Mapped[str]
    date_source: Mapped[date]
    demonstration: Mapped[bool] = mapped_column(default=False)
    horaires: Mapped[str | None] = mapped_column(default=None)

    @property
    def lieu(self) -> Lieu:
        """Where it stands, as geo wants it."""
        return Lieu(self.insee, Position(self.lon, self.lat))

    def en_accueil(self, identifiant: str | None = None) -> MaisonAccueil:
        """The same as a value; its id is its uuid unless another one is given."""
        return MaisonAccueil(
            identifiant or str(self.uuid),
            self.nom,
            self.lieu,
            self.demonstration,
            lire_horaires(self.horaires or ""),
        )


def maisons() -> Select[MaisonSolidarite]:
    """All the Maisons, by name."""
    return select(MaisonSolidarite).order_by(MaisonSolidarite.nom, MaisonSolidarite.id)


def remplacer_maisons(nouvelles: Iterable[MaisonSolidarite]) -> Delete | None:
    """The statement to run before adding an imported list; ``None`` when nothing has to leave.

    Real Maisons replace everything that was there: a list is the whole list, and a demonstration
    never stays beside the truth. A demonstration list only replaces a demonstration.
    """
    liste = list(nouvelles)
    if not liste:
        return None
    if any(not maison.demonstration for maison in liste):
        return delete(MaisonSolidarite)
    return delete(MaisonSolidarite).where(MaisonSolidarite.demonstration)
