"""How many people live within reach: the share of the inhabited streets of each commune that is.

A commune wholly within, or wholly out of reach, is sure. In between, its inhabitants are taken to be
spread along its streets as their metres are: an estimate, always told apart from what is sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.accroche import Accroches
from geo.couverture import Couverture
from geo.isochrone import secondes_aux_bouts, secondes_aux_points
from geo.points_de_rue import PointsDeRue, entre, points_de_rue
from geo.reseau import Reseau
from mobilite.verdict import Verdict

Reels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Habitants:
    """Inhabitants within reach: ``surs`` in communes wholly within; ``estimes`` adds the shares of those
    that are in part; ``inconnus`` live where it is not known at all, and are not counted."""

    surs: int
    estimes: int
    inconnus: int


@dataclass(frozen=True, eq=False)
class RuesHabitees:
    """Points along the streets where people live. ``commune``: int64[k], the rank of theirs in ``codes``;
    ``metres``: float64[k], the length each stands for."""

    codes: tuple[str, ...]
    points: PointsDeRue
    commune: NDArray[np.int64]
    metres: Reels

    def parts(
        self, reseau: Reseau, lieux: Accroches, minutes: Sequence[float]
    ) -> dict[float, dict[str, float]]:
        """For each number of minutes, the share (0 to 1) of each commune's streets that reach a place in time.

        A commune without any street here has no share.
        """
        bouts = secondes_aux_bouts(reseau, lieux, max(minutes))
        secondes = secondes_aux_points(reseau, lieux, self.points, bouts)
        n = len(self.codes)
        totaux = np.bincount(self.commune, self.metres, minlength=n)
        parts = {}
        for m in minutes:
            # Times are milliseconds; halves of a metre may make them a hair longer.
            dedans = np.bincount(self.commune, self.metres * (secondes <= 60 * m + 1e-6), minlength=n)
            connues = np.flatnonzero(totaux > 0)
            parts[m] = {self.codes[c]: float(dedans[c] / totaux[c]) for c in connues.tolist()}
        return parts


def rues_habitees(reseau: Reseau, contours: Mapping[str, shapely.Geometry]) -> RuesHabitees:
    """The inhabited streets of some communes, given by their land (WGS84) and code."""
    codes = tuple(contours)
    rues = np.flatnonzero(reseau.classes_habitees & reseau.classes_accroche)
    points = points_de_rue(reseau, rues)
    arbre = shapely.STRtree(list(contours.values()))
    trouves: Any = arbre.query(shapely.points(points.lon, points.lat), predicate="intersects")
    # On a border: the first of the two communes.
    qui, premier = np.unique(trouves[0], return_index=True)
    choisis = PointsDeRue(points.i[qui], points.rue[qui], points.part[qui], points.lon[qui], points.lat[qui])
    return RuesHabitees(codes, choisis, trouves[1][premier].astype(np.int64), _metres(reseau, points)[qui])


def habitants(couverture: Couverture, parts: Mapping[str, float]) -> Habitants:
    """Inhabitants within the threshold of a coverage; ``parts``: the share of the streets of each commune."""
    surs = couverture.population()[Verdict.OUI]
    en_partie = [
        (a.commune.population, parts.get(a.commune.insee) if a.ferme else None)
        for a in couverture.communes
        if a.verdict is Verdict.A_VERIFIER
    ]
    estimes = surs + sum(n * part for n, part in en_partie if part is not None)
    return Habitants(surs, round(estimes), sum(n for n, part in en_partie if part is None))


def _metres(reseau: Reseau, points: PointsDeRue) -> Reels:
    """Half the way to the point before and half the way to the next, along the same street."""
    ou = entre(reseau.tableaux["metres"], points.i, points.part)
    pas = np.where(points.rue[1:] == points.rue[:-1], np.diff(ou), 0.0)
    return np.asarray(np.append(pas, 0.0) / 2 + np.append(0.0, pas) / 2)
