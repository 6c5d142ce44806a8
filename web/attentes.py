"""The waiting list within a transaction: to wait, to wait no more, to be served by a booking, to answer a place.

Who is offered what is decided in `web.places`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CursorResult, Update, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import maintenant
from mobilite.flotte import Vehicule, VehiculeIndisponible
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import (
    Attente,
    AttenteDejaTraitee,
    PlaceDejaRepondue,
    PlaceProposee,
    ReponsePlace,
    StatutAttente,
    attentes_de_la_personne,
    raisons_de,
)
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import Personne
from mobilite.prescription import Prescription
from mobilite.priorite import RaisonPriorite
from mobilite.refus_reservation import CleDejaUtilisee, ReservationDejaTraitee
from mobilite.reservation import Reservation
from web import reservations
from web.reservations.conclusion import regles_de
from web.reservations.demandes import refuser_un_deuxieme, verifier_les_quotas


def inscrire(
    session: Session,
    personne: Personne,
    offre: Offre,
    *,
    par: Acteur,
    debut: datetime,
    fin: datetime,
    cle: str,
    le: datetime | None = None,
) -> Attente:
    """Put her on the list; the form sent again, or another for the same days, gives the same line back.

    Raises ``DatesRefusees``, or ``CleDejaUtilisee`` when the form now says something else.
    """
    instant = le or maintenant()
    deja = session.scalar(
        select(Attente).where(Attente.demandee_par == par.id, Attente.cle_idempotence == cle)
    )
    if deja is not None and deja.statut is not StatutAttente.RETIREE:
        if (deja.debut, deja.fin, deja.offre_id) != (debut, fin, offre.id):
            raise CleDejaUtilisee
        return deja
    deja_retiree = deja is not None
    pareille = attentes_de_la_personne(personne.id, instant).where(
        Attente.offre_id == offre.id, Attente.debut == debut, Attente.fin == fin
    )
    if (deja := session.scalar(pareille)) is not None:
        return deja
    if deja_retiree:
        # The page was kept open: she waited no more, and asks again.
        cle = f"{cle}:{uuid4()}"
    attente = Attente.inscrire(
        personne,
        offre,
        par=par,
        debut=debut,
        fin=fin,
        raisons=raisons_de(personne, instant)
        | _orientee(session, personne)
        | _deja_en_danger(session, personne, instant),
        cle=cle,
        le=instant,
    )
    session.add(attente)
    session.flush()
    session.add(
        consigner(par, Evenement.ATTENTE_INSCRITE, attente, le=instant, offre=offre.id, debut=debut, fin=fin)
    )
    return attente


def _orientee(session: Session, personne: Personne) -> set[RaisonPriorite]:
    """Whether a professional sent her with a fiche."""
    fiche = select(Prescription.id).where(
        Prescription.personne_id == personne.id, Prescription.retiree_le.is_(None)
    )
    return {RaisonPriorite.PRESCRIPTION} if session.scalar(fiche.limit(1)) is not None else set()


def _deja_en_danger(session: Session, personne: Personne, instant: datetime) -> set[RaisonPriorite]:
    """Noted once for her, it holds for each vehicle she waits for."""
    siennes = session.scalars(attentes_de_la_personne(personne.id, instant)).all()
    return {RaisonPriorite.DANGER} if any(RaisonPriorite.DANGER in a.raisons for a in siennes) else set()


def noter_danger(session: Session, attente: Attente, en_danger: bool, *, par: Acteur) -> None:
    """Her adviser says whether she is in danger: it counts, and only advisers read it.

    The journal says that the line was made more precise, never how. Raises ``AttenteDejaTraitee``.
    """
    raisons = {RaisonPriorite(raison) for raison in attente.raisons}
    voulues = raisons | {RaisonPriorite.DANGER} if en_danger else raisons - {RaisonPriorite.DANGER}
    if voulues != raisons:
        _conclure(session, attente, attente.preciser(voulues), par, Evenement.ATTENTE_PRECISEE)


def retirer(session: Session, attente: Attente, *, par: Acteur) -> None:
    """She waits no more; what was held for her is free. Raises ``AttenteDejaTraitee``."""
    rendre_la_place(session, attente, par=par)
    _conclure(session, attente, attente.retirer(), par, Evenement.ATTENTE_RETIREE)


def servir(
    session: Session, attente: Attente, vehicule: Vehicule, *, par: Acteur, le: datetime | None = None
) -> Reservation:
    """Book this vehicle for her, as a request like any other that the partner then confirms.

    Raises ``VehiculeDejaReserve``, ``VehiculeIndisponible``, ``OffreRetiree`` or ``AttenteDejaTraitee``.
    """
    rendre_la_place(session, attente, par=par, le=le)
    reservation = reservations.demander(
        session,
        acteur=par,
        offre=vehicule.offre,
        vehicule=vehicule,
        debut=attente.debut,
        fin=attente.fin,
        cle=f"attente-{attente.uuid}",
        personne_id=attente.personne_id,
        le=le,
    )
    _servie(session, attente, reservation, par)
    return reservation


def _servie(session: Session, attente: Attente, reservation: Reservation, par: Acteur) -> None:
    _conclure(
        session,
        attente,
        attente.servir(reservation),
        par,
        Evenement.ATTENTE_SERVIE,
        reservation=reservation.id,
    )


def accepter(
    session: Session, place: PlaceProposee, *, par: Acteur, le: datetime | None = None
) -> Reservation:
    """She says yes: from now on a request like any other, that the structure confirms.

    Raises ``PlaceDejaRepondue`` when the time is over, somebody answered first, or the vehicle is lent no
    more; ``RegleDeFlotte`` or ``DejaUnVehicule`` when what she booked since leaves no room for it.
    """
    instant = le or maintenant()
    _encore_ouverte(place, instant)
    _encore_a_prendre(session, place.reservation, par, instant)
    try:
        reservations.accepter(session, place.reservation, par=par, le=instant)
    except ReservationDejaTraitee:
        raise PlaceDejaRepondue from None
    noter(session, place, ReponsePlace.OUI, instant, par=par)
    _servie(session, place.attente, place.reservation, par)
    return place.reservation


def decliner(session: Session, place: PlaceProposee, *, par: Acteur, le: datetime | None = None) -> None:
    """She says no, and keeps her rank: the vehicle is free. Raises ``PlaceDejaRepondue``."""
    instant = le or maintenant()
    _encore_ouverte(place, instant)
    rendre(session, place, ReponsePlace.NON, instant, par=par)


def rendre_la_place(session: Session, attente: Attente, *, par: Acteur, le: datetime | None = None) -> None:
    """Let go of what is held for a line, if anything is."""
    tenues = select(PlaceProposee).where(
        PlaceProposee.attente_id == attente.id, PlaceProposee.reponse.is_(None)
    )
    for place in session.scalars(tenues).all():
        rendre(session, place, ReponsePlace.RETIREE, le or maintenant(), par=par)


def rendre(
    session: Session, place: PlaceProposee, reponse: ReponsePlace, instant: datetime, *, par: Acteur
) -> None:
    """Free the vehicle of a place and write why. Raises ``PlaceDejaRepondue``."""
    try:
        reservations.decliner(session, place.reservation, par=par, le=instant)
    except ReservationDejaTraitee:
        raise PlaceDejaRepondue from None
    noter(session, place, reponse, instant, par=par)


def noter(
    session: Session, place: PlaceProposee, reponse: ReponsePlace, instant: datetime, *, par: Acteur
) -> None:
    """Write what became of a place whose booking has changed. Raises ``PlaceDejaRepondue``."""
    resultat = session.execute(place.repondre(reponse, instant, par.id))
    if not (isinstance(resultat, CursorResult) and resultat.rowcount == 1):
        raise PlaceDejaRepondue
    session.refresh(place)


def _encore_ouverte(place: PlaceProposee, instant: datetime) -> None:
    if not place.ouverte(instant):
        raise PlaceDejaRepondue


def _encore_a_prendre(session: Session, reservation: Reservation, par: Acteur, instant: datetime) -> None:
    """What may have changed since it was kept for her: the vehicle, the offer, her other bookings."""
    offre = reservation.vehicule.offre
    # No lock on the vehicle: it is hers already, and the clock takes bookings before vehicles.
    session.expire(reservation.vehicule)
    session.refresh(offre)
    try:
        reservation.vehicule.refuser_si_indisponible(reservation.fin, reservation.debut)
    except VehiculeIndisponible:
        raise PlaceDejaRepondue from None
    if offre.statut is not StatutOffre.OUVERTE:
        raise PlaceDejaRepondue
    refuser_un_deuxieme(session, par, offre, reservation.debut, reservation.fin, instant)
    verifier_les_quotas(
        session,
        regles_de(session, offre),
        offre,
        reservation.personne_id,
        reservation.debut,
        reservation.fin,
        sauf=reservation.id,
    )


def _conclure(
    session: Session, attente: Attente, ordre: Update, par: Acteur, quoi: Evenement, **details: Any
) -> None:
    resultat = session.execute(ordre)
    if not (isinstance(resultat, CursorResult) and resultat.rowcount == 1):
        raise AttenteDejaTraitee
    session.refresh(attente)
    session.add(consigner(par, quoi, attente, **details))
