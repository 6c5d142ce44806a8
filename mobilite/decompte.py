"""What a stay with a vehicle comes to: lines that each say where they come from, and a sum that hides nothing.

Whole cents, so that the lines add up to the total. A line nobody can tell has no amount: the total
is then said to be incomplete, never rounded up to something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ligne:
    """One line. ``centimes`` is negative when somebody else pays, ``None`` when it is to be checked."""

    libelle: str
    detail: str
    centimes: int | None
    origine: str


@dataclass(frozen=True, slots=True)
class Decompte:
    """The lines of one stay, in the order they are read."""

    lignes: tuple[Ligne, ...] = ()

    @property
    def complet(self) -> bool:
        """Whether every line has an amount."""
        return all(ligne.centimes is not None for ligne in self.lignes)

    @property
    def total_centimes(self) -> int:
        """The sum of what is known."""
        return sum(ligne.centimes or 0 for ligne in self.lignes)

    def document(self) -> dict[str, Any]:
        """The lines, ready to be kept."""
        return {"lignes": [asdict(ligne) for ligne in self.lignes]}


def lire_decompte(document: Mapping[str, Any]) -> Decompte:
    """What ``Decompte.document`` wrote."""
    return Decompte(tuple(Ligne(**ligne) for ligne in document.get("lignes", ())))


def en_centimes(euros: float) -> int:
    """Whole cents, half a cent upwards."""
    return int(euros * 100 + (0.5 if euros >= 0 else -0.5))
