"""The peers of the road engine, each asked in its own way: networkx, scipy, pandana, pyroutingkit, osmnx.

Nothing here is needed to run the application; a peer that is not installed is named by the report.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.graphe import Graphe

PAIRS = ("networkx", "scipy", "pandana", "pyroutingkit", "osmnx")

Reels = NDArray[np.float64]
Longs = NDArray[np.int64]

# What the `drive` filter of osmnx drops, by tag: osmnx downloads through it, and does not apply it to
# a file. A file of every path and building takes it twice as long or more.
_HORS_DRIVE: dict[str, frozenset[str]] = {
    cle: frozenset(valeurs.split())
    for cle, valeurs in {
        "highway": "abandoned bridleway bus_guideway construction corridor cycleway elevator escalator footway no "
        "path pedestrian planned platform proposed raceway razed rest_area service services steps track",
        "area": "yes",
        "access": "private",
        "motor_vehicle": "no",
        "motorcar": "no",
        "service": "alley driveway emergency_access parking parking_aisle private",
    }.items()
}


def present(pair: str) -> bool:
    """Whether a peer can be measured here."""
    return importlib.util.find_spec(pair) is not None


def nommer(pairs: tuple[str, ...] = PAIRS) -> str:
    """The peers with their versions; one that is not installed is said so."""
    return ", ".join(
        f"{p} {version(p)}" if present(p) else f"**{p} : non installé, non mesuré**" for p in pairs
    )


def pour_scipy(graphe: Graphe) -> Any:
    """An explicit zero is a zero-length arc; of parallel arcs the best is kept."""
    de = np.repeat(np.arange(graphe.n), np.diff(graphe.debut))
    ordre = np.lexsort((graphe.ms, graphe.vers, de))
    de, vers, ms = de[ordre], graphe.vers[ordre], graphe.ms[ordre]
    premier = np.append(True, (np.diff(de) != 0) | (np.diff(vers) != 0))
    return csr_array((ms[premier].astype(float), (de[premier], vers[premier])), shape=(graphe.n, graphe.n))


def pour_networkx(graphe: Graphe) -> nx.DiGraph[int]:
    """Plain integers as nodes and as weights, one weight per arc: its fastest form."""
    creuse = pour_scipy(graphe).tocoo()
    resultat: nx.DiGraph[int] = nx.DiGraph()
    resultat.add_nodes_from(range(graphe.n))
    resultat.add_weighted_edges_from(
        zip(creuse.row.tolist(), creuse.col.tolist(), creuse.data.astype(int).tolist(), strict=True),
        weight="ms",
    )
    return resultat


def pour_pyroutingkit(graphe: Graphe, positions: Reels) -> Any:
    """Its hierarchy, customised with our milliseconds. positions: float[n, 2], degrees."""
    import pyroutingkit  # noqa: PLC0415

    de = np.repeat(np.arange(graphe.n), np.diff(graphe.debut)).astype(np.uint32)
    topologie = pyroutingkit.CCHTopology()
    lat, lon = positions[:, 1].astype(np.float32), positions[:, 0].astype(np.float32)
    topologie.build(de, graphe.vers.astype(np.uint32), lat, lon, graphe.n)
    metrique = pyroutingkit.CCHMetric(topologie)
    metrique.customize(graphe.ms.astype(np.uint32))
    return metrique


class TropLong(Exception):
    """A peer was not ready in the time it was given."""


@contextmanager
def pandana_a_cote(
    graphe: Graphe, maisons: Longs, limite_ms: int, patience_s: float
) -> Iterator[tuple[float, Callable[[], float], Reels]]:
    """pandana in a process of its own, where its preparation can be stopped (``TropLong``).

    Gives the CPU seconds it prepared, one coverage (its CPU ms), and the ms it finds from each node.
    """
    contexte = get_context("spawn")
    ici, la = contexte.Pipe()
    de = np.repeat(np.arange(graphe.n), np.diff(graphe.debut))
    enfant = contexte.Process(
        target=_pandana, args=(la, graphe.n, de, graphe.vers, graphe.ms, maisons, limite_ms), daemon=True
    )
    enfant.start()
    try:
        if not ici.poll(patience_s):
            raise TropLong
        prepare, trouve = ici.recv()

        def couvrir() -> float:
            ici.send(True)
            return float(ici.recv())

        yield prepare, couvrir, trouve
    finally:
        enfant.kill()
        enfant.join()


def _pandana(
    tuyau: Connection, n: int, de: Longs, vers: Any, ms: Any, maisons: Longs, limite_ms: int
) -> None:
    """Nodes on a line, for pandana to find the Maisons where they are; arcs driven to the Maisons.

    In seconds: pandana keeps thousandths of its unit as whole numbers, and those of milliseconds overflow.
    """
    import pandana  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # it prints its progress among our lines
    debut = time.process_time()
    x = pd.Series(np.arange(n, dtype=float))
    reseau = pandana.Network(
        x, x * 0, pd.Series(de), pd.Series(vers.astype(np.int64)),
        pd.DataFrame({"s": ms / 1000}), twoway=False,
    )  # fmt: skip
    reseau.set_pois("maisons", limite_ms / 1000, 1, x.iloc[maisons], x.iloc[maisons] * 0)
    trouve = reseau.nearest_pois(limite_ms / 1000, "maisons", num_pois=1)[1].to_numpy() * 1000
    tuyau.send((time.process_time() - debut, trouve))
    while tuyau.recv():
        debut = time.process_time()
        reseau.nearest_pois(limite_ms / 1000, "maisons", num_pois=1)
        tuyau.send((time.process_time() - debut) * 1000)


def preparer_osmnx(extrait: Path) -> tuple[float, float, float]:
    """From a file to osmnx's graph of times, strongly connected: CPU seconds, then those of the conversion
    to the only format it reads (not counted in the first), and MB at most.

    Only the ways that its `drive` filter keeps are converted, as if osmnx had downloaded them.
    """
    import osmium  # noqa: PLC0415
    import osmnx  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as dossier:
        xml = Path(dossier) / "extrait.osm"
        debut = time.process_time()
        chemins: set[int] = set()
        noeuds: set[int] = set()
        for chemin in osmium.FileProcessor(str(extrait), osmium.osm.WAY):
            tags = chemin.tags
            if (
                isinstance(chemin, osmium.osm.Way)
                and "highway" in tags
                and not any(tags.get(cle) in hors for cle, hors in _HORS_DRIVE.items())
            ):
                chemins.add(chemin.id)
                noeuds.update(noeud.ref for noeud in chemin.nodes)
        with osmium.SimpleWriter(str(xml)) as ecrivain:
            for objet in osmium.FileProcessor(str(extrait)):
                garde = {osmium.osm.Node: noeuds, osmium.osm.Way: chemins}.get(type(objet), ())
                if objet.id in garde:
                    ecrivain.add(objet)
        converti = time.process_time()
        graphe = osmnx.graph_from_xml(xml, bidirectional=False, simplify=True, retain_all=True)
        graphe = osmnx.truncate.largest_component(graphe, strongly=True)
        osmnx.add_edge_travel_times(osmnx.add_edge_speeds(graphe))
        fini = time.process_time()
    memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return fini - converti, converti - debut, memoire
