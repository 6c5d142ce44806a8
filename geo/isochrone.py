"""How far one gets in so many minutes: a raster of times, then its contours, holes kept.

Each cell takes the least of « time on the road + walk to the road » over the road points around it.
One raster gives every threshold, for one place or for the nearest of many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from geo.points_de_rue import PointsDeRue, entre, points_de_rue
from geo.profils import MARCHE_KMH
from geo.reseau import Reseau
from mobilite.territoire import RAYON_TERRE_KM

MINUTES = (10.0, 20.0, 30.0, 45.0)
_MAILLE_M = 200.0
_MAILLES_MAX = 4_000_000
_VOISINS = 4
_M_PAR_DEG = np.pi / 180 * 1000 * RAYON_TERRE_KM
_JAMAIS = np.float64(np.inf)

Reels = NDArray[np.float64]


def secondes_aux_bouts(reseau: Reseau, lieux: Accroches, minutes_max: float, *, vers: bool = True) -> Reels:
    """float64[r, 2]: seconds from both ends of each street to the nearest place (``vers``), or from it.

    Infinite beyond ``minutes_max``. The places are those that are on the network.
    """
    limite = round(minutes_max * 60_000)
    t = reseau.tableaux
    if vers:
        noeuds = _secondes(plus_proche(reseau.hierarchie.renversee(), arrivees(reseau, lieux), limite)[0])
        return np.asarray(np.where(t["sortie"] >= 0, noeuds[t["sortie"]], _JAMAIS).reshape(reseau.rues, 2))
    noeuds = _secondes(plus_proche(reseau.hierarchie, departs(reseau, lieux), limite)[0])
    entrees = noeuds[t["entree_noeud"]] + t["entree_ms"] / 1000
    bout = _minimum_par_ligne(entrees, t["entree_debut"]).reshape(reseau.rues, 2)
    bout[t["sortie"].reshape(reseau.rues, 2) < 0] = _JAMAIS
    return bout


def secondes_aux_points(
    reseau: Reseau, lieux: Accroches, points: PointsDeRue, bouts: Reels, *, vers: bool = True
) -> Reels:
    """float64[k]: seconds between each point and the nearest place; ``bouts`` from ``secondes_aux_bouts``."""
    t = reseau.tableaux
    aller, retour = (entre(t[nom], points.i, points.part) for nom in ("aller", "retour"))
    rue = points.rue
    fin = t["debut"][rue + 1] - 1
    if vers:
        aller, retour = t["aller"][fin] - aller, t["retour"][t["debut"][rue]] - retour
    secondes = np.minimum(bouts[rue, 0] + aller / 1000, bouts[rue, 1] + retour / 1000)
    return np.asarray(np.minimum(secondes, _sur_la_meme_rue(reseau, lieux, points, vers)))


def isochrones(
    reseau: Reseau,
    lieux: Accroches,
    minutes: Sequence[float] = MINUTES,
    *,
    vers: bool = True,
    maille_m: float = _MAILLE_M,
) -> dict[float, shapely.MultiPolygon]:
    """The area (WGS84) within each number of minutes of the nearest place. Empty when nothing is reached."""
    bouts = secondes_aux_bouts(reseau, lieux, max(minutes), vers=vers)
    atteintes = np.flatnonzero(bouts.min(axis=1) <= max(minutes) * 60)
    points = points_de_rue(reseau, np.union1d(atteintes, lieux.rue[lieux.posees]))
    secondes = secondes_aux_points(reseau, lieux, points, bouts, vers=vers)
    dedans = secondes <= max(minutes) * 60
    secondes, lon, lat = secondes[dedans], points.lon[dedans], points.lat[dedans]
    if not secondes.size:
        return {m: shapely.MultiPolygon() for m in minutes}
    # The middle of the area, not of the network: a metre is then a metre.
    lat0 = float((lat.min() + lat.max()) / 2)
    echelle = np.array([_M_PAR_DEG * np.cos(np.radians(lat0)), _M_PAR_DEG])
    xy = np.stack([lon, lat], axis=1) * echelle
    marge = ECART_MAX_M + 2 * maille_m
    bas, haut = xy.min(axis=0) - marge, xy.max(axis=0) + marge
    maille = max(maille_m, float(np.sqrt(np.prod(haut - bas) / _MAILLES_MAX)))
    x, y = (np.arange(bas[k], haut[k] + maille, maille) for k in (0, 1))
    temps = _raster(xy, secondes, x, y, 60 * max(minutes))
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


def en_svg(
    surfaces: Mapping[float, shapely.MultiPolygon],
    titre: str,
    notes: Sequence[str] = (),
    largeur: int = 800,
) -> str:
    """The same areas as one SVG picture, north up, its legend and notes written under it.

    Classes ``iso-<minutes>`` carry the colours. An area that is empty is in the legend alone.
    """
    pleines = [s for s in surfaces.values() if not s.is_empty]
    ouest, sud, est, nord = shapely.total_bounds(pleines) if pleines else (0.0, 0.0, 1.0, 0.1)
    k = largeur / max(est - ouest, 1e-9)
    etire = k / np.cos(np.radians((sud + nord) / 2))
    hauteur = round((nord - sud) * etire)
    traces, legende = [], []
    for rang, (m, surface) in enumerate(sorted(surfaces.items(), reverse=True)):
        chemin = "".join(
            "M"
            + "L".join(f"{(x - ouest) * k:.1f} {(nord - y) * etire:.1f}" for x, y in anneau.coords[:-1])
            + "Z"
            for polygone in surface.geoms
            for anneau in (polygone.exterior, *polygone.interiors)
        )
        couleur = f'fill="hsl(192 45% {86 - 50 * rang // max(len(surfaces) - 1, 1)}%)"'
        traces.append(
            f'<path class="iso-{m:g}" {couleur} fill-rule="evenodd" d="{chemin}"><title>{m:g} minutes</title></path>'
        )
        x = 10 + 130 * rang
        legende.append(
            f'<rect x="{x}" y="{hauteur + 16}" width="24" height="16" stroke="#5b6875" {couleur}/>'
            f'<text x="{x + 32}" y="{hauteur + 29}">{m:g} minutes</text>'
        )
    ecrites = "".join(
        f'<text x="10" y="{hauteur + 56 + 20 * rang}" font-size="13">{_echapper(note)}</text>'
        for rang, note in enumerate(notes)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="system-ui, sans-serif" font-size="15"'
        f' viewBox="0 0 {largeur} {hauteur + 48 + 20 * len(notes)}" fill="#1d2733">'
        f"<title>{_echapper(titre)}</title>{''.join(traces)}{''.join(legende)}{ecrites}</svg>"
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


def _sur_la_meme_rue(reseau: Reseau, lieux: Accroches, points: PointsDeRue, vers: bool) -> Reels:
    """Seconds to a place of the same street without leaving it."""
    t = reseau.tableaux
    secondes = np.full(points.rue.size, _JAMAIS)
    for lieu in np.flatnonzero(lieux.posees).tolist():
        ici = np.flatnonzero(points.rue == lieux.rue[lieu])
        aller, retour = (
            np.rint(entre(t[nom], points.i[ici], points.part[ici])).astype(np.int64)
            for nom in ("aller", "retour")
        )
        zero, metres = np.zeros(ici.size), entre(t["metres"], points.i[ici], points.part[ici])
        a = Accroches(points.rue[ici], aller, retour, metres, zero, zero.astype(np.int64), zero, zero)
        b = lieux.choisir(np.full(ici.size, lieu))
        ms = directs(reseau, a, b) if vers else directs(reseau, b, a)
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
