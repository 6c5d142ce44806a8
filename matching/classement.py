"""The order in which solutions are read: sure first, whole needs before parts of them, then the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import overload

import numpy as np

from matching.domination import replier
from matching.jugement import Jugement, Rangs
from matching.lignes import lignes_qui_touchent, lit_les_courses
from matching.proposition import Explication, Proposition
from matching.score import lit_le_genre
from matching.tableau import DOUTE, NON, OUI
from mobilite.besoin import Besoin
from mobilite.candidate import Candidate, Genre


class Classement(Sequence[Proposition]):
    """Sure before doubtful before impossible; what serves most first; then the score; then the id.

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
        self._rangs = np.argsort(self._ordre)
        self._lues: dict[int, Proposition] = {}

    def _classer(self) -> Rangs:
        j = self.jugement
        ordre = np.lexsort((j.catalogue.rangs, -j.centiemes, j.parts, self._dominees >= 0, j.verdicts))
        return ordre.astype(np.int64)

    def a_combiner(self, nombre: int) -> list[Proposition]:
        """The offers that another would complete, those that serve most first (``solution_de_l_offre``)."""
        j = self.jugement
        servis = (j.verdicts_des_cases != NON).sum(axis=0)
        surs = (j.trajets_a_elle == OUI).sum(axis=0)
        minutes = np.where(np.isnan(j.minutes), np.inf, j.minutes)
        ordre = np.lexsort((j.catalogue.rangs, minutes, -surs, -servis))
        a_completer = (j.acces == OUI) | j.doute_de("couverture")
        en_partie = (j.verdicts == DOUTE) & j.transporte & (surs < len(j.cases)) & a_completer
        return self.choisies(ordre[en_partie[ordre]][:nombre])

    def lignes_de(self, insee: str) -> list[Proposition]:
        """The lines open to her that leave a commune or come to it, by id."""
        j, lecture = self.jugement, self.jugement.catalogue.lecture(lit_les_courses)
        concernees = np.isin(lecture.codes, lignes_qui_touchent(lecture, insee))
        return self._par_id(np.flatnonzero(concernees & (j.acces != NON)))

    def ouvertes(self, genres: Set[Genre], nombre: int) -> list[Proposition]:
        """The offers of some kinds open to her: surely open first, then those where she is driven, then by id."""
        j, lecture = self.jugement, self.jugement.catalogue.lecture(lit_le_genre)
        des_genres = [o is not None and o.genre in genres for o in lecture.premiers]
        conduits = np.array([o is not None and o.genre.conduite for o in lecture.premiers])[lecture.codes]
        ordre = np.lexsort((j.catalogue.rangs, conduits, j.acces))
        ouvertes = np.array(des_genres)[lecture.codes] & (j.acces != NON)
        return self.choisies(ordre[ouvertes[ordre]][:nombre])

    def _par_id(self, places: Rangs) -> list[Proposition]:
        return self.choisies(places[np.argsort(self.jugement.catalogue.rangs[places])])

    def choisies(self, places: Iterable[int]) -> list[Proposition]:
        """The propositions of some offers, by their place in the catalogue."""
        return [self._proposition(int(self._rangs[place])) for place in places]

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
