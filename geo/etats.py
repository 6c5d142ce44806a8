"""What one may do next, when it depends on where one came from: courses kept in several states.

Somebody on a course where a rule is under way (« having come from there, you may not turn here ») is in
another state than somebody who came from elsewhere. There are as many more states as there are
beginnings of rules, so memory follows the rules. A place part way along a course is left in the plain
state, by somebody who comes from nowhere, and reached in any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]


class Regle(NamedTuple):
    """After the courses ``suite``, in this order: none of ``vers``, or (``seul``) nothing else.

    ``seul`` also binds to the whole of ``suite``, once on its first course.
    """

    suite: tuple[int, ...]
    vers: frozenset[int]
    seul: bool


@dataclass(frozen=True, eq=False)
class Etats:
    """n states. ``course``: int64[n], the course of each; the states 0 to c − 1 are the c courses
    themselves. ``de``, ``vers``: int64[m], from which state to which; ``tournant``: int64[m], by which
    of the turns."""

    course: Longs
    de: Longs
    vers: Longs
    tournant: Longs


def dedoubler(courses: int, x: Longs, y: Longs, regles: Iterable[Regle]) -> Etats:
    """The states of ``courses`` courses, their turns being x → y (sorted by x), under these rules."""
    interdits: dict[tuple[int, ...], set[int]] = {}
    seuls: dict[tuple[int, ...], set[int]] = {}
    rangs: dict[tuple[int, ...], int] = {}
    for suite, vers, seul in regles:
        (seuls if seul else interdits).setdefault(suite, set()).update(vers)
        for fin in range(1, len(suite)):
            if seul:
                seuls.setdefault(suite[:fin], set()).add(suite[fin])
            rangs.setdefault(suite[: fin + 1], courses + len(rangs))

    def permis(passe: tuple[int, ...], suivant: int) -> bool:
        for debut in range(len(passe)):
            fin = passe[debut:]
            if suivant in interdits.get(fin, ()) or suivant not in seuls.get(fin, (suivant,)):
                return False
        return True

    permises = np.ones(x.size, np.bool_)
    vers_etat = y.copy()
    premiers = {suite[0] for suite in (*interdits, *seuls, *rangs) if suite}
    for i in np.flatnonzero(np.isin(x, list(premiers))).tolist():
        ici, suivant = int(x[i]), int(y[i])
        permises[i] = permis((ici,), suivant)
        vers_etat[i] = rangs.get((ici, suivant), suivant)
    tournant = np.flatnonzero(permises)
    plus = [
        (rang, _etat(rangs, passe, int(y[i])), i)
        for passe, rang in rangs.items()
        for i in range(*np.searchsorted(x, [passe[-1], passe[-1] + 1]).tolist())
        if permis(passe, int(y[i]))
    ]
    nouveaux = np.array(plus, np.int64).reshape(-1, 3)
    return Etats(
        course=np.concatenate([np.arange(courses), np.array([p[-1] for p in rangs], np.int64)]),
        de=np.concatenate([x[tournant], nouveaux[:, 0]]),
        vers=np.concatenate([vers_etat[tournant], nouveaux[:, 1]]),
        tournant=np.concatenate([tournant, nouveaux[:, 2]]),
    )


def _etat(rangs: Mapping[tuple[int, ...], int], passe: tuple[int, ...], suivant: int) -> int:
    """The longest beginning of a rule under way after one more course, or the plain course."""
    toute = (*passe, suivant)
    for debut in range(len(toute) - 1):
        if toute[debut:] in rangs:
            return rangs[toute[debut:]]
    return suivant
