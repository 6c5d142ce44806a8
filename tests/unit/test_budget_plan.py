"""What a plan costs is never said to fit before everything is known."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from mobilite.actions_types import ReferentielPlan
from mobilite.candidate import Genre
from mobilite.droit.montant import Montant, Versement
from mobilite.plan import PlanActions, StatutAction
from mobilite.verdict import Verdict
from tests.fabriques import CONSEILLERE, une_personne
from web.budget_plan import RESTE_A_VIVRE, BudgetDuPlan, budget_du_plan, location_ou_achat
from web.conseiller.aides import Reste
from web.plan import donnees_du_plan
from web.referentiel import referentiel

ITEM = referentiel().questionnaire.par_code[RESTE_A_VIVRE]


def un_plan(*vues: dict[str, Any]) -> PlanActions:
    """A plan of kept offers, each as it was seen the day it was kept."""
    plan = PlanActions(personne=une_personne())
    for vue in vues:
        plan.retenir(uuid4(), None, vue["nom"], StatutAction.GARDEE, CONSEILLERE, instantane=vue)
    return plan


def budget(plan: PlanActions, bas: float, haut: float, dit: Any, limite: Any = None) -> BudgetDuPlan:
    """The budget of a plan that costs so much after aids."""
    restes = [Reste("Location", haut, Montant(bas, haut, Versement.PAR_MOIS))]
    return budget_du_plan(plan, restes, ITEM, dit, limite)


def test_un_plan_tient_s_il_tient_dans_le_moins_qu_elle_puisse_avoir() -> None:
    plan = un_plan({"nom": "Location", "cout_mensuel_eur": 60})
    assert budget(plan, 20, 60, "100_250").verdict is Verdict.OUI
    assert budget(plan, 20, 120, "100_250").verdict is Verdict.A_VERIFIER
    assert budget(plan, 260, 300, "100_250").verdict is Verdict.NON
    assert budget(plan, 20, 60, "100_250", 30).verdict is Verdict.A_VERIFIER, "her own limit counts too"
    assert budget(plan, 900, 900, "plus_500").verdict is Verdict.A_VERIFIER, "nobody said how much more"


def test_sans_rien_savoir_de_son_reste_a_vivre_rien_n_est_dit_possible() -> None:
    vide = budget(un_plan(), 0, 0, None)
    assert (vide.verdict, vide.reste_en_texte) == (Verdict.A_VERIFIER, "")


def test_un_prix_inconnu_ou_une_lecon_sans_tarif_laisse_le_doute_une_demarche_gratuite_non() -> None:
    inconnu = un_plan({"nom": "Navette", "cout_mensuel_eur": None})
    assert budget(inconnu, 0, 0, "plus_500").verdict is Verdict.A_VERIFIER
    connu: ReferentielPlan = donnees_du_plan().referentiel
    lecons, bourse = un_plan(), un_plan()
    lecons.ajouter_type(connu.par_code["conduite"], CONSEILLERE)
    bourse.ajouter_type(connu.par_code["bourse_permis"], CONSEILLERE)
    assert budget(lecons, 0, 0, "plus_500").sans_prix == ("Prendre les leçons de conduite",)
    assert budget(bourse, 0, 0, "plus_500").verdict is Verdict.OUI


@given(st.floats(0, 600), st.floats(0, 600), st.floats(0, 300))
def test_payer_plus_ne_rend_jamais_le_plan_plus_sur(bas: float, ecart: float, hausse: float) -> None:
    rang = [Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON]
    avant = BudgetDuPlan(bas, bas + ecart, (), (100, 250), None).verdict
    apres = BudgetDuPlan(bas + hausse, bas + ecart + hausse, (), (100, 250), None).verdict
    assert rang.index(apres) >= rang.index(avant)


def test_louer_se_compare_a_acheter_seulement_avec_deux_prix_connus() -> None:
    location = {"nom": "Clio", "genre": Genre.LOCATION_VOITURE.value, "cout_mensuel_eur": 120.0}
    vente = {"nom": "C3", "genre": Genre.VENTE.value, "cout_mensuel_eur": 20.0, "a_avancer_eur": 2000.0}
    phrase = location_ou_achat(un_plan(location, vente))
    assert "au bout de 20 mois" in phrase
    assert "à vérifier" in phrase
    assert location_ou_achat(un_plan(location)) == ""
    assert location_ou_achat(un_plan(location, vente | {"cout_mensuel_eur": None})) == ""
    assert location_ou_achat(un_plan(location | {"cout_mensuel_eur": 20.0}, vente)) == ""
