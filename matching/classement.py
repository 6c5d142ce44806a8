"""The ranked propositions of a need: every offer has its place; its sentences are told when looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

import numpy as np

from matching.domination import replier
from matching.jugement import Jugement, Rangs
from matching.proposition import Explication, Proposition
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate


class Classement(Sequence[Proposition]):
    """Sure before doubtful before impossible; trips before helps; then the score; then the id.

    A sequence of ``Proposition``, made one by one as they are read; ``jugement`` holds the columns.
    """

    def __init__(
        self, besoin: Besoin, jugement: Jugement, expliquer: Callable[[Candidate], Explication]
    ) -> None:
        self.besoin = besoin
        self.jugement = jugement
        self._expliquer = expliquer
        self._dominees = replier(jugement)
        self._ordre = self._classer()
        self._lues: dict[int, Proposition] = {}

    def _classer(self) -> Rangs:
        j = self.jugement
        ordre = np.lexsort((j.catalogue.rangs, -j.centiemes, ~j.transporte, self._dominees >= 0, j.verdicts))
        return ordre.astype(np.int64)

    def __len__(self) -> int:
        return len(self._ordre)

    def __iter__(self) -> Iterator[Proposition]:
        return (self._proposition(rang) for rang in range(len(self)))

    @overload
    def __getitem__(self, rang: int) -> Proposition: ...

    @overload
    def __getitem__(self, rang: slice) -> Sequence[Proposition]: ...

    def __getitem__(self, rang: int | slice) -> Proposition | Sequence[Proposition]:
        if isinstance(rang, slice):
            return [self._proposition(r) for r in range(*rang.indices(len(self)))]
        return self._proposition(range(len(self))[rang])

    def _proposition(self, rang: int) -> Proposition:
        if rang not in self._lues:
            self._lues[rang] = self._lire(rang)
        return self._lues[rang]

    def _lire(self, rang: int) -> Proposition:
        j, place = self.jugement, int(self._ordre[rang])
        dominee = int(self._dominees[place])
        gagnante = j.catalogue.offres[dominee].id if dominee >= 0 else ""
        return Proposition(self.besoin, j, place, self._expliquer, rang + 1, gagnante)
