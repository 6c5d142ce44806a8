"""What a vehicle does: how often it is out, what it costs, how fast its kilometres run. Pure values.

Nothing is guessed: without enough odometer readings, or without expenses, there is no figure.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

JOURS_POUR_UN_RYTHME = 14
"""Readings closer than that say nothing of how fast kilometres run."""

Jours = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True, slots=True)
class Occupation:
    """Days somebody had it, of the days it could be lent."""

    pris: int
    en_service: int

    @property
    def part(self) -> float | None:
        """The share, between 0 and 1; ``None`` when it could not be lent at all."""
        return self.pris / self.en_service if self.en_service else None


def occupation(
    sejours: Iterable[Jours],
    arrets: Iterable[tuple[date, date | None]],
    du: date,
    au: date,
    *,
    entre_le: date | None = None,
    sorti_le: date | None = None,
) -> Occupation:
    """How much of a period (both days included) a vehicle was out. ``arrets``: off the road, perhaps without end.

    A day it was lent counts as in service, even if it broke down on that day.
    """
    du, au = max(du, entre_le or du), min(au, sorti_le or au)
    pris = _jours(sejours, du, au)
    arretes = _jours(((debut, fin or au) for debut, fin in arrets), du, au)
    possibles = max(0, (au - du).days + 1)
    return Occupation(len(pris), possibles - len(arretes - pris))


def _jours(periodes: Iterable[Jours], du: date, au: date) -> set[int]:
    return {
        jour
        for debut, fin in periodes
        for jour in range(max(debut, du).toordinal(), min(fin, au).toordinal() + 1)
    }


def km_par_jour(releves: Sequence[tuple[date, int]]) -> float | None:
    """How fast kilometres run, from readings of one odometer by day; ``None`` when they say too little."""
    if len(releves) < 2:
        return None
    (debut, de), (fin, a) = min(releves), max(releves)
    jours = (fin - debut).days
    return (a - de) / jours if jours >= JOURS_POUR_UN_RYTHME and a >= de else None


@dataclass(frozen=True, slots=True)
class ProchaineFois:
    """When something is to be done again. ``estime``: projected from how fast kilometres run.

    ``le`` absent: it depends on kilometres and nobody knows how fast they run. ``km``: at how many.
    """

    le: date | None
    estime: bool = False
    km: int | None = None

    def depassee(self, le: date, compteur: int | None) -> bool:
        """Whether it should have been done: a day that is over, or kilometres already run."""
        if self.km is not None and compteur is not None and compteur >= self.km:
            return True
        return self.le is not None and not self.estime and self.le < le


def prochaine_fois(
    *,
    tous_les_km: int | None,
    tous_les_mois: int | None,
    fait_le: date | None,
    fait_km: int | None,
    compteur: int | None,
    rythme: float | None,
    le: date,
) -> ProchaineFois | None:
    """The next time, by months or by kilometres, whichever comes first; ``None`` when nobody said the last one."""
    par_mois = ajouter_mois(fait_le, tous_les_mois) if fait_le and tous_les_mois else None
    km = fait_km + tous_les_km if fait_km is not None and tous_les_km else None
    if par_mois is None and km is None:
        return None
    par_km = None
    if km is not None and compteur is not None:
        if compteur >= km:
            par_km = le
        elif rythme:
            par_km = le + timedelta(days=min(int((km - compteur) / rythme), 36500))
    if par_km is not None and (par_mois is None or par_km < par_mois):
        return ProchaineFois(par_km, estime=True, km=km)
    return ProchaineFois(par_mois, km=km)


def ajouter_mois(jour: date, mois: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    return date(annee, rang + 1, min(jour.day, calendar.monthrange(annee, rang + 1)[1]))


@dataclass(frozen=True, slots=True)
class CoutDUsage:
    """What running it cost over a period, in cents, purchase apart; by kilometre and by day it was out."""

    centimes: int
    km: int | None
    jours: int

    @property
    def par_km(self) -> float | None:
        """Cents a kilometre, if kilometres are known."""
        return self.centimes / self.km if self.km else None

    @property
    def par_jour(self) -> float | None:
        """Cents a day somebody had it."""
        return self.centimes / self.jours if self.jours else None
