"""Keeping a vehicle longer: she asks before the day it is due back, and reads who waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import dernier_jour
from mobilite.motif_reservation import CanalDemande
from mobilite.refus_reservation import CleDejaUtilisee
from mobilite.reservation import Reservation
from web import reservations
from web.acces import acteur_courant
from web.calendrier import minuit
from web.cle import lire_cle, nouvelle_cle
from web.contact import contact_de
from web.erreurs import REFUS
from web.personne.demande import la_demande
from web.personne.espace import elle, personne
from web.transaction import lecture, reessayer, transaction


@dataclass(frozen=True, slots=True)
class Prolongation:
    """What can be asked: the last days to choose from, or why there is none; and what comes next."""

    jours: tuple[date, ...]
    refus: str
    a_quelqu_un_le: datetime | None
    attendent: int


@personne.get("/demande/<uuid:uuid>/prolonger")
def prolonger(uuid: UUID) -> str:
    """Until which day? Only the days that the fleet and the next person leave."""
    with lecture() as session:
        return _page(session, la_demande(session, uuid), {}, {})


@personne.post("/demande/<uuid:uuid>/prolonger")
def demander_la_suite(uuid: UUID) -> ResponseReturnValue:
    """Ask for it: the structure answers as for any request; what she has stays hers either way."""
    try:
        _demander(uuid)
    except RegleMetier as refus:
        with lecture() as session:
            page = _page(session, la_demande(session, uuid), request.form, erreurs_de(refus))
        return page, REFUS if isinstance(refus, DonneeRefusee) else 409
    flash("C’est demandé. La structure vous répond. Sans réponse, le jour du retour ne change pas.")
    return redirect(url_for("personne.voir_demande", uuid=uuid), 303)


@reessayer
def _demander(uuid: UUID) -> None:
    with transaction() as session:
        prolonger_la_reservation(session, la_demande(session, uuid), request.form, CanalDemande.EN_LIGNE)


def prolonger_la_reservation(
    session: Session, reservation: Reservation, formulaire: Mapping[str, str], canal: CanalDemande
) -> Reservation:
    """Read the form and ask for the continuation. Raises ``DonneeRefusee`` or what ``renouveler`` raises."""
    try:
        dernier = Champ(formulaire.get("jusqu_au", ""), "jusqu_au").date()
    except DonneeRefusee:
        raise DonneeRefusee("jusqu_au", "Choisissez le nouveau dernier jour.") from None
    if dernier <= dernier_jour(reservation.fin):
        raise DonneeRefusee("jusqu_au", "Choisissez un jour après le retour prévu.")
    cle = lire_cle(formulaire)
    return reservations.renouveler(
        session,
        reservation,
        par=acteur_courant(),
        fin=minuit(dernier + timedelta(days=1)),
        cle=cle,
        canal=canal,
    )


def prolongation_de(session: Session, reservation: Reservation) -> Prolongation:
    """What she may ask for now, read without writing."""
    fins, refus = reservations.fins_possibles(session, reservation)
    ensuite = reservations.ce_qui_suit(session, reservation)
    jours = tuple(dernier_jour(fin) for fin in fins)
    return Prolongation(jours, refus, ensuite.libre_jusqu_a, ensuite.attendent)


def erreurs_de(refus: RegleMetier) -> dict[str, str]:
    """The refusal, under the field it speaks of."""
    return {refus.champ: refus.raison} if isinstance(refus, DonneeRefusee) else {"jusqu_au": refus.phrase}


def cle_du_formulaire(saisie: Mapping[str, str], erreurs: Mapping[str, str]) -> str:
    """A form that comes back keeps its key, unless the key itself was prise on something else."""
    prise = CleDejaUtilisee().phrase in erreurs.values()
    return saisie.get("cle", "") if saisie.get("cle") and not prise else nouvelle_cle()


def _page(
    session: Session, reservation: Reservation, saisie: Mapping[str, str], erreurs: Mapping[str, str]
) -> str:
    return render_template(
        "personne/prolonger.html",
        reservation=reservation,
        dernier=dernier_jour(reservation.fin),
        prolongation=prolongation_de(session, reservation),
        saisie=saisie,
        erreurs=dict(erreurs),
        cle=cle_du_formulaire(saisie, erreurs),
        contact=contact_de(session, elle(session)),
    )
