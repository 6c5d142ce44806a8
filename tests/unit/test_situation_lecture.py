"""Reading a situation: what is said is kept, what is wrong is refused by name, nothing else happens."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilite.besoin import CategoriePermis, EtatPermis, Jour, LieuLibre, Passage, Plage, Situation
from mobilite.document import TAILLE_MAX_OCTETS, Champ, lire_json
from mobilite.erreurs import DonneeRefusee
from tests.unit.lecture import (
    AMBLAINCOURT,
    BEAUSITE,
    CHAMPS_JSON,
    ETAIN,
    VALEURS_JSON,
    VERDUN,
    lecteur_situation,
)


def lire(document: Any) -> Situation:
    return lecteur_situation().lire(Champ(document))


def refus(document: Any) -> DonneeRefusee:
    with pytest.raises(DonneeRefusee) as refuse:
        lire(document)
    return refuse.value


def besoin(**champs: Any) -> dict[str, Any]:
    return {"besoins": [{"destination": VERDUN, **champs}]}


def test_an_empty_situation_is_read_and_everything_in_it_is_unknown() -> None:
    situation = lire({})
    assert situation == Situation()
    assert situation.moyens is None, "no means said is not « no means »"


def test_no_means_at_all_is_not_the_same_as_nobody_has_said() -> None:
    assert lire({"moyens": []}).moyens == ()
    assert lire({"moyens": None}).moyens is None


def test_the_two_ways_of_writing_a_place_a_licence_and_a_means_say_the_same_thing() -> None:
    court = lire({"depart": ETAIN, "permis": "B", "moyens": ["velo"]})
    long = lire(
        {
            "depart": [{"insee": ETAIN}],
            "permis": {"type": ["B"], "etat": "valide"},
            "moyens": [{"type": "velo", "etat": "a_verifier"}],
        }
    )
    assert court == long


def test_a_suspended_licence_stays_suspended_and_keeps_its_categories() -> None:
    permis = lire({"permis": {"type": "B", "etat": "suspendu", "obtenu_en": 2015}}).permis
    assert permis is not None
    assert permis.etat is EtatPermis.SUSPENDU
    assert permis.categories == {CategoriePermis.B}
    assert (permis.obtenu_le, permis.obtenu_en) == (None, 2015)


def test_the_alternate_weeks_of_a_night_shift_are_kept_apart_and_in_order() -> None:
    lu = lire(
        besoin(
            cycle=[
                {"semaine": 2, "jours": ["mar"], "arrivee": "21:00", "retour": "05:00"},
                {"semaine": 1, "jours": ["mer", "lun"], "arrivee": "05:00", "retour": "13:00"},
            ]
        )
    )
    assert lu.besoins[0].passages == (
        Passage(Jour.LUN, 300, 780, semaine=1),
        Passage(Jour.MER, 300, 780, semaine=1),
        Passage(Jour.MAR, 1260, 300, semaine=2),
    )


def test_hours_said_once_hold_for_every_line_of_a_cycle_that_gives_none() -> None:
    lu = lire(
        besoin(
            arrivee="08:00", retour="17:00", cycle=[{"jours": ["lun"]}, {"jours": "sam", "retour": "12:00"}]
        )
    )
    assert [(p.arrivee, p.retour) for p in lu.besoins[0].passages] == [(480, 1020), (480, 720)]


def test_hours_without_a_day_are_said_to_be_unused() -> None:
    champ = Champ(besoin(arrivee="08:00"))
    assert lecteur_situation().lire(champ).besoins[0].passages == ()
    assert champ.ignores == ["besoins[0].arrivee"]


def test_single_dates_carry_their_day_of_the_week_and_their_own_hours() -> None:
    lu = lire(besoin(arrivee="09:00", dates=["2026-11-30", {"date": "2026-12-01", "retour": "16:30"}]))
    assert lu.besoins[0].passages == (
        Passage(Jour.LUN, 540, None, date=date(2026, 11, 30)),
        Passage(Jour.MAR, 540, 990, date=date(2026, 12, 1)),
    )


def test_dates_and_a_cycle_together_are_refused() -> None:
    assert refus(besoin(dates=["2026-11-30"], cycle=[{"jours": ["lun"]}])).champ == "besoins[0]"


def test_the_code_of_a_former_commune_leads_to_the_one_of_today() -> None:
    situation = lire({"rattachement": AMBLAINCOURT, "depart": [{"insee": AMBLAINCOURT}]})
    assert situation.rattachement == BEAUSITE
    assert situation.departs[0].lieu.insee == BEAUSITE


def test_a_place_outside_the_known_communes_is_read_with_the_minutes_typed_in() -> None:
    attendu = LieuLibre("Luxembourg-Kirchberg", 65)
    libre = {"nom": "Luxembourg-Kirchberg", "minutes": 65}
    assert lire({"besoins": [{"lieu_libre": libre}]}).besoins[0].destination == attendu
    assert lire({"besoins": [{"destination": {"lieu_libre": libre}}]}).besoins[0].destination == attendu
    assert lire({"besoins": [{"destination": libre}]}).besoins[0].destination == attendu


def test_a_car_free_at_some_hours_keeps_its_hours() -> None:
    moyen = {
        "type": "voiture",
        "etat": "roulant",
        "disponible": [{"jours": ["lun"], "de": "04:15", "a": "13:45"}],
    }
    moyens = lire({"moyens": [moyen]}).moyens
    assert moyens is not None
    assert moyens[0].disponible == (Plage(frozenset({Jour.LUN}), 255, 825),)


def test_a_question_she_prefers_not_to_answer_is_kept_as_such() -> None:
    assert lire({"reponses": {"D3_c2s": None, "D5_nuit": 0}}).reponses == {"D3_c2s": None, "D5_nuit": 0}


def test_an_unknown_key_is_kept_in_the_list_of_what_nobody_read() -> None:
    champ = Champ({"humeur": "bonne", "depart": [{"insee": ETAIN, "chez": "une amie", "etage": 3}]})
    lecteur_situation().lire(champ)
    assert sorted(champ.ignores) == ["depart[0].chez", "depart[0].etage", "humeur"]


@pytest.mark.parametrize(
    ("document", "champ"),
    [
        ([], ""),
        ({"annee_naissance": 1899}, "annee_naissance"),
        ({"annee_naissance": 1990.5}, "annee_naissance"),
        ({"annee_naissance": True}, "annee_naissance"),
        ({"rattachement": "75056"}, "rattachement"),
        ({"depart": [{"insee": "99999"}]}, "depart[0].insee"),
        ({"depart": [{"insee": ETAIN, "du": "2026-12-02", "au": "2026-12-01"}]}, "depart[0].au"),
        ({"depart": [{"du": "2026-12-02"}]}, "depart[0]"),
        ({"permis": "D"}, "permis"),
        ({"permis": []}, "permis"),
        ({"permis": ["aucun", "B"]}, "permis"),
        ({"permis": {"type": "B", "obtenu_le": "2026-02-30"}}, "permis.obtenu_le"),
        ({"moyens": ["trottinette"]}, "moyens[0]"),
        ({"moyens": [{"type": "voiture", "disponible": [{"de": "04:15"}]}]}, "moyens[0].disponible[0]"),
        ({"besoins": [{}]}, "besoins[0]"),
        ({"besoins": [{"destination": "55999"}]}, "besoins[0].destination"),
        ({"reponses": {"D0_statut": "rsa"}}, "reponses.D0_statut"),
        ({"reponses": {"\ud800": 1}}, "reponses.?"),
        ({"reponses": {"D0_statuts": ["RSA"]}}, "reponses.D0_statuts[0]"),
        (besoin(lieu_libre={"nom": "Metz"}), "besoins[0]"),
        (besoin(motif="loisir"), "besoins[0].motif"),
        (besoin(cycle=[{"jours": ["lun"], "arrivee": "30:00"}]), "besoins[0].cycle[0].arrivee"),
        (besoin(cycle=[{"jours": ["lun"], "arrivee": "24:00"}]), "besoins[0].cycle[0].arrivee"),
        (besoin(cycle=[{"jours": ["lun"], "arrivee": "8:00"}]), "besoins[0].cycle[0].arrivee"),
        (besoin(cycle=[{"jours": ["lun"], "arrivee": "0٨:00"}]), "besoins[0].cycle[0].arrivee"),
        (besoin(cycle=[{"jours": []}]), "besoins[0].cycle[0].jours"),
        (besoin(cycle=[{"jours": ["lundi"]}]), "besoins[0].cycle[0].jours[0]"),
        (besoin(cycle=[{"jours": ["lun"], "semaine": 13}]), "besoins[0].cycle[0].semaine"),
        (besoin(dates=["30/11/2026"]), "besoins[0].dates[0]"),
        (besoin(avec=["chien"]), "besoins[0].avec[0]"),
        ({"besoins": [{"id": "a", "destination": VERDUN}] * 2}, "besoins"),
        ({"besoins": [{"destination": VERDUN}] * 21}, "besoins"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_the_name_of_its_field(document: Any, champ: str) -> None:
    refuse = refus(document)
    assert refuse.champ == champ
    assert refuse.raison.endswith(".")


@pytest.mark.parametrize(
    ("octets", "mot"),
    [
        (b"", "JSON"),
        (b"{", "ligne 1"),
        (b'{"permis": "B", "permis": "aucun"}', "permis : cette clé est écrite deux fois"),
        (b'{"besoins": [{"motif": "emploi", "motif": "sante"}]}', "motif : cette clé"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "? : cette clé"),
        (b'{"annee_naissance": NaN}', "NaN"),
        (b'{"annee_naissance": -Infinity}', "Infinity"),
        (b'{"annee_naissance": ' + b"9" * 5000 + b"}", "trop long"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 25 + b"]" * 25, "niveaux"),
        (b"[" * 200_000, "niveaux"),
        (b'"' + b"a" * 5_000_000 + b'"', "Mo"),
    ],
)
def test_a_file_that_is_not_a_sound_document_gets_one_sentence(octets: bytes, mot: str) -> None:
    with pytest.raises(DonneeRefusee) as refuse:
        lire_json(octets)
    assert mot in str(refuse.value)
    assert "\n" not in str(refuse.value)


def test_a_file_just_under_the_limit_is_read() -> None:
    rempli = b'{"note": "' + b"a" * (TAILLE_MAX_OCTETS - 12) + b'"}'
    assert len(rempli) == TAILLE_MAX_OCTETS
    assert "note" in lire_json(rempli).objet("note")


def test_a_bound_is_written_as_people_write_numbers() -> None:
    with pytest.raises(DonneeRefusee, match="entre 0 et 1 000 000"):
        Champ(-1).nombre(0, 1_000_000)


@settings(max_examples=300, deadline=None)
@given(VALEURS_JSON, CHAMPS_JSON, CHAMPS_JSON)
def test_any_value_is_either_read_or_refused_in_a_sentence_that_can_be_shown(
    libre: Any, autour: dict[str, Any], dedans: dict[str, Any]
) -> None:
    for document in (libre, {"besoins": [{"destination": VERDUN, **dedans}], **autour}):
        champ = Champ(document)
        try:
            assert isinstance(lecteur_situation().lire(champ), Situation)
        except DonneeRefusee as refuse:
            str(refuse).encode("utf-8")
        "".join(champ.ignores).encode("utf-8")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40) | VALEURS_JSON.map(lambda valeur: json.dumps(valeur).encode()))
def test_any_bytes_are_either_read_or_refused_in_a_sentence_that_can_be_shown(octets: bytes) -> None:
    try:
        champ = lire_json(octets)
        assert isinstance(lecteur_situation().lire(champ), Situation)
    except DonneeRefusee as refuse:
        str(refuse).encode("utf-8")
