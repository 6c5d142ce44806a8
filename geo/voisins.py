"""The départements around ours, drawn from their town halls alone: their outlines are not at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo.traces import anneaux, trace
from mobilite.territoire import DEPARTEMENTS

if TYPE_CHECKING:
    import shapely

# Km around a town hall that its commune may reach, where its outline is not known.
AUTOUR_KM = 6.0
LETTRE = 8.6
"""Width of a letter of the names on the map, in drawing units."""

LEGENDE_VOISINS = "Départements voisins : contour approché, d'après leurs mairies"
_NOM_MIN = 2500
"""Area under which a neighbour is drawn without its name, in drawing units squared."""


@dataclass(frozen=True, slots=True)
class Voisin:
    """A département beside ours: its name where there is room to write it, and its path data."""

    nom: str
    chemin: str
    x: int
    y: int


def dessiner_voisins(
    mairies: Sequence[tuple[float, float, str]],
    departement: str,
    contour: shapely.Geometry,
    cadre: shapely.Geometry,
    rayon: float,
) -> Iterator[Voisin]:
    """The land nearer to a town hall of each département than to any other, within ``rayon`` of one."""
    import shapely  # noqa: PLC0415

    autour = [(x, y, code) for x, y, code in mairies if code != departement]
    points = [shapely.Point(x, y) for x, y, _ in autour]
    cellules = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=cadre, ordered=True)
    )
    for code in sorted({code for *_, code in autour}):
        siens = [rang for rang, (*_, autre) in enumerate(autour) if autre == code]
        terre = shapely.union_all([shapely.intersection(cellules[i], points[i].buffer(rayon)) for i in siens])
        terre = shapely.intersection(shapely.difference(shapely.simplify(terre, 3), contour), cadre)
        parties = [p for p in shapely.get_parts(terre) if p.geom_type == "Polygon" and p.area > rayon]
        if not parties:
            continue
        nom = DEPARTEMENTS.get(code, code)
        plus_grande = max(parties, key=lambda p: p.area)
        x, y = shapely.maximum_inscribed_circle(plus_grande).coords[0]
        demi = len(nom) * LETTRE / 2
        ecrire = plus_grande.area >= _NOM_MIN
        yield Voisin(
            nom,
            trace(anneaux(shapely.MultiPolygon(parties), trous=False)),
            round(min(max(x, demi), float(shapely.bounds(cadre)[2]) - demi)) if ecrire else 0,
            round(y) if ecrire else 0,
        )
