"""Turn rules (``type=restriction``): from the relations of an extract to rules on streets.

A rule says: having come along these courses, one may not (or may only) go on along those. Its middle
is a point, or one or several whole ways: then what is forbidden depends on where one came from.
A rule by the hour is counted and never applied: at another hour it would be false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.etats import Regle
from geo.profils import Profil, morceaux

if TYPE_CHECKING:
    from geo.rues import Entiers, Longs, Rues

_INTERDITS = frozenset(
    (
        "no_left_turn",
        "no_right_turn",
        "no_straight_on",
        "no_u_turn",
        "no_entry",
        "no_exit",
        "no_turn",
    )
)
_SEULS = "only_"
_HEURES = ("day_on", "day_off", "hour_on", "hour_off")
_CHEMINS_MAX = 16
"""Ways in the middle of one rule; real ones have one to four."""
_ESSAIS_MAX = 500


class Restriction(NamedTuple):
    """A rule on the map. ``de``, ``vers``: ways, by rank in the extract; ``via``: the points from the
    first to the last, by rank, in each order the rule may be read in: one point alone, or whole ways."""

    tags: Mapping[str, str]
    de: frozenset[int]
    via: tuple[tuple[int, ...], ...]
    vers: frozenset[int]

    @property
    def par_un_chemin(self) -> bool:
        """Whether its middle is one way or several."""
        return len(self.via[0]) > 1


class _Panneau(NamedTuple):
    """A relation as it was read: OpenStreetMap numbers."""

    tags: Mapping[str, str]
    de: tuple[int, ...]
    point: int | None
    chemins: tuple[int, ...]
    vers: tuple[int, ...]


@dataclass(eq=False)
class Releve:
    """The relations met while an extract is read, and how many are left aside."""

    panneaux: list[_Panneau] = field(default_factory=list)
    selon_l_heure: int = 0
    non_comprises: int = 0

    def lire(self, relation: Any) -> None:
        """One ``type=restriction`` relation, in osmium's words."""
        tags = {t.k: t.v for t in relation.tags}
        if _selon_l_heure(tags):
            self.selon_l_heure += 1
            return
        roles: dict[tuple[str, str], list[int]] = {}
        for membre in relation.members:
            roles.setdefault((membre.role, membre.type), []).append(membre.ref)
        de, vers, points, chemins = (
            tuple(roles.get(cle, ())) for cle in (("from", "w"), ("to", "w"), ("via", "n"), ("via", "w"))
        )
        if not de or not vers or (not chemins and len(points) != 1) or len(chemins) > _CHEMINS_MAX:
            self.non_comprises += 1
            return
        self.panneaux.append(_Panneau(tags, de, None if chemins else points[0], chemins, vers))

    def situer(
        self,
        chemins: NDArray[np.int64],
        debut: NDArray[np.int64],
        points: NDArray[np.int32],
        noeuds: NDArray[np.int64],
    ) -> tuple[Restriction, ...]:
        """The rules on the ways that were kept (see ``geo.osm.Extrait`` for the arrays).

        A rule that has lost a member (cut by the extract, or no road at all) is about turns that cannot
        be made here: it goes. One whose ways do not touch is counted as not understood.
        """
        nommes = {ref for p in self.panneaux for ref in (*p.de, *p.chemins, *p.vers)}
        rangs = {ref: rang for rang, ref in enumerate(chemins.tolist()) if ref in nommes}
        gardees = []
        for p in self.panneaux:
            de, vers = (frozenset(rangs[ref] for ref in refs if ref in rangs) for refs in (p.de, p.vers))
            if not de or not vers or not all(ref in rangs for ref in p.chemins):
                continue
            if p.point is not None:
                ici = int(np.searchsorted(noeuds, p.point))
                via: tuple[tuple[int, ...], ...] = (
                    ((ici,),) if ici < noeuds.size and noeuds[ici] == p.point else ()
                )
            else:
                lignes = [
                    _ligne(points[debut[r] : debut[r + 1]].tolist())
                    for r in map(rangs.__getitem__, p.chemins)
                ]
                if any(ligne[0] < 0 or ligne[-1] < 0 for ligne in lignes):
                    continue
                via = tuple(_enchainer(lignes))
                self.non_comprises += not via
            if via:
                gardees.append(Restriction(p.tags, de, via, vers))
        return tuple(gardees)


def _selon_l_heure(tags: Mapping[str, str]) -> bool:
    """Whether the rule holds at certain hours only, said in one way or in the old one."""
    if any(cle in tags for cle in _HEURES):
        return True
    parfois = [v for cle, v in tags.items() if cle.startswith("restriction") and cle.endswith(":conditional")]
    toujours = [
        v for cle, v in tags.items() if cle.startswith("restriction") and not cle.endswith(":conditional")
    ]
    # The same words without the hours are there for those who cannot read hours.
    return bool(parfois) and all(any(v and v in texte for texte in parfois) for v in toujours)


def _ligne(points: Sequence[int]) -> list[int]:
    """Without the points said twice in a row."""
    return [p for rang, p in enumerate(points) if rang == 0 or p != points[rang - 1]]


def _enchainer(lignes: Sequence[list[int]]) -> Iterator[tuple[int, ...]]:
    """The lines put end to end, whatever their order and their direction; nothing if they do not touch."""
    sens = [[(ligne[0], ligne[-1]), (ligne[-1], ligne[0])] for ligne in lignes]
    pile: list[tuple[tuple[int, bool], ...]] = [()]
    suites: set[tuple[int, ...]] = set()
    for _ in range(_ESSAIS_MAX):
        if not pile:
            break
        ordre = pile.pop()
        if len(ordre) == len(lignes):
            places = [lignes[rang][::-1] if envers else lignes[rang] for rang, envers in ordre]
            suite = (places[0][0], *(p for morceau in places for p in morceau[1:]))
            if len(suite) > 1:
                suites.add(suite)
            continue
        prises = {rang for rang, _ in ordre}
        ici = sens[ordre[-1][0]][ordre[-1][1]][1] if ordre else None
        pile += [
            (*ordre, (rang, envers))
            for rang in range(len(lignes))
            if rang not in prises
            for envers in (False, True)
            if ici is None or sens[rang][envers][0] == ici
        ]
    yield from sorted(suites)


def choix(restrictions: Iterable[Restriction], n: int) -> NDArray[np.bool_]:
    """bool[n]: the points where a rule begins or ends, so that a street ends there whatever its shape."""
    ici = np.zeros(n, np.bool_)
    for restriction in restrictions:
        for via in restriction.via:
            ici[[via[0], via[-1]]] = True
    return ici


@dataclass(eq=False)
class _Abords:
    """The courses that start and end at the points that rules speak of."""

    departs: Mapping[int, list[int]]
    arrivees: Mapping[int, list[int]]


def regles(
    rues: Rues,
    profil: Profil,
    restrictions: Sequence[Restriction],
    lieux: tuple[Entiers, Entiers],
    tournants: tuple[Longs, Longs],
    bouts: tuple[Entiers, Entiers],
) -> Iterator[Regle]:
    """The rules that bind a profile, as courses. A rule about a turn nobody can make says nothing.

    ``lieux``: longitude and latitude of the points of the extract; ``tournants``: the turns x → y,
    sorted by x; ``bouts``: the crossroads where each course starts and ends.
    """
    concernees = [(genre, r) for r in restrictions for genre in morceaux(profil.concerne(r.tags))]
    concernees = [(g, r) for g, r in concernees if g in _INTERDITS or g.startswith(_SEULS)]
    x, y = tournants
    abords = _abords({p for _, r in concernees for via in r.via for p in via}, np.unique(x), bouts)

    def apres(course: int) -> list[int]:
        bas, haut = np.searchsorted(x, [course, course + 1])
        return [int(suivant) for suivant in y[bas:haut]]

    for genre, restriction in concernees:
        for via in restriction.via:
            suite = _parcourir(rues, lieux, via, abords, bouts[1])
            for course in abords.arrivees.get(via[0], ()) if suite is not None else ():
                if _chemin(rues, course, fin=True) not in restriction.de:
                    continue
                tout = (course, *(suite or ()))
                if suite and (suite[0] == course ^ 1 or suite[0] not in apres(course)):
                    continue
                suivants = {c for c in apres(tout[-1]) if _chemin(rues, c, fin=False) in restriction.vers}
                demi_tour = tout[-1] ^ 1
                if genre.startswith(_SEULS) and genre != "only_u_turn":
                    suivants.discard(demi_tour)
                elif not suite and restriction.de == restriction.vers:
                    # A turn within one way is named by a sign only when it is a U-turn.
                    suivants &= {demi_tour}
                if suivants:
                    yield Regle(tout, frozenset(suivants), genre.startswith(_SEULS))


def _abords(points: set[int], courses: Longs, bouts: tuple[Entiers, Entiers]) -> _Abords:
    groupes: list[dict[int, list[int]]] = []
    for bout in bouts:
        groupe: dict[int, list[int]] = {}
        ici = courses[np.isin(bout[courses], list(points))]
        for course, point in zip(ici.tolist(), bout[ici].tolist(), strict=True):
            groupe.setdefault(point, []).append(course)
        groupes.append(groupe)
    return _Abords(*groupes)


def _chemin(rues: Rues, course: int, *, fin: bool) -> int:
    """The way on which a course starts, or ends."""
    return int((rues.chemin_vers if fin != bool(course & 1) else rues.chemin_de)[course >> 1])


def _parcourir(
    rues: Rues, lieux: tuple[Entiers, Entiers], via: tuple[int, ...], abords: _Abords, tete: Entiers
) -> tuple[int, ...] | None:
    """The courses from the first to the last of these points; ``None`` where one cannot drive so."""
    suite: list[int] = []
    ici = 0
    while ici < len(via) - 1:
        for course in abords.departs.get(via[ici], ()):
            trace = slice(int(rues.debut[course >> 1]), int(rues.debut[(course >> 1) + 1]))
            bout = ici + trace.stop - trace.start
            points = via[ici:bout] if course & 1 == 0 else via[ici:bout][::-1]
            if (
                len(points) == trace.stop - trace.start
                and tete[course] == via[bout - 1]
                and np.array_equal(rues.lon[trace], lieux[0][list(points)])
                and np.array_equal(rues.lat[trace], lieux[1][list(points)])
            ):
                suite.append(course)
                ici = bout - 1
                break
        else:
            return None
    return tuple(suite)
