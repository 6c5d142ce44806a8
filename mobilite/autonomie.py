"""The index of autonomy, à l'entrée, en cours de route, à la sortie: for the adviser, never for the person.

It is no grade. It says how the four axes move together, and which intensity of accompaniment to
propose. Its weights and thresholds are a hypothesis, dated in ``parametres.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass

from mobilite.bilan import Bilan
from mobilite.intensite import Intensite
from mobilite.issue import Issue
from mobilite.parametres import Parametres
from mobilite.question import Axe


@dataclass(frozen=True, slots=True)
class PartDAxe:
    """What one axis brings: its points (0 to 100, ``None`` when to be completed) and its weight."""

    axe: Axe
    points: float | None
    poids: float


@dataclass(frozen=True, slots=True)
class Indice:
    """The weighted mean of the known axes, 0 to 100; ``None`` until enough axes are known.

    ``axes_min`` is how many axes it takes.
    """

    points: float | None
    axes: tuple[PartDAxe, ...]
    axes_min: int

    @property
    def complet(self) -> bool:
        """Whether every axis is known."""
        return all(part.points is not None for part in self.axes)

    @property
    def connus(self) -> int:
        """How many axes are known."""
        return sum(part.points is not None for part in self.axes)


def indice_d_autonomie(bilan: Bilan, parametres: Parametres) -> Indice:
    """The index of a bilan, with the weights ``autonomie.poids_<axe>`` in force."""
    parts = tuple(PartDAxe(Axe(c.nom), c.points, parametres[f"autonomie.poids_{c.nom}"]) for c in bilan.axes)
    connues = [(part.points, part.poids) for part in parts if part.points is not None]
    axes_min = int(parametres["autonomie.axes_min"])
    poids = sum(p for _, p in connues)
    suffit = len(connues) >= axes_min and poids > 0
    return Indice(sum(x * p for x, p in connues) / poids if suffit else None, parts, axes_min)


def intensite_proposee(indice: Indice, issue: Issue | None, parametres: Parametres) -> Intensite | None:
    """Léger, moyen or renforcé: what to propose to the adviser, who chooses. ``None``: too little known.

    The outcome « accompagnement renforcé » always asks for the strongest.
    """
    if issue is Issue.ACCOMPAGNEMENT_RENFORCE:
        return Intensite.RENFORCE
    if indice.points is None:
        return None
    if indice.points < parametres["autonomie.renforce_sous"]:
        return Intensite.RENFORCE
    return Intensite.MOYEN if indice.points < parametres["autonomie.moyen_sous"] else Intensite.LEGER
