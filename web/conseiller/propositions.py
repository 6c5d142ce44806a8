"""What is possible for her this week: the ranked propositions, what is folded and why, the decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.document import decrire
from matching.proposition import BesoinExamine, Proposition, Reponse
from mobilite.base import ce_jour
from mobilite.besoin import Passage
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Personne
from mobilite.plan import Action, PlanActions, StatutAction, plans_visibles_par
from mobilite.verdict import Manque, Verdict, tous
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.propositions import proposer_pour
from web.referentiel import referentiel
from web.transaction import bd, transaction

EN_AVANT = 5
"""How many propositions stand open; the others are one click away."""

_RAISON_MAX = 500
_FAMILLES_DE_REGLES = (
    ("droit.", "la loi ne le permet pas"),
    ("condition.", "une condition n'est pas remplie"),
    ("zone", "ne dessert pas ce trajet"),
    ("desserte", "ne dessert pas ce trajet"),
    ("horaires", "pas à ces heures"),
    ("jour_ferie", "pas ce jour-là"),
    ("preavis", "trop tard pour réserver"),
    ("place", "complet"),
    ("motif", "réservé à un autre motif"),
)


@dataclass(frozen=True, slots=True)
class Carte:
    """One proposition as it stands on the desk, with what was already decided about it."""

    proposition: Proposition
    decision: StatutAction | None
    raison: str

    @property
    def semaines(self) -> list[tuple[str, list[tuple[str, Verdict]]]]:
        """One line a week, named when there are several; one square a day: (label, verdict)."""
        cases = self.proposition.cases
        lignes: dict[int, list[tuple[str, Verdict]]] = {}
        for aller, retour in zip(cases[::2], cases[1::2], strict=True):
            verdict = tous([aller.verdict, retour.verdict])
            lignes.setdefault(aller.passage.semaine or 1, []).append(
                (_libelle_du_jour(aller.passage), verdict)
            )
        return [(f"Semaine {n}" if len(lignes) > 1 else "", jours) for n, jours in sorted(lignes.items())]


@dataclass(frozen=True, slots=True)
class BesoinSurLeBureau:
    """A need and its propositions, sorted as the adviser reads them. Nothing is left out."""

    examine: BesoinExamine
    trajets: list[Carte]
    autres_trajets: list[Carte]
    appuis: list[Carte]
    repliees: list[Carte]
    impossibles: list[Carte]
    refus: list[tuple[str, int]]

    @property
    def regardees(self) -> int:
        """How many offers were looked at."""
        return len(self.examine.propositions)


def contexte_propositions(session: Session, personne: Personne, le: date) -> dict[str, Any]:
    """Everything the middle and right columns of the dossier show."""
    reponse = proposer_pour(session, personne, le)
    plan = lire_plan(session, personne)
    codes = {uuid: code for code, uuid in session.execute(select(Offre.code, Offre.uuid))}
    besoins = {str(besoin.uuid): besoin for besoin in personne.besoins}
    return {
        "bureau": [_sur_le_bureau(examine, plan, codes) for examine in reponse.besoins],
        "besoins_dits": besoins,
        "questions": reponse.questions[:3],
        "autres_questions": reponse.questions[3:],
        "etape": reponse.prochaine_etape,
        "plan": plan,
        "le": le,
        "noms": _noms(personne),
        "noms_offres": {p.offre.id: p.offre.nom for e in reponse.besoins for p in e.propositions},
        "adresses_questions": _adresses(personne),
    }


def _noms(personne: Personne) -> dict[str, str]:
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


def _sur_le_bureau(
    examine: BesoinExamine, plan: PlanActions | None, codes: dict[UUID, str]
) -> BesoinSurLeBureau:
    decisions = {
        codes.get(action.offre): (action.statut, action.raison)
        for action in (plan.actions if plan else [])
        if action.offre is not None and str(action.besoin) == examine.besoin.id
    }
    cartes = [Carte(p, *decisions.get(p.offre.id, (None, ""))) for p in examine.propositions]
    ouvertes = [
        c
        for c in cartes
        if c.proposition.verdict is not Verdict.NON
        and not c.proposition.dominee_par
        and c.decision is not StatutAction.ECARTEE
    ]
    trajets = [c for c in ouvertes if c.proposition.offre.genre.transporte]
    impossibles = [c for c in cartes if c.proposition.verdict is Verdict.NON]
    return BesoinSurLeBureau(
        examine,
        trajets[:EN_AVANT],
        trajets[EN_AVANT:],
        [c for c in ouvertes if not c.proposition.offre.genre.transporte],
        [
            c
            for c in cartes
            if c.proposition.verdict is not Verdict.NON
            and (c.proposition.dominee_par or c.decision is StatutAction.ECARTEE)
        ],
        impossibles,
        _compter_les_refus(impossibles),
    )


def _compter_les_refus(cartes: Sequence[Carte]) -> list[tuple[str, int]]:
    """Why offers are folded, the commonest reason first."""
    return Counter(_famille(c.proposition.decisif.regle) for c in cartes).most_common()


def _famille(regle: str) -> str:
    return next((phrase for debut, phrase in _FAMILLES_DE_REGLES if regle.startswith(debut)), "autre raison")


def _libelle_du_jour(passage: Passage) -> str:
    if passage.date is not None:
        return f"{passage.jour.libelle} {passage.date:%d/%m}"
    return passage.jour.libelle


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
        besoin = _besoin(personne, request.form.get("besoin", ""))
        proposition = _proposition(proposer_pour(session, personne, ce_jour()), code, str(besoin.uuid))
        offre = session.scalars(select(Offre).where(Offre.code == code)).one()
        plan = plan_de(session, personne)
        action = plan.retenir(
            offre.uuid, besoin.uuid, offre.nom, statut, acteur, raison=raison, instantane=decrire(proposition)
        )
        if statut is StatutAction.GARDEE:
            _preparer_l_etape(action, proposition)
        session.flush()
        evenement = Evenement.ACTION_GARDEE if statut is StatutAction.GARDEE else Evenement.ACTION_ECARTEE
        session.add(consigner(acteur, evenement, action))
    flash(f"« {offre.nom} » : {'gardée au plan' if statut is StatutAction.GARDEE else 'mise de côté'}.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + f"#besoin-{besoin.uuid}")


@conseiller.get("/dossiers/<uuid:uuid>/pourquoi/<code>")
def pourquoi(uuid: UUID, code: str) -> str:
    """Why, or why not: the whole reasoning for one offer of the catalogue, need by need."""
    personne = consulter(uuid)
    reponse = proposer_pour(bd.session, personne, ce_jour())
    propositions = [p for examine in reponse.besoins for p in examine.propositions if p.offre.id == code]
    if not propositions:
        abort(404)
    return render_template(
        "conseiller/pourquoi.html",
        personne=personne,
        offre=propositions[0].offre,
        propositions=propositions,
        besoins_dits={str(besoin.uuid): besoin for besoin in personne.besoins},
        noms=_noms(personne),
        le=ce_jour(),
    )


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


def _besoin(personne: Personne, uuid: str) -> BesoinExprime:
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


def _preparer_l_etape(action: Action, proposition: Proposition) -> None:
    """What she will read, as far as it is known: the adviser completes it in the plan."""
    offre = proposition.offre
    if not action.telephone:
        action.telephone = offre.telephone
    if not action.apporter:
        action.apporter = list(offre.documents)
    dates = [manque.avant for manque in proposition.manques if manque.avant is not None]
    if action.le is None and dates:
        action.le = min(dates)
    if not action.pas_sur and proposition.verdict is Verdict.A_VERIFIER and proposition.manques:
        action.pas_sur = _ce_qui_n_est_pas_sur(proposition.manques)


def _ce_qui_n_est_pas_sur(manques: Sequence[Manque]) -> str:
    """What she reads under « Pas encore sûr »: what a partner must still say; the rest is talked over."""
    dehors = (m.quoi for m in manques if m.qui not in ("la personne", "le conseiller"))
    quoi = next(dehors, "un point à voir ensemble")
    return f"{quoi[:1].upper()}{quoi[1:]}."
