"""The week of the volunteers is the best there is: checked against every possible week, on small ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.benevolat.semaine import repartir
from matching.benevolat.transport import classer
from mobilite.parametres import parametres
from mobilite.transport_solidaire import BenevoleConnu, CourseAFaire
from mobilite.verdict import Verdict
from tests.unit.benevoles import LUNDI, plage, route, un_benevole, un_engagement, une_course

P = parametres(LUNDI)
MONTER = P["solidaire.prise_en_charge_min"]
_KM = st.integers(-40, 40)


@st.composite
def une_semaine(tirage: st.DrawFn) -> tuple[list[CourseAFaire], list[BenevoleConnu]]:
    benevoles = [
        un_benevole(
            f"b{n}",
            km=tirage(_KM),
            plages=(plage(tirage(st.sampled_from([6, 8, 9])), tirage(st.sampled_from([12, 18, 20]))),),
            km_max_mois=tirage(st.sampled_from([None, 60, 150, 400])),
            km_du_mois={(2026, 3): float(tirage(st.sampled_from([0, 40, 90, 250])))},
            engagements=(un_engagement(600, 640, tirage(_KM), tirage(_KM)),) if tirage(st.booleans()) else (),
        )
        for n in range(tirage(st.integers(1, 3)))
    ]
    courses = [
        une_course(
            f"c{n}",
            de=tirage(_KM),
            a=tirage(_KM),
            arriver_a=(heure := tirage(st.sampled_from([540, 600, 660, 690, 780, 900]))),
            repart_a=heure + 45 if tirage(st.booleans()) else None,
            jour=LUNDI + timedelta(days=tirage(st.integers(0, 1))),
        )
        for n in range(tirage(st.integers(1, 4)))
    ]
    return courses, benevoles


Arret = tuple[float, float, float, float]
"""Begins, ends (minutes), where, where to: an oracle of its own, on the straight road of these tests."""


def arret(course: CourseAFaire) -> Arret:
    de, a = float(course.de.insee), float(course.a.insee)
    assert course.arriver_a is not None
    debut = course.arriver_a - minutes(de, a) - MONTER
    if course.repart_a is not None:
        return debut, course.repart_a + MONTER + minutes(a, de), de, de
    return debut, course.arriver_a, de, a


def avec_elle(course: CourseAFaire) -> tuple[float, float]:
    """Km with her aboard, and the wait between the two ways."""
    km = abs(float(course.de.insee) - float(course.a.insee))
    assert course.arriver_a is not None
    return (km, 0.0) if course.repart_a is None else (2 * km, course.repart_a - course.arriver_a)


def minutes(de: float, a: float) -> float:
    return max(1.0, abs(de - a))


def journee(benevole: BenevoleConnu, arrets: Sequence[Arret]) -> tuple[float, float] | None:
    """Empty km and waiting of a day, ``None`` when it cannot be driven or she is not free."""
    if not arrets:
        return 0.0, 0.0
    assert benevole.plages is not None
    chez, libre = float(benevole.domicile.insee), benevole.plages[0]
    suite = sorted(arrets, key=lambda x: x[0])
    km, attente = abs(chez - suite[0][2]) + abs(suite[-1][3] - chez), 0.0
    if (
        suite[0][0] - minutes(chez, suite[0][2]) < libre.de
        or suite[-1][1] + minutes(suite[-1][3], chez) > libre.a
    ):
        return None
    for avant, apres in pairwise(suite):
        entre = apres[0] - avant[1]
        maison = minutes(avant[3], chez) + minutes(chez, apres[2])
        if entre >= maison + P["solidaire.rentrer_si_min"]:
            km += abs(avant[3] - chez) + abs(chez - apres[2])
        elif entre >= minutes(avant[3], apres[2]):
            km += abs(avant[3] - apres[2])
            attente += entre - minutes(avant[3], apres[2])
        else:
            return None
    return km, attente


def equite(km: float) -> float:
    """The penalty, one kilometre-slice at a time."""
    tranche, poids = P["solidaire.equite_tranche_km"], P["solidaire.poids_equite"]
    total, numero = 0.0, 0
    while km > 0:
        total += poids * numero * min(km, tranche)
        km, numero = km - tranche, numero + 1
    return total


def cout(benevole: BenevoleConnu, siennes: Sequence[CourseAFaire]) -> float | None:
    """The points a volunteer's trips add to what she has, ``None`` when she cannot make them all."""
    par_jour: defaultdict[date, list[Arret]] = defaultdict(list)
    for course in siennes:
        par_jour[course.jour].append(arret(course))
    points = km_en_plus = 0.0
    for jour, arrets in par_jour.items():
        promis = [
            (float(e.debut), float(e.fin), float(e.de.insee), float(e.a.insee))
            for e in benevole.engagements
            if e.jour == jour
        ]
        avant, apres = journee(benevole, promis), journee(benevole, promis + arrets)
        if apres is None:
            return None
        assert avant is not None
        vide, attente = apres[0] - avant[0], apres[1] - avant[1]
        attente += sum(avec_elle(c)[1] for c in siennes if c.jour == jour)
        points += P["solidaire.poids_vide_km"] * vide + P["solidaire.poids_attente_min"] * attente
        km_en_plus += vide + sum(avec_elle(c)[0] for c in siennes if c.jour == jour)
    deja = benevole.km_en(LUNDI)
    if siennes and benevole.km_max_mois is not None and deja + km_en_plus > benevole.km_max_mois + 1e-9:
        return None
    return points + equite(deja + km_en_plus) - equite(deja)


def meilleure(courses: Sequence[CourseAFaire], benevoles: Sequence[BenevoleConnu]) -> tuple[int, float]:
    """The best of all weeks: most trips served, then fewest points."""
    resultats = [(0, 0.0)]
    for choix in product(range(-1, len(benevoles)), repeat=len(courses)):
        couts = [
            cout(b, [c for c, a_qui in zip(courses, choix, strict=True) if a_qui == n])
            for n, b in enumerate(benevoles)
        ]
        if None not in couts:
            servies = sum(a_qui >= 0 for a_qui in choix)
            resultats.append((servies, sum(c for c in couts if c is not None)))
    return min(resultats, key=lambda r: (-r[0], r[1]))


def promesses_tenues(benevoles: Sequence[BenevoleConnu]) -> bool:
    """Whether what is already promised can be driven: the oracle has nothing to say otherwise."""
    return all(
        journee(
            b, [(float(e.debut), float(e.fin), float(e.de.insee), float(e.a.insee)) for e in b.engagements]
        )
        is not None
        for b in benevoles
    )


@settings(max_examples=120, deadline=None)
@given(une_semaine().filter(lambda s: promesses_tenues(s[1])))
def test_no_other_week_serves_more_or_costs_less(
    semaine: tuple[list[CourseAFaire], list[BenevoleConnu]],
) -> None:
    courses, benevoles = semaine
    reponse = repartir(courses, benevoles, route())
    servies, points = meilleure(courses, benevoles)
    assert reponse.prouvee
    assert len(reponse.propositions) == servies
    assert reponse.points == pytest.approx(points, abs=1e-4)
    assert all(p.verdict is not Verdict.NON for p in reponse.propositions)
    assert len(reponse.sans_benevole) == len(courses) - servies


@settings(max_examples=60, deadline=None)
@given(une_semaine().filter(lambda s: promesses_tenues(s[1])))
def test_the_week_of_one_trip_is_the_first_volunteer_of_its_ranking(
    semaine: tuple[list[CourseAFaire], list[BenevoleConnu]],
) -> None:
    courses, benevoles = semaine
    reponse = repartir(courses[:1], benevoles, route())
    premiere = classer(courses[0], benevoles, route())[0]
    if premiere.verdict is Verdict.NON:
        assert [s.course for s in reponse.sans_benevole] == courses[:1]
    else:
        assert reponse.points == pytest.approx(premiere.points, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(une_semaine(), st.randoms(use_true_random=False))
def test_neither_the_order_of_the_volunteers_nor_their_names_change_the_ranking(
    semaine: tuple[list[CourseAFaire], list[BenevoleConnu]], hasard: object
) -> None:
    courses, benevoles = semaine
    dit = classer(courses[0], benevoles, route())
    melange = list(benevoles)
    hasard.shuffle(melange)  # type: ignore[attr-defined]
    assert classer(courses[0], melange, route()) == dit


@settings(max_examples=60, deadline=None)
@given(une_semaine(), st.integers(0, 7))
def test_learning_what_nobody_had_said_only_settles_a_doubt(
    semaine: tuple[list[CourseAFaire], list[BenevoleConnu]], places: int
) -> None:
    course = replace(semaine[0][0], aide=replace(semaine[0][0].aide, passagers=2))
    for benevole in semaine[1]:
        flou, su = (
            classer(course, [replace(benevole, places=x)], route())[0].verdict for x in (None, places + 1)
        )
        assert flou is not Verdict.OUI
        assert (flou is Verdict.NON) <= (su is Verdict.NON)


def test_chaining_two_trips_beats_sending_two_cars() -> None:
    courses = [une_course("aller", de=0, a=40), une_course("suite", de=40, a=0, partir_a=610)]
    semaine = repartir(courses, [un_benevole("a"), un_benevole("b")], route())
    assert len({p.benevole.id for p in semaine.propositions}) == 1


def test_nobody_registered_leaves_every_trip_with_its_reason() -> None:
    semaine = repartir([une_course()], [], route())
    assert [s.motif.verdict for s in semaine.sans_benevole] == [Verdict.NON]
