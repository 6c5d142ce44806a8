"""The nearest line of a network to a place, through a grid: a few bytes a line, made in milliseconds.

Every line between two points of a street is noted in all the cells it goes through. A place is looked
for in its own cell, then in the ring of cells around it, then in the next, until nothing nearer can lie
further out. Distances are those of the plane that touches the earth at the place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.noyau import fige, noyau
from mobilite.territoire import RAYON_TERRE_KM

_COTE_M = 250.0
_CASES_PAR_LIGNE = 4
"""A network spread thin has larger cells: never more than so many for each of its lines."""
_UNITES = 1e7
"""Coordinates are whole numbers of 10⁻⁷ degree, as in OpenStreetMap."""
_M_PAR_UNITE = np.pi / 180 * 1000 * RAYON_TERRE_KM / _UNITES

Entiers = NDArray[np.int32]
Longs = NDArray[np.int64]
Reels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Quadrillage:
    """The lines of some streets. ``lon``, ``lat``: int32[p], the points of all streets, 10⁻⁷ degree;
    ``cases``: int64[nx · ny + 1], row by row from the south-west, into ``lignes``: int32, the first
    point of each line; ``cadre``: float64[4], the west and the south, the width and height of a cell.
    """

    lon: Entiers
    lat: Entiers
    nx: int
    ny: int
    cadre: Reels
    cases: Longs
    lignes: Entiers

    @classmethod
    def de(cls, debut: Longs, lon: Entiers, lat: Entiers, rues: NDArray[np.bool_]) -> Quadrillage:
        """The grid of the streets chosen; the points of street r are ``debut[r]`` to ``debut[r + 1]``."""
        debut, lon, lat = fige(debut, np.int64), fige(lon, np.int32), fige(lat, np.int32)
        bouts = np.repeat(rues, np.diff(debut))
        combien = int(bouts.sum())
        if not combien:
            return cls(lon, lat, 0, 0, np.array([0.0, 0.0, 1.0, 1.0]), np.zeros(1, np.int64), lon[:0])
        ouest, est = int(lon[bouts].min()), int(lon[bouts].max())
        sud, nord = int(lat[bouts].min()), int(lat[bouts].max())
        par_lon = max(np.cos(np.radians((sud + nord) / 2 / _UNITES)), 0.01)
        aire = (est - ouest) * par_lon * (nord - sud) * _M_PAR_UNITE**2
        cote = max(_COTE_M, float(np.sqrt(aire / (_CASES_PAR_LIGNE * combien)))) / _M_PAR_UNITE
        cadre = fige(np.array([ouest, sud, cote / par_lon, cote]), np.float64)
        nx, ny = int((est - ouest) / cadre[2]) + 1, int((nord - sud) / cadre[3]) + 1
        cases, lignes = _ranger(debut, lon, lat, fige(rues, np.bool_), nx, ny, cadre)
        return cls(lon, lat, nx, ny, cadre, fige(cases, np.int64), fige(lignes, np.int32))

    def chercher(self, lon: Reels, lat: Reels, portee_m: float) -> tuple[Longs, Reels, Reels]:
        """For each place (finite degrees): the first point of the nearest line, −1 when none lies within
        ``portee_m`` (of equals, the first); the share of the line at its nearest point; the metres to it.
        """
        places = (fige(lon, np.float64), fige(lat, np.float64))
        return _chercher(
            *places, portee_m, self.lon, self.lat, self.nx, self.ny, self.cadre, self.cases, self.lignes
        )


@noyau
def _bords(a: int, b: int, de: float, vers: float, origine: float, largeur: float) -> tuple[int, int]:
    """The cells, along one axis, of what goes from a to b of which only [de, vers] counts; a hair more."""
    bas, haut = max(min(a, b), min(de, vers)) - 2.0, min(max(a, b), max(de, vers)) + 2.0
    return int(np.floor((bas - origine) / largeur)), int(np.floor((haut - origine) / largeur))


@noyau
def _ranger(
    debut: Longs, lon: Entiers, lat: Entiers, rues: NDArray[np.bool_], nx: int, ny: int, cadre: Reels
) -> tuple[Longs, Entiers]:
    """The cells of all lines: counted first, then filled."""
    cases = np.zeros(nx * ny + 2, np.int64)
    lignes = np.empty(0, np.int32)
    for tour in range(2):
        for rue in range(rues.size):
            if not rues[rue]:
                continue
            for i in range(debut[rue], debut[rue + 1] - 1):
                ax, ay, bx, by = lon[i], lat[i], lon[i + 1], lat[i + 1]
                j0, j1 = _bords(ay, by, ay, by, cadre[1], cadre[3])
                for j in range(max(j0, 0), min(j1, ny - 1) + 1):
                    x0, x1 = float(ax), float(bx)
                    if ay != by:  # the part of the line within this row of cells
                        pente = (bx - ax) / (by - ay)
                        x0 = ax + (cadre[1] + j * cadre[3] - ay) * pente
                        x1 = ax + (cadre[1] + (j + 1) * cadre[3] - ay) * pente
                    k0, k1 = _bords(ax, bx, x0, x1, cadre[0], cadre[2])
                    for k in range(max(k0, 0), min(k1, nx - 1) + 1):
                        case = j * nx + k
                        if tour == 0:
                            cases[case + 2] += 1
                        else:
                            lignes[cases[case + 1]] = i
                            cases[case + 1] += 1
        if tour == 0:
            for case in range(nx * ny):
                cases[case + 2] += cases[case + 1]
            lignes = np.empty(cases[nx * ny + 1], np.int32)
    return cases[: nx * ny + 1].copy(), lignes


@noyau
def _chercher(
    lon0: Reels, lat0: Reels, portee: float,
    lon: Entiers, lat: Entiers, nx: int, ny: int, cadre: Reels, cases: Longs, lignes: Entiers,
) -> tuple[Longs, Reels, Reels]:  # fmt: skip
    n = lon0.size
    trouve = np.full(n, -1, np.int64)
    part = np.zeros(n)
    ecart = np.full(n, np.inf)
    for q in range(n):
        x, y = lon0[q] * _UNITES, lat0[q] * _UNITES
        sx = _M_PAR_UNITE * np.cos(np.radians(lat0[q]))
        sy = _M_PAR_UNITE
        large, haut = cadre[2] * sx, cadre[3] * sy  # metres of a cell, here
        cx, cy = (x - cadre[0]) / cadre[2], (y - cadre[1]) / cadre[3]
        loin = max(max(-cx, cx - nx) * large, max(-cy, cy - ny) * haut)
        if loin > portee + 1.0 or large <= 0.0:
            continue
        k, j = int(np.floor(cx)), int(np.floor(cy))
        # How far one may go from here without leaving the cell, the least of four sides.
        marge = min(min(cx - k, k + 1 - cx) * large, min(cy - j, j + 1 - cy) * haut)
        pas = min(large, haut)
        mieux = portee
        tour = 0
        while tour == 0 or marge + (tour - 1) * pas <= mieux:
            for jj in range(max(j - tour, 0), min(j + tour, ny - 1) + 1):
                # The rows above and below whole; of the others, the two ends.
                plein = tour == 0 or jj == j - tour or jj == j + tour
                premier = max(k - tour, 0) if plein else k - tour
                for kk in range(premier, min(k + tour, nx - 1) + 1, 1 if plein else 2 * tour):
                    if kk < 0:
                        continue
                    for e in range(cases[jj * nx + kk], cases[jj * nx + kk + 1]):
                        i = lignes[e]
                        ax, ay = (lon[i] - x) * sx, (lat[i] - y) * sy
                        dx, dy = (lon[i + 1] - lon[i]) * sx, (lat[i + 1] - lat[i]) * sy
                        carre = dx * dx + dy * dy
                        t = 0.0
                        if carre > 0.0:
                            t = min(max(-(ax * dx + ay * dy) / carre, 0.0), 1.0)
                        d = np.hypot(ax + t * dx, ay + t * dy)
                        if d < mieux or (d == mieux and (trouve[q] < 0 or i < trouve[q])):
                            mieux = d
                            trouve[q], part[q], ecart[q] = i, t, d
            tour += 1
    return trouve, part, ecart
