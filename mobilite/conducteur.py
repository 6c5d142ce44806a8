"""A trip a driver makes anyway, on his own account: from where to where, on which days, with which seats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mobilite.besoin import Jour, Minute
from mobilite.lieux import Lieu


class BesoinABord(StrEnum):
    """What a passenger may need in the car; the driver says yes, no, or nothing yet."""

    FAUTEUIL = "fauteuil"
    BEBE = "bebe"
    POUSSETTE = "poussette"
    ANIMAL = "animal"
    ACCOMPAGNEMENT = "accompagnement"

    @property
    def libelle(self) -> str:
        """The need, as it is asked of a driver."""
        return {
            "fauteuil": "un fauteuil roulant",
            "bebe": "un siège pour bébé",
            "poussette": "une poussette",
            "animal": "un animal",
            "accompagnement": "être accompagnée jusqu'à la porte",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Agenda:
    """When something rolls: days of the week within a period (both ends included), and single dates."""

    jours: frozenset[Jour] = frozenset()
    dates: frozenset[date] = frozenset()
    du: date | None = None
    au: date | None = None

    def vaut_le(self, jour: date) -> bool:
        """Whether it rolls on that date."""
        if jour in self.dates:
            return True
        dans_la_periode = (self.du is None or self.du <= jour) and (self.au is None or jour <= self.au)
        return dans_la_periode and Jour.de(jour) in self.jours


@dataclass(frozen=True, slots=True)
class TrajetConducteur:
    """One way of a driver's trip. ``heure``: when he leaves, give or take ``souplesse`` minutes.

    ``arrivee_max``: he must be there by then (earlier than ``heure``: the next day). ``places`` for
    passengers and ``detour_max`` in minutes: ``None`` when he has not said; the rule of the house then
    holds for the detour. ``conducteur``: the same on his way there and back. What is in
    neither ``prend`` nor ``refuse``, nobody has asked him.
    """

    id: str
    depart: Lieu
    arrivee: Lieu
    agenda: Agenda
    heure: Minute
    souplesse: int = 0
    arrivee_max: Minute | None = None
    places: int | None = None
    detour_max: float | None = None
    prend: frozenset[BesoinABord] = frozenset()
    refuse: frozenset[BesoinABord] = frozenset()
    conducteur: str = ""
    structure: str = ""
