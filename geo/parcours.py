"""The kernels behind ``geo.chemins``: how exact times are found on a contraction hierarchy.

A shortest way climbs from its start, then comes down to its end. To all nodes from a few: climb, then
one pass downwards over everything (PHAST). Many to many: that pass over what lies above the
destinations only, for 64 origins at a time (RPHAST). Couples: climb from both ends until they meet.
Methods: Delling, Goldberg, Nowatzyk, Werneck, « PHAST », 2011, and the same with Knopp, « Faster
Batched Shortest Paths in Road Networks », 2011; stalling: Geisberger and others, 2008.

Slopes are given as their arrays (``debut``, ``vers``, ``ms``): ``up`` climbs forwards, ``down`` climbs
when driven backwards. A key is a time and the number of a place, time << 32 | place: the smallest key
is the shortest time, then the smallest number. Keys of times up to INFINI add up within 64 bits, such
times within 32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.noyau import INFINI, noyau, pop, push

_NO_KEY = INFINI << 32
_LOW = (1 << 32) - 1
_LANES = 64

Entiers = NDArray[np.int32]
Indices = NDArray[np.int64]


@noyau
def au_plus_pres(times: Entiers, debut: Indices, nodes: Entiers, extra: Entiers) -> Entiers:
    """For each group of nodes the smallest of time and extra together."""
    reached = np.full(debut.size - 1, INFINI, np.int32)
    for j in range(reached.size):
        for i in range(debut[j], debut[j + 1]):
            reached[j] = min(reached[j], times[nodes[i]] + extra[i])
    return reached


@noyau
def balayer(
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
def croiser(
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
def joindre(
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
