"""What stands around the lines of a plan: what to think of, the order and why, the hours, the money."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.proposition import Reponse
from mobilite.heures_engagement import lundi_de, sans_date, semaines_du_plan
from mobilite.offre import Offre
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.plan import GenreAction, PlanActions
from mobilite.suggestion import Suggestion, suggerer
from web.aides import aides_de
from web.budget_plan import BUDGET, RESTE_A_VIVRE, budget_du_plan, location_ou_achat
from web.conseiller.aides import panneau_aides, restes_du_plan
from web.conseiller.resultats import constats_de, resultats_de
from web.plan import donnees_du_plan, offres_retenues, sans_aucune_reponse
from web.propositions import proposer_pour, situation_de
from web.referentiel import referentiel

SUGGESTIONS_OUVERTES = 5
"""How many suggestions stand open; the others are one click away."""


def autour_du_plan(
    session: Session, personne: Personne, plan: PlanActions | None, le: date
) -> dict[str, Any]:
    """Everything the page of the plan shows beside its lines."""
    donnees, p = donnees_du_plan(), parametres(le)
    situation = situation_de(personne)
    aides = aides_de(situation, le)
    reponse = proposer_pour(session, personne, le)
    actions = plan.actions if plan else []
    prises = {a.code for a in actions if a.genre is GenreAction.AIDE and a.statut.ouverte}
    semaines = semaines_du_plan(actions)
    return {
        **panneau_aides(aides, plan, le),
        "aides_a_demander": [(a.code, a.nom) for a in aides.possibles if a.code not in prises],
        "types": donnees.referentiel.par_objectif(),
        "objectifs": [(str(n), libelle) for n, libelle in donnees.referentiel.objectifs.items()],
        "suggestions": suggestions_pour(session, personne, plan, reponse, le),
        "suggestions_ouvertes": SUGGESTIONS_OUVERTES,
        "conseils": plan.conseils(donnees.prealables) if plan else [],
        "semaines": [s for s in semaines if s.lundi >= lundi_de(le)],
        "semaines_passees": sum(s.lundi < lundi_de(le) for s in semaines),
        "heures_sans_date": sans_date(actions),
        "heures_du_contrat": p["engagement.heures_semaine"],
        "contrat": donnees.referentiel.contrat,
        "budget": budget_du_plan(
            plan,
            restes_du_plan(aides, plan),
            referentiel().questionnaire.par_code.get(RESTE_A_VIVRE),
            situation.reponses.get(RESTE_A_VIVRE),
            situation.reponses.get(BUDGET),
        ),
        "location_ou_achat": location_ou_achat(plan),
        "sans_reponse_aucune": [
            (e.besoin.id, _ou(personne, e.besoin.id)) for e in sans_aucune_reponse(reponse)
        ],
    }


def suggestions_pour(
    session: Session, personne: Personne, plan: PlanActions | None, reponse: Reponse, le: date
) -> list[Suggestion]:
    """What the dossier makes one think of: her alerts, the engine's answer, her freins."""
    donnees, resultats = donnees_du_plan(), resultats_de(personne, le)
    constats = constats_de(session, personne, le, resultats, reponse=reponse, plan=plan)
    return suggerer(
        plan,
        resultats.bilan if resultats else None,
        constats.alertes if constats else (),
        offres_retenues(reponse, dict(session.execute(select(Offre.code, Offre.uuid)).all())),
        referentiel=donnees.referentiel,
        prealables=donnees.prealables,
    )


def _ou(personne: Personne, besoin: str) -> str:
    """Where a need goes, by its name."""
    exprime = next((b for b in personne.besoins if str(b.uuid) == besoin), None)
    if exprime is None:
        return "son trajet"
    return referentiel().nom(exprime.destination) if exprime.destination else exprime.lieu_libre or ""
