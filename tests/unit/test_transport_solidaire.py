"""Volunteers who drive: who can, who should, and why. The first tests answer known gaps of other software."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from matching.benevolat.service import Routes, etape_de
from matching.benevolat.transport import Proposition, classer
from mobilite.besoin import Jour, Plage
from mobilite.parametres import parametres
from mobilite.transport_solidaire import (
    AccueilFauteuil,
    Aide,
    BenevoleConnu,
    CourseAFaire,
    Fauteuil,
)
from mobilite.verdict import Motif, Verdict
from tests.doublures import TrajetsSurUneRoute
from tests.unit.benevoles import LUNDI, plage, route, un_benevole, un_engagement, une_course

P = parametres(LUNDI)


def juge(benevole: BenevoleConnu, course: CourseAFaire, incertitude: float = 0.0) -> Proposition:
    return classer(course, [benevole], route(TrajetsSurUneRoute(incertitude)))[0]


def regles(proposition: Proposition, verdict: Verdict) -> set[str]:
    return {motif.regle for motif in proposition.motifs if motif.verdict is verdict}


def test_somebody_free_with_the_right_car_can_and_nothing_stands_in_the_way() -> None:
    proposition = juge(un_benevole(), une_course())
    assert proposition.verdict is Verdict.OUI
    assert proposition.motifs == ()


# What other software for volunteers leaves out (reference: its search of volunteers, its code read)


@pytest.mark.parametrize(
    ("accueil", "fauteuil", "attendu"),
    [
        (AccueilFauteuil.NON, Fauteuil.PLIANT, Verdict.NON),
        (AccueilFauteuil.COFFRE, Fauteuil.PLIANT, Verdict.OUI),
        (AccueilFauteuil.COFFRE, Fauteuil.RESTE, Verdict.NON),
        (AccueilFauteuil.RAMPE, Fauteuil.RESTE, Verdict.OUI),
        (None, Fauteuil.RESTE, Verdict.A_VERIFIER),
        (AccueilFauteuil.COFFRE, None, Verdict.A_VERIFIER),
        (AccueilFauteuil.NON, Fauteuil.AUCUN, Verdict.OUI),
    ],
)
def test_gap_wheelchair_and_vehicle_the_car_must_take_the_chair_she_comes_with(
    accueil: AccueilFauteuil | None, fauteuil: Fauteuil | None, attendu: Verdict
) -> None:
    course = une_course(aide=Aide(fauteuil=fauteuil))
    proposition = juge(un_benevole(accueil_fauteuil=accueil), course)
    assert proposition.verdict is attendu
    if attendu is not Verdict.OUI:
        assert proposition.decisif.regle == "benevole.fauteuil"


def test_gap_engagements_already_taken_a_volunteer_is_never_offered_two_trips_at_once() -> None:
    pris = un_benevole(engagements=(un_engagement(540, 610, 5, 50),))
    assert regles(juge(pris, une_course()), Verdict.NON) == {"benevole.engagement"}
    demain = replace(une_course(), jour=LUNDI + timedelta(days=1))
    assert juge(pris, demain).verdict is Verdict.OUI


def test_gap_drive_time_two_trips_with_no_time_to_drive_between_them_are_refused() -> None:
    """Free at that hour on paper; but the trip before ends 90 km away, half an hour earlier."""
    loin = un_benevole(plages=(plage(6, 22),), engagements=(un_engagement(480, 530, 50, 100),))
    pres = un_benevole(plages=(plage(6, 22),), engagements=(un_engagement(480, 530, 50, 12),))
    assert regles(juge(loin, une_course()), Verdict.NON) == {"benevole.engagement"}
    assert juge(pres, une_course()).verdict is Verdict.OUI


def test_gap_drive_time_the_way_from_home_and_back_must_fit_in_her_hours() -> None:
    """Picked up at 9 h 25, dropped at 10 h: 45 km from home, she must leave at 8 h 40 and is back at 11 h 25."""
    course = une_course(de=10, a=40)
    assert juge(un_benevole(km=-45, plages=(plage(9, 12),)), course).verdict is Verdict.NON
    assert juge(un_benevole(km=-45, plages=(plage(8, 11),)), course).verdict is Verdict.NON
    assert juge(un_benevole(km=-45, plages=(plage(8, 12),)), course).verdict is Verdict.OUI


def test_gap_fairness_of_km_who_has_driven_less_this_month_comes_first() -> None:
    course = une_course()
    deja = {(LUNDI.year, LUNDI.month): 350.0}
    ordre = classer(course, [un_benevole("a", km_du_mois=deja), un_benevole("b")], route())
    assert [x.benevole.id for x in ordre] == ["b", "a"]
    equite = {x.benevole.id: next(t for t in x.termes if t.critere == "equite") for x in ordre}
    assert equite["b"].points < equite["a"].points
    assert equite["a"].en_texte == "350 km ce mois-là"


def test_gap_fairness_of_km_the_limit_somebody_set_for_a_month_is_kept() -> None:
    course = une_course(de=10, a=40)  # 10 + 30 + 40 km from home and back
    assert juge(un_benevole(km_max_mois=80), course).verdict is Verdict.OUI
    assert regles(juge(un_benevole(km_max_mois=79), course), Verdict.NON) == {"benevole.km_mois"}
    autre_mois = un_benevole(km_max_mois=80, km_du_mois={(2026, 2): 500.0})
    assert juge(autre_mois, course).verdict is Verdict.OUI


def test_gap_ranking_the_sure_come_first_then_the_fewest_points_and_the_terms_sum_to_them() -> None:
    benevoles = [
        un_benevole("loin", km=100),
        un_benevole("doute", km=12, places=None),
        un_benevole("pres", km=5),
    ]
    ordre = classer(une_course(aide=Aide(passagers=2)), benevoles, route())
    assert [x.benevole.id for x in ordre] == ["pres", "doute", "loin"]
    assert [x.verdict for x in ordre] == [Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON]
    for proposition in ordre:
        assert sum(terme.points for terme in proposition.termes) == pytest.approx(proposition.points)


def test_gap_days_free_on_one_day_only_is_not_free_on_the_others() -> None:
    lundi = un_benevole(plages=(plage(jours=frozenset({Jour.LUN})),))
    semaine = [replace(une_course(), jour=LUNDI + timedelta(days=n)) for n in range(5)]
    assert [juge(lundi, c).verdict for c in semaine] == [Verdict.OUI] + 4 * [Verdict.NON]


def test_gap_seats_the_car_must_hold_everybody_and_no_more_than_the_law() -> None:
    assert regles(juge(un_benevole(places=2), une_course(aide=Aide(passagers=3))), Verdict.NON) == {
        "benevole.places"
    }
    neuf = juge(un_benevole(places=8), une_course(aide=Aide(passagers=9)))
    assert "la loi" in neuf.decisif.phrase


def test_gap_law_a_trip_the_law_refuses_is_offered_to_nobody() -> None:
    interdit = Motif(
        "droit.transport_utilite_sociale", Verdict.NON, "Un transport solidaire ne dépasse pas 100 km."
    )
    assert juge(un_benevole(), une_course(droit=interdit)).decisif is interdit


def test_gap_zone_is_communes_not_a_circle_as_the_crow_flies() -> None:
    assert regles(juge(un_benevole(zone=frozenset({"10"})), une_course()), Verdict.NON) == {"benevole.zone"}
    assert juge(un_benevole(zone=frozenset({"10", "40"})), une_course()).verdict is Verdict.OUI


# The empty km


def test_approach_and_empty_return_count_in_km_money_and_co2() -> None:
    """From 0 to 10 empty, 10 to 40 with her, 40 to 0 empty: 80 km, of which 50 without her."""
    proposition = juge(un_benevole(), une_course(de=10, a=40))
    assert (proposition.km, proposition.km_vide) == (80, 50)
    assert proposition.co2_kg == pytest.approx(80 * P["co2.voiture_vehicule_km"])
    assert proposition.participation_max == pytest.approx(80 * P["tus.participation_km"])
    assert proposition.part_a == 600 - 30 - 5 - 10


def test_a_second_trip_on_the_way_costs_only_what_it_adds() -> None:
    """She already drives 10 → 40 until 10 h; from 40 → 10 at 10 h 30 she would have driven home empty."""
    deja = un_benevole(engagements=(un_engagement(565, 600, 10, 40),))
    retour = une_course(de=40, a=10, partir_a=615)
    proposition = juge(deja, retour)
    assert proposition.verdict is Verdict.OUI
    assert (proposition.km, proposition.km_vide) == (0, -30)  # 40 km home either way
    vide = juge(un_benevole(), retour)
    assert vide.km == 80
    assert proposition.points < vide.points


def test_between_two_trips_far_apart_in_time_she_goes_home_rather_than_waits() -> None:
    matin = un_benevole(engagements=(un_engagement(500, 540, 5, 10),))
    apres_midi = juge(matin, une_course(de=10, a=20, arriver_a=900))
    assert next(t for t in apres_midi.termes if t.critere == "attente").valeur == 0


def test_waiting_with_her_counts_and_brings_her_back() -> None:
    etape = etape_de(une_course(repart_a=690), Routes(TrajetsSurUneRoute(), [], [une_course()]), P)
    assert etape is not None
    assert (etape.debut, etape.fin, etape.a.insee) == (565, 690 + 5 + 30, "10")
    assert (etape.attente, etape.km) == (90, 60)


def test_help_at_the_door_takes_more_time_at_both_ends() -> None:
    routes = Routes(TrajetsSurUneRoute(), [], [une_course()])
    simple = etape_de(une_course(), routes, P)
    aidee = etape_de(une_course(aide=Aide(accompagnement=True)), routes, P)
    assert simple is not None
    assert aidee is not None
    assert simple.debut - aidee.debut == 2 * P["solidaire.aide_min"]


# Three values


@pytest.mark.parametrize(
    "inconnu",
    [
        {"plages": None},
        {"permis_vu_le": None},
        {"assurance_vue_le": LUNDI - timedelta(days=400)},
        {"places": None},
        {"sieges_enfant": None},
        {"accompagne": None},
        {"accueil_fauteuil": None},
    ],
)
def test_what_nobody_has_said_of_a_volunteer_is_to_be_checked_and_never_excludes(
    inconnu: dict[str, object],
) -> None:
    course = une_course(
        aide=Aide(passagers=2, fauteuil=Fauteuil.PLIANT, sieges_enfant=1, accompagnement=True)
    )
    proposition = juge(replace(un_benevole(), **inconnu), course)  # type: ignore[arg-type]
    assert proposition.verdict is Verdict.A_VERIFIER
    assert proposition.manques


def test_an_unknown_road_is_to_be_checked() -> None:
    propositions = classer(
        une_course(), [un_benevole()], route(TrajetsSurUneRoute(inconnus=frozenset({"40"})))
    )
    assert propositions[0].verdict is Verdict.A_VERIFIER


def test_an_estimate_doubts_where_a_firm_time_decides() -> None:
    """Home by 10 h 40 when firm; between 10 h 32 and 10 h 48 when each time is worth ± 20 %."""
    benevole = un_benevole(plages=(Plage(frozenset(Jour), 480, 645),))
    assert juge(benevole, une_course()).verdict is Verdict.OUI
    assert juge(benevole, une_course(), incertitude=0.2).verdict is Verdict.A_VERIFIER
    assert juge(un_benevole(plages=(plage(8, 10),)), une_course(), incertitude=0.2).verdict is Verdict.NON


def test_two_windows_that_touch_are_one() -> None:
    coupe = un_benevole(plages=(plage(8, 10), plage(10, 12)))
    assert juge(coupe, une_course()).verdict is Verdict.OUI
    troue = un_benevole(plages=(Plage(frozenset(Jour), 480, 590), Plage(frozenset(Jour), 595, 720)))
    assert juge(troue, une_course()).verdict is Verdict.NON


@pytest.mark.parametrize(
    ("change", "regle"),
    [
        ({"absences": ((LUNDI, LUNDI),)}, "benevole.absence"),
        ({"jusqu_au": date(2026, 3, 8)}, "benevole.depart"),
        ({"sieges_enfant": 0}, "benevole.sieges_enfant"),
        ({"accompagne": False}, "benevole.accompagnement"),
    ],
)
def test_each_refusal_names_its_rule_and_what_would_change_it(change: dict[str, object], regle: str) -> None:
    course = une_course(aide=Aide(sieges_enfant=1, accompagnement=True))
    proposition = juge(replace(un_benevole(), **change), course)  # type: ignore[arg-type]
    assert regles(proposition, Verdict.NON) == {regle}
    assert proposition.decisif.changerait
