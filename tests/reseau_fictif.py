"""A made-up road network over the real communes of the Meuse: for tests that want firm answers.

Nothing of it is true but the town halls: straight roads join each to the two nearest that touch it,
and all together; each commune has a small cross of streets. No extract of the Meuse may be kept here.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mobilite.territoire import Territoire

_RUE = 0.006
"""Degrees from a town hall to the end of each of its streets: about 670 m north, 440 m east."""


def ecrire_reseau_fictif(
    territoire: Territoire, fichier: Path, communes: Collection[str] | None = None
) -> Path:
    """Write the ``.osm`` file; only some communes when they are given (INSEE codes)."""
    codes = sorted(territoire.communes if communes is None else communes)
    rangs = {insee: 10 * rang for rang, insee in enumerate(codes, 1)}
    points: list[tuple[int, float, float]] = []
    chemins: list[tuple[tuple[int, ...], str]] = []
    for insee, rang in rangs.items():
        centre = territoire.communes[insee].position
        croix = ((0, 0), (_RUE, 0), (0, _RUE), (-_RUE, 0), (0, -_RUE))
        points += [(rang + i, centre.lon + x, centre.lat + y) for i, (x, y) in enumerate(croix)]
        chemins += [((rang + 1, rang, rang + 3), "residential"), ((rang + 2, rang, rang + 4), "residential")]
    chemins += [((rangs[a], rangs[b]), "tertiary") for a, b in _routes(territoire, rangs)]
    lignes = ['<?xml version="1.0"?><osm version="0.6" generator="essai">']
    lignes += [f'<node id="{n}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>' for n, lon, lat in points]
    for rang, (bouts, classe) in enumerate(chemins, 1):
        refs = "".join(f'<nd ref="{n}"/>' for n in bouts)
        tags = f'<tag k="highway" v="{classe}"/><tag k="maxspeed" v="50"/>'
        lignes.append(f'<way id="{rang}" version="1">{refs}{tags}</way>')
    fichier.write_text("\n".join([*lignes, "</osm>"]), encoding="utf-8")
    return fichier


def _routes(territoire: Territoire, codes: Collection[str]) -> list[tuple[str, str]]:
    """The shortest tree that joins all the communes, and from each the roads to its two nearest."""
    voisinages = sorted(
        (v.vol_oiseau_km, v.a, v.b) for v in territoire.voisinages if v.a in codes and v.b in codes
    )
    chef = {insee: insee for insee in codes}
    routes_de = dict.fromkeys(codes, 0)
    routes = []
    for _, a, b in voisinages:
        chef_a, chef_b = _racine(chef, a), _racine(chef, b)
        if chef_a != chef_b or min(routes_de[a], routes_de[b]) < 2:
            chef[chef_a] = chef_b
            routes.append((a, b))
            routes_de[a] += 1
            routes_de[b] += 1
    return routes


def _racine(chef: dict[str, str], insee: str) -> str:
    while chef[insee] != insee:
        insee = chef[insee]
    return insee
