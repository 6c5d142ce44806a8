"""The engine against what Python uses today: `python -m tests.benchmarks.bench_geo [EXTRAIT.osm.pbf …]`.

A made-up rural département and each extract given, as graphs of turns like those that are served; same
whole milliseconds for all. Per job, eleven rounds: in each round every engine works once, in turn, and
its CPU time is divided by ours of the same round. What would take hours is measured on a part, said
in brackets. Every answer is compared with scipy's (pandana rounds: compared to 20 ms). Prints Markdown.
"""

# ruff: noqa: E402
from __future__ import annotations

import importlib.util
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

for _variable in ("OMP_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"  # one thread for everybody: CPU time is then time

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.chemins import chemins, detours, durees, matrice, plus_proche, prechauffer
from geo.graphe import Graphe, Points
from geo.hierarchie import contracter
from geo.importation import construire
from geo.osm import lire_extrait
from geo.profils import lire_profil
from tests.benchmarks.reseau_rural import avec_virages, reseau_rural

TOURS = 11
LIMITE_MS = 30 * 60 * 1000
PANDANA_ARCS = 400_000
"""Beyond, pandana is named and not measured: it prepared 600 000 arcs for more than eight minutes."""
PAIRS = ("networkx", "scipy", "pandana", "pyroutingkit", "osmnx")

Faire = Callable[[], Any]
Reels = NDArray[np.float64]


@dataclass
class Travail:
    """One job: our way, and each peer's with how many times its part fits in the whole."""

    nom: str
    notre: Faire
    pairs: dict[str, tuple[Faire, float]] = field(default_factory=dict)
    buts: dict[str, str] = field(default_factory=dict)


def present(pair: str) -> bool:
    """Whether a peer can be measured here."""
    return importlib.util.find_spec(pair) is not None


def cpu_ms(faire: Faire) -> float:
    """CPU milliseconds of one run; short ones are repeated and averaged."""
    fois = 0
    debut = time.process_time()
    while True:
        faire()
        fois += 1
        ecoule = (time.process_time() - debut) * 1000
        if ecoule > 15:
            return ecoule / fois


def mesurer(travail: Travail) -> None:
    """Print one line per peer: medians, the median ratio and its extremes."""
    travail.notre()
    nos: list[float] = []
    leurs: dict[str, list[float]] = {pair: [] for pair in travail.pairs}
    for _ in range(TOURS):
        nos.append(cpu_ms(travail.notre))
        for pair, (faire, fois) in travail.pairs.items():
            leurs[pair].append(cpu_ms(faire) * fois)
    for pair, temps in leurs.items():
        rapports = sorted(leur / notre for leur, notre in zip(temps, nos, strict=True))
        fois = travail.pairs[pair][1]
        part = f" [1/{fois:g}]" if fois > 1 else ""
        print(
            f"| {travail.nom} | {statistics.median(nos):.2f} | {pair}{part} | {statistics.median(temps):.1f} "
            f"| **{statistics.median(rapports):.1f}** ({rapports[0]:.1f} – {rapports[-1]:.1f}) "
            f"| {travail.buts.get(pair, '')} |",
            flush=True,
        )


def comparer(nom: str, graphe: Graphe, positions: Reels) -> None:
    """All the jobs on one network; positions: float[n, 2], degrees of longitude and latitude."""
    debut = time.process_time()
    hierarchie = contracter(graphe)
    prepare = time.process_time() - debut
    octets = sum(tableau.nbytes for tableau in hierarchie.tableaux().values())
    print(f"\n### {nom} : {graphe.n:,} nœuds, {graphe.m:,} arcs\n".replace(",", " "))
    print(f"Préparation : {prepare:.1f} s, {octets / 1e6:.0f} Mo.\n")
    print("| travail | nous (ms) | pair | pair (ms) | rapport médian (extrêmes) | but |")
    print("|---|---|---|---|---|---|")
    hasard = np.random.default_rng(30)

    def tirer(k: int) -> NDArray[np.int64]:
        return hasard.choice(graphe.n, k, replace=False)

    inverse, vers_la = graphe.renverse(), hierarchie.renversee()
    creuse, creuse_inverse = _creuse(graphe), _creuse(inverse)
    dictionnaire = _networkx(graphe)
    dictionnaire_inverse = _networkx(inverse)

    # Coverage.
    maisons = tirer(11)
    centres = Points.aux_noeuds(maisons)
    couverture = Travail(
        "couverture : tous les nœuds → la plus proche de 11, 30 min",
        lambda: plus_proche(vers_la, centres, LIMITE_MS),
        {
            "networkx": (
                lambda: nx.multi_source_dijkstra_path_length(
                    dictionnaire_inverse, set(maisons.tolist()), cutoff=LIMITE_MS, weight="ms"
                ),
                1,
            ),
            "scipy": (lambda: _scipy_couverture(creuse_inverse, maisons), 1),
        },
        {"networkx": "≥ 25", "scipy": "≥ 1.8", "pandana": "≥ 100"},
    )
    nos_ms = plus_proche(vers_la, centres, LIMITE_MS)[0].astype(float)
    nos_ms[nos_ms >= 2**30] = np.inf
    verifier("couverture", nos_ms, _scipy_couverture(creuse_inverse, maisons)[0])
    if present("pandana") and graphe.m > PANDANA_ARCS:
        print(f"| | | pandana | non mesuré : plus de {PANDANA_ARCS} arcs | | ≥ 100 |")
    elif present("pandana"):
        reseau = _pandana(graphe, maisons)
        couverture.pairs["pandana"] = (lambda: reseau.nearest_pois(LIMITE_MS, "maisons", num_pois=1), 1)
        ecart = np.abs(reseau.nearest_pois(LIMITE_MS - 20, "maisons", num_pois=1)[1].to_numpy() - nos_ms)
        proches = nos_ms < LIMITE_MS - 40
        if ecart[proches].max() > 20:
            raise AssertionError(f"couverture: pandana differs by {ecart[proches].max()} ms")
    mesurer(couverture)

    # Tables.
    metrique = _pyroutingkit(graphe, positions) if present("pyroutingkit") else None

    def comparer_table(k: int, buts: dict[str, str]) -> None:
        de, vers = tirer(k), tirer(k)
        points = Points.aux_noeuds(de), Points.aux_noeuds(vers)
        trouve = matrice(hierarchie, *points)
        verifier("table", trouve[:5], dijkstra(creuse, indices=de[:5])[:, vers])
        depart = int(de[0])
        table = Travail(
            f"table {k} × {k}",
            lambda: matrice(hierarchie, *points),
            {
                "networkx": (
                    lambda: nx.single_source_dijkstra_path_length(dictionnaire, depart, weight="ms"),
                    k,
                ),
                "scipy": (lambda: dijkstra(creuse, indices=de[:2]), k / 2),
            },
            buts,
        )
        if metrique is not None:
            couples = de.astype(np.uint32), vers.astype(np.uint32)
            table.pairs["pyroutingkit"] = (lambda: metrique.distances_many_to_many(*couples), 1)
            verifier("table", trouve, metrique.distances_many_to_many(*couples))
        mesurer(table)

    comparer_table(500, {"networkx": "≥ 3000", "scipy": "≥ 150", "pyroutingkit": "≥ 5"})
    comparer_table(2000, {"networkx": "≥ 1000", "pyroutingkit": "≥ 4"})

    # Detours.
    departs, arrivees, (ici, la) = tirer(2000), tirer(2000), tirer(2)
    conducteurs = Points.aux_noeuds(departs), Points.aux_noeuds(arrivees)
    passager = Points.aux_noeuds([ici]), Points.aux_noeuds([la])
    directs = durees(hierarchie, *conducteurs)

    def scipy_detours() -> Any:
        vers_ici = dijkstra(creuse_inverse, indices=ici)
        de_la = dijkstra(creuse, indices=la)
        return vers_ici[departs] + vers_ici[la] + de_la[arrivees]

    def networkx_detours() -> Any:
        vers_ici = nx.single_source_dijkstra_path_length(dictionnaire_inverse, int(ici), weight="ms")
        de_la = nx.single_source_dijkstra_path_length(dictionnaire, int(la), weight="ms")
        return [vers_ici[int(o)] + de_la[int(d)] for o, d in zip(departs, arrivees, strict=True)]

    attendu = (
        dijkstra(creuse_inverse, indices=ici)[departs]
        + dijkstra(creuse, indices=ici)[la]
        + dijkstra(creuse, indices=la)[arrivees]
        - directs
    )
    prise, depose = (passager[0], passager[0]), (passager[1], passager[1])
    verifier("détours", detours(hierarchie, prise, depose, conducteurs, directs)[0], attendu)
    mesurer(
        Travail(
            "1 passager × 2 000 conducteurs, détours exacts",
            lambda: detours(hierarchie, prise, depose, conducteurs, directs),
            {"networkx": (networkx_detours, 1), "scipy": (scipy_detours, 1)},
            {"networkx": "≥ 75", "scipy": "≥ 5"},
        )
    )

    # Routes.
    de, vers = tirer(1000), tirer(1000)
    points = Points.aux_noeuds(de), Points.aux_noeuds(vers)
    couples_simples = list(zip(de.tolist(), vers.tolist(), strict=True))
    routes = Travail(
        "1 000 itinéraires avec leurs nœuds",
        lambda: chemins(hierarchie, *points),
        {
            "networkx": (
                lambda: [
                    nx.bidirectional_dijkstra(dictionnaire, a, b, weight="ms")
                    for a, b in couples_simples[:20]
                ],
                50,
            )
        },
        {"networkx": "≥ 500", "pyroutingkit": "≥ 0.67"},
    )
    trouves = chemins(hierarchie, *points)
    for i, (a, b) in enumerate(couples_simples[:20]):
        verifier("itinéraire", trouves.ms[i], nx.bidirectional_dijkstra(dictionnaire, a, b, weight="ms")[0])
    if metrique is not None:
        routes.pairs["pyroutingkit"] = (lambda: [metrique.query(a, b) for a, b in couples_simples], 1)
    mesurer(routes)


def verifier(quoi: str, nos: Any, leurs: Any) -> None:
    """An engine that is fast and wrong has no place in the table."""
    if not np.array_equal(np.asarray(nos, np.float64), np.asarray(leurs, np.float64)):
        raise AssertionError(f"{quoi}: the answers differ")


def _creuse(graphe: Graphe) -> Any:
    """For scipy, to which an explicit zero is a zero-length arc; of parallel arcs the best is kept."""
    de = np.repeat(np.arange(graphe.n), np.diff(graphe.debut))
    ordre = np.lexsort((graphe.ms, graphe.vers, de))
    de, vers, ms = de[ordre], graphe.vers[ordre], graphe.ms[ordre]
    premier = np.append(True, (np.diff(de) != 0) | (np.diff(vers) != 0))
    return csr_array((ms[premier].astype(float), (de[premier], vers[premier])), shape=(graphe.n, graphe.n))


def _networkx(graphe: Graphe) -> nx.DiGraph[int]:
    creuse = _creuse(graphe).tocoo()
    resultat: nx.DiGraph[int] = nx.DiGraph()
    resultat.add_nodes_from(range(graphe.n))
    resultat.add_weighted_edges_from(
        zip(creuse.row.tolist(), creuse.col.tolist(), creuse.data.astype(int).tolist(), strict=True),
        weight="ms",
    )
    return resultat


def _scipy_couverture(creuse: Any, maisons: NDArray[np.int64]) -> Any:
    return dijkstra(creuse, indices=maisons, limit=LIMITE_MS, min_only=True, return_predecessors=True)


def _pandana(graphe: Graphe, maisons: NDArray[np.int64]) -> Any:
    """Nodes on a line, for pandana to find the Maisons where they are; arcs driven to the Maisons."""
    import pandana  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    de = np.repeat(np.arange(graphe.n), np.diff(graphe.debut))
    x = pd.Series(np.arange(graphe.n, dtype=float))
    reseau = pandana.Network(
        x, x * 0, pd.Series(de), pd.Series(graphe.vers.astype(np.int64)),
        pd.DataFrame({"ms": graphe.ms.astype(float)}), twoway=False,
    )  # fmt: skip
    reseau.set_pois("maisons", LIMITE_MS, 1, x.iloc[maisons], x.iloc[maisons] * 0)
    return reseau


def _pyroutingkit(graphe: Graphe, positions: Reels) -> Any:
    import pyroutingkit  # noqa: PLC0415

    de = np.repeat(np.arange(graphe.n), np.diff(graphe.debut)).astype(np.uint32)
    topologie = pyroutingkit.CCHTopology()
    lat, lon = positions[:, 1].astype(np.float32), positions[:, 0].astype(np.float32)
    topologie.build(de, graphe.vers.astype(np.uint32), lat, lon, graphe.n)
    metrique = pyroutingkit.CCHMetric(topologie)
    metrique.customize(graphe.ms.astype(np.uint32))
    return metrique


def lire_voiture(extrait: Path) -> tuple[Graphe, Reels]:
    """The graph of turns that is served for cars, and where its courses end."""
    profil = lire_profil("voiture", None)
    construit = construire(lire_extrait(extrait, lambda tags: bool(profil.passage(tags))), profil)
    if construit is None:
        raise SystemExit(f"{extrait}: no road")
    _, t = construit
    rue, retour = t["course"] >> 1, t["course"] & 1
    bout = np.where(retour, t["debut"][rue], t["debut"][rue + 1] - 1)
    positions = np.stack((t["lon"][bout], t["lat"][bout]), axis=1) / 1e7
    return Graphe(t["graphe_debut"], t["graphe_vers"], t["graphe_ms"]), positions


def preparer(extrait: Path) -> tuple[float, float]:
    """From the file to the first answer, in a new process: CPU seconds, and MB at most."""
    debut = time.process_time()
    graphe, _ = lire_voiture(extrait)
    plus_proche(contracter(graphe), Points.aux_noeuds([0]))
    return time.process_time() - debut, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def preparer_osmnx(extrait: Path) -> tuple[float, float]:
    """The same with osmnx, to a graph with travel times; the conversion to XML is not counted."""
    import tempfile  # noqa: PLC0415

    import osmium  # noqa: PLC0415
    import osmnx  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as dossier:
        xml = Path(dossier) / "extrait.osm"
        with osmium.SimpleWriter(str(xml)) as ecrivain:
            for objet in osmium.FileProcessor(str(extrait)):
                ecrivain.add(objet)
        debut = time.process_time()
        graphe = osmnx.graph_from_xml(xml, bidirectional=False, simplify=True, retain_all=False)
        graphe = osmnx.add_edge_travel_times(osmnx.add_edge_speeds(graphe))
    return time.process_time() - debut, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def seul(faire: Callable[[Path], tuple[float, float]], extrait: Path) -> tuple[float, float]:
    """Run in a process of its own, whose memory is nobody else's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processus:
        return processus.submit(faire, extrait).result()


def principal(extraits: list[Path]) -> None:
    """Say which machine and which peers, then compare."""
    prechauffer()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cœurs {platform.machine()}, {TOURS} tours,")
    print("temps de processeur, un seul fil. Pairs :", end=" ")
    print(", ".join(f"{p} {version(p)}" if present(p) else f"**{p} : non installé**" for p in PAIRS) + ".")
    for extrait in extraits:
        nous = [seul(preparer, extrait) for _ in range(3)]
        secondes, memoire = statistics.median(s for s, _ in nous), max(m for _, m in nous)
        print(
            f"\n{extrait.name}, du fichier à la première réponse : {secondes:.1f} s, {memoire:.0f} Mo au plus"
        )
        if present("osmnx"):
            leurs, leur_memoire = seul(preparer_osmnx, extrait)
            print(
                f"(osmnx jusqu'à son graphe : {leurs:.1f} s, {leur_memoire:.0f} Mo ; {leurs / secondes:.1f} fois)"
            )
    rural, positions = avec_virages(*reseau_rural())
    comparer("rural inventé", rural, positions / (78_000, 111_000) + (5, 48.5))
    for extrait in extraits:
        comparer(extrait.name, *lire_voiture(extrait))


if __name__ == "__main__":
    principal([Path(argument) for argument in sys.argv[1:]])
