"""Sharing the fleet: who waits, the best way to serve, and one button a line. A draft, never imposed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import maintenant
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule
from mobilite.liste_attente import Attente, attentes_de_la_structure
from mobilite.offre import Offre
from mobilite.reservation import Reservation, reservations_visibles_par
from web import attentes, reservations
from web.acces import acteur_courant
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_structure
from web.repartition import brouillon, convient
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Répartition", "repartition", rang=3)


@partenaire.get("/repartition")
def repartition() -> str:
    """The draft as things stand now."""
    return _page("")


@partenaire.post("/repartition/attente/<uuid:uuid>")
def servir_attente(uuid: UUID) -> ResponseReturnValue:
    """Book the vehicle of the draft for somebody who waits; the partner then confirms as usual."""

    def faire(session: Session) -> None:
        visibles = attentes_de_la_structure(sa_structure(session).id, maintenant())
        attente = session.scalars(visibles.where(Attente.uuid == uuid)).one()
        attentes.servir(session, attente, _vehicule(session, attente), par=acteur_courant())

    return _faire(faire, "C’est demandé pour elle. Il reste à voir les papiers, puis à confirmer.")


@partenaire.post("/repartition/demande/<uuid:uuid>")
def changer_de_vehicule(uuid: UUID) -> ResponseReturnValue:
    """Give a request that nobody has answered the vehicle of the draft."""

    def faire(session: Session) -> None:
        visibles = reservations_visibles_par(acteur_courant())
        reservation = session.scalars(visibles.where(Reservation.uuid == uuid)).one()
        vehicule = _vehicule(session, reservation)
        reservations.changer_vehicule(session, reservation, vehicule, par=acteur_courant())

    return _faire(faire, "Le véhicule est changé. La personne le voit tout de suite.")


def _faire(faire: Callable[[Session], None], merci: str) -> ResponseReturnValue:
    """One transaction; when things moved meanwhile, the new draft with the reason."""

    @reessayer
    def ecrire() -> None:
        with transaction() as session:
            faire(session)

    try:
        ecrire()
    except RegleMetier as refus:
        return _page(refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase), 409
    flash(merci)
    return redirect(url_for("partenaire.repartition"), 303)


def _vehicule(session: Session, source: Attente | Reservation) -> Vehicule:
    """The vehicle named by the form: one of this structure, and one she may have."""
    try:
        uuid = UUID(Champ(request.form.get("vehicule", ""), "vehicule").texte(40))
    except ValueError:
        raise DonneeRefusee("vehicule", "Choisissez un véhicule de la liste.") from None
    siens = select(Vehicule).join(Vehicule.offre).where(Offre.structure_id == acteur_courant().structure_id)
    vehicule = session.scalars(siens.where(Vehicule.uuid == uuid)).one()
    if not convient(session, source, vehicule):
        raise DonneeRefusee("vehicule", "Ce véhicule ne lui convient pas : son offre ou la loi le refuse.")
    return vehicule


def _page(refus: str) -> str:
    with lecture() as session:
        structure = sa_structure(session)
        return render_template(
            "partenaire/repartition.html",
            structure=structure,
            brouillon=brouillon(session, structure),
            refus=refus,
        )
