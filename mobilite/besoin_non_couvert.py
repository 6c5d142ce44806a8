"""A need that nothing serves: what is kept of it for the Département, without the person.

A line holds a commune, a band of hours and a reason to move, nothing else that says who. ``besoin_id``
ties it to the need while the dossier lives, so that it is recorded once and closed when something is
found; when the need or the dossier goes, the line stays and points to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base
from mobilite.besoin import MotifDeplacement, Passage

_MATIN, _SOIR = 7 * 60, 19 * 60


class Tranche(StrEnum):
    """When the trips of a need are made."""

    TOT = "tot"
    JOURNEE = "journee"
    SOIR = "soir"
    PLUSIEURS = "plusieurs"
    INCONNUE = "inconnue"

    @property
    def libelle(self) -> str:
        """The band of hours in French."""
        return {
            "tot": "Avant 7 h",
            "journee": "De 7 h à 19 h",
            "soir": "Après 19 h",
            "plusieurs": "À plusieurs moments",
            "inconnue": "Heures non dites",
        }[self.value]


class Constat(StrEnum):
    """How it was found that nothing serves the need."""

    CONSEILLER = "conseiller"
    CALCUL = "calcul"

    @property
    def libelle(self) -> str:
        """Who says so, in French."""
        return {"conseiller": "Dit au guichet", "calcul": "Calculé"}[self.value]


class BesoinNonCouvert(Base, kw_only=True):
    """One need without an answer, from the day it was found to the day something was."""

    __tablename__ = "besoin_non_couvert"
    __table_args__ = (CheckConstraint("clos_le >= constate_le", name="dans_l_ordre"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    besoin_id: Mapped[int | None] = mapped_column(
        ForeignKey("besoin.id", ondelete="SET NULL"), default=None, unique=True
    )
    commune: Mapped[str | None] = mapped_column(default=None)
    motif: Mapped[MotifDeplacement | None] = mapped_column(default=None)
    tranche: Mapped[Tranche]
    constat: Mapped[Constat]
    constate_le: Mapped[date]
    clos_le: Mapped[date | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)

    @property
    def ouvert(self) -> bool:
        """Whether nothing has been found yet."""
        return self.clos_le is None

    def rouvrir(self, constat: Constat, le: date) -> None:
        """Nothing serves it, again."""
        self.constat, self.constate_le, self.clos_le = constat, le, None

    def clore(self, le: date) -> None:
        """Something was found, or the need is gone."""
        self.clos_le = max(le, self.constate_le)


def tranche_de(passages: Iterable[Passage]) -> Tranche:
    """The band that holds every hour of a need; ``PLUSIEURS`` when they fall in several."""
    heures = [h for p in passages for h in (p.arrivee, p.retour) if h is not None]
    tranches = {Tranche.TOT if h < _MATIN else Tranche.SOIR if h > _SOIR else Tranche.JOURNEE for h in heures}
    if not tranches:
        return Tranche.INCONNUE
    return tranches.pop() if len(tranches) == 1 else Tranche.PLUSIEURS


def non_couverts_ouverts() -> Select[BesoinNonCouvert]:
    """The needs without an answer today."""
    return (
        select(BesoinNonCouvert)
        .where(BesoinNonCouvert.clos_le.is_(None))
        .order_by(BesoinNonCouvert.constate_le, BesoinNonCouvert.id)
    )
