"""Each rule of the road, on a map of a few streets drawn for it: a square, and what the rule adds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.profils import lire_profil
from geo.virages import cout_ms
from tests.unit.petit_reseau import Carte, Plan, importer_plan


def carre() -> Plan:
    """Corners A, B, C, D; e in the middle of AB. The tests draw the sides."""
    plan = Plan()
    for nom, x, y in (("A", 0, 0), ("e", 4, 0), ("B", 8, 0), ("C", 8, 5), ("D", 0, 5)):
        plan.point(nom, x, y)
    return plan


def avec_un_cote(dossier: Path, **tags: str) -> Carte:
    """The square whose side AB has these tags."""
    plan = carre()
    plan.chemin("AeB", tags)
    plan.chemin("BCDA")
    return importer_plan(plan, dossier)


def direct(carte: Carte, de: str, vers: str, profil: str = "voiture") -> bool:
    """Whether one goes along AB rather than round by C and D."""
    secondes = carte.secondes(de, vers, profil)
    assert secondes is not None
    autour = lire_profil(profil).classes[lire_profil(profil).rangs["residential"]].kmh
    return secondes < 1000 * 3.6 / autour


@pytest.mark.parametrize(
    ("oneway", "aller", "retour"),
    [("yes", True, False), ("-1", False, True), ("reversible", False, False), ("no", True, True)],
)
def test_a_one_way_street_is_driven_one_way_and_a_reversible_one_not_at_all(
    tmp_path: Path, oneway: str, aller: bool, retour: bool
) -> None:
    carte = avec_un_cote(tmp_path, oneway=oneway)
    assert (direct(carte, "A", "B"), direct(carte, "B", "A")) == (aller, retour)
    assert direct(carte, "A", "B", "marche") and direct(carte, "B", "A", "marche")


@pytest.mark.parametrize(
    "tags", [{"oneway:bicycle": "no"}, {"cycleway": "opposite"}, {"cycleway:left": "opposite_lane"}]
)
def test_a_contraflow_lets_bicycles_ride_against_the_cars(tmp_path: Path, tags: dict[str, str]) -> None:
    carte = avec_un_cote(tmp_path, oneway="yes", **tags)
    assert direct(carte, "B", "A", "velo")
    assert not direct(carte, "B", "A")


def test_without_a_contraflow_a_one_way_street_binds_bicycles_too(tmp_path: Path) -> None:
    assert not direct(avec_un_cote(tmp_path, oneway="yes"), "B", "A", "velo")


def test_a_roundabout_turns_one_way_without_a_tag(tmp_path: Path) -> None:
    plan = carre()
    plan.point("F", -4, 0)
    plan.chemin("ABCDA", junction="roundabout")
    plan.chemin("FA")
    carte = importer_plan(plan, tmp_path)
    aller, retour = carte.secondes("A", "B"), carte.secondes("B", "A")
    assert aller is not None and retour is not None and retour > 1.5 * aller


@pytest.mark.parametrize(
    ("tags", "passe"),
    [
        ({"barrier": "bollard"}, False),
        ({"barrier": "bollard", "bollard": "rising"}, True),
        ({"barrier": "gate"}, True),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "lift_gate", "access": "private", "motor_vehicle": "yes"}, True),
    ],
)
def test_a_barrier_stops_cars_unless_it_lets_them_through(
    tmp_path: Path, tags: dict[str, str], passe: bool
) -> None:
    plan = carre()
    plan.point("e", 4, 0, **tags)
    plan.chemin("AeB")
    plan.chemin("BCDA")
    assert direct(importer_plan(plan, tmp_path), "A", "B") is passe


def test_a_bollard_lets_bicycles_and_walkers_through(tmp_path: Path) -> None:
    plan = carre()
    plan.point("e", 4, 0, barrier="bollard")
    plan.chemin("AeB")
    plan.chemin("BCDA")
    carte = importer_plan(plan, tmp_path)
    assert direct(carte, "A", "B", "velo") and direct(carte, "A", "B", "marche")


def croix() -> Plan:
    """A crossroads o with four arms (south A, east B, north C, west D), and a ring road round it."""
    plan = Plan()
    for nom, x, y in (("o", 0, 0), ("A", 0, -5), ("B", 8, 0), ("C", 0, 5), ("D", -8, 0)):
        plan.point(nom, x, y)
    for bras in "ABCD":
        plan.chemin(f"{bras}o")
    for nom, x, y in (("p", 9, -6), ("q", 9, 6), ("r", -9, 6), ("s", -9, -6)):
        plan.point(nom, x, y)
    plan.chemin("ApBqCrDsA")
    return plan


def test_a_right_turn_costs_less_than_a_left_turn_and_straight_on_costs_nothing(tmp_path: Path) -> None:
    virages = lire_profil("voiture").virages
    droit, droite, gauche, demi_tour = cout_ms(virages, np.array([0.0, 90.0, -90.0, 180.0])) / 1000
    assert droit < 0.05 and 0.5 < droite < gauche < demi_tour <= virages.plafond_s


@pytest.mark.parametrize(
    ("regle", "vers", "interdit"),
    [
        ("no_left_turn", "D", True),
        ("no_left_turn", "B", False),
        ("no_straight_on", "C", True),
        ("no_entry", "B", True),
    ],
)
def test_a_forbidden_turn_is_not_driven(tmp_path: Path, regle: str, vers: str, interdit: bool) -> None:
    libre = importer_plan(croix(), tmp_path).secondes("A", vers)
    plan = croix()
    rang = {"B": 2, "C": 3, "D": 4}
    plan.interdire(regle, 1, "o", rang["D"] if regle == "no_left_turn" else rang[vers])
    (tmp_path / "avec").mkdir()
    avec = importer_plan(plan, tmp_path / "avec").secondes("A", vers)
    assert libre is not None and avec is not None
    assert (avec > libre + 5) is interdit
    if not interdit:
        assert avec == libre


def test_an_only_rule_forbids_every_other_turn(tmp_path: Path) -> None:
    plan = croix()
    plan.interdire("only_straight_on", 1, "o", 3)
    libre = importer_plan(croix(), tmp_path)
    (tmp_path / "avec").mkdir()
    avec = importer_plan(plan, tmp_path / "avec")
    assert avec.secondes("A", "C") == libre.secondes("A", "C")
    for vers in "BD":
        assert (avec.secondes("A", vers) or 0) > (libre.secondes("A", vers) or 0) + 5
    assert avec.secondes("B", "D") == libre.secondes("B", "D")


@pytest.mark.parametrize(
    "tags", [{"except": "bicycle;motorcar"}, {"restriction": "", "restriction:hgv": "no_left_turn"}]
)
def test_a_rule_for_others_does_not_bind_cars(tmp_path: Path, tags: dict[str, str]) -> None:
    libre = importer_plan(croix(), tmp_path).secondes("A", "D")
    plan = croix()
    plan.interdire_par([("from", 1), ("via", "o"), ("to", 4)], **{"restriction": "no_left_turn", **tags})
    (tmp_path / "avec").mkdir()
    assert importer_plan(plan, tmp_path / "avec").secondes("A", "D") == libre


def test_turn_rules_do_not_bind_walkers_or_bicycles_of_this_model(tmp_path: Path) -> None:
    plan = croix()
    plan.interdire("no_left_turn", 1, "o", 4)
    carte = importer_plan(plan, tmp_path)
    assert carte.secondes("A", "D", "marche") == carte.secondes("D", "A", "marche")


def test_one_turns_round_only_at_a_dead_end(tmp_path: Path) -> None:
    plan = croix()
    plan.point("z", 14, 0)
    plan.chemin("Bz")
    carte = importer_plan(plan, tmp_path)
    reseau = carte.reseaux.profils["voiture"]
    course = reseau.tableaux["course"]
    graphe = reseau.graphe
    noeud_course = {int(n): c for c, n in enumerate(reseau.tableaux["sortie"].tolist()) if n >= 0}
    demi_tours = [
        (noeud_course[u], int(course[arc]))
        for u in range(graphe.n)
        for arc in range(graphe.debut[u], graphe.debut[u + 1])
        if noeud_course[u] ^ 1 == int(course[arc])
    ]
    assert len(demi_tours) == 1


def test_cutting_a_way_in_two_changes_no_time(tmp_path: Path) -> None:
    entier, coupe = carre(), carre()
    for plan in (entier, coupe):
        plan.chemin("BCDA")
    entier.chemin("AeB")
    coupe.chemin("Ae")
    coupe.chemin("eB")
    (tmp_path / "b").mkdir()
    un, deux = importer_plan(entier, tmp_path), importer_plan(coupe, tmp_path / "b")
    for profil in ("voiture", "velo", "marche"):
        for de, vers in ("AB", "Ae", "eC", "CA"):
            a, b = un.secondes(de, vers, profil), deux.secondes(de, vers, profil)
            assert a == pytest.approx(b, abs=0.002)


def test_a_place_part_way_along_a_street_is_reached_part_way(tmp_path: Path) -> None:
    carte = avec_un_cote(tmp_path)
    moitie, tout = carte.secondes("A", "e", "marche"), carte.secondes("A", "B", "marche")
    assert moitie is not None and tout is not None
    assert moitie == pytest.approx(tout / 2, rel=0.001)
    assert tout == pytest.approx(8 * 0.001 * 111_195 * 0.65606 / 1.25, rel=0.001)


def test_the_walk_from_the_door_to_the_street_counts_and_a_place_too_far_is_refused(tmp_path: Path) -> None:
    plan = carre()
    plan.point("p", 4, -3).point("l", 4, -20)
    plan.chemin("AeB")
    plan.chemin("BCDA")
    carte = importer_plan(plan, tmp_path)
    sans, avec = carte.secondes("e", "B"), carte.secondes("p", "B")
    assert sans is not None and avec is not None
    assert avec - sans == pytest.approx(3 * 111.195 / 1.25, rel=0.001)
    assert carte.secondes("l", "B") is None
    assert carte.secondes("p", "p") == 0


def test_only_the_largest_part_where_everybody_reaches_everybody_is_kept(tmp_path: Path) -> None:
    plan = carre()
    plan.chemin("AeB")
    plan.chemin("BCDA")
    for nom, x in (("u", 40), ("v", 48)):
        plan.point(nom, x, 40)
    plan.chemin("uv")
    carte = importer_plan(plan, tmp_path)
    assert carte.secondes("A", "u") is None
    assert carte.reseaux.profils["voiture"].entete["km_hors"] == pytest.approx(0.6, abs=0.1)


def test_a_home_beside_a_motorway_does_not_open_onto_it(tmp_path: Path) -> None:
    plan = carre()
    plan.chemin("AeB")
    plan.chemin("BCDA")
    for nom, x in (("m", -1), ("n", 9)):
        plan.point(nom, x, -1)
    plan.chemin("Am", highway="motorway_link")
    plan.chemin("mn", highway="motorway", oneway="no")
    plan.chemin("nB", highway="motorway_link")
    plan.point("maison", 4, -0.8)
    carte = importer_plan(plan, tmp_path)
    a = carte.accrocher(["maison"])
    assert a.ecart_m[0] == pytest.approx(0.8 * 111.195, rel=0.01)


@pytest.mark.parametrize("profil", ["voiture", "velo", "marche"])
def test_a_red_light_is_paid_once_by_whoever_goes_through_it_and_by_nobody_else(
    tmp_path: Path, profil: str
) -> None:
    def dessin(**tags: str) -> Carte:
        plan = carre().point("e", 4, 0, **tags).point("g", 2, 0).point("h", 6, 0)
        plan.chemin("AgehB")
        plan.chemin("BCDA")
        dossier = tmp_path / (tags.get("highway") or "sans")
        dossier.mkdir()
        return importer_plan(plan, dossier)

    sans, avec = dessin(), dessin(highway="traffic_signals")
    feu = lire_profil(profil).virages.feu_s
    for de, vers, attente in (
        ("A", "B", feu),
        ("g", "h", feu),
        ("h", "g", feu),
        ("A", "g", 0),
        ("g", "A", 0),
        ("h", "B", 0),
    ):
        avant, apres = sans.secondes(de, vers, profil), avec.secondes(de, vers, profil)
        assert avant is not None and apres is not None
        assert apres - avant == pytest.approx(attente, abs=0.002), (de, vers)
