"""Waiting for a vehicle when none is free, waiting no more, and the yes or no when one is kept for her."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import jour_local, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.liste_attente import Attente, PlaceProposee, attentes_de_la_personne
from mobilite.parametres import parametres
from web import attentes, places
from web.acces import acteur_courant
from web.contact import contact_de
from web.personne.demande import jour_choisi, la_periode, vehicule_possible
from web.personne.espace import elle, personne
from web.transaction import lecture, reessayer, transaction

MERCI = {
    "oui": "C’est oui. On demande à la structure, elle vous répond.",
    "non": "C’est noté. Vous gardez votre place sur la liste.",
}


@personne.post("/vehicule/<uuid:uuid>/attendre")
def attendre(uuid: UUID) -> ResponseReturnValue:
    """Put her on the list for the days she asked."""
    _inscrire(uuid)
    flash("C’est noté. Si un véhicule se libère, on le garde pour vous et vous le voyez ici.")
    return redirect(url_for("personne.accueil"), 303)


@personne.post("/attente/<uuid:uuid>/retirer")
def ne_plus_attendre(uuid: UUID) -> ResponseReturnValue:
    """She waits no more."""
    _retirer(uuid)
    flash("C’est noté : vous n’attendez plus ce véhicule.")
    return redirect(url_for("personne.accueil"), 303)


@personne.get("/place/<uuid:uuid>")
def voir_place(uuid: UUID) -> str:
    """What is kept for her, until when, why her; yes or no. Nothing of the others."""
    instant = maintenant()
    with lecture() as session:
        qui = elle(session)
        place = _la_sienne(session, uuid)
        priorite = place.attente.priorite(parametres(jour_local(instant)), instant)
        return render_template(
            "personne/place.html",
            place=place,
            ouverte=place.ouverte(instant),
            pourquoi=priorite.pour_elle,
            contact=contact_de(session, qui),
        )


@personne.post("/place/<uuid:uuid>")
def repondre_place(uuid: UUID) -> ResponseReturnValue:
    """Yes or no, in one tap."""
    reponse = request.form.get("reponse", "")
    if reponse not in MERCI:
        return redirect(url_for("personne.voir_place", uuid=uuid), 303)
    try:
        _repondre(uuid, oui=reponse == "oui")
    except RegleMetier as refus:
        flash(refus.phrase)
    else:
        flash(MERCI[reponse])
    return redirect(url_for("personne.accueil"), 303)


@reessayer
def _repondre(uuid: UUID, *, oui: bool) -> None:
    with transaction() as session:
        place = _la_sienne(session, uuid)
        if oui:
            attentes.accepter(session, place, par=acteur_courant())
        else:
            places.decliner(session, place, par=acteur_courant())


def _la_sienne(session: Session, uuid: UUID) -> PlaceProposee:
    siennes = select(PlaceProposee).join(PlaceProposee.attente)
    return session.scalars(
        siennes.where(Attente.personne_id == elle(session).id, PlaceProposee.uuid == uuid)
    ).one()


@reessayer
def _inscrire(uuid: UUID) -> None:
    with transaction() as session:
        qui = elle(session)
        possible = vehicule_possible(session, qui, uuid, jour_choisi(request.form))
        debut, fin, cle = la_periode(request.form, possible)
        attentes.inscrire(
            session, qui, possible.offre, par=acteur_courant(), debut=debut, fin=fin, cle=f"attente-{cle}"
        )


@reessayer
def _retirer(uuid: UUID) -> None:
    with transaction() as session:
        siennes = attentes_de_la_personne(elle(session).id, maintenant())
        attente = session.scalars(siennes.where(Attente.uuid == uuid)).one()
        attentes.retirer(session, attente, par=acteur_courant())
        places.proposer_les_places(session, structure_id=attente.offre.structure_id)
