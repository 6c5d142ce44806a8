"""The order solutions are read in, the plan B, and the criteria that depend on her."""

from __future__ import annotations

from typing import Any

import pytest

from geo.estimation import Estimation
from matching.plan_b import plan_b
from matching.proposition import Famille
from matching.score import CRITERES
from mobilite.lieux import Mode
from mobilite.parametres import parametres
from mobilite.verdict import Verdict
from tests.doublures import TrajetsFixes
from tests.unit.essai import LE, besoin, demander, juger, offre, situation
from tests.unit.lecture import BAR_LE_DUC, ETAIN, VERDUN, territoire

UNE_HEURE = [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "06:00", "a": "10:00"}]


def minibus(**autres: Any) -> dict[str, Any]:
    """A minibus that runs all day."""
    return offre(**({"genre": "transport_a_la_demande", "vehicule": None, "permanent": True} | autres))


def ordre(personne: dict[str, Any], *offres: dict[str, Any]) -> list[str]:
    """The ids, as ranked."""
    return [p.offre.id for p in demander(personne, offres).besoins[0].propositions]


def test_ce_qui_ne_fait_aucun_jour_entier_vient_apres_ce_qui_fait_le_besoin() -> None:
    """Free and quick in the morning only: it helps, it is no answer."""
    matin = minibus(id="a", permanent=False, horaires=UNE_HEURE, prix={"gratuit": True})
    entier = minibus(id="z", confirmation=None, prix={"trajet": 9}, preavis_heures=72)
    assert ordre(situation(), matin, entier) == ["z", "a"]


def test_une_ligne_dont_on_ne_sait_si_elle_va_la_bas_passe_derriere_un_vehicule() -> None:
    ailleurs = besoin(destination=None, lieu_libre={"nom": "Luxembourg", "minutes": 60})
    del ailleurs["destination"]
    courses = [{"de": "55181", "depart": "07:00", "a": "55545", "arrivee": "07:40"}]
    car = offre(id="a-car", genre="car_regulier", vehicule=None, courses=courses, prix={"gratuit": True})
    voiture = offre(id="voiture", confirmation=None, prix={"jour": 9, "caution": 300})
    assert ordre(situation(besoins=[ailleurs]), car, voiture) == ["voiture", "a-car"]


def test_un_trajet_a_velo_surement_trop_long_passe_derriere_ce_qui_va() -> None:
    """Free and clean, but more than her forty minutes however one counts: it is no first answer."""
    velo = offre(id="a-velo", genre="location_velo", vehicule=None, prix={"gratuit": True})
    loin = TrajetsFixes(lents={Mode.VELO: 70})
    offres = [velo, offre(id="voiture", confirmation=None, prix={"jour": 9, "caution": 300})]
    rangees = demander(situation(), offres, accessibilite=loin).besoins[0].propositions
    assert [p.offre.id for p in rangees] == ["voiture", "a-velo"]


def test_depannage_et_durable_ont_chacun_leur_rang() -> None:
    offres = [offre(id="loc"), offre(id="achat", genre="vente"), offre(id="loc2", structure="Un autre")]
    familles: dict[Famille, list[int]] = {famille: [] for famille in Famille}
    for proposition, rang in demander(situation(), offres).besoins[0].par_famille():
        familles[proposition.famille].append(rang)
    assert familles == {Famille.DEPANNAGE: [1, 2], Famille.DURABLE: [1]}


def test_une_reponse_a_verifier_porte_un_plan_b_d_un_autre_partenaire() -> None:
    premiere = offre(id="a", confirmation=None, prix={"jour": 1})
    meme = offre(id="b", confirmation=None, prix={"jour": 2})
    autre = offre(id="c", nom="Autre", structure="L'association", confirmation=None, prix={"jour": 9})
    plan = plan_b(demander(situation(), [premiere, meme, autre]).besoins[0])
    assert plan is not None
    assert (plan.cle, plan.nom, plan.verdict) == ("c", "Autre", Verdict.A_VERIFIER)


def test_sans_autre_solution_le_plan_b_dit_de_signaler_le_besoin() -> None:
    plan = plan_b(demander(situation(), [offre(confirmation=None)]).besoins[0])
    assert plan is not None
    assert not plan.nom
    assert "signaler le besoin non couvert" in plan.phrase


def test_une_reponse_sure_n_a_pas_besoin_de_plan_b() -> None:
    assert plan_b(demander(situation(), [offre(), offre(id="b", structure="Un autre")]).besoins[0]) is None


@pytest.mark.parametrize(
    ("reponses", "genre", "valeur", "phrase"),
    [
        ({"D12_car": "non"}, "car_regulier", 0.0, "Elle ne veut pas prendre le car."),
        ({"D12_car": "si_accompagne"}, "car_regulier", 1.0, "Elle veut bien prendre le car."),
        ({"D12_covoiturage": "oui", "D1_duree_max": 15}, "covoiturage", 0.5, "Au-delà de ses 15 min."),
        ({"D1_duree_max": 20}, "location_voiture", 1.0, "Dans ses 20 min."),
        ({}, "location_voiture", None, "Elle n'a pas encore dit ce qu'elle préfère."),
    ],
)
def test_ce_qu_elle_veut_compte_et_dit_pourquoi(
    reponses: dict[str, Any], genre: str, valeur: float | None, phrase: str
) -> None:
    proposition = juger(situation(reponses=reponses), offre(genre=genre, vehicule=None))
    contribution = next(c for c in proposition.contributions if c.critere == "souhait")
    assert contribution.valeur == valeur
    assert phrase in contribution.phrase


def test_un_vehicule_prete_rend_plus_autonome_qu_une_ligne_et_une_ligne_qu_un_conducteur() -> None:
    points = [
        next(
            c.points
            for c in juger(situation(), offre(genre=genre, vehicule=None)).contributions
            if c.critere == "autonomie"
        )
        for genre in ("vente", "location_voiture", "car_regulier", "transport_a_la_demande", "covoiturage")
    ]
    assert points == sorted(points, reverse=True)
    assert len(set(points)) == len(points)


def test_chaque_critere_a_son_libelle_et_son_poids_date() -> None:
    contributions = juger(situation(), offre()).contributions
    assert tuple(c.critere for c in contributions) == CRITERES
    assert all(c.libelle and c.en_texte for c in contributions)


def test_ce_qui_est_refuse_de_chaque_logement_montre_aussi_des_points_qui_font_son_total() -> None:
    """Two places one after the other, neither in the zone: the longest of the trips is counted and shown."""
    routes = Estimation(territoire(), parametres(LE))
    departs = [{"insee": ETAIN}, {"insee": BAR_LE_DUC, "du": "2026-04-01"}]
    ailleurs = offre(genre="transport_a_la_demande", vehicule=None, zone={"communes": [VERDUN]})
    (proposition,) = (
        demander(situation(depart=departs), [ailleurs], accessibilite=routes).besoins[0].propositions
    )
    assert proposition.verdict is Verdict.NON
    assert proposition.duree is not None
    assert proposition.duree.max == proposition.minutes
    assert round(sum(c.points for c in proposition.contributions), 2) == proposition.score
