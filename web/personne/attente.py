"""Waiting for a vehicle when none is free; and waiting no more."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.base import maintenant
from mobilite.liste_attente import Attente, attentes_de_la_personne
from web import attentes
from web.acces import acteur_courant
from web.personne.demande import la_periode, vehicule_possible
from web.personne.espace import elle, personne
from web.transaction import reessayer, transaction


@personne.post("/vehicule/<uuid:uuid>/attendre")
def attendre(uuid: UUID) -> ResponseReturnValue:
    """Put her on the list for the days she asked."""
    _inscrire(uuid)
    flash("C’est noté. Si un véhicule se libère, on le demande pour vous et vous le voyez ici.")
    return redirect(url_for("personne.accueil"), 303)


@personne.post("/attente/<uuid:uuid>/retirer")
def ne_plus_attendre(uuid: UUID) -> ResponseReturnValue:
    """She waits no more."""
    _retirer(uuid)
    flash("C’est noté : vous n’attendez plus ce véhicule.")
    return redirect(url_for("personne.accueil"), 303)


@reessayer
def _inscrire(uuid: UUID) -> None:
    with transaction() as session:
        qui = elle(session)
        possible = vehicule_possible(session, qui, uuid)
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
