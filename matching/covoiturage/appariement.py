"""Many passengers, many drivers: the best way to bring them together, its proof, and what a greedy hand finds.

The objective is said, never guessed: serving the most people costs minutes, sparing the most minutes
leaves people behind. One driver takes one passenger here; several at once: ``matching.covoiturage.equipages``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.colonnes import Longs, Paires

_EXACT = 2**53
"""Whole numbers up to there are exact as floating point, which is all the solver knows."""


class Objectif(StrEnum):
    """What is looked for first."""

    PERSONNES = "personnes"
    MINUTES = "minutes"

    @property
    def libelle(self) -> str:
        """The objective, said aloud."""
        return {
            "personnes": "Le plus de personnes, puis le plus de minutes de route évitées",
            "minutes": "Le plus de minutes de route évitées",
        }[self.value]


@dataclass(frozen=True, eq=False)
class Appariement:
    """The rows of the pairs that are kept, and what nobody can do better than.

    ``valeur``: of the objective, in its own unit (``poids``); ``borne``: a proof that no choice is
    worth more, checked in whole numbers. ``optimal`` when they are equal.
    """

    objectif: Objectif
    paires: Longs
    valeur: int
    borne: int

    @property
    def optimal(self) -> bool:
        """Whether it is proven that nothing better exists."""
        return self.valeur == self.borne


def poids(paires: Paires, objectif: Objectif) -> Longs:
    """What each pair is worth. One person more is worth more than all the minutes that can be spared.

    Minutes: only pairs that spare some are worth anything. Unit: ms.
    """
    if objectif is Objectif.MINUTES:
        return np.maximum(paires.gain, 0)
    if not len(paires):
        return paires.gain
    # The minutes of any choice lie between its number of pairs times the extremes.
    au_plus = min(_compter(paires.trajet), _compter(paires.demande))
    personne = au_plus * (max(0, int(paires.gain.max())) + max(0, -int(paires.gain.min()))) + 1
    return paires.gain + personne


def apparier(paires: Paires, objectif: Objectif) -> Appariement:
    """The best choice in which every driver and every demand appears once at most. Proven, in whole numbers."""
    w = poids(paires, objectif)
    utiles = np.flatnonzero(w > 0)
    if not utiles.size:
        return Appariement(objectif, utiles, 0, 0)
    w = w[utiles]
    _, t = np.unique(paires.trajet[utiles], return_inverse=True)
    _, d = np.unique(paires.demande[utiles], return_inverse=True)
    conducteurs, demandes = int(t.max()) + 1, int(d.max()) + 1
    if int(w.max()) * min(conducteurs, demandes) >= _EXACT:
        raise ValueError("too many pairs for exact arithmetic")
    # Each demand may also stay at home, with a car of her own that is worth nothing: hence the + 1,
    # because a sparse matrix does not keep zeros.
    seule = np.arange(demandes)
    grille = coo_array(
        (
            np.concatenate((w + 1, np.ones(demandes, np.int64))).astype(np.float64),
            (np.concatenate((d, seule)), np.concatenate((t, conducteurs + seule))),
        ),
        shape=(demandes, conducteurs + demandes),
    )
    qui, avec = min_weight_full_bipartite_matching(grille.tocsr(), maximize=True)
    choisi = np.full(demandes, -1, np.int64)
    choisi[qui] = np.where(avec < conducteurs, avec, -1)
    gardees = np.flatnonzero(choisi[d] == t)
    return Appariement(objectif, utiles[gardees], int(w[gardees].sum()), borne_superieure(t, d, w, gardees))


def borne_superieure(t: Longs, d: Longs, w: Longs, gardees: Longs) -> int:
    """A price for every driver and demand such that no pair is worth more than its two prices.

    Their sum bounds any choice (weak duality), whoever found it. Prices are grown from the choice
    ``gardees`` until every pair is covered; they add up to its value when it is optimal.
    """
    prix_t = np.zeros(int(t.max()) + 1, np.int64)
    pris = np.full(int(d.max()) + 1, -1, np.int64)
    pris[d[gardees]] = gardees
    ordre = np.argsort(t, kind="stable")
    t, d, w_trie = t[ordre], d[ordre], w[ordre]
    debut = np.flatnonzero(np.append(True, t[1:] != t[:-1]))
    avec = pris[d] >= 0
    w_choisi = np.where(avec, w[pris[d]], 0)
    inverse = np.empty_like(ordre)
    inverse[ordre] = np.arange(ordre.size)
    t_choisi = t[inverse[pris[d]]]
    for _ in range(prix_t.size + 1):
        # What her present driver leaves her; another one must cost at least what he would add to it.
        reste = np.where(avec, w_choisi - prix_t[t_choisi], 0)
        exiges = np.maximum.reduceat(w_trie - np.maximum(reste, 0), debut)
        nouveaux = np.maximum(prix_t, exiges)
        if np.array_equal(nouveaux, prix_t):
            break
        prix_t = nouveaux
    # Whatever happened above, these prices cover every pair: the bound holds.
    prix_d = np.zeros(pris.size, np.int64)
    np.maximum.at(prix_d, d, w_trie - prix_t[t])
    return int(prix_t.sum() + np.maximum(prix_d, 0).sum())


def glouton(paires: Paires, objectif: Objectif) -> Longs:
    """What a hand does: the pair that spares the most minutes first, then the next that is still free."""
    w = poids(paires, objectif)
    pris_t: set[int] = set()
    pris_d: set[int] = set()
    gardees = []
    for rang in np.lexsort((paires.demande, paires.trajet, -w)).tolist():
        t, d = int(paires.trajet[rang]), int(paires.demande[rang])
        if w[rang] > 0 and t not in pris_t and d not in pris_d:
            pris_t.add(t)
            pris_d.add(d)
            gardees.append(rang)
    return np.array(gardees, np.int64)


def _compter(colonne: NDArray[np.int64]) -> int:
    return int(np.unique(colonne).size)
