"""A contraction hierarchy: a road network prepared once so that exact times are found at once.

Nodes are taken away one by one, the least important first; where a shortest path went through the
node taken away, a shortcut replaces it, unless another way as good is seen within a few arcs (one not
seen only leaves a useless shortcut: answers stay exact). Every shortest path then has an equal that
climbs towards more important nodes and comes down again, and both slopes are narrow.
Method: Geisberger, Sanders, Schultes, Delling, « Contraction Hierarchies », 2008.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.graphe import Graphe
from geo.noyau import INFINI, fige, noyau, pop, push

# How many arcs the search for another way may follow, one more at its end not counted. Three would
# leave a twentieth fewer shortcuts and take half as long again to prepare.
_PAS = 2

Entiers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Versant:
    """The arcs that climb: from each node to more important ones (smaller numbers), none inside a level.

    ``debut``: int64[n + 1]; ``vers``, ``ms``: int32[m]; ``milieu``: int32[m], the node that a
    shortcut replaces, -1 for a real arc.
    """

    debut: NDArray[np.int64]
    vers: Entiers
    ms: Entiers
    milieu: Entiers

    def __post_init__(self) -> None:
        object.__setattr__(self, "debut", fige(self.debut, np.int64))
        for nom in ("vers", "ms", "milieu"):
            object.__setattr__(self, nom, fige(getattr(self, nom), np.int32))
        if not self.debut[-1] == self.vers.size == self.ms.size == self.milieu.size:
            raise ValueError("a slope must have as many ends, times and middles as its index says")


@dataclass(frozen=True, eq=False)
class Hierarchie:
    """A prepared graph; nodes are renumbered, the most important first.

    ``rang``: int32[n], the number here of each node of the graph; ``noeud``: int32[n], its inverse;
    ``aller``: arcs that climb, driven forwards; ``retour``: arcs that climb when driven backwards.
    """

    rang: Entiers
    noeud: Entiers
    aller: Versant
    retour: Versant

    def __post_init__(self) -> None:
        object.__setattr__(self, "rang", fige(self.rang, np.int32))
        object.__setattr__(self, "noeud", fige(self.noeud, np.int32))
        tailles = {self.rang.size, self.noeud.size, self.aller.debut.size - 1, self.retour.debut.size - 1}
        if len(tailles) != 1:
            raise ValueError("a hierarchy has one number of nodes")

    @property
    def n(self) -> int:
        """How many nodes."""
        return self.rang.size

    def renversee(self) -> Hierarchie:
        """All arcs driven backwards: times *to* a place. Costs nothing."""
        return Hierarchie(self.rang, self.noeud, self.retour, self.aller)

    def tableaux(self) -> dict[str, NDArray[Any]]:
        """The arrays to store, by name; ``depuis_tableaux`` reads them back, from memory or mapped files."""
        tableaux: dict[str, NDArray[Any]] = {"rang": self.rang, "noeud": self.noeud}
        for cote, versant in (("aller", self.aller), ("retour", self.retour)):
            for nom in ("debut", "vers", "ms", "milieu"):
                tableaux[f"{cote}_{nom}"] = getattr(versant, nom)
        return tableaux

    @classmethod
    def depuis_tableaux(cls, tableaux: Mapping[str, NDArray[Any]]) -> Hierarchie:
        """What ``tableaux`` gave. ``KeyError`` when one is missing, ``ValueError`` when sizes disagree."""
        aller, retour = (
            Versant(*(tableaux[f"{cote}_{nom}"] for nom in ("debut", "vers", "ms", "milieu")))
            for cote in ("aller", "retour")
        )
        return cls(tableaux["rang"], tableaux["noeud"], aller, retour)


def contracter(graphe: Graphe) -> Hierarchie:
    """Prepare a graph for all queries: seconds for a département. Same graph, same hierarchy."""
    inverse = graphe.renverse()
    rang, noeud, aller, retour = _contracter(
        graphe.debut, graphe.vers, graphe.ms, inverse.debut, inverse.vers, inverse.ms
    )
    return Hierarchie(rang, noeud, Versant(*aller), Versant(*retour))


# Lists of arcs that grow: rows (other end, ms, middle), `at[v]` where the list of v begins in the
# pool, `size[v]` its rows, `room[v]` the rows it may have before it moves. The lists of a node that
# went stay as they were then: they are its slopes.


@noyau
def _charger(
    debut: NDArray[np.int64], vers: Entiers, ms: Entiers
) -> tuple[Entiers, NDArray[np.int64], Entiers, Entiers]:
    """The lists of a graph, without loops, the best of parallel arcs only."""
    n = debut.size - 1
    at = np.empty(n, np.int64)
    size = np.zeros(n, np.int32)
    room = np.empty(n, np.int32)
    pool = np.empty((vers.size + 2 * n + 16, 3), np.int32)
    seen = np.full(n, -1, np.int64)
    top = 0
    for v in range(n):
        at[v] = top
        for arc in range(debut[v], debut[v + 1]):
            x = vers[arc]
            if x == v:
                continue
            if seen[x] >= at[v]:
                pool[seen[x], 1] = min(pool[seen[x], 1], ms[arc])
                continue
            seen[x] = top
            pool[top, 0] = x
            pool[top, 1] = ms[arc]
            pool[top, 2] = -1
            top += 1
        size[v] = top - at[v]
        room[v] = size[v] + 2
        top = at[v] + room[v]
    return pool, at, size, room


@noyau
def _poser(
    pool: Entiers, at: NDArray[np.int64], size: Entiers, room: Entiers, top: int,
    v: int, x: int, ms: int, middle: int,
) -> tuple[Entiers, int]:  # fmt: skip
    """Put the arc v-x in the list of v, or improve the one it has; the pool (moved if full) and its top."""
    for i in range(at[v], at[v] + size[v]):
        if pool[i, 0] == x:
            if ms < pool[i, 1]:
                pool[i, 1] = ms
                pool[i, 2] = middle
            return pool, top
    if size[v] == room[v]:
        room[v] = 2 * room[v]
        if top + room[v] > pool.shape[0]:
            larger = np.empty((pool.shape[0] + pool.shape[0] // 2 + room[v], 3), np.int32)
            larger[:top] = pool[:top]
            pool = larger
        pool[top : top + size[v]] = pool[at[v] : at[v] + size[v]]
        at[v] = top
        top += room[v]
    i = at[v] + size[v]
    pool[i, 0] = x
    pool[i, 1] = ms
    pool[i, 2] = middle
    size[v] += 1
    return pool, top


@noyau
def _oter(pool: Entiers, at: NDArray[np.int64], size: Entiers, v: int, x: int) -> None:
    """Take the arc v-x out of the list of v."""
    last = at[v] + size[v] - 1
    for i in range(at[v], last + 1):
        if pool[i, 0] == x:
            for column in range(3):
                pool[i, column] = pool[last, column]
            size[v] -= 1
            return


@noyau
def _alentours(
    out: Entiers, at: NDArray[np.int64], size: Entiers, start: int, avoid: int, limit: int, hops: int,
    dist: Entiers, touched: Entiers,
) -> int:  # fmt: skip
    """Times of ways from ``start`` of at most ``hops`` arcs and ``limit`` ms that avoid a node, not
    always the best of them: in ``dist`` for the nodes ``touched``; how many these are."""
    dist[start] = 0
    touched[0] = start
    first, known = 0, 1
    for _ in range(hops):
        last = known
        for i in range(first, last):
            u = touched[i]
            for k in range(at[u], at[u] + size[u]):
                x = out[k, 0]
                ms = dist[u] + out[k, 1]
                if x != avoid and ms <= limit and ms < dist[x]:
                    if dist[x] == INFINI:
                        touched[known] = x
                        known += 1
                    dist[x] = ms
        first = last
    return known


@noyau
def _raccourcis(
    out: Entiers, out_at: NDArray[np.int64], out_size: Entiers,
    into: Entiers, into_at: NDArray[np.int64], into_size: Entiers,
    v: int, hops: int, found: Entiers, dist: Entiers, touched: Entiers,
) -> int:  # fmt: skip
    """Write in ``found`` the shortcuts (from, to, ms) that v leaves when it goes; how many."""
    many = 0
    last = out_at[v] + out_size[v]
    for i in range(into_at[v], into_at[v] + into_size[v]):
        u = into[i, 0]
        limit = -1
        for j in range(out_at[v], last):
            ms = into[i, 1] + out[j, 1]
            if out[j, 0] != u and ms < INFINI:
                limit = max(limit, ms)
        if limit < 0:
            continue
        known = _alentours(out, out_at, out_size, u, v, limit, hops, dist, touched)
        for j in range(out_at[v], last):
            x = out[j, 0]
            ms = into[i, 1] + out[j, 1]
            if x == u or ms >= INFINI or dist[x] <= ms:
                continue
            needed = True
            for k in range(into_at[x], into_at[x] + into_size[x]):  # the last arc, looked at from x
                if into[k, 0] != v and dist[into[k, 0]] + into[k, 1] <= ms:
                    needed = False
                    break
            if needed:
                found[many, 0] = u
                found[many, 1] = x
                found[many, 2] = ms
                many += 1
        for k in range(known):
            dist[touched[k]] = INFINI
    return many


@noyau
def _exporter(
    pool: Entiers, at: NDArray[np.int64], size: Entiers, rank: Entiers, node: Entiers
) -> tuple[NDArray[np.int64], Entiers, Entiers, Entiers]:
    """The lists of arcs as one slope, in the new numbers."""
    n = node.size
    debut = np.zeros(n + 1, np.int64)
    for r in range(n):
        debut[r + 1] = debut[r] + size[node[r]]
    vers = np.empty(debut[n], np.int32)
    ms = np.empty(debut[n], np.int32)
    milieu = np.empty(debut[n], np.int32)
    for r in range(n):
        k = debut[r]
        for i in range(at[node[r]], at[node[r]] + size[node[r]]):
            vers[k] = rank[pool[i, 0]]
            ms[k] = pool[i, 1]
            milieu[k] = rank[pool[i, 2]] if pool[i, 2] >= 0 else -1
            k += 1
    return debut, vers, ms, milieu


@noyau
def _contracter(
    debut: NDArray[np.int64], vers: Entiers, ms: Entiers,
    back_debut: NDArray[np.int64], back_vers: Entiers, back_ms: Entiers,
) -> Any:  # fmt: skip
    n = debut.size - 1
    out, out_at, out_size, out_room = _charger(debut, vers, ms)
    into, into_at, into_size, into_room = _charger(back_debut, back_vers, back_ms)
    out_top = out_at[n - 1] + out_room[n - 1] if n else 0
    into_top = into_at[n - 1] + into_room[n - 1] if n else 0
    dist = np.full(n, INFINI, np.int32)
    touched = np.empty(n, np.int32)
    found = np.empty((256, 3), np.int32)
    level = np.zeros(n, np.int32)
    queue = np.empty(n, np.int64)
    waiting = 0
    v = 0
    while v < n or waiting > 0:
        weighing = v < n  # first every node is weighed, then the lightest goes
        if weighing:
            u = v
            v += 1
        else:
            waiting = pop(queue, waiting)
            u = queue[waiting] & 0xFFFFFFFF
        most = into_size[u] * out_size[u]
        if most > found.shape[0]:
            found = np.empty((2 * most, 3), np.int32)
        many = _raccourcis(
            out, out_at, out_size, into, into_at, into_size,
            u, _PAS, found, dist, touched,
        )  # fmt: skip
        weight = 250 * level[u] + 2000 * many // (1 + into_size[u] + out_size[u])
        if weighing or (waiting > 0 and weight > queue[0] >> 32):
            waiting = push(queue, waiting, (weight << 32) | u)
            continue
        for i in range(into_at[u], into_at[u] + into_size[u]):
            x = into[i, 0]
            level[x] = max(level[x], level[u] + 1)
            _oter(out, out_at, out_size, x, u)
        for i in range(out_at[u], out_at[u] + out_size[u]):
            x = out[i, 0]
            level[x] = max(level[x], level[u] + 1)
            _oter(into, into_at, into_size, x, u)
        for k in range(many):
            x, y, ms_xy = found[k, 0], found[k, 1], found[k, 2]
            out, out_top = _poser(out, out_at, out_size, out_room, out_top, x, y, ms_xy, u)
            into, into_top = _poser(into, into_at, into_size, into_room, into_top, y, x, ms_xy, u)
    # The highest level first, then as they came: neighbours stay close in memory.
    highest = level.max() if n else 0
    place = np.zeros(highest + 2, np.int64)
    for u in range(n):
        place[highest - level[u] + 1] += 1
    for k in range(highest + 1):
        place[k + 1] += place[k]
    rank = np.empty(n, np.int32)
    node = np.empty(n, np.int32)
    for u in range(n):
        rank[u] = place[highest - level[u]]
        node[rank[u]] = u
        place[highest - level[u]] += 1
    return (
        rank, node,
        _exporter(out, out_at, out_size, rank, node),
        _exporter(into, into_at, into_size, rank, node),
    )  # fmt: skip
