"""What every compiled kernel shares: how it is compiled, and one priority queue of 64-bit keys.

A kernel is compiled once per type of its arguments and kept on disk beside the code. All arrays
given to kernels are read-only, aligned and contiguous (``fige``), so that what was compiled for an
array in memory serves for the same array mapped from a file. ``nogil``: threads run in parallel.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

if "scipy.linalg" not in sys.modules:
    # numba looks whether scipy could multiply matrices, which no kernel does: told that it cannot, it
    # starts a quarter of a second sooner and nine megabytes lighter.
    sys.modules["scipy.linalg"] = cast(Any, None)
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules["scipy.linalg"]

Fonction = TypeVar("Fonction", bound=Callable[..., Any])
Scalaire = TypeVar("Scalaire", bound=np.generic)

INFINI = 2**30
"""Not reachable. Also any time of 2³⁰ ms (12 days) or more: two times below it add up within 32 bits."""


def noyau(fonction: Fonction) -> Fonction:
    """Compile at first call, keep the machine code on disk."""
    return cast(Fonction, njit(cache=True, nogil=True, error_model="numpy")(fonction))


def fige(tableau: NDArray[Any], dtype: type[Scalaire]) -> NDArray[Scalaire]:
    """The same values as a plain read-only array that kernels accept; copied only when it must be.

    A file mapped in memory stays mapped.
    """
    fixe = np.require(np.asarray(tableau).view(np.ndarray), dtype, ["C", "A"]).view()
    fixe.flags.writeable = False
    return fixe


@noyau
def push(heap: NDArray[np.int64], size: int, key: int) -> int:
    """Add a key to a heap of ``size`` keys, four children to a parent; the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 2
        if heap[parent] <= key:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = key
    return size + 1


@noyau
def pop(heap: NDArray[np.int64], size: int) -> int:
    """Move the smallest key to the end, ``heap[size - 1]``; the new size."""
    smallest = heap[0]
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
        i = best
    heap[i] = key
    heap[size] = smallest
    return size
