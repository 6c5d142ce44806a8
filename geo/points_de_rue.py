"""Points close together along the streets: where people may live, and where times are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.reseau import Reseau

_PAS_M = 100.0

Reels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PointsDeRue:
    """Points along streets, both ends included, at most 100 m apart.

    ``i``: int64[k], the point of the street before each; ``rue``: int64[k]; ``part``: float64[k], the
    share of the way to the next point; ``lon``, ``lat``: float64[k], degrees.
    """

    i: NDArray[np.int64]
    rue: NDArray[np.int64]
    part: Reels
    lon: Reels
    lat: Reels


def points_de_rue(reseau: Reseau, rues: NDArray[np.int64]) -> PointsDeRue:
    """Where to look along some streets (their numbers, in order)."""
    t = reseau.tableaux
    i, rue, part = _points(t["debut"], t["metres"], rues)
    lon, lat = (entre(t[nom], i, part) / 1e7 for nom in ("lon", "lat"))
    return PointsDeRue(i, rue, part, lon, lat)


def entre(valeurs: NDArray[Any], i: NDArray[np.int64], part: Reels) -> Reels:
    """Values at points between ``i`` and the next."""
    j = np.where(part > 0, i + 1, i)
    return np.asarray((1 - part) * valeurs[i].astype(np.float64) + part * valeurs[j])


def _points(
    debut: NDArray[np.int64], metres: NDArray[np.float32], rues: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Reels]:
    """Where to look along some streets: the point before, the street, and the share of the way to the next."""
    tailles = debut[rues + 1] - debut[rues]
    fins = np.cumsum(tailles)
    i = np.arange(int(tailles.sum())) - np.repeat(fins - tailles, tailles) + np.repeat(debut[rues], tailles)
    rue = np.repeat(rues, tailles)
    suivant = np.minimum(i + 1, debut[rue + 1] - 1)
    coupes = np.maximum(np.ceil((metres[suivant] - metres[i]) / _PAS_M).astype(np.int64), 1)
    fins = np.cumsum(coupes)
    rang = np.arange(int(coupes.sum())) - np.repeat(fins - coupes, coupes)
    return np.repeat(i, coupes), np.repeat(rue, coupes), rang / np.repeat(coupes, coupes)
