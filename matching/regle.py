"""A rule and what it reads, side by side: the same words judge one offer, or a whole catalogue at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from matching.voyage import Examen, Voyage
from mobilite.candidate import Candidate
from mobilite.verdict import Duree, Motif

Codes = npt.NDArray[np.int32]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Lecture:
    """What a rule reads of every offer, each distinct reading kept once.

    ``codes[i]`` is the reading of offer ``i``; ``premiers[code]`` the first offer that reads so.
    Code 0 is « does not concern this offer », whatever the rule: its ``premiers`` is ``None``.
    """

    codes: Codes
    premiers: tuple[Candidate | None, ...]
    _prepare: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def prepare(self, nom: Hashable, faire: Callable[[Sequence[Candidate | None]], T]) -> T:
        """What a rule works out of the readings, kept with them: hours as arrays, an index of departures."""
        if nom not in self._prepare:
            self._prepare[nom] = faire(self.premiers)
        prepare: T = self._prepare[nom]
        return prepare


@dataclass(frozen=True, slots=True, eq=False)
class RegleDAcces:
    """A rule about her and the place, whatever the trip.

    ``lit`` returns all that its verdict depends on in an offer (never what only the sentence says:
    a name, a phone), or ``None`` when the rule does not concern that offer. ``voit`` returns all
    that its verdict depends on in a need, the person herself set apart.
    """

    lit: Callable[[Candidate], Hashable]
    voit: Callable[[Examen], Hashable]
    dit: Callable[[Candidate, Examen], Iterable[Motif]]


def _rien(offre: Candidate, voyage: Voyage, examen: Examen) -> Iterable[Motif]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class RegleDeTrajet:
    """A rule about one trip: it says one reason at most, under one of its ``noms``.

    ``lit`` as above; ``voit`` returns all that its verdict depends on in a trip and its need, or
    ``None`` when the rule does not concern that trip. ``affine``, where readings are many, gives each
    reading a class for one trip: the readings of a class share its answer. ``dure``, instead of
    ``dit``: a rule that knows the minutes of the trip as well. ``etape``: a trip that the rules of a
    stage refuse is not explained by those of the next.
    """

    noms: tuple[str, ...]
    lit: Callable[[Candidate], Hashable]
    voit: Callable[[Voyage, Examen], Hashable]
    dit: Callable[[Candidate, Voyage, Examen], Iterable[Motif]] = _rien
    affine: Callable[[Lecture, Voyage, Examen], npt.NDArray[np.int64]] | None = None
    dure: Callable[[Candidate, Voyage, Examen], tuple[Iterable[Motif], Duree | None]] | None = None
    etape: int = 2


def lire(offres: Sequence[Candidate], lit: Callable[[Candidate], Hashable]) -> Lecture:
    """One reading of a whole catalogue."""
    rangs: dict[Hashable, int] = {None: 0}
    premiers: list[Candidate | None] = [None]
    codes = np.empty(len(offres), np.int32)
    for i, offre in enumerate(offres):
        cle = lit(offre)
        rang = rangs.setdefault(cle, len(premiers))
        if rang == len(premiers):
            premiers.append(offre)
        codes[i] = rang
    return Lecture(codes, tuple(premiers))
