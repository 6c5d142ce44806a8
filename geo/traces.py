"""SVG path data from shapes already drawn to scale: on the integer grid, as short as SVG allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any


def anneaux(geometrie: Any, *, trous: bool = True) -> Iterator[list[tuple[int, int]]]:
    """The rings of a (multi)polygon on the integer grid, without points that fell together."""
    for polygone in getattr(geometrie, "geoms", [geometrie]):
        for anneau in (polygone.exterior, *(polygone.interiors if trous else ())):
            points = [(round(x), round(y)) for x, y in anneau.coords]
            distincts = [point for avant, point in pairwise(points) if point != avant]
            if len(distincts) >= 3:
                yield distincts


def trace(anneaux: Iterable[list[tuple[int, int]]]) -> str:
    """Relative path data, as short as SVG allows: « M12 30l4-2-3 7z »."""
    traces = []
    for (x, y), *suite in anneaux:
        pas: list[str] = []
        depuis = (x, y)
        for point in suite:
            for ecart in (point[0] - depuis[0], point[1] - depuis[1]):
                pas.append(f"{ecart}" if ecart < 0 or not pas else f" {ecart}")
            depuis = point
        traces.append(f"M{x} {y}l{''.join(pas)}z")
    return "".join(traces)
