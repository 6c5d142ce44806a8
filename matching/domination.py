"""Dominated offers fold, never vanish: each says which offer is better on everything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matching.jugement import Jugement, Rangs
from matching.tableau import OUI


def replier(jugement: Jugement) -> Rangs:
    """For each offer, the place in the catalogue of the offer that beats it; -1 where none does.

    Only offers that make the trip and are not NON compare. An unknown value beats nothing and is
    beaten by nothing: what nobody knows never folds an offer. Twins share their fate.
    """
    profils = _profils(jugement)
    dominees = np.full(profils.shape[1], -1, np.int64)
    compares = np.flatnonzero(~np.isnan(profils).any(axis=0) & jugement.possibles & jugement.transporte)
    ordre = compares[np.lexsort((jugement.catalogue.rangs[compares], *profils[::-1, compares]))]
    axes = np.stack([np.unique(axe, return_inverse=True)[1] for axe in profils[:, ordre]]).astype(np.int32)
    neufs = np.ones(len(ordre), np.bool_)
    neufs[1:] = (axes[:, 1:] != axes[:, :-1]).any(axis=0)
    jumeaux = np.cumsum(neufs) - 1
    vainqueurs = _vainqueurs(axes[:, neufs])[jumeaux]
    premiers = ordre[neufs]
    dominees[ordre] = np.where(vainqueurs < 0, -1, premiers[vainqueurs])
    return dominees


def _profils(jugement: Jugement) -> npt.NDArray[np.float64]:
    """Smaller is better on every axis: verdict, trips not served, minutes, euros, advance, CO2, doubts."""
    return np.stack(
        [
            jugement.verdicts,
            (jugement.verdicts_des_cases - OUI).sum(axis=0),
            jugement.minutes,
            jugement.couts.mensuel,
            jugement.couts.a_avancer,
            jugement.couts.co2_kg,
            nombre_de_doutes(jugement.doutes),
        ]
    ).astype(np.float64)


def nombre_de_doutes(doutes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """How many rules are in doubt."""
    nombres: npt.NDArray[np.int64] = np.bitwise_count(doutes).astype(np.int64)
    return nombres


def _vainqueurs(axes: npt.NDArray[np.int32]) -> Rangs:
    """For distinct profiles in lexicographic order: the first undominated one that beats each, or -1.

    A profile beaten by nothing before it is beaten by nothing; it then takes out all it beats.
    """
    vainqueurs = np.full(axes.shape[1], -1, np.int64)
    restants = np.arange(axes.shape[1])
    reste = axes
    while len(restants):
        meilleur, restants, reste = restants[0], restants[1:], reste[:, 1:]
        battus = (reste >= axes[:, meilleur, None]).all(axis=0)
        if battus.any():
            vainqueurs[restants[battus]] = meilleur
            restants, reste = restants[~battus], reste[:, ~battus]
    return vainqueurs
