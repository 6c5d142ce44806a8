"""Who drives whom this week: many trips, many volunteers, one proven best distribution.

Objective, said aloud on screen (``OBJECTIF``): serve as many trips as possible; among those, the
fewest points (km without passengers, waits, km of the month fairly shared, points to check).

Exact: each volunteer's day is a path from home to home through trips in the order of the clock, so
chaining and its empty km are counted as driven; the fairness penalty is convex and piecewise linear,
so brackets make it exact; what volunteers already have is a stop they keep. HiGHS (through
``scipy.optimize.milp``) rather than PyVRP, whose heuristic proves nothing and whose hours are windows
where ours are appointments: a path model is nearly integral and closes at the root. Its budget is
nodes, not seconds: the same input gives the same week everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from math import ceil

from matching.benevolat.benevoles import sur_le_benevole
from matching.benevolat.service import Etape, Routes, etape_de, journee_engagee, ordre
from matching.benevolat.tournee import Liaison, depart, entre_deux, liaisons, penalite_equite, retour
from matching.benevolat.transport import Proposition, classer, juger, pendant
from matching.contexte import Contexte
from matching.modele_lineaire import Modele
from mobilite.parametres import Parametres
from mobilite.transport_solidaire import BenevoleConnu, CourseAFaire, Engagement
from mobilite.verdict import Motif, Verdict

OBJECTIF = (
    "Servir le plus de trajets possible ; à nombre égal, le moins de kilomètres sans passager et "
    "d'attente, et les kilomètres du mois les mieux partagés."
)
_DOMICILE = -1


@dataclass(frozen=True, slots=True)
class SansBenevole:
    """A trip nobody drives this week, and why."""

    course: CourseAFaire
    motif: Motif


@dataclass(frozen=True, slots=True)
class Semaine:
    """The distribution: a draft for the association, never imposed. ``prouvee``: nothing better exists.

    ``points`` is what the whole costs beyond what was already promised.
    """

    propositions: tuple[Proposition, ...]
    sans_benevole: tuple[SansBenevole, ...]
    prouvee: bool
    points: float


@dataclass(slots=True)
class _Graphe:
    """The arcs of every volunteer's days: variable → (volunteer, from, to), and what enters each trip."""

    arcs: dict[int, tuple[int, Etape | None, Etape | None]] = field(default_factory=dict)
    entrees: defaultdict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    km: defaultdict[tuple[int, int, int], dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    km_deja: defaultdict[tuple[int, int, int], float] = field(default_factory=lambda: defaultdict(float))
    points_deja: float = 0.0


def repartir(
    courses: Sequence[CourseAFaire], benevoles: Sequence[BenevoleConnu], contexte: Contexte
) -> Semaine:
    """Give the trips to the volunteers; what they already have stays theirs."""
    p = contexte.parametres
    courses = sorted(courses, key=lambda c: (c.jour, c.id))
    benevoles = sorted(benevoles, key=lambda b: b.id)
    routes = Routes(contexte.accessibilite, benevoles, courses)
    modele, graphe = Modele(), _Graphe()
    etapes = {c.id: e for c in courses if (e := etape_de(c, routes, p)) is not None}
    for rang, benevole in enumerate(benevoles):
        par_jour: defaultdict[date, list[tuple[Etape, int]]] = defaultdict(list)
        for course in courses:
            doutes = _doutes(benevole, course, etapes.get(course.id), p)
            if doutes is not None:
                par_jour[course.jour].append((etapes[course.id], doutes))
        for jour in sorted(par_jour):
            _journee(modele, graphe, rang, benevole, par_jour[jour], routes, p)
    _une_fois_chacune(modele, graphe, courses)
    _partage(modele, graphe, benevoles, p)
    choisis, prouvee = _choisir(modele, graphe, courses, int(p["solidaire.noeuds_max"]))
    points = sum(modele.couts[c] * float(v) for c, v in enumerate(choisis)) - graphe.points_deja
    donnees = {
        arc[2].id: arc[0]
        for colonne, arc in graphe.arcs.items()
        if choisis[colonne] > 0.5 and arc[2] is not None and not arc[2].engagee
    }
    return _en_semaine(courses, benevoles, donnees, etapes, contexte, routes, prouvee, points)


def _doutes(benevole: BenevoleConnu, course: CourseAFaire, etape: Etape | None, p: Parametres) -> int | None:
    """How many points are to check about her and this trip alone; ``None`` when she cannot make it."""
    deja_trop = benevole.km_max_mois is not None and benevole.km_en(course.jour) > benevole.km_max_mois
    if etape is None or deja_trop:
        return None
    motifs = [*sur_le_benevole(benevole, course, p), pendant(benevole, etape)]
    verdicts = [motif.verdict for motif in motifs if motif is not None]
    return None if Verdict.NON in verdicts else verdicts.count(Verdict.A_VERIFIER)


def _journee(
    modele: Modele,
    graphe: _Graphe,
    rang: int,
    benevole: BenevoleConnu,
    possibles: Sequence[tuple[Etape, int]],
    routes: Routes,
    p: Parametres,
) -> None:
    """The paths of one volunteer's day, from home to home; stops already promised are kept."""
    engagees = journee_engagee(benevole, possibles[0][0].jour)
    doutes = {etape.id: nombre for etape, nombre in possibles}
    noeuds = sorted([*engagees, *(etape for etape, _ in possibles)], key=ordre)
    mois = (rang, noeuds[0].jour.year, noeuds[0].jour.month)
    entrants: defaultdict[str, dict[int, float]] = defaultdict(dict)
    sortants: defaultdict[str, dict[int, float]] = defaultdict(dict)
    departs: dict[int, float] = {}

    def arc(de: Etape | None, a: Etape | None, liaison: Liaison) -> None:
        promise = (de is None or de.engagee) and (a is None or a.engagee)
        if liaison.impossible and not promise:
            return
        cout, km = liaison.points(p), liaison.km
        if a is not None and not a.engagee:
            cout += p["solidaire.poids_attente_min"] * a.attente + p["solidaire.poids_doute"] * doutes[a.id]
            km += a.km
        colonne = modele.colonne(cout, 1.0, entiere=True)
        graphe.arcs[colonne] = (rang, de, a)
        graphe.km[mois][colonne] = km
        if de is None:
            departs[colonne] = 1.0
        else:
            sortants[de.id][colonne] = 1.0
        if a is not None:
            entrants[a.id][colonne] = 1.0
            if not a.engagee:
                graphe.entrees[a.id][colonne] = 1.0

    for etape in noeuds:
        arc(None, etape, depart(benevole, etape, routes))
        arc(etape, None, retour(benevole, etape, routes))
    for avant, apres in combinations(noeuds, 2):
        arc(avant, apres, entre_deux(benevole, avant, apres, routes, p))
    for etape in noeuds:
        flux = entrants[etape.id] | dict.fromkeys(sortants[etape.id], -1.0)
        modele.ligne(flux, 0.0, 0.0)
        if etape.engagee:
            modele.ligne(entrants[etape.id], 1.0, 1.0)
    modele.ligne(departs, 0.0, 1.0)
    for liaison in liaisons(benevole, engagees, routes, p):
        graphe.km_deja[mois] += liaison.km
        graphe.points_deja += liaison.points(p)


def _une_fois_chacune(modele: Modele, graphe: _Graphe, courses: Iterable[CourseAFaire]) -> None:
    for course in courses:
        modele.ligne(graphe.entrees[course.id], 0.0, 1.0)


def _partage(modele: Modele, graphe: _Graphe, benevoles: Sequence[BenevoleConnu], p: Parametres) -> None:
    """The km of each month in brackets that weigh more and more, and the limit each volunteer set."""
    tranche, poids = p["solidaire.equite_tranche_km"], p["solidaire.poids_equite"]
    for (rang, annee, mois), km in graphe.km.items():
        benevole = benevoles[rang]
        deja = benevole.km_en(date(annee, mois, 1))
        au_plus = deja + sum(km.values())
        parts = {
            modele.colonne(poids * numero, tranche, entiere=False): -1.0
            for numero in range(max(1, ceil(au_plus / tranche)))
        }
        graphe.points_deja += penalite_equite(deja, p)
        constante = graphe.km_deja[rang, annee, mois] - deja
        modele.ligne(km | parts, constante, constante)
        if benevole.km_max_mois is not None:
            modele.ligne(dict.fromkeys(parts, 1.0), 0.0, benevole.km_max_mois)


def _choisir(
    modele: Modele, graphe: _Graphe, courses: Sequence[CourseAFaire], noeuds: int
) -> tuple[list[float], bool]:
    """First the most trips served, then the fewest points among those."""
    if not graphe.arcs:
        return [], True
    servies = {colonne: 1.0 for course in courses for colonne in graphe.entrees[course.id]}
    au_mieux = sum(bool(graphe.entrees[course.id]) for course in courses)
    modele.ligne(servies, float(au_mieux), float(au_mieux))
    toutes, prouve = modele.resoudre(modele.couts, noeuds)
    if toutes is not None:
        return toutes, prouve
    # Somebody cannot be served: how many can is a question of its own.
    modele.bas[-1] = 0.0
    compter = [-servies.get(colonne, 0.0) for colonne in range(len(modele.couts))]
    premier, prouve = modele.resoudre(compter, noeuds)
    if premier is None:
        return [0.0] * len(modele.couts), False
    modele.bas[-1] = float(round(sum(float(premier[colonne]) for colonne in servies)))
    second, prouve_aussi = modele.resoudre(modele.couts, noeuds)
    return (premier, False) if second is None else (second, prouve and prouve_aussi)


def _en_semaine(
    courses: Sequence[CourseAFaire],
    benevoles: Sequence[BenevoleConnu],
    donnees: dict[str, int],
    etapes: dict[str, Etape],
    contexte: Contexte,
    routes: Routes,
    prouvee: bool,
    points: float,
) -> Semaine:
    """Each trip explained among the others its volunteer was given, and why the rest has nobody."""
    p = contexte.parametres
    par_id = {course.id: course for course in courses}
    propositions = []
    for numero, rang in donnees.items():
        autres = [etapes[autre] for autre, a_qui in donnees.items() if a_qui == rang and autre != numero]
        propositions.append(juger(par_id[numero], _avec(benevoles[rang], autres, routes, p), routes, p))
    propositions.sort(key=lambda x: (x.course.jour, x.etape.debut if x.etape else 0, x.course.id))
    sans = [c for c in courses if c.id not in donnees]
    return Semaine(
        tuple(propositions),
        tuple(SansBenevole(course, _pourquoi(course, benevoles, contexte)) for course in sans),
        prouvee,
        points,
    )


def _avec(benevole: BenevoleConnu, etapes: Sequence[Etape], routes: Routes, p: Parametres) -> BenevoleConnu:
    """The volunteer once she has these trips too, their km in her months."""
    avec = replace(
        benevole,
        engagements=benevole.engagements
        + tuple(Engagement(e.jour, e.debut, e.debut_tard, e.fin_tot, e.fin, e.de, e.a) for e in etapes),
    )
    km = defaultdict(float, benevole.km_du_mois)
    for jour in {etape.jour for etape in etapes}:
        avant, apres = (journee_engagee(b, jour) for b in (benevole, avec))
        km[jour.year, jour.month] += sum(e.km for e in etapes if e.jour == jour)
        km[jour.year, jour.month] += sum(liaison.km for liaison in liaisons(benevole, apres, routes, p))
        km[jour.year, jour.month] -= sum(liaison.km for liaison in liaisons(benevole, avant, routes, p))
    return replace(avec, km_du_mois=dict(km))


def _pourquoi(course: CourseAFaire, benevoles: Sequence[BenevoleConnu], contexte: Contexte) -> Motif:
    """Why nobody drives it: what stops the volunteer who comes closest, or that the possible ones are taken."""
    juges = classer(course, benevoles, contexte)
    if not juges:
        return Motif("benevole", Verdict.NON, "Pas de bénévole inscrit.", changerait="Inscrire un bénévole.")
    if juges[0].etape is None:
        return juges[0].decisif
    if juges[0].verdict is not Verdict.NON:
        return Motif(
            "benevole.engagement",
            Verdict.NON,
            "Les bénévoles possibles conduisent quelqu'un d'autre à cette heure-là, ou ont assez roulé ce mois-ci.",
            changerait="Décaler ce trajet, ou trouver un bénévole de plus.",
        )
    return min(juges, key=lambda j: sum(m.verdict is Verdict.NON for m in j.motifs)).decisif
