"""« Ma file »: the search first, then what waits for the adviser, then the dossiers she follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from mobilite.acteur import Acteur
from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne, personnes_visibles_par, rechercher_personnes
from mobilite.plan import PlanActions, plans_visibles_par
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import StatutReservation
from web import reservations as actes
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, dire_enregistre, ouvrir_dossier
from web.conseiller.travail import file_de_travail
from web.conseiller.travail.a_faire import GenreTravail
from web.menu import ajouter_au_menu
from web.transaction import bd, reessayer, transaction

TROUVEES_MAX = 20
PAR_PAGE = 50
TRAVAUX = 25
"""Lines of work on a page."""

RECENTS = 20
"""Dossiers shown under them, the latest opened or changed; the others are a click away."""

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


class DejaSuivie(RegleMetier):
    """Somebody took this dossier first."""

    code = "deja_suivie"

    def __init__(self) -> None:
        super().__init__("Un autre conseiller vient de prendre ce dossier.")


@conseiller.get("/")
def file() -> str:
    """The first page of the day: find somebody, see what waits, or take up where one was."""
    acteur = acteur_courant()
    cherche = request.args.get("q", "").strip()[:80]
    voulu = request.args.get("travail", "")
    session = bd.session
    trouvees = session.scalars(rechercher_personnes(acteur, cherche, TROUVEES_MAX)).all() if cherche else []
    siennes = (
        personnes_visibles_par(acteur)
        .where(Personne.conseiller_id == acteur.id)
        .order_by(None)
        .order_by(Personne.modifiee_le.desc(), Personne.id.desc())
    )
    en_cours = session.scalars(siennes.where(Personne.en_attente.is_(False)).limit(RECENTS + 1)).all()
    return render_template(
        "conseiller/file.html",
        q=cherche,
        trouvees=[LigneFile(p, _commune(p, acteur)) for p in trouvees],
        au_plus=TROUVEES_MAX,
        travail=file_de_travail(
            session,
            acteur,
            maintenant(),
            genre=GenreTravail(voulu) if voulu in list(GenreTravail) else None,
            page=request.args.get("page", 1, type=int),
            par_page=TRAVAUX,
        ),
        en_attente=[
            LigneFile(p, _commune(p, acteur))
            for p in session.scalars(siennes.where(Personne.en_attente.is_(True)).limit(PAR_PAGE))
        ],
        en_cours=_lignes(session, en_cours[:RECENTS], acteur),
        encore=len(en_cours) > RECENTS,
        le=ce_jour(),
    )


@conseiller.post("/dossiers/<uuid:uuid>/prendre")
def prendre(uuid: UUID) -> ResponseReturnValue:
    """Take somebody nobody follows: from then on her work is in this adviser's list."""
    try:
        dire_enregistre(f"Vous suivez maintenant {_prendre(uuid)}.")
    except RegleMetier as refus:
        flash(refus.phrase)
    except StaleDataError:
        flash(DejaSuivie().phrase)
    return _retour()


@reessayer
def _prendre(uuid: UUID) -> str:
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        if personne.conseiller_id not in (None, acteur.id):
            raise DejaSuivie
        if personne.conseiller_id is None:
            personne.conseiller_id = acteur.id
            session.add(consigner(acteur, Evenement.DOSSIER_PRIS, personne))
        return personne.nom_complet


@conseiller.post("/reservations/<uuid:reservation_uuid>/recontactee")
def recontactee(reservation_uuid: UUID) -> ResponseReturnValue:
    """She could not come to the vehicle; somebody has now spoken with her about it."""
    _noter_recontactee(reservation_uuid)
    dire_enregistre("Elle a été rappelée.")
    return _retour()


@reessayer
def _noter_recontactee(uuid: UUID) -> None:
    acteur = acteur_courant()
    with transaction() as session:
        visibles = reservations_visibles_par(acteur).where(Reservation.uuid == uuid)
        actes.noter_recontactee(session, session.scalars(visibles).one(), par=acteur)


def _retour() -> ResponseReturnValue:
    """Back to the list as it was filtered."""
    voulu = request.form.get("travail", "")
    return redirect(
        url_for(
            "conseiller.file",
            travail=voulu if voulu in list(GenreTravail) else None,
            _anchor="a-faire",
        ),
        303,
    )


@conseiller.get("/dossiers")
def dossiers() -> str:
    """Every dossier the adviser may open, or only those she follows, by name, a page at a time."""
    acteur = acteur_courant()
    session = bd.session
    les_miens = request.args.get("suivi") == "moi"
    visibles = personnes_visibles_par(acteur)
    if les_miens:
        visibles = visibles.where(Personne.conseiller_id == acteur.id)
    compte = select(func.count()).select_from(
        visibles.with_only_columns(Personne.id).order_by(None).subquery()
    )
    total = session.scalar(compte) or 0
    pages = max(1, -(-total // PAR_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    personnes = session.scalars(visibles.offset((page - 1) * PAR_PAGE).limit(PAR_PAGE)).all()
    return render_template(
        "conseiller/file_dossiers.html",
        lignes=[LigneFile(p, _commune(p, acteur)) for p in personnes],
        siens=acteur.id,
        les_miens=les_miens,
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
