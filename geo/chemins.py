"""Exact travel times on a road network, in whole milliseconds.

On a bare ``Graphe`` a search spreads from the places asked about and stops at its limit; on a
``Hierarchie`` the same question over the whole network is one pass over the prepared arcs, and
tables, detours and routes are found without spreading at all. Both give the same answers.

Everywhere: ``INFINI`` says « not reachable » (or 2³⁰ ms, 12 days, and more). Two places on the same
arc, the second after the first, are also joined by the piece of arc between them, which no node
sees: the caller takes the smaller of the two times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.graphe import Graphe, Points
from geo.hierarchie import Hierarchie, contracter
from geo.noyau import INFINI, noyau, pop, push

# A key is a time and the number of a place, time << 32 | place: the smallest key is the shortest
# time, then the smallest number. Two keys of times below INFINI add up within 64 bits.
_NO_KEY = INFINI << 32
_LOW = (1 << 32) - 1
_LANES = 64

Entiers = NDArray[np.int32]
Indices = NDArray[np.int64]


def plus_proche(
    reseau: Graphe | Hierarchie, places: Points, limite_ms: int | None = None
) -> tuple[Entiers, Entiers]:
    """For every node, the time from the nearest of the places, and which; of equals, the first one.

    Returns ``ms`` int32[n] and ``place`` int32[n]; beyond ``limite_ms`` (itself reached) ``INFINI``
    and -1. Times *to* the places: the same on ``reseau.renverse()`` or ``reseau.renversee()``.
    """
    places.sur(reseau.n)
    limite = INFINI - 1 if limite_ms is None else min(limite_ms, INFINI - 1)
    which = np.repeat(np.arange(len(places)), np.diff(places.debut))
    keys = (places.ms.astype(np.int64) << 32) | which
    if isinstance(reseau, Graphe):
        return _chercher(
            reseau.debut, reseau.vers, reseau.ms, places.noeuds, keys, limite, np.empty(0, np.int32)
        )
    haut, bas = reseau.aller, reseau.retour
    return _balayer(
        reseau.rang, haut.debut, haut.vers, haut.ms, bas.debut, bas.vers, bas.ms,
        places.noeuds, keys, limite,
    )  # fmt: skip


def un_vers_tous(reseau: Graphe | Hierarchie, depuis: Points, limite_ms: int | None = None) -> Entiers:
    """For every node, the time from one place (the nearest when given several): int32[n]."""
    return plus_proche(reseau, depuis, limite_ms)[0]


def un_vers_plusieurs(reseau: Graphe | Hierarchie, depuis: Points, vers: Points) -> Entiers:
    """The time from one place (the nearest when given several) to each destination: int32[k].

    On a bare graph the search stops when all destinations are reached.
    """
    if isinstance(reseau, Graphe):
        depuis.sur(reseau.n)
        vers.sur(reseau.n)
        ms, _ = _chercher(
            reseau.debut, reseau.vers, reseau.ms, depuis.noeuds, depuis.ms.astype(np.int64) << 32,
            INFINI - 1, vers.noeuds,
        )  # fmt: skip
        return _au_plus_pres(ms, vers.debut, vers.noeuds, vers.ms)
    une = Points(np.array([0, depuis.noeuds.size]), depuis.noeuds, depuis.ms)
    ligne: Entiers = matrice(reseau, une, vers)[0]
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
            lignes[i] = _au_plus_pres(ms, destinations.debut, destinations.noeuds, destinations.ms)
        return lignes
    haut, bas = hierarchie.aller, hierarchie.retour
    return _croiser(
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
    """Compile every kernel, or load it from disk: to be called before the first request, never in one."""
    graphe = Graphe.depuis_arcs(2, [0, 1], [1, 0], [1, 1])
    hierarchie = contracter(graphe)
    ici, la = Points.aux_noeuds([0]), Points.aux_noeuds([1])
    un_vers_plusieurs(graphe, ici, la)
    un_vers_tous(hierarchie, ici)
    detours(hierarchie, (ici, ici), (la, la), (ici, la))


def _routes(hierarchie: Hierarchie, origines: Points, destinations: Points, *, with_nodes: bool) -> Routes:
    origines.sur(hierarchie.n)
    destinations.sur(hierarchie.n)
    if len(origines) != len(destinations):
        raise ValueError("as many destinations as origins are needed")
    haut, bas = hierarchie.aller, hierarchie.retour
    ms, debut, noeuds = _joindre(
        hierarchie.rang, hierarchie.noeud,
        haut.debut, haut.vers, haut.ms, haut.milieu, bas.debut, bas.vers, bas.ms, bas.milieu,
        origines.debut, origines.noeuds, origines.ms,
        destinations.debut, destinations.noeuds, destinations.ms, with_nodes,
    )  # fmt: skip
    return Routes(ms, debut, noeuds)


# ── On a bare graph ───────────────────────────────────────────────────────────────────────────────


@noyau
def _chercher(
    debut: Indices,
    vers: Entiers,
    ms: Entiers,
    starts: Entiers,
    start_keys: Indices,
    limit: int,
    wanted: Entiers,
) -> tuple[Entiers, Entiers]:
    """Dijkstra's search on keys: since adding a time keeps their order, ties need no further care.

    Stops when all wanted nodes are settled, if any is wanted: other times may then be too long.
    """
    n = debut.size - 1
    keys = np.full(n, _NO_KEY, np.int64)
    left = 0
    is_wanted = np.zeros(n if wanted.size else 0, np.bool_)
    for i in range(wanted.size):
        left += not is_wanted[wanted[i]]
        is_wanted[wanted[i]] = True
    # Two arrays, keys and nodes, moved together. A node is settled once, so each arc and each start is
    # pushed once at most: room for all of them, of which the system gives only the pages that are used.
    heap = np.empty(vers.size + starts.size, np.int64)
    nodes = np.empty(vers.size + starts.size, np.int32)
    size = 0
    for i in range(starts.size):
        if start_keys[i] >> 32 <= limit and start_keys[i] < keys[starts[i]]:
            keys[starts[i]] = start_keys[i]
            size = _push2(heap, nodes, size, start_keys[i], starts[i])
    while size > 0:
        key, u = heap[0], nodes[0]
        size = _pop2(heap, nodes, size)
        if key > keys[u]:
            continue
        if wanted.size and is_wanted[u]:
            left -= 1
            if left == 0:
                break
        for arc in range(debut[u], debut[u + 1]):
            through = key + (np.int64(ms[arc]) << 32)
            v = vers[arc]
            if through < keys[v] and through >> 32 <= limit:
                keys[v] = through
                size = _push2(heap, nodes, size, through, v)
    times = np.empty(n, np.int32)
    which = np.empty(n, np.int32)
    for v in range(n):
        times[v] = keys[v] >> 32
        which[v] = keys[v] & _LOW if keys[v] < _NO_KEY else -1
    return times, which


@noyau
def _push2(heap: Indices, nodes: Entiers, size: int, key: int, node: int) -> int:
    i = size
    while i > 0:
        parent = (i - 1) >> 2
        if heap[parent] <= key:
            break
        heap[i] = heap[parent]
        nodes[i] = nodes[parent]
        i = parent
    heap[i] = key
    nodes[i] = node
    return size + 1


@noyau
def _pop2(heap: Indices, nodes: Entiers, size: int) -> int:
    size -= 1
    key = heap[size]
    i = 0
    while True:
        first = (i << 2) + 1
        if first >= size:
            break
        best = first
        for child in range(first + 1, min(first + 4, size)):
            if heap[child] < heap[best]:
                best = child
        if heap[best] >= key:
            break
        heap[i] = heap[best]
        nodes[i] = nodes[best]
        i = best
    heap[i] = key
    nodes[i] = nodes[size]
    return size


@noyau
def _au_plus_pres(times: Entiers, debut: Indices, nodes: Entiers, extra: Entiers) -> Entiers:
    """For each group of nodes the smallest of time and extra together."""
    reached = np.full(debut.size - 1, INFINI, np.int32)
    for j in range(reached.size):
        for i in range(debut[j], debut[j + 1]):
            reached[j] = min(reached[j], times[nodes[i]] + extra[i])
    return reached


# ── On a hierarchy ────────────────────────────────────────────────────────────────────────────────


@noyau
def _balayer(
    rank: Entiers,
    up: Indices, up_to: Entiers, up_ms: Entiers, down: Indices, down_from: Entiers, down_ms: Entiers,
    starts: Entiers, start_keys: Indices, limit: int,
) -> tuple[Entiers, Entiers]:  # fmt: skip
    """Climb from the starts, then come down to everybody (PHAST): two passes in the order of importance."""
    n = rank.size
    keys = np.full(n, _NO_KEY, np.int64)
    for i in range(starts.size):
        keys[rank[starts[i]]] = min(keys[rank[starts[i]]], start_keys[i])
    for v in range(n - 1, -1, -1):
        if keys[v] < _NO_KEY:
            for arc in range(up[v], up[v + 1]):
                through = keys[v] + (np.int64(up_ms[arc]) << 32)
                keys[up_to[arc]] = min(keys[up_to[arc]], through)
    for v in range(n):
        key = keys[v]
        for arc in range(down[v], down[v + 1]):
            key = min(key, keys[np.uint32(down_from[arc])] + (np.int64(down_ms[arc]) << 32))
        keys[v] = key
    times = np.empty(n, np.int32)
    which = np.empty(n, np.int32)
    for node in range(n):
        key = keys[rank[node]]
        near = key >> 32 <= limit
        times[node] = key >> 32 if near else INFINI
        which[node] = key & _LOW if near else -1
    return times, which


@noyau
def _grimper(up: Indices, up_to: Entiers, up_ms: Entiers, dist: Entiers, touched: Entiers, known: int) -> int:
    """From the nodes touched, each with its time in ``dist``, climb everywhere; how many are touched."""
    i = 0
    while i < known:
        for arc in range(up[touched[i]], up[touched[i] + 1]):
            if dist[up_to[arc]] == -1:
                dist[up_to[arc]] = INFINI
                touched[known] = up_to[arc]
                known += 1
        i += 1
    touched[:known].sort()
    for i in range(known - 1, -1, -1):
        u = touched[i]
        d = dist[u]
        if d < INFINI:
            for arc in range(up[u], up[u + 1]):
                x = up_to[arc]
                dist[x] = min(dist[x], d + up_ms[arc])
    return known


@noyau
def _croiser(
    rank: Entiers,
    up: Indices, up_to: Entiers, up_ms: Entiers, down: Indices, down_from: Entiers, down_ms: Entiers,
    from_at: Indices, from_nodes: Entiers, from_ms: Entiers, to_at: Indices, to_nodes: Entiers, to_ms: Entiers,
) -> Entiers:  # fmt: skip
    """RPHAST: keep only what lies above the destinations, come down to it from 64 origins at a time."""
    n = rank.size
    local = np.full(n, -1, np.int32)
    stack = np.empty(n, np.int32)
    count = 0
    for j in range(to_nodes.size):
        v = rank[to_nodes[j]]
        if local[v] < 0:
            local[v] = 0
            stack[count] = v
            count += 1
    i = 0
    arcs = 0
    while i < count:
        v = stack[i]
        i += 1
        arcs += down[v + 1] - down[v]
        for arc in range(down[v], down[v + 1]):
            u = down_from[arc]
            if local[u] < 0:
                local[u] = 0
                stack[count] = u
                count += 1
    begin = np.empty(count + 1, np.int64)
    begin[0] = 0
    above = np.empty(arcs, np.int32)
    above_ms = np.empty(arcs, np.int32)
    i = 0
    k = 0
    for v in range(n):
        if local[v] == 0:
            local[v] = i
            i += 1
            for arc in range(down[v], down[v + 1]):
                above[k] = local[down_from[arc]]
                above_ms[k] = down_ms[arc]
                k += 1
            begin[i] = k
    many = from_at.size - 1
    lanes = max(1, min(_LANES, many))
    table = np.full((many, to_at.size - 1), INFINI, np.int32)
    dist = np.full(n, -1, np.int32)
    touched = stack
    rows = np.empty((count, lanes), np.int32)
    for first in range(0, many, lanes):
        width = min(lanes, many - first)
        rows[:] = INFINI
        for lane in range(width):
            known = 0
            for i in range(from_at[first + lane], from_at[first + lane + 1]):
                v = rank[from_nodes[i]]
                if dist[v] == -1:
                    dist[v] = from_ms[i]
                    touched[known] = v
                    known += 1
                dist[v] = min(dist[v], from_ms[i])
            known = _grimper(up, up_to, up_ms, dist, touched, known)
            for i in range(known):
                v = touched[i]
                if local[v] >= 0:
                    rows[local[v], lane] = dist[v]
                dist[v] = -1
        _descendre(begin, above, above_ms, rows)
        for block in range(0, to_at.size - 1, 16):
            for lane in range(width):
                for j in range(block, min(block + 16, to_at.size - 1)):
                    best = table[first + lane, j]
                    for i in range(to_at[j], to_at[j + 1]):
                        best = min(best, rows[local[rank[to_nodes[i]]], lane] + to_ms[i])
                    table[first + lane, j] = best
    return table


@noyau
def _descendre(begin: Indices, above: Entiers, above_ms: Entiers, rows: NDArray[np.int32]) -> None:
    """Each row becomes the least of itself and of the rows above plus the time down from them."""
    for v in range(begin.size - 1):
        row = rows[v]
        for arc in range(begin[v], begin[v + 1]):
            higher = rows[above[arc]]
            ms = above_ms[arc]
            for lane in range(row.size):
                row[lane] = min(row[lane], np.int32(higher[lane] + ms))


@noyau
def _pas(
    up: Indices, up_to: Entiers, up_ms: Entiers, down: Indices, down_from: Entiers, down_ms: Entiers,
    heap: Indices, size: int, dist: Entiers, before: Entiers, touched: Entiers, known: int,
    other: Entiers, best: int, meet: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Settle one node of one side of a search from both ends: heap size, nodes touched, best time, where."""
    size = pop(heap, size)
    d, u = heap[size] >> 32, heap[size] & _LOW
    if d > dist[u]:
        return size, known, best, meet
    if d + other[u] < best:
        best, meet = d + other[u], u
    for arc in range(down[u], down[u + 1]):  # a better way comes down to u: nothing good climbs from it
        if dist[down_from[arc]] + down_ms[arc] < d:
            return size, known, best, meet
    for arc in range(up[u], up[u + 1]):
        x = up_to[arc]
        through = d + up_ms[arc]
        if through < dist[x]:
            if dist[x] == INFINI:
                touched[known] = x
                known += 1
            dist[x] = through
            before[x] = u
            size = push(heap, size, (through << 32) | x)
    return size, known, best, meet


@noyau
def _partir(
    rank: Entiers, nodes: Entiers, extra: Entiers, first: int, last: int,
    heap: Indices, dist: Entiers, before: Entiers, touched: Entiers,
) -> tuple[int, int]:  # fmt: skip
    """Begin one side of a search: heap size, nodes touched."""
    size = known = 0
    for i in range(first, last):
        v = rank[nodes[i]]
        if extra[i] < dist[v]:
            if dist[v] == INFINI:
                touched[known] = v
                known += 1
            dist[v] = extra[i]
            before[v] = -1
            size = push(heap, size, (np.int64(extra[i]) << 32) | v)
    return size, known


@noyau
def _joindre(
    rank: Entiers, node: Entiers,
    up: Indices, up_to: Entiers, up_ms: Entiers, up_middle: Entiers,
    down: Indices, down_from: Entiers, down_ms: Entiers, down_middle: Entiers,
    from_at: Indices, from_nodes: Entiers, from_ms: Entiers,
    to_at: Indices, to_nodes: Entiers, to_ms: Entiers, with_nodes: bool,
) -> tuple[Entiers, Indices, Entiers]:  # fmt: skip
    """Search from both ends, upwards only, for each couple; then undo the shortcuts of its way."""
    n = rank.size
    many = from_at.size - 1
    times = np.full(many, INFINI, np.int32)
    begin = np.zeros(many + 1, np.int64)
    nodes = np.empty(1024, np.int32)
    dist_f = np.full(n, INFINI, np.int32)
    dist_b = np.full(n, INFINI, np.int32)
    before_f = np.empty(n, np.int32)
    before_b = np.empty(n, np.int32)
    touched_f = np.empty(n, np.int32)
    touched_b = np.empty(n, np.int32)
    # A node is settled once, so each arc and each start is pushed once at most: room for all of them,
    # of which the system gives only the pages that are used.
    heap_f = np.empty(up_to.size + from_nodes.size, np.int64)
    heap_b = np.empty(down_from.size + to_nodes.size, np.int64)
    way = np.empty(n + 1, np.int32)
    stack = np.empty(n + 1, np.int32)
    for q in range(many):
        size_f, known_f = _partir(
            rank, from_nodes, from_ms, from_at[q], from_at[q + 1], heap_f, dist_f, before_f, touched_f
        )  # fmt: skip
        size_b, known_b = _partir(
            rank, to_nodes, to_ms, to_at[q], to_at[q + 1], heap_b, dist_b, before_b, touched_b
        )  # fmt: skip
        best, meet = INFINI, -1
        while True:
            top_f = heap_f[0] >> 32 if size_f > 0 else INFINI
            top_b = heap_b[0] >> 32 if size_b > 0 else INFINI
            if min(top_f, top_b) >= best:
                break
            if top_f <= top_b:
                size_f, known_f, best, meet = _pas(
                    up, up_to, up_ms, down, down_from, down_ms,
                    heap_f, size_f, dist_f, before_f, touched_f, known_f, dist_b, best, meet,
                )  # fmt: skip
            else:
                size_b, known_b, best, meet = _pas(
                    down, down_from, down_ms, up, up_to, up_ms,
                    heap_b, size_b, dist_b, before_b, touched_b, known_b, dist_f, best, meet,
                )  # fmt: skip
        times[q] = best
        begin[q + 1] = begin[q]
        if with_nodes and meet >= 0:
            u = meet
            length = 0
            while u >= 0:
                way[length] = u
                length += 1
                u = before_f[u]
            way[:length] = way[:length][::-1].copy()
            u = before_b[meet]
            while u >= 0:
                way[length] = u
                length += 1
                u = before_b[u]
            nodes, begin[q + 1] = _deplier(
                up, up_to, up_middle, down, down_from, down_middle, node, way, length, stack, nodes, begin[q]
            )  # fmt: skip
        for i in range(known_f):
            dist_f[touched_f[i]] = INFINI
        for i in range(known_b):
            dist_b[touched_b[i]] = INFINI
    return times, begin, nodes[: begin[many]].copy()


@noyau
def _deplier(
    up: Indices, up_to: Entiers, up_middle: Entiers, down: Indices, down_from: Entiers, down_middle: Entiers,
    node: Entiers, way: Entiers, length: int, stack: Entiers, nodes: Entiers, count: int,
) -> tuple[Entiers, int]:  # fmt: skip
    """Write the nodes of a way after the ``count`` already in ``nodes``: the array (larger if it was
    full) and the new count. The stack holds what is still to be reached, the next one on top."""
    a = way[0]
    reached = 1
    depth = 0
    while True:
        if count == nodes.size:
            nodes = np.concatenate((nodes, np.empty_like(nodes)))
        nodes[count] = node[a]
        count += 1
        if depth == 0:
            if reached == length:
                return nodes, count
            stack[0] = way[reached]
            reached += 1
            depth = 1
        while True:
            b = stack[depth - 1]
            middle = -1
            if a > b:
                for arc in range(up[a], up[a + 1]):
                    if up_to[arc] == b:
                        middle = up_middle[arc]
                        break
            else:
                for arc in range(down[b], down[b + 1]):
                    if down_from[arc] == a:
                        middle = down_middle[arc]
                        break
            if middle < 0:
                break
            stack[depth] = middle
            depth += 1
        depth -= 1
        a = b
