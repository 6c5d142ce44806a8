"""What happens to a booking between yes and the keys: other days, a longer stay, nobody came, given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import dernier_jour
from mobilite.motif_reservation import CanalDemande, MotifSansSuite
from mobilite.reservation import Reservation
from mobilite.statut_reservation import MOBILES, StatutReservation
from web import places, reservations
from web.acces import acteur_courant
from web.calendrier import minuit
from web.cle import lire_cle
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.partenaire.demande import ABSENCES, ANNULATIONS, repondre
from web.partenaire.demandes import recue
from web.partenaire.espace import partenaire, sa_reservation
from web.transaction import lecture, reessayer, transaction


@partenaire.post("/demande/<uuid:uuid>/absente")
def noter_absente(uuid: UUID) -> ResponseReturnValue:
    """She did not come for the keys: the vehicle is free again, and her adviser may look for a way with her."""
    return repondre(uuid, _absente, "C’est noté, sans reproche pour la personne. Le véhicule est libre.")


@partenaire.post("/demande/<uuid:uuid>/annuler")
def annuler_place(uuid: UUID) -> ResponseReturnValue:
    """The place is given up before the keys, and why."""
    return repondre(uuid, _annuler, "La place est annulée. On prévient la personne.")


@partenaire.post("/demande/<uuid:uuid>/prolonger")
def prolonger(uuid: UUID) -> ResponseReturnValue:
    """She asks, by phone or at the desk, to keep it longer: a request that follows at once."""
    return repondre(uuid, _prolonger, "La suite est demandée : confirmez-la comme une autre demande.")


@partenaire.get("/demande/<uuid:uuid>/autres-jours")
def autres_jours(uuid: UUID) -> str:
    """Other days for the same vehicle."""
    with lecture() as session:
        return _page(session, uuid, MultiDict(), {})


@partenaire.post("/demande/<uuid:uuid>/autres-jours")
def deplacer_demande(uuid: UUID) -> ResponseReturnValue:
    """Move it, once she agreed; what was typed comes back with the reason when it does not fit."""
    f = Formulaire(request.form)
    debut, fin, accord = f.jour("debut"), f.jour("fin"), f.jour("accord_le")
    if debut is None:
        f.erreur("debut", "Choisissez le premier jour.")
    if fin is None:
        f.erreur("fin", "Choisissez le dernier jour.")
    if accord is not None and accord > ce_jour():
        f.erreur("accord_le", "Ce jour n’est pas encore venu.")
    if not f.coche("accord"):
        f.erreur("accord", "Appelez d’abord la personne : les jours changent avec son accord.")
    erreurs = dict(f.erreurs)
    if not erreurs and debut and fin:
        try:
            _deplacer(uuid, minuit(debut), minuit(fin + timedelta(days=1)), accord or ce_jour())
        except RegleMetier as refus:
            erreurs = (
                {"": refus.phrase} if isinstance(refus, VehiculeDejaReserve) else {"debut": refus.phrase}
            )
    if erreurs:
        with lecture() as session:
            return _page(session, uuid, f.saisie, erreurs), REFUS
    flash("Les jours sont changés. La personne le voit tout de suite.")
    return redirect(url_for("partenaire.voir_demande", uuid=uuid), 303)


@reessayer
def _deplacer(uuid: UUID, debut: datetime, fin: datetime, accord_le: date) -> None:
    with transaction() as session:
        reservation = sa_reservation(session, uuid)
        reservations.deplacer(
            session, reservation, par=acteur_courant(), debut=debut, fin=fin, accord_le=accord_le
        )
        places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


def _absente(session: Session, reservation: Reservation) -> None:
    motif = _motif(request.form, "absence", ABSENCES, "Choisissez une raison, ou « pas connue ».")
    reservations.noter_absente(session, reservation, par=acteur_courant(), motif=motif)


def _annuler(session: Session, reservation: Reservation) -> None:
    motif = _motif(request.form, "annulation", ANNULATIONS, "Choisissez une raison.")
    reservations.annuler(session, reservation, par=acteur_courant(), motif=motif)


def _prolonger(session: Session, reservation: Reservation) -> None:
    f = Formulaire(request.form)
    dernier = f.jour("jusqu_au")
    if dernier is None:
        raise DonneeRefusee("jusqu_au", "Choisissez le nouveau dernier jour.")
    if dernier <= dernier_jour(reservation.fin):
        raise DonneeRefusee("jusqu_au", "Choisissez un jour après le retour prévu.")
    reservations.renouveler(
        session,
        reservation,
        par=acteur_courant(),
        fin=minuit(dernier + timedelta(days=1)),
        cle=lire_cle(request.form),
        canal=CanalDemande.TELEPHONE,
    )


def _motif(
    formulaire: Mapping[str, str], champ: str, choix: Collection[MotifSansSuite], absent: str
) -> MotifSansSuite:
    """One of the reasons that the page offers, and no other."""
    for motif in choix:
        if motif.value == formulaire.get(champ):
            return motif
    raise DonneeRefusee(champ, absent)


def _page(session: Session, uuid: UUID, saisie: Mapping[str, str], erreurs: Mapping[str, str]) -> str:
    instant = maintenant()
    demande = recue(session, sa_reservation(session, uuid), instant)
    return render_template(
        "partenaire/autres_jours.html",
        demande=demande,
        possible=demande.etat in MOBILES,
        confirmee=demande.etat is StatutReservation.CONFIRMEE,
        saisie=saisie,
        erreurs=dict(erreurs),
        aujourdhui=jour_local(instant),
    )
