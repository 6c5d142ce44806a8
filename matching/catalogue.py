"""A catalogue made ready once, then asked by everybody: its offers, and what each rule reads of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from matching.regle import Lecture, lire
from mobilite.candidate import Candidate

Nombres = npt.NDArray[np.float64]


class Catalogue(Sequence[Candidate]):
    """Offers, never changed once given. Readings are made on first use, then kept for every person.

    The order of the offers changes nothing in an answer: ``rangs`` orders them by id.
    """

    def __init__(self, offres: Sequence[Candidate]) -> None:
        self.offres = tuple(offres)
        self.rangs = np.empty(len(self.offres), np.int64)
        self.rangs[sorted(range(len(self.offres)), key=lambda i: self.offres[i].id)] = np.arange(
            len(self.offres)
        )
        self._lectures: dict[Callable[[Candidate], Hashable], Lecture] = {}
        self._nombres: dict[Callable[[Candidate], float], Nombres] = {}
        self._tableaux: dict[Callable[[Sequence[Candidate]], Nombres], Nombres] = {}

    @classmethod
    def de(cls, offres: Sequence[Candidate]) -> Catalogue:
        """A catalogue of offers; one that is ready stays as it is."""
        return offres if isinstance(offres, Catalogue) else cls(offres)

    def lecture(self, lit: Callable[[Candidate], Hashable]) -> Lecture:
        """What a rule reads of each offer."""
        lecture = self._lectures.get(lit)
        if lecture is None:
            lecture = self._lectures[lit] = lire(self.offres, lit)
        return lecture

    def nombres(self, lit: Callable[[Candidate], float]) -> Nombres:
        """One number of each offer."""
        nombres = self._nombres.get(lit)
        if nombres is None:
            nombres = self._nombres[lit] = np.fromiter(map(lit, self.offres), np.float64, len(self.offres))
        return nombres

    def tableau(self, lit: Callable[[Sequence[Candidate]], Nombres]) -> Nombres:
        """Several numbers of each offer, read together."""
        tableau = self._tableaux.get(lit)
        if tableau is None:
            tableau = self._tableaux[lit] = lit(self.offres)
        return tableau

    def __len__(self) -> int:
        return len(self.offres)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.offres)

    @overload
    def __getitem__(self, rang: int) -> Candidate: ...

    @overload
    def __getitem__(self, rang: slice) -> Sequence[Candidate]: ...

    def __getitem__(self, rang: int | slice) -> Candidate | Sequence[Candidate]:
        return self.offres[rang]
