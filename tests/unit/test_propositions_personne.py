"""Her own means, her rights, who comes along, what to ask and what to do first."""

from __future__ import annotations

from typing import Any

import pytest

from mobilite.lieux import Mode
from mobilite.verdict import Verdict
from tests.doublures import TrajetsFixes
from tests.unit.essai import besoin, demander, juger, offre, phrases, situation
from tests.unit.lecture import ETAIN, VERDUN

TOUTE_LA_JOURNEE = [{"de": "00:00", "a": "23:59"}]
VOITURE = {"type": "voiture", "etat": "roulant", "disponible": TOUTE_LA_JOURNEE}
VELO = {"type": "velo", "etat": "roulant"}
PROCHE = TrajetsFixes(minutes=20, km=3)


def _service(**autres: Any) -> dict[str, Any]:
    return offre(genre="transport_a_la_demande", vehicule=None, permanent=True) | autres


@pytest.mark.parametrize(
    ("moyen", "dit", "attendu"),
    [
        (VELO, {}, Verdict.OUI),
        (VELO, {"reponses": {"D6_velo": "non"}}, Verdict.NON),
        (VELO, {"reponses": {"D4_fauteuil": True}}, Verdict.A_VERIFIER),
        (VELO, {"besoins": [besoin(avec=["enfant"])]}, Verdict.A_VERIFIER),
        (VELO, {"besoins": [besoin(cycle=None)]}, Verdict.A_VERIFIER),
        ("marche", {}, Verdict.OUI),
        ("marche", {"reponses": {"D4_marche_15_min": False}}, Verdict.NON),
        ("marche", {"besoins": [besoin(avec=["fauteuil"])]}, Verdict.A_VERIFIER),
        (VOITURE, {}, Verdict.OUI),
        (VOITURE, {"reponses": {"D4_contre_indication": "oui"}}, Verdict.A_VERIFIER),
        (VOITURE, {"besoins": [besoin(avec=[{"type": "enfant", "nombre": 5}])]}, Verdict.A_VERIFIER),
        (VOITURE, {"besoins": [besoin(avec=[{"type": "enfant", "nombre": 3}])]}, Verdict.OUI),
    ],
)
def test_ses_propres_moyens_suivent_les_memes_regles_que_les_offres(
    moyen: Any, dit: dict[str, Any], attendu: Verdict
) -> None:
    personne = situation(moyens=[moyen]) | dit
    examine = demander(personne, [], accessibilite=PROCHE).besoins[0]
    assert examine.moyens[0].verdict is attendu


def test_les_minutes_saisies_valent_aussi_pour_sa_voiture() -> None:
    luxembourg = besoin(destination=None, lieu_libre={"nom": "Luxembourg", "minutes": 65})
    moyen = demander(situation(moyens=[VOITURE], besoins=[luxembourg]), []).besoins[0].moyens[0]
    assert moyen.verdict is Verdict.A_VERIFIER
    assert moyen.duree is not None
    assert moyen.duree.max == 65


def test_un_lieu_libre_sans_minutes_ne_parle_pas_de_minutes_saisies() -> None:
    sans = besoin(destination=None, lieu_libre={"nom": "Luxembourg"})
    assert "saisi" not in phrases(juger(situation(besoins=[sans]), _service()))


@pytest.mark.parametrize(
    ("telephone", "reserve", "attendu"),
    [
        ("smartphone", None, Verdict.OUI),
        ("aucun", None, Verdict.A_VERIFIER),
        ("aucun", True, Verdict.OUI),
        ("aucun", False, Verdict.NON),
        (None, True, Verdict.OUI),
        (None, False, Verdict.A_VERIFIER),
    ],
)
def test_quelqu_un_qui_reserve_vaut_un_smartphone(
    telephone: str | None, reserve: bool | None, attendu: Verdict
) -> None:
    condition = {"fait": "telephone", "parmi": ["smartphone"], "phrase": "Réserver par une application."}
    reponses = {"D8_telephone": telephone, "D8_quelquun_reserve": reserve}
    proposition = juger(situation(reponses=reponses), _service(conditions=condition))
    assert proposition.verdict is attendu


def test_ne_pas_avoir_de_telephone_n_est_pas_demander_un_telephone() -> None:
    """The exclusion of those without a phone does not turn round when somebody can book."""
    condition = {"sauf": {"fait": "telephone", "parmi": ["aucun"], "phrase": "Ne pas avoir de téléphone."}}
    reponses = {"D8_telephone": "smartphone", "D8_quelquun_reserve": True}
    assert juger(situation(reponses=reponses), _service(conditions=condition)).verdict is Verdict.OUI


def test_une_exclusion_se_lit_comme_une_exclusion() -> None:
    condition = {"sauf": {"fait": "statuts", "parmi": ["retraite"], "phrase": "Être à la retraite."}}
    fiche = _service(conditions=condition)
    doute = juger(situation(), fiche)
    assert "Sauf si : être à la retraite." in phrases(doute)
    refus = juger(situation(reponses={"D0_statuts": ["retraite"]}), fiche)
    assert refus.decisif.phrase == "Exclu : être à la retraite."
    assert "sa situation" in refus.decisif.changerait
    assert "Pas concernée par : être à la retraite." in phrases(
        juger(situation(reponses={"D0_statuts": ["salarie"]}), fiche)
    )


@pytest.mark.parametrize(
    ("condition", "dit", "quoi", "code"),
    [
        ({"fait": "age", "au_moins": 18}, {"annee_naissance": 2008}, "la date de naissance", ""),
        (
            {"fait": "ressources_mois", "au_plus": 800},
            {"reponses": {"D3_ressources": "600_900"}},
            "plus précisément",
            "",
        ),
        (
            {"fait": "ressources_mois", "au_plus": "c2s_gratuite"},
            {"reponses": {"D3_ressources": "1200_1500"}},
            "le nombre de personnes du foyer",
            "D3_foyer",
        ),
        (
            {"fait": "ressources_mois", "au_plus": "c2s_gratuite"},
            {"reponses": {"D3_ressources": "600_900", "D3_foyer": 1}},
            "plafond",
            "",
        ),
    ],
)
def test_une_question_deja_repondue_n_est_pas_reposee(
    condition: dict[str, Any], dit: dict[str, Any], quoi: str, code: str
) -> None:
    (manque,) = juger(situation() | dit, _service(conditions=condition)).manques
    assert quoi in manque.quoi
    assert manque.code == code


def test_une_valeur_sans_limite_se_dit_en_francais() -> None:
    condition = {"fait": "ressources_mois", "au_plus": 1000, "phrase": "Avoir peu de ressources."}
    riche = situation(reponses={"D3_ressources": "plus_2500"})
    assert "2500 ou plus" in juger(riche, _service(conditions=condition)).decisif.phrase


@pytest.mark.parametrize(("places", "attendu"), [(2, Verdict.NON), (3, Verdict.OUI)])
def test_le_siege_du_conducteur_n_est_pas_une_place_de_passager(places: int, attendu: Verdict) -> None:
    """``vehicule.places`` counts the driver: with a child, two seats are needed beside him."""
    fiche = _service(vehicule={"categorie": "voiture", "places": places})
    assert juger(situation(besoins=[besoin(avec=["enfant"])]), fiche).verdict is attendu


def test_un_horaire_de_ligne_ne_dispense_pas_du_droit_au_transport_solidaire() -> None:
    courses = [
        {"jours": ["lun"], "de": ETAIN, "depart": "07:10", "a": VERDUN, "arrivee": "07:45"},
        {"jours": ["lun"], "de": VERDUN, "depart": "17:05", "a": ETAIN, "arrivee": "17:40"},
    ]
    fiche = offre(genre="transport_solidaire", vehicule=None, courses=courses)
    lundi = situation(besoins=[besoin(cycle=[{"jours": ["lun"], "arrivee": "08:00", "retour": "16:30"}])])
    assert juger(lundi, fiche).verdict is Verdict.A_VERIFIER


def _etape(personne: dict[str, Any], offres: list[dict[str, Any]]) -> str:
    return demander(personne, offres, accessibilite=PROCHE).prochaine_etape.phrase


def test_la_prochaine_etape_ne_reserve_rien_quand_ses_moyens_suffisent() -> None:
    assert "Son vélo" in _etape(situation(moyens=[VELO]), [offre()])


def test_la_prochaine_etape_dit_toujours_avec_qui() -> None:
    sans_structure = {cle: valeur for cle, valeur in offre().items() if cle != "structure"}
    etape = demander(situation(), [sans_structure], accessibilite=PROCHE).prochaine_etape
    assert (etape.phrase, etape.qui) == ("Réserver : Voiture à louer.", "le partenaire")


def test_la_prochaine_etape_demande_d_abord_ou_et_quand() -> None:
    sans_jours = situation(besoins=[besoin(cycle=None)])
    assert "Quels jours" in _etape(sans_jours, [_service(confirmation=None)])


def test_la_prochaine_etape_d_une_reponse_en_partie_cherche_le_reste() -> None:
    fiche = _service(permanent=False, horaires=[{"jours": ["lun"], "de": "06:00", "a": "20:00"}])
    assert "mardi à vendredi" in _etape(situation(), [fiche])


def test_la_prochaine_etape_complete_ce_que_ses_moyens_ne_font_pas() -> None:
    le_matin = {"jours": ["lun"], "de": "07:00", "a": "18:00"}
    assert "mardi à vendredi" in _etape(situation(moyens=[VOITURE | {"disponible": [le_matin]}]), [])
    accompagnee = situation(moyens=[VELO], besoins=[besoin(avec=["enfant"])])
    assert "siège enfant" in _etape(accompagnee, [])


def test_un_prix_que_personne_n_a_dit_n_est_jamais_zero() -> None:
    for genre in ("auto_ecole_sociale", "garage_solidaire", "vente", "covoiturage"):
        cout = juger(situation(), offre(genre=genre, vehicule=None, prix=None)).cout
        assert (cout.mensuel, cout.a_avancer) == (None, None)


def test_la_prochaine_etape_d_un_doute_que_seule_la_personne_leve_est_de_le_lui_dire() -> None:
    temps = TrajetsFixes(lents={Mode.SCOOTER: 70})
    reponse = demander(situation(), [offre(genre="location_scooter", vehicule=None)], accessibilite=temps)
    assert "70 min" in reponse.prochaine_etape.phrase
    assert reponse.prochaine_etape.qui == "la personne"


def test_sans_offre_et_sans_rien_savoir_de_ses_moyens_on_les_demande() -> None:
    assert "moyens" in _etape(situation(moyens=None), [])
    assert "besoin non couvert" in _etape(situation(moyens=[]), [])


def test_les_jours_qui_se_suivent_se_disent_ensemble() -> None:
    fiche = _service(permanent=False, horaires=[{"jours": ["sam"], "de": "06:00", "a": "20:00"}])
    jours = ["lun", "mar", "mer", "jeu", "sam"]
    personne = situation(besoins=[besoin(cycle=[{"jours": jours, "arrivee": "08:00", "retour": "16:30"}])])
    assert "Ne couvre pas : lundi à jeudi. " in phrases(juger(personne, fiche))
