"""The port ``DureesParPaires`` on a road network: whole tables of times, a block of origins at a time.

A block asks only for the destinations its own pairs name: origins that come sorted (by hour, by place)
make small tables. Where the network cannot answer, the estimate does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo.accroche import arrivees, departs
from geo.chemins import matrice
from geo.noyau import INFINI
from geo.trajets import SurReseau, Trajets, sur_place
from mobilite.lieux import JAMAIS, Accessibilite, Bornes, Colonne, DureesParPaires, Lieu, Poses

Longs = NDArray[np.int64]
Tableau = Callable[[Longs, Longs], Longs]
"""From the numbers of some origins and destinations to the ms between them, int64[o, d]."""

_LIGNES = 1024
_CASES = 4_000_000
_FILS = 2
"""Threads: as many as the cores of the machine the platform is meant for."""


class DureesSurReseau:
    """Exact times between places of the network; a commune is a range over places spread in it."""

    ferme = True

    def __init__(self, voiture: SurReseau, methode: str, ailleurs: DureesParPaires) -> None:
        self._voiture = voiture
        self._ailleurs = ailleurs
        self.methode = methode

    def poser(self, lieux: Sequence[Lieu]) -> Poses:
        """Find the streets these places open onto."""
        rangs: dict[Lieu, int] = {}
        qui = np.array([rangs.setdefault(lieu, len(rangs)) for lieu in lieux], np.int64)
        return _Poses(self._voiture, self._ailleurs, list(rangs), qui)


def durees_sur(accessibilite: Accessibilite, ailleurs: DureesParPaires) -> DureesParPaires:
    """Times on the network that answers for cars; ``ailleurs`` when none does."""
    voiture = accessibilite.voiture if isinstance(accessibilite, Trajets) else None
    return ailleurs if voiture is None else DureesSurReseau(voiture, accessibilite.methode, ailleurs)


class _Poses:
    """Different places and their spots on the streets: those of place i are ``debut[i]`` to ``debut[i + 1]``."""

    def __init__(
        self, voiture: SurReseau, ailleurs: DureesParPaires, lieux: Sequence[Lieu], qui: Longs
    ) -> None:
        self._voiture, self._ailleurs, self._lieux, self._qui = voiture, ailleurs, lieux, qui
        positions = [
            [lieu.position] if lieu.position is not None else voiture.de_la_commune(lieu.insee)
            for lieu in lieux
        ]
        toutes = [p for groupe in positions for p in groupe]
        trouves = voiture.accrocheur.accrocher([p.lon for p in toutes], [p.lat for p in toutes])
        combien = np.array([len(groupe) for groupe in positions], np.int64)
        a_qui = np.repeat(np.arange(len(lieux)), combien)[trouves.posees]
        self._accroches = trouves.choisir(np.flatnonzero(trouves.posees))
        self._debut = np.zeros(len(lieux) + 1, np.int64)
        np.cumsum(np.bincount(a_qui, minlength=len(lieux)), out=self._debut[1:])

    @cached_property
    def _estimees(self) -> Poses:
        return self._ailleurs.poser(self._lieux)

    def entre(self, de: Colonne, vers: Colonne) -> Bornes:
        """In ms, exact between two spots; estimated when one of the two is not on the network."""
        o, d = self._qui[np.asarray(de)], self._qui[np.asarray(vers)]
        posees = np.diff(self._debut) > 0
        ici = posees[o] & posees[d]
        if ici.all():
            bas, haut = par_blocs(self._tableau, o, d, self._debut)
            return Bornes(bas.data, haut.data)
        bas, haut = np.empty(o.size, np.int64), np.empty(o.size, np.int64)
        bas[ici], haut[ici] = par_blocs(self._tableau, o[ici], d[ici], self._debut)
        reste = self._estimees.entre(o[~ici].data, d[~ici].data)
        bas[~ici], haut[~ici] = reste.bas, reste.haut
        return Bornes(bas.data, haut.data)

    def _tableau(self, lignes: Longs, colonnes: Longs) -> Longs:
        reseau = self._voiture.reseau
        a, b = self._accroches.choisir(lignes), self._accroches.choisir(colonnes)
        ms = matrice(reseau.hierarchie, departs(reseau, a), arrivees(reseau, b)).astype(np.int64)
        sur_place(reseau, ms, a, b)
        return ms


def par_blocs(tableau: Tableau, o: Longs, d: Longs, debut: Longs) -> tuple[Longs, Longs]:
    """The least and the greatest ms of each pair, int64[k] both, ``JAMAIS`` when there is no way.

    Place i may stand at ``debut[i]`` to ``debut[i + 1]`` (one spot at least): the pair ranges over
    the spots of both. Pairs in any order; nothing is sorted, there may be millions.
    """
    tailles = np.diff(debut)
    origines, rang_o = _presentes(o, tailles.size)
    bas = np.empty(o.size, np.int64)
    exact = bool((tailles[origines] == 1).all() and (tailles[d] == 1).all())
    haut = bas if exact else np.empty(o.size, np.int64)
    # Few pairs for each origin: small tables waste fewer cells. Many: each destination is searched once.
    lignes_max = _LIGNES if o.size > 8 * origines.size else _LIGNES // 8
    bloc = (np.cumsum(tailles[origines]) - 1) // lignes_max
    bloc_de_la_paire = bloc[rang_o[o]].astype(np.int32)

    def remplir(b: int) -> None:
        paires = np.flatnonzero(bloc_de_la_paire == b)
        siennes = np.flatnonzero(bloc == b)
        lignes, de_ligne = _etendre(debut, tailles, origines[siennes])
        ligne = rang_o[o[paires]] - siennes[0]
        colonnes, rang_d = _presentes(d[paires], tailles.size)
        colonne = rang_d[d[paires]]
        pas = max(1, _CASES // (lignes.size * int(tailles[colonnes].max())))
        for k in range(0, colonnes.size, pas):
            spots, de_colonne = _etendre(debut, tailles, colonnes[k : k + pas])
            ms = tableau(lignes, spots)
            ms[ms >= INFINI] = JAMAIS
            ici = (
                slice(None) if pas >= colonnes.size else np.flatnonzero((colonne >= k) & (colonne < k + pas))
            )
            x, y = ligne[ici], colonne[ici] - k
            moindre = _reduire(np.minimum, ms, de_ligne, de_colonne)
            case = x * moindre.shape[1] + y
            bas[paires[ici]] = moindre.ravel()[case]
            if not exact:
                haut[paires[ici]] = _reduire(np.maximum, ms, de_ligne, de_colonne).ravel()[case]

    # Each block writes its own pairs; the kernels and numpy let go of the interpreter.
    with ThreadPoolExecutor(_FILS) as fils:
        list(fils.map(remplir, np.unique(bloc).tolist()))
    return bas, haut


def _presentes(places: Longs, combien: int) -> tuple[Longs, Longs]:
    """The different places named, in order, and the rank of each place among them."""
    vues = np.zeros(combien, bool)
    vues[places] = True
    return np.flatnonzero(vues), np.cumsum(vues) - 1


def _reduire(operation: np.ufunc, ms: Longs, de_ligne: Longs, de_colonne: Longs) -> Longs:
    """From the spots of places to the places."""
    if ms.shape[1] > de_colonne.size:
        ms = operation.reduceat(ms, de_colonne, axis=1)
    return np.asarray(operation.reduceat(ms, de_ligne, axis=0) if ms.shape[0] > de_ligne.size else ms)


def _etendre(debut: Longs, tailles: Longs, places: Longs) -> tuple[Longs, Longs]:
    """The spots of these places one after the other, and where those of each begin."""
    combien = tailles[places]
    fins = np.cumsum(combien)
    commence = fins - combien
    spots = np.arange(int(combien.sum())) + np.repeat(debut[places] - commence, combien)
    return spots, commence
