"""What a turn costs and which turns are forbidden: from streets to the graph that is searched.

By car one stands *on* a street, having come from one end: the nodes of the graph are streets driven
one way, its arcs the turns allowed, so that a left turn, a red light or a no-left-turn sign count.
A turn costs little up to a certain angle, then quickly as much as a full stop; turning left, across
the oncoming traffic, reaches that cost at a smaller angle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

from geo.osm import Restriction
from geo.profils import Profil, Virages
from geo.rues import Entiers, Longs, Reels, Rues

_SEULS = "only_"
_INTERDITS = (
    "no_left_turn",
    "no_right_turn",
    "no_straight_on",
    "no_u_turn",
    "no_entry",
    "no_exit",
    "no_turn",
)


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


def mailler(
    rues: Rues, profil: Profil, restrictions: Iterable[Restriction], chemins: Mapping[int, int]
) -> Maillage:
    """The largest part of the graph where everybody reaches everybody.

    ``chemins``: rank of each way in the extract, by OpenStreetMap number.
    """
    courses = np.flatnonzero(np.stack([rues.sens & 1, rues.sens & 2], axis=1).ravel())
    total = np.stack([rues.aller[rues.debut[1:] - 1], rues.retour[rues.debut[:-1]]], axis=1).ravel()
    queue = np.stack([rues.de, rues.vers], axis=1).ravel()
    tete = np.stack([rues.vers, rues.de], axis=1).ravel()
    if profil.par_virages:
        x, y = _tournants(courses, queue, tete)
        garde, cout = _juger(rues, profil, restrictions, chemins, x, y, queue, tete)
        x, y, cout = x[garde], y[garde], cout[garde]
        metres = np.repeat(rues.longueurs, 2)
        return _plus_grand(metres, x, y, total[y] + cout, y, courses, courses, x, y, cout)
    zero = np.zeros(courses.size, np.int64)
    noeuds = np.full(tete.size, -1, np.int64)
    noeuds[courses] = tete[courses]
    autour = np.bincount(tete[courses], np.repeat(rues.longueurs, 2)[courses], minlength=rues.osm.size)
    return _plus_grand(
        autour.astype(np.float64), queue[courses], tete[courses], total[courses], courses, courses, noeuds[courses],
        queue[courses], courses, zero,
    )  # fmt: skip


def _tournants(courses: Longs, queue: Entiers, tete: Entiers) -> tuple[Longs, Longs]:
    """Every course with every course that starts where it ends."""
    departs = courses[np.argsort(queue[courses], kind="stable")]
    lieux = queue[departs]
    bas = np.searchsorted(lieux, tete[courses], "left")
    combien = np.searchsorted(lieux, tete[courses], "right") - bas
    x = np.repeat(courses, combien)
    rang = np.arange(x.size) - np.repeat(np.cumsum(combien) - combien, combien)
    return x, departs[np.repeat(bas, combien) + rang]


def _juger(
    rues: Rues,
    profil: Profil,
    restrictions: Iterable[Restriction],
    chemins: Mapping[int, int],
    x: Longs,
    y: Longs,
    queue: Entiers,
    tete: Entiers,
) -> tuple[NDArray[np.bool_], Longs]:
    """Which turns x → y exist, and their ms."""
    demi_tour = (x ^ 1) == y
    ailleurs = np.bincount(x[~demi_tour], minlength=queue.size)
    # One turns round only where there is no other way out: a dead end, a closed barrier.
    garde = ~demi_tour | (ailleurs[x] == 0)
    permis = ~_interdits(rues, profil, restrictions, chemins, x, y, tete)
    garde &= permis
    metres = np.repeat(rues.longueurs, 2)
    garde |= permis & demi_tour & _sans_issue(metres, x, y, garde, demi_tour & permis)
    bouts = np.bincount(np.concatenate([rues.de, rues.vers]), minlength=rues.osm.size)
    depart, arrivee = _caps(rues)
    angles = (depart[y] - arrivee[x] + 180) % 360 - 180
    cout = np.where(bouts[tete[x]] > 2, cout_ms(profil.virages, angles), 0.0)
    cout[demi_tour] = 1000 * profil.virages.demi_tour_s
    return garde, np.rint(cout).astype(np.int64)


def _sans_issue(
    metres: NDArray[np.float32], x: Longs, y: Longs, garde: NDArray[np.bool_], demi_tours: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The turns round that join to the rest the streets that could only be driven one way: on a lone
    ring, or behind a forbidden turn, whoever drives the wrong way must be able to turn back."""

    n = metres.size

    def parts(arcs: NDArray[np.bool_]) -> NDArray[np.int32]:
        lien = csr_array((np.ones(int(arcs.sum()), np.int8), (x[arcs], y[arcs])), shape=(n, n))
        return np.asarray(connected_components(lien, directed=True, connection="strong")[1])

    avec, sans = parts(garde | demi_tours), parts(garde)
    present = np.zeros(n, np.bool_)
    present[x] = True
    grande = present & (avec == np.bincount(avec, metres * present).argmax())
    centre = grande & (sans == np.bincount(sans, metres * grande).argmax())
    isolees = grande & ~centre
    return np.asarray(isolees[x] | isolees[y])


def _caps(rues: Rues) -> tuple[Reels, Reels]:
    """The compass bearing on which each course leaves, and on which it arrives, degrees."""
    premiers, derniers = rues.debut[:-1], rues.debut[1:] - 1
    au_depart = _cap(rues, premiers, premiers + 1)
    au_bout = _cap(rues, derniers - 1, derniers)
    depart = np.stack([au_depart, au_bout + 180], axis=1).ravel()
    arrivee = np.stack([au_bout, au_depart + 180], axis=1).ravel()
    return depart, arrivee


def _cap(rues: Rues, i: Longs, j: Longs) -> Reels:
    est = (rues.lon[j].astype(np.float64) - rues.lon[i]) * np.cos(np.radians(rues.lat[i] / 1e7))
    return np.asarray(np.degrees(np.arctan2(est, rues.lat[j].astype(np.float64) - rues.lat[i])))


def _interdits(
    rues: Rues,
    profil: Profil,
    restrictions: Iterable[Restriction],
    chemins: Mapping[int, int],
    x: Longs,
    y: Longs,
    tete: Entiers,
) -> NDArray[np.bool_]:
    """The turns that a sign forbids, or that a sign does not allow (« only »)."""
    interdits = np.zeros(x.size, np.bool_)
    lois: dict[int, list[tuple[str, frozenset[int], frozenset[int]]]] = {}
    for restriction in restrictions:
        genre = profil.concerne(restriction.tags)
        de, vers = (
            frozenset(chemins[ref] for ref in refs if ref in chemins)
            for refs in (restriction.de, restriction.vers)
        )
        if de and vers and (genre in _INTERDITS or genre.startswith(_SEULS)):
            lois.setdefault(restriction.via, []).append((genre, de, vers))
    par_ici = rues.osm[tete[x]]
    for i in np.flatnonzero(np.isin(par_ici, list(lois))).tolist():
        rue_x, rue_y = int(x[i]) >> 1, int(y[i]) >> 1
        venant = int(rues.chemin_de[rue_x] if x[i] & 1 else rues.chemin_vers[rue_x])
        allant = int(rues.chemin_vers[rue_y] if y[i] & 1 else rues.chemin_de[rue_y])
        retour = (x[i] ^ 1) == y[i]
        for genre, de, vers in lois[int(par_ici[i])]:
            if venant not in de:
                continue
            if genre.startswith(_SEULS):
                interdits[i] |= allant not in vers or (retour and genre != "only_u_turn")
            elif genre == "no_u_turn" or de != vers or retour:
                # A turn within one way is named by a sign only when it is a U-turn.
                interdits[i] |= allant in vers and (retour if genre == "no_u_turn" and de == vers else True)
    return interdits


def _plus_grand(
    metres: NDArray[np.float32] | Reels,
    de: Longs | Entiers,
    vers: Longs | Entiers,
    ms: Longs | Entiers,
    course: Longs,
    presentes: Longs,
    noeud: Longs,
    entree_noeud: Longs | Entiers,
    entree_course: Longs,
    entree_ms: Longs,
) -> Maillage:
    """Keep the strongly connected part with the most ``metres`` (of each node), neighbours close to each other in memory.

    ``noeud``: where each of the courses ``presentes`` ends; ``entree_*``: the ways to enter a course.
    """
    n = metres.size
    lien = csr_array((np.ones(de.size, np.int8), (de, vers)), shape=(n, n))
    _, parts = connected_components(lien, directed=True, connection="strong")
    vivants = np.zeros(n, np.bool_)
    vivants[de], vivants[vers] = True, True
    tailles = np.bincount(parts, metres * vivants)
    gardes = np.flatnonzero((parts == tailles.argmax()) & vivants)
    rang = np.full(n, -1, np.int64)
    ordre = reverse_cuthill_mckee(lien[gardes][:, gardes].tocsr()) if gardes.size else gardes
    rang[gardes[ordre]] = np.arange(gardes.size)
    arcs = np.flatnonzero((rang[de] >= 0) & (rang[vers] >= 0))
    arcs = arcs[np.argsort(rang[de[arcs]], kind="stable")]
    courses = int(presentes.max()) | 1 if presentes.size else -1
    sortie = np.full(courses + 1, -1, np.int32)
    sortie[presentes] = rang[noeud]
    entrees = np.flatnonzero((rang[entree_noeud] >= 0) & (sortie[entree_course] >= 0))
    entrees = entrees[np.argsort(entree_course[entrees], kind="stable")]
    entree_debut = np.zeros(courses + 2, np.int64)
    np.cumsum(np.bincount(entree_course[entrees], minlength=courses + 1), out=entree_debut[1:])
    return Maillage(
        n=gardes.size,
        de=rang[de[arcs]].astype(np.int32),
        vers=rang[vers[arcs]].astype(np.int32),
        ms=np.asarray(ms[arcs], np.int32),
        course=course[arcs].astype(np.int32),
        sortie=sortie,
        entree_debut=entree_debut,
        entree_noeud=rang[entree_noeud[entrees]].astype(np.int32),
        entree_ms=entree_ms[entrees].astype(np.int32),
    )
