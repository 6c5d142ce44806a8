"""networkx is the oracle: on the same whole milliseconds every answer is the same, to the millisecond."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.chemins import (
    chemins,
    detours,
    durees,
    matrice,
    plus_proche,
    un_vers_plusieurs,
    un_vers_tous,
)
from geo.graphe import Graphe, Points
from geo.hierarchie import contracter
from geo.noyau import INFINI

Arcs = list[tuple[int, int, int]]

# Short times make ties and zero-length arcs; long ones go past what is told apart from « never ».
_MS = st.one_of(st.integers(0, 3), st.integers(0, 1000), st.integers(INFINI // 3, INFINI - 1))


@st.composite
def reseaux(tirer: st.DrawFn) -> tuple[int, Arcs]:
    """Any network: parts that do not reach each other, loops, parallel arcs; or a ring that joins all."""
    n = tirer(st.integers(1, 24))
    noeuds = st.integers(0, n - 1)
    ms = tirer(st.sampled_from([st.just(0), st.integers(0, 3), st.integers(0, 1000), _MS]))
    arcs = tirer(st.lists(st.tuples(noeuds, noeuds, ms), max_size=5 * n))
    if tirer(st.booleans()):
        arcs += [(i, (i + 1) % n, tirer(ms)) for i in range(n)]
    return n, arcs


def places(n: int, au_plus: int, au_moins: int = 0) -> st.SearchStrategy[list[list[tuple[int, int]]]]:
    """Places seen from no node, from one, from several, twice from the same."""
    groupe = st.lists(st.tuples(st.integers(0, n - 1), st.one_of(st.integers(0, 3), _MS)), max_size=3)
    return st.lists(groupe, min_size=au_moins, max_size=au_plus)


def graphe_de(n: int, arcs: Arcs) -> Graphe:
    return Graphe.depuis_arcs(n, *([arc[k] for arc in arcs] for k in range(3)))


class Oracle:
    """networkx on all the arcs, places joined to it by arcs of their own."""

    def __init__(self, n: int, arcs: Arcs) -> None:
        self.multi: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        self.multi.add_nodes_from(range(n))
        self.multi.add_weighted_edges_from(arcs, weight="ms")
        self.n = n

    def depuis(self, place: list[tuple[int, int]]) -> list[int]:
        """From one place to every node, what is too long told as never."""
        self.multi.add_weighted_edges_from([("ici", noeud, ms) for noeud, ms in place], weight="ms")
        trouves = nx.single_source_dijkstra_path_length(self.multi, "ici", weight="ms") if place else {}
        if place:
            self.multi.remove_node("ici")
        return [int(min(trouves.get(noeud, INFINI), INFINI)) for noeud in range(self.n)]

    def entre(self, origine: list[tuple[int, int]], destination: list[tuple[int, int]]) -> int:
        """From one place to another."""
        ms = self.depuis(origine)
        return min([INFINI, *(ms[noeud] + plus for noeud, plus in destination)])


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_nearest_place_is_the_nearest_and_of_equals_the_first(data: st.DataObject) -> None:
    n, arcs = data.draw(reseaux())
    lieux = data.draw(places(n, 5))
    limite = data.draw(st.one_of(st.none(), _MS))
    oracle = Oracle(n, arcs)
    attendus = [oracle.depuis(lieu) for lieu in lieux]
    borne = INFINI - 1 if limite is None else limite
    ms, place = plus_proche(contracter(graphe_de(n, arcs)), Points.de(lieux), limite)
    for noeud in range(n):
        temps = [depuis[noeud] for depuis in attendus]
        if temps and min(temps) <= borne:
            assert (ms[noeud], place[noeud]) == (min(temps), temps.index(min(temps)))
        else:
            assert (ms[noeud], place[noeud]) == (INFINI, -1)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_time_equal_to_the_limit_is_within_it(data: st.DataObject) -> None:
    n, arcs = data.draw(reseaux())
    ici = data.draw(st.integers(0, n - 1))
    attendu = Oracle(n, arcs).depuis([(ici, 0)])
    limite = data.draw(st.sampled_from(attendu))
    dans = un_vers_tous(contracter(graphe_de(n, arcs)), Points.aux_noeuds([ici]), limite)
    assert dans.tolist() == [ms if ms <= limite else INFINI for ms in attendu]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_tables_and_couples_agree_with_networkx(data: st.DataObject) -> None:
    n, arcs = data.draw(reseaux())
    origines, destinations = data.draw(places(n, 6)), data.draw(places(n, 6))
    oracle = Oracle(n, arcs)
    attendu = [[oracle.entre(o, d) for d in destinations] for o in origines]
    hierarchie = contracter(graphe_de(n, arcs))
    table = matrice(hierarchie, Points.de(origines), Points.de(destinations))
    assert table.shape == (len(origines), len(destinations))
    assert table.tolist() == attendu
    a_rebours = matrice(hierarchie.renversee(), Points.de(destinations), Points.de(origines))
    assert a_rebours.T.tolist() == attendu
    couples = list(zip(origines, destinations, strict=False))
    paires = durees(
        hierarchie, Points.de([couple[0] for couple in couples]), Points.de([couple[1] for couple in couples])
    )
    assert paires.tolist() == [attendu[i][i] for i in range(len(couples))]
    for i, origine in enumerate(origines):
        ligne = un_vers_plusieurs(hierarchie, Points.de([origine]), Points.de(destinations))
        assert ligne.tolist() == attendu[i]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_route_drives_real_arcs_and_takes_the_time_it_says(data: st.DataObject) -> None:
    n, arcs = data.draw(reseaux())
    origines = data.draw(places(n, 4))
    destinations = data.draw(places(n, len(origines), len(origines)))
    oracle = Oracle(n, arcs)
    plus_court: dict[tuple[int, int], int] = {}
    for a, b, ms in arcs:
        plus_court[a, b] = min(ms, plus_court.get((a, b), INFINI))
    routes = chemins(contracter(graphe_de(n, arcs)), Points.de(origines), Points.de(destinations))
    for i, (origine, destination) in enumerate(zip(origines, destinations, strict=True)):
        attendu = oracle.entre(origine, destination)
        assert routes.ms[i] == attendu
        suite = routes[i].tolist()
        if attendu == INFINI:
            assert suite == []
            continue
        depart = min(ms for noeud, ms in origine if noeud == suite[0])
        arrivee = min(ms for noeud, ms in destination if noeud == suite[-1])
        assert depart + sum(plus_court[arc] for arc in pairwise(suite)) + arrivee == attendu


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_detour_costs_what_the_three_legs_take_more_than_the_trip(data: st.DataObject) -> None:
    n, arcs = data.draw(reseaux())
    departs = data.draw(places(n, 5))
    arrivees = data.draw(places(n, len(departs), len(departs)))
    passagers = data.draw(st.lists(places(n, 4, 4), max_size=4))
    oracle = Oracle(n, arcs)
    attendu = []
    for prise, monte, depose, descend in passagers:
        ensemble = oracle.entre(monte, depose)
        ligne = []
        for depart, arrivee in zip(departs, arrivees, strict=True):
            jambes = [oracle.entre(depart, prise), ensemble, oracle.entre(descend, arrivee)]
            direct = oracle.entre(depart, arrivee)
            connu = max(*jambes, direct) < INFINI
            ligne.append(min(sum(jambes) - direct, INFINI) if connu else INFINI)
        attendu.append(ligne)
    a, b, c, d = (Points.de([passager[k] for passager in passagers]) for k in range(4))
    hierarchie = contracter(graphe_de(n, arcs))
    conducteurs = (Points.de(departs), Points.de(arrivees))
    assert detours(hierarchie, (a, b), (c, d), conducteurs).tolist() == attendu
    directs = durees(hierarchie, *conducteurs)
    assert detours(hierarchie, (a, b), (c, d), conducteurs, directs).tolist() == attendu


@given(reseaux())
@settings(max_examples=100, deadline=None)
def test_driving_backwards_swaps_from_and_to(reseau: tuple[int, Arcs]) -> None:
    graphe = graphe_de(*reseau)
    tous = Points.aux_noeuds(np.arange(graphe.n))
    aller = matrice(contracter(graphe), tous, tous)
    for a_rebours in (contracter(graphe).renversee(), contracter(graphe.renverse())):
        assert (aller == matrice(a_rebours, tous, tous).T).all()
