"""What is possible, and why: the verdict of one offer for one need."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mobilite.lieux import Mode
from mobilite.verdict import Verdict
from tests.doublures import TrajetsFixes
from tests.unit.essai import besoin, contexte, demander, juger, offre, phrases, situation
from tests.unit.lecture import BAR_LE_DUC, ETAIN, VERDUN


def test_une_offre_dont_tout_est_rempli_couvert_et_confirme_est_oui() -> None:
    proposition = juger(situation(), offre())
    assert proposition.verdict is Verdict.OUI
    assert not proposition.manques
    assert "Couvre l'aller et le retour, tous les jours demandés." in phrases(proposition)


@pytest.mark.parametrize(
    ("confirmation", "attendu"),
    [
        (None, Verdict.A_VERIFIER),
        ({"par": "Mme Leroy", "le": "2026-03-01"}, Verdict.A_VERIFIER),
        ({"par": "Mme Leroy", "le": "2026-03-12"}, Verdict.A_VERIFIER),
        ({"par": "Mme Leroy", "le": "2026-03-04"}, Verdict.OUI),
    ],
)
def test_sans_confirmation_recente_d_un_humain_nomme_la_place_est_a_verifier(
    confirmation: dict[str, str] | None, attendu: Verdict
) -> None:
    proposition = juger(situation(), offre(confirmation=confirmation))
    assert proposition.verdict is attendu
    if attendu is Verdict.A_VERIFIER:
        assert "Le garage" in proposition.manques[0].qui


@pytest.mark.parametrize(
    ("occupations", "attendu"),
    [
        ([], Verdict.OUI),
        ([{"du": "2026-03-16", "au": "2026-03-20"}], Verdict.OUI),
        (
            [{"du": "2026-03-16", "au": "2026-03-20"}, {"du": "2026-03-19", "au": "2026-03-25"}],
            Verdict.A_VERIFIER,
        ),
        ([{"du": "2026-03-01", "au": "2026-04-20"}, {"du": "2026-03-01", "au": "2026-04-20"}], Verdict.NON),
    ],
)
def test_un_calendrier_vivant_decide_de_la_place(occupations: list[dict[str, str]], attendu: Verdict) -> None:
    """Two vehicles: full only when both are taken every day; on some days, the partner is to be asked."""
    fiche = offre(confirmation=None, calendrier={"vehicules": 2, "occupations": occupations})
    proposition = juger(situation(), fiche)
    assert proposition.verdict is attendu
    assert (proposition.decisif.regle == "place") is (attendu is not Verdict.OUI)


def test_une_condition_non_remplie_est_nommee_avec_la_valeur_et_ce_qui_changerait() -> None:
    condition = {"fait": "age", "au_moins": 40, "phrase": "Avoir 40 ans ou plus."}
    proposition = juger(situation(), offre(conditions=condition))
    assert proposition.verdict is Verdict.NON
    assert proposition.decisif.regle == "condition.age"
    assert "33 à 34" in proposition.decisif.phrase
    assert "limite d'âge" in proposition.decisif.changerait


def test_un_fait_que_personne_ne_connait_n_exclut_jamais_et_dit_quelle_question_poser() -> None:
    condition = {"fait": "statuts", "parmi": ["rsa"], "phrase": "Toucher le RSA."}
    proposition = juger(situation(), offre(conditions=condition))
    assert proposition.verdict is Verdict.A_VERIFIER
    assert [m.code for m in proposition.manques] == ["D0_statuts"]


def test_preferer_ne_pas_repondre_vaut_un_fait_inconnu() -> None:
    condition = {"fait": "statuts", "parmi": ["rsa"]}
    proposition = juger(situation(reponses={"D0_statuts": None}), offre(conditions=condition))
    assert proposition.verdict is Verdict.A_VERIFIER


def test_un_age_que_l_annee_de_naissance_laisse_en_doute_reste_a_verifier() -> None:
    """Born in 2008, she is 17 or 18 in March 2026."""
    condition = {"fait": "age", "au_moins": 18, "phrase": "Avoir 18 ans ou plus."}
    fiche = offre(conditions=condition, genre="location_velo", vehicule=None)
    proposition = juger(situation(annee_naissance=2008, reponses={"D6_velo": "oui"}), fiche)
    assert proposition.verdict is Verdict.A_VERIFIER
    assert juger(situation(annee_naissance=2007), fiche).decisif.verdict is not Verdict.NON
    assert juger(situation(annee_naissance=2009), fiche).verdict is Verdict.NON


def test_une_alternative_tient_des_qu_une_branche_tient() -> None:
    condition = {
        "un_de": [
            {"fait": "statuts", "parmi": ["rsa"], "phrase": "Toucher le RSA."},
            {"fait": "age", "au_plus": 25, "phrase": "Avoir 25 ans ou moins."},
        ]
    }
    jeune = situation(annee_naissance=2003)
    assert juger(jeune, offre(conditions=condition)).verdict is Verdict.OUI
    assert juger(situation(), offre(conditions=condition)).verdict is Verdict.A_VERIFIER
    ailleurs = juger(situation(reponses={"D0_statuts": ["salarie"]}), offre(conditions=condition))
    assert ailleurs.verdict is Verdict.NON
    assert "RSA" in ailleurs.decisif.phrase
    assert "25" in ailleurs.decisif.phrase


def test_sauf_renverse_la_reponse_et_laisse_le_doute() -> None:
    condition = {"sauf": {"fait": "statuts", "parmi": ["retraite"], "phrase": "Être à la retraite."}}
    assert juger(situation(), offre(conditions=condition)).verdict is Verdict.A_VERIFIER
    retraite = situation(reponses={"D0_statuts": ["retraite"]})
    assert juger(retraite, offre(conditions=condition)).verdict is Verdict.NON
    assert (
        juger(situation(reponses={"D0_statuts": ["salarie"]}), offre(conditions=condition)).verdict
        is Verdict.OUI
    )


def _service(**autres: Any) -> dict[str, Any]:
    return (
        offre(
            genre="transport_a_la_demande",
            vehicule=None,
            horaires=[{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "07:00", "a": "17:00"}],
        )
        | autres
    )


def test_un_service_couvre_quand_tout_le_trajet_tient_dans_ses_heures() -> None:
    assert juger(situation(), _service()).verdict is Verdict.OUI


def test_un_jour_sans_service_laisse_l_offre_a_verifier_et_dit_lequel() -> None:
    fiche = _service(horaires=[{"jours": ["lun", "mar", "mer", "jeu"], "de": "07:00", "a": "17:00"}])
    proposition = juger(situation(), fiche)
    assert proposition.verdict is Verdict.A_VERIFIER
    assert "Ne couvre pas : vendredi. " in phrases(proposition)


def test_un_service_qui_ne_roule_jamais_a_ces_heures_est_non_avec_ses_heures() -> None:
    nuit = situation(besoins=[besoin(cycle=[{"jours": ["lun"], "arrivee": "05:00", "retour": "22:00"}])])
    proposition = juger(nuit, _service())
    assert proposition.verdict is Verdict.NON
    assert proposition.decisif.regle == "horaires"
    assert "7 h–17 h" in proposition.decisif.phrase


def test_des_horaires_que_personne_n_a_dits_ne_sont_pas_un_non() -> None:
    proposition = juger(situation(), _service(horaires=None))
    assert proposition.verdict is Verdict.A_VERIFIER
    assert "horaires" in proposition.manques[-1].quoi


def test_le_retour_d_une_nuit_se_fait_le_lendemain() -> None:
    """Friday 21 h to Saturday 5 h: the way back is on Saturday, when this service does not run."""
    equipe = situation(besoins=[besoin(cycle=[{"jours": ["ven"], "arrivee": "21:00", "retour": "05:00"}])])
    toute_heure = {"de": "00:00", "a": "23:59"}
    semaine = _service(horaires=[{"jours": ["lun", "mar", "mer", "jeu", "ven"], **toute_heure}])
    assert "vendredi retour" in phrases(juger(equipe, semaine))
    tous_les_jours = _service(horaires=[toute_heure])
    assert juger(equipe, tous_les_jours).verdict is Verdict.OUI


def test_une_fenetre_qui_passe_minuit_couvre_le_petit_matin() -> None:
    equipe = situation(besoins=[besoin(cycle=[{"jours": ["lun"], "arrivee": "21:00", "retour": "05:00"}])])
    fiche = _service(horaires=[{"jours": ["lun"], "de": "20:00", "a": "06:00"}])
    assert juger(equipe, fiche).verdict is Verdict.OUI


def _ligne(**autres: Any) -> dict[str, Any]:
    semaine = ["lun", "mar", "mer", "jeu", "ven"]
    return (
        offre(
            genre="car_regulier",
            vehicule=None,
            courses=[
                {"jours": semaine, "de": ETAIN, "depart": "07:10", "a": VERDUN, "arrivee": "07:45"},
                {"jours": semaine, "de": VERDUN, "depart": "17:05", "a": ETAIN, "arrivee": "17:40"},
            ],
        )
        | autres
    )


def test_un_car_qui_arrive_avant_l_heure_et_repart_apres_couvre_le_besoin() -> None:
    proposition = juger(situation(), _ligne())
    assert proposition.verdict is Verdict.OUI
    assert proposition.duree is not None
    assert proposition.duree.min == 35


def test_un_car_qui_arrive_apres_l_heure_ne_fait_pas_l_aller_et_dit_de_combien() -> None:
    tot = situation(besoins=[besoin(cycle=[{"jours": ["lun"], "arrivee": "07:40", "retour": "16:30"}])])
    proposition = juger(tot, _ligne())
    assert proposition.verdict is Verdict.A_VERIFIER
    assert "5 min de décalage" in phrases(proposition)


def test_une_ligne_qui_ne_passe_pas_chez_elle_est_non() -> None:
    proposition = juger(situation(depart=[{"insee": BAR_LE_DUC}]), _ligne())
    assert proposition.verdict is Verdict.NON
    assert proposition.decisif.regle == "desserte"


def test_le_dimanche_sans_car_n_est_pas_couvert() -> None:
    dimanche = situation(besoins=[besoin(cycle=[{"jours": ["dim"], "arrivee": "08:00", "retour": "16:30"}])])
    assert juger(dimanche, _ligne()).verdict is Verdict.NON


def test_un_lieu_inconnu_avec_ses_minutes_est_a_verifier_jamais_refuse() -> None:
    luxembourg = besoin(destination=None, lieu_libre={"nom": "Luxembourg", "minutes": 65})
    proposition = juger(situation(besoins=[luxembourg]), offre())
    assert proposition.verdict is Verdict.A_VERIFIER
    assert proposition.duree is not None
    assert proposition.duree.max == 65


def test_le_preavis_ferme_les_dates_trop_proches_et_ouvre_les_autres() -> None:
    fiche = _service(preavis_heures=72)
    demain = situation(besoins=[besoin(cycle=None, dates=["2026-03-12"], arrivee="09:00", retour="11:00")])
    assert juger(demain, fiche).decisif.regle == "preavis"
    lundi = situation(besoins=[besoin(cycle=None, dates=["2026-03-16"], arrivee="09:00", retour="11:00")])
    assert juger(lundi, fiche).verdict is Verdict.OUI


def test_un_besoin_connu_trop_tard_ne_laisse_pas_le_temps_de_reserver() -> None:
    """The roster of Monday is known on Sunday: three days of notice cannot be met."""
    fiche = _service(preavis_heures=72)
    tardif = besoin(cycle=None, dates=["2026-03-16"], arrivee="09:00", retour="11:00", connu_le="2026-03-15")
    assert juger(situation(besoins=[tardif]), fiche).verdict is Verdict.NON


def test_une_date_passee_est_dite_passee() -> None:
    hier = besoin(cycle=None, dates=["2026-03-10"], arrivee="09:00", retour="11:00")
    assert juger(situation(besoins=[hier]), _service()).decisif.regle == "date"


def test_un_jour_ferie_suit_ce_que_dit_le_service() -> None:
    paques = besoin(cycle=None, dates=["2026-04-06"], arrivee="09:00", retour="11:00")
    lundi = situation(besoins=[paques])
    assert juger(lundi, _service(jours_feries=False)).verdict is Verdict.NON
    assert juger(lundi, _service()).verdict is Verdict.A_VERIFIER
    assert juger(lundi, _service(jours_feries=True)).verdict is Verdict.OUI


def test_la_zone_d_une_location_suit_les_droits_et_celle_d_un_trajet_le_depart() -> None:
    chez_sa_soeur = situation(rattachement=BAR_LE_DUC)
    louer = offre(zone={"communes": [BAR_LE_DUC]})
    transporter = _service(zone={"communes": [BAR_LE_DUC]})
    assert juger(chez_sa_soeur, louer).verdict is Verdict.OUI
    assert juger(chez_sa_soeur, transporter).decisif.regle == "zone"


def test_le_lieu_de_depart_change_avec_la_date() -> None:
    fiche = _service(zone={"communes": [ETAIN]})
    hebergee = situation(
        depart=[{"insee": BAR_LE_DUC}, {"insee": ETAIN, "du": "2026-03-01", "au": "2026-03-20"}],
        besoins=[besoin(cycle=None, dates=["2026-03-16", "2026-03-30"], arrivee="09:00", retour="11:00")],
    )
    cases = juger(hebergee, fiche).cases
    assert [case.verdict for case in cases] == [Verdict.OUI, Verdict.OUI, Verdict.NON, Verdict.NON]


@pytest.mark.parametrize(
    ("avec", "places", "attendu"),
    [
        ([], 1, Verdict.OUI),
        (["enfant"], 1, Verdict.NON),
        (["enfant"], None, Verdict.A_VERIFIER),
        (["bebe", "enfant"], 4, Verdict.OUI),
    ],
)
def test_il_faut_une_place_par_personne_qui_vient(
    avec: list[str], places: int | None, attendu: Verdict
) -> None:
    assert juger(situation(besoins=[besoin(avec=avec)]), _service(places=places)).verdict is attendu


@pytest.mark.parametrize(
    ("dit", "attendu"), [(True, Verdict.OUI), (None, Verdict.A_VERIFIER), (False, Verdict.NON)]
)
def test_un_fauteuil_roulant_demande_un_vehicule_qui_le_prend(dit: bool | None, attendu: Verdict) -> None:
    assert juger(situation(reponses={"D4_fauteuil": True}), _service(fauteuil=dit)).verdict is attendu


def test_un_velo_trop_long_se_discute_et_un_velo_impossible_est_non() -> None:
    fiche = offre(genre="location_velo", vehicule=None)
    cycliste = situation(reponses={"D6_velo": "oui"})
    for minutes, attendu in ((25, Verdict.OUI), (55, Verdict.A_VERIFIER), (130, Verdict.NON)):
        temps = TrajetsFixes(lents={Mode.VELO: minutes})
        assert juger(cycliste, fiche, accessibilite=temps).verdict is attendu


@pytest.mark.parametrize(
    ("accord", "attendu"), [(None, Verdict.A_VERIFIER), (True, Verdict.OUI), (False, Verdict.NON)]
)
def test_pedaler_de_nuit_ou_en_hiver_attend_son_accord(accord: bool | None, attendu: Verdict) -> None:
    fiche = offre(genre="location_vae", vehicule=None, confirmation={"par": "Mme Leroy", "le": "2026-01-11"})
    reponses = {"D6_velo": "oui"} | ({} if accord is None else {"D1_nuit_hiver": accord})
    assert juger(situation(reponses=reponses), fiche, le=date(2026, 1, 12)).verdict is attendu


def test_une_aide_n_est_jamais_oui_parce_qu_elle_ne_fait_pas_le_trajet() -> None:
    proposition = juger(situation(), offre(genre="aide_financiere", vehicule=None))
    assert proposition.verdict is Verdict.A_VERIFIER
    assert "ne fait pas le trajet" in phrases(proposition)


def test_une_offre_reservee_a_un_autre_motif_est_non_et_a_verifier_quand_le_motif_manque() -> None:
    fiche = _service(motifs=["sante"])
    assert juger(situation(), fiche).decisif.regle == "motif"
    assert juger(situation(besoins=[besoin(motif=None)]), fiche).verdict is Verdict.A_VERIFIER


def test_une_offre_que_personne_n_a_reverifiee_depuis_longtemps_est_a_verifier() -> None:
    assert juger(situation(), offre(verifiee_le="2025-01-01")).verdict is Verdict.A_VERIFIER


def test_aller_avec_l_un_et_revenir_avec_l_autre_couvre_la_journee() -> None:
    semaine = ["lun", "mar", "mer", "jeu", "ven"]
    aller = _ligne(
        id="aller",
        courses=[{"jours": semaine, "de": ETAIN, "depart": "07:10", "a": VERDUN, "arrivee": "07:45"}],
    )
    retour = _service(id="retour", horaires=[{"jours": semaine, "de": "16:00", "a": "18:00"}])
    examine = demander(situation(), [aller, retour]).besoins[0]
    assert examine.couvre.value == "total"
    assert all(p.verdict is Verdict.A_VERIFIER for p in examine.propositions)


def test_un_besoin_que_rien_ne_sert_le_dit() -> None:
    assert demander(situation(), [_ligne(courses=[])]).besoins[0].couvre.value == "partiel"
    assert demander(situation(), []).besoins[0].couvre.value == "rien"


def test_la_voiture_du_conjoint_ne_sert_que_pendant_qu_elle_est_libre() -> None:
    voiture = {
        "type": "voiture",
        "etat": "roulant",
        "disponible": [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "04:15", "a": "13:45"}],
    }
    matin = besoin(cycle=[{"jours": ["lun"], "arrivee": "05:00", "retour": "13:00"}])
    journee = besoin(cycle=[{"jours": ["lun"], "arrivee": "08:00", "retour": "16:30"}])
    for dit, attendu in ((matin, Verdict.OUI), (journee, Verdict.NON)):
        examine = demander(situation(moyens=[voiture], besoins=[dit]), []).besoins[0]
        assert examine.moyens[0].verdict is attendu


def test_une_voiture_en_panne_ne_compte_pas() -> None:
    examine = demander(
        situation(moyens=[{"type": "voiture", "etat": "en_panne", "disponible": []}]), []
    ).besoins[0]
    assert examine.moyens[0].verdict is Verdict.NON
    assert examine.couvre.value == "rien"


def test_les_minutes_saisies_valent_pour_une_voiture_et_pour_rien_d_autre() -> None:
    luxembourg = besoin(destination=None, lieu_libre={"nom": "Luxembourg", "minutes": 65})
    cycliste = situation(besoins=[luxembourg], reponses={"D6_velo": "oui"})
    assert juger(cycliste, offre(genre="location_vae", vehicule=None)).duree is None


def test_les_communes_se_disent_comme_on_parle() -> None:
    assert contexte().de("55181") == "d'Étain"
    assert contexte().de("55545") == "de Verdun"
    assert (contexte().de("55253"), contexte().a("55253")) == ("des Islettes", "aux Islettes")


@pytest.mark.parametrize(
    ("categorie", "dit"), [("voiturette", "70 min en voiturette"), ("scooter50", "70 min en scooter")]
)
def test_une_voiturette_longue_ne_se_dit_pas_en_scooter(categorie: str, dit: str) -> None:
    """They are as slow as each other, and share their travel times, not their name."""
    lente = offre(genre="location_voiturette", vehicule={"categorie": categorie})
    (examine,) = demander(situation(), [lente], accessibilite=TrajetsFixes(minutes=70)).besoins
    assert f"{dit} : à voir avec elle." in phrases(examine.propositions[0])
