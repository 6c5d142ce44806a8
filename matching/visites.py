"""The order of a round of visits: from a place, through every stop, and back, in the least travel time.

Exact up to ``EXACT_MAX`` stops (Held and Karp's dynamic programming, 1962); beyond, a good order, and it
says so: the nearest next, then exchanges while one shortens the round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

EXACT_MAX = 10

Minutes = Sequence[Sequence[float]]
"""Minutes from one place to another; place 0 is where the round starts and ends."""


@dataclass(frozen=True, slots=True)
class Tournee:
    """The stops in order (numbers of ``Minutes``, without 0), the minutes of road, whether it is surely the best."""

    ordre: tuple[int, ...]
    minutes: float
    exacte: bool


def ordonner(minutes: Minutes) -> Tournee:
    """The best round. Ties are broken by the order the stops came in: the same question has one answer."""
    arrets = len(minutes) - 1
    if arrets <= 0:
        return Tournee((), 0.0, exacte=True)
    ordre = _exact(minutes) if arrets <= EXACT_MAX else _bon(minutes)
    return Tournee(ordre, duree(minutes, ordre), exacte=arrets <= EXACT_MAX)


def duree(minutes: Minutes, ordre: Sequence[int]) -> float:
    """The minutes of a round in this order, back included."""
    return sum(minutes[de][a] for de, a in pairwise((0, *ordre, 0)))


def _exact(minutes: Minutes) -> tuple[int, ...]:
    arrets = range(1, len(minutes))
    # (stops seen, last one) → the least minutes from 0, and the order that makes them.
    partiels: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {
        (1 << a, a): (minutes[0][a], (a,)) for a in arrets
    }
    for _ in arrets[1:]:
        suivants: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {}
        for (vus, dernier), (total, ordre) in partiels.items():
            for a in arrets:
                if vus >> a & 1:
                    continue
                candidat = (total + minutes[dernier][a], (*ordre, a))
                cle = (vus | 1 << a, a)
                if cle not in suivants or candidat < suivants[cle]:
                    suivants[cle] = candidat
        partiels = suivants
    return min((total + minutes[a][0], ordre) for (_, a), (total, ordre) in partiels.items())[1]


def _bon(minutes: Minutes) -> tuple[int, ...]:
    reste, ici, ordre = set(range(1, len(minutes))), 0, list[int]()
    while reste:
        ici = min(reste, key=lambda a: (minutes[ici][a], a))
        ordre.append(ici)
        reste.remove(ici)
    meilleur, mieux = duree(minutes, ordre), True
    while mieux:
        mieux = False
        for i in range(len(ordre) - 1):
            for j in range(i + 2, len(ordre) + 1):
                essai = [*ordre[:i], *reversed(ordre[i:j]), *ordre[j:]]
                if (total := duree(minutes, essai)) < meilleur - 1e-9:
                    ordre, meilleur, mieux = essai, total, True
    return tuple(ordre)
