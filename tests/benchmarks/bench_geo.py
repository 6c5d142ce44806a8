"""The road engine against what Python uses today: `python -m tests.benchmarks.bench_geo [EXTRAIT.osm.pbf …]`.

A made-up rural département and each extract given, as graphs of turns like those that are served; same
whole milliseconds for all, one process, one thread. Per job, eleven rounds: in each round every engine
works once, in turn, and its CPU time is divided by ours of the same round. What would take hours is
measured on a part, another one each round, said in brackets. Every answer is compared, exactly (pandana,
which adds floats: to 20 ms). Prints Markdown; `--seulement` chooses among the jobs.
"""

# ruff: noqa: E402
from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

for _variable in ("OMP_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"  # one thread for everybody: CPU time is then time

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import dijkstra

from geo.chemins import chemins, detours, durees, matrice, plus_proche, prechauffer
from geo.graphe import Graphe, Points
from geo.hierarchie import Hierarchie, contracter
from geo.importation import construire
from geo.osm import lire_extrait
from geo.profils import lire_profil
from tests.benchmarks.pairs import (
    Longs,
    Reels,
    TropLong,
    nommer,
    pandana_a_cote,
    pour_networkx,
    pour_pyroutingkit,
    pour_scipy,
    preparer_osmnx,
    present,
)
from tests.benchmarks.reseau_rural import avec_virages, reseau_rural

TRAVAUX = ("preparation", "couverture", "tables", "detours", "itineraires", "region")
TOURS = 11
TOURS_REGION = 3
LIMITE_MS = 30 * 60 * 1000
PANDANA_S = 240.0
"""How long pandana may prepare a graph of turns (it takes it one or two minutes), elapsed time."""

Faire = Callable[[], Any]
Resultat = TypeVar("Resultat")
_non_tenus: list[str] = []


@dataclass
class Travail:
    """One job: our way; each peer's, with how many times its part fits in the whole; the least ratio aimed at."""

    nom: str
    notre: Faire
    pairs: dict[str, tuple[Faire, float]] = field(default_factory=dict)
    buts: dict[str, float] = field(default_factory=dict)
    mesures: dict[str, Callable[[], float]] = field(default_factory=dict)
    """Peers that tell their own CPU ms, being in another process."""


@dataclass(frozen=True, eq=False)
class Banc:
    """One network and what every job needs of it. ``positions``: float[n, 2], degrees; without them
    pyroutingkit is left out."""

    nom: str
    graphe: Graphe
    hierarchie: Hierarchie
    positions: Reels | None
    hasard: np.random.Generator

    def tirer(self, k: int) -> Longs:
        """Different nodes, at random."""
        return self.hasard.choice(self.graphe.n, k, replace=False)

    @cached_property
    def scipy(self) -> Any:
        return pour_scipy(self.graphe)

    @cached_property
    def scipy_inverse(self) -> Any:
        return pour_scipy(self.graphe.renverse())

    @cached_property
    def networkx(self) -> nx.DiGraph[int]:
        return pour_networkx(self.graphe)

    @cached_property
    def pyroutingkit(self) -> Any:
        if self.positions is None or not present("pyroutingkit"):
            return None
        return pour_pyroutingkit(self.graphe, self.positions)


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


def mesurer(travail: Travail, tours: int) -> None:
    """Print one line per peer: medians, the median ratio and its extremes, and whether the goal is reached."""
    travail.notre()
    nos: list[float] = []
    leurs: dict[str, list[float]] = {pair: [] for pair in (*travail.pairs, *travail.mesures)}
    for _ in range(tours):
        nos.append(cpu_ms(travail.notre))
        for pair, (faire, fois) in travail.pairs.items():
            leurs[pair].append(cpu_ms(faire) * fois)
        for pair, mesure in travail.mesures.items():
            leurs[pair].append(mesure())
    for pair, temps in leurs.items():
        rapports = sorted(leur / notre for leur, notre in zip(temps, nos, strict=True))
        median = statistics.median(rapports)
        fois = travail.pairs[pair][1] if pair in travail.pairs else 1
        part = f" [1/{fois:g}]" if fois > 1 else ""
        dire(
            f"| {travail.nom} | {statistics.median(nos):.2f} | {pair}{part} | {statistics.median(temps):.1f} "
            f"| **{_rond(median)}** ({_rond(rapports[0])} – {_rond(rapports[-1])}) "
            f"| {_but(travail.nom, pair, median, travail.buts.get(pair))} |"
        )


def _but(nom: str, pair: str, rapport: float, but: float | None) -> str:
    if but is None:
        return ""
    if rapport < but:
        _non_tenus.append(f"{nom}, {pair} : {_rond(rapport)} pour {_rond(but)}")
    return f"≥ {_rond(but)} {'tenu' if rapport >= but else '**NON TENU**'}"


def _rond(x: float) -> str:
    return f"{x:.0f}" if x >= 50 else f"{x:.2g}" if x < 1 else f"{x:.1f}".removesuffix(".0")


def dire(ligne: str) -> None:
    """Print at once: what was measured stays when the rest is stopped."""
    print(ligne, flush=True)


def verifier(quoi: str, nos: Any, leurs: Any) -> None:
    """An engine that is fast and wrong has no place in the table."""
    if not np.array_equal(np.asarray(nos, np.float64), np.asarray(leurs, np.float64)):
        raise AssertionError(f"{quoi}: the answers differ")


def ouvrir(nom: str, graphe: Graphe, positions: Reels | None) -> Banc:
    """Prepare a network and announce its table."""
    avant = _memoire_mo("VmRSS", oublier=True)
    debut = time.process_time()
    hierarchie = contracter(graphe)
    prepare = time.process_time() - debut
    ajoute = _memoire_mo("VmHWM") - avant
    octets = sum(tableau.nbytes for tableau in hierarchie.tableaux().values())
    n, m = (f"{combien:,}".replace(",", "\u202f") for combien in (graphe.n, graphe.m))
    dire(f"\n### {nom} : {n} nœuds, {m} arcs\n")
    dire(
        f"Préparation (contraction seule) : {prepare:.1f} s, {ajoute:.0f} Mo au plus en travaillant, "
        f"{octets / 1e6:.0f} Mo gardés.\n"
    )
    dire("| travail | nous (ms) | pair | pair (ms) | rapport médian (extrêmes) | but |")
    dire("|---|---:|---|---:|---|---|")
    return Banc(nom, graphe, hierarchie, positions, np.random.default_rng(30))


def _memoire_mo(quoi: str, *, oublier: bool = False) -> float:
    """A figure of /proc/self/status, megabytes; ``oublier`` forgets the greatest memory reached so far."""
    if oublier:
        Path("/proc/self/clear_refs").write_text("5")
    ligne = next(ligne for ligne in _lignes(Path("/proc/self/status")) if ligne.startswith(quoi))
    return int(ligne.split()[1]) / 1000


def couverture(banc: Banc, tours: int, patience_s: float = PANDANA_S) -> None:
    """All the nodes to the nearest of 11; pandana prepared in ``patience_s``, or left out with the goals."""
    maisons = banc.tirer(11)
    centres, vers_la = Points.aux_noeuds(maisons), banc.hierarchie.renversee()
    inverse = pour_networkx(banc.graphe.renverse())
    sources = set(maisons.tolist())

    def scipy() -> Any:
        return dijkstra(
            banc.scipy_inverse, indices=maisons, limit=LIMITE_MS, min_only=True, return_predecessors=True
        )

    travail = Travail(
        "couverture : tous les nœuds → la plus proche de 11, 30 min",
        lambda: plus_proche(vers_la, centres, LIMITE_MS),
        {
            "networkx": (
                lambda: nx.multi_source_dijkstra_path_length(inverse, sources, LIMITE_MS, "ms"), 1
            ),
            "scipy": (scipy, 1),
        },
        {"networkx": 25, "scipy": 1.8, "pandana": 100} if patience_s else {},
    )  # fmt: skip
    nos_ms = plus_proche(vers_la, centres, LIMITE_MS)[0].astype(float)
    nos_ms[nos_ms >= 2**30] = np.inf
    verifier("couverture", nos_ms, scipy()[0])
    if not patience_s or not present("pandana"):
        mesurer(travail, tours)
        return
    try:
        with pandana_a_cote(banc.graphe, maisons, LIMITE_MS, patience_s) as (prepare, couvrir, trouve):
            proches = nos_ms < LIMITE_MS - 20
            if np.abs(trouve - nos_ms)[proches].max() > 20:
                raise AssertionError("couverture: pandana differs by more than 20 ms")
            travail.mesures["pandana"] = couvrir
            mesurer(travail, tours)
            dire(f"| ↳ préparation de pandana : {prepare:.0f} s | | | | | |")
    except TropLong:
        mesurer(travail, tours)
        dire(
            f"| ↳ pandana : non mesuré ici, sa préparation a été arrêtée après {patience_s:.0f} s | | | | | |"
        )


def table(banc: Banc, k: int, buts: dict[str, float], tours: int) -> None:
    """k × k."""
    de, vers = banc.tirer(k), banc.tirer(k)
    points = Points.aux_noeuds(de), Points.aux_noeuds(vers)
    trouve = matrice(banc.hierarchie, *points)
    verifier("table", trouve[:5], dijkstra(banc.scipy, indices=de[:5])[:, vers])
    departs = _en_boucle(de.tolist(), 1)
    deux = _en_boucle(de.tolist(), 2)
    travail = Travail(
        f"table {k} × {k}",
        lambda: matrice(banc.hierarchie, *points),
        {
            "networkx": (
                lambda: nx.single_source_dijkstra_path_length(banc.networkx, departs()[0], weight="ms"), k
            ),
            "scipy": (lambda: dijkstra(banc.scipy, indices=deux()), k / 2),
        },
        buts,
    )  # fmt: skip
    if banc.pyroutingkit is not None:
        par = 4 if k > 1000 else 1
        lignes, colonnes = de[: k // par].astype(np.uint32), vers.astype(np.uint32)
        travail.pairs["pyroutingkit"] = (
            lambda: banc.pyroutingkit.distances_many_to_many(lignes, colonnes), par
        )  # fmt: skip
        verifier("table", trouve[: k // par], banc.pyroutingkit.distances_many_to_many(lignes, colonnes))
    mesurer(travail, tours)


def un_passager(banc: Banc, tours: int) -> None:
    """The detours of 2 000 drivers for one passenger."""
    departs, arrivees, (ici, la) = banc.tirer(2000), banc.tirer(2000), banc.tirer(2)
    conducteurs = Points.aux_noeuds(departs), Points.aux_noeuds(arrivees)
    passager = Points.aux_noeuds([ici]), Points.aux_noeuds([la])
    directs = durees(banc.hierarchie, *conducteurs)
    inverse = pour_networkx(banc.graphe.renverse())

    def scipy() -> Any:
        vers_ici = dijkstra(banc.scipy_inverse, indices=ici)
        de_la = dijkstra(banc.scipy, indices=la)
        return vers_ici[departs] + de_la[arrivees]

    def networkx() -> Any:
        vers_ici = nx.single_source_dijkstra_path_length(inverse, int(ici), weight="ms")
        de_la = nx.single_source_dijkstra_path_length(banc.networkx, int(la), weight="ms")
        return [vers_ici[int(o)] + de_la[int(d)] for o, d in zip(departs, arrivees, strict=True)]

    ensemble = dijkstra(banc.scipy, indices=ici)[la]
    prise, depose = (passager[0], passager[0]), (passager[1], passager[1])

    def notre() -> Any:
        return detours(banc.hierarchie, prise, depose, conducteurs, directs)

    verifier("détours", notre()[0], scipy() + ensemble - directs)
    mesurer(
        Travail(
            "1 passager × 2 000 conducteurs, détours exacts",
            notre,
            {"networkx": (networkx, 1), "scipy": (scipy, 1)},
            {"networkx": 75, "scipy": 5},
        ),
        tours,
    )


def itineraires(banc: Banc, tours: int) -> None:
    """1 000 routes and the nodes they go through."""
    de, vers = banc.tirer(1000), banc.tirer(1000)
    points = Points.aux_noeuds(de), Points.aux_noeuds(vers)
    couples = list(zip(de.tolist(), vers.tolist(), strict=True))
    dix = _en_boucle(couples, 10)

    def networkx(paires: list[tuple[int, int]]) -> Any:
        return [nx.bidirectional_dijkstra(banc.networkx, a, b, weight="ms") for a, b in paires]

    trouves = chemins(banc.hierarchie, *points)
    verifier("itinéraires", trouves.ms[:10], [ms for ms, _ in networkx(couples[:10])])
    travail = Travail(
        "1 000 itinéraires avec leurs nœuds",
        lambda: chemins(banc.hierarchie, *points),
        {"networkx": (lambda: networkx(dix()), 100)},
        {"networkx": 500, "pyroutingkit": 1 / 1.5},
    )
    if banc.pyroutingkit is not None:
        requete = banc.pyroutingkit.query
        travail.pairs["pyroutingkit"] = (lambda: [requete(a, b) for a, b in couples], 1)
        verifier("itinéraires", trouves.ms, [requete(a, b)[0] for a, b in couples])
    mesurer(travail, tours)


def _en_boucle(tout: list[Any], combien: int) -> Callable[[], list[Any]]:
    """The next ``combien`` values at each call, so that a part stands for the whole."""
    ici = 0

    def suivants() -> list[Any]:
        nonlocal ici
        ici = (ici + combien) % (len(tout) - combien + 1)
        return tout[ici : ici + combien]

    return suivants


def comparer(banc: Banc, choisis: list[str], tours: int) -> None:
    """The jobs chosen, on one network."""
    if "couverture" in choisis:
        couverture(banc, tours)
    if "tables" in choisis:
        table(banc, 500, {"networkx": 3000, "scipy": 150, "pyroutingkit": 5}, tours)
        table(banc, 2000, {"networkx": 1000, "pyroutingkit": 4}, tours)
    if "detours" in choisis:
        un_passager(banc, tours)
    if "itineraires" in choisis:
        itineraires(banc, tours)


def region(tours: int) -> None:
    """Ten départements in one: the same code, a graph that networkx needs gigabytes for. No goal is set here."""
    banc = ouvrir("région inventée, 600\u202f000 carrefours, avec virages", _rural(10)[0], None)
    couverture(banc, tours, patience_s=0)
    table(banc, 500, {}, tours)


def _rural(departements: int = 1) -> tuple[Graphe, Reels]:
    """The made-up network with its turns, positions made into degrees."""
    graphe, positions = avec_virages(*reseau_rural(departements=departements))
    return graphe, positions / (78_000, 111_000) + (5, 45)


def lire_voiture(extrait: Path) -> tuple[Graphe, Reels]:
    """The graph of turns that is served for cars, and where each node is."""
    profil = lire_profil("voiture", None)
    construit = construire(lire_extrait(extrait, lambda tags: bool(profil.passage(tags))), profil)
    if construit is None:
        raise SystemExit(f"{extrait}: no road")
    _, t = construit
    graphe = Graphe(t["graphe_debut"], t["graphe_vers"], t["graphe_ms"])
    rue = t["course"] >> 1  # where the course at the end of each arc ends
    bout = np.where(t["course"] & 1, t["debut"][rue], t["debut"][rue + 1] - 1)
    positions = np.zeros((graphe.n, 2))
    positions[graphe.vers] = np.stack((t["lon"][bout], t["lat"][bout]), axis=1) / 1e7
    return graphe, positions


def preparer(extrait: Path) -> tuple[float, float]:
    """From the file to the first answer, in a new process: CPU seconds, and MB at most.

    What is imported, compiled code included, is not counted: neither is it for osmnx.
    """
    prechauffer()
    contracter(Graphe.depuis_arcs(1, [], [], []))
    debut = time.process_time()
    graphe, _ = lire_voiture(extrait)
    plus_proche(contracter(graphe), Points.aux_noeuds([0]))
    return time.process_time() - debut, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def preparation(extrait: Path) -> None:
    """The file to the first answer, against osmnx to its graph."""
    nous = [_seul(preparer, extrait) for _ in range(3)]
    secondes, memoire = statistics.median(s for s, _ in nous), max(m for _, m in nous)
    dire(f"\n### {extrait.name}, du fichier à la première réponse (voiture)\n")
    dire("| | temps de processeur | mémoire au plus | but |")
    dire("|---|---:|---:|---|")
    tenu = "tenu" if memoire <= 400 else "**NON TENU**"
    if memoire > 400:
        _non_tenus.append(f"{extrait.name}, mémoire de la préparation : {memoire:.0f} Mo pour 400")
    dire(
        f"| nous, contraction comprise (médiane de 3) | {secondes:.1f} s | {memoire:.0f} Mo | ≤ 400 Mo {tenu} |"
    )
    if present("osmnx"):
        leurs, conversion, leur_memoire = _seul(preparer_osmnx, extrait)
        verdict = _but(f"{extrait.name}, préparation", "osmnx", leurs / secondes, 10)
        dire(f"| osmnx jusqu'à son graphe | {leurs:.1f} s | {leur_memoire:.0f} Mo | |")
        dire(f"| rapport | **{leurs / secondes:.1f}** | | {verdict} |")
        dire(
            f"\nosmnx ne reçoit que les chemins de son filtre `drive` ; la conversion en XML qu'il lui faut "
            f"({conversion:.1f} s) n'est pas comptée."
        )


def _seul(faire: Callable[[Path], Resultat], extrait: Path) -> Resultat:
    """Run in a process of its own, whose memory is nobody else's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processus:
        return processus.submit(faire, extrait).result()


def machine() -> str:
    """What was measured, where and when."""

    def demander(*commande: str) -> str:
        try:
            return subprocess.run(commande, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""

    modele = next(
        (
            ligne.partition(":")[2].strip()
            for ligne in _lignes(Path("/proc/cpuinfo"))
            if ligne.startswith("model name")
        ),
        platform.processor() or platform.machine(),
    )
    memoire = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = demander("git", "rev-parse", "--short", "HEAD") or "inconnu"
    if demander("git", "status", "--porcelain", "--untracked-files=no", "--", "geo"):
        commit += " (geo/ modifié depuis)"
    return (
        f"{modele}, {os.cpu_count()} cœurs, {memoire:.0f} Gio, {platform.system()} {platform.release()} ; "
        f"charge {os.getloadavg()[0]:.1f} ; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC ; commit {commit} ; Python {platform.python_version()}, "
        f"numba {version('numba')}, numpy {version('numpy')}. Temps de processeur, un seul fil."
    )


def _lignes(fichier: Path) -> list[str]:
    try:
        return fichier.read_text().splitlines()
    except OSError:
        return []


def principal() -> None:
    """Say which machine and which peers, then compare."""
    lecteur = argparse.ArgumentParser(description="The road engine against its peers.")
    lecteur.add_argument("extraits", nargs="*", type=Path, help="OpenStreetMap extracts")
    lecteur.add_argument("--tours", type=int, default=TOURS, help=f"rounds per job ({TOURS})")
    lecteur.add_argument("--seulement", nargs="+", choices=TRAVAUX, default=list(TRAVAUX), metavar="TRAVAIL",
                         help=f"among {', '.join(TRAVAUX)}")  # fmt: skip
    lecteur.add_argument("--sans-rural", action="store_true", help="only the extracts")
    choix = lecteur.parse_args()
    prechauffer()
    contracter(Graphe.depuis_arcs(1, [], [], []))
    dire(f"{machine()}\n")
    dire(f"Pairs : {nommer()}. {choix.tours} tours par travail.")
    if "preparation" in choix.seulement:
        for extrait in choix.extraits:
            preparation(extrait)
    if not choix.sans_rural and set(choix.seulement) - {"preparation", "region"}:
        graphe, positions = _rural()
        comparer(ouvrir("rural inventé, avec virages", graphe, positions), choix.seulement, choix.tours)
    if set(choix.seulement) - {"preparation", "region"}:
        for extrait in choix.extraits:
            banc = ouvrir(f"{extrait.name}, avec virages", *lire_voiture(extrait))
            comparer(banc, choix.seulement, choix.tours)
    if "region" in choix.seulement and not choix.sans_rural:
        region(min(choix.tours, TOURS_REGION))
    dire("\n**Buts non tenus** : " + ("aucun." if not _non_tenus else " ; ".join(_non_tenus) + "."))


if __name__ == "__main__":
    principal()
