"""Chains of changes that give a vehicle back to most: an integer linear program, solved aim after aim.

A variable is one booking on one vehicle. A booking that has its vehicle keeps one; a booking that lost it
has one at most. Each aim is reached, then held while the next one is sought. Changes that wait for each
other in a ring cannot be carried out: each ring found is forbidden, and the aim sought again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from matching.parc.relogement import Place, attend

Reels = NDArray[np.float64]
Couple = tuple[Place, str]


def enchainer(places: Sequence[Place]) -> dict[str, str]:
    """The vehicle of each booking that changes, by booking id. ``places`` in a stable order."""
    concernees = _concernees(places)
    programme = _Programme.de(concernees, [p for p in places if p not in concernees])
    if not programme.couples:
        return {}
    relogees = programme.indicatrice(lambda p, v: p.a_reloger)
    derangees = programme.indicatrice(lambda p, v: not p.a_reloger and v != p.vehicule)
    choix = programme.au_mieux(relogees)
    choix = programme.au_mieux(-derangees)
    perdues = [p for p in concernees if p.a_reloger]
    if relogees @ choix < len(perdues):
        for points in sorted({p.priorite for p in perdues}, reverse=True):
            choix = programme.au_mieux(programme.urgentes(points))
    choix = programme.au_mieux(-programme.rangs())
    # Of equals, the first vehicle by name: the answer does not depend on how the program is solved.
    choix = programme.au_mieux(-programme.noms())
    return {
        p.id: v for (p, v), oui in zip(programme.couples, choix > 0.5, strict=True) if oui and v != p.vehicule
    }


def _concernees(places: Sequence[Place]) -> list[Place]:
    """The bookings that may move and are linked in time, from one to the next, with a lost one."""
    mobiles = sorted((p for p in places if not p.fixe), key=lambda p: (p.debut, p.id))
    groupes: list[list[Place]] = []
    fin = None
    for place in mobiles:
        derniere = max([place.fin, *(place.fin_sur(v) for v in place.possibles)])
        if fin is None or place.debut >= fin:
            groupes.append([])
            fin = derniere
        groupes[-1].append(place)
        fin = max(fin, derniere)
    return sorted(
        (p for groupe in groupes if any(p.a_reloger for p in groupe) for p in groupe), key=lambda p: p.id
    )


@dataclass(eq=False)
class _Programme:
    """A booking on a vehicle, yes or no. ``au_mieux`` adds the row that holds the aim it reached."""

    couples: list[Couple]
    lignes: list[Reels]
    bas: list[float]
    haut: list[float]
    _noms: dict[str, int] = field(default_factory=dict)

    @classmethod
    def de(cls, mobiles: Sequence[Place], immobiles: Sequence[Place]) -> _Programme:
        couples = [
            (p, v)
            for p in mobiles
            for v in _vehicules(p)
            if not any(q.gene(p, v) for q in immobiles if q.vehicule == v)
        ]
        noms = {v: rang for rang, v in enumerate(sorted({v for _, v in couples}))}
        programme = cls(couples, [], [], [], noms)
        for place in mobiles:
            programme.ajouter(
                [i for i, (p, _) in enumerate(couples) if p is place], 0 if place.a_reloger else 1, 1
            )
        for vehicule in noms:
            sur = sorted(
                (i for i, (_, v) in enumerate(couples) if v == vehicule),
                key=lambda i: (couples[i][0].debut, couples[i][0].id),
            )
            for i in sur:
                depart = couples[i][0].debut
                ensemble = [j for j in sur if couples[j][0].debut <= depart < couples[j][0].fin_sur(vehicule)]
                if len(ensemble) > 1:
                    programme.ajouter(ensemble, 0, 1)
        return programme

    def ajouter(self, membres: Sequence[int], bas: float, haut: float) -> None:
        """So many of these at least, so many at most."""
        ligne = np.zeros(len(self.couples))
        ligne[list(membres)] = 1
        self._ajouter(ligne, bas, haut)

    def _ajouter(self, ligne: Reels, bas: float, haut: float) -> None:
        self.lignes.append(ligne)
        self.bas.append(bas)
        self.haut.append(haut)

    def indicatrice(self, vrai: Callable[[Place, str], bool]) -> Reels:
        """1 where the predicate of (booking, vehicle) holds."""
        return np.array([vrai(p, v) for p, v in self.couples], float)

    def urgentes(self, points: float) -> Reels:
        """1 where a lost booking has exactly these points of priority."""
        return self.indicatrice(lambda p, _: p.a_reloger and p.priorite == points)

    def rangs(self) -> Reels:
        """How far each vehicle is from the one she had."""
        return np.array([p.possibles[v].rang if v != p.vehicule else 0 for p, v in self.couples], float)

    def noms(self) -> Reels:
        """The rank of each vehicle by name, where it changes."""
        return np.array([self._noms[v] if v != p.vehicule else 0 for p, v in self.couples], float)

    def au_mieux(self, points: Reels) -> Reels:
        """The best choice for whole points, which every later one has to equal."""
        while True:
            resultat = milp(
                -points,
                constraints=LinearConstraint(csr_array(np.vstack(self.lignes)), self.bas, self.haut),
                bounds=Bounds(0, 1),
                integrality=np.ones(points.size, np.int64),
                options={"mip_rel_gap": 0},
            )
            if resultat.x is None:
                raise RuntimeError(f"{len(self.couples)} choices without a solution: {resultat.message}")
            choix: Reels = np.rint(resultat.x)
            ronde = self._ronde(choix)
            if not ronde:
                self._ajouter(points, float(points @ choix), np.inf)
                return choix
            self.ajouter(ronde, 0, len(ronde) - 1)

    def _ronde(self, choix: Reels) -> list[int]:
        """The changes that wait for each other, if some do."""
        reste = [i for i, (p, v) in enumerate(self.couples) if choix[i] > 0.5 and v != p.vehicule]
        while True:
            suite = [i for i in reste if any(self._attend(i, j) for j in reste)]
            if len(suite) == len(reste):
                break
            reste = suite
        if not reste:
            return []
        chemin = [reste[0]]
        while True:
            suivant = next(j for j in reste if self._attend(chemin[-1], j))
            if suivant in chemin:
                return chemin[chemin.index(suivant) :]
            chemin.append(suivant)

    def _attend(self, i: int, j: int) -> bool:
        return attend(*self.couples[i], self.couples[j][0])


def _vehicules(place: Place) -> list[str]:
    """Hers while it runs, and those that suit her for sure."""
    surs = sorted(v for v, possible in place.possibles.items() if not possible.a_voir and v != place.vehicule)
    return surs if place.a_reloger else [place.vehicule, *surs]
