"""The grid finds what looking at every line finds: the same line, at the same distance."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.quadrillage import Quadrillage
from mobilite.territoire import RAYON_TERRE_KM

_PORTEE_M = 1000.0
_M_PAR_DEG = np.pi / 180 * 1000 * RAYON_TERRE_KM

Points = list[tuple[int, int]]


def nearest_of_all(rues: list[Points], gardees: list[bool], lon: float, lat: float) -> tuple[int, float]:
    """The first point of the nearest line, and its metres, by looking at every line."""
    par_lon = _M_PAR_DEG * np.cos(np.radians(lat))
    trouves: list[tuple[float, int]] = []
    rang = 0
    for rue, gardee in zip(rues, gardees, strict=True):
        for i in range(len(rue) - 1):
            (ax, ay), (bx, by) = (
                ((x / 1e7 - lon) * par_lon, (y / 1e7 - lat) * _M_PAR_DEG) for x, y in (rue[i], rue[i + 1])
            )
            carre = (bx - ax) ** 2 + (by - ay) ** 2
            part = min(max(-(ax * (bx - ax) + ay * (by - ay)) / carre, 0), 1) if carre else 0
            if gardee:
                trouves.append((float(np.hypot(ax + part * (bx - ax), ay + part * (by - ay))), rang + i))
        rang += len(rue)
    if not trouves or min(trouves)[0] > _PORTEE_M:
        return -1, np.inf
    return min(trouves)[1], min(trouves)[0]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_grid_finds_the_nearest_line_that_looking_at_all_of_them_finds(data: st.DataObject) -> None:
    """Short and long lines, upright, flat and reduced to a point; places on them, near, far and outside."""
    centre = data.draw(st.sampled_from([(50_000_000, 489_000_000), (-86_000_000, 411_000_000), (0, 0)]))
    etendue = data.draw(st.sampled_from([0, 2_000, 100_000, 3_000_000]))
    coord = st.tuples(*(st.integers(c - etendue, c + etendue) for c in centre))
    rues = data.draw(st.lists(st.lists(coord, min_size=2, max_size=4), min_size=1, max_size=12))
    gardees = data.draw(st.lists(st.booleans(), min_size=len(rues), max_size=len(rues)))
    points = np.array([p for rue in rues for p in rue], np.int32)
    debut = np.cumsum([0, *map(len, rues)])
    places = data.draw(st.lists(st.one_of(coord, st.sampled_from(points.tolist())), min_size=1, max_size=8))
    ailleurs = data.draw(st.integers(-200_000, 200_000))
    lon = np.array([(x + ailleurs) / 1e7 for x, _ in places])
    lat = np.array([y / 1e7 for _, y in places])
    quadrillage = Quadrillage.de(debut, points[:, 0], points[:, 1], np.array(gardees))
    ligne, part, metres = quadrillage.chercher(lon, lat, _PORTEE_M)
    for q in range(len(places)):
        attendu, a_metres = nearest_of_all(rues, gardees, lon[q], lat[q])
        if attendu < 0:
            assert ligne[q] == -1 or metres[q] > _PORTEE_M - 1e-3
            continue
        assert abs(metres[q] - a_metres) < 1e-3 or (ligne[q] == -1 and a_metres > _PORTEE_M - 1e-3)
        if ligne[q] >= 0:
            # The place found is on the line, at that distance.
            a, b = points[ligne[q]].astype(float), points[ligne[q] + 1].astype(float)
            x, y = (a + part[q] * (b - a)) / 1e7
            par_lon = _M_PAR_DEG * np.cos(np.radians(lat[q]))
            assert abs(np.hypot((x - lon[q]) * par_lon, (y - lat[q]) * _M_PAR_DEG) - a_metres) < 1e-3


def test_a_place_beside_no_street_or_beyond_the_world_is_nowhere() -> None:
    vide = Quadrillage.de(np.array([0, 2]), np.zeros(2, int), np.zeros(2, int), np.array([False]))
    assert vide.chercher(np.array([0.0]), np.array([0.0]), 1000)[0].tolist() == [-1]
    trait = Quadrillage.de(np.array([0, 2]), np.array([0, 500]), np.zeros(2, int), np.array([True]))
    loin = np.array([1e300, -1e300, 180.0, 0.0, 0.0])
    pole = np.array([0.0, 1e300, 90.0, 90.0, 0.0])
    assert trait.chercher(loin, pole, 1000)[0].tolist() == [-1, -1, -1, -1, 0]
