"""The slots of what runs by the clock: instants in UTC, none between 02:00 and 02:59 in France.

That hour happens twice in October and never in March: what is planned in it runs twice, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from mobilite.base import PARIS, jour_local

HEURE_INTERDITE = 2
_ORIGINE = datetime(2000, 1, 1, tzinfo=UTC)


class Cadence(Protocol):
    """When a task is due. ``battement``: how often to look whether it is."""

    @property
    def battement(self) -> timedelta:
        """How often to look."""

    @property
    def libelle(self) -> str:
        """The cadence in French."""

    def creneaux(self, apres: datetime, jusqu_a: datetime) -> list[datetime]:
        """The slots in (``apres``, ``jusqu_a``], in order."""


@dataclass(frozen=True, slots=True)
class ToutesLes:
    """Every so often, counted from a fixed origin: every process finds the same slots."""

    periode: timedelta

    @property
    def battement(self) -> timedelta:
        """Once a minute, or once a period if it is shorter."""
        return min(self.periode, timedelta(minutes=1))

    @property
    def libelle(self) -> str:
        """« toutes les 5 minutes »."""
        minutes = self.periode // timedelta(minutes=1)
        return "toutes les heures" if minutes == 60 else f"toutes les {minutes} minutes"

    def creneaux(self, apres: datetime, jusqu_a: datetime) -> list[datetime]:
        """The slots in (``apres``, ``jusqu_a``], in order."""
        rangs = range((apres - _ORIGINE) // self.periode + 1, (jusqu_a - _ORIGINE) // self.periode + 1)
        tous = (_ORIGINE + rang * self.periode for rang in rangs)
        return [creneau for creneau in tous if creneau.astimezone(PARIS).hour != HEURE_INTERDITE]


@dataclass(frozen=True, slots=True)
class ChaqueJour:
    """Once a day, at an hour on the wall in France."""

    heure: int
    minute: int = 0

    def __post_init__(self) -> None:
        if self.heure == HEURE_INTERDITE:
            raise ValueError("nothing is planned between 02:00 and 02:59: that hour comes twice, or never")

    @property
    def battement(self) -> timedelta:
        """Once a minute: it is made up for as soon as the process is back."""
        return timedelta(minutes=1)

    @property
    def libelle(self) -> str:
        """« chaque jour à 9 h 05 »."""
        return f"chaque jour à {self.heure} h" + (f" {self.minute:02d}" if self.minute else "")

    def creneaux(self, apres: datetime, jusqu_a: datetime) -> list[datetime]:
        """The slots in (``apres``, ``jusqu_a``], in order."""
        jours = (jour_local(jusqu_a) - jour_local(apres)).days
        tous = (self._le(jour_local(apres) + timedelta(days=rang)) for rang in range(jours + 1))
        return [creneau for creneau in tous if apres < creneau <= jusqu_a]

    def _le(self, jour: date) -> datetime:
        return datetime.combine(jour, time(self.heure, self.minute), PARIS).astimezone(UTC)
