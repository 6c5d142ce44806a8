"""Solutions combined where one is not enough: who makes which trip, what it costs, how sure it is."""

from __future__ import annotations

from typing import Any

import pytest

from geo.estimation import Estimation
from matching.troncons import Combinaison
from mobilite.parametres import parametres
from mobilite.verdict import Verdict
from tests.unit.essai import LE, besoin, demander, offre, situation
from tests.unit.lecture import ETAIN, VERDUN, territoire

SUR = {"confirmation": {"par": "Mme Leroy", "le": "2026-03-10"}}
LE_MATIN = [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "06:00", "a": "10:00"}]
LE_SOIR = [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "15:00", "a": "19:00"}]
EIX = "55171"


def benevoles(**autres: Any) -> dict[str, Any]:
    """A minibus, in the morning only."""
    defauts = {"id": "matin", "nom": "Minibus du matin", "genre": "transport_a_la_demande", "vehicule": None,
               "horaires": LE_MATIN, "prix": {"trajet": 2}}  # fmt: skip
    return offre(**(defauts | SUR | autres))


def du_soir(**autres: Any) -> dict[str, Any]:
    """A minibus, in the evening only."""
    return benevoles(
        **({"id": "soir", "nom": "Minibus du soir", "horaires": LE_SOIR, "prix": {"trajet": 3}} | autres)
    )


def combinaisons(
    personne: dict[str, Any], offres: list[dict[str, Any]], **options: Any
) -> tuple[Combinaison, ...]:
    """The combinations of the first need."""
    return demander(personne, offres, **options).besoins[0].combinaisons


def une(personne: dict[str, Any], offres: list[dict[str, Any]], **options: Any) -> Combinaison:
    """The only combination."""
    (seule,) = combinaisons(personne, offres, **options)
    return seule


def test_aller_par_l_un_retour_par_l_autre_quand_aucun_ne_fait_les_deux() -> None:
    trouvee = une(situation(), [benevoles(), du_soir()])
    assert trouvee.verdict is Verdict.OUI
    assert [t.phrase for t in trouvee.troncons] == [
        "À l'aller : Minibus du matin, 20 min.",
        "Au retour : Minibus du soir, 20 min.",
    ]
    assert trouvee.duree is not None
    assert trouvee.duree.max == 20
    # Five days a week, 4.33 weeks: 2 € out and 3 € back, one ticket each to begin with.
    assert trouvee.cout.mensuel == pytest.approx(5 * 4.33 * 5, abs=0.1)
    assert trouvee.cout.a_avancer == 5
    # A whole need gives its day an answer, where each alone gives none.
    assert {j.verdict for j in demander(situation(), [benevoles(), du_soir()]).besoins[0].jours} == {
        Verdict.OUI
    }


def test_une_place_non_confirmee_laisse_toute_la_combinaison_a_verifier() -> None:
    trouvee = une(situation(), [benevoles(), du_soir(confirmation=None)])
    assert trouvee.verdict is Verdict.A_VERIFIER
    assert [t.verdict for t in trouvee.troncons] == [Verdict.OUI, Verdict.A_VERIFIER]
    assert [(m.quoi, m.qui) for m in trouvee.manques] == [
        ("la place", "Le garage (03\u00a053\u00a001\u00a000\u00a000)")
    ]


def test_mardi_par_l_un_jeudi_par_l_autre() -> None:
    cycle = [{"jours": ["mar", "jeu"], "arrivee": "08:00", "retour": "16:30"}]
    mardi = benevoles(
        id="mardi", nom="Minibus du mardi", horaires=[{"jours": ["mar"], "de": "06:00", "a": "19:00"}]
    )
    jeudi = benevoles(
        id="jeudi", nom="Minibus du jeudi", horaires=[{"jours": ["jeu"], "de": "06:00", "a": "19:00"}]
    )
    trouvee = une(situation(besoins=[besoin(cycle=cycle)]), [mardi, jeudi])
    assert [t.phrase for t in trouvee.troncons] == [
        "Mardi : Minibus du mardi, 20 min.",
        "Jeudi : Minibus du jeudi, 20 min.",
    ]


def test_une_voiture_prise_a_l_aller_rentre_avec_elle() -> None:
    """Rented for the mornings only, it would stay in Verdun: nothing is combined with it."""
    voiture_du_matin = offre(id="voiture", genre="location_voiture", calendrier={"vehicules": 1})
    assert combinaisons(situation(), [voiture_du_matin | {"horaires": LE_MATIN}, du_soir()]) == ()


@pytest.mark.parametrize("a_elle", [False, True])
def test_un_velo_pris_a_l_aller_rentre_avec_elle_avant_de_couvrir_le_jour(*, a_elle: bool) -> None:
    """Out by daylight on a bicycle, home at night by a minibus: the bicycle would stay in Verdun."""
    nuit = [besoin(cycle=[{"jours": ["lun"], "arrivee": "12:00", "retour": "22:30"}])]
    minibus = du_soir(horaires=[{"de": "22:00", "a": "23:59"}])
    velo = offre(genre="location_vae", vehicule={"categorie": "vae"})
    personne = situation(
        besoins=nuit, reponses={"D6_velo": "oui"}, moyens=[{"type": "vae", "etat": "roulant"}] * a_elle
    )
    examine = demander(personne, [minibus] if a_elle else [minibus, velo]).besoins[0]
    assert [jour.verdict for jour in examine.jours] == [Verdict.A_VERIFIER]
    assert examine.couvre.value == "partiel"


def test_ce_qu_une_offre_fait_seule_ne_se_combine_pas() -> None:
    toute_la_journee = benevoles(id="jour", nom="Minibus", horaires=None, permanent=True, prix={"trajet": 1})
    assert combinaisons(situation(), [toute_la_journee, benevoles(), du_soir()]) == ()


def test_son_propre_moyen_fait_un_sens_quand_il_est_libre() -> None:
    """Her husband drives her home in the evening, a minibus takes her in the morning."""
    libre = [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "16:00", "a": "18:00"}]
    moyens = [{"type": "passager", "disponible": libre}]
    trouvee = une(situation(moyens=moyens), [benevoles()])
    assert [t.nom for t in trouvee.troncons] == ["Minibus du matin", "Quelqu'un qui la conduit"]
    assert trouvee.verdict is Verdict.OUI


def un_car(**autres: Any) -> dict[str, Any]:
    """A coach Eix – Verdun, one departure each way at the hours of the need."""
    jours = ["lun", "mar", "mer", "jeu", "ven"]
    courses = [
        {"jours": jours, "de": EIX, "depart": "07:30", "a": VERDUN, "arrivee": "07:50"},
        {"jours": jours, "de": VERDUN, "depart": "16:45", "a": EIX, "arrivee": "17:05"},
    ]
    defauts = {"id": "car", "nom": "Car d'Eix", "genre": "car_regulier", "vehicule": None, "courses": courses,
               "prix": {"trajet": 1}}  # fmt: skip
    return offre(**(defauts | SUR | autres))


def chez_elle_a_chatillon(**autres: Any) -> dict[str, Any]:
    """Somebody of Châtillon-sous-les-Côtes, one commune from the stop of Eix, who rides a VAE."""
    base = situation(
        depart=[{"insee": "55105"}],
        moyens=[{"type": "vae", "etat": "roulant"}],
        reponses={"D6_velo": "oui", "D1_nuit_hiver": True},
    )
    return base | autres


def test_a_velo_electrique_jusqu_a_l_arret_puis_en_car() -> None:
    routes = Estimation(territoire(), parametres(LE))
    (trouvee, *_) = combinaisons(chez_elle_a_chatillon(), [un_car()], accessibilite=routes)
    assert [t.nom for t in trouvee.troncons] == [
        "Son vélo électrique, de chez elle à l'arrêt (Eix)",
        "Car d'Eix, d'Eix à Verdun",
    ]
    approche, ligne = (t.duree for t in trouvee.troncons)
    assert approche is not None
    assert ligne is not None
    assert trouvee.duree is not None
    assert trouvee.duree.max == approche.max + 10 + ligne.max
    assert trouvee.cout.mensuel == pytest.approx(2 * 5 * 4.33, abs=0.1)


def test_un_arret_plus_loin_que_la_destination_ne_rapproche_pas() -> None:
    """From Étain, the coach of Dieppe… a stop beyond Verdun is no feeder stop."""
    au_dela = [
        {"de": "55117", "depart": "07:00", "a": VERDUN, "arrivee": "07:50"},
        {"de": VERDUN, "depart": "16:45", "a": "55117", "arrivee": "17:30"},
    ]
    routes = Estimation(territoire(), parametres(LE))
    personne = situation(depart=[{"insee": ETAIN}], moyens=[{"type": "passager"}])
    assert combinaisons(personne, [un_car(courses=au_dela)], accessibilite=routes) == ()


def test_sans_velo_ni_chauffeur_l_arret_reste_trop_loin_a_pied() -> None:
    routes = Estimation(territoire(), parametres(LE))
    a_pied = chez_elle_a_chatillon(moyens=[{"type": "marche"}])
    assert combinaisons(a_pied, [un_car()], accessibilite=routes) == ()


def test_une_combinaison_partielle_dit_ce_qu_il_reste_a_trouver() -> None:
    """Two days out of three: more than any offer alone, and À VÉRIFIER because one is left."""
    cycle = [{"jours": ["mar", "jeu", "sam"], "arrivee": "08:00", "retour": "16:30"}]
    mardi = benevoles(
        id="mardi", nom="Minibus du mardi", horaires=[{"jours": ["mar"], "de": "06:00", "a": "19:00"}]
    )
    jeudi = benevoles(
        id="jeudi", nom="Minibus du jeudi", horaires=[{"jours": ["jeu"], "de": "06:00", "a": "19:00"}]
    )
    trouvee = une(situation(besoins=[besoin(cycle=cycle)]), [mardi, jeudi])
    assert trouvee.verdict is Verdict.A_VERIFIER
    assert trouvee.reste == "samedi"
    assert "une autre solution pour : samedi" in [m.quoi for m in trouvee.manques]
