"""The structures behind the offers: garages solidaires, associations, auto-écoles, employers…"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base, Identifie


class GenreStructure(StrEnum):
    """What kind of structure it is."""

    ASSOCIATION = "association"
    GARAGE_SOLIDAIRE = "garage_solidaire"
    AUTO_ECOLE = "auto_ecole"
    ENTREPRISE = "entreprise"
    COLLECTIVITE = "collectivite"
    ORGANISME_PUBLIC = "organisme_public"
    TRANSPORTEUR = "transporteur"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The kind in French."""
        return {
            "association": "Association",
            "garage_solidaire": "Garage solidaire",
            "auto_ecole": "Auto-école",
            "entreprise": "Entreprise",
            "collectivite": "Collectivité",
            "organisme_public": "Organisme public",
            "transporteur": "Transporteur",
            "autre": "Autre structure",
        }[self.value]


class Structure(Identifie, Base, kw_only=True):
    """Somebody who offers a solution. ``commune`` is an INSEE code; ``demonstration``: fictional."""

    __tablename__ = "structure"

    nom: Mapped[str] = mapped_column(unique=True)
    genre: Mapped[GenreStructure] = mapped_column(default=GenreStructure.AUTRE)
    telephone: Mapped[str] = mapped_column(default="")
    commune: Mapped[str | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)
