"""What a turn costs and which turns are forbidden: from streets to the graph that is searched.

By car one stands *on* a street, having come from one end: the nodes of the graph are streets driven
one way, its arcs the turns allowed, so that a left turn, a red light or a no-left-turn sign count.
A turn costs little up to a certain angle, then quickly as much as a full stop; turning left, across
the oncoming traffic, reaches that cost at a smaller angle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, reverse_cuthill_mckee

from geo.etats import Etats, dedoubler
from geo.interdictions import regles
from geo.osm import Extrait
from geo.profils import Profil, Virages
from geo.rues import Entiers, Longs, Reels, Rues

Metres = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Maillage:
    """The graph of a profile and how streets hang onto it. A course is a street driven one way:
    2 × street, + 1 backwards.

    ``de``, ``vers``, ``ms``: the arcs, sorted by ``de``; ``course``: int32[m], the course at the end
    of each arc; ``sortie``: int32[2r], the node where a course ends, −1 when it is not in the graph;
    ``entree_debut``: int64[2r + 1], into ``entree_noeud`` and ``entree_ms``: from which nodes a
    course starts, and what it costs to enter it.
    """

    n: int
    de: Entiers
    vers: Entiers
    ms: Entiers
    course: Entiers
    sortie: Entiers
    entree_debut: Longs
    entree_noeud: Entiers
    entree_ms: Entiers


def cout_ms(virages: Virages, angles: Reels) -> Reels:
    """Milliseconds of turns of these angles, degrees in ]−180, 180], right turns positive."""
    pivot = np.where(angles >= 0, virages.pivot_droite_deg, virages.pivot_gauche_deg)
    pente = virages.raideur * (np.abs(angles) - pivot) / 180
    return np.asarray(1000 * virages.plafond_s / (1 + np.exp(-pente)))


def mailler(rues: Rues, profil: Profil, extrait: Extrait) -> Maillage:
    """The largest part of the graph where everybody reaches everybody."""
    courses = np.flatnonzero(np.stack([rues.sens & 1, rues.sens & 2], axis=1).ravel())
    total = (
        np.stack([rues.aller[rues.debut[1:] - 1], rues.retour[rues.debut[:-1]]], axis=1)
        .ravel()
        .astype(np.int64)
    )
    queue = np.stack([rues.de, rues.vers], axis=1).ravel()
    tete = np.stack([rues.vers, rues.de], axis=1).ravel()
    metres = np.repeat(rues.longueurs, 2)
    noeuds = np.full(tete.size, -1, np.int64)
    if not profil.par_virages:
        u, v = queue[courses].astype(np.int64), tete[courses].astype(np.int64)
        autour = np.bincount(v, metres[courses], minlength=rues.osm.size).astype(np.float64)
        entrees = _Entrees(u, courses, np.zeros(courses.size, np.int64))
        centre = _centre(autour, u, v)
        # A one-way street that comes from outside leads to the centre, but nobody can go there.
        noeuds[courses] = np.where(centre[u], v, -1)
        return _ranger(centre, u, v, total[courses], courses, noeuds, entrees)
    x, y = _tournants(courses, queue, tete)
    lois = regles(rues, profil, extrait.restrictions, (extrait.lon, extrait.lat), (x, y), (queue, tete))
    etats = dedoubler(tete.size, x, y, lois)
    garde = _praticables(metres, etats, x, y)
    u, v, tournant = etats.de[garde], etats.vers[garde], etats.tournant[garde]
    cout = _couts(rues, profil, x, y, tete)[tournant]
    gardes = _tenus(_centre(metres[etats.course], u, v), u, v, etats.course, tete.size)
    noeuds[courses] = courses
    entrees = _Entrees(u, y[tournant], cout)
    return _ranger(gardes, u, v, total[y[tournant]] + cout, y[tournant], noeuds, entrees)


def _tournants(courses: Longs, queue: Entiers, tete: Entiers) -> tuple[Longs, Longs]:
    """Every course with every course that starts where it ends."""
    departs = courses[np.argsort(queue[courses], kind="stable")]
    lieux = queue[departs]
    bas = np.searchsorted(lieux, tete[courses], "left")
    combien = np.searchsorted(lieux, tete[courses], "right") - bas
    x = np.repeat(courses, combien)
    rang = np.arange(x.size) - np.repeat(np.cumsum(combien) - combien, combien)
    return x, departs[np.repeat(bas, combien) + rang]


def _couts(rues: Rues, profil: Profil, x: Longs, y: Longs, tete: Entiers) -> Longs:
    """Milliseconds of each turn x → y."""
    bouts = np.bincount(np.concatenate([rues.de, rues.vers]), minlength=rues.osm.size)
    depart, arrivee = _caps(rues)
    angles = (depart[y] - arrivee[x] + 180) % 360 - 180
    cout = np.where(bouts[tete[x]] > 2, cout_ms(profil.virages, angles), 0.0)
    cout[(x ^ 1) == y] = 1000 * profil.virages.demi_tour_s
    return np.rint(cout).astype(np.int64)


def _praticables(metres: Metres, etats: Etats, x: Longs, y: Longs) -> NDArray[np.bool_]:
    """Which arcs between states are driven: one turns round only where there is no other way out (a dead
    end, a closed barrier), or to join to the rest the streets that could only be driven one way: on a
    lone ring, or behind a forbidden turn, whoever drives the wrong way must be able to turn back."""
    demi_tours = ((x ^ 1) == y)[etats.tournant]
    ailleurs = np.bincount(x[(x ^ 1) != y], minlength=metres.size)
    garde = ~demi_tours | (ailleurs[x] == 0)[etats.tournant]
    de, vers, course = etats.de, etats.vers, etats.course
    poids = metres[course]
    tous = np.ones(de.size, np.bool_)
    grande = _centre(poids, de, vers)
    coeur = _centre(poids * grande, de[garde], vers[garde])
    avec, sans = (
        _tenus(centre, de[arcs], vers[arcs], course, metres.size)
        for centre, arcs in ((grande, tous), (coeur, garde))
    )
    isolees = avec & ~sans
    return np.asarray(garde | (demi_tours & (isolees[de] | isolees[vers])))


def _centre(metres: Metres | Reels, de: Longs, vers: Longs) -> NDArray[np.bool_]:
    """bool[n]: the strongly connected part with the most ``metres`` (of each node)."""
    n = metres.size
    lien = csr_array((np.ones(de.size, np.int8), (de, vers)), shape=(n, n))
    _, parts = connected_components(lien, directed=True, connection="strong")
    vivants = np.zeros(n, np.bool_)
    vivants[de], vivants[vers] = True, True
    return np.asarray((parts == np.bincount(parts, metres * vivants).argmax()) & vivants)


def _tenus(
    centre: NDArray[np.bool_], de: Longs, vers: Longs, course: Longs, courses: int
) -> NDArray[np.bool_]:
    """bool[n]: the states of the courses that can be entered, in some state, from the centre and that
    lead to it from the plain state. Without rules through a way, the centre itself."""
    if centre.size == courses or not centre.any():
        return centre
    tenus = np.ones(centre.size, np.bool_)
    while True:
        entrees = np.zeros(courses, np.bool_)
        entrees[course[_atteints(centre, de, vers, tenus)]] = True
        bonnes = entrees & _atteints(centre, vers, de, tenus)[:courses]
        if np.array_equal(bonnes[course], tenus):
            return tenus
        tenus = bonnes[course]


def _atteints(
    centre: NDArray[np.bool_], de: Longs, vers: Longs, permis: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """bool[n]: what is reached from the centre through what is ``permis``."""
    n = centre.size
    arcs = permis[de] & permis[vers]
    lien = csr_array((np.ones(int(arcs.sum()), np.int8), (de[arcs], vers[arcs])), shape=(n, n))
    atteints = np.zeros(n, np.bool_)
    atteints[breadth_first_order(lien, int(centre.argmax()), return_predecessors=False)] = True
    return atteints


def _caps(rues: Rues) -> tuple[Reels, Reels]:
    """The compass bearing on which each course leaves, and on which it arrives, degrees."""
    premiers, derniers = rues.debut[:-1], rues.debut[1:] - 1
    au_depart = _cap(rues, premiers, premiers + 1)
    au_bout = _cap(rues, derniers - 1, derniers)
    depart = np.stack([au_depart, au_bout + 180], axis=1).ravel()
    arrivee = np.stack([au_bout, au_depart + 180], axis=1).ravel()
    return depart, arrivee


def _cap(rues: Rues, i: Longs, j: Longs) -> Reels:
    milieu = (rues.lat[i].astype(np.float64) + rues.lat[j]) / 2e7
    est = (rues.lon[j].astype(np.float64) - rues.lon[i]) * np.cos(np.radians(milieu))
    return np.asarray(np.degrees(np.arctan2(est, rues.lat[j].astype(np.float64) - rues.lat[i])))


class _Entrees(NamedTuple):
    """From which nodes one enters which courses, and for how many ms."""

    noeud: Longs
    course: Longs
    ms: Longs


def _ranger(
    gardes: NDArray[np.bool_],
    de: Longs,
    vers: Longs,
    ms: Longs,
    course: Longs,
    bouts: Longs,
    entrees: _Entrees,
) -> Maillage:
    """The nodes ``gardes`` and what joins them, neighbours close to each other in memory.

    ``course``: the course of each arc; ``bouts``: the node where each course ends, −1 for no course.
    """
    n = gardes.size
    tenus = np.flatnonzero(gardes)
    rang = np.full(n + 1, -1, np.int64)  # the last one stands for « no course »
    if tenus.size:
        lien = csr_array((np.ones(de.size, np.int8), (de, vers)), shape=(n, n))
        rang[tenus[reverse_cuthill_mckee(lien[tenus][:, tenus].tocsr())]] = np.arange(tenus.size)
    arcs = np.flatnonzero((rang[de] >= 0) & (rang[vers] >= 0))
    arcs = arcs[np.argsort(rang[de[arcs]], kind="stable")]
    sortie = rang[bouts].astype(np.int32)
    utiles = np.flatnonzero((rang[entrees.noeud] >= 0) & (sortie[entrees.course] >= 0))
    utiles = utiles[np.argsort(entrees.course[utiles], kind="stable")]
    entree_debut = np.zeros(bouts.size + 1, np.int64)
    np.cumsum(np.bincount(entrees.course[utiles], minlength=bouts.size), out=entree_debut[1:])
    return Maillage(
        n=tenus.size,
        de=rang[de[arcs]].astype(np.int32),
        vers=rang[vers[arcs]].astype(np.int32),
        ms=np.asarray(ms[arcs], np.int32),
        course=course[arcs].astype(np.int32),
        sortie=sortie,
        entree_debut=entree_debut,
        entree_noeud=rang[entrees.noeud[utiles]].astype(np.int32),
        entree_ms=entrees.ms[utiles].astype(np.int32),
    )
