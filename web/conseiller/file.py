"""« Ma file »: the search first, then the dossiers the adviser follows and what each waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.personnes import Personne, personnes_visibles_par, rechercher_personnes
from mobilite.plan import PlanActions, plans_visibles_par
from mobilite.reservation import Reservation, StatutReservation, reservations_visibles_par
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller
from web.conseiller.messages import appels_a_faire
from web.menu import ajouter_au_menu
from web.relogement import reservations_a_reloger
from web.transaction import bd

TROUVEES_MAX = 20
PAR_PAGE = 50

ajouter_au_menu(conseiller, "Ma file", "file", rang=10)
ajouter_au_menu(conseiller, "Dossiers", "dossiers", rang=20)


@dataclass(frozen=True, slots=True)
class Attendu:
    """What a dossier waits for: a few words, and the day if there is one, with what that day is."""

    phrase: str
    le: date | None = None
    repere: str = "le"


@dataclass(frozen=True, slots=True)
class LigneFile:
    """One dossier in a list. ``insee`` is empty for whoever may not see her places."""

    personne: Personne
    insee: str | None
    attendu: Attendu | None = None


@conseiller.get("/")
def file() -> str:
    """The first page of the day: find somebody, or take up where one was."""
    acteur = acteur_courant()
    cherche = request.args.get("q", "").strip()[:80]
    session = bd.session
    trouvees = session.scalars(rechercher_personnes(acteur, cherche, TROUVEES_MAX)).all() if cherche else []
    siennes = session.scalars(
        personnes_visibles_par(acteur)
        .where(Personne.conseiller_id == acteur.id)
        .order_by(None)
        .order_by(Personne.modifiee_le.desc(), Personne.id.desc())
    ).all()
    lignes = _lignes(session, siennes, acteur)
    return render_template(
        "conseiller/file.html",
        q=cherche,
        trouvees=[LigneFile(p, _commune(p, acteur)) for p in trouvees],
        au_plus=TROUVEES_MAX,
        appels=appels_a_faire(session, acteur),
        a_reloger=[
            (reservation, raison)
            for reservation, raison in reservations_a_reloger(session, maintenant())
            if reservation.personne is not None and reservation.personne.conseiller_id in (acteur.id, None)
        ],
        en_attente=[ligne for ligne in lignes if ligne.personne.en_attente],
        en_cours=[ligne for ligne in lignes if not ligne.personne.en_attente],
        le=ce_jour(),
    )


@conseiller.get("/dossiers")
def dossiers() -> str:
    """Every dossier the adviser may open, by name, a page at a time."""
    acteur = acteur_courant()
    session = bd.session
    visibles = personnes_visibles_par(acteur)
    total = session.scalar(select(func.count()).select_from(visibles.order_by(None).subquery())) or 0
    pages = max(1, -(-total // PAR_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    personnes = session.scalars(visibles.offset((page - 1) * PAR_PAGE).limit(PAR_PAGE)).all()
    return render_template(
        "conseiller/file_dossiers.html",
        lignes=[LigneFile(p, _commune(p, acteur)) for p in personnes],
        siens=acteur.id,
        total=total,
        page=page,
        pages=pages,
    )


def _commune(personne: Personne, acteur: Acteur) -> str | None:
    """The commune to show beside a name."""
    if not personne.coordonnees_visibles_par(acteur):
        return None
    aujourdhui = ce_jour()
    valables = [
        d
        for d in personne.departs
        if (d.du is None or d.du <= aujourdhui) and (d.jusqu_au is None or aujourdhui <= d.jusqu_au)
    ]
    return valables[0].insee if valables else personne.rattachement


def _lignes(session: Session, personnes: Sequence[Personne], acteur: Acteur) -> list[LigneFile]:
    numeros = [p.id for p in personnes]
    plans = {
        plan.personne_id: plan
        for plan in session.scalars(plans_visibles_par(acteur).where(PlanActions.personne_id.in_(numeros)))
    }
    demandes = {
        reservation.personne_id: reservation
        for reservation in session.scalars(
            reservations_visibles_par(acteur).where(
                Reservation.personne_id.in_(numeros), Reservation.statut == StatutReservation.DEMANDEE
            )
        )
    }
    return [
        LigneFile(p, _commune(p, acteur), _attendu(p, plans.get(p.id), demandes.get(p.id))) for p in personnes
    ]


def _attendu(personne: Personne, plan: PlanActions | None, demande: Reservation | None) -> Attendu:
    """The first thing that is missing, in the order of the work: need, place, answer, step, choice."""
    if not personne.besoins:
        return Attendu("Noter son premier besoin")
    if not personne.departs:
        return Attendu("Demander d'où part la personne")
    if demande is not None and demande.etat(maintenant()) is StatutReservation.DEMANDEE:
        return Attendu(
            f"Réponse du partenaire : {demande.vehicule.libelle}", jour_local(demande.debut), "pour le"
        )
    etapes = plan.prochaines_etapes(1) if plan else []
    if etapes:
        return Attendu(etapes[0].intitule, etapes[0].le)
    if plan and plan.actions:
        return Attendu("Faire le point : il ne reste pas d'étape")
    return Attendu("Choisir parmi les propositions", _commence(personne), "premier jour")


def _commence(personne: Personne) -> date | None:
    """The first day of her nearest need, if somebody said it."""
    jours = [besoin.premier_jour for besoin in personne.besoins if besoin.premier_jour is not None]
    for besoin in personne.besoins:
        dites = besoin.passages.get("dates") or ()
        jours += [date.fromisoformat(une if isinstance(une, str) else une["date"]) for une in dites]
    aujourdhui = ce_jour()
    return min((jour for jour in jours if jour >= aujourdhui), default=None)
