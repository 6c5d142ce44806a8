"""Places, ways of moving, and the one port through which travel times are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mobilite.verdict import Duree


class Mode(StrEnum):
    """A way of moving whose travel time can be computed."""

    VOITURE = "voiture"
    SCOOTER = "scooter"
    VAE = "vae"
    VELO = "velo"
    MARCHE = "marche"

    @property
    def libelle(self) -> str:
        """How the way of moving reads after « Temps de trajet »."""
        return {
            "voiture": "en voiture",
            "scooter": "en scooter",
            "vae": "à vélo électrique",
            "velo": "à vélo",
            "marche": "à pied",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Position:
    """A point on Earth, WGS84 degrees."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Lieu:
    """A place: its commune (INSEE code), and its exact position when somebody placed it."""

    insee: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Trajet:
    """How long and how far from one place to another: minutes and kilometres, each a range."""

    duree: Duree
    km_min: float
    km_max: float


Couple = tuple[Lieu, Lieu]


class Accessibilite(Protocol):
    """The port of travel times. ``matching`` and the pages know nothing else of ``geo``."""

    @property
    def methode(self) -> str:
        """French words for how times are obtained, shown beside every figure."""

    @property
    def ferme(self) -> bool:
        """Whether a real road network answers."""

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        """Answer many (origin, destination) couples at once; an unknown or cut-off couple is absent."""


JAMAIS = 2**40
"""More milliseconds than any trip: no way (``bas``), or nobody can tell how long at most (``haut``)."""

Colonne = memoryview
"""A column of 64-bit whole numbers (format « q »)."""


@dataclass(frozen=True, slots=True)
class Bornes:
    """Times in whole milliseconds, one row per pair asked: between ``bas`` and ``haut``.

    Equal when a road network answers. ``bas`` = ``JAMAIS``: no road goes there. ``bas`` = 0 and
    ``haut`` = ``JAMAIS``: nobody knows.
    """

    bas: Colonne
    haut: Colonne


class Poses(Protocol):
    """Places, found once on whatever tells the times."""

    def entre(self, de: Colonne, vers: Colonne) -> Bornes:
        """The time from place ``de[i]`` to place ``vers[i]``, for each i."""


class DureesParPaires(Protocol):
    """The port of times by car asked by the hundred thousand: what detours are made of.

    Exact on a road network, a range without. For a few named trips, ``Accessibilite``.
    """

    @property
    def methode(self) -> str:
        """French words for how times are obtained, shown beside every figure."""

    @property
    def ferme(self) -> bool:
        """Whether a real road network answers."""

    def poser(self, lieux: Sequence[Lieu]) -> Poses:
        """Find these places, to ask times between them by their ranks."""
