"""Exactness on real extracts: what is imported and served, against the same file read another way.

MOBILITE_PREUVE=1 adds Porto, whose second reading takes a minute.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pytest

from geo.accroche import Accroches, Accrocheur, arrivees, departs, directs
from geo.chemins import plus_proche
from geo.graphe import Points
from geo.importation import importer
from geo.itineraire import itineraires
from geo.noyau import INFINI
from geo.osm import CLES
from geo.profils import NOMS, lire_profil
from geo.reseau import Reseau, Reseaux
from geo.trajets import durees_entre
from tests.integration.oracle_code import Code
from tests.integration.oracle_routier import Carte, Oracle, lire_carte
from tests.unit.petit_reseau import au_hasard

EXTRAITS = Path(__file__).parents[3] / "shared" / "data" / "osm"
LESQUELS = ("andorra", "heidelberg", *(("porto",) if os.environ.get("MOBILITE_PREUVE") else ()))
# Where continuous integration runs the extracts are there: without them its tests fail, they are not skipped.
pytestmark = pytest.mark.skipif(
    not EXTRAITS.exists() and os.environ.get("CI") != "true", reason="../shared/data/osm is not here"
)


class Extrait(NamedTuple):
    """An extract: imported, and read by the oracle."""

    reseaux: Reseaux
    carte: Carte


@pytest.fixture(scope="module", params=LESQUELS)
def extrait(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Extrait:
    fichier = EXTRAITS / f"{request.param}.osm.pbf"
    return Extrait(importer(fichier, tmp_path_factory.mktemp(request.param) / "reseau"), lire_carte(fichier))


@pytest.fixture(scope="module")
def codes() -> dict[str, Code]:
    return {nom: Code(nom) for nom in NOMS}


@pytest.fixture(scope="module")
def oracles(extrait: Extrait, codes: dict[str, Code]) -> dict[str, Oracle]:
    return {nom: Oracle(extrait.carte, nom, codes) for nom in NOMS}


def test_every_kind_of_way_is_read_as_the_oracle_reads_it(extrait: Extrait, codes: dict[str, Code]) -> None:
    sortes = {
        tuple(sorted((k, v) for k, v in t.items() if k in CLES)) for t, _ in extrait.carte.chemins.values()
    }
    for nom in NOMS:
        profil = lire_profil(nom)
        for sorte in sortes:
            lu = profil.passage(dict(sorte))
            aller, retour = codes[nom].vitesses(dict(sorte))
            assert (lu.aller_kmh, lu.retour_kmh) == (aller, retour) if lu else not aller + retour, (
                nom,
                sorte,
            )
        for ref, tags in extrait.carte.points.items():
            assert profil.ferme(tags) == codes[nom].arrete(tags), (nom, ref)


@pytest.mark.parametrize("profil", NOMS)
def test_times_between_dead_ends_are_those_of_the_file_read_point_by_point(
    extrait: Extrait, oracles: dict[str, Oracle], profil: str
) -> None:
    oracle, reseau = oracles[profil], extrait.reseaux.profils[profil]
    assert reseau.entete["km"] == pytest.approx(oracle.metres(oracle.gardes) / 1000, abs=0.1)
    impasses = sorted(oracle.impasses())
    assert len(impasses) > 300
    refs = impasses[:: len(impasses) // 250]
    places = Accrocheur(reseau).accrocher(*zip(*(extrait.carte.lieux[ref] for ref in refs), strict=True))
    assert places.ecart_m.max() < 0.01
    for i in range(0, len(refs), len(refs) // 4):
        attendus = oracle.temps(refs[i])
        assert len(attendus) >= len(impasses) - 1
        ici = places.choisir(np.full(1, i))
        assert durees_entre(reseau, ici, places)[0].tolist() == [
            attendus[r] if r != refs[i] else 0 for r in refs
        ]


@pytest.mark.parametrize("profil", NOMS)
def test_stopping_part_way_takes_what_the_lines_before_it_take(
    oracles: dict[str, Oracle], extrait: Extrait, profil: str
) -> None:
    oracle, reseau = oracles[profil], extrait.reseaux.profils[profil]
    impasses = oracle.impasses()
    longues = [ref for ref, (_, e) in sorted(impasses.items()) if len(oracle.courses[e]) > 3][:60]
    entrees = [impasses[ref][1] for ref in longues]
    milieux = [len(oracle.courses[entree]) // 2 for entree in entrees]
    points = [oracle.bout(oracle.courses[e][k], 1)[0] for e, k in zip(entrees, milieux, strict=True)]
    bouts, places = (
        Accrocheur(reseau).accrocher(*zip(*(extrait.carte.lieux[ref] for ref in refs), strict=True))
        for refs in (longues, points)
    )
    vers_bouts, vers_places = durees_entre(reseau, bouts, bouts), durees_entre(reseau, bouts, places)
    des_bouts, des_places = vers_bouts.T, durees_entre(reseau, places, bouts).T
    for j, (entree, k) in enumerate(zip(entrees, milieux, strict=True)):
        sortie = impasses[longues[j]][0]
        avant = sum(oracle.traits[t].ms[envers] or 0 for t, envers in oracle.courses[sortie][: -k - 1])
        for tous, ceux_la, ms in (
            (vers_bouts[:, j], vers_places[:, j], oracle.reste(entree, k)),
            (des_bouts[:, j], des_places[:, j], avant),
        ):
            ailleurs = np.arange(len(longues)) != j
            assert np.abs(tous - ceux_la - ms)[ailleurs].max() <= 1.5, longues[j]


def de_networkx(reseau: Reseau, a: Accroches, b: Accroches) -> list[list[int]]:
    """The times on the graph that is served: places are nodes, joined to it by the arcs they stand on."""
    graphe: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    g = reseau.graphe
    de = np.repeat(np.arange(g.n), np.diff(g.debut))
    graphe.add_weighted_edges_from(zip(de.tolist(), g.vers.tolist(), g.ms.tolist(), strict=True))
    graphe.add_nodes_from(("vers", j) for j in range(len(b)))
    origines, destinations = departs(reseau, a), arrivees(reseau, b)
    for i in range(len(a)):
        for k in range(origines.debut[i], origines.debut[i + 1]):
            graphe.add_edge(("de", i), int(origines.noeuds[k]), weight=int(origines.ms[k]))
    for j in range(len(b)):
        for k in range(destinations.debut[j], destinations.debut[j + 1]):
            graphe.add_edge(int(destinations.noeuds[k]), ("vers", j), weight=int(destinations.ms[k]))
    attendu = []
    for i in range(len(a)):
        atteints = nx.single_source_dijkstra_path_length(graphe, ("de", i)) if ("de", i) in graphe else {}
        le_long = directs(reseau, a.choisir(np.full(len(b), i)), b)
        couples = [(atteints.get(("vers", j), -1), le_long[j]) for j in range(len(b))]
        attendu.append([min((int(t) for t in couple if t >= 0), default=-1) for couple in couples])
    return attendu


@pytest.mark.parametrize("profil", NOMS)
def test_every_time_between_two_places_is_that_of_networkx_on_the_graph_served(
    extrait: Extrait, profil: str
) -> None:
    reseau = extrait.reseaux.profils[profil]
    places = au_hasard(extrait.reseaux, reseau, 17)
    # One more place, on no street: no time to it, none from it.
    places = places.choisir(np.append(np.arange(17), 0))
    places.rue[17] = -1
    a, b = places.choisir(np.arange(11, 18)), places.choisir(np.arange(18))
    attendu = de_networkx(reseau, a, b)
    assert attendu[6] == [-1] * 18 and {ligne[17] for ligne in attendu} == {-1}
    assert durees_entre(reseau, a, b).tolist() == attendu
    routes = itineraires(reseau, a, b.choisir(np.arange(7)))
    assert routes.ms.tolist() == [attendu[i][i] for i in range(7)]


@pytest.mark.parametrize("vers", [False, True])
@pytest.mark.parametrize("minutes", [None, 4])
def test_the_nearest_place_of_every_node_is_that_of_networkx_up_to_a_bound_reached(
    extrait: Extrait, vers: bool, minutes: int | None
) -> None:
    reseau = extrait.reseaux.profils["voiture"]
    g = reseau.graphe
    graphe: nx.DiGraph[Any] = nx.DiGraph()
    graphe.add_nodes_from(range(g.n))
    de = np.repeat(np.arange(g.n), np.diff(g.debut))
    for u, v, ms in zip(de.tolist(), g.vers.tolist(), g.ms.tolist(), strict=True):
        if not graphe.has_edge(u, v) or graphe[u][v]["weight"] > ms:
            graphe.add_edge(u, v, weight=ms)
    places = np.random.default_rng(7).integers(0, g.n, 5)
    cote = graphe.reverse(copy=False) if vers else graphe
    atteints = nx.multi_source_dijkstra_path_length(cote, set(places.tolist()))
    entiers = {noeud: int(ms) for noeud, ms in atteints.items()}
    # The bound is a time that some node has: it is reached, and not passed.
    limite = None if minutes is None else min(t for t in entiers.values() if t >= minutes * 60_000)
    hierarchie = reseau.hierarchie.renversee() if vers else reseau.hierarchie
    trouves, _ = plus_proche(hierarchie, Points.aux_noeuds(places), limite)
    attendus = [t if (t := entiers.get(n, INFINI)) <= (limite or INFINI) else INFINI for n in range(g.n)]
    assert trouves.tolist() == attendus
    assert limite is None or {limite, INFINI} <= set(attendus)
