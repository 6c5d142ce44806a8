"""Asking for other days for the same vehicle, while nobody has answered."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import jour_local
from mobilite.disponibilite import VehiculeDejaReserve
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import dernier_jour
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.reservation import Reservation
from web import places, reservations
from web.acces import acteur_courant
from web.calendrier import jours_entiers
from web.cle import nouvelle_cle
from web.contact import contact_de
from web.erreurs import REFUS
from web.personne.calendrier import depart_regarde, regarder
from web.personne.demande import (
    VehiculeNonPropose,
    departs_proposes,
    jour_choisi,
    la_demande,
    lire_saisie,
    vehicule_possible,
)
from web.personne.espace import elle, personne
from web.prix_prevu import avec_le_prix
from web.transaction import lecture, reessayer, transaction


@personne.get("/demande/<uuid:uuid>/jours")
def changer_les_jours(uuid: UUID) -> str:
    """The days of a request, to be changed: the calendar of its vehicle, without her own days in the way."""
    with lecture() as session:
        reservation = la_demande(session, uuid)
        debut, fin = jour_local(reservation.debut), dernier_jour(reservation.fin)
        actuelle = {"debut": debut.isoformat(), "jours": str((fin - debut).days + 1)}
        return _page(session, reservation, actuelle | request.args.to_dict(), {})


@personne.post("/demande/<uuid:uuid>/jours")
def demander_d_autres_jours(uuid: UUID) -> ResponseReturnValue:
    """Ask for them; taken by somebody else, the request stays as it was."""
    try:
        _deplacer(uuid)
    except (VehiculeNonPropose, ReservationDejaTraitee):
        raise
    except RegleMetier as refus:
        champ = refus.champ if isinstance(refus, DonneeRefusee) else "debut"
        phrase = refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase
        if isinstance(refus, VehiculeDejaReserve):
            phrase = f"{phrase} Votre demande reste comme avant."
        with lecture() as session:
            page = _page(session, la_demande(session, uuid), request.form.to_dict(), {champ: phrase})
        return page, 409 if isinstance(refus, VehiculeDejaReserve) else REFUS
    flash("C’est noté : votre demande est pour les nouveaux jours.")
    return redirect(url_for("personne.voir_demande", uuid=uuid), 303)


@reessayer
def _deplacer(uuid: UUID) -> None:
    with transaction() as session:
        reservation = la_demande(session, uuid)
        offre, depart = reservation.vehicule.offre, jour_choisi(request.form)
        possible = vehicule_possible(session, elle(session), offre.uuid, depart)
        saisie = lire_saisie(request.form, possible)
        debut, fin = jours_entiers(saisie.debut, saisie.jours)
        reservations.deplacer(session, reservation, par=acteur_courant(), debut=debut, fin=fin)
        places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


def _page(
    session: Session, reservation: Reservation, saisie: Mapping[str, str], erreurs: Mapping[str, str]
) -> str:
    qui = elle(session)
    possible = vehicule_possible(session, qui, reservation.vehicule.offre.uuid, depart_regarde(saisie))
    return render_template(
        "personne/autres_jours.html",
        possible=possible,
        reservation=reservation,
        vue=regarder(session, qui, possible, saisie, sauf=reservation),
        durees=avec_le_prix(possible.durees(saisie.get("jours", "")), possible.grille, possible.premier_jour),
        departs=departs_proposes(
            possible, reservations.regles_de(session, possible.offre), saisie.get("debut", "")
        ),
        saisie=saisie,
        erreurs=dict(erreurs),
        cle=nouvelle_cle(),
        contact=contact_de(session, qui),
    )
