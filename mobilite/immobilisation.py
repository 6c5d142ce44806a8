"""When a vehicle may not be used, and why: broken down, at the garage, waiting for its papers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base, Identifie, maintenant
from mobilite.erreurs import RegleMetier


class MotifImmobilisation(StrEnum):
    """Why a vehicle stays off the road."""

    PANNE = "panne"
    ACCIDENT = "accident"
    ENTRETIEN = "entretien"
    CONTROLE_TECHNIQUE = "controle_technique"
    ASSURANCE = "assurance"
    VOL = "vol"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The reason in French, as on a button."""
        return {
            "panne": "En panne",
            "accident": "Accident",
            "entretien": "Entretien ou réparation",
            "controle_technique": "Contrôle technique",
            "assurance": "Assurance",
            "vol": "Volé",
            "autre": "Autre raison",
        }[self.value]

    @property
    def en_phrase(self) -> str:
        """The reason behind « Votre voiture … », fit for the person."""
        return {
            "panne": "est en panne",
            "accident": "a eu un accident",
            "entretien": "est à l'entretien",
            "controle_technique": "est au contrôle technique",
            "assurance": "attend son assurance",
            "vol": "a été volé",
            "autre": "n'est pas disponible",
        }[self.value]


class ImmobilisationDejaFinie(RegleMetier):
    """Somebody already said that the vehicle is back."""

    code = "immobilisation_deja_finie"

    def __init__(self) -> None:
        super().__init__("Ce véhicule est déjà noté de retour : rechargez la page.")


class Immobilisation(Identifie, Base, kw_only=True):
    """One vehicle off the road over ``[debut, fin)``; ``fin`` absent: nobody knows yet when it is back.

    It never started when ``debut`` equals ``fin``. ``declaree_par`` is an account number.
    """

    __tablename__ = "immobilisation"
    __table_args__ = (
        CheckConstraint("debut <= fin", name="dans_l_ordre"),
        UniqueConstraint("declaree_par", "cle_idempotence"),
        Index(None, "vehicule_id", "debut"),
    )

    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"))
    debut: Mapped[datetime]
    fin: Mapped[datetime | None] = mapped_column(default=None)
    motif: Mapped[MotifImmobilisation]
    precision: Mapped[str] = mapped_column(default="")
    declaree_par: Mapped[int]
    declaree_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    cle_idempotence: Mapped[str]

    def couvre(self, debut: datetime, fin: datetime) -> bool:
        """Whether it touches a range (``fin`` excluded)."""
        return self.debut != self.fin and self.debut < fin and (self.fin is None or debut < self.fin)

    def en_cours(self, instant: datetime) -> bool:
        """Whether the vehicle is off the road at that instant."""
        return self.debut <= instant and (self.fin is None or instant < self.fin)

    def terminer(self, instant: datetime) -> None:
        """The vehicle is back; before it started, it never will have been."""
        if self.fin is not None and self.fin <= instant:
            raise ImmobilisationDejaFinie
        self.fin = max(self.debut, instant)
