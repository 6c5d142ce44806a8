"""Where a place stands on the network: on the nearest street, at so many milliseconds from its ends.

The way from the door to the street is walked, at ``MARCHE_KMH``. A place more than ``ECART_MAX_M``
from any street is not on this network, and that is said rather than guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.graphe import Points
from geo.profils import MARCHE_KMH
from geo.quadrillage import Quadrillage
from geo.reseau import Reseau
from mobilite.erreurs import DonneeRefusee

ECART_MAX_M = 1000.0
_MS_PAR_M = 3600 / MARCHE_KMH

Reels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Accroches:
    """k places on the streets of a network. Places that are too far have ``rue`` −1.

    ``rue``: int64[k]; ``aller``, ``retour``: int64[k], ms from the start (from the end) of the
    street; ``metres``: float64[k] from its start; ``ecart_m``: float64[k] on foot to the street,
    infinite when too far; ``acces``: int64[k], the ms that takes; ``lon``, ``lat``: where on the street.
    """

    rue: NDArray[np.int64]
    aller: NDArray[np.int64]
    retour: NDArray[np.int64]
    metres: Reels
    ecart_m: Reels
    acces: NDArray[np.int64]
    lon: Reels
    lat: Reels

    def __len__(self) -> int:
        return self.rue.size

    def choisir(self, rangs: NDArray[np.int64]) -> Accroches:
        """Some of the places, in this order; a place may come again."""
        return Accroches(*(getattr(self, champ.name)[rangs] for champ in fields(self)))

    def morceau(self, debut: int, fin: int) -> Accroches:
        """The places from ``debut`` to ``fin`` excluded."""
        return self.choisir(np.arange(debut, fin))

    @property
    def posees(self) -> NDArray[np.bool_]:
        """bool[k]: whether each place is on the network."""
        return np.asarray(self.rue >= 0)


class Accrocheur:
    """Finds the nearest street of a network. The index is built at the first question."""

    def __init__(self, reseau: Reseau) -> None:
        self._reseau = reseau

    @cached_property
    def _quadrillage(self) -> Quadrillage:
        t = self._reseau.tableaux
        return Quadrillage.de(t["debut"], t["lon"], t["lat"], self._reseau.classes_accroche)

    def preparer(self) -> None:
        """Make the index now rather than at the first question."""
        _ = self._quadrillage

    def accrocher(self, lon: ArrayLike, lat: ArrayLike) -> Accroches:
        """The nearest street of each place, WGS84 degrees; the walk to it counted at walking pace."""
        x, y = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
        k = x.size
        zero = [np.zeros(k, np.int64) for _ in range(3)]
        rue, ecart = np.full(k, -1, np.int64), np.full(k, np.inf)
        a = Accroches(rue, zero[0], zero[1], np.zeros(k), ecart, zero[2], x.copy(), y.copy())
        finis = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        i, part, metres = self._quadrillage.chercher(x[finis], y[finis], ECART_MAX_M)
        pose = i >= 0
        qui, i, part = finis[pose], i[pose], part[pose]
        t = self._reseau.tableaux
        a.rue[qui] = np.searchsorted(t["debut"], i, "right") - 1
        a.ecart_m[qui] = metres[pose]
        a.acces[qui] = np.rint(metres[pose] * _MS_PAR_M).astype(np.int64)
        for cible, nom in ((a.aller, "aller"), (a.retour, "retour")):
            ici, la = t[nom][i].astype(np.int64), t[nom][i + 1].astype(np.int64)
            cible[qui] = np.rint(ici + part * (la - ici)).astype(np.int64)
        for mesure, nom, unite in ((a.metres, "metres", 1.0), (a.lon, "lon", 1e7), (a.lat, "lat", 1e7)):
            ici_f, la_f = t[nom][i].astype(np.float64), t[nom][i + 1].astype(np.float64)
            mesure[qui] = (ici_f + part * (la_f - ici_f)) / unite
        return a

    def exiger(self, lon: float, lat: float, champ: str = "") -> Accroches:
        """One place, which must be on the network (``DonneeRefusee`` otherwise)."""
        a = self.accrocher([lon], [lat])
        if not a.posees[0]:
            raise DonneeRefusee(
                champ, f"ce lieu ({lon:.5f}, {lat:.5f}) est à plus de 1 km de toute route du réseau chargé."
            )
        return a


def departs(reseau: Reseau, a: Accroches) -> Points:
    """From each place, the ends of its street that may be driven to, and the ms to each."""
    t = reseau.tableaux
    rue = np.maximum(a.rue, 0)  # a place that is too far: whatever street, then no node
    debut, fin = t["debut"][rue], t["debut"][rue + 1] - 1
    course = np.stack([2 * rue, 2 * rue + 1], axis=1)
    reste = np.stack([t["aller"][fin] - a.aller, t["retour"][debut] - a.retour], axis=1)
    noeud = np.where(a.posees[:, None], t["sortie"][course], -1)
    bons = noeud >= 0
    return _points(bons.sum(axis=1), noeud[bons], (reste + a.acces[:, None])[bons])


def arrivees(reseau: Reseau, a: Accroches) -> Points:
    """To each place, the nodes from which its street is entered, and the ms from each."""
    t = reseau.tableaux
    rue = np.maximum(a.rue, 0)
    course = np.stack([2 * rue, 2 * rue + 1], axis=1).ravel()
    jusque = np.stack([a.aller, a.retour], axis=1).ravel() + np.repeat(a.acces, 2)
    debut = t["entree_debut"][course]
    combien = np.where(np.repeat(a.posees, 2), t["entree_debut"][course + 1] - debut, 0)
    fins = np.cumsum(combien)
    i = np.arange(int(combien.sum())) - np.repeat(fins - combien, combien) + np.repeat(debut, combien)
    return _points(
        combien.reshape(-1, 2).sum(axis=1),
        t["entree_noeud"][i],
        t["entree_ms"][i] + np.repeat(jusque, combien),
    )


def _points(combien: NDArray[np.int64], noeuds: NDArray[np.int32], ms: NDArray[np.int64]) -> Points:
    debut = np.zeros(combien.size + 1, np.int64)
    np.cumsum(combien, out=debut[1:])
    return Points(debut, noeuds.astype(np.int32), ms.astype(np.int32))


def directs(reseau: Reseau, a: Accroches, b: Accroches) -> NDArray[np.int64]:
    """int64[k]: ms from a[i] to b[i] without leaving the street they share; −1 when there is no such way."""
    t = reseau.tableaux
    sens, jamais = t["sens"][np.maximum(a.rue, 0)], np.iinfo(np.int64).max
    meme = (a.rue == b.rue) & a.posees
    avant = np.where(((sens & 1) > 0) & (b.aller >= a.aller), b.aller - a.aller, jamais)
    arriere = np.where(((sens & 2) > 0) & (b.retour >= a.retour), b.retour - a.retour, jamais)
    mieux = np.minimum(avant, arriere)
    le_long = np.where(meme & (mieux < jamais), mieux + a.acces + b.acces, -1)
    # The same point of the street and the same walk to it: the same place.
    return np.asarray(np.where(meme & (a.metres == b.metres) & (a.ecart_m == b.ecart_m), 0, le_long))
