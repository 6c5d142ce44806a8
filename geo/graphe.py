"""A road network as numbers: directed arcs with whole milliseconds, and places on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.noyau import INFINI, fige, noyau


@dataclass(frozen=True, eq=False)
class Graphe:
    """Arcs sorted by their start (compressed sparse rows). Loops and parallel arcs are welcome.

    ``debut``: int64[n + 1], the arcs of node ``i`` are ``debut[i]`` to ``debut[i + 1]`` excluded;
    ``vers``: int32[m], where each arc ends; ``ms``: int32[m], 0 ≤ ms < ``INFINI``.
    Only shapes are checked here, so that a file of millions of arcs opens at once: arcs of unknown
    origin go through ``depuis_arcs``, which checks every one.
    """

    debut: NDArray[np.int64]
    vers: NDArray[np.int32]
    ms: NDArray[np.int32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "debut", fige(self.debut, np.int64))
        object.__setattr__(self, "vers", fige(self.vers, np.int32))
        object.__setattr__(self, "ms", fige(self.ms, np.int32))
        if not (self.debut.ndim == self.vers.ndim == self.ms.ndim == 1 and self.debut.size >= 1):
            raise ValueError("debut, vers and ms must be flat, debut never empty")
        if not (self.debut[0] == 0 and self.debut[-1] == self.vers.size == self.ms.size):
            raise ValueError("debut must go from 0 to the number of arcs")

    @classmethod
    def depuis_arcs(cls, n: int, de: ArrayLike, vers: ArrayLike, ms: ArrayLike) -> Graphe:
        """The graph of ``n`` nodes with these arcs, in any order. ``ValueError`` on an impossible arc."""
        starts, ends, times = (np.asarray(valeurs, np.int64).ravel() for valeurs in (de, vers, ms))
        if not starts.size == ends.size == times.size:
            raise ValueError("de, vers and ms must have one value per arc")
        if starts.size:
            if min(starts.min(), ends.min()) < 0 or max(starts.max(), ends.max()) >= n:
                raise ValueError(f"an arc leaves the nodes 0 to {n - 1}")
            if times.min() < 0 or times.max() >= INFINI:
                raise ValueError(f"an arc takes less than 0 or at least {INFINI} ms")
        ordre = np.argsort(starts, kind="stable")
        debut = np.zeros(n + 1, np.int64)
        np.cumsum(np.bincount(starts, minlength=n), out=debut[1:])
        return cls(debut, ends[ordre].astype(np.int32), times[ordre].astype(np.int32))

    @property
    def n(self) -> int:
        """How many nodes."""
        return self.debut.size - 1

    @property
    def m(self) -> int:
        """How many arcs."""
        return self.vers.size

    def renverse(self) -> Graphe:
        """The same arcs driven backwards: a search in it from a place tells the times *to* that place."""
        return Graphe(*_renverser(self.debut, self.vers, self.ms))


@dataclass(frozen=True, eq=False)
class Points:
    """k places on a graph; each is seen from one or more nodes, at so many ms from it.

    A place in the middle of an arc has the nodes it leads to when it is an origin, those it is
    reached from when it is a destination: times to and from it are then exact. A place with no node
    is reachable from nowhere. ``debut``: int64[k + 1]; ``noeuds``, ``ms``: int32[p], 0 ≤ ms < INFINI.
    """

    debut: NDArray[np.int64]
    noeuds: NDArray[np.int32]
    ms: NDArray[np.int32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "debut", fige(self.debut, np.int64))
        object.__setattr__(self, "noeuds", fige(self.noeuds, np.int32))
        object.__setattr__(self, "ms", fige(self.ms, np.int32))
        if self.debut.size < 1 or self.debut[0] != 0 or (np.diff(self.debut) < 0).any():
            raise ValueError("debut must grow from 0")
        if not self.debut[-1] == self.noeuds.size == self.ms.size:
            raise ValueError("debut must go from 0 to the number of nodes")
        if self.noeuds.size and self.noeuds.min() < 0:
            raise ValueError("a node has a negative number")
        if self.ms.size and not 0 <= self.ms.min() <= self.ms.max() < INFINI:
            raise ValueError(f"a place is less than 0 or at least {INFINI} ms from its node")

    @classmethod
    def de(cls, places: Iterable[Iterable[tuple[int, int]]]) -> Points:
        """One group of (node, ms) per place."""
        groupes = [list(groupe) for groupe in places]
        debut = np.cumsum([0, *map(len, groupes)])
        couples = np.array(list(chain.from_iterable(groupes)), np.int64).reshape(-1, 2)
        if couples.size and not 0 <= couples.min() <= couples.max() < 2**31:
            raise ValueError("a node or the ms to it cannot be negative, nor beyond 32 bits")
        return cls(debut, couples[:, 0].astype(np.int32), couples[:, 1].astype(np.int32))

    @classmethod
    def aux_noeuds(cls, noeuds: ArrayLike) -> Points:
        """Places that are nodes."""
        exacts = np.asarray(noeuds, np.int32).ravel()
        return cls(np.arange(exacts.size + 1), exacts, np.zeros_like(exacts))

    def __len__(self) -> int:
        return self.debut.size - 1

    def seul(self, i: int) -> Points:
        """Place ``i`` alone."""
        a, b = self.debut[i], self.debut[i + 1]
        return Points(np.array([0, b - a]), self.noeuds[a:b], self.ms[a:b])

    def sur(self, n: int) -> Points:
        """These places, after checking that each stands on one of ``n`` nodes (``ValueError``)."""
        if self.noeuds.size and self.noeuds.max() >= n:
            raise ValueError(f"a place stands outside the nodes 0 to {n - 1}")
        return self


@noyau
def _renverser(
    debut: NDArray[np.int64], vers: NDArray[np.int32], ms: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    n = debut.size - 1
    begin = np.zeros(n + 1, np.int64)
    for arc in range(vers.size):
        begin[vers[arc] + 1] += 1
    for node in range(n):
        begin[node + 1] += begin[node]
    place = begin[:-1].copy()
    back = np.empty_like(vers)
    times = np.empty_like(ms)
    for node in range(n):
        for arc in range(debut[node], debut[node + 1]):
            where = place[vers[arc]]
            place[vers[arc]] = where + 1
            back[where] = node
            times[where] = ms[arc]
    return begin, back, times
