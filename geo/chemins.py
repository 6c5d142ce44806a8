"""Exact travel times on a road network, in whole milliseconds.

All questions are asked of a prepared network (``geo.hierarchie.contracter``). Times *to* places instead of from
them: the same question to ``hierarchie.renversee()``.

Everywhere: ``INFINI`` says « not reachable » (or 2³⁰ ms, 12 days, and more). Two places on the same
arc, the second after the first, are also joined by the piece of arc between them, which no node
sees: the caller takes the smaller of the two times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.graphe import Points
from geo.hierarchie import Hierarchie, Versant
from geo.noyau import INFINI
from geo.parcours import au_plus_pres, balayer, croiser, joindre
from geo.quadrillage import Quadrillage

Entiers = NDArray[np.int32]
Indices = NDArray[np.int64]


def plus_proche(
    hierarchie: Hierarchie, places: Points, limite_ms: int | None = None
) -> tuple[Entiers, Entiers]:
    """For every node, the time from the nearest of the places, and which; of equals, the first one.

    Returns ``ms`` int32[n] and ``place`` int32[n]; beyond ``limite_ms`` (itself reached) ``INFINI``
    and -1.
    """
    places.sur(hierarchie.n)
    limite = INFINI - 1 if limite_ms is None else min(limite_ms, INFINI - 1)
    which = np.repeat(np.arange(len(places)), np.diff(places.debut))
    keys = (places.ms.astype(np.int64) << 32) | which
    haut, bas = hierarchie.aller, hierarchie.retour
    return balayer(
        hierarchie.rang, haut.debut, haut.vers, haut.ms, bas.debut, bas.vers, bas.ms,
        places.noeuds, keys, limite,
    )  # fmt: skip


def un_vers_tous(hierarchie: Hierarchie, depuis: Points, limite_ms: int | None = None) -> Entiers:
    """For every node, the time from one place (the nearest when given several): int32[n]."""
    return plus_proche(hierarchie, depuis, limite_ms)[0]


def un_vers_plusieurs(hierarchie: Hierarchie, depuis: Points, vers: Points) -> Entiers:
    """The time from one place (the nearest when given several) to each destination: int32[k]."""
    une = Points(np.array([0, depuis.noeuds.size]), depuis.noeuds, depuis.ms)
    ligne: Entiers = matrice(hierarchie, une, vers)[0]
    return ligne


def matrice(hierarchie: Hierarchie, origines: Points, destinations: Points) -> Entiers:
    """The time from each origin to each destination: int32[o, d]."""
    origines.sur(hierarchie.n)
    destinations.sur(hierarchie.n)
    if len(origines) <= 2 and destinations.noeuds.size > hierarchie.n // 200:
        # So few origins are not worth choosing what lies above the destinations.
        lignes = np.empty((len(origines), len(destinations)), np.int32)
        for i in range(len(origines)):
            ms = un_vers_tous(hierarchie, origines.seul(i))
            lignes[i] = au_plus_pres(ms, destinations.debut, destinations.noeuds, destinations.ms)
        return lignes
    haut, bas = hierarchie.aller, hierarchie.retour
    return croiser(
        hierarchie.rang, haut.debut, haut.vers, haut.ms, bas.debut, bas.vers, bas.ms,
        origines.debut, origines.noeuds, origines.ms,
        destinations.debut, destinations.noeuds, destinations.ms,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Routes:
    """Ways found: ``ms`` int32[k]; the nodes of way i are ``noeuds[debut[i]:debut[i + 1]]``, none if INFINI."""

    ms: Entiers
    debut: Indices
    noeuds: Entiers

    def __getitem__(self, i: int) -> Entiers:
        """The nodes of way ``i``."""
        return self.noeuds[self.debut[i] : self.debut[i + 1]]


def chemins(hierarchie: Hierarchie, origines: Points, destinations: Points) -> Routes:
    """A shortest way from origin i to destination i, for each i, through nodes of the graph."""
    return _routes(hierarchie, origines, destinations, with_nodes=True)


def durees(hierarchie: Hierarchie, origines: Points, destinations: Points) -> Entiers:
    """The time from origin i to destination i, for each i: int32[k]."""
    return _routes(hierarchie, origines, destinations, with_nodes=False).ms


def chemin(hierarchie: Hierarchie, origine: Points, destination: Points) -> tuple[list[int], int]:
    """The nodes of a shortest way between two places, and its time; no node and INFINI if there is none."""
    route = chemins(hierarchie, origine, destination)
    return route[0].tolist(), int(route.ms[0])


def detours(
    hierarchie: Hierarchie,
    prise: tuple[Points, Points],
    depose: tuple[Points, Points],
    conducteurs: tuple[Points, Points],
    directs: Entiers | None = None,
) -> Entiers:
    """What each driver's trip gains in ms when one passenger is driven on the way: int32[p, k].

    ``prise`` and ``depose``: where each of p passengers gets in and out. A place in the middle of an
    arc is not seen from the same nodes when one arrives there as when one leaves: both are given,
    arriving first. ``conducteurs``: where each of k trips begins and ends. ``directs``: the times of
    these trips without a passenger, when known (``durees``): they serve for all passengers. INFINI
    when the detour cannot be driven. Two searches per passenger, however many drivers.
    """
    departs, arrivees = conducteurs
    if directs is None:
        directs = durees(hierarchie, departs, arrivees)
    approche = matrice(hierarchie.renversee(), prise[0], departs).astype(np.int64)
    ensemble = durees(hierarchie, prise[1], depose[0])[:, None]
    suite = matrice(hierarchie, depose[1], arrivees)
    possible = (approche < INFINI) & (ensemble < INFINI) & (suite < INFINI) & (directs < INFINI)
    ajoute = approche + ensemble + suite - directs
    return np.where(possible & (ajoute < INFINI), ajoute, INFINI).astype(np.int32)


def prechauffer() -> None:
    """Compile what answers questions, or load it from disk: before the first request, never in one."""
    rien = np.empty(0, np.int32)
    versant = Versant(np.zeros(2, np.int64), rien, rien, rien)
    seul = Hierarchie(np.zeros(1, np.int32), np.zeros(1, np.int32), versant, versant)
    for combien in (1, 3):
        matrice(seul, Points.aux_noeuds(np.zeros(combien)), Points.aux_noeuds([0]))
    chemin(seul, Points.aux_noeuds([0]), Points.aux_noeuds([0]))
    trait = np.zeros(2, np.int32)
    Quadrillage.de(np.array([0, 2]), trait, trait, np.ones(1, np.bool_)).chercher(
        np.zeros(1), np.zeros(1), 1.0
    )


def _routes(hierarchie: Hierarchie, origines: Points, destinations: Points, *, with_nodes: bool) -> Routes:
    origines.sur(hierarchie.n)
    destinations.sur(hierarchie.n)
    if len(origines) != len(destinations):
        raise ValueError("as many destinations as origins are needed")
    haut, bas = hierarchie.aller, hierarchie.retour
    ms, debut, noeuds = joindre(
        hierarchie.rang, hierarchie.noeud,
        haut.debut, haut.vers, haut.ms, haut.milieu, bas.debut, bas.vers, bas.ms, bas.milieu,
        origines.debut, origines.noeuds, origines.ms,
        destinations.debut, destinations.noeuds, destinations.ms, with_nodes,
    )  # fmt: skip
    return Routes(ms, debut, noeuds)
