"""What OpenStreetMap tags mean to a car, a bicycle and a walker: one line per rule, from the words' definitions.

« <> » both ways, « > » in the direction the way is drawn, « < » against it, « » not at all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.osm import lire_extrait
from geo.profils import NOMS, Passage, lire_profil
from tests.unit.petit_reseau import Plan

RUE = {"highway": "residential"}


def passage(tags: dict[str, str], profil: str = "voiture", rural_kmh: float | None = None) -> Passage | None:
    return lire_profil(profil, rural_kmh).passage({**RUE, **tags})


def sens(tags: dict[str, str], profil: str) -> str:
    trouve = passage(tags, profil)
    return "<" * bool(trouve and trouve.retour_kmh) + ">" * bool(trouve and trouve.aller_kmh)


def kmh(tags: dict[str, str], profil: str = "voiture") -> float:
    trouve = passage(tags, profil)
    assert trouve is not None
    return trouve.aller_kmh


# tags, then what they mean by car, by bicycle, on foot
SENS = [
    ({}, "<>", "<>", "<>"),
    # One way.
    ({"oneway": "yes"}, ">", ">", "<>"),
    ({"oneway": "true"}, ">", ">", "<>"),
    ({"oneway": "1"}, ">", ">", "<>"),
    ({"oneway": "-1"}, "<", "<", "<>"),
    ({"oneway": "reverse"}, "<", "<", "<>"),
    ({"oneway": "no"}, "<>", "<>", "<>"),
    ({"oneway": "alternating"}, "<>", "<>", "<>"),
    ({"oneway": "reversible"}, "", "", "<>"),
    ({"oneway": "yes", "oneway:foot": "yes"}, ">", ">", ">"),
    ({"oneway": "yes", "oneway:foot": "-1"}, ">", ">", "<"),
    ({"oneway:motor_vehicle": "yes"}, ">", "<>", "<>"),
    ({"oneway:motorcar": "yes", "oneway": "no"}, ">", "<>", "<>"),
    # Against the cars.
    ({"oneway": "yes", "oneway:bicycle": "no"}, ">", "<>", "<>"),
    ({"oneway": "no", "oneway:bicycle": "yes"}, "<>", ">", "<>"),
    ({"oneway": "yes", "oneway:bicycle": "-1"}, ">", "<", "<>"),
    ({"oneway": "yes", "cycleway": "opposite"}, ">", "<>", "<>"),
    ({"oneway": "yes", "cycleway": "opposite_track"}, ">", "<>", "<>"),
    ({"oneway": "yes", "cycleway:left": "opposite_lane"}, ">", "<>", "<>"),
    ({"oneway": "yes", "cycleway:left": "lane", "cycleway:left:oneway": "-1"}, ">", "<>", "<>"),
    ({"oneway": "yes", "cycleway:both": "opposite_share_busway"}, ">", "<>", "<>"),
    ({"oneway": "yes", "cycleway:right": "lane"}, ">", ">", "<>"),
    ({"oneway": "yes", "cycleway": "opposite", "oneway:bicycle": "yes"}, ">", ">", "<>"),
    ({"oneway": "yes", "bicycle:backward": "yes"}, ">", "<>", "<>"),
    # Roundabouts and motorways turn one way without a word.
    ({"junction": "roundabout"}, ">", ">", "<>"),
    ({"junction": "circular"}, ">", ">", "<>"),
    ({"junction": "roundabout", "oneway": "no"}, ">", ">", "<>"),
    ({"junction": "roundabout", "oneway": "no", "oneway:bicycle": "no"}, ">", "<>", "<>"),
    ({"junction": "circular", "oneway": "no"}, "<>", "<>", "<>"),
    ({"junction": "jughandle"}, "<>", "<>", "<>"),
    ({"highway": "motorway"}, ">", "", ""),
    ({"highway": "motorway", "oneway": "no"}, "<>", "", ""),
    ({"highway": "motorway_link"}, "<>", "", ""),
    ({"highway": "motorway", "bicycle": "yes", "foot": "yes"}, ">", "", ""),
    # A direction of its own.
    ({"motor_vehicle:backward": "no"}, ">", "<>", "<>"),
    ({"vehicle:forward": "no", "bicycle:forward": "yes"}, "<", "<>", "<>"),
    ({"access:backward": "private"}, ">", ">", ">"),
    # Who may enter: the most particular word decides.
    ({"access": "no"}, "", "", ""),
    ({"access": "private"}, "", "", ""),
    ({"access": "permit"}, "", "", ""),
    ({"access": "agricultural"}, "", "", ""),
    ({"access": "forestry"}, "", "", ""),
    ({"access": "agricultural;forestry"}, "", "", ""),
    ({"access": "delivery"}, "", "", ""),
    ({"access": "destination"}, "<>", "<>", "<>"),
    ({"access": "customers"}, "<>", "<>", "<>"),
    ({"access": "permissive"}, "<>", "<>", "<>"),
    ({"access": "unknown"}, "<>", "<>", "<>"),
    ({"motor_vehicle": "agricultural;destination"}, "<>", "<>", "<>"),
    ({"motor_vehicle": "delivery"}, "", "<>", "<>"),
    ({"motor_vehicle": "no"}, "", "<>", "<>"),
    ({"motor_vehicle": "no", "motorcar": "yes"}, "<>", "<>", "<>"),
    ({"motorcar": "no"}, "", "<>", "<>"),
    ({"motorcycle": "no"}, "<>", "<>", "<>"),
    ({"hgv": "no"}, "<>", "<>", "<>"),
    ({"vehicle": "no"}, "", "", "<>"),
    ({"vehicle": "no", "bicycle": "yes"}, "", "<>", "<>"),
    ({"vehicle": "destination"}, "<>", "<>", "<>"),
    ({"access": "no", "bus": "yes", "bicycle": "yes"}, "", "<>", ""),
    ({"access": "no", "foot": "designated"}, "", "", "<>"),
    ({"bicycle": "no"}, "<>", "", "<>"),
    ({"bicycle": "use_sidepath"}, "<>", "", "<>"),
    ({"foot": "no"}, "<>", "<>", ""),
    ({"foot": "use_sidepath"}, "<>", "<>", ""),
    ({"sidewalk": "no"}, "<>", "<>", "<>"),
    ({"sidewalk": "separate"}, "<>", "<>", "<>"),
    # Kinds of way.
    ({"highway": "trunk"}, "<>", "<>", "<>"),
    ({"highway": "trunk", "foot": "no", "bicycle": "no"}, "<>", "", ""),
    ({"highway": "trunk", "motorroad": "yes"}, "<>", "", ""),
    ({"highway": "living_street"}, "<>", "<>", "<>"),
    ({"highway": "pedestrian"}, "", "<>", "<>"),
    ({"highway": "pedestrian", "bicycle": "no"}, "", "", "<>"),
    ({"highway": "pedestrian", "motor_vehicle": "destination"}, "<>", "<>", "<>"),
    ({"highway": "pedestrian", "motor_vehicle": "delivery"}, "", "<>", "<>"),
    ({"highway": "cycleway"}, "", "<>", "<>"),
    ({"highway": "cycleway", "foot": "no"}, "", "<>", ""),
    ({"highway": "cycleway", "oneway": "yes"}, "", ">", "<>"),
    ({"highway": "footway"}, "", "", "<>"),
    ({"highway": "footway", "bicycle": "yes"}, "", "<>", "<>"),
    ({"highway": "footway", "bicycle": "dismount"}, "", "<>", "<>"),
    ({"oneway": "yes", "bicycle": "dismount"}, ">", "<>", "<>"),
    ({"highway": "path"}, "", "<>", "<>"),
    ({"highway": "path", "bicycle": "no"}, "", "", "<>"),
    ({"highway": "bridleway"}, "", "", "<>"),
    ({"highway": "steps"}, "", "", "<>"),
    ({"highway": "steps", "bicycle": "yes"}, "", "", "<>"),
    ({"highway": "track"}, "", "<>", "<>"),
    ({"highway": "track", "motor_vehicle": "yes"}, "<>", "<>", "<>"),
    ({"highway": "track", "motor_vehicle": "agricultural"}, "", "<>", "<>"),
    ({"highway": "track", "smoothness": "impassable"}, "", "", ""),
    ({"highway": "service", "service": "driveway"}, "<>", "<>", "<>"),
    ({"highway": "service", "service": "emergency_access"}, "", "<>", "<>"),
    ({"highway": "busway"}, "", "", ""),
    ({"highway": "construction", "construction": "primary"}, "", "", ""),
    ({"highway": "proposed", "proposed": "residential"}, "", "", ""),
    ({"highway": "razed"}, "", "", ""),
    ({"highway": "platform"}, "", "", "<>"),
    ({"area": "yes"}, "", "", ""),
    ({"area": "yes", "highway": "pedestrian"}, "", "", ""),
    # By the hour: what holds the rest of the time.
    ({"access:conditional": "no @ (Mo-Fr 07:00-09:00)"}, "<>", "<>", "<>"),
    ({"motor_vehicle": "no", "motor_vehicle:conditional": "yes @ (20:00-08:00)"}, "", "<>", "<>"),
    ({"oneway:conditional": "yes @ (07:00-09:00)"}, "<>", "<>", "<>"),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "voiture", "velo", "marche"), SENS, ids=str)
def test_a_way_is_open_to_whom_and_in_the_direction_its_tags_say(
    tags: dict[str, str], voiture: str, velo: str, marche: str
) -> None:
    assert tuple(sens(tags, profil) for profil in NOMS) == (voiture, velo, marche)


def test_every_tag_that_decides_is_read_from_the_file(tmp_path: Path) -> None:
    plan = Plan().point("A", 0, 0).point("B", 1, 0)
    for tags, *_ in SENS:
        plan.chemin("AB", tags)
    profils = [lire_profil(nom) for nom in NOMS]
    extrait = lire_extrait(
        plan.ecrire(tmp_path / "plan.osm"), lambda tags: any(p.passage(tags) for p in profils)
    )
    lues = {
        int(ref): extrait.etiquettes[sorte] for ref, sorte in zip(extrait.chemins, extrait.sorte, strict=True)
    }
    for numero, (tags, *attendus) in enumerate(SENS, 1):
        lus = [sens(dict(lues[numero]), profil) if numero in lues else "" for profil in NOMS]
        assert lus == attendus, tags
    assert extrait.a_l_heure == 3


@pytest.mark.parametrize(
    ("tags", "voiture", "velo", "marche"),
    [
        ({}, "", "", ""),
        ({"access": "yes"}, "", "", ""),
        ({"motor_vehicle": "yes"}, "<>", "", ""),
        ({"vehicle": "yes", "foot": "yes"}, "<>", "<>", "<>"),
        ({"foot": "yes", "bicycle": "yes"}, "", "<>", "<>"),
        ({"motor_vehicle": "yes", "oneway": "yes"}, ">", "", ""),
        ({"motorcar": "no", "motor_vehicle": "yes", "foot": "designated"}, "", "", "<>"),
    ],
)
def test_a_ferry_is_boarded_only_by_those_it_names(
    tags: dict[str, str], voiture: str, velo: str, marche: str
) -> None:
    trouves = [lire_profil(profil).passage({"route": "ferry", **tags}) for profil in NOMS]
    dits = ["<" * bool(p and p.retour_kmh) + ">" * bool(p and p.aller_kmh) for p in trouves]
    assert dits == [voiture, velo, marche]


@pytest.mark.parametrize(
    ("tags", "limite"),
    [
        ({"maxspeed": "50"}, 50),
        ({"maxspeed": "50;30"}, 30),
        ({"maxspeed": "30; 50"}, 30),
        ({"maxspeed": "70 km/h"}, 70),
        ({"maxspeed": "30 mph"}, 48.28),
        ({"maxspeed": "FR:urban"}, 50),
        ({"maxspeed": "FR:rural"}, 80),
        ({"maxspeed": "FR:rural;50"}, 50),
        ({"maxspeed": "FR:zone30"}, 30),
        ({"maxspeed": "FR:zone:30"}, 30),
        ({"maxspeed": "FR:30"}, 30),
        ({"maxspeed": "FR:living_street"}, 20),
        ({"maxspeed": "FR:zone20"}, 20),
        ({"maxspeed": "FR:motorway"}, 130),
        ({"maxspeed": "FR:trunk"}, 110),
        ({"maxspeed": "walk"}, 6),
        ({"maxspeed": "none"}, 130),
        ({"maxspeed": "signals", "source:maxspeed": "FR:urban"}, 50),
        ({"source:maxspeed": "FR:rural"}, 80),
        ({"source:maxspeed": "sign"}, None),
        ({"maxspeed:type": "FR:urban"}, 50),
        ({"zone:maxspeed": "FR:30"}, 30),
        ({"zone:maxspeed": "30"}, 30),
        ({"zone:traffic": "FR:urban"}, 50),
        ({"maxspeed": "90", "maxspeed:type": "FR:rural"}, 90),
        ({"maxspeed": "50", "maxspeed:forward": "30"}, 30),
        ({"maxspeed": "50", "maxspeed:backward": "30"}, 50),
        ({"maxspeed:hgv": "50"}, None),
        ({"maxspeed:conditional": "30 @ (07:00-09:00)"}, None),
        ({"maxspeed": "80", "maxspeed:conditional": "70 @ wet"}, 80),
        ({"maxspeed": "sûrement"}, None),
        ({"maxspeed": "0"}, None),
        ({"maxspeed": "-50"}, None),
        ({"maxspeed": "10 knots"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_written_limit_is_read_as_french_law_and_nonsense_as_silence(
    tags: dict[str, str], limite: float | None
) -> None:
    lue = lire_profil("voiture").limite(tags, "forward")
    assert lue == (pytest.approx(limite, abs=0.01) if limite else None)


def test_the_rural_limit_is_a_parameter_of_the_import() -> None:
    assert lire_profil("voiture", 90.0).limite({"maxspeed": "FR:rural"}, "forward") == 90
    rapide, lent = (
        passage({"highway": "secondary", "maxspeed": "FR:rural"}, rural_kmh=v) for v in (90.0, 80.0)
    )
    assert rapide is not None and lent is not None and rapide.aller_kmh == lent.aller_kmh * 9 / 8


def test_a_car_never_holds_the_limit_from_end_to_end_and_each_way_has_its_own() -> None:
    for limite in ("130", "80", "50", "30", "20"):
        assert (
            0
            < kmh({"highway": "motorway" if limite == "130" else "primary", "maxspeed": limite})
            < int(limite)
        )
    montee = passage({"highway": "primary", "maxspeed": "80", "maxspeed:backward": "50"})
    assert montee is not None and montee.retour_kmh == montee.aller_kmh * 5 / 8
    assert kmh({"highway": "motorway_link", "maxspeed": "70", "maxspeed:advisory": "40"}) == 40
    assert kmh({"highway": "motorway_link", "maxspeed:advisory": "30"}) == 30
    assert kmh({"maxspeed:advisory": "90"}) == kmh({})


@pytest.mark.parametrize("profil", NOMS)
def test_a_worse_way_is_never_faster(profil: str) -> None:
    ouvert = {"highway": "track", "motor_vehicle": "yes"}
    pistes = [kmh({**ouvert, "tracktype": f"grade{n}"}, profil) for n in range(1, 6)]
    usures = [kmh({**ouvert, "smoothness": u}, profil) for u in ("good", "bad", "very_bad", "horrible")]
    sols = [kmh({**ouvert, "surface": s}, profil) for s in ("asphalt", "compacted", "ground", "mud")]
    for vitesses in (pistes, usures, sols):
        assert vitesses == sorted(vitesses, reverse=True)
    if profil == "voiture":
        assert pistes[0] > pistes[-1] and kmh({"surface": "sand"}) < kmh({"surface": "cobblestone"})


def test_legs_do_not_follow_the_limit_of_cars() -> None:
    for tags in ({"maxspeed": "130"}, {"maxspeed": "30"}, {"maxspeed": "50", "maxspeed:advisory": "20"}):
        assert kmh(tags, "marche") == kmh({}, "marche") == 4.5
    assert kmh({"maxspeed": "130"}, "velo") == kmh({}, "velo")
    assert kmh({"highway": "living_street", "maxspeed": "walk"}, "velo") == 6
    assert kmh({"highway": "steps"}, "marche") < kmh({"highway": "path"}, "marche") < 4.5
    assert kmh({"bicycle": "dismount"}, "velo") <= kmh({}, "marche")


@pytest.mark.parametrize(
    ("tags", "voiture", "velo", "marche"),
    [
        ({"barrier": "bollard"}, False, True, True),
        ({"barrier": "bollard", "bollard": "rising"}, True, True, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True, True, True),
        ({"barrier": "gate"}, True, True, True),
        ({"barrier": "gate", "locked": "yes"}, False, False, False),
        ({"barrier": "gate", "access": "private"}, False, False, False),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, False, False, True),
        ({"barrier": "lift_gate", "access": "no", "bicycle": "yes"}, False, True, False),
        ({"barrier": "cycle_barrier"}, False, True, True),
        ({"barrier": "stile"}, False, False, True),
        ({"barrier": "wall"}, False, False, False),
        ({"barrier": "cattle_grid"}, True, True, True),
        ({"barrier": "toll_booth"}, True, True, True),
        ({"barrier": "kerb"}, True, True, True),
        ({"highway": "crossing"}, True, True, True),
        ({"highway": "traffic_signals", "motor_vehicle": "no"}, False, True, True),
    ],
)
def test_a_point_stops_those_it_is_closed_to(
    tags: dict[str, str], voiture: bool, velo: bool, marche: bool
) -> None:
    assert tuple(not lire_profil(profil).ferme(tags) for profil in NOMS) == (voiture, velo, marche)
