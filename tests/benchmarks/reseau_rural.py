"""A made-up rural département, the same each time: 500 villages in 75 × 130 km, some 60 000 crossroads."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay

from geo.graphe import Graphe

LARGEUR_M, HAUTEUR_M = 75_000.0, 130_000.0
VILLAGES = 500

Reels = NDArray[np.float64]
Couples = NDArray[np.int64]


def reseau_rural(graine: int = 55, departements: int = 1) -> tuple[Graphe, Reels]:
    """Crossroads joined by roads, all of them reachable from all; and their positions in metres.

    Of several départements: so many times the area and the villages.

    Villages of streets of all ages, one-way here and there, joined by winding roads with a crossroads
    every few hundred metres and a farm now and then.
    """
    hasard = np.random.default_rng(graine)
    cote = math.sqrt(departements)
    bords = (cote * LARGEUR_M - 2000, cote * HAUTEUR_M - 2000)
    villages = hasard.uniform((2000, 2000), bords, (VILLAGES * departements, 2))
    positions: list[Reels] = []
    rues: list[tuple[Couples, float, float]] = []  # ends, km/h, share of one-ways
    places: list[int] = []  # the first node of each village
    combien = 0
    for centre in villages:
        taille = int(np.clip(hasard.lognormal(np.log(66), 0.75), 8, 900))
        points = centre + hasard.normal(0, 28 * np.sqrt(taille), (taille, 2))
        positions.append(points)
        rues.append((combien + _voisins(points, 0.5, hasard), 30, 0.12))
        places.append(combien)
        combien += taille
    for a, b in _voisins(villages, 0.6, hasard):
        longueur = float(np.hypot(*(villages[a] - villages[b])))
        etapes = max(2, int(longueur / 330))
        t = np.linspace(0, 1, etapes + 1)[1:-1, None]
        route = villages[a] * (1 - t) + villages[b] * t + hasard.normal(0, 60, (etapes - 1, 2))
        positions.append(route)
        suite = np.concatenate(([places[a]], combien + np.arange(etapes - 1), [places[b]]))
        rues.append((np.stack((suite[:-1], suite[1:]), axis=1), 80 if longueur > 4000 else 70, 0))
        combien += etapes - 1
        fermes = np.flatnonzero(hasard.random(etapes - 1) < 0.4)
        positions.append(route[fermes] + hasard.normal(0, 150, (fermes.size, 2)))
        rues.append((np.stack((suite[1 + fermes], combien + np.arange(fermes.size)), axis=1), 30, 0))
        combien += fermes.size
    tous = np.concatenate(positions)
    de, vers, ms = [], [], []
    for couples, km_h, part in rues:
        metres = 1.15 * np.hypot(*(tous[couples[:, 0]] - tous[couples[:, 1]]).T)
        temps = np.maximum(1, np.rint(metres * 3600 / km_h)).astype(np.int64)
        retour = hasard.random(len(couples)) >= part
        de += [couples[:, 0], couples[retour, 1]]
        vers += [couples[:, 1], couples[retour, 0]]
        ms += [temps, temps[retour]]
    return _le_plus_grand(tous, np.concatenate(de), np.concatenate(vers), np.concatenate(ms))


def avec_virages(graphe: Graphe, positions: Reels) -> tuple[Graphe, Reels]:
    """Each arc becomes a node and each turn an arc: its time is that of the turn, then of the road.

    Sharp turns cost up to 7.5 s; a U-turn is made only where the road ends. Positions: arc ends.
    """
    debut, vers = graphe.debut, graphe.vers.astype(np.int64)
    de = np.repeat(np.arange(graphe.n), np.diff(debut))
    sorties = np.diff(debut)[vers]
    avant = np.repeat(np.arange(graphe.m), sorties)
    rang = np.arange(avant.size) - np.repeat(np.cumsum(sorties) - sorties, sorties)
    apres = debut[vers[avant]] + rang
    demi_tour = vers[apres] == de[avant]
    garde = ~demi_tour | (sorties[avant] == 1)
    avant, apres, demi_tour = avant[garde], apres[garde], demi_tour[garde]
    cap = np.arctan2(*(positions[vers] - positions[de]).T)
    angle = np.abs((cap[apres] - cap[avant] + np.pi) % (2 * np.pi) - np.pi)
    virage = np.where(demi_tour, 20_000, 7_500 / (1 + np.exp(6.5 - 4.2 * angle)))
    ms = graphe.ms[apres] + np.rint(virage).astype(np.int64)
    return _le_plus_grand(positions[vers], avant, apres, ms)


def _voisins(points: Reels, part: float, hasard: np.random.Generator) -> Couples:
    """Neighbours joined: what keeps all points together, and some of the other neighbours."""
    triangles = Delaunay(points).simplices
    couples = np.sort(np.concatenate((triangles[:, :2], triangles[:, 1:], triangles[:, ::2])), axis=1)
    couples = np.unique(couples, axis=0)
    longueurs = np.hypot(*(points[couples[:, 0]] - points[couples[:, 1]]).T)
    tout = coo_array((longueurs, (couples[:, 0], couples[:, 1])), shape=(len(points), len(points)))
    arbre = minimum_spanning_tree(tout.tocsr()).tocoo()
    cles = couples[:, 0] * len(points) + couples[:, 1]
    gardes = np.isin(cles, arbre.row.astype(np.int64) * len(points) + arbre.col) | (
        (hasard.random(len(couples)) < part) & (longueurs < 2.5 * np.median(longueurs))
    )
    choisis: Couples = couples[gardes].astype(np.int64)
    return choisis


def _le_plus_grand(positions: Reels, de: Couples, vers: Couples, ms: Couples) -> tuple[Graphe, Reels]:
    """The largest set of nodes that all reach each other, renumbered, with the arcs between them."""
    n = len(positions)
    matrice = coo_array((np.ones(de.size, np.int8), (de, vers)), shape=(n, n)).tocsr()
    _, groupes = connected_components(matrice, connection="strong")
    dedans = groupes == np.bincount(groupes).argmax()
    numero = np.cumsum(dedans) - 1
    gardes = dedans[de] & dedans[vers]
    graphe = Graphe.depuis_arcs(int(dedans.sum()), numero[de[gardes]], numero[vers[gardes]], ms[gardes])
    return graphe, positions[dedans]
