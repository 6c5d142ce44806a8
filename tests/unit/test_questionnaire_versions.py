"""Two versions of the questionnaire: what was reworded, split and removed, and how they compare."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mobilite.comparaison import Comparaison, LigneComparee, Moment, comparer
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.question import NE_SAIT_PAS, Axe
from mobilite.questionnaire import FichierRefuse
from mobilite.versions import Lien, Questionnaires, lire_questionnaires
from tests.unit.lecture import RACINE, questionnaires

GRAINES = RACINE / "seeds" / "questionnaire"
V1, V2 = "2026.1", "2026.2"
VERSIONS = questionnaires()


def moment(version: str, **reponses: Any) -> Moment:
    return Moment(version, VERSIONS.de(version).lire_reponses(Champ(reponses)))


def comparaison(*moments: Moment) -> Comparaison:
    return comparer(VERSIONS, moments)


def ligne(compare: Comparaison, code: str) -> LigneComparee:
    return next(x for x in compare.lignes if x.code == code)


def test_the_second_version_rewords_one_question_splits_one_and_removes_one_each_with_its_reason() -> None:
    [passage] = VERSIONS.passages
    assert (passage.de, passage.vers, VERSIONS.courante.version) == (V1, V2, V2)
    liens = {c.code: c.lien for c in passage.correspondances}
    assert liens == {
        "D1_duree_max": Lien.REFORMULEE,
        "D5_mauvais_souvenir": Lien.SCINDEE,
        "D1_frequence": Lien.RETIREE,
    }
    assert all(len(c.raison) > 20 for c in passage.correspondances)


def test_what_was_not_declared_has_not_changed() -> None:
    declarees = VERSIONS.passages[0].par_code
    ancien, nouveau = VERSIONS.de(V1).par_code, VERSIONS.de(V2).par_code
    for code, item in ancien.items():
        if code not in declarees:
            assert (item.texte, item.simple, item.genre) == (
                nouveau[code].texte,
                nouveau[code].simple,
                nouveau[code].genre,
            ), code


def test_an_unknown_version_is_read_with_the_questions_of_today() -> None:
    assert VERSIONS.de("1999") is VERSIONS.courante
    assert VERSIONS.relire("1999", {"D2_conduire": "oui"}) == {"D2_conduire": "oui"}


# Translation


@pytest.mark.parametrize(
    ("ancienne", "nouvelles"),
    [
        ("non", {"D5_accident": "non", "D5_echec_examen": "non"}),
        ("beaucoup", {}),  # of which fear, nobody knows
        (None, {"D5_accident": None, "D5_echec_examen": None}),
        (NE_SAIT_PAS, {"D5_accident": NE_SAIT_PAS, "D5_echec_examen": NE_SAIT_PAS}),
    ],
)
def test_a_split_question_only_says_what_it_said_for_sure(
    ancienne: str | None, nouvelles: dict[str, str | None]
) -> None:
    assert VERSIONS.relire(V1, {"D5_mauvais_souvenir": ancienne}) == nouvelles


def test_a_removed_question_is_forgotten_by_today_and_a_reworded_one_is_not() -> None:
    gardees = {"D1_frequence": "parfois", "D1_duree_max": 40, "D3_budget": 30}
    assert VERSIONS.relire(V1, gardees) == {"D1_duree_max": 40, "D3_budget": 30}


def test_of_two_diagnostics_the_latest_speaks_whatever_their_versions() -> None:
    dites = VERSIONS.dites(
        [(V1, {"D5_mauvais_souvenir": "non", "D3_budget": 30}), (V2, {"D5_accident": "beaucoup"})]
    )
    assert dites == {"D5_accident": "beaucoup", "D5_echec_examen": "non", "D3_budget": 30}


def test_a_document_of_the_older_version_is_still_read_and_an_invented_code_is_not() -> None:
    lues = VERSIONS.lire_reponses(
        Champ({"D5_mauvais_souvenir": "non", "D1_frequence": "parfois"}, "reponses")
    )
    assert dict(lues) == {"D5_accident": "non", "D5_echec_examen": "non"}
    with pytest.raises(DonneeRefusee, match=r"reponses\.D5_mauvais_souvenir"):
        VERSIONS.lire_reponses(Champ({"D5_mauvais_souvenir": "peut-être"}, "reponses"))
    with pytest.raises(DonneeRefusee, match=r"reponses\.D5_souvenir"):
        VERSIONS.lire_reponses(Champ({"D5_souvenir": "non"}, "reponses"))


# Comparison


def test_the_same_question_compares_and_an_old_wording_stays_in_sight() -> None:
    compare = comparaison(moment(V1, D1_duree_max=30), moment(V2, D1_duree_max=60))
    duree = ligne(compare, "D1_duree_max")
    assert duree.lien is Lien.REFORMULEE and duree.raison
    assert [m.libelle for m in duree.moments] == ["30 min", "60 min"]
    assert duree.moments[0].question == VERSIONS.de(V1).par_code["D1_duree_max"].texte != duree.question
    assert duree.change


def test_a_split_question_stands_with_its_old_answer_and_its_two_new_ones() -> None:
    compare = comparaison(
        moment(V1, D5_mauvais_souvenir="beaucoup"), moment(V2, D5_accident="un_peu", D5_echec_examen="non")
    )
    ancienne = ligne(compare, "D5_mauvais_souvenir")
    assert [m.libelle for m in ancienne.moments] == ["oui, beaucoup", ""]
    assert not ancienne.moments[1].posee
    accident = ligne(compare, "D5_accident")
    assert [m.libelle for m in accident.moments] == ["", "un peu"]
    assert accident.ecart is None, "of which fear « beaucoup » spoke, nobody knows"


def test_what_a_split_question_said_for_sure_is_compared() -> None:
    compare = comparaison(moment(V1, D5_mauvais_souvenir="non"), moment(V2, D5_accident="beaucoup"))
    accident = ligne(compare, "D5_accident")
    assert accident.moments[0].reprise
    assert accident.ecart == -3


def test_a_removed_question_keeps_its_answer_and_its_reason_and_a_new_one_was_not_asked() -> None:
    compare = comparaison(moment(V1, D1_frequence="parfois"), moment(V2, D8_applications=2))
    retiree = ligne(compare, "D1_frequence")
    assert (retiree.lien, retiree.moments[0].libelle) == (Lien.RETIREE, "de temps en temps")
    assert retiree.raison
    nouvelle = ligne(compare, "D8_applications")
    assert not nouvelle.moments[0].posee and nouvelle.moments[1].points == 2


def test_an_axis_moves_only_by_the_questions_answered_first_and_last() -> None:
    compare = comparaison(
        moment(V1, D5_confiance=0, D5_nuit=1, D5_car_seul=3),
        moment(V2, D5_confiance=2, D5_nuit=0, D5_isolement=0),
    )
    psychologique = next(a for a in compare.axes if a.axe is Axe.PSYCHOLOGIQUE)
    # confidence counts twice: (2 points up x 2 - 1 point down) / 3, out of 3
    assert psychologique.ecart == pytest.approx(100 * (2 * 2 - 1) / 3 / 3)
    assert (psychologique.comparables, psychologique.mieux, psychologique.moins_bien) == (2, 1, 1)
    physique = next(a for a in compare.axes if a.axe is Axe.PHYSIQUE)
    assert (physique.ecart, physique.comparables) == (None, 0)


def test_three_moments_stand_side_by_side_and_the_ends_make_the_difference() -> None:
    compare = comparaison(moment(V1, D5_confiance=1), moment(V2, D5_confiance=0), moment(V2, D5_confiance=3))
    confiance = ligne(compare, "D5_confiance")
    assert [m.points for m in confiance.moments] == [1, 0, 3]
    assert confiance.ecart == 2


def test_one_moment_compares_with_nothing() -> None:
    compare = comparaison(moment(V2, D5_confiance=1))
    assert compare.changees == ()
    assert {a.ecart for a in compare.axes} == {0.0, None}


# A broken mapping has a name


@pytest.fixture
def copie(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GRAINES, tmp_path / "questionnaire"))


def modifier(fichier: Path, avant: str, apres: str) -> None:
    texte = fichier.read_text("utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), "utf-8")


def refus(copie: Path) -> tuple[str, str, str]:
    with pytest.raises(FichierRefuse) as erreur:
        lire_questionnaires(copie)
    return erreur.value.fichier, erreur.value.code, erreur.value.champ


@pytest.mark.parametrize(
    ("avant", "apres", "code", "champ"),
    [
        ('code = "D1_duree_max"', 'code = "D1_inconnue"', "D1_inconnue", "code"),
        ('code = "D1_duree_max"', 'code = "D3_budget"', "D3_budget", "code"),
        ('code = "D1_duree_max"', 'code = "D1_duree_max"\npar = "D3_budget"', "D1_duree_max", "par"),
        ('"D5_accident", "D5_echec_examen"', '"D5_accident"', "D5_mauvais_souvenir", "en"),
        ('"D5_accident", "D5_echec_examen"', '"D5_accident", "D5_nuit"', "D5_mauvais_souvenir", "en"),
        ('D5_accident = "non"', 'D5_accident = "oui"', "D5_mauvais_souvenir", "valeurs.non.D5_accident"),
        ("non = {", "jamais = {", "D5_mauvais_souvenir", "valeurs.jamais"),
        ('code = "D1_frequence"', 'code = "D3_budget"', "D3_budget", "code"),
        ('depuis = "2026.1"', 'depuis = "2025.1"', "", "depuis"),
        ("[[retirees]]", "[[oubliees]]", "", "oubliees"),
    ],
)
def test_a_broken_mapping_names_the_file_the_question_and_the_field(
    copie: Path, avant: str, apres: str, code: str, champ: str
) -> None:
    modifier(copie / V2 / "correspondances.toml", avant, apres)
    assert refus(copie) == (f"{V2}/correspondances.toml", code, champ)


@pytest.mark.parametrize(
    ("fichier", "avant", "apres", "code", "champ"),
    [
        (
            "D03_budget.toml",
            'texte = "Combien pouvez-vous mettre',
            'texte = "Que pouvez-vous mettre',
            "D3_budget",
            "texte",
        ),
        ("D08_numerique.toml", 'valeur = "mal"', 'valeur = "moyen"', "D8_reseau", "choix"),
    ],
)
def test_a_question_that_changes_in_silence_is_refused(
    copie: Path, fichier: str, avant: str, apres: str, code: str, champ: str
) -> None:
    modifier(copie / V2 / fichier, avant, apres)
    assert refus(copie) == (f"{V2}/correspondances.toml", code, champ)


def test_the_version_that_is_asked_must_exist_and_carry_the_name_of_its_folder(copie: Path) -> None:
    modifier(copie / "courante.toml", V2, "2027.1")
    assert refus(copie) == ("courante.toml", "", "version")
    modifier(copie / "courante.toml", "2027.1", V2)
    modifier(copie / V2 / "questionnaire.toml", f'version = "{V2}"', 'version = "2026.3"')
    assert refus(copie) == (f"{V2}/questionnaire.toml", "", "version")


def test_the_older_version_can_be_asked_again_by_changing_one_word(copie: Path) -> None:
    modifier(copie / "courante.toml", V2, V1)
    revenues: Questionnaires = lire_questionnaires(copie)
    assert revenues.courante.version == V1
    assert revenues.relire(V1, {"D1_frequence": "parfois"}) == {"D1_frequence": "parfois"}
