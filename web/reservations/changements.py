"""Other days, another vehicle, or two bookings that exchange theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import VehiculeDejaReserve, vehicules_libres
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement
from mobilite.offre import Offre
from mobilite.refus_reservation import DatesRefusees, ReservationDejaTraitee
from mobilite.reservation import Reservation, est_un_chevauchement
from web.aptitude import refuser_si_elle_ne_peut_pas_conduire
from web.reservations.alternatives import quand_on_lira
from web.reservations.conclusion import (
    conclure,
    ecrire,
    liberer_les_demandes_expirees,
    noter,
    regles_de,
    verrouiller,
)
from web.reservations.demandes import refuser_un_deuxieme, verifier_les_quotas
from web.reservations.prolongations import suite_vivante


def deplacer(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    debut: datetime,
    fin: datetime,
    accord_le: date | None = None,
    le: datetime | None = None,
) -> None:
    """Other days for the same vehicle. Raises ``VehiculeDejaReserve`` with what else is free.

    A request moves as long as nobody has answered. A confirmed place moves by its structure alone, once she
    agreed (``accord_le``). ``ConduiteRefusee`` when she may not drive yet. The rules of the fleet hold,
    except that the fleet may shorten its own notice.
    """
    instant = le or maintenant()
    offre = reservation.vehicule.offre
    flotte = verrouiller(session, offre)
    regles = regles_de(session, offre)
    accord = accord_le is not None and par.role is RoleActeur.PARTENAIRE
    ordre = reservation.deplacer(debut, fin, regles=regles, accord=accord, le=instant)
    if reservation.renouvelle_id is not None:
        raise DatesRefusees(
            "Cette demande prolonge une autre réservation. Annulez-la, puis demandez d’autres jours."
        )
    if suite_vivante(session, reservation, le=instant) is not None:
        raise DatesRefusees("Cette réservation est prolongée. Annulez la suite, puis changez les jours.")
    if par.role is RoleActeur.PARTENAIRE:
        regles.verifier_la_duree(debut, fin)
        regles.verifier_l_ouverture(debut, "depart")
        regles.verifier_l_ouverture(fin, "retour")
    else:
        regles.verifier_les_dates(debut, fin, instant)
    # Sooner, her licence may not be old enough yet.
    depart = jour_local(debut)
    refuser_si_elle_ne_peut_pas_conduire(session, reservation.personne_id, reservation.vehicule, par, depart)
    refuser_un_deuxieme(session, par, offre, debut, fin, instant, sauf=reservation.id)
    liberer_les_demandes_expirees(session, flotte, instant)
    verifier_les_quotas(session, regles, offre, reservation.personne_id, debut, fin, sauf=reservation.id)
    with _ou_dire_ce_qui_est_libre(session, offre, debut, fin, reservation.vehicule, instant):
        _refuser_si_pris(
            session, reservation, reservation.vehicule, debut, fin, regles.libre_le(fin), instant
        )
        details = {} if accord_le is None else {"accord": accord_le}
        conclure(
            session,
            reservation,
            ordre,
            par,
            Evenement.RESERVATION_DEPLACEE,
            instant,
            debut=debut,
            fin=fin,
            **details,
        )


def changer_vehicule(
    session: Session,
    reservation: Reservation,
    vehicule: Vehicule,
    *,
    par: Acteur,
    le: datetime | None = None,
) -> None:
    """Give a booking another vehicle on the same days; a confirmed place keeps its name and its papers.

    Raises ``VehiculeDejaReserve`` when it is taken on these days, ``ConduiteRefusee`` when she may not
    drive it, ``ReservationDejaTraitee`` once the keys are out.
    """
    instant = le or maintenant()
    flotte = verrouiller(session, vehicule.offre, reservation.vehicule.offre)
    liberer_les_demandes_expirees(session, flotte, instant)
    regles = regles_de(session, vehicule.offre)
    ordre = reservation.changer_vehicule(vehicule, regles=regles, le=instant)
    debut, fin = reservation.debut, reservation.fin
    refuser_si_elle_ne_peut_pas_conduire(session, reservation.personne_id, vehicule, par, jour_local(debut))
    with _ou_dire_ce_qui_est_libre(session, vehicule.offre, debut, fin, None, instant):
        _refuser_si_pris(session, reservation, vehicule, debut, fin, regles.libre_le(fin), instant)
        conclure(
            session,
            reservation,
            ordre,
            par,
            Evenement.RESERVATION_CHANGEE,
            instant,
            vehicule=vehicule.id,
        )


def echanger(
    session: Session, une: Reservation, autre: Reservation, *, par: Acteur, le: datetime | None = None
) -> None:
    """Exchange the vehicles of two bookings, all or nothing; each keeps its days, its answer and its papers.

    The guards of both databases judge every row as it is written, so that the two cannot simply cross: the
    first is set aside (in no status that keeps a vehicle) while the second takes its place, then takes the
    other's. Nobody sees it aside: it is one transaction, and the vehicles of both fleets are locked, in
    order, before anything is read. At no instant do two bookings hold one vehicle.

    Raises ``VehiculeDejaReserve`` when one of them does not fit on the other's vehicle, and what
    ``changer_vehicule`` raises, also when one of them has changed vehicles since it was read.
    """
    instant = le or maintenant()
    lus = (une.vehicule_id, autre.vehicule_id)
    flotte = verrouiller(session, une.vehicule.offre, autre.vehicule.offre)
    liberer_les_demandes_expirees(session, flotte, instant)
    session.refresh(une)
    session.refresh(autre)
    if (une.vehicule_id, autre.vehicule_id) != lus:
        raise ReservationDejaTraitee(une.etat(instant))
    if une.id == autre.id or une.vehicule_id == autre.vehicule_id:
        raise DatesRefusees("Ces deux réservations ont déjà le même véhicule.")
    de_l_une, de_l_autre = une.vehicule, autre.vehicule
    for reservation, vehicule in ((une, de_l_autre), (autre, de_l_une)):
        reservation.refuser_si_fixe(instant)
        vehicule.refuser_si_indisponible(reservation.fin, reservation.debut)
        depart = jour_local(reservation.debut)
        refuser_si_elle_ne_peut_pas_conduire(session, reservation.personne_id, vehicule, par, depart)
    statut = une.statut
    regles = {v.id: regles_de(session, v.offre) for v in (de_l_une, de_l_autre)}
    vers_l_une = autre.changer_vehicule(de_l_une, regles=regles[de_l_une.id], le=instant)
    with _ou_dire_ce_qui_est_libre(session, de_l_autre.offre, une.debut, une.fin, None, instant):
        _refuser_si_pris(session, une, de_l_autre, une.debut, une.fin, une.libre_le, instant, avec=autre)
        _refuser_si_pris(session, autre, de_l_une, autre.debut, autre.fin, autre.libre_le, instant, avec=une)
        ecrire(session, une, une.mettre_de_cote(), instant)
        ecrire(session, autre, vers_l_une, instant)
        retour = (
            update(Reservation)
            .where(Reservation.id == une.id)
            .values(
                statut=statut, vehicule_id=de_l_autre.id, libre_le=regles[de_l_autre.id].libre_le(une.fin)
            )
        )
        ecrire(session, une, retour.execution_options(synchronize_session=False), instant)
        # Inside as well: a stay that its continuation leaves needs its buffer again, and may not have it.
        for reservation, avec in ((une, autre), (autre, une)):
            noter(
                session,
                reservation,
                par,
                Evenement.RESERVATION_CHANGEE,
                instant,
                vehicule=reservation.vehicule_id,
                echange=avec.id,
            )


class _DejaPris(Exception):
    """The vehicle is taken, or not ready yet."""


def _refuser_si_pris(
    session: Session,
    reservation: Reservation,
    vehicule: Vehicule,
    debut: datetime,
    fin: datetime,
    libre_le: datetime,
    instant: datetime,
    avec: Reservation | None = None,
) -> None:
    """What the guard of the database does not see: a vehicle that came back and is not ready yet."""
    sauf = [reservation.id] if avec is None else [reservation.id, avec.id]
    libres = vehicules_libres(vehicule.offre_id, debut, fin, libre_le=libre_le, le=instant, sauf=sauf)
    if session.scalar(libres.where(Vehicule.id == vehicule.id)) is None:
        raise _DejaPris


@contextmanager
def _ou_dire_ce_qui_est_libre(
    session: Session,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    sauf: Vehicule | None,
    instant: datetime,
) -> Iterator[None]:
    """Turn the refusal of an overlap into what else is free; nothing of the block is kept then."""
    try:
        with session.begin_nested():
            yield
    except (IntegrityError, _DejaPris) as erreur:
        if isinstance(erreur, IntegrityError) and not est_un_chevauchement(erreur):
            raise
        raise VehiculeDejaReserve(quand_on_lira(session, offre, debut, fin, sauf=sauf, le=instant)) from None
