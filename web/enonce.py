"""A small exercise as it is shown: a few sentences, a timetable or a map, and what is to choose.

What is shown comes from the lines of the catalogue and the map of the département. Where they say too
little, the sheet is made up and says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from mobilite.exercice import Exercice


@dataclass(frozen=True, slots=True)
class Choisir:
    """One choice of an exercise: its field, what is asked, what can be chosen, and what is right."""

    nom: str
    question: str
    options: tuple[tuple[str, str], ...]
    juste: str


@dataclass(frozen=True, slots=True)
class Tableau:
    """A timetable: the name of the line, its columns (one a bus), its rows (stop, hours)."""

    titre: str
    colonnes: tuple[str, ...]
    lignes: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Enonce:
    """An exercise as it is shown. ``indice`` helps after a first try, ``solution`` tells it kindly."""

    exercice: Exercice
    consigne: tuple[str, ...]
    choisir: tuple[Choisir, ...]
    indice: str
    solution: str
    source: str
    tableau: Tableau | None = None
    carte: Markup | None = None

    @property
    def marque(self) -> str:
        """What the form sends back: an answer to another sheet is not an answer to this one."""
        return hashlib.sha256(repr((self.consigne, self.choisir)).encode()).hexdigest()[:16]

    def complete(self, postees: Mapping[str, str]) -> bool:
        """Whether every choice was made among those shown."""
        return all(postees.get(c.nom) in {valeur for valeur, _ in c.options} for c in self.choisir)

    def juste(self, postees: Mapping[str, str]) -> bool:
        """Whether every choice is right."""
        return all(postees.get(c.nom) == c.juste for c in self.choisir)
