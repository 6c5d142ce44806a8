"""Who may see her plan: a list, and one button each to stop it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from mobilite.base import ce_jour
from mobilite.cercle import MembreCercle
from mobilite.journal import Evenement, consigner
from web.acces import acteur_courant
from web.contact import contact_de
from web.parcours import cercle_de
from web.personne.espace import elle, personne
from web.transaction import lecture, reessayer, transaction


@personne.get("/partage")
def partage() -> str:
    """Who sees what, until when."""
    with lecture() as session:
        qui = elle(session)
        return render_template(
            "personne/partage.html",
            cercle=cercle_de(session, qui, ce_jour()),
            contact=contact_de(session, qui),
        )


@personne.post("/partage/<uuid:uuid>/arreter")
def arreter_le_partage(uuid: UUID) -> ResponseReturnValue:
    """She stops sharing with one of them: at once, and without saying why."""
    _arreter(uuid)
    flash("C’est fait. Cette personne ne voit plus rien.")
    return redirect(url_for("personne.partage"), 303)


@reessayer
def _arreter(uuid: UUID) -> None:
    acteur = acteur_courant()
    with transaction() as session:
        siens = select(MembreCercle).where(
            MembreCercle.uuid == uuid, MembreCercle.personne_id == elle(session).id
        )
        membre = session.scalars(siens).one()
        if membre.retirer(acteur):
            session.add(consigner(acteur, Evenement.CERCLE_RETIRE, membre))
