"""Pairs of drivers and passengers as columns of numbers: what is computed for thousands of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilite.lieux import JAMAIS

Longs = NDArray[np.int64]
Codes = NDArray[np.int8]

NON, A_VERIFIER, OUI = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Paires:
    """k possible pairs, each with its best couple of stops: arrays of k rows.

    ``trajet``, ``demande``: ranks in what was given; ``prise``, ``depose``: ranks among her stops;
    ``code``: 2 sure, 1 to be checked; ``ajoute``: int64[k, 2], the detour in ms, least and greatest;
    ``gain``: ms of driving spared (driving her there on purpose, less the detour; middles of ranges).
    """

    trajet: Longs
    demande: Longs
    prise: Longs
    depose: Longs
    code: Codes
    ajoute: Longs
    gain: Longs

    def __len__(self) -> int:
        return self.trajet.size

    def choisir(self, rangs: NDArray[np.int64] | NDArray[np.bool_]) -> Paires:
        """Some of the pairs."""
        return Paires(
            self.trajet[rangs],
            self.demande[rangs],
            self.prise[rangs],
            self.depose[rangs],
            self.code[rangs],
            self.ajoute[rangs],
            self.gain[rangs],
        )


@dataclass(frozen=True, eq=False)
class Colonnes:
    """``matching.covoiturage.trajets.Etapes`` for k pairs: int64[k, 2] each."""

    direct: Longs
    approche: Longs
    ensemble: Longs
    suite: Longs

    @property
    def total(self) -> Longs:
        """The trips with her."""
        return np.asarray(np.minimum(JAMAIS, self.approche + self.ensemble + self.suite))

    @property
    def ajoute(self) -> Longs:
        """What she adds to them."""
        total = self.total
        return np.asarray(np.where(total >= JAMAIS, JAMAIS, np.maximum(0, total - self.direct[:, ::-1])))
