"""What waits about vehicles: one that stopped, one that comes back, one nobody answered for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from mobilite.acteur import Acteur
from mobilite.base import jour_local
from mobilite.disponibilite import garde_les_cles, prolongee
from mobilite.flotte import dernier_jour
from mobilite.liste_attente import Attente, PlaceProposee, places_ouvertes, sans_les_places_passees
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web.conseiller.travail.a_faire import AU_PLUS, GenreTravail, Travail, horizon, siennes, suivie_par
from web.formats import heure, jour
from web.relogement import reservations_a_reloger
from web.reservations import absences_a_suivre

_ONT_SUIVI = (
    StatutReservation.DEMANDEE,
    StatutReservation.CONFIRMEE,
    StatutReservation.REMISE,
    StatutReservation.RENDUE,
    StatutReservation.CLOTUREE,
)
"""What a later booking is, for the one before it to be behind her."""


def vehicules_arretes(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Bookings whose vehicle cannot serve them: another has to be found with her."""
    suivies = Reservation.personne_id.in_(select(Personne.id).where(suivie_par(acteur)))
    for reservation, raison in reservations_a_reloger(session, instant, seulement=suivies)[:AU_PLUS]:
        yield Travail(
            GenreTravail.RELOGEMENT,
            reservation.id,
            f"« {reservation.vehicule.libelle} » {raison} : une autre solution est à voir avec elle.",
            reservation.personne_id,
            avant=jour_local(reservation.debut),
            ancre="reservations",
        )


def absences(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Those who could not come to the vehicle: to be called, for another way of coming."""
    for r in session.scalars(siennes(absences_a_suivre(), acteur, Reservation.personne_id)):
        motif = r.motif.libelle if r.motif else ""
        yield Travail(
            GenreTravail.ABSENCE,
            r.id,
            f"Elle n'a pas pu venir chercher « {r.vehicule.libelle} ». {motif}.",
            r.personne_id,
            avant=jour_local(r.debut),
            repere="le",
            ancre="reservations",
            geste=url_for("conseiller.recontactee", reservation_uuid=r.uuid),
        )


def demandes_de_vehicules(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """What a fleet has not answered yet."""
    requete = (
        select(Reservation)
        .where(Reservation.statut == StatutReservation.DEMANDEE, Reservation.expire_le > instant)
        .order_by(Reservation.expire_le, Reservation.id)
    )
    for r in session.scalars(siennes(requete, acteur, Reservation.personne_id)):
        limite = f", au plus tard à {heure(r.expire_le)}" if r.expire_le else ""
        yield Travail(
            GenreTravail.REPONSE,
            r.id,
            f"« {r.vehicule.libelle} », le {jour(r.debut)} : {r.vehicule.offre.structure.nom} doit "
            f"répondre{limite}.",
            r.personne_id,
            avant=jour_local(r.expire_le) if r.expire_le else None,
            ancre="reservations",
        )


def demandes_restees_sans_reponse(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """What no fleet answered in time, for some days, until she asked for something else."""
    depuis = timedelta(days=parametres(jour_local(instant))["suivi.sans_reponse_jours"])
    autre = aliased(Reservation)
    suivante = exists().where(
        autre.personne_id == Reservation.personne_id,
        autre.demandee_le > Reservation.demandee_le,
        autre.statut.in_(_ONT_SUIVI),
    )
    requete = (
        select(Reservation)
        .where(
            Reservation.statut.in_((StatutReservation.DEMANDEE, StatutReservation.EXPIREE)),
            Reservation.expire_le <= instant,
            Reservation.expire_le > instant - depuis,
            sans_les_places_passees(),
            ~suivante,
        )
        .order_by(Reservation.debut, Reservation.id)
    )
    for r in session.scalars(siennes(requete, acteur, Reservation.personne_id)):
        yield Travail(
            GenreTravail.SANS_REPONSE,
            r.id,
            f"{r.vehicule.offre.structure.nom} n’a pas répondu à temps pour « {r.vehicule.libelle} » :"
            " une autre solution est à voir avec elle.",
            r.personne_id,
            avant=jour_local(r.debut),
            repere="pour le",
            ancre="reservations",
        )


def places_tenues(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Vehicles kept for somebody of the waiting list until she says yes or no."""
    requete = (
        places_ouvertes(instant)
        .join(Attente)
        .options(selectinload(PlaceProposee.attente), selectinload(PlaceProposee.reservation))
    )
    for place in session.scalars(siennes(requete, acteur, Attente.personne_id)):
        yield Travail(
            GenreTravail.REPONSE,
            place.id,
            f"« {place.reservation.vehicule.libelle} » est gardé pour elle jusqu'à {heure(place.jusqu_au)} :"
            " elle dit oui ou non.",
            place.attente.personne_id,
            avant=jour_local(place.jusqu_au),
            endpoint="conseiller.vehicules_attendus",
            dossier=False,
        )


def locations_qui_finissent(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Vehicles that are out and come back soon, or should be back already: on the last day of the last stay.

    Whoever keeps hers longer has not always a new sheet for the keys she has.
    """
    le = jour_local(instant)
    dehors = or_(
        Reservation.statut == StatutReservation.REMISE, and_(Reservation.debut <= instant, garde_les_cles())
    )
    requete = (
        select(Reservation)
        .where(
            Reservation.statut.in_((StatutReservation.CONFIRMEE, StatutReservation.REMISE)),
            Reservation.fin <= _fin_du_jour(horizon(le), instant),
            dehors,
            ~prolongee(),
        )
        .order_by(Reservation.fin, Reservation.id)
    )
    for r in session.scalars(siennes(requete, acteur, Reservation.personne_id)):
        jour = dernier_jour(r.fin)
        phrase = (
            "devait être rendu : appelez-la."
            if jour < le
            else "est à rendre : prolonger, ou préparer la suite."
        )
        yield Travail(
            GenreTravail.FIN,
            r.id,
            f"« {r.vehicule.libelle} » {phrase}",
            r.personne_id,
            avant=jour,
            repere="le",
            ancre="reservations",
        )


def _fin_du_jour(le: date, instant: datetime) -> datetime:
    """An instant by which every instant of the day ``le`` is over, daylight saving included."""
    return instant + timedelta(days=(le - jour_local(instant)).days + 1)
