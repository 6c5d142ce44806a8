"""The port ``DureesParPaires`` on a road network: whole tables of times, a block of origins at a time.

A block asks only for the destinations its own pairs name: origins that come sorted (by hour, by place)
make small tables. Where the network cannot answer, the estimate does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from geo.accroche import Accroches, arrivees, departs
from geo.chemins import matrice
from geo.noyau import INFINI
from geo.trajets import SurReseau, sur_place
from mobilite.lieux import JAMAIS, Bornes, Colonne, DureesParPaires, Lieu

Longs = NDArray[np.int64]
Tableau = Callable[[Longs, Longs], Longs]
"""From the numbers of some origins and destinations to the ms between them, int64[o, d]."""

_LIGNES = 512
_CASES = 4_000_000


class DureesSurReseau:
    """Exact times between places of the network; a commune is a range over places spread in it."""

    ferme = True

    def __init__(self, voiture: SurReseau, methode: str, ailleurs: DureesParPaires) -> None:
        self._voiture = voiture
        self._ailleurs = ailleurs
        self.methode = methode

    def entre(
        self, origines: Sequence[Lieu], destinations: Sequence[Lieu], de: Colonne, vers: Colonne
    ) -> Bornes:
        """The time from ``origines[de[i]]`` to ``destinations[vers[i]]``, for each i."""
        lieux = {lieu: rang for rang, lieu in enumerate(dict.fromkeys((*origines, *destinations)))}
        rang_o = np.array([lieux[lieu] for lieu in origines], np.int64)
        rang_d = np.array([lieux[lieu] for lieu in destinations], np.int64)
        o, d = rang_o[np.asarray(de)], rang_d[np.asarray(vers)]
        accroches, debut = self._poser(list(lieux))
        bas, haut = np.zeros(o.size, np.int64), np.full(o.size, JAMAIS, np.int64)
        tailles = np.diff(debut)
        connus = np.flatnonzero((tailles[o] > 0) & (tailles[d] > 0))
        bas[connus], haut[connus] = self._sur_le_reseau(accroches, debut, o[connus], d[connus])
        inconnus = np.flatnonzero((tailles[o] == 0) | (tailles[d] == 0))
        if inconnus.size:
            tous = list(lieux)
            reste = self._ailleurs.entre(tous, tous, o[inconnus].data, d[inconnus].data)
            bas[inconnus], haut[inconnus] = reste.bas, reste.haut
        return Bornes(bas.data, haut.data)

    def _poser(self, lieux: Sequence[Lieu]) -> tuple[Accroches, Longs]:
        """Where each place may stand: those of place i are ``debut[i]`` to ``debut[i + 1]``, none if unknown."""
        positions = [
            [lieu.position] if lieu.position is not None else self._voiture.de_la_commune(lieu.insee)
            for lieu in lieux
        ]
        toutes = [p for groupe in positions for p in groupe]
        accroches = self._voiture.accrocheur.accrocher([p.lon for p in toutes], [p.lat for p in toutes])
        poses = accroches.posees
        tailles = np.array([len(groupe) for groupe in positions], np.int64)
        qui = np.repeat(np.arange(len(lieux)), tailles)
        debut = np.zeros(len(lieux) + 1, np.int64)
        np.cumsum(np.bincount(qui[poses], minlength=len(lieux)), out=debut[1:])
        return accroches.choisir(np.flatnonzero(poses)), debut

    def _sur_le_reseau(self, a: Accroches, debut: Longs, o: Longs, d: Longs) -> tuple[Longs, Longs]:
        reseau = self._voiture.reseau

        def tableau(lignes: Longs, colonnes: Longs) -> Longs:
            ici, la = a.choisir(lignes), a.choisir(colonnes)
            ms = matrice(reseau.hierarchie, departs(reseau, ici), arrivees(reseau, la)).astype(np.int64)
            sur_place(reseau, ms, ici, la)
            return ms

        return par_blocs(tableau, o, d, debut)


def par_blocs(tableau: Tableau, o: Longs, d: Longs, debut: Longs) -> tuple[Longs, Longs]:
    """The least and the greatest ms of each pair, int64[k] both, ``JAMAIS`` when there is no way.

    Place i may stand at ``debut[i]`` to ``debut[i + 1]`` (one spot at least): the pair ranges over
    the spots of both.
    """
    bas, haut = np.empty(o.size, np.int64), np.empty(o.size, np.int64)
    ordre = np.argsort(o, kind="stable")
    origines, premier = np.unique(o[ordre], return_index=True)
    premier = np.append(premier, o.size)
    i = 0
    while i < origines.size:
        j = i + 1
        while j < origines.size and debut[origines[j] + 1] - debut[origines[i]] <= _LIGNES:
            j += 1
        paires = ordre[premier[i] : premier[j]]
        colonnes, rang = np.unique(d[paires], return_inverse=True)
        lignes, de_ligne = _etendre(debut, origines[i:j])
        ligne = np.searchsorted(origines[i:j], o[paires])
        pas = max(1, _CASES // max(1, lignes.size * int(np.diff(debut)[colonnes].max(initial=1))))
        for k in range(0, colonnes.size, pas):
            spots, de_colonne = _etendre(debut, colonnes[k : k + pas])
            ms = tableau(lignes, spots)
            ms[ms >= INFINI] = JAMAIS
            ici = np.flatnonzero((rang >= k) & (rang < k + pas))
            x, y = ligne[ici], rang[ici] - k
            for sortie, reduire in ((bas, np.minimum), (haut, np.maximum)):
                reduit = ms
                if spots.size > de_colonne.size:
                    reduit = reduire.reduceat(reduit, de_colonne, axis=1)
                if lignes.size > de_ligne.size:
                    reduit = reduire.reduceat(reduit, de_ligne, axis=0)
                sortie[paires[ici]] = reduit[x, y]
        i = j
    return bas, haut


def _etendre(debut: Longs, places: Longs) -> tuple[Longs, Longs]:
    """The spots of these places one after the other, and where those of each begin."""
    tailles = np.diff(debut)[places]
    fins = np.cumsum(tailles)
    commence = fins - tailles
    spots = np.arange(int(tailles.sum())) - np.repeat(commence, tailles) + np.repeat(debut[places], tailles)
    return spots, commence
