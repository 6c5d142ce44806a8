"""The answers to a request: yes by name, no with a reason; and what it becomes afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME, Acteur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import occupe
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import PlaceProposee, ReponsePlace
from mobilite.motif_reservation import MotifRefus, MotifSansSuite, SansCaution
from mobilite.offre import Offre
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.reservation import Reservation
from mobilite.statut_reservation import MOBILES, StatutReservation
from web.aptitude import refuser_si_elle_ne_peut_pas_conduire
from web.messages.arrets import deja_dite_sans_vehicule
from web.reservations.conclusion import conclure, regles_de
from web.reservations.demandes import decliner
from web.reservations.prolongations import suite_vivante


def confirmer(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    place_confirmee_par: str,
    papiers_vus_le: date | None,
    caution_vue_le: date | None,
    caution_demandee: bool = True,
    documents: Sequence[str] = (),
    documents_vus: Mapping[str, date] = MappingProxyType({}),
    sans_caution: SansCaution | None = None,
    sans_caution_mot: str = "",
    prescrite_par: str = "",
    prescrite_le: date | None = None,
    le: datetime | None = None,
) -> None:
    """Say yes to a request; ``sans_caution`` is why no deposit was seen, ``documents`` what must be shown.

    Raises ``PapiersNonVus``, ``VehiculeIndisponible``, ``ConduiteRefusee`` or ``ReservationDejaTraitee``.
    """
    instant = le or maintenant()
    regles = regles_de(session, reservation.vehicule.offre)
    ordre = reservation.confirmer(
        place_confirmee_par,
        papiers_vus_le=papiers_vus_le,
        caution_vue_le=caution_vue_le,
        caution_demandee=caution_demandee,
        documents=documents,
        documents_vus=documents_vus,
        regles=regles,
        prescrite_par=prescrite_par,
        prescrite_le=prescrite_le,
        sans_caution=sans_caution,
        sans_caution_mot=sans_caution_mot,
        le=instant,
    )
    # What was said since the request may have changed the answer.
    depart = jour_local(reservation.debut)
    refuser_si_elle_ne_peut_pas_conduire(session, reservation.personne_id, reservation.vehicule, par, depart)
    details = {} if sans_caution is None else {"sans_caution": sans_caution.value}
    conclure(session, reservation, ordre, par, Evenement.RESERVATION_CONFIRMEE, instant, **details)
    _rendre_ce_qu_elle_remplace(session, reservation, instant)


def _rendre_ce_qu_elle_remplace(session: Session, reservation: Reservation, instant: datetime) -> None:
    """Her vehicle broke down, she asked for this one instead, she has it: the first is not re-housed as well."""
    if reservation.personne_id is None:
        return
    memes_jours = session.scalars(
        select(Reservation)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(
            Reservation.personne_id == reservation.personne_id,
            Reservation.id != reservation.id,
            Reservation.statut.in_(MOBILES),
            Reservation.debut >= reservation.debut,
            Reservation.fin <= reservation.fin,
            occupe(instant),
            Offre.genre == reservation.vehicule.offre.genre,
        )
        .order_by(Reservation.id)
    )
    for autre in memes_jours.all():
        if not autre.vehicule.raison_d_arret(autre.debut, autre.fin):
            continue
        if deja_dite_sans_vehicule(session, autre, reservation.demandee_le):
            # Given up by her at this very instant: there is nothing left to give back.
            with suppress(ReservationDejaTraitee):
                annuler(session, autre, par=PLATEFORME, motif=MotifSansSuite.AUTRE_SOLUTION, le=instant)


def noter_papiers(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    vus: Mapping[str, date],
    le: datetime | None = None,
) -> None:
    """Note the papers seen while the request waits. Raises ``ReservationDejaTraitee``."""
    instant = le or maintenant()
    ordre = reservation.noter_papiers(vus, le=instant)
    conclure(session, reservation, ordre, par, Evenement.PAPIERS_VUS, instant, combien=len(vus))


def refuser(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    motif: str,
    code: MotifRefus | None = None,
    le: datetime | None = None,
) -> None:
    """Say no to a request, with a reason fit for the person."""
    instant = le or maintenant()
    ordre = reservation.refuser(motif, code=code, le=instant)
    details = {} if code is None else {"motif": code.value}
    conclure(session, reservation, ordre, par, Evenement.RESERVATION_REFUSEE, instant, **details)


def annuler(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    motif: MotifSansSuite | None = None,
    le: datetime | None = None,
) -> None:
    """Give up a booking: the vehicle is free at once, and what was asked to follow it falls with it.

    What was only offered to her is a no, not offered again.
    """
    instant = le or maintenant()
    if reservation.etat(instant) is StatutReservation.PROPOSEE:
        decliner(session, reservation, par=par, le=instant)
        tenue = select(PlaceProposee).where(PlaceProposee.reservation_id == reservation.id)
        for place in session.scalars(tenue):
            session.execute(place.repondre(ReponsePlace.NON, instant, par.id))
            session.refresh(place)
        return
    ordre = reservation.annuler(motif=motif, le=instant)
    details = {} if motif is None else {"motif": motif.value}
    conclure(session, reservation, ordre, par, Evenement.RESERVATION_ANNULEE, instant, **details)
    _laisser_la_suite(session, reservation, par, instant)


def noter_absente(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    motif: MotifSansSuite,
    le: datetime | None = None,
) -> None:
    """She did not come for the keys, and why if anybody knows. It is held against nobody.

    When the reason is itself a lack of mobility, her adviser has somebody to call: ``absences_a_suivre``.
    """
    instant = le or maintenant()
    ordre = reservation.noter_absente(motif, le=instant)
    conclure(session, reservation, ordre, par, Evenement.PERSONNE_ABSENTE, instant, motif=motif.value)
    _laisser_la_suite(session, reservation, par, instant)


def _laisser_la_suite(session: Session, reservation: Reservation, par: Acteur, instant: datetime) -> None:
    """Nobody keeps longer what she never had: the continuation is given up, and its own with it.

    After the stay itself: whoever asks for a continuation meanwhile waits for it, then sees that it is over.
    """
    if (suite := suite_vivante(session, reservation, le=instant)) is not None:
        annuler(session, suite, par=par, le=instant)


def absences_a_suivre() -> Select[Reservation]:
    """Those who could not come to the vehicle and whom nobody has called yet, the oldest first."""
    return (
        select(Reservation)
        .where(
            Reservation.statut == StatutReservation.ABSENTE,
            Reservation.motif.in_([m for m in MotifSansSuite if m.de_mobilite]),
            Reservation.recontactee_le.is_(None),
            Reservation.personne_id.is_not(None),
        )
        .order_by(Reservation.debut, Reservation.id)
    )


def noter_recontactee(
    session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None
) -> None:
    """Her adviser spoke with her about it; noted once."""
    instant = le or maintenant()
    ordre = (
        update(Reservation)
        .where(Reservation.id == reservation.id, Reservation.recontactee_le.is_(None))
        .values(recontactee_le=jour_local(instant))
        .returning(Reservation.id)
    )
    if session.scalars(ordre).all():
        session.add(consigner(par, Evenement.PERSONNE_RECONTACTEE, reservation, le=instant))
        session.refresh(reservation)
