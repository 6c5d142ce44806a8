"""Who is served, so that the most is done for those who need it most: an integer linear program.

Without the rule between territories the program is nearly integral (cliques of intervals), and HiGHS
proves its answer at once. That rule compares each territory with everybody served, and ruins this. But
once the number served is fixed, each territory has a plain number to reach: one easy program for each
number, most of them ruled out by their bound. The bound is concave in the number served, so that only
the numbers around its top are looked at. The union of these programs is the whole problem, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from matching.parc.flotte import DemandeDuParc, Lot, Regles

Reels = NDArray[np.float64]
_RIEN = -math.inf


@dataclass(frozen=True, slots=True)
class Choix:
    """The requests each lot serves; ``valeur`` ≤ the best possible ≤ ``borne``, in points."""

    par_lot: tuple[tuple[DemandeDuParc, ...], ...]
    valeur: float
    borne: float
    optimale: bool


@dataclass(frozen=True, slots=True)
class _Essai:
    """What one program gave: the requests kept (a number per variable), its value, its bound."""

    choisies: Reels | None
    valeur: float
    borne: float


def partager(demandes: Sequence[DemandeDuParc], lots: Sequence[Lot], selon: Regles, ecart: float) -> Choix:
    """The best choice, or one proven within ``ecart`` of it, as a share."""
    programme = _Programme.de(demandes, lots, selon)
    if not programme.points.size:
        return Choix(tuple(() for _ in lots), 0.0, 0.0, optimale=True)
    essai = programme.resoudre(programme.au_plus, programme.aucun_seuil, ecart)
    if selon.equite > 0 and not programme.est_equitable(essai.choisies, selon.equite):
        essai = _par_nombre_servi(programme, selon.equite, ecart)
    choisies = np.zeros(programme.points.size) if essai.choisies is None else essai.choisies
    retenues: list[list[DemandeDuParc]] = [[] for _ in lots]
    for (lot, demande), oui in zip(programme.variables, choisies > 0.5, strict=True):
        if oui:
            retenues[lot].append(demande)
    # Points are whole: less than one away from the bound is the bound.
    optimale = essai.borne - essai.valeur < 1
    return Choix(
        tuple(tuple(r) for r in retenues),
        essai.valeur,
        essai.valeur if optimale else essai.borne,
        optimale,
    )


def _par_nombre_servi(programme: _Programme, equite: float, ecart: float) -> _Essai:
    """Fair between territories: the best over the numbers served, from the most promising outwards."""

    @cache
    def enveloppe(servies: int) -> float:
        """At most this much, the territories' numbers not rounded up: concave in ``servies``."""
        return programme.resoudre(servies, programme.seuils(servies, equite), None).borne

    bas, haut = 0, programme.au_plus
    while haut - bas > 2:
        tiers = (haut - bas) // 3
        a, b = bas + tiers, haut - tiers
        if enveloppe(a) < enveloppe(b):
            bas = a + 1
        else:
            haut = b - 1 if enveloppe(a) > enveloppe(b) else b
    sommet = max(range(bas, haut + 1), key=enveloppe)
    meilleur = _Essai(None, 0.0, 0.0)
    borne = 0.0
    for suite in (range(sommet, programme.au_plus + 1), range(sommet - 1, -1, -1)):
        for servies in suite:
            if enveloppe(servies) < meilleur.valeur + 1:
                break
            seuils = np.ceil(programme.seuils(servies, equite) - 1e-9)
            if programme.resoudre(servies, seuils, None).borne < meilleur.valeur + 1:
                continue
            essai = programme.resoudre(servies, seuils, ecart)
            borne = max(borne, essai.borne)
            if essai.choisies is not None and essai.valeur > meilleur.valeur:
                meilleur = essai
    return _Essai(meilleur.choisies, meilleur.valeur, max(borne, meilleur.valeur))


@dataclass(frozen=True, eq=False)
class _Programme:
    """A request on a lot, yes or no. Rows: one per request and per crowd, all served, each territory."""

    variables: list[tuple[int, DemandeDuParc]]
    points: Reels
    lignes: csr_array
    places: Reels
    membres: Reels

    @classmethod
    def de(cls, demandes: Sequence[DemandeDuParc], lots: Sequence[Lot], selon: Regles) -> _Programme:
        """Kilometres are rounded: points are whole numbers."""
        variables = [(rang, demande) for rang, lot in enumerate(lots) for demande in lot.demandes]
        numero = {(rang, demande.id): i for i, (rang, demande) in enumerate(variables)}
        points = [_points(demande, lots[rang], selon) for rang, demande in variables]
        siennes: dict[str, list[int]] = {}
        territoires: dict[str, list[int]] = {}
        for i, (_, demande) in enumerate(variables):
            siennes.setdefault(demande.id, []).append(i)
            territoires.setdefault(demande.territoire, []).append(i)
        lignes, places = list(siennes.values()), [1] * len(siennes)
        for rang, lot in enumerate(lots):
            for foule in _foules(lot.demandes, len(lot.vehicules), selon):
                lignes.append([numero[rang, demande.id] for demande in foule])
                places.append(len(lot.vehicules))
        possibles = {demande.id: demande.territoire for _, demande in variables}
        membres = [list(possibles.values()).count(t) for t in territoires]
        lignes += [list(range(len(variables))), *territoires.values()]
        matrice = _matrice(lignes, len(variables))
        return cls(
            variables, np.array(points, float), matrice, np.array(places, float), np.array(membres, float)
        )

    @property
    def au_plus(self) -> int:
        """How many requests a vehicle may suit."""
        return int(self.membres.sum())

    @property
    def aucun_seuil(self) -> Reels:
        """No number to reach."""
        return np.zeros_like(self.membres)

    def seuils(self, servies: int, equite: float) -> Reels:
        """How many each territory is owed when so many are served."""
        return equite * self.membres * servies / self.au_plus

    def est_equitable(self, choisies: Reels | None, equite: float) -> bool:
        """Whether each territory has what it is owed."""
        if choisies is None:
            return False
        comptes = np.rint(self.lignes @ choisies)[self.places.size :]
        return bool((comptes[1:] >= self.seuils(int(comptes[0]), equite) - 1e-9).all())

    def resoudre(self, servies: int, seuils: Reels, ecart: float | None) -> _Essai:
        """At most so many served, at least so many per territory; ``ecart=None``: the bound alone."""
        libre = np.full(self.places.size + 1, -np.inf)
        resultat = milp(
            -self.points,
            constraints=LinearConstraint(
                self.lignes,
                np.concatenate((libre, seuils)),
                np.concatenate((self.places, [servies], self.membres)),
            ),
            bounds=Bounds(0, 1),
            integrality=np.full(self.points.size, ecart is not None),
            options={"mip_rel_gap": ecart or 0},
        )
        if ecart is None:
            return _Essai(None, _RIEN, _RIEN if resultat.fun is None else -resultat.fun)
        borne = _RIEN if resultat.mip_dual_bound is None else -float(resultat.mip_dual_bound)
        if resultat.x is None:
            return _Essai(None, _RIEN, borne)
        choisies = np.rint(resultat.x)
        valeur = float(self.points @ choisies)
        return _Essai(choisies, valeur, max(borne, valeur))


def _points(demande: DemandeDuParc, lot: Lot, selon: Regles) -> int:
    maintenue = selon.stabilite if demande.annonce in lot.vehicules else 0
    return round(1000 * demande.priorite - demande.km[lot.classe] + maintenue)


def distribuer(lot: Lot, choisies: Sequence[DemandeDuParc], selon: Regles) -> dict[str, str]:
    """Hand out the vehicles of a lot: as many as can be keep the one announced. By request id."""
    vehicules = lot.vehicules
    if not choisies:
        return {}
    annonces = np.array([[d.annonce == v for v in vehicules] for d in choisies], float)
    lignes: list[list[int]] = [
        list(range(i * len(vehicules), (i + 1) * len(vehicules))) for i in range(len(choisies))
    ]
    rang = {demande.id: i for i, demande in enumerate(choisies)}
    for foule in _foules(choisies, 1, selon):
        lignes += [[rang[d.id] * len(vehicules) + v for d in foule] for v in range(len(vehicules))]
    resultat = milp(
        # Of equals, the first vehicle: the answer does not depend on how the program is solved.
        -1000 * annonces.ravel() + np.tile(np.arange(len(vehicules)) / len(vehicules), len(choisies)),
        constraints=LinearConstraint(
            _matrice(lignes, annonces.size),
            np.concatenate((np.ones(len(choisies)), np.full(len(lignes) - len(choisies), -np.inf))),
            np.ones(len(lignes)),
        ),
        bounds=Bounds(0, 1),
        integrality=np.ones(annonces.size, np.int64),
        options={"mip_rel_gap": 0},
    )
    if resultat.x is None:
        raise RuntimeError(f"{len(choisies)} requests do not fit in {len(vehicules)} vehicles")
    parts = resultat.x.reshape(annonces.shape).argmax(axis=1)
    return {d.id: vehicules[v] for d, v in zip(choisies, parts.tolist(), strict=True)}


def _matrice(lignes: Sequence[Sequence[int]], colonnes: int) -> csr_array:
    """Rows of ones."""
    debut = np.cumsum([0, *map(len, lignes)])
    indices = np.concatenate([np.asarray(ligne, np.int64) for ligne in lignes])
    return csr_array((np.ones(indices.size), indices, debut), shape=(len(lignes), colonnes))


def _foules(demandes: Sequence[DemandeDuParc], vehicules: int, selon: Regles) -> list[list[DemandeDuParc]]:
    """The widest sets of requests, given by first day, that are out together and outnumber the vehicles."""
    tampon = timedelta(days=selon.tampon_jours)
    foules = []
    dehors: list[DemandeDuParc] = []
    for rang, demande in enumerate(demandes):
        dehors = [d for d in dehors if d.fin + tampon >= demande.debut] + [demande]
        suivantes = demandes[rang + 1 : rang + 2]
        s_elargit = bool(suivantes) and all(d.fin + tampon >= suivantes[0].debut for d in dehors)
        if len(dehors) > vehicules and not s_elargit:
            foules.append(dehors)
    return foules
