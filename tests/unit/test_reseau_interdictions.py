"""Turn rules that go through a way, on an H: two streets joined by a bar, and a long way round.

A ── p ── B        ways: 1 Ap, 2 pB, 3 pq (the bar), 4 Cq, 5 qD,
     │             6 and 7 the long way from one street to the other, 8 from west to east
C ── q ── D
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.etats import Regle, dedoubler
from geo.isochrone import secondes_aux_bouts, secondes_aux_points
from geo.itineraire import itineraires, ligne
from geo.osm import lire_extrait
from geo.points_de_rue import points_de_rue
from tests.unit.petit_reseau import Plan, importer_plan

BOUTS = "ABCD"


def h(bar: Sequence[str] = ("pq",), *, sens_unique: bool = False) -> Plan:
    """The H. ``bar``: the ways of the bar, numbers 3 and 9 onwards; ``sens_unique``: A → B and D → C only."""
    plan = Plan()
    plan.point("A", 0, 5).point("p", 5, 5).point("B", 10, 5)
    plan.point("C", 0, 0).point("q", 5, 0).point("D", 10, 0)
    plan.point("r", 5, 4).point("m", 5, 2.5).point("s", 5, 1).point("x", 9, 2.5)
    plan.point("w", -12, 2).point("e", 22, 2).point("n", 5, 9)
    tags = {"oneway": "yes"} if sens_unique else {}
    plan.chemin("Ap", tags)
    plan.chemin("pB", tags)
    plan.chemin(bar[0])
    plan.chemin("qC" if sens_unique else "Cq", tags)
    plan.chemin("Dq" if sens_unique else "qD", tags)
    plan.chemin("AwC")
    plan.chemin("BeD")
    plan.chemin("wne", {"highway": "unclassified"})
    for suite in bar[1:]:
        plan.chemin(suite)
    return plan


def temps(plan: Plan, dossier: Path, lieux: str = BOUTS) -> dict[str, float | None]:
    """Seconds between every two places, by « AB »."""
    dossier.mkdir()
    carte = importer_plan(plan, dossier)
    return {a + b: carte.secondes(a, b) for a in lieux for b in lieux if a != b}


def allonges(avant: Mapping[str, float | None], apres: Mapping[str, float | None]) -> set[str]:
    """The trips that take more than five seconds longer; the others must take the same time."""
    longs = set()
    for trajet, secondes in avant.items():
        ensuite = apres[trajet]
        assert secondes is not None and ensuite is not None, trajet
        if ensuite > secondes + 5:
            longs.add(trajet)
        else:
            assert ensuite == secondes, trajet
    return longs


def test_what_is_forbidden_through_a_way_is_forbidden_to_who_comes_from_there_only(tmp_path: Path) -> None:
    plan = h()
    plan.interdire("no_left_turn", 1, 3, 5)
    libre = temps(h(), tmp_path / "libre", "ABCDm")
    assert allonges(libre, temps(plan, tmp_path / "regle", "ABCDm")) == {"AD"}


def test_an_only_rule_through_a_way_binds_from_the_first_turn_to_the_last(tmp_path: Path) -> None:
    plan = h()
    plan.interdire("only_right_turn", 1, 3, 4)
    libre = temps(h(), tmp_path / "libre", "ABCDm")
    assert allonges(libre, temps(plan, tmp_path / "regle", "ABCDm")) == {"AB", "AD"}


def test_turning_round_through_the_link_of_a_dual_carriageway_is_forbidden(tmp_path: Path) -> None:
    plan = h(sens_unique=True)
    plan.interdire("no_u_turn", 1, 3, 4)
    libre = temps(h(sens_unique=True), tmp_path / "libre")
    assert allonges(libre, temps(plan, tmp_path / "regle")) == {"AC"}


@pytest.mark.parametrize(
    "membres",
    [
        [("from", 1), ("via", 3), ("via", 9), ("via", 10), ("to", 5)],
        [("to", 5), ("via", 10), ("via", 3), ("from", 1), ("via", 9)],
        [("via", 9), ("to", 5), ("via", 10), ("via", 3), ("location_hint", "p"), ("from", 1)],
    ],
)
def test_the_order_of_the_members_and_the_direction_of_the_ways_do_not_matter(
    tmp_path: Path, membres: list[tuple[str, str | int]]
) -> None:
    bar = ("rp", "rm", "qsm")
    plan = h(bar)
    plan.interdire_par(membres, restriction="no_left_turn")
    assert allonges(temps(h(bar), tmp_path / "libre"), temps(plan, tmp_path / "regle")) == {"AD"}


def test_a_way_split_by_crossroads_is_followed_from_end_to_end(tmp_path: Path) -> None:
    def dessin() -> Plan:
        plan = h(("prmsq", "mx"))
        plan.chemin("sC", {"highway": "service"})
        return plan

    regle = dessin()
    regle.interdire("no_left_turn", 1, 3, 5)
    libre = temps(dessin(), tmp_path / "libre", "ABCDx")
    assert allonges(libre, temps(regle, tmp_path / "regle", "ABCDx")) == {"AD"}


def test_a_rule_may_begin_where_nobody_has_a_choice(tmp_path: Path) -> None:
    bar = ("pr", "rmsq")
    plan = h(bar)
    plan.interdire("no_left_turn", 3, 9, 5)
    libre = temps(h(bar), tmp_path / "libre", "ABCDm")
    assert allonges(libre, temps(plan, tmp_path / "regle", "ABCDm")) == {"AD", "BD"}


def test_rules_that_begin_on_the_same_way_do_not_hide_one_another(tmp_path: Path) -> None:
    plan = h()
    plan.interdire("no_left_turn", 1, 3, 5)
    plan.interdire("no_right_turn", 1, 3, 4)
    plan.interdire("no_left_turn", 2, 3, 4)
    plan.interdire("no_left_turn", 5, 3, 1)
    libre = temps(h(), tmp_path / "libre", "ABCDm")
    assert allonges(libre, temps(plan, tmp_path / "regle", "ABCDm")) == {"AD", "AC", "BC", "DA"}


def test_a_rule_at_the_end_of_the_way_and_a_rule_through_it_both_hold(tmp_path: Path) -> None:
    plan = h()
    plan.interdire("no_left_turn", 1, 3, 5)
    plan.interdire("only_right_turn", 3, "q", 4)
    libre = temps(h(), tmp_path / "libre")
    assert allonges(libre, temps(plan, tmp_path / "regle")) == {"AD", "BD"}


def test_a_street_that_one_enters_under_a_rule_only_stays_on_the_network(tmp_path: Path) -> None:
    # The bar is driven downwards only and entered from A only: nobody is on it « from nowhere » but who
    # lives there, and she may turn left.
    def dessin() -> Plan:
        plan = h()
        plan.chemins[2] = ("pq", {"highway": "residential", "oneway": "yes"})
        plan.interdire("no_right_turn", 2, "p", 3)
        plan.interdire("no_left_turn", 2, "p", 3)
        return plan

    regle = dessin()
    regle.interdire("no_left_turn", 1, 3, 5)
    libre = temps(dessin(), tmp_path / "libre", "ABCDm")
    assert allonges(libre, temps(regle, tmp_path / "regle", "ABCDm")) == {"AD"}


@pytest.mark.parametrize("sans", ["from", "via", "to"])
def test_a_rule_that_has_lost_a_member_is_not_obeyed(tmp_path: Path, sans: str) -> None:
    plan = h()
    membres: list[tuple[str, str | int]] = [("from", 1), ("via", 3), ("to", 4)]
    plan.interdire_par(
        [(role, 99 if role == sans else qui) for role, qui in membres], restriction="only_right_turn"
    )
    assert not allonges(temps(h(), tmp_path / "libre"), temps(plan, tmp_path / "regle"))


def test_a_rule_whose_way_the_territory_cuts_is_not_obeyed(tmp_path: Path) -> None:
    plan = h(("prmsq",))
    plan.interdire("only_right_turn", 1, 3, 4)
    plan.points["z"] = plan.points["m"]
    plan.etiquettes["z"] = {}
    # The bar goes through a point that the extract does not hold.
    texte = plan.ecrire(tmp_path / "plan.osm").read_text(encoding="utf-8")
    for point in ("p", "m"):
        rang = list(plan.points).index(point) + 1
        fichier = tmp_path / f"sans_{point}.osm"
        lignes = [ligne for ligne in texte.splitlines() if not ligne.startswith(f'<node id="{rang}"')]
        fichier.write_text("\n".join(lignes), encoding="utf-8")
        extrait = lire_extrait(fichier, lambda tags: True)
        assert extrait.releve.non_comprises == 0
        assert len(extrait.restrictions) == (0 if point == "p" else 1)


def test_what_is_not_understood_is_counted_and_not_obeyed(tmp_path: Path) -> None:
    plan = h()
    plan.interdire("no_left_turn", 1, 6, 5)  # a middle that touches both ends of nothing
    plan.interdire_par([("from", 1), ("via", 3), ("via", 6), ("to", 5)], restriction="no_left_turn")
    plan.interdire_par([("from", 1), ("to", 5)], restriction="no_left_turn")
    plan.interdire_par([("from", 1), ("via", "p"), ("via", "q"), ("to", 5)], restriction="no_left_turn")
    assert not allonges(temps(h(), tmp_path / "libre"), temps(plan, tmp_path / "regle"))
    extrait = lire_extrait(plan.ecrire(tmp_path / "plan.osm"), lambda tags: True)
    assert extrait.releve.non_comprises == 3


@pytest.mark.parametrize(
    ("tags", "obeie"),
    [
        ({"restriction": "no_left_turn"}, True),
        ({"restriction:motorcar": "no_left_turn"}, True),
        ({"restriction:motor_vehicle": "no_left_turn", "restriction:hgv": "no_right_turn"}, True),
        ({"restriction": "no_u_turn;no_left_turn"}, True),
        ({"restriction": "no_left_turn", "except": "psv;bicycle"}, True),
        ({"restriction": "no_left_turn", "restriction:conditional": "none @ (Su)"}, True),
        ({"restriction:hgv": "no_left_turn"}, False),
        ({"restriction": "no_left_turn", "except": "psv;motorcar"}, False),
        ({"restriction": "no_left_turn", "restriction:motorcar": "none"}, False),
        ({"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, False),
        ({"restriction:motorcar:conditional": "no_left_turn @ (07:00-09:00)"}, False),
        ({"restriction": "no_left_turn", "restriction:conditional": "no_left_turn @ (07:00-09:00)"}, False),
        ({"restriction": "no_left_turn", "hour_on": "07:00", "hour_off": "09:00"}, False),
        ({"restriction": "no_right_turn_on_red"}, False),
        ({"restriction": "only_slowly"}, False),
    ],
)
@pytest.mark.parametrize("via", ["p", 3])
def test_a_rule_binds_cars_at_all_hours_or_not_at_all(
    tmp_path: Path, tags: dict[str, str], obeie: bool, via: str | int
) -> None:
    plan = h()
    # Through the bar, coming from A: left to D. At p, coming from B: left to the bar.
    de, vers = (1, 5) if via == 3 else (2, 3)
    plan.interdire_par([("from", de), ("via", via), ("to", vers)], **tags)
    carte, libre = importer_plan(plan, tmp_path), h()
    (tmp_path / "libre").mkdir()
    sans = importer_plan(libre, tmp_path / "libre")
    trajet = "AD" if via == 3 else "BD"
    avec, libre_s = carte.secondes(*trajet), sans.secondes(*trajet)
    assert avec is not None and libre_s is not None
    assert (avec > libre_s + 5) is obeie
    assert carte.reseaux.entete["interdictions_selon_l_heure"] == any(
        ":conditional" in cle or cle.startswith("hour") for cle in tags if tags.get(cle, "").find("none") < 0
    )


def test_every_question_gives_the_same_time_where_streets_have_several_states(tmp_path: Path) -> None:
    plan = h(("prmsq", "mx"))
    plan.interdire("no_left_turn", 1, 3, 5)
    plan.interdire("only_left_turn", 4, 3, 1)
    carte = importer_plan(plan, tmp_path)
    reseau = carte.reseaux.profils["voiture"]
    noms = "ABCDrsmxwe"
    lieux = carte.accrocher(noms)
    for rang, nom in enumerate(noms):
        un = lieux.choisir(np.full(len(noms), rang))
        routes = itineraires(reseau, un, lieux)
        for ailleurs, autre in enumerate(noms):
            secondes = carte.secondes(nom, autre)
            assert secondes is not None and routes.ms[ailleurs] / 1000 == secondes
            if nom != autre:
                points = np.array(ligne(reseau, routes, ailleurs))
                metres = 111_195 * np.hypot(*(np.diff(points, axis=0) * [0.656, 1]).T).sum()
                assert routes.metres[ailleurs] == pytest.approx(metres, rel=0.01)
        rue = points_de_rue(reseau, np.arange(reseau.rues))
        for vers in (True, False):
            bouts = secondes_aux_bouts(reseau, un.choisir(np.array([0])), 60, vers=vers)
            en_rue = secondes_aux_points(reseau, un.choisir(np.array([0])), rue, bouts, vers=vers)
            for autre in noms:
                lon, lat = plan.lieu(autre)
                ici = np.hypot(rue.lon - lon, rue.lat - lat) < 1e-7
                couple = (autre, nom) if vers else (nom, autre)
                # At a crossroads the place is on one of its streets, and the point on each.
                if ici.sum() == 1:
                    assert en_rue[ici][0] == pytest.approx(carte.secondes(*couple), abs=0.002)


@st.composite
def mondes(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]], list[Regle]]:
    """Courses, turns between them, and rules along walks that can be made."""
    n = draw(st.integers(2, 6))
    tournants = draw(
        st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=n, max_size=4 * n)
    )
    regles = []
    for _ in range(draw(st.integers(1, 4))):
        suite = [draw(st.sampled_from(sorted(tournants)))[0]]
        for _ in range(draw(st.integers(0, 3))):
            suivants = sorted(y for x, y in tournants if x == suite[-1])
            if suivants:
                suite.append(draw(st.sampled_from(suivants)))
        vers = draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=2))
        regles.append(Regle(tuple(suite), frozenset(vers), draw(st.booleans())))
    return n, sorted(tournants), regles


@given(mondes())
def test_states_allow_the_walks_that_the_rules_allow_and_no_other(
    monde: tuple[int, list[tuple[int, int]], list[Regle]],
) -> None:
    n, tournants, regles = monde
    couples = np.array(tournants, np.int64)
    etats = dedoubler(n, couples[:, 0], couples[:, 1], regles)
    seuls: dict[tuple[int, ...], set[int]] = {}
    for suite, vers, seul in regles:
        for fin in range(1, len(suite)) if seul else ():
            seuls.setdefault(suite[:fin], set()).add(suite[fin])
        if seul:
            seuls.setdefault(suite, set()).update(vers)

    def permis(passe: tuple[int, ...], suivant: int) -> bool:
        fins = {passe[i:] for i in range(len(passe))}
        return all(suivant in seuls[f] for f in fins if f in seuls) and not any(
            suite in fins and suivant in vers for suite, vers, seul in regles if not seul
        )

    for depart in range(n):
        # All the past is remembered on one side; states are followed on the other.
        passes: set[tuple[int, ...]] = {(depart,)}
        etat = {depart}
        for _ in range(6):
            passes = {
                (*passe, y)[-5:]
                for passe in passes
                for x, y in tournants
                if x == passe[-1] and permis(passe, y)
            }
            etat = {int(v) for u, v in zip(etats.de, etats.vers, strict=True) if u in etat}
            assert {passe[-1] for passe in passes} == {int(etats.course[e]) for e in etat}
