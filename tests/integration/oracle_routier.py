"""The roads of an extract read a second time, another way: point by point, with osmium's own objects and
networkx. Nothing here comes from ``geo`` but the figures of its profiles (``oracle_code``).

What is compared with it: who may drive where, how long each stretch takes, what turns cost and which
are forbidden, which part of the network is kept, and in the end the milliseconds between two places.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise, permutations, product
from pathlib import Path
from typing import Any

import networkx as nx
import osmium

from tests.integration.oracle_code import Code, Tags

RAYON_M = 6_371_008.8
INTERDITS = ("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit", "no_turn")

Point = tuple[int, int]
"""OpenStreetMap number, and which copy: a closed point is another one for each line that ends there."""


@dataclass
class Carte:
    """What the file holds: ways, the tags and the place of their points, and its turn rules."""

    chemins: dict[int, tuple[Tags, list[int]]] = field(default_factory=dict)
    lieux: dict[int, tuple[float, float]] = field(default_factory=dict)
    points: dict[int, Tags] = field(default_factory=dict)
    regles: list[tuple[Tags, list[tuple[str, str, int]]]] = field(default_factory=list)


def lire_carte(fichier: Path) -> Carte:
    """Every way with ``highway`` or ``route``, whole."""
    carte = Carte()
    cles = osmium.filter.KeyFilter("highway", "route", "type", "barrier", "access", "motor_vehicle", "foot")
    objets: Iterable[Any] = osmium.FileProcessor(str(fichier)).with_locations().with_filter(cles)
    for objet in objets:
        tags = {t.k: t.v for t in objet.tags}
        if objet.is_way() and ("highway" in tags or "route" in tags):
            carte.chemins[objet.id] = tags, [n.ref for n in objet.nodes]
            for noeud in objet.nodes:
                if noeud.location.valid():
                    carte.lieux[noeud.ref] = noeud.location.lon, noeud.location.lat
        elif objet.is_node() and tags:
            carte.points[objet.id] = tags
        elif objet.is_relation() and tags.get("type") == "restriction":
            carte.regles.append((tags, [(m.role, m.type, m.ref) for m in objet.members]))
    return carte


@dataclass(frozen=True)
class Trait:
    """A straight line between two points. ``ms``: along the way and against it, ``None`` where closed."""

    a: Point
    b: Point
    chemin: int
    genre: str
    metres: float
    ms: tuple[float | None, float | None]


Lignes = tuple[tuple[int, bool], ...]
"""Lines one after the other, by number, and whether each is taken backwards."""
Etat = int | tuple[int, frozenset[tuple[int, ...]]]
"""A course (a street driven one way) and, when there are some, the beginnings of turn rules (two courses
or more) that one has just followed."""


@dataclass
class Regle:
    """What may not (``seul``: alone may) follow the streets ``suite``."""

    suite: tuple[int, ...]
    vers: set[int]
    seul: bool


class Oracle:
    """The network of a profile. ``graphe``: whole milliseconds; nodes are states by car, points otherwise.

    ``gardes``: the streets that are kept, driven one way.
    """

    def __init__(self, carte: Carte, profil: str, codes: Mapping[str, Code]) -> None:
        self.carte, self.code = carte, codes[profil]
        self.virages: dict[str, float] = self.code.p["virages"]
        self.traits: list[Trait] = []
        self.bouts: dict[Point, list[int]] = defaultdict(list)
        self._dessiner()
        self.regles_lues = list(_regles(carte, codes.values()))
        choix = {via[bout] for _, _, vias, _ in self.regles_lues for via in vias for bout in (0, -1)}
        self.carrefours = {
            p for p, traits in self.bouts.items() if p[0] in choix or not self._se_suivent(*traits)
        }
        self.courses: list[Lignes] = list(self._tracer())
        self.debut = [self.bout(lignes[0], 0) for lignes in self.courses]
        self.fin = [self.bout(lignes[-1], 1) for lignes in self.courses]
        self.ms = [
            round(sum(self.traits[t].ms[envers] or 0 for t, envers in lignes)) for lignes in self.courses
        ]
        rangs = {lignes: rang for rang, lignes in enumerate(self.courses)}
        self.inverse = [rangs.get(tuple((t, not e) for t, e in reversed(lignes))) for lignes in self.courses]
        self.departs: dict[Point, list[int]] = defaultdict(list)
        self.arrivees: dict[Point, list[int]] = defaultdict(list)
        for rang in range(len(self.courses)):
            self.departs[self.debut[rang]].append(rang)
            self.arrivees[self.fin[rang]].append(rang)
        self.graphe: Any = nx.DiGraph()
        if profil == "voiture":
            self._par_virages()
        else:
            for debut, fin, ms in zip(self.debut, self.fin, self.ms, strict=True):
                _ajouter(self.graphe, debut, fin, ms)
            centre = self._plus_long(self.graphe, None)
            self.gardes = {
                c for c in range(len(self.courses)) if self.debut[c] in centre and self.fin[c] in centre
            }

    def bout(self, ligne: tuple[int, bool], lequel: int) -> Point:
        """Where a line starts (0), or ends (1)."""
        trait = self.traits[ligne[0]]
        return (trait.a, trait.b)[lequel != ligne[1]]

    def metres(self, courses: Iterable[int]) -> float:
        """Metres of the streets, each counted once."""
        return sum(
            self.traits[rang].metres for rang in {rang for c in courses for rang, _ in self.courses[c]}
        )

    def reste(self, course: int, trait: int) -> float:
        """Milliseconds on a course from the end of one of its lines to its own end."""
        return sum(self.traits[t].ms[envers] or 0 for t, envers in self.courses[course][trait + 1 :])

    def impasses(self) -> dict[int, tuple[int, int]]:
        """The dead ends where one may stop: how one leaves each, and how one comes to it."""
        places = Counter(self.carte.lieux[p] for p, _ in self.bouts)
        trouvees = {}
        for point, traits in self.bouts.items():
            if len(traits) != 1 or point[1] or places[self.carte.lieux[point[0]]] > 1:
                continue
            classe = self.code.p["classes"].get(self.traits[traits[0]].genre, {"accroche": False})
            sorties = [p for p in self.departs[point] if p in self.gardes]
            entrees = [p for p in self.arrivees[point] if p in self.gardes]
            if classe.get("accroche", True) and len(sorties) == len(entrees) == 1:
                trouvees[point[0]] = sorties[0], entrees[0]
        return trouvees

    def temps(self, depuis: int) -> dict[int, int]:
        """Milliseconds from a dead end to every other."""
        impasses = self.impasses()
        if self.code.nom != "voiture":
            atteints = nx.single_source_dijkstra_path_length(self.graphe, (depuis, 0))
            return {point: int(atteints[point, 0]) for point in impasses if (point, 0) in atteints}
        course = impasses[depuis][0]
        au_plus_tot: dict[int, int] = {}
        for etat, ms in nx.single_source_dijkstra_path_length(self.graphe, course).items():
            au_plus_tot[_course(etat)] = min(int(ms), au_plus_tot.get(_course(etat), int(ms)))
        return {
            point: self.ms[course] + au_plus_tot[entree]
            for point, (_, entree) in impasses.items()
            if entree in au_plus_tot and point != depuis
        }

    def _dessiner(self) -> None:
        copies = 0
        for ref, (tags, refs) in self.carte.chemins.items():
            kmh = self.code.vitesses(tags)
            for i, j in pairwise(refs):
                if i == j or not any(kmh) or i not in self.carte.lieux or j not in self.carte.lieux:
                    continue
                bouts = []
                for point in (i, j):
                    ferme = self.code.arrete(self.carte.points.get(point, {}))
                    copies += ferme
                    bouts.append((point, copies if ferme else 0))
                metres = _distance(self.carte.lieux[i], self.carte.lieux[j])
                feux = [self.carte.points.get(p, {}).get("highway") == "traffic_signals" for p in (j, i)]
                ms = [
                    metres * 3600 / v + 1000 * self.virages["feu_s"] * feu if v else None
                    for v, feu in zip(kmh, feux, strict=True)
                ]
                for bout in bouts:
                    self.bouts[bout].append(len(self.traits))
                genre = tags.get("highway", "ferry")
                self.traits.append(Trait(bouts[0], bouts[1], ref, genre, metres, (ms[0], ms[1])))

    def _se_suivent(self, *traits: int) -> bool:
        """Whether these lines around a point are one street going on: two of a kind, open the same way."""
        if len(traits) != 2 or traits[0] == traits[1]:
            return False
        un, deux = (self.traits[t] for t in traits)
        memes = un.a == deux.a or un.b == deux.b
        ouvert = [tuple(ms is not None for ms in trait.ms) for trait in (un, deux)]
        return un.genre == deux.genre and ouvert[0] == (ouvert[1][::-1] if memes else ouvert[1])

    def _tracer(self) -> Iterator[Lignes]:
        """From each point where there is a choice, line after line, to the next one."""
        for point in self.carrefours:
            for premier in dict.fromkeys(self.bouts[point]):
                for envers in (False, True):
                    if self.bout((premier, envers), 0) != point or self.traits[premier].ms[envers] is None:
                        continue
                    lignes = [(premier, envers)]
                    while (ici := self.bout(lignes[-1], 1)) not in self.carrefours:
                        suivant = next(t for t in self.bouts[ici] if t != lignes[-1][0])
                        lignes.append((suivant, self.traits[suivant].b == ici))
                    yield tuple(lignes)

    def _par_virages(self) -> None:
        interdits: dict[tuple[int, ...], set[int]] = defaultdict(set)
        seuls: dict[tuple[int, ...], set[int]] = defaultdict(set)
        for regle in self._regles_ici():
            (seuls if regle.seul else interdits)[regle.suite] |= regle.vers
            for fin in range(1, len(regle.suite)):
                if regle.seul:
                    seuls[regle.suite[:fin]].add(regle.suite[fin])
                else:
                    interdits[regle.suite[:fin]] |= set()

        def apres(etat: Etat) -> Iterator[tuple[int, Etat]]:
            """The turns that may be made, and how one is then."""
            passes = [(_course(etat),), *(() if isinstance(etat, int) else etat[1])]
            for suivant in self.departs[self.fin[_course(etat)]]:
                if any(suivant in interdits.get(p, ()) for p in passes) or any(
                    suivant not in seuls[p] for p in passes if p in seuls
                ):
                    continue
                suites = frozenset(s for p in passes if (s := (*p, suivant)) in interdits or s in seuls)
                yield suivant, (suivant, suites) if suites else suivant

        # U-turns: at a dead end; elsewhere only where nothing else joins a street to the others.
        libres: Any = nx.DiGraph()
        forces: Any = nx.DiGraph()
        a_voir: list[Etat] = list(range(len(self.courses)))
        vus = set(a_voir)
        while a_voir:
            etat = a_voir.pop()
            ici = _course(etat)
            for suivant, ensuite in apres(etat):
                cout = self._cout(ici, suivant) + self.ms[suivant]
                _ajouter(forces, etat, ensuite, cout)
                if self.inverse[ici] != suivant or len(self.departs[self.fin[ici]]) == 1:
                    _ajouter(libres, etat, ensuite, cout)
                if ensuite not in vus:
                    vus.add(ensuite)
                    a_voir.append(ensuite)
        large = self._tenus(forces, self._plus_long(forces, None))
        isoles = large - self._tenus(libres, self._plus_long(libres, large))
        self.graphe = libres
        for u, v, ms in list(forces.edges(data="weight")) if isoles else ():
            if _course(u) in isoles or _course(v) in isoles:
                _ajouter(self.graphe, u, v, ms)
        self.gardes = self._tenus(self.graphe, self._plus_long(self.graphe, None))
        self.graphe.remove_nodes_from(
            [etat for etat in list(self.graphe) if _course(etat) not in self.gardes]
        )

    def _tenus(self, graphe: Any, centre: set[Any]) -> set[int]:
        """Courses one may come to from the centre, and go to it from."""
        if all(isinstance(etat, int) for etat in graphe):
            return centre
        un = next(iter(centre))
        devant = nx.descendants(graphe, un) | centre
        derriere = nx.ancestors(graphe, un) | centre
        return {_course(etat) for etat in devant} & {etat for etat in derriere if isinstance(etat, int)}

    def _plus_long(self, graphe: Any, parmi: set[int] | None) -> set[Any]:
        """The strongly connected part with the most metres of these courses."""
        metres = [
            sum(self.traits[t].metres for t, _ in lignes) if parmi is None or rang in parmi else 0.0
            for rang, lignes in enumerate(self.courses)
        ]

        def longueur(partie: set[Any]) -> float:
            if self.code.nom == "voiture":
                return sum(metres[_course(etat)] for etat in partie)
            return sum(metres[course] for point in partie for course in self.arrivees[point])

        return max(nx.strongly_connected_components(graphe), key=longueur)

    def _cout(self, de: int, vers: int) -> int:
        if self.inverse[de] == vers:
            return round(1000 * self.virages["demi_tour_s"])
        if len(self.bouts[self.fin[de]]) <= 2:
            return 0
        angle = (self._cap(self.courses[vers][0]) - self._cap(self.courses[de][-1]) + 180) % 360 - 180
        pivot = self.virages["pivot_droite_deg" if angle >= 0 else "pivot_gauche_deg"]
        pente = self.virages["raideur"] * (abs(angle) - pivot) / 180
        return round(1000 * self.virages["plafond_s"] / (1 + math.exp(-pente)))

    def _cap(self, trait: tuple[int, bool]) -> float:
        a, b = (self.carte.lieux[p[0]] for p in (self.traits[trait[0]].a, self.traits[trait[0]].b))
        if trait[1]:
            a, b = b, a
        return math.degrees(
            math.atan2((b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2)), b[1] - a[1])
        )

    def _regles_ici(self) -> Iterator[Regle]:
        """The rules of the file as streets of this network."""
        par_ref: dict[int, list[Point]] = defaultdict(list)
        for point in self.carrefours:
            par_ref[point[0]].append(point)
        for genre, de, vias, vers in self.regles_lues:
            for via in vias:
                for point in par_ref[via[0]]:
                    suite = self._le_long(point, via)
                    for premier in self.arrivees[point] if suite is not None else ():
                        if self._chemin(premier, -1) not in de or (
                            suite and suite[0] == self.inverse[premier]
                        ):
                            continue
                        toute = (premier, *(suite or ()))
                        suivants = {
                            c for c in self.departs[self.fin[toute[-1]]] if self._chemin(c, 0) in vers
                        }
                        retour = self.inverse[toute[-1]]
                        if genre.startswith("only_") and genre != "only_u_turn":
                            suivants -= {retour}
                        elif len(toute) == 1 and de == vers:
                            suivants &= {retour}
                        if suivants and genre != "rien":
                            yield Regle(toute, suivants, genre.startswith("only_"))

    def _chemin(self, course: int, lequel: int) -> int:
        return self.traits[self.courses[course][lequel][0]].chemin

    def _le_long(self, point: Point, via: tuple[int, ...]) -> tuple[int, ...] | None:
        suite: list[int] = []
        reste = via
        while len(reste) > 1:
            for course in self.departs[point]:
                refs = (self.debut[course][0], *(self.bout(ligne, 1)[0] for ligne in self.courses[course]))
                if reste[: len(refs)] == refs:
                    suite.append(course)
                    point, reste = self.fin[course], reste[len(refs) - 1 :]
                    break
            else:
                return None
        return tuple(suite)


def _regles(
    carte: Carte, codes: Iterable[Code]
) -> Iterator[tuple[str, set[int], list[tuple[int, ...]], set[int]]]:
    """The rules that bind a car at all hours: the word, from which ways, through which points, to which."""
    connus = {
        ref for ref, (tags, _) in carte.chemins.items() if any(any(code.vitesses(tags)) for code in codes)
    }
    for tags, membres in carte.regles:
        if any(cle.endswith(("conditional", "_on", "_off")) for cle in tags):
            continue
        de, vers = (
            {ref for role, sorte, ref in membres if (role, sorte) == (cle, "w")} for cle in ("from", "to")
        )
        points = [ref for role, sorte, ref in membres if (role, sorte) == ("via", "n")]
        chemins = [ref for role, sorte, ref in membres if (role, sorte) == ("via", "w")]
        if (
            not de & connus
            or not vers & connus
            or not set(chemins) <= connus
            or (len(points) != 1 and not chemins)
        ):
            continue
        vias: list[tuple[int, ...]] = [(points[0],)] if not chemins else []
        for ordre in permutations(chemins) if chemins else ():
            for sens in product((1, -1), repeat=len(ordre)):
                lignes = [carte.chemins[ref][1][::pas] for ref, pas in zip(ordre, sens, strict=True)]
                if all(un[-1] == deux[0] for un, deux in pairwise(lignes)):
                    vias.append((lignes[0][0], *(p for ligne in lignes for p in ligne[1:])))
        genre = next(
            (tags[c] for c in ("restriction:motorcar", "restriction:motor_vehicle") if c in tags), None
        )
        genre = genre or tags.get("restriction", "")
        if {"motorcar", "motor_vehicle", "vehicle"} & set(re.split(r"\s*;\s*", tags.get("except", ""))):
            genre = ""
        # A rule for others still says where streets end.
        for mot in re.split(r"\s*;\s*", genre):
            yield mot if mot in INTERDITS or mot.startswith("only_") else "rien", de, vias, vers


def _course(etat: Etat) -> int:
    return etat if isinstance(etat, int) else etat[0]


def _ajouter(graphe: Any, u: Any, v: Any, ms: int) -> None:
    if not graphe.has_edge(u, v) or graphe[u][v]["weight"] > ms:
        graphe.add_edge(u, v, weight=ms)


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    (lon_a, lat_a), (lon_b, lat_b) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * RAYON_M * math.asin(math.sqrt(h))
