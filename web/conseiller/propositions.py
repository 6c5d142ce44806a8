"""What is possible for her this week: the ranked propositions, what is folded and why, the decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.document import decrire
from matching.proposition import Proposition, Reponse
from mobilite.base import ce_jour
from mobilite.candidate import Candidate
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Personne
from mobilite.plan import Action, PlanActions, StatutAction, plans_visibles_par
from mobilite.verdict import Manque
from web.acces import acteur_courant
from web.besoins_non_couverts import clore, signales
from web.conseiller.bureau import conseiller, ouvrir_dossier
from web.conseiller.poids import contexte_poids
from web.conseiller.sur_le_bureau import poser
from web.formats import majuscule
from web.plan import donnees_du_plan, ranger_le_plan
from web.propositions import proposer_pour
from web.referentiel import referentiel
from web.transaction import transaction

_RAISON_MAX = 500


def contexte_propositions(session: Session, personne: Personne, le: date) -> dict[str, Any]:
    """Everything the middle and right columns of the dossier show."""
    poids = contexte_poids(session, personne, le)
    reponse = proposer_pour(session, personne, le, poids.essayes)
    plan = lire_plan(session, personne)
    codes = {uuid: code for code, uuid in session.execute(select(Offre.code, Offre.uuid))}
    besoins = {str(besoin.uuid): besoin for besoin in personne.besoins}
    return {
        "bureau": [poser(examine, plan, codes) for examine in reponse.besoins],
        "poids": poids,
        "sans_reponse": signales(session, personne),
        "besoins_dits": besoins,
        "questions": reponse.questions[:3],
        "autres_questions": reponse.questions[3:],
        "etape": reponse.prochaine_etape,
        "plan": plan,
        "reponse": reponse,
        "le": le,
        "noms": noms(personne),
        "noms_offres": {p.offre.id: p.offre.nom for e in reponse.besoins for p in e.propositions},
        "adresses_questions": _adresses(personne),
    }


def noms(personne: Personne) -> dict[str, str]:
    """The names of the communes this dossier speaks of."""
    return {b.destination: referentiel().nom(b.destination) for b in personne.besoins if b.destination}


def _adresses(personne: Personne) -> dict[str, str]:
    """Where each question is answered: its place in the diagnostic, or the form of the dossier."""
    moyens = url_for("conseiller.moyens", uuid=personne.uuid)
    identite = url_for("conseiller.identite", uuid=personne.uuid)
    adresses = {
        "annee_naissance": f"{moyens}#champ-annee_naissance",
        "permis": f"{moyens}#champ-permis",
        "permis.obtenu_le": f"{moyens}#champ-obtenu",
        "moyens": f"{moyens}#champ-moyen-0",
        "rattachement": f"{identite}#champ-rattachement",
        "depart": f"{identite}#champ-depart-0",
    }
    if personne.besoins:
        besoin = url_for("conseiller.besoin", uuid=personne.uuid, besoin_uuid=personne.besoins[0].uuid)
        adresses |= {"besoins.motif": f"{besoin}#champ-motif", "besoins.cycle": f"{besoin}#champ-quand"}
    return adresses | {
        item.code: url_for("conseiller.diagnostic", uuid=personne.uuid, section=item.dimension)
        + f"#{item.code}"
        for item in referentiel().questionnaire.items
    }


@conseiller.post("/dossiers/<uuid:uuid>/propositions/<code>")
def retenir(uuid: UUID, code: str) -> ResponseReturnValue:
    """Keep a proposition in the plan, or drop it and say why."""
    statut = {"garder": StatutAction.GARDEE, "ecarter": StatutAction.ECARTEE}.get(
        request.form.get("decision", "")
    )
    if statut is None:
        abort(400)
    raison = request.form.get("raison", "").strip()
    if raison:
        raison = Champ(raison, "raison").texte(_RAISON_MAX)
    if statut is StatutAction.ECARTEE and not raison:
        raise DonneeRefusee("raison", "dites en quelques mots pourquoi cette solution ne convient pas.")
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        besoin = besoin_de(personne, request.form.get("besoin", ""))
        proposition = _proposition(proposer_pour(session, personne, ce_jour()), code, str(besoin.uuid))
        offre = session.scalars(select(Offre).where(Offre.code == code)).one()
        plan = plan_de(session, personne)
        action = plan.retenir(
            offre.uuid, besoin.uuid, offre.nom, statut, acteur, raison=raison, instantane=decrire(proposition)
        )
        if statut is StatutAction.GARDEE:
            preparer_l_etape(action, proposition.offre, proposition.manques)
            action.objectif = action.objectif or donnees_du_plan().referentiel.genres.get(
                proposition.offre.genre.value
            )
            ranger_le_plan(plan)
        session.flush()
        evenement = Evenement.ACTION_GARDEE if statut is StatutAction.GARDEE else Evenement.ACTION_ECARTEE
        session.add(consigner(acteur, evenement, action))
        if statut is StatutAction.GARDEE:
            clore(session, besoin, acteur, ce_jour())
    flash(f"« {offre.nom} » : {'gardée au plan' if statut is StatutAction.GARDEE else 'mise de côté'}.")
    if request.form.get("suite") == "plan":
        return redirect(url_for("conseiller.plan", uuid=uuid) + f"#action-{action.uuid}")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + f"#besoin-{besoin.uuid}")


def lire_plan(session: Session, personne: Personne) -> PlanActions | None:
    """Her plan, if somebody began it."""
    visibles = plans_visibles_par(acteur_courant())
    return session.scalars(visibles.where(PlanActions.personne_id == personne.id)).one_or_none()


def plan_de(session: Session, personne: Personne) -> PlanActions:
    """Her plan, begun if need be."""
    plan = lire_plan(session, personne)
    if plan is None:
        plan = PlanActions(personne=personne)
        session.add(plan)
    return plan


def besoin_de(personne: Personne, uuid: str) -> BesoinExprime:
    besoin = next((b for b in personne.besoins if str(b.uuid) == uuid), None)
    if besoin is None:
        abort(404)
    return besoin


def _proposition(reponse: Reponse, code: str, besoin: str) -> Proposition:
    visees = (
        p
        for examine in reponse.besoins
        for p in examine.propositions
        if p.offre.id == code and p.besoin.id == besoin
    )
    proposition = next(visees, None)
    if proposition is None:
        abort(404)
    return proposition


def preparer_l_etape(action: Action, offre: Candidate, manques: Sequence[Manque]) -> None:
    """What she will read, as far as it is known: the adviser completes it in the plan."""
    if not action.telephone:
        action.telephone = offre.telephone
    if not action.apporter:
        action.apporter = list(offre.documents)
    dates = [manque.avant for manque in manques if manque.avant is not None]
    if action.le is None and dates:
        action.le = min(dates)
    if not action.pas_sur and manques:
        action.pas_sur = _ce_qui_n_est_pas_sur(manques)


def _ce_qui_n_est_pas_sur(manques: Sequence[Manque]) -> str:
    """What she reads under « Pas encore sûr »: what a partner must still say; the rest is talked over."""
    dehors = (m.quoi for m in manques if m.qui not in ("la personne", "le conseiller"))
    quoi = next(dehors, "un point à voir ensemble")
    return f"{majuscule(quoi)}."
