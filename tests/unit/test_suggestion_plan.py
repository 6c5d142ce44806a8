"""A suggested plan says why, follows the rules of order, and never comes back to what was decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from mobilite.actions_types import FamilleAction, lire_referentiel_plan
from mobilite.alerte import Alerte, AlerteJugee, Consequence
from mobilite.bilan import Bilan, Constat, Niveau
from mobilite.conditions import SANS_CONDITION
from mobilite.plan import PlanActions, StatutAction
from mobilite.prealables import lire_prealables
from mobilite.regle_visible import Jugement, Regle
from mobilite.suggestion import OffreRetenue, Suggestion, suggerer
from mobilite.verdict import Verdict
from tests.fabriques import CONSEILLERE, une_personne

PLAN = Path("seeds/plan")
REFERENTIEL = lire_referentiel_plan(PLAN)
PREALABLES = lire_prealables(PLAN / "prealables.toml", REFERENTIEL.par_code)


def suggestions(
    plan: PlanActions | None = None, bilan: Bilan | None = None, alertes: Any = (), offres: Any = ()
) -> list[Suggestion]:
    """What is suggested with the data of the house."""
    return suggerer(plan, bilan, alertes, offres, referentiel=REFERENTIEL, prealables=PREALABLES)


def une_alerte(consequence: Consequence, verdict: Verdict = Verdict.OUI) -> AlerteJugee:
    """An alert that speaks, or that cannot tell."""
    regle = Regle(consequence.value, SANS_CONDITION, "Parce qu'une règle le dit.", "test")
    return AlerteJugee(Alerte(regle, consequence), Jugement(verdict, (), ()))


def un_bilan(**niveaux: Niveau) -> Bilan:
    """A bilan whose dimensions stand at these levels."""
    constats = tuple(
        Constat(nom, f"La dimension {nom}", 1, 1, 0.0, niveau, ()) for nom, niveau in niveaux.items()
    )
    return Bilan("essai", (), constats, (), (), ())


def une_offre_retenue(famille: FamilleAction, **champs: Any) -> OffreRetenue:
    """An offer the engine ranked first."""
    offre = OffreRetenue(
        uuid4(), "car-1", "Le car", "car_regulier", famille, Verdict.OUI, uuid4(), "Elle fait le trajet."
    )
    return replace(offre, **champs)


def test_chaque_consequence_d_une_alerte_a_une_action_qui_y_repond() -> None:
    for consequence in Consequence:
        trouvees = suggestions(alertes=[une_alerte(consequence)])
        assert trouvees, consequence
        assert all(s.parce_que == ("Parce qu'une règle le dit.",) for s in trouvees)


def test_une_alerte_qui_ne_sait_pas_suggere_a_verifier_et_le_dit() -> None:
    (suggeree,) = suggestions(alertes=[une_alerte(Consequence.GARAGE_D_ABORD, Verdict.A_VERIFIER)])
    assert (suggeree.code, suggeree.verdict) == ("garage_solidaire", Verdict.A_VERIFIER)


def test_un_frein_fort_passe_avant_un_frein_moyen_et_sans_impact_ne_suggere_rien() -> None:
    trouvees = suggestions(bilan=un_bilan(D5=Niveau.MOYEN, D9=Niveau.FORT, D11=Niveau.SANS_IMPACT))
    assert [s.code for s in trouvees] == ["garde_enfants", "atelier_confiance"]
    assert trouvees[0].parce_que == ("La dimension D9 : frein fort.",)


def test_le_plan_suggere_suit_les_prealables() -> None:
    alertes = [une_alerte(Consequence.AVIS_MEDICAL_D_ABORD), une_alerte(Consequence.CODE_FLE_D_ABORD)]
    ecole = une_offre_retenue(FamilleAction.DURABLE, code="ecole", genre="auto_ecole_sociale")
    codes = [s.code for s in suggestions(alertes=alertes, offres=[ecole])]
    assert codes.index("ecole") > max(codes.index("avis_medical"), codes.index("cours_francais"))


def test_chaque_besoin_a_de_quoi_depanner_et_de_quoi_durer() -> None:
    besoin = uuid4()
    offres = [
        une_offre_retenue(FamilleAction.DURABLE, besoin=besoin, code="car-1"),
        une_offre_retenue(FamilleAction.DEPANNAGE, besoin=besoin, code="voiture", genre="location_voiture"),
        une_offre_retenue(FamilleAction.DEPANNAGE, besoin=besoin, code="voiture-2", genre="location_voiture"),
    ]
    assert [(s.code, s.famille.value) for s in suggestions(offres=offres)] == [
        ("voiture", "depannage"),
        ("car-1", "durable"),
    ]


def test_ce_qui_a_ete_decide_n_est_pas_suggere_de_nouveau_meme_retire() -> None:
    plan = PlanActions(personne=une_personne())
    for statut, code in ((StatutAction.ECARTEE, "garde_enfants"), (StatutAction.FAITE, "atelier_confiance")):
        plan.ajouter_type(REFERENTIEL.par_code[code], CONSEILLERE).decider(statut, CONSEILLERE, "non")
    assert suggestions(plan, un_bilan(D5=Niveau.FORT, D9=Niveau.FORT)) == []
    offre = une_offre_retenue(FamilleAction.DURABLE)
    plan.retenir(offre.offre, offre.besoin, "Le car", StatutAction.ECARTEE, CONSEILLERE, raison="non")
    assert suggestions(plan, offres=[offre]) == []


def test_deux_raisons_de_la_meme_action_se_lisent_ensemble() -> None:
    alertes = [une_alerte(Consequence.COUT_A_REVOIR)]
    (suggeree,) = suggestions(bilan=un_bilan(D3=Niveau.FORT), alertes=alertes)
    assert suggeree.code == "budget_vehicule"
    assert suggeree.parce_que == ("Parce qu'une règle le dit.", "La dimension D3 : frein fort.")
