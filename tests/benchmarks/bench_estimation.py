"""Do the estimated ranges hold the truth? `python -m tests.benchmarks.bench_estimation`.

The Meuse has no road network at hand, so real OpenStreetMap extracts (``../shared/data/osm``) are
dressed as territories: crossroads drawn at random play the town halls, the land nearest to each
plays its commune, and every other crossroads plays a home known by its commune or placed. Real
distances by the shortest road, real times at 85 % of the legal speed, are compared with the ranges.
Needs the package ``osmium``; says so and stops when it, or the extracts, are absent.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import statistics
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo.estimation import Estimation
from mobilite.base import ce_jour
from mobilite.lieux import Lieu, Mode, Position
from mobilite.parametres import parametres
from mobilite.territoire import Commune, Territoire, Voisinage, vol_oiseau_km

EXTRAITS = Path(__file__).parents[3] / "shared" / "data" / "osm"
FRACTION_DU_LEGAL = 0.85
VITESSES = {
    "motorway": 120, "trunk": 90, "primary": 80, "secondary": 80, "tertiary": 70, "unclassified": 50,
    "residential": 30, "living_street": 20, "service": 20, "road": 50,
}  # fmt: skip
PAR_COMMUNE_KM2 = 12.5
TIRAGES = 3000


def lire_routes(extrait: Path) -> tuple[np.ndarray, csr_array, csr_array]:
    """Positions (n, 2) in degrees, and the symmetric graphs in km and in minutes, of an extract."""
    osmium: Any = importlib.import_module("osmium")
    positions: dict[int, tuple[float, float]] = {}
    troncons: list[tuple[int, int, float]] = []
    for way in osmium.FileProcessor(str(extrait)).with_locations():
        if not way.is_way():
            continue
        genre = way.tags.get("highway", "").removesuffix("_link")
        if genre not in VITESSES or way.tags.get("access") in ("private", "no"):
            continue
        dite = way.tags.get("maxspeed", "")
        kmh = float(dite) if dite.isdigit() and int(dite) >= 5 else VITESSES[genre]
        points = [(n.ref, n.lon, n.lat) for n in way.nodes if n.location.valid()]
        for (a, *lieu_a), (b, *lieu_b) in pairwise(points):
            positions[a], positions[b] = (lieu_a[0], lieu_a[1]), (lieu_b[0], lieu_b[1])
            troncons.append((a, b, kmh * FRACTION_DU_LEGAL))
    rang = {ref: i for i, ref in enumerate(positions)}
    degres = np.array(list(positions.values()))
    de = np.array([rang[a] for a, _, _ in troncons])
    vers = np.array([rang[b] for _, b, _ in troncons])
    km = np.array(
        [vol_oiseau_km(Position(*degres[a]), Position(*degres[b])) for a, b in zip(de, vers, strict=True)]
    )
    km = np.maximum(km, 1e-6)
    minutes = 60 * km / np.array([kmh for _, _, kmh in troncons])
    n = len(degres)
    graphes = [_symetrique(de, vers, poids, n) for poids in (km, minutes)]
    _, parts = connected_components(graphes[0], directed=False)
    garde = np.flatnonzero(parts == np.bincount(parts).argmax())
    return degres[garde], graphes[0][garde][:, garde], graphes[1][garde][:, garde]


def _symetrique(de: Any, vers: Any, poids: Any, n: int) -> csr_array:
    ordre = np.lexsort((poids, np.maximum(de, vers), np.minimum(de, vers)))
    bas, haut, poids = np.minimum(de, vers)[ordre], np.maximum(de, vers)[ordre], poids[ordre]
    premiers = np.ones(len(bas), bool)
    premiers[1:] = (bas[1:] != bas[:-1]) | (haut[1:] != haut[:-1])
    bas, haut, poids = bas[premiers], haut[premiers], poids[premiers]
    differents = bas != haut
    bas, haut, poids = bas[differents], haut[differents], poids[differents]
    return csr_array((np.r_[poids, poids], (np.r_[bas, haut], np.r_[haut, bas])), shape=(n, n))


def habiller(degres: np.ndarray, tirage: random.Random) -> tuple[Territoire, list[int], np.ndarray]:
    """A territory drawn on the crossroads, the crossroads of each town hall, the commune of each."""
    echelle = np.array([111.32 * np.cos(np.radians(degres[:, 1].mean())), 111.32])
    plan = degres * echelle
    contour = shapely.concave_hull(shapely.MultiPoint(plan), ratio=0.3)
    nombre = max(4, round(contour.area / PAR_COMMUNE_KM2))
    # Town halls stand where people live, so where crossroads are many, and apart from each other.
    mairies: list[int] = []
    ecart = 0.6 * PAR_COMMUNE_KM2**0.5
    while len(mairies) < nombre:
        ici = tirage.randrange(len(plan))
        if all(np.hypot(*(plan[ici] - plan[m])) > ecart for m in mairies):
            mairies.append(ici)
        else:
            ecart *= 0.999
    cellules = shapely.voronoi_polygons(shapely.MultiPoint(plan[mairies]), extend_to=contour, ordered=True)
    terres = [shapely.intersection(cellule, contour) for cellule in cellules.geoms]
    voisinages = [
        Voisinage(
            f"{a:05}",
            f"{b:05}",
            1.0,
            vol_oiseau_km(Position(*degres[mairies[a]]), Position(*degres[mairies[b]])),
        )
        for a in range(nombre)
        for b in range(a + 1, nombre)
        if shapely.intersection(terres[a], terres[b]).length > 0.15
    ]
    communes = {
        f"{i:05}": Commune(
            f"{i:05}",
            "",
            "00",
            (),
            0,
            "",
            "",
            "",
            "",
            "",
            Position(*degres[mairies[i]]),
            float(terres[i].area),
        )
        for i in range(nombre)
    }
    _, chez = cKDTree(plan[mairies]).query(plan)
    return Territoire(communes, (), tuple(voisinages), "00"), mairies, np.asarray(chez)


def verifier(extrait: Path) -> None:
    """Print, for one extract, how many real trips the ranges hold."""
    degres, km, minutes = lire_routes(extrait)
    tirage = random.Random(55)
    for place in (True, False):
        lignes: list[tuple[bool, bool, float, float, float, float]] = []
        for _ in range(4):
            territoire, mairies, chez = habiller(degres, tirage)
            estimation = Estimation(territoire, parametres(ce_jour()))
            cibles = tirage.sample(range(len(mairies)), min(len(mairies), 12))
            vrais_km = dijkstra(km, indices=[mairies[c] for c in cibles])
            vraies_min = dijkstra(minutes, indices=[mairies[c] for c in cibles])
            for _ in range(TIRAGES // 4):
                rang, depart = tirage.randrange(len(cibles)), tirage.randrange(len(degres))
                mairie = Position(*degres[mairies[cibles[rang]]])
                a = Lieu(f"{chez[depart]:05}", Position(*degres[depart]) if place else None)
                trajet = estimation.trajet(a, Lieu(f"{cibles[rang]:05}", mairie), Mode.VOITURE)
                if trajet is None or vol_oiseau_km(Position(*degres[depart]), mairie) < 0.5:
                    continue
                vrai_km, vraie_min = vrais_km[rang, depart], vraies_min[rang, depart]
                lignes.append(
                    (
                        bool(trajet.km_min <= vrai_km <= trajet.km_max),
                        bool(trajet.duree.min <= vraie_min + 2 <= trajet.duree.max),
                        float(vrai_km) / vol_oiseau_km(Position(*degres[depart]), mairie),
                        60 * float(vrai_km) / float(vraie_min),
                        trajet.duree.max - trajet.duree.min,
                        float(vrai_km) - trajet.km_max,
                    )
                )
        print(
            f"{extrait.stem.split('.')[0]:<12} {'placé' if place else 'commune':<8} {len(lignes):5} trajets |"
            f" km dedans {statistics.mean(ligne[0] for ligne in lignes):6.1%}"
            f" (trop longs {statistics.mean(ligne[5] > 0 for ligne in lignes):6.1%}) |"
            f" minutes dedans {statistics.mean(ligne[1] for ligne in lignes):6.1%} |"
            f" détour {_centiles([ligne[2] for ligne in lignes])} | km/h {_centiles([ligne[3] for ligne in lignes])} |"
            f" largeur médiane {statistics.median(ligne[4] for ligne in lignes):.0f} min"
        )


def _centiles(valeurs: list[float]) -> str:
    bas, milieu, haut = np.percentile(valeurs, [5, 50, 95])
    return f"{bas:.2f} / {milieu:.2f} / {haut:.2f}"


if __name__ == "__main__":
    extraits = sorted(EXTRAITS.glob("*.osm.pbf"))
    if not extraits or importlib.util.find_spec("osmium") is None:
        print("Il manque les extraits OpenStreetMap ou le paquet osmium : rien n'a été vérifié.")
        extraits = []
    for chemin in extraits:
        verifier(chemin)
