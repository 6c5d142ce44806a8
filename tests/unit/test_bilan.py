"""From answers to freins and atouts: levels only when enough is known, always with their answers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from mobilite.besoin import Valeur
from mobilite.bilan import Bilan, Constat, Niveau, faire_le_bilan
from mobilite.parametres import parametres
from mobilite.question import Axe, GenreQuestion
from mobilite.questionnaire import Questionnaire, lire_questionnaire

DOSSIER = Path(__file__).parents[2] / "seeds" / "questionnaire" / "2026.2"
AUJOURDHUI = parametres(date(2026, 11, 21))


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return lire_questionnaire(DOSSIER)


def bilan(questionnaire: Questionnaire, reponses: dict[str, Valeur]) -> Bilan:
    return faire_le_bilan(questionnaire, reponses, AUJOURDHUI)


def axe(resultat: Bilan, nom: Axe) -> Constat:
    return next(constat for constat in resultat.axes if constat.nom == nom)


def dimension(resultat: Bilan, nom: str) -> Constat:
    return next(constat for constat in resultat.dimensions if constat.nom == nom)


def echelles(questionnaire: Questionnaire, code: str, points: int) -> dict[str, Valeur]:
    return {
        item.code: points
        for item in questionnaire.de_la_dimension(code)
        if item.genre is GenreQuestion.ECHELLE and item.si is None
    }


def test_nobody_has_a_frein_before_answering(questionnaire: Questionnaire) -> None:
    resultat = bilan(questionnaire, {})
    assert [constat.nom for constat in resultat.axes] == [
        "psychologique",
        "physique",
        "materielle",
        "cognitive",
    ]
    assert {constat.niveau for constat in resultat.axes} == {Niveau.A_COMPLETER}
    assert {constat.points for constat in resultat.axes} == {None}
    assert resultat.atouts == ()


@pytest.mark.parametrize(
    ("points", "niveau"),
    [(0, Niveau.FORT), (1, Niveau.FORT), (2, Niveau.SANS_IMPACT), (3, Niveau.SANS_IMPACT)],
)
def test_the_level_follows_the_answers(questionnaire: Questionnaire, points: int, niveau: Niveau) -> None:
    resultat = axe(bilan(questionnaire, echelles(questionnaire, "D5", points)), Axe.PSYCHOLOGIQUE)
    assert resultat.niveau is niveau
    assert resultat.points == pytest.approx(100 * points / 3)


def test_answers_half_way_make_a_middling_frein_and_weights_count(questionnaire: Questionnaire) -> None:
    reponses = echelles(questionnaire, "D5", 1) | {"D5_confiance": 3}  # weight 2, seven others of weight 1
    resultat = axe(bilan(questionnaire, reponses), Axe.PSYCHOLOGIQUE)
    assert resultat.repondues == 8
    assert resultat.points == pytest.approx(100 * (2 * 3 + 7 * 1) / (3 * 9))
    assert resultat.niveau is Niveau.MOYEN


def test_under_half_of_the_questions_it_is_to_be_completed_and_at_half_it_is_a_level(
    questionnaire: Questionnaire,
) -> None:
    comptees = [item for item in questionnaire.de_la_dimension("D8") if item.compte]
    assert len(comptees) == 7
    reponses: dict[str, Valeur] = {"D8_messages": 0, "D8_compte": 0, "D8_reseau": "pas"}
    sous_la_moitie = dimension(bilan(questionnaire, reponses), "D8")
    assert (sous_la_moitie.niveau, sous_la_moitie.points) == (Niveau.A_COMPLETER, None)
    a_la_moitie = dimension(bilan(questionnaire, reponses | {"D8_paiement": 0}), "D8")
    assert (a_la_moitie.niveau, a_la_moitie.points) == (Niveau.FORT, 0)


def test_an_answer_that_blocks_shows_before_there_is_a_level(questionnaire: Questionnaire) -> None:
    resultat = axe(bilan(questionnaire, {"D4_marche_15_min": False, "D4_porter": 1}), Axe.PHYSIQUE)
    assert resultat.niveau is Niveau.A_COMPLETER
    [signal] = resultat.signaux
    assert (signal.code, signal.reponse, signal.phrase) == (
        "D4_marche_15_min",
        "non",
        "Ne peut pas marcher 15 minutes.",
    )
    assert [reponse.code for reponse in resultat.reponses] == ["D4_marche_15_min", "D4_porter"]


def test_the_answer_of_a_closed_branch_is_set_aside_and_said(questionnaire: Questionnaire) -> None:
    en_panne: dict[str, Valeur] = {"D2_conduire": "oui", "D2_etat_vehicule": "panne"}
    assert "D2_etat_vehicule" in {r.code for r in dimension(bilan(questionnaire, en_panne), "D2").reponses}
    vendue = bilan(questionnaire, en_panne | {"D2_conduire": "non"})
    assert "D2_etat_vehicule" not in {r.code for r in dimension(vendue, "D2").reponses}
    assert vendue.mises_de_cote == ("D2_etat_vehicule",)


def test_a_question_that_does_not_concern_her_is_neither_counted_nor_missing(
    questionnaire: Questionnaire,
) -> None:
    sans = dimension(bilan(questionnaire, {}), "D9")
    avec = dimension(bilan(questionnaire, {"D9_garde": "sans_objet"}), "D9")
    assert (avec.posees, avec.repondues, avec.points) == (sans.posees - 1, 0, None)


def test_tastes_are_never_counted_but_can_be_a_strength(questionnaire: Questionnaire) -> None:
    refus = bilan(questionnaire, {"D12_covoiturage": "non", "D12_vae": "oui"})
    assert dimension(refus, "D12").niveau is None
    assert [atout.phrase for atout in refus.atouts] == ["Accepte d'essayer un vélo électrique."]


def test_an_answer_of_an_older_version_is_set_aside(questionnaire: Questionnaire) -> None:
    reponses: dict[str, Valeur] = {"D3_ancienne": "oui", "D8_telephone": "minitel"}
    resultat = bilan(questionnaire, reponses)
    assert resultat.mises_de_cote == ("D3_ancienne",)
    assert axe(resultat, Axe.COGNITIVE).repondues == 0
    assert questionnaire.faits(reponses) == {}


def test_the_document_carries_each_level_with_the_answers_that_made_it(questionnaire: Questionnaire) -> None:
    resultat = bilan(questionnaire, echelles(questionnaire, "D5", 0) | {"D8_telephone": "smartphone"})
    document = json.loads(json.dumps(resultat.en_document(), allow_nan=False))
    frein = document["freins"][0]
    assert (frein["axe"], frein["niveau"], frein["points"]) == ("psychologique", "FORT", 0)
    [nuit] = [reponse for reponse in frein["reponses"] if reponse["code"] == "D5_nuit"]
    assert (nuit["points"], nuit["reponse"], nuit["phrase"]) == (
        0,
        "pas du tout",
        "Craint de se déplacer la nuit.",
    )
    assert document["atouts"] == [
        {"axe": "cognitive", "phrase": "A un téléphone avec internet.", "code": "D8_telephone"}
    ]


def test_a_middling_answer_is_never_told_as_the_whole_difficulty(questionnaire: Questionnaire) -> None:
    """« Un peu, il faudrait m'y remettre » is not « ne fait pas de vélo »."""
    for points, dite in ((1, False), (0, True)):
        item = next(i for i in questionnaire.items if i.frein and any(c.points == points for c in i.choix))
        choix = next(c for c in item.choix if c.points == points)
        resultat = bilan(questionnaire, {item.code: choix.valeur})
        [reponse] = [r for c in resultat.dimensions for r in c.reponses if r.code == item.code]
        assert bool(reponse.phrase) is dite
