"""Vehicles awaited: what is kept for whom until when, who waits and why in that order, answered at the desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import jour_local, maintenant
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.liste_attente import (
    Attente,
    PlaceProposee,
    attentes_ouvertes,
    dans_l_ordre,
    places_ouvertes,
)
from mobilite.parametres import parametres
from mobilite.personnes import Personne, personnes_visibles_par
from mobilite.priorite import Priorite, RaisonPriorite
from mobilite.structure import Structure
from web import attentes, places
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, dire_enregistre, ouvrir_dossier
from web.menu import ajouter_au_menu
from web.personne.demande import jour_choisi, la_periode, vehicule_possible
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(conseiller, "Véhicules attendus", "vehicules_attendus", rang=35)


class PasLaSienne(RegleMetier):
    """Somebody else follows her."""

    code = "pas_la_sienne"

    def __init__(self) -> None:
        super().__init__("C'est la personne qui la suit qui le note.")


@dataclass(frozen=True, slots=True)
class LigneAttente:
    """One line as an adviser reads it. ``raisons``: her own people's only; of others, the points.

    ``rang`` is counted among everybody who waits at this structure, ``sur`` is how many they are.
    """

    attente: Attente
    rang: int
    sur: int
    pourquoi: str
    suivie: bool
    place: PlaceProposee | None

    @property
    def en_danger(self) -> bool:
        """Whether danger is noted: read by whoever follows her."""
        return self.suivie and RaisonPriorite.DANGER in self.attente.raisons


@conseiller.get("/vehicules-attendus")
def vehicules_attendus() -> str:
    """What is kept for somebody until a deadline; then who waits, fleet by fleet, in order."""
    acteur, instant = acteur_courant(), maintenant()
    with lecture() as session:
        par_structure = listes(session, acteur, instant)
        tenues = [ligne for lignes in par_structure.values() for ligne in lignes if ligne.place is not None]
        return render_template(
            "conseiller/vehicules_attendus.html",
            par_structure=par_structure,
            tenues=sorted(tenues, key=lambda ligne: ligne.place.jusqu_au if ligne.place else instant),
        )


def listes(session: Session, acteur: Acteur, instant: datetime) -> dict[Structure, list[LigneAttente]]:
    """Who waits, by structure and in the order they are served; only the people this adviser may see."""
    visibles = {personne.id for personne in session.scalars(personnes_visibles_par(acteur))}
    tenues = {place.attente_id: place for place in session.scalars(places_ouvertes(instant))}
    toutes: defaultdict[Structure, list[Attente]] = defaultdict(list)
    for attente in session.scalars(attentes_ouvertes(instant)):
        toutes[attente.offre.structure].append(attente)
    en_vigueur = parametres(jour_local(instant))
    lignes = {
        structure: [
            _ligne(attente, priorite, rang, len(siennes), acteur, tenues.get(attente.id))
            for rang, (attente, priorite) in enumerate(dans_l_ordre(siennes, en_vigueur, instant), start=1)
            if attente.personne_id in visibles
        ]
        for structure, siennes in sorted(toutes.items(), key=lambda une: une[0].nom)
    }
    return {structure: siennes for structure, siennes in lignes.items() if siennes}


def _ligne(
    attente: Attente, priorite: Priorite, rang: int, sur: int, acteur: Acteur, place: PlaceProposee | None
) -> LigneAttente:
    suivie = attente.personne.conseiller_id in (None, acteur.id)
    points = f"{priorite.points_dits:g}".replace(".", ",")
    pourquoi = priorite.phrase if suivie else f"{points} point{'s' if priorite.points_dits >= 2 else ''}."
    return LigneAttente(attente, rang, sur, pourquoi, suivie, place)


@conseiller.post("/places/<uuid:uuid>")
def repondre_a_la_place(uuid: UUID) -> ResponseReturnValue:
    """She answered by telephone, or at the desk: yes or no."""
    oui = _oui_ou_non()

    def faire(session: Session) -> str:
        place = session.scalars(select(PlaceProposee).where(PlaceProposee.uuid == uuid)).one()
        _visible(session, place.attente)
        prenom = place.attente.personne.prenom
        if oui:
            attentes.accepter(session, place, par=acteur_courant())
            return f"{prenom} a dit oui : la structure confirme ensuite, comme pour toute demande."
        places.decliner(session, place, par=acteur_courant())
        return f"{prenom} a dit non : elle garde son rang pour un autre véhicule."

    return _ecrire(faire)


@conseiller.post("/vehicules-attendus/<uuid:uuid>/danger")
def noter_danger(uuid: UUID) -> ResponseReturnValue:
    """Danger counts first. Only whoever follows her says so, and reads it."""
    oui = _oui_ou_non()

    def faire(session: Session) -> str:
        attente = _l_attente(session, uuid)
        if attente.personne.conseiller_id not in (None, acteur_courant().id):
            raise PasLaSienne
        attentes.noter_danger(session, attente, oui, par=acteur_courant())
        return "Le rang est recalculé."

    return _ecrire(faire)


@conseiller.post("/dossiers/<uuid:uuid>/attendre/<uuid:offre_uuid>")
def attendre_pour_elle(uuid: UUID, offre_uuid: UUID) -> ResponseReturnValue:
    """Put her on the list for the days that were just refused, as on her own page."""

    def faire(session: Session) -> str:
        personne = ouvrir_dossier(session, uuid)
        possible = vehicule_possible(session, personne, offre_uuid, jour_choisi(request.form))
        debut, fin, cle = la_periode(request.form, possible)
        attentes.inscrire(
            session,
            personne,
            possible.offre,
            par=acteur_courant(),
            debut=debut,
            fin=fin,
            cle=f"attente-{cle}",
        )
        return f"{personne.prenom} est sur la liste. Si un véhicule se libère, il est gardé pour elle."

    return _ecrire(faire)


@conseiller.post("/vehicules-attendus/<uuid:uuid>/retirer")
def retirer_l_attente(uuid: UUID) -> ResponseReturnValue:
    """She waits no more for this vehicle."""

    def faire(session: Session) -> str:
        attente = _l_attente(session, uuid)
        attentes.retirer(session, attente, par=acteur_courant())
        places.proposer_les_places(session, structure_id=attente.offre.structure_id)
        return f"{attente.personne.prenom} n’attend plus ce véhicule."

    return _ecrire(faire)


def _ecrire(faire: Callable[[Session], str]) -> ResponseReturnValue:
    @reessayer
    def ecrire() -> str:
        with transaction() as session:
            return faire(session)

    try:
        dire_enregistre(ecrire())
    except RegleMetier as refus:
        flash(refus.phrase)
    return redirect(url_for("conseiller.vehicules_attendus"), 303)


def _l_attente(session: Session, uuid: UUID) -> Attente:
    attente = session.scalars(select(Attente).where(Attente.uuid == uuid)).one()
    _visible(session, attente)
    return attente


def _visible(session: Session, attente: Attente) -> None:
    """Raise ``NoResultFound`` for the line of somebody whose dossier this adviser may not open."""
    visibles = personnes_visibles_par(acteur_courant())
    session.scalars(visibles.where(Personne.id == attente.personne_id)).one()


def _oui_ou_non() -> bool:
    dit = request.form.get("reponse", "")
    if dit not in ("oui", "non"):
        raise DonneeRefusee("reponse", "Choisissez oui ou non.")
    return dit == "oui"
