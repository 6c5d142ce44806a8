"""Two bookings of one structure that exchange their vehicles: each keeps its days, its answer and its papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select
from sqlalchemy.orm import Session, selectinload

from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import occupe, vehicules_libres
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import MOBILES
from web import places, reservations
from web.acces import acteur_courant
from web.convenance import convenances
from web.erreurs import REFUS
from web.messages.arrets import dire_le_changement
from web.partenaire.demandes import LigneDemande, recue, resumer
from web.partenaire.espace import partenaire, sa_reservation
from web.transaction import lecture, reessayer, transaction


@dataclass(frozen=True, slots=True)
class Echange:
    """A booking that may exchange vehicles with another; ``a_voir``: what nobody knows for sure, for each."""

    avec: LigneDemande
    a_voir: tuple[str, ...]


@partenaire.get("/demande/<uuid:uuid>/echanger")
def echanges(uuid: UUID) -> str:
    """The bookings this one may exchange vehicles with."""
    return _page(uuid, "")


@partenaire.post("/demande/<uuid:uuid>/echanger")
def echanger(uuid: UUID) -> ResponseReturnValue:
    """Exchange, all or nothing, and tell both people."""
    try:
        _echanger(uuid, request.form.get("avec", ""), request.form.get("vehicule", ""))
    except DonneeRefusee as refus:
        return _page(uuid, refus.raison), REFUS
    except RegleMetier as refus:
        return _page(uuid, refus.phrase), 409
    flash("Les véhicules sont échangés. On prévient les deux personnes.")
    return redirect(url_for("partenaire.voir_demande", uuid=uuid), 303)


@reessayer
def _echanger(uuid: UUID, avec: str, montre: str) -> None:
    """``montre``: the vehicle that the page showed; a form sent twice does not exchange them back."""
    try:
        autre_uuid = UUID(avec)
    except ValueError:
        raise DonneeRefusee("avec", "Choisissez avec quelle réservation.") from None
    instant = maintenant()
    with transaction() as session:
        une, autre = sa_reservation(session, uuid), sa_reservation(session, autre_uuid)
        if str(une.vehicule.uuid) != montre:
            raise DonneeRefusee(
                "avec",
                "Cette réservation n’a plus le véhicule que montrait la page : relisez, puis choisissez.",
            )
        if une.vehicule_id != autre.vehicule_id and _a_voir(une, autre) is None:
            raise DonneeRefusee("avec", "L’un des deux véhicules ne convient pas à l’autre personne.")
        reservations.echanger(session, une, autre, par=acteur_courant(), le=instant)
        for reservation in (une, autre):
            dire_le_changement(session, reservation, reservation.vehicule, "", instant)
        places.proposer_les_places(session, structure_id=une.vehicule.offre.structure_id)


def autour(reservation: Reservation, instant: datetime) -> Select[Reservation]:
    """The other bookings of the structure, on another vehicle, whose days overlap these or touch them."""
    return reservations_visibles_par(acteur_courant()).where(
        Reservation.id != reservation.id,
        Reservation.vehicule_id != reservation.vehicule_id,
        Reservation.statut.in_(MOBILES),
        occupe(instant),
        Reservation.debut <= reservation.libre_le,
        Reservation.libre_le >= reservation.debut,
    )


def _possibles(session: Session, une: Reservation, instant: datetime) -> Iterator[Echange]:
    """Those where both vehicles are free for the other's days, and nothing refuses them to either person."""
    if une.etat(instant) not in MOBILES:
        return
    for autre in session.scalars(autour(une, instant).options(selectinload(Reservation.personne))).all():
        if not (
            _libre(session, une, autre.vehicule, autre, instant)
            and _libre(session, autre, une.vehicule, une, instant)
        ):
            continue
        a_voir = _a_voir(une, autre)
        if a_voir is not None:
            yield Echange(resumer(autre, instant), a_voir)


def _libre(
    session: Session, reservation: Reservation, vehicule: Vehicule, avec: Reservation, instant: datetime
) -> bool:
    """Whether a vehicle would be free for a booking, were the other one to leave it."""
    fin = reservation.fin
    libres = vehicules_libres(
        vehicule.offre_id,
        reservation.debut,
        fin,
        libre_le=reservations.regles_de(session, vehicule.offre).libre_le(fin),
        le=instant,
        sauf=(reservation.id, avec.id),
    )
    return session.scalar(libres.where(Vehicule.id == vehicule.id)) is not None


def _a_voir(une: Reservation, autre: Reservation) -> tuple[str, ...] | None:
    """What to look at before they exchange; ``None`` when a vehicle is refused to one of them."""
    dits: list[str] = []
    for reservation, vehicule in ((une, autre.vehicule), (autre, une.vehicule)):
        possible = convenances(
            reservation.personne, reservation.vehicule, [vehicule], jour_local(reservation.debut)
        ).get(vehicule.id)
        if possible is None:
            return None
        prenom = reservation.personne.prenom if reservation.personne is not None else "Une personne"
        dits += [f"{prenom} : {doute[:1].lower()}{doute[1:]}" for doute in possible.a_voir]
    return tuple(dits)


def _page(uuid: UUID, refus: str) -> str:
    instant = maintenant()
    with lecture() as session:
        une = sa_reservation(session, uuid)
        return render_template(
            "partenaire/echange.html",
            demande=recue(session, une, instant),
            possibles=list(_possibles(session, une, instant)),
            refus=refus,
        )
