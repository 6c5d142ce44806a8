"""The rules of the diagnostic, one by one and both ways: they speak, they keep quiet, or they do not know."""

from __future__ import annotations

from datetime import date
from math import inf
from pathlib import Path

import pytest

from mobilite.alerte import Consequence, examiner_alertes, lire_alertes
from mobilite.autonomie import Indice, indice_d_autonomie, intensite_proposee
from mobilite.bilan import Niveau, faire_le_bilan
from mobilite.conditions import exigences, juger
from mobilite.faits import ValeurFait
from mobilite.intensite import Intensite
from mobilite.issue import Issue, lire_issues, proposer_issue
from mobilite.parametres import parametres
from mobilite.question import Axe, GenreQuestion
from mobilite.regle_visible import (
    DE_LA_SITUATION,
    faits_des_reponses,
    faits_du_bilan,
    juger_regle,
    vocabulaire,
)
from mobilite.toml import FichierRefuse
from mobilite.verdict import Verdict
from tests.unit.lecture import RACINE, questionnaire
from web.constats import regles_du_diagnostic

DOSSIER = RACINE / "seeds" / "questionnaire"
MOTS = vocabulaire(questionnaire())
ALERTES = {alerte.code: alerte for alerte in lire_alertes(DOSSIER / "alertes.toml", MOTS)}
ISSUES = lire_issues(DOSSIER / "issues.toml", MOTS)
AUJOURDHUI = parametres(date(2026, 11, 22))

Faits = dict[str, ValeurFait]
NEE_EN_2000: ValeurFait = (2000.0, 2000.0)
CAS: dict[str, tuple[Faits, Faits]] = {
    # code: what makes it speak, and the one thing that makes it keep quiet
    "code_fle_avant_permis": (
        {"projet_permis": True, "francais_oral": (1.0, 1.0), "lecture": (3.0, 3.0)},
        {"francais_oral": (2.0, 2.0)},
    ),
    "permis_non_valable": (
        {"permis": frozenset({"suspendu"})},
        {"permis": frozenset({"B"}), "permis_hors_eee": False},
    ),
    "scooter_sans_am": (
        {
            "envisage": frozenset({"location_scooter"}),
            "annee_naissance": NEE_EN_2000,
            "permis": frozenset({"aucun"}),
        },
        {"annee_naissance": (1980.0, 1980.0)},
    ),
    "car_hors_horaires": (
        {"accepte_car": True, "envisage": frozenset(), "car_a_l_heure": False},
        {"car_a_l_heure": True},
    ),
    "cout_au_dessus_du_reste": ({"cout_depasse_le_reste": True}, {"cout_depasse_le_reste": False}),
    "avis_medical_avant_permis": (
        {
            "projet_permis": True,
            "D4_vue": "a_controler",
            "D4_contre_indication": "non",
            "D11_visite_medicale_permis": False,
        },
        {"D4_vue": "oui"},
    ),
    "controle_technique_depasse": (
        {"D2_conduire": "oui", "D2_controle_technique": "non"},
        {"D2_controle_technique": "bientot"},
    ),
    "voiture_en_panne": ({"vehicule_en_panne": True}, {"vehicule_en_panne": False, "D2_conduire": "non"}),
    "aide_pendant_le_trajet": (
        {"besoin_accompagnement": True, "fauteuil": False},
        {"besoin_accompagnement": False},
    ),
    "smartphone_manquant": (
        {"telephone": "appels_sms", "smartphone_demande": True, "quelquun_reserve": False},
        {"quelquun_reserve": True},
    ),
    "debut_dans_la_semaine": ({"jours_avant_le_debut": (6.0, 6.0)}, {"jours_avant_le_debut": (7.0, 7.0)}),
}


def verdict(code: str, faits: Faits) -> Verdict:
    return juger_regle(ALERTES[code].regle, faits).verdict


def test_every_alert_has_its_case_here_and_every_consequence_its_alert() -> None:
    assert set(CAS) == set(ALERTES)
    assert {alerte.consequence for alerte in ALERTES.values()} == set(Consequence)


@pytest.mark.parametrize("code", CAS)
def test_an_alert_speaks_when_its_contradiction_is_there_and_keeps_quiet_when_it_is_not(code: str) -> None:
    parle, apaise = CAS[code]
    assert verdict(code, parle) is Verdict.OUI
    assert verdict(code, parle | apaise) is Verdict.NON


@pytest.mark.parametrize("code", CAS)
def test_what_nobody_said_is_to_be_checked_never_an_alarm_and_never_silence(code: str) -> None:
    jugement = juger_regle(ALERTES[code].regle, {})
    assert jugement.verdict is Verdict.A_VERIFIER
    assert jugement.doutes and all(doute.question for doute in jugement.doutes)
    parle, _ = CAS[code]
    for oublie in parle:
        reste = {nom: valeur for nom, valeur in parle.items() if nom != oublie}
        assert verdict(code, reste) is not Verdict.NON, oublie


@pytest.mark.parametrize("code", CAS)
def test_an_alert_that_speaks_says_why_with_sentences_that_are_true_of_her(code: str) -> None:
    parle, _ = CAS[code]
    jugement = juger_regle(ALERTES[code].regle, parle)
    vraies = {e.phrase for e in exigences(ALERTES[code].regle.quand) if juger(e, parle) is Verdict.OUI}
    assert jugement.pourquoi
    assert set(jugement.pourquoi) <= vraies


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"permis_hors_eee": True, "D11_echange_permis": "trop_tard"}, Verdict.OUI),
        ({"permis_hors_eee": True, "D11_echange_permis": "a_faire", "D11_plus_d_un_an": True}, Verdict.OUI),
        ({"permis_hors_eee": True, "D11_echange_permis": "a_faire"}, Verdict.A_VERIFIER),
        ({"permis": frozenset({"B"}), "permis_hors_eee": False}, Verdict.NON),
    ],
)
def test_a_licence_from_outside_europe_is_good_for_one_year(faits: Faits, attendu: Verdict) -> None:
    assert verdict("permis_non_valable", faits) is attendu


def test_the_oldest_person_the_am_is_asked_from_was_born_in_1988() -> None:
    parle, _ = CAS["scooter_sans_am"]
    assert verdict("scooter_sans_am", parle | {"annee_naissance": (1988.0, 1988.0)}) is Verdict.OUI
    assert verdict("scooter_sans_am", parle | {"annee_naissance": (1987.0, 1987.0)}) is Verdict.NON


def test_every_rule_says_its_source_and_every_comparison_its_sentence() -> None:
    for regle in [*(a.regle for a in ALERTES.values()), *(r.regle for r in ISSUES)]:
        assert regle.source and regle.phrase.endswith("."), regle.code
        for exige in exigences(regle.quand):
            assert exige.phrase.endswith(".") and not exige.phrase.startswith("Une condition porte"), (
                regle.code
            )


def test_the_rules_ask_the_questions_of_today() -> None:
    """A rule that names a question of another version would wait for an answer for ever."""
    codes = {exige.fait.code for a in ALERTES.values() for exige in exigences(a.regle.quand)}
    codes |= {exige.fait.code for r in ISSUES for exige in exigences(r.regle.quand)}
    questions = {code for code in codes if code.startswith("D") and "_" in code}
    assert questions <= set(questionnaire().par_code)
    assert len(questions) >= 8
    assert regles_du_diagnostic().alertes == tuple(ALERTES.values())


def test_the_answer_of_a_closed_branch_says_nothing_to_the_rules() -> None:
    vendue = {"D2_conduire": "non", "D2_controle_technique": "non"}
    assert "D2_controle_technique" not in faits_des_reponses(questionnaire(), vendue)
    gardee = {"D2_conduire": "oui", "D2_controle_technique": "non"}
    assert faits_des_reponses(questionnaire(), gardee)["D2_controle_technique"] == "non"


def test_a_bracket_is_an_interval_and_a_refusal_is_no_fact() -> None:
    dits = faits_des_reponses(
        questionnaire(), {"D3_reste_a_vivre": "plus_500", "D0_urgence": "semaine", "D3_dettes": None}
    )
    assert dits == {"D3_reste_a_vivre": (500.0, inf), "D0_urgence": (0.0, 6.0)}


def test_alerts_that_speak_come_first_and_quiet_ones_are_left_out() -> None:
    faits = CAS["debut_dans_la_semaine"][0] | CAS["cout_au_dessus_du_reste"][1]
    jugees = examiner_alertes(tuple(ALERTES.values()), faits)
    assert jugees[0].alerte.code == "debut_dans_la_semaine"
    assert "cout_au_dessus_du_reste" not in {j.alerte.code for j in jugees}
    assert {j.verdict for j in jugees[1:]} == {Verdict.A_VERIFIER}


# A broken file has a name

REGLE = """
[[alertes]]
code = "essai"
phrase = "Essai."
consequence = "garage_d_abord"
source = "essai"
quand = { fait = "projet_permis", est = true, phrase = "Elle veut." }
"""


@pytest.mark.parametrize(
    ("texte", "champ"),
    [
        (REGLE.replace("projet_permis", "projet_fusee"), "quand.fait"),
        (REGLE.replace("est = true", "au_plus = 1"), "quand.au_plus"),
        (
            REGLE.replace('fait = "projet_permis", est = true', 'fait = "D4_vue", parmi = ["myope"]'),
            "quand.parmi[0]",
        ),
        (REGLE.replace("garage_d_abord", "rien"), "consequence"),
        (REGLE.replace('source = "essai"\n', ""), "source"),
        (REGLE + 'en_plus = "x"\n', "en_plus"),
        (REGLE + REGLE, "code"),
    ],
)
def test_a_broken_rule_names_the_file_the_rule_and_the_field(tmp_path: Path, texte: str, champ: str) -> None:
    (tmp_path / "alertes.toml").write_text(texte, encoding="utf-8")
    with pytest.raises(FichierRefuse) as refus:
        lire_alertes(tmp_path / "alertes.toml", MOTS)
    assert (refus.value.fichier, refus.value.code, refus.value.champ) == ("alertes.toml", "essai", champ)


# The outcome


def axes(psychologique: str, physique: str, materielle: str, cognitive: str) -> Faits:
    """Levels by their first letter: F, M, S, or « ? » for what is to be completed."""
    niveaux = {"F": Niveau.FORT, "M": Niveau.MOYEN, "S": Niveau.SANS_IMPACT, "?": Niveau.A_COMPLETER}
    vide = faire_le_bilan(questionnaire(), {}, AUJOURDHUI)
    dits = zip(Axe, (psychologique, physique, materielle, cognitive), strict=False)
    return faits_du_bilan(vide, {axe: niveaux[lettre] for axe, lettre in dits})


RIEN_AVANT: Faits = {
    "piece_identite": True,
    "D11_domicile": True,
    "D9_garde": "sans_objet",
    "niveau_D9": "SANS_IMPACT",
    "D3_dettes": False,
    "vehicule_en_panne": False,
}


@pytest.mark.parametrize(
    ("niveaux", "faits", "issue"),
    [
        ("SSSS", {}, Issue.CONSEIL_RAPIDE),
        ("SSMS", {}, Issue.DEPANNAGE_MATERIEL),
        ("SFSS", {}, Issue.DEPANNAGE_MATERIEL),
        ("SSSS", {"vehicule_en_panne": True}, Issue.DEPANNAGE_MATERIEL),
        ("SSSM", {}, Issue.APPRENTISSAGE),
        ("MSFS", {}, Issue.APPRENTISSAGE),
        ("FSSS", {}, Issue.ACCOMPAGNEMENT_RENFORCE),
        ("SFFS", {}, Issue.ACCOMPAGNEMENT_RENFORCE),
        ("SMMM", {}, Issue.ACCOMPAGNEMENT_RENFORCE),
        ("FFFF", {"piece_identite": False}, Issue.FREINS_PREALABLES),
        ("SSSS", {"D9_garde": "non"}, Issue.FREINS_PREALABLES),
    ],
)
def test_each_picture_leads_to_its_outcome(niveaux: str, faits: Faits, issue: Issue) -> None:
    proposee = proposer_issue(ISSUES, axes(*niveaux) | RIEN_AVANT | faits)
    assert proposee.issue is issue
    assert proposee.retenue is not None and proposee.retenue.jugement.pourquoi


def test_too_little_known_proposes_nothing_and_says_what_to_ask() -> None:
    proposee = proposer_issue(ISSUES, axes("?", "?", "?", "?"))
    assert proposee.issue is None
    assert {p.regle.issue for p in proposee.possibles} == set(Issue)
    assert proposer_issue(ISSUES, axes("S", "S", "S", "?") | RIEN_AVANT).issue is None


def test_what_could_still_come_first_is_said_beside_the_outcome() -> None:
    sans_papiers_dits = {nom: v for nom, v in RIEN_AVANT.items() if nom != "piece_identite"}
    proposee = proposer_issue(ISSUES, axes("S", "S", "M", "S") | sans_papiers_dits)
    assert proposee.issue is Issue.DEPANNAGE_MATERIEL
    assert [p.regle.issue for p in proposee.possibles] == [Issue.FREINS_PREALABLES]
    assert [d.code for d in proposee.possibles[0].jugement.doutes] == ["piece_identite"]


def test_a_missing_axis_may_still_be_a_brake() -> None:
    faits = axes("?", "F", "S", "S")
    assert faits["freins_forts"] == (1.0, 2.0)
    assert juger_regle(ISSUES[1].regle, faits).verdict is Verdict.A_VERIFIER


# The index


def indice(*points: int | None) -> Indice:
    """The index of somebody whose scales of D5, D4, D2+D3+D11 and D6+D7+D8 are all answered alike."""
    dimensions = dict(zip(("D5", "D4", "D2 D3 D11 D10", "D6 D7 D8"), points, strict=True))
    reponses = {}
    for item in questionnaire().items:
        voulu = next((p for codes, p in dimensions.items() if item.dimension in codes.split()), None)
        if voulu is None or not item.compte or item.si is not None:
            continue
        choix = min((c for c in item.choix if c.points is not None), key=lambda c: abs(c.points - voulu))  # type: ignore[operator]
        valeur: object = choix.valeur
        if item.genre is GenreQuestion.ECHELLE:
            valeur = int(choix.valeur)
        elif item.genre is GenreQuestion.OUI_NON:
            valeur = choix.valeur == "oui"
        reponses[item.code] = valeur
    return indice_d_autonomie(faire_le_bilan(questionnaire(), reponses, AUJOURDHUI), AUJOURDHUI)  # type: ignore[arg-type]


def test_the_index_waits_for_three_axes_out_of_four() -> None:
    assert indice(3, 3, None, None).points is None
    assert indice(3, 3, 3, None).points == pytest.approx(100)
    assert not indice(3, 3, 3, None).complet
    assert indice(3, 3, 3, 3).complet


def test_the_index_is_the_weighted_mean_of_the_axes() -> None:
    mesure = indice(3, 3, 0, 3)
    poids = {part.axe: part.poids for part in mesure.axes}
    somme = sum(part.points * poids[part.axe] for part in mesure.axes if part.points is not None)
    assert mesure.points == pytest.approx(somme / sum(poids.values()))
    assert poids[Axe.MATERIELLE] == AUJOURDHUI["autonomie.poids_materielle"]


@pytest.mark.parametrize(
    ("points", "issue", "attendue"),
    [
        (100.0, None, Intensite.LEGER),
        (66.0, None, Intensite.LEGER),
        (65.9, None, Intensite.MOYEN),
        (39.9, None, Intensite.RENFORCE),
        (100.0, Issue.ACCOMPAGNEMENT_RENFORCE, Intensite.RENFORCE),
        (None, None, None),
    ],
)
def test_the_intensity_follows_the_index_and_the_outcome(
    points: float | None, issue: Issue | None, attendue: Intensite | None
) -> None:
    assert intensite_proposee(Indice(points, (), 3), issue, AUJOURDHUI) is attendue


def test_the_facts_of_the_situation_never_shadow_a_fact_or_a_question() -> None:
    assert set(DE_LA_SITUATION).isdisjoint(questionnaire().par_code)
