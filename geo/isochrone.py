"""How far one gets in so many minutes: a raster of times, then its contours, holes kept.

Each cell takes the least of « time on the road + walk to the road » over the road points around it.
One raster gives every threshold, for one place or for the nearest of many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.accroche import ECART_MAX_M, Accroches, arrivees, departs, directs
from geo.chemins import plus_proche
from geo.noyau import INFINI
from geo.profils import MARCHE_KMH
from geo.reseau import Reseau
from mobilite.territoire import RAYON_TERRE_KM

MINUTES = (10.0, 20.0, 30.0, 45.0)
_MAILLE_M = 200.0
_MAILLES_MAX = 4_000_000
_PAS_M = 100.0
_VOISINS = 4
_M_PAR_DEG = np.pi / 180 * 1000 * RAYON_TERRE_KM
_JAMAIS = np.float64(np.inf)

Reels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TempsEnRue:
    """Seconds at points along the streets, ends included, at most 100 m apart. Degrees."""

    lon: Reels
    lat: Reels
    secondes: Reels
    rue: NDArray[np.int64]


def temps_en_rue(reseau: Reseau, lieux: Accroches, minutes_max: float, *, vers: bool = True) -> TempsEnRue:
    """The seconds from every street to the nearest of the places (``vers``), or from them to it.

    Only what lies within ``minutes_max`` of a place; the places are those that are on the network.
    """
    limite = round(minutes_max * 60_000)
    t = reseau.tableaux
    r = reseau.rues
    if vers:
        noeuds = _secondes(plus_proche(reseau.hierarchie.renversee(), arrivees(reseau, lieux), limite)[0])
        bout = np.where(t["sortie"] >= 0, noeuds[t["sortie"]], _JAMAIS).reshape(r, 2)
    else:
        noeuds = _secondes(plus_proche(reseau.hierarchie, departs(reseau, lieux), limite)[0])
        entrees = noeuds[t["entree_noeud"]] + t["entree_ms"] / 1000
        bout = _minimum_par_ligne(entrees, t["entree_debut"]).reshape(r, 2)
        bout[t["sortie"].reshape(r, 2) < 0] = _JAMAIS
    utiles = np.flatnonzero(bout.min(axis=1) <= minutes_max * 60)
    utiles = np.union1d(utiles, lieux.rue[lieux.posees])
    i, rue, part = _points(t["debut"], t["metres"], utiles)
    j = np.where(part > 0, i + 1, i)
    lon, lat, aller, retour = (
        (1 - part) * t[nom][i].astype(np.float64) + part * t[nom][j]
        for nom in ("lon", "lat", "aller", "retour")
    )
    fin = t["debut"][rue + 1] - 1
    if vers:
        aller, retour = t["aller"][fin] - aller, t["retour"][t["debut"][rue]] - retour
    secondes = np.minimum(bout[rue, 0] + aller / 1000, bout[rue, 1] + retour / 1000)
    lon, lat = lon / 1e7, lat / 1e7
    secondes = np.minimum(secondes, _sur_la_meme_rue(reseau, lieux, rue, i, part, vers))
    dedans = secondes <= minutes_max * 60
    return TempsEnRue(lon[dedans], lat[dedans], secondes[dedans], rue[dedans])


def isochrones(
    reseau: Reseau,
    lieux: Accroches,
    minutes: Sequence[float] = MINUTES,
    *,
    vers: bool = True,
    maille_m: float = _MAILLE_M,
) -> dict[float, shapely.MultiPolygon]:
    """The area (WGS84) within each number of minutes of the nearest place. Empty when nothing is reached."""
    rue = temps_en_rue(reseau, lieux, max(minutes), vers=vers)
    vides = {m: shapely.MultiPolygon() for m in minutes}
    if not rue.secondes.size:
        return vides
    # The middle of the area, not of the network: a metre is then a metre.
    lat0 = float((rue.lat.min() + rue.lat.max()) / 2)
    echelle = np.array([_M_PAR_DEG * np.cos(np.radians(lat0)), _M_PAR_DEG])
    xy = np.stack([rue.lon, rue.lat], axis=1) * echelle
    marge = ECART_MAX_M + 2 * maille_m
    bas, haut = xy.min(axis=0) - marge, xy.max(axis=0) + marge
    maille = max(maille_m, float(np.sqrt(np.prod(haut - bas) / _MAILLES_MAX)))
    x, y = (np.arange(bas[k], haut[k] + maille, maille) for k in (0, 1))
    temps = _raster(xy, rue.secondes, x, y, 60 * max(minutes))
    lignes = contour_generator(x / echelle[0], y / echelle[1], temps, fill_type=FillType.OuterOffset)
    surfaces = {}
    for m in minutes:
        remplis: Any = lignes.filled(-1.0, 60 * m)
        anneaux = [
            [points[a:b] for a, b in pairwise(places.tolist())]
            for points, places in zip(*remplis, strict=True)
        ]
        surfaces[m] = _multipolygone([shapely.Polygon(bord, trous) for bord, *trous in anneaux])
    return surfaces


def en_geojson(
    surfaces: Mapping[float, shapely.MultiPolygon], proprietes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A FeatureCollection, the widest area first so that the others are drawn over it."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {**(proprietes or {}), "minutes": int(m) if m == int(m) else m},
                "geometry": _arrondir(shapely.geometry.mapping(surface)),
            }
            for m, surface in sorted(surfaces.items(), reverse=True)
        ],
    }


def en_svg(surfaces: Mapping[float, shapely.MultiPolygon], titre: str, largeur: int = 800) -> str:
    """The same areas as one SVG picture, north up; classes ``iso-<minutes>`` carry the colours."""
    pleines = {m: s for m, s in sorted(surfaces.items(), reverse=True) if not s.is_empty}
    if not pleines:
        return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {largeur} 1"><title>{_echapper(titre)}</title></svg>'
    ouest, sud, est, nord = shapely.total_bounds(list(pleines.values()))
    k = largeur / max(est - ouest, 1e-9)
    etire = k / np.cos(np.radians((sud + nord) / 2))
    traces = []
    for rang, (m, surface) in enumerate(pleines.items()):
        chemin = "".join(
            "M"
            + "L".join(f"{(x - ouest) * k:.1f} {(nord - y) * etire:.1f}" for x, y in anneau.coords[:-1])
            + "Z"
            for polygone in surface.geoms
            for anneau in (polygone.exterior, *polygone.interiors)
        )
        clarte = 88 - 48 * rang // max(len(pleines) - 1, 1)
        traces.append(
            f'<path class="iso-{m:g}" fill="hsl(205 45% {clarte}%)" fill-rule="evenodd" d="{chemin}">'
            f"<title>{m:g} minutes</title></path>"
        )
    hauteur = round((nord - sud) * etire)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {largeur} {hauteur}">'
        f"<title>{_echapper(titre)}</title>{''.join(traces)}</svg>"
    )


def _secondes(ms: NDArray[np.int32]) -> Reels:
    """Seconds, infinite where a search did not reach."""
    return np.where(ms >= INFINI, _JAMAIS, ms / 1000)


def _minimum_par_ligne(valeurs: Reels, debut: NDArray[np.int64]) -> Reels:
    pleines = np.flatnonzero(np.diff(debut))
    minimums = np.full(debut.size - 1, _JAMAIS)
    if pleines.size:
        minimums[pleines] = np.minimum.reduceat(valeurs, debut[pleines])
    return minimums


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


def _sur_la_meme_rue(
    reseau: Reseau,
    lieux: Accroches,
    rue: NDArray[np.int64],
    i: NDArray[np.int64],
    part: Reels,
    vers: bool,
) -> Reels:
    """Seconds to a place of the same street without leaving it."""
    t = reseau.tableaux
    secondes = np.full(rue.size, _JAMAIS)
    for lieu in np.flatnonzero(lieux.posees).tolist():
        ici = np.flatnonzero(rue == lieux.rue[lieu])
        j = np.where(part[ici] > 0, i[ici] + 1, i[ici])
        aller, retour = (
            np.rint((1 - part[ici]) * t[nom][i[ici]] + part[ici] * t[nom][j]).astype(np.int64)
            for nom in ("aller", "retour")
        )
        zero = np.zeros(ici.size)
        points = Accroches(rue[ici], aller, retour, zero, zero, zero.astype(np.int64), zero, zero)
        place = lieux.choisir(np.full(ici.size, lieu))
        ms = directs(reseau, points, place) if vers else directs(reseau, place, points)
        secondes[ici] = np.minimum(secondes[ici], np.where(ms >= 0, ms / 1000, _JAMAIS))
    return secondes


def _raster(xy: Reels, secondes: Reels, x: Reels, y: Reels, plafond: float) -> Reels:
    """Seconds at each crossing of the grid, never more than twice the widest threshold."""
    centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    trouves: Any = cKDTree(xy).query(centres, k=min(_VOISINS, len(xy)), distance_upper_bound=ECART_MAX_M)
    ecarts, voisins = (np.asarray(t).reshape(len(centres), -1) for t in trouves)
    temps = np.append(secondes, _JAMAIS)[voisins] + ecarts * 3.6 / MARCHE_KMH
    return np.asarray(np.minimum(temps.min(axis=1), 2 * plafond).reshape(y.size, x.size))


def _multipolygone(polygones: list[shapely.Polygon]) -> shapely.MultiPolygon:
    union = shapely.union_all([shapely.make_valid(p) for p in polygones])
    parties = [p for p in shapely.get_parts(union) if isinstance(p, shapely.Polygon)]
    return shapely.MultiPolygon([shapely.geometry.polygon.orient(p) for p in parties])


def _arrondir(geometrie: Any) -> Any:
    """Coordinates to a metre."""
    if isinstance(geometrie, dict):
        return {**geometrie, "coordinates": _arrondir(geometrie["coordinates"])}
    if isinstance(geometrie, float):
        return round(geometrie, 5)
    return [_arrondir(partie) for partie in geometrie]


def _echapper(texte: str) -> str:
    return texte.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
