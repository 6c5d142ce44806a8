"""The questionnaire that ships, and how strictly its files and its answers are read."""

from __future__ import annotations

import json
from collections import Counter
from math import inf
from pathlib import Path

import pytest

from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.faits import FAITS, GenreFait
from mobilite.question import NE_SAIT_PAS, PREFERE_NE_PAS_REPONDRE, GenreQuestion, en_json
from mobilite.questionnaire import (
    MOTS_PAR_PHRASE,
    FichierRefuse,
    Questionnaire,
    lire_questionnaire,
    mots,
    phrases,
)

DOSSIER = Path(__file__).parents[2] / "seeds" / "questionnaire" / "2026.2"

VALEURS_QUE_LES_OFFRES_EMPLOIENT = {
    "statuts": "rsa demandeur_emploi salarie interim apprenti formation etudiant independant aah ass ata_ada "
    "aspa cej service_civique invalidite retraite sans_activite",
    "prescripteur": "france_travail mission_locale departement ccas cap_emploi association employeur aucun",
    "telephone": "aucun appels_sms smartphone",
    "caution_possible": "0 50 150 300",
}


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return lire_questionnaire(DOSSIER)


def test_every_dimension_has_questions_and_there_are_at_least_sixty(questionnaire: Questionnaire) -> None:
    assert [d.code for d in questionnaire.dimensions] == [f"D{rang}" for rang in range(13)]
    assert all(len(questionnaire.de_la_dimension(d.code)) >= 3 for d in questionnaire.dimensions)
    assert len(questionnaire.items) >= 60


def test_every_fact_the_situation_does_not_say_is_fed_by_exactly_one_question(
    questionnaire: Questionnaire,
) -> None:
    donnes = Counter(item.fait for item in questionnaire.items if item.fait)
    attendus = {nom for nom, fait in FAITS.items() if not fait.code}
    assert donnes == Counter(attendus)
    assert all(questionnaire.item_du_fait(nom) is not None for nom in attendus)
    assert questionnaire.item_du_fait("age") is None


def test_every_answer_that_feeds_a_fact_gives_a_fact_of_the_right_kind(questionnaire: Questionnaire) -> None:
    muets = {("D4_contre_indication", "a_voir"), ("D6_velo", "a_reprendre")}
    for item in questionnaire.items:
        if not item.fait or item.genre is GenreQuestion.NOMBRE:
            continue
        for choix in item.en_document()["choix"]:
            valeur = [choix["valeur"]] if item.genre is GenreQuestion.PLUSIEURS else choix["valeur"]
            fait = item.fait_de(item.lire(Champ(valeur)))
            if (item.code, choix["valeur"]) in muets:
                assert fait is None, item.code
                continue
            attendu = {
                GenreFait.BOOLEEN: bool,
                GenreFait.NOMBRE: tuple,
                GenreFait.CHOIX: str,
                GenreFait.ENSEMBLE: frozenset,
            }
            assert type(fait) is attendu[FAITS[item.fait].genre], (item.code, valeur)


def test_the_values_that_offers_use_are_the_values_that_people_can_choose(
    questionnaire: Questionnaire,
) -> None:
    for fait, valeurs in VALEURS_QUE_LES_OFFRES_EMPLOIENT.items():
        item = questionnaire.item_du_fait(fait)
        assert item is not None
        assert {choix.valeur for choix in item.choix} == set(valeurs.split()), fait


def test_every_question_has_a_prompt_and_a_plain_wording_of_short_sentences(
    questionnaire: Questionnaire,
) -> None:
    for item in questionnaire.items:
        assert item.relance, item.code
        assert phrases(item.simple), item.code
        for phrase in phrases(item.simple):
            assert len(mots(phrase)) <= MOTS_PAR_PHRASE, (item.code, phrase)


def test_no_wording_read_by_the_person_uses_a_word_that_belongs_to_the_office(
    questionnaire: Questionnaire,
) -> None:
    interdits = ("frein", "verdict", "écarté", "co2", "score", "bénéficiaire", "diagnostic")
    for item in questionnaire.items:
        lus = " ".join([item.texte, item.simple, *(choix.libelle for choix in item.choix)]).lower()
        assert not [mot for mot in interdits if mot in lus], item.code


def test_money_fears_reading_and_health_stay_folded_and_close(questionnaire: Questionnaire) -> None:
    for item in questionnaire.items:
        if item.dimension in ("D3", "D4", "D5", "D7"):
            assert item.replie and item.sensible, item.code
    assert not questionnaire.par_code["D8_telephone"].replie


def test_whoever_prefers_not_to_answer_may_do_so_everywhere(questionnaire: Questionnaire) -> None:
    codes = [item.code for item in questionnaire.items]
    lues = questionnaire.lire_reponses(Champ(dict.fromkeys(codes)))
    assert dict(lues) == dict.fromkeys(codes)
    assert questionnaire.faits(lues) == {}


def test_not_knowing_is_an_answer_that_establishes_no_fact(questionnaire: Questionnaire) -> None:
    codes = [item.code for item in questionnaire.items if item.ne_sait_pas]
    lues = questionnaire.lire_reponses(Champ(dict.fromkeys(codes, NE_SAIT_PAS)))
    assert len(codes) > 40
    assert set(lues.values()) == {NE_SAIT_PAS}
    assert questionnaire.faits(lues) == {}


def test_answers_become_facts_and_amounts_become_intervals(questionnaire: Questionnaire) -> None:
    lues = questionnaire.lire_reponses(
        Champ(
            {
                "D0_statuts": ["rsa", "interim"],
                "D3_ressources": "900_1200",
                "D3_caution": 50,
                "D3_budget": 40,
                "D4_marche_15_min": False,
                "D7_francais_oral": 1,
                "D8_telephone": "appels_sms",
                "D2_moyen_quotidien": 2,
            }
        )
    )
    assert questionnaire.faits(lues) == {
        "statuts": frozenset({"rsa", "interim"}),
        "ressources_mois": (900.0, 1200.0),
        "caution_possible": (50.0, 149.0),
        "budget_mois": (40.0, 40.0),
        "marche_15_min": False,
        "francais_oral": (1.0, 1.0),
        "telephone": "appels_sms",
    }
    assert questionnaire.faits({"D3_caution": "300"}) == {"caution_possible": (300.0, inf)}


@pytest.mark.parametrize(
    ("reponses", "champ"),
    [
        ({"D4_marche_15_min": "oui"}, "reponses.D4_marche_15_min"),
        ({"D7_lecture": 4}, "reponses.D7_lecture"),
        ({"D7_lecture": True}, "reponses.D7_lecture"),
        ({"D7_lecture": 1.5}, "reponses.D7_lecture"),
        ({"D8_telephone": "minitel"}, "reponses.D8_telephone"),
        ({"D8_telephone": ["aucun"]}, "reponses.D8_telephone"),
        ({"D0_statuts": []}, "reponses.D0_statuts"),
        ({"D0_statuts": ["rsa", "roi"]}, "reponses.D0_statuts[1]"),
        ({"D0_prescripteur": ["aucun", "ccas"]}, "reponses.D0_prescripteur"),
        ({"D3_foyer": 0}, "reponses.D3_foyer"),
        ({"D3_foyer": 2.5}, "reponses.D3_foyer"),
        ({"D0_echeance": "2026-02-30"}, "reponses.D0_echeance"),
        ({"D0_objectif": "x" * 501}, "reponses.D0_objectif"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_name(
    questionnaire: Questionnaire, reponses: dict[str, object], champ: str
) -> None:
    with pytest.raises(DonneeRefusee) as refus:
        questionnaire.lire_reponses(Champ(reponses, "reponses"))
    assert refus.value.champ == champ


def test_an_unknown_code_is_refused_and_the_nearest_one_is_suggested(questionnaire: Questionnaire) -> None:
    with pytest.raises(DonneeRefusee, match=r"D3_resources.*vouliez-vous dire « D3_ressources »"):
        questionnaire.lire_reponses(Champ({"D3_resources": None}, "reponses"))


def test_what_a_form_posts_is_the_same_answer_as_in_a_document(questionnaire: Questionnaire) -> None:
    for code, postees, valeur in [
        ("D4_marche_15_min", ["oui"], True),
        ("D4_marche_15_min", [PREFERE_NE_PAS_REPONDRE], None),
        ("D4_marche_15_min", [NE_SAIT_PAS], NE_SAIT_PAS),
        ("D7_lecture", ["2"], 2),
        ("D3_budget", [" 1 200 "], 1200),
        ("D0_statuts", ["rsa", "aah"], frozenset({"rsa", "aah"})),
        ("D0_statuts", [NE_SAIT_PAS], NE_SAIT_PAS),
        ("D0_echeance", ["2026-12-01"], "2026-12-01"),
        ("D8_telephone", ["smartphone"], "smartphone"),
    ]:
        item = questionnaire.par_code[code]
        assert item.lire_formulaire(postees) == valeur, code
        assert item.lire(Champ(json.loads(json.dumps(en_json(valeur))))) == valeur, code
    for code, postees in [("D4_marche_15_min", []), ("D7_lecture", ["inf"]), ("D8_telephone", ["a", "b"])]:
        with pytest.raises(DonneeRefusee, match=code):
            questionnaire.par_code[code].lire_formulaire(postees)


def test_a_branch_opens_on_the_answers_it_names_and_on_nothing_else(questionnaire: Questionnaire) -> None:
    def posee(code: str, reponses: dict[str, object]) -> bool:
        lues = questionnaire.lire_reponses(Champ(reponses))
        return code in {item.code for item in questionnaire.posees(lues)}

    assert posee("D2_etat_vehicule", {"D2_conduire": "oui"})
    for autre in ("non", None, NE_SAIT_PAS):
        assert not posee("D2_etat_vehicule", {"D2_conduire": autre})
    assert not posee("D2_etat_vehicule", {})
    assert posee("D2_velo_etat", {"D2_deux_roues": ["scooter", "velo"]})
    assert not posee("D2_velo_etat", {"D2_deux_roues": ["scooter"]})


def test_the_whole_questionnaire_is_a_json_document_whose_values_are_accepted_back(
    questionnaire: Questionnaire,
) -> None:
    document = json.loads(json.dumps(questionnaire.en_document(), allow_nan=False))
    assert [ligne["code"] for ligne in document] == [item.code for item in questionnaire.items]
    for ligne in document:
        item = questionnaire.par_code[ligne["code"]]
        for choix in ligne["choix"]:
            assert item.points(item.lire(Champ(choix["valeur"]))) == choix["points"], ligne["code"]


# Broken files: an adviser edits them, so every mistake has a name.

ITEM = """
[[items]]
code = "D3_a"
genre = "choix"
texte = "Avez-vous un compte ?"
simple = "Avez-vous un compte ?"
choix = [{ valeur = "oui", libelle = "oui", points = 3 }, { valeur = "non", libelle = "non", points = 0 }]
"""
SECOND = ITEM.replace("D3_a", "D3_b")


def ecrire(dossier: Path, items: str) -> Path:
    (dossier / "questionnaire.toml").write_text('version = "1"\ndate = 2026-01-01\ntitre = "Essai"\n')
    (dossier / "D03_budget.toml").write_text(
        f'[dimension]\ncode = "D3"\ntitre = "Budget"\naxe = "materielle"\n{items}', encoding="utf-8"
    )
    return dossier


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    assert [item.code for item in lire_questionnaire(ecrire(tmp_path, ITEM + SECOND)).items] == [
        "D3_a",
        "D3_b",
    ]


@pytest.mark.parametrize(
    ("items", "code", "champ"),
    [
        (ITEM + ITEM, "D3_a", "code"),
        (ITEM.replace("D3_a", "D4_a"), "D4_a", "code"),
        (ITEM.replace('simple = "Avez-vous un compte ?"', ""), "D3_a", "simple"),
        (
            ITEM.replace('simple = "', 'simple = "un deux trois quatre cinq six sept huit neuf dix '),
            "D3_a",
            "simple",
        ),
        (ITEM.replace("points = 3", "points = 4"), "D3_a", "choix[0].points"),
        (ITEM.replace("points = 0", "points = -1"), "D3_a", "choix[1].points"),
        (ITEM.replace('"non", libelle', '"oui", libelle'), "D3_a", "choix"),
        (ITEM.replace('"non", libelle', '"ne_sait_pas", libelle'), "D3_a", "choix[1].valeur"),
        (ITEM.replace('"choix"', '"devinette"'), "D3_a", "genre"),
        (ITEM + 'fait = "richesse"\n', "D3_a", "fait"),
        (ITEM + 'fait = "age"\n', "D3_a", "fait"),
        (ITEM + 'fait = "statuts"\n' + SECOND + 'fait = "statuts"\n', "D3_b", "fait"),
        (ITEM.replace('"choix"', '"texte"') + 'fait = "telephone"\n', "D3_a", "fait"),
        (ITEM.replace('libelle = "oui"', 'libelle = "oui", vaut = [9, 1]'), "D3_a", "choix[0].vaut"),
        (ITEM + 'simplee = "x"\n', "D3_a", "simplee"),
        (ITEM + "poids = -1\n", "D3_a", "poids"),
        (ITEM + "replie = 1\n", "D3_a", "replie"),
        (ITEM.replace("points = 3", "points = 2") + 'atout = "Oui."\n', "D3_a", "atout"),
        (ITEM + 'poids = 0\nfrein = "Non."\n', "D3_a", "frein"),
        (ITEM + SECOND + 'si = { code = "D3_z", parmi = ["oui"] }\n', "D3_b", "si.code"),
        (ITEM + SECOND + 'si = { code = "D3_a", parmi = ["peut-etre"] }\n', "D3_b", "si.parmi"),
        (ITEM + 'si = { code = "D3_a", parmi = ["oui"] }\n', "D3_a", "si.code"),
    ],
)
def test_a_broken_file_names_the_file_the_item_and_the_field(
    tmp_path: Path, items: str, code: str, champ: str
) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lire_questionnaire(ecrire(tmp_path, items))
    assert (refus.value.fichier, refus.value.code, refus.value.champ) == (
        f"{tmp_path.name}/D03_budget.toml",
        code,
        champ,
    )
    assert all(morceau in str(refus.value) for morceau in ("D03_budget.toml", code, champ))


def test_a_file_that_is_not_toml_or_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FichierRefuse, match=r"questionnaire\.toml : ce fichier manque"):
        lire_questionnaire(tmp_path)
    with pytest.raises(FichierRefuse, match=r"D03_budget\.toml : ce n'est pas du TOML"):
        lire_questionnaire(ecrire(tmp_path, "[[items"))


def test_a_branch_of_a_closed_branch_stays_closed(tmp_path: Path) -> None:
    sur_a, sur_b = (f'si = {{ code = "{code}", parmi = ["oui"] }}\n' for code in ("D3_a", "D3_b"))
    dossier = ecrire(tmp_path, ITEM + SECOND + sur_a + ITEM.replace("D3_a", "D3_c") + sur_b)
    petit = lire_questionnaire(dossier)
    assert [item.code for item in petit.posees({"D3_a": "non", "D3_b": "oui"})] == ["D3_a"]
    assert [item.code for item in petit.posees({"D3_a": "oui", "D3_b": "oui"})] == ["D3_a", "D3_b", "D3_c"]
