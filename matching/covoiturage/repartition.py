"""Who rides with whom, for everybody at once: the best set of cars, and the proof that it is.

A person counts when all she asked is served, there and back, whoever drives. With one passenger a
car and one demand each, that is an assignment; otherwise a linear program in whole numbers (HiGHS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from matching.colonnes import Paires
from matching.covoiturage.appariement import Objectif, apparier
from matching.covoiturage.equipages import Equipage
from matching.covoiturage.trajets import MS, DemandePassager

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Repartition:
    """The cars that are kept. ``personnes`` are served whole, ``minutes`` of driving are spared.

    ``borne_personnes`` and ``borne_minutes``: nobody can do better (the minutes, for as many people).
    """

    objectif: Objectif
    equipages: tuple[Equipage, ...]
    personnes: int
    minutes: float
    borne_personnes: float
    borne_minutes: float

    @property
    def optimale(self) -> bool:
        """Whether it is proven that nothing better exists."""
        minutes = self.borne_minutes - self.minutes <= max(1e-3, 1e-6 * abs(self.minutes))
        if self.objectif is Objectif.MINUTES:
            return minutes
        return minutes and self.borne_personnes - self.personnes < 1 - _TOLERANCE


def repartir(
    possibles: Sequence[Equipage],
    demandes: Sequence[DemandePassager],
    paires: Paires,
    objectif: Objectif,
) -> Repartition:
    """The best set of cars: each driver once at most, each demand once at most."""
    une_chacune = len({d.personne for d in demandes}) == len(demandes)
    if une_chacune and all(len(e.demandes) == 1 for e in possibles):
        return _une_par_voiture(possibles, paires, objectif)
    return _Programme(possibles, demandes).resoudre(objectif)


def _une_par_voiture(possibles: Sequence[Equipage], paires: Paires, objectif: Objectif) -> Repartition:
    choix = apparier(paires, objectif)
    gardes = tuple(possibles[k] for k in choix.paires.tolist())
    minutes = sum(e.gain for e in gardes) / MS
    # The bound is a whole number of ms above a whole number of people: equal or not, nothing between.
    reste = (choix.borne - choix.valeur) / MS
    return Repartition(objectif, gardes, len(gardes), minutes, len(gardes), minutes + reste)


def servies_en_entier(gardes: Sequence[Equipage], demandes: Sequence[DemandePassager]) -> set[str]:
    """The codes of the people who have somebody for all they asked."""
    prises = {d for e in gardes for d in e.demandes}
    restent = {demande.personne for d, demande in enumerate(demandes) if d not in prises}
    return {demande.personne for demande in demandes} - restent


class _Programme:
    """One variable per possible car, one per person: is she served whole?"""

    def __init__(self, possibles: Sequence[Equipage], demandes: Sequence[DemandePassager]) -> None:
        self.possibles, self.demandes = possibles, demandes
        personnes = {code: rang for rang, code in enumerate(dict.fromkeys(d.personne for d in demandes))}
        self.n, self.m = len(possibles), len(personnes)
        conducteurs = {t: i for i, t in enumerate(dict.fromkeys(e.trajet for e in possibles))}
        lignes: list[tuple[int, int, float]] = [
            (conducteurs[e.trajet], k, 1) for k, e in enumerate(possibles)
        ]
        base = len(conducteurs)
        lignes += [(base + d, k, 1) for k, e in enumerate(possibles) for d in e.demandes]
        bas = base + len(demandes)
        for d, demande in enumerate(demandes):
            lignes.append((bas + d, self.n + personnes[demande.personne], 1))
            lignes += [(bas + d, k, -1) for k, e in enumerate(possibles) if d in e.demandes]
        i, j, v = (np.array(c) for c in zip(*lignes, strict=True)) if lignes else (np.empty(0, int),) * 3
        self.grille = csr_array((v, (i, j)), shape=(bas + len(demandes), self.n + self.m))
        self.plafond = np.concatenate((np.ones(bas), np.zeros(len(demandes))))
        self.gains = np.concatenate(([e.gain / MS for e in possibles], np.zeros(self.m)))
        self.servies = np.concatenate((np.zeros(self.n), np.ones(self.m)))

    def resoudre(self, objectif: Objectif) -> Repartition:
        """People first then minutes, or minutes alone."""
        borne: float = self.m
        au_moins = 0
        if objectif is Objectif.PERSONNES:
            x, borne = self._chercher(self.servies, 0)
            au_moins = round(float(self.servies @ x))
        x, minutes = self._chercher(self.gains, au_moins)
        gardes = tuple(e for e, pris in zip(self.possibles, x[: self.n], strict=True) if pris > 0.5)
        return Repartition(
            objectif,
            gardes,
            len(servies_en_entier(gardes, self.demandes)),
            sum(e.gain for e in gardes) / MS,
            borne,
            minutes,
        )

    def _chercher(self, valeurs: NDArray[np.float64], au_moins: int) -> tuple[NDArray[np.float64], float]:
        contraintes = [LinearConstraint(self.grille, -np.inf, self.plafond)]
        if au_moins:
            contraintes.append(LinearConstraint(self.servies[None, :], au_moins - 0.5, np.inf))
        if not valeurs.size:
            return np.zeros(0), 0.0
        trouve = milp(
            -valeurs,
            constraints=contraintes,
            integrality=np.ones(valeurs.size, np.int64),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0},
        )
        if trouve.x is None:
            raise RuntimeError(trouve.message)
        return np.round(trouve.x), -float(trouve.mip_dual_bound)
