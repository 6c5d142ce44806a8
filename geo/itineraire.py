"""The way itself: which streets a fastest route takes, how many metres, and its line on a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.accroche import Accroches, arrivees, departs, directs
from geo.chemins import chemins
from geo.noyau import INFINI
from geo.reseau import Reseau

Longs = NDArray[np.int64]
Reels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Itineraires:
    """k fastest routes. ``ms``: int64[k], −1 when there is none; ``metres``: float64[k];
    ``courses``: the courses (2 × street, + 1 backwards) of route i are ``courses[debut[i]:debut[i + 1]]``,
    first and last driven in part."""

    origines: Accroches
    destinations: Accroches
    ms: Longs
    metres: Reels
    debut: Longs
    courses: Longs


def itineraires(reseau: Reseau, origines: Accroches, destinations: Accroches) -> Itineraires:
    """The fastest route from origin i to destination i, walks to and from the street included in the time."""
    t = reseau.tableaux
    k = len(origines)
    routes = chemins(reseau.hierarchie, departs(reseau, origines), arrivees(reseau, destinations))
    par_la, sur_place = routes.ms.astype(np.int64), directs(reseau, origines, destinations)
    direct = (sur_place >= 0) & (sur_place <= par_la)
    ms = np.where(direct, sur_place, np.where(par_la < INFINI, par_la, -1))
    longueurs = np.asarray(t["metres"][t["debut"][1:] - 1], np.float64)
    # In between: the arc of least time for each step of the way.
    combien = np.diff(routes.debut)
    trouvees = np.flatnonzero((combien > 0) & ~direct)
    debut, fin = routes.debut[trouvees], routes.debut[trouvees + 1] - 1
    pas = _suite(debut, fin - debut)
    milieu = _courses(reseau, routes.noeuds[pas].astype(np.int64), routes.noeuds[pas + 1].astype(np.int64))
    premiere = _premieres(reseau, origines, trouvees, routes.noeuds[debut])
    derniere = _dernieres(reseau, destinations, trouvees, routes.noeuds[fin])
    tailles = fin - debut + 2
    courses = np.empty(int(tailles.sum()), np.int64)
    bouts = np.cumsum(tailles)
    courses[bouts - tailles], courses[bouts - 1] = premiere, derniere
    au_milieu = np.ones(courses.size, np.bool_)
    au_milieu[bouts - tailles] = au_milieu[bouts - 1] = False
    courses[au_milieu] = milieu
    metres = np.zeros(k)
    qui = np.repeat(trouvees, fin - debut)
    metres[:] = np.bincount(qui, longueurs[milieu >> 1], minlength=k)[:k]
    d, a = origines.metres[trouvees], destinations.metres[trouvees]
    metres[trouvees] += np.where(premiere & 1, d, longueurs[premiere >> 1] - d)
    metres[trouvees] += np.where(derniere & 1, longueurs[derniere >> 1] - a, a)
    metres[direct] = np.abs(destinations.metres - origines.metres)[direct]
    metres += np.where(ms >= 0, origines.ecart_m + destinations.ecart_m, 0.0)
    index = np.zeros(k + 1, np.int64)
    index[trouvees + 1] = tailles
    return Itineraires(origines, destinations, ms, metres, np.cumsum(index), courses)


def ligne(reseau: Reseau, routes: Itineraires, i: int) -> list[tuple[float, float]]:
    """Longitudes and latitudes of route ``i``, from street to street; empty when there is none."""
    if routes.ms[i] < 0:
        return []
    t = reseau.tableaux
    a, b = routes.origines, routes.destinations
    de, vers = (float(a.lon[i]), float(a.lat[i])), (float(b.lon[i]), float(b.lat[i]))
    courses = routes.courses[routes.debut[i] : routes.debut[i + 1]].tolist()
    if not courses:
        milieu = _points(reseau, int(a.rue[i]), float(a.metres[i]), float(b.metres[i]))
        return [de, *milieu, vers]
    points = [de]
    for rang, course in enumerate(courses):
        rue, envers = course >> 1, course & 1
        longueur = float(t["metres"][t["debut"][rue + 1] - 1])
        depart, arrivee = (longueur, 0.0) if envers else (0.0, longueur)
        if rang == 0:
            depart = float(a.metres[i])
        if rang == len(courses) - 1:
            arrivee = float(b.metres[i])
        points += [p for p in _points(reseau, rue, depart, arrivee, bords=True) if p != points[-1]]
    if points[-1] != vers:
        points.append(vers)
    return points


def _points(
    reseau: Reseau, rue: int, depart: float, arrivee: float, *, bords: bool = False
) -> list[tuple[float, float]]:
    """The points of a street between two distances from its start, in the order they are met."""
    t = reseau.tableaux
    i, j = int(t["debut"][rue]), int(t["debut"][rue + 1])
    metres = t["metres"][i:j]
    bas, haut = min(depart, arrivee), max(depart, arrivee)
    dedans = (metres >= bas) & (metres <= haut) if bords else (metres > bas) & (metres < haut)
    points = list(
        zip((t["lon"][i:j][dedans] / 1e7).tolist(), (t["lat"][i:j][dedans] / 1e7).tolist(), strict=True)
    )
    return points if depart <= arrivee else points[::-1]


def _suite(debut: Longs, tailles: Longs) -> Longs:
    """debut[0], debut[0] + 1, …, then debut[1], …: ``tailles[i]`` numbers from each."""
    fins = np.cumsum(tailles)
    return np.asarray(
        np.arange(int(tailles.sum())) - np.repeat(fins - tailles, tailles) + np.repeat(debut, tailles)
    )


def _premiers(groupe: Longs, cout: Longs, n: int) -> Longs:
    """For each of ``n`` groups, the rank of its least cost (the first of equals)."""
    ordre = np.lexsort((cout, groupe))
    place = np.searchsorted(groupe[ordre], np.arange(n))
    return np.asarray(ordre[place])


def _courses(reseau: Reseau, u: Longs, v: Longs) -> Longs:
    """The course at the end of the fastest arc from each u to each v; one exists."""
    graphe = reseau.graphe
    tailles = graphe.debut[u + 1] - graphe.debut[u]
    arcs = _suite(graphe.debut[u], tailles)
    lequel = np.repeat(np.arange(u.size), tailles)
    bons = graphe.vers[arcs] == v[lequel]
    arcs, lequel = arcs[bons], lequel[bons]
    choix = _premiers(lequel, graphe.ms[arcs].astype(np.int64), u.size)
    return np.asarray(reseau.tableaux["course"][arcs[choix]], np.int64)


def _premieres(reseau: Reseau, a: Accroches, qui: Longs, noeuds: NDArray[np.int32]) -> Longs:
    """The course on which each route starts: of those that end at its first node, the shortest left."""
    t = reseau.tableaux
    rue = a.rue[qui]
    fin = t["debut"][rue + 1] - 1
    course = np.stack([2 * rue, 2 * rue + 1], axis=1)
    reste = np.stack([t["aller"][fin] - a.aller[qui], t["retour"][t["debut"][rue]] - a.retour[qui]], axis=1)
    cout = np.where(t["sortie"][course] == noeuds[:, None], reste, INFINI)
    return np.asarray(2 * rue + cout.argmin(axis=1))


def _dernieres(reseau: Reseau, b: Accroches, qui: Longs, noeuds: NDArray[np.int32]) -> Longs:
    """The course on which each route ends: of those entered from its last node, the soonest there."""
    t = reseau.tableaux
    course = np.stack([2 * b.rue[qui], 2 * b.rue[qui] + 1], axis=1).ravel()
    jusque = np.stack([b.aller[qui], b.retour[qui]], axis=1).ravel()
    tailles = t["entree_debut"][course + 1] - t["entree_debut"][course]
    entrees = _suite(t["entree_debut"][course], tailles)
    laquelle = np.repeat(np.arange(course.size), tailles)
    bonnes = t["entree_noeud"][entrees] == noeuds[laquelle >> 1]
    entrees, laquelle = entrees[bonnes], laquelle[bonnes]
    cout = t["entree_ms"][entrees] + jusque[laquelle]
    choix = _premiers(laquelle >> 1, cout, qui.size)
    return np.asarray(course[laquelle[choix]])
