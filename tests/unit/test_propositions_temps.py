"""Hours, midnight, holidays, notice, calendars and moves: when an offer can serve, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from mobilite.verdict import Verdict
from tests.unit.essai import LE, besoin, demander, juger, offre, phrases, situation
from tests.unit.lecture import BAR_LE_DUC, ETAIN, VERDUN

SEMAINE = ["lun", "mar", "mer", "jeu", "ven"]
TOUTE_LA_JOURNEE = [{"de": "00:00", "a": "23:59"}]
CAFE = {"arrivee": "09:00", "retour": "11:00"}


def _service(**autres: Any) -> dict[str, Any]:
    return offre(genre="transport_a_la_demande", vehicule=None, permanent=True) | autres


def _une_fois(*dates: str, **autres: Any) -> dict[str, Any]:
    return situation(besoins=[besoin(**{"cycle": None, "dates": list(dates), **CAFE} | autres)])


def _chaque(jour: str, arrivee: str, retour: str) -> dict[str, Any]:
    return situation(besoins=[besoin(cycle=[{"jours": [jour], "arrivee": arrivee, "retour": retour}])])


@pytest.mark.parametrize(
    ("arrivee", "retour", "horaires"),
    [
        ("00:10", "06:00", TOUTE_LA_JOURNEE),
        ("14:00", "23:50", TOUTE_LA_JOURNEE),
        ("12:10", "16:00", [{"de": "06:00", "a": "12:00"}, {"de": "12:00", "a": "20:00"}]),
    ],
)
def test_des_plages_qui_se_touchent_n_en_font_qu_une(
    arrivee: str, retour: str, horaires: list[dict[str, str]]
) -> None:
    """A trip of 20 minutes across midnight, or across noon, meets no closed door."""
    fiche = _service(permanent=False, horaires=horaires)
    assert juger(_chaque("mar", arrivee, retour), fiche).verdict is Verdict.OUI


def test_deux_plages_separees_ne_se_rejoignent_pas() -> None:
    fiche = _service(permanent=False, horaires=[{"de": "06:00", "a": "12:00"}, {"de": "12:30", "a": "20:00"}])
    assert juger(_chaque("mar", "12:40", "16:00"), fiche).cases[0].verdict is Verdict.NON


def test_une_voiture_libre_tous_les_jours_sert_aussi_la_nuit() -> None:
    voiture = {"type": "voiture", "etat": "roulant", "disponible": TOUTE_LA_JOURNEE}
    nuit = besoin(cycle=[{"jours": ["lun"], "arrivee": "21:00", "retour": "05:00"}])
    examine = demander(situation(moyens=[voiture], besoins=[nuit]), []).besoins[0]
    assert examine.couvre.value == "total"


def test_une_location_jamais_ouverte_n_est_jamais_un_oui() -> None:
    """Her hours do not matter to a vehicle she keeps; that nobody ever hands it over does."""
    assert juger(situation(), offre(horaires=[{"jours": ["sam"], "de": "09:00", "a": "12:00"}])).verdict is (
        Verdict.OUI
    )
    fermee = juger(situation(), offre(horaires=[]))
    assert (fermee.verdict, fermee.regle) == (Verdict.NON, "horaires")
    assert juger(situation(), offre(horaires=[], permanent=True)).verdict is Verdict.OUI


@pytest.mark.parametrize(("depart", "arrivee"), [("23:40", "00:15"), ("23:10", "23:50")])
def test_un_car_de_la_veille_au_soir_sert_une_arrivee_apres_minuit(depart: str, arrivee: str) -> None:
    courses = [
        {"jours": ["lun"], "de": ETAIN, "depart": depart, "a": VERDUN, "arrivee": arrivee},
        {"jours": ["mar"], "de": VERDUN, "depart": "08:30", "a": ETAIN, "arrivee": "09:00"},
    ]
    fiche = offre(genre="car_regulier", vehicule=None, courses=courses)
    assert juger(_chaque("mar", "00:30", "08:00"), fiche).verdict is Verdict.OUI
    assert juger(_chaque("mer", "00:30", "08:00"), fiche).verdict is Verdict.NON


def test_le_retour_d_une_nuit_tombe_le_jour_ferie() -> None:
    """Easter Sunday evening to Easter Monday morning: it is the way back that meets the holiday."""
    veille = _une_fois("2026-04-05", arrivee="21:00", retour="05:00")
    aller, retour = juger(veille, _service(jours_feries=False)).cases
    assert aller.verdict is Verdict.OUI
    assert retour.verdict is Verdict.NON


def test_une_date_passee_n_a_pas_d_autre_doute() -> None:
    proposition = juger(_une_fois("2025-11-11", "2026-03-16"), _service())
    assert "est passé" in phrases(proposition)
    assert "férié" not in phrases(proposition)


def test_un_delai_de_quelques_heures_laisse_le_jour_meme_a_verifier() -> None:
    """Two hours of notice: today may still do, nobody knows what time it is for the partner."""
    assert juger(_une_fois(LE.isoformat()), _service(preavis_heures=2)).verdict is Verdict.A_VERIFIER
    assert juger(_une_fois("2026-03-12"), _service(preavis_heures=2)).verdict is Verdict.OUI
    assert juger(_une_fois(LE.isoformat()), _service(preavis_heures=24)).verdict is Verdict.NON
    assert juger(_une_fois("2026-03-12"), _service(preavis_heures=36)).verdict is Verdict.A_VERIFIER


def test_un_besoin_deja_commence_n_attend_pas_le_delai_de_reservation() -> None:
    """It goes on: a first day long gone says no more than no first day at all."""
    for premier_jour in (None, "2026-01-05"):
        dit = situation(besoins=[besoin(premier_jour=premier_jour)])
        assert juger(dit, _service(preavis_heures=48)).verdict is Verdict.OUI


def test_une_offre_qui_demarre_plus_tard_le_dit_meme_sans_premier_jour() -> None:
    proposition = juger(situation(), _service(delai_jours=20))
    assert proposition.verdict is Verdict.A_VERIFIER
    assert "31/03/2026" in phrases(proposition)


def _au_calendrier(*occupations: tuple[str, str], **autres: Any) -> dict[str, Any]:
    prises = [{"du": du, "au": au} for du, au in occupations]
    return offre(confirmation=None, calendrier={"vehicules": 1, "occupations": prises}, **autres)


def test_le_calendrier_se_lit_date_par_date() -> None:
    """Taken between the two dates does not matter; taken on one of them leaves the other."""
    deux = _une_fois("2026-03-16", "2026-03-26")
    assert juger(deux, _au_calendrier(("2026-03-18", "2026-03-20"))).verdict is Verdict.OUI
    a_moitie = demander(deux, [_au_calendrier(("2026-03-25", "2026-03-28"))]).besoins[0]
    assert a_moitie.propositions[0].verdict is Verdict.A_VERIFIER
    assert [jour.verdict for jour in a_moitie.jours] == [Verdict.OUI, Verdict.NON]
    plein = juger(deux, _au_calendrier(("2026-03-01", "2026-04-30")))
    assert (plein.verdict, plein.decisif.regle) == (Verdict.NON, "place")


def test_une_location_qui_couvre_la_nuit_demande_le_vehicule_le_lendemain() -> None:
    nuit = _une_fois("2026-03-16", arrivee="21:00", retour="05:00")
    assert juger(nuit, _au_calendrier(("2026-03-17", "2026-03-17"))).verdict is not Verdict.OUI


def test_un_calendrier_pris_en_partie_dit_a_partir_de_quand() -> None:
    en_partie = juger(situation(), _au_calendrier(("2026-03-01", "2026-03-20")))
    assert en_partie.verdict is Verdict.A_VERIFIER
    assert "21/03" in en_partie.manques[0].quoi
    plein = juger(situation(), _au_calendrier(("2026-03-01", "2026-06-30")))
    assert (plein.verdict, plein.decisif.regle) == (Verdict.NON, "place")


def test_des_dates_plus_etalees_que_la_duree_permise_sont_a_verifier() -> None:
    etalees = _une_fois("2026-03-16", "2026-03-26")
    assert juger(etalees, offre(duree_max_jours=5)).verdict is Verdict.A_VERIFIER
    assert juger(etalees, offre(duree_max_jours=11)).verdict is Verdict.OUI


def test_une_duree_limitee_se_dit_pour_un_besoin_regulier() -> None:
    proposition = juger(situation(), offre(duree_max_jours=30))
    assert proposition.verdict is Verdict.OUI
    assert "30 jours au plus" in phrases(proposition)


def test_un_demenagement_annonce_est_regarde_lui_aussi() -> None:
    """She leaves Étain on 20 March: an offer of Étain alone does not carry her whole need."""
    demenage = situation(
        rattachement=ETAIN,
        depart=[{"insee": ETAIN, "au": "2026-03-20"}, {"insee": BAR_LE_DUC, "du": "2026-03-21"}],
    )
    ici, partout = _service(id="ici", zone={"communes": [ETAIN]}), _service(id="partout")
    ailleurs = _service(id="ailleurs", zone={"communes": [BAR_LE_DUC]})
    assert juger(demenage, ici).verdict is Verdict.A_VERIFIER
    assert "à partir du 21/03/2026" in phrases(juger(demenage, ici))
    assert juger(demenage, ailleurs).verdict is Verdict.A_VERIFIER
    assert juger(demenage, partout).verdict is Verdict.OUI
    examine = demander(demenage, [ici]).besoins[0]
    assert examine.couvre.value == "partiel"


def test_un_hebergement_qui_finit_sans_suite_connue_fait_demander_la_suite() -> None:
    hebergee = situation(rattachement=ETAIN, depart=[{"insee": ETAIN, "au": "2026-03-20"}])
    proposition = juger(hebergee, _service())
    assert proposition.verdict is Verdict.A_VERIFIER
    assert "depart" in [m.code for m in proposition.manques]
    lointain = situation(rattachement=ETAIN, depart=[{"insee": ETAIN, "au": "2027-12-31"}])
    assert juger(lointain, _service()).verdict is Verdict.OUI


@pytest.mark.parametrize(
    ("prix", "dates", "mensuel", "a_avancer"),
    [
        # The car is 18 km away: 3.96 € of fuel a day, there and back.
        ({"semaine": 15}, ("2026-03-16", "2026-03-18"), 15 + 2 * 3.96, 15),
        ({"semaine": 15}, ("2026-03-16", "2026-03-26"), 30 + 2 * 3.96, 15),
        ({"mois": 60}, ("2026-03-16", "2026-05-18"), 120 + 2 * 3.96, 60),
        ({"jour": 4, "mois": 60, "caution": 50}, ("2026-03-16", "2026-03-18"), 8 + 2 * 3.96, 54),
    ],
)
def test_le_prix_de_dates_compte_chaque_semaine_ou_chaque_mois_entame(
    prix: dict[str, float], dates: tuple[str, ...], mensuel: float, a_avancer: float
) -> None:
    cout = juger(_une_fois(*dates), offre(prix=prix)).cout
    assert cout.mensuel == pytest.approx(mensuel)
    assert cout.a_avancer == pytest.approx(a_avancer)


def test_ce_qu_il_faut_avancer_suit_la_formule_retenue() -> None:
    cout = juger(situation(), offre(prix={"jour": 4, "mois": 60, "caution": 150, "adhesion": 5})).cout
    assert cout.a_avancer == 150 + 5 + 60


def test_une_vente_en_mensualites_coute_chaque_mois() -> None:
    fiche = offre(genre="vente", prix={"mois": 90})
    assert juger(situation(), fiche).cout.mensuel == pytest.approx(90 + 0.11 * 36 * 5 * 4.33, abs=0.01)


def test_une_journee_coupee_en_deux_ne_se_paie_qu_une_fois() -> None:
    coupee = _une_fois("2026-03-16", "2026-03-16")
    assert juger(coupee, offre(prix={"jour": 4})).cout.mensuel == pytest.approx(4 + 2 * 3.96)


def test_une_offre_qui_ne_part_pas_de_chez_elle_ne_s_explique_pas_par_ses_horaires() -> None:
    fiche = _service(
        permanent=False, zone={"communes": [BAR_LE_DUC]}, horaires=[{"de": "10:00", "a": "11:00"}]
    )
    proposition = juger(situation(), fiche)
    assert {m.regle for case in proposition.cases for m in case.motifs} == {"zone"}
