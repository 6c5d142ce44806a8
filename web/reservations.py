"""Booking a vehicle within a transaction: one is served, the others are told what else is free.

Every function runs inside the transaction of its caller, which commits. Order of locks: the vehicles
of the offer (by number), then the bookings; always the same, so that two askers wait and never block
each other for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME, Acteur, RoleActeur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import (
    Alternatives,
    Periode,
    VehiculeDejaReserve,
    VehiculeLibre,
    occupations,
    prochain_debut_libre,
    vehicules_libres,
)
from mobilite.flotte import Vehicule, VehiculeIndisponible, dernier_jour
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre, OffreRetiree, StatutOffre
from mobilite.reservation import (
    DELAI_DE_REPONSE,
    CleDejaUtilisee,
    Reservation,
    ReservationDejaTraitee,
    SansCaution,
    StatutReservation,
    est_un_chevauchement,
    expirer_demandes,
    verifier_dates,
)
from web.messages.faits import suivre_la_reservation

PROPOSEES = 3
"""How many alternatives of each kind are told: more is a catalogue, not an answer."""

HORIZON = timedelta(days=60)
_TOUJOURS = date(2100, 12, 31)


def demander(
    session: Session,
    *,
    acteur: Acteur,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    cle: str,
    personne_id: int | None = None,
    vehicule: Vehicule | None = None,
    proposee_jusqu_au: datetime | None = None,
    le: datetime | None = None,
) -> Reservation:
    """Request a vehicle of an offer (any free one, or the one named) from ``debut`` to ``fin``.

    ``proposee_jusqu_au``: it is only held for her until then, in case she says yes (``accepter``).

    ``cle`` is drawn once per form: sent again, the first request is given back. A person asks for
    herself, whatever ``personne_id`` says. Raises ``VehiculeDejaReserve`` with what else is free,
    ``VehiculeIndisponible``, ``DatesRefusees``, ``OffreRetiree`` or ``CleDejaUtilisee``.
    """
    instant = le or maintenant()
    if acteur.role is RoleActeur.PERSONNE:
        personne_id = acteur.personne_id
    flotte = _verrouiller(session, offre)
    if (deja := _deja_demandee(session, acteur, cle)) is not None:
        if (deja.debut, deja.fin, deja.vehicule.offre_id) != (debut, fin, offre.id):
            raise CleDejaUtilisee
        return deja
    verifier_dates(debut, fin, instant)
    if offre.statut is not StatutOffre.OUVERTE:
        raise OffreRetiree
    if vehicule is not None:
        vehicule.refuser_si_indisponible(fin, debut)
    if not flotte:
        raise VehiculeIndisponible("Cette offre se réserve par téléphone : appelez la structure.")
    liberer_les_demandes_expirees(session, flotte, instant)
    for libre in session.scalars(vehicules_libres(offre.id, debut, fin, le=instant)).all():
        if vehicule is not None and libre.id != vehicule.id:
            continue
        reservation = Reservation.demander(
            libre, par=acteur, personne_id=personne_id, debut=debut, fin=fin, cle=cle, le=instant
        )
        if proposee_jusqu_au is not None:
            reservation.proposer(proposee_jusqu_au)
        if _inserer(session, reservation):
            session.add(
                consigner(
                    acteur,
                    Evenement.RESERVATION_DEMANDEE if proposee_jusqu_au is None else Evenement.PLACE_PROPOSEE,
                    reservation,
                    le=instant,
                    vehicule=libre.id,
                    debut=debut,
                    fin=fin,
                )
            )
            return reservation
    raise VehiculeDejaReserve(alternatives(session, offre, debut, fin, sauf=vehicule, le=instant))


def _verrouiller(session: Session, offre: Offre) -> list[int]:
    """Wait for our turn on the vehicles of an offer (SQLite: the transaction itself has waited)."""
    ids = select(Vehicule.id).where(Vehicule.offre_id == offre.id).order_by(Vehicule.id)
    return list(session.scalars(ids.with_for_update()))


def _deja_demandee(session: Session, acteur: Acteur, cle: str) -> Reservation | None:
    return session.scalar(
        select(Reservation).where(Reservation.demandee_par == acteur.id, Reservation.cle_idempotence == cle)
    )


def _inserer(session: Session, reservation: Reservation) -> bool:
    """Whether the database took it; ``False`` when somebody else has these days after all."""
    try:
        with session.begin_nested():
            session.add(reservation)
            session.flush()
    except IntegrityError as erreur:
        if not est_un_chevauchement(erreur):
            raise
        return False
    return True


def liberer_les_demandes_expirees(
    session: Session, vehicules: Collection[int] | None, instant: datetime
) -> Sequence[Reservation]:
    """Expire the requests nobody answered in time, and write it in the journal."""
    ids = session.scalars(expirer_demandes(instant, vehicules)).all()
    if not ids:
        return ()
    expirees = session.scalars(
        select(Reservation).where(Reservation.id.in_(ids)).order_by(Reservation.id),
        execution_options={"populate_existing": True},
    ).all()
    for reservation in expirees:
        session.add(consigner(PLATEFORME, Evenement.RESERVATION_EXPIREE, reservation, le=instant))
    return expirees


def alternatives(
    session: Session,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    *,
    sauf: Vehicule | None = None,
    le: datetime | None = None,
) -> Alternatives:
    """What is free instead: same offer, other offers of the same kind, and the next dates.

    It says what is free, not who may have it: conditions of access are the engine's. That is why the
    other offers are all there: the only one she may have can be the last.
    """
    instant = le or maintenant()
    memes = session.scalars(vehicules_libres(offre.id, debut, fin, le=instant)).all()
    soeurs = session.scalars(
        select(Offre.id).where(
            Offre.genre == offre.genre,
            Offre.id != offre.id,
            Offre.statut == StatutOffre.OUVERTE,
            Offre.demonstration == offre.demonstration,
        )
    ).all()
    par_offre: dict[int, Vehicule] = {}
    for vehicule in session.scalars(vehicules_libres(soeurs, debut, fin, le=instant)):
        par_offre.setdefault(vehicule.offre_id, vehicule)
    autres = sorted(par_offre.values(), key=lambda v: (v.offre.nom, v.id))
    return Alternatives(
        vehicules=tuple(_libre(v) for v in memes if sauf is None or v.id != sauf.id)[:PROPOSEES],
        autres_offres=tuple(_libre(v) for v in autres),
        prochaines_dates=_prochaines_dates(session, offre, debut, fin, instant),
    )


def _libre(vehicule: Vehicule) -> VehiculeLibre:
    structure = vehicule.offre.structure
    return VehiculeLibre(
        vehicule_id=vehicule.id,
        libelle=vehicule.libelle,
        offre_id=vehicule.offre_id,
        offre=vehicule.offre.nom,
        structure=structure.nom,
        telephone=structure.telephone,
    )


def _prochaines_dates(
    session: Session, offre: Offre, debut: datetime, fin: datetime, instant: datetime
) -> tuple[Periode, ...]:
    vehicules = session.scalars(
        select(Vehicule).where(Vehicule.offre_id == offre.id).order_by(Vehicule.id)
    ).all()
    prises: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for vehicule_id, pris_de, pris_a in session.execute(occupations([v.id for v in vehicules], instant)):
        prises[vehicule_id].append((pris_de, pris_a))
    periodes = []
    for vehicule in vehicules:
        nouveau = prochain_debut_libre(prises[vehicule.id], debut, fin)
        periode = Periode(vehicule.id, vehicule.libelle, nouveau, nouveau + (fin - debut))
        try:
            vehicule.refuser_si_indisponible(periode.fin, periode.debut)
        except VehiculeIndisponible:
            continue
        if debut < nouveau <= debut + HORIZON:
            periodes.append(periode)
    return tuple(sorted(periodes, key=lambda p: (p.debut, p.vehicule_id)))[:PROPOSEES]


def confirmer(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    place_confirmee_par: str,
    papiers_vus_le: date | None,
    caution_vue_le: date | None,
    caution_demandee: bool = True,
    sans_caution: SansCaution | None = None,
    le: datetime | None = None,
) -> None:
    """Say yes to a request; ``sans_caution`` is why no deposit was seen, and goes to the journal.

    Raises ``PapiersNonVus``, ``VehiculeIndisponible`` or ``ReservationDejaTraitee``.
    """
    instant = le or maintenant()
    ordre = reservation.confirmer(
        place_confirmee_par,
        papiers_vus_le=papiers_vus_le,
        caution_vue_le=caution_vue_le,
        caution_demandee=caution_demandee and sans_caution is None,
        le=instant,
    )
    details = {} if sans_caution is None else {"sans_caution": sans_caution.value}
    _conclure(session, reservation, ordre, par, Evenement.RESERVATION_CONFIRMEE, instant, **details)


def accepter(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """She says yes to what was held for her: the structure is asked, as for any request.

    Raises ``ReservationDejaTraitee`` when the time is over.
    """
    instant = le or maintenant()
    ordre = reservation.accepter(min(instant + DELAI_DE_REPONSE, reservation.debut), le=instant)
    _conclure(session, reservation, ordre, par, Evenement.PLACE_ACCEPTEE, instant)


def decliner(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Let go of what was held for her. Raises ``ReservationDejaTraitee`` when she took it, or the time is over."""
    instant = le or maintenant()
    if reservation.statut is not StatutReservation.PROPOSEE:
        raise ReservationDejaTraitee(reservation.etat(instant))
    quoi = Evenement.PLACE_RETIREE if par is PLATEFORME else Evenement.PLACE_DECLINEE
    _conclure(session, reservation, reservation.annuler(le=instant), par, quoi, instant)


def refuser(
    session: Session, reservation: Reservation, *, par: Acteur, motif: str, le: datetime | None = None
) -> None:
    """Say no to a request, with a reason fit for the person."""
    instant = le or maintenant()
    ordre = reservation.refuser(motif, le=instant)
    _conclure(session, reservation, ordre, par, Evenement.RESERVATION_REFUSEE, instant)


def annuler(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Give up a booking: the vehicle is free at once."""
    instant = le or maintenant()
    _conclure(
        session, reservation, reservation.annuler(le=instant), par, Evenement.RESERVATION_ANNULEE, instant
    )


def remettre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the keys were handed over."""
    instant = le or maintenant()
    _conclure(session, reservation, reservation.remettre(le=instant), par, Evenement.VEHICULE_REMIS, instant)


def rendre(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Note that the vehicle came back: the days left are free at once."""
    instant = le or maintenant()
    _conclure(session, reservation, reservation.rendre(le=instant), par, Evenement.VEHICULE_RENDU, instant)


def deplacer(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    debut: datetime,
    fin: datetime,
    le: datetime | None = None,
) -> None:
    """Ask for other days for the same vehicle. Raises ``VehiculeDejaReserve`` with what else is free."""
    instant = le or maintenant()
    offre = reservation.vehicule.offre
    flotte = _verrouiller(session, offre)
    ordre = reservation.deplacer(debut, fin, le=instant)
    liberer_les_demandes_expirees(session, flotte, instant)
    try:
        with session.begin_nested():
            _conclure(
                session,
                reservation,
                ordre,
                par,
                Evenement.RESERVATION_DEPLACEE,
                instant,
                debut=debut,
                fin=fin,
            )
    except IntegrityError as erreur:
        if not est_un_chevauchement(erreur):
            raise
        raise VehiculeDejaReserve(
            alternatives(session, offre, debut, fin, sauf=reservation.vehicule, le=instant)
        ) from None


def changer_vehicule(
    session: Session,
    reservation: Reservation,
    vehicule: Vehicule,
    *,
    par: Acteur,
    le: datetime | None = None,
) -> None:
    """Give a request another vehicle. Raises ``VehiculeDejaReserve`` when it is taken on these days."""
    instant = le or maintenant()
    flotte = _verrouiller(session, vehicule.offre)
    liberer_les_demandes_expirees(session, flotte, instant)
    ordre = reservation.changer_vehicule(vehicule, le=instant)
    try:
        with session.begin_nested():
            _conclure(
                session,
                reservation,
                ordre,
                par,
                Evenement.RESERVATION_CHANGEE,
                instant,
                vehicule=vehicule.id,
            )
    except IntegrityError as erreur:
        if not est_un_chevauchement(erreur):
            raise
        raise VehiculeDejaReserve(
            alternatives(session, vehicule.offre, reservation.debut, reservation.fin, le=instant)
        ) from None


def _conclure(
    session: Session,
    reservation: Reservation,
    ordre: Update,
    par: Acteur,
    quoi: Evenement,
    instant: datetime,
    **details: Any,
) -> None:
    """Run a compare-and-swap and its journal line; ``ReservationDejaTraitee`` when somebody was first."""
    resultat = session.execute(ordre)
    change = isinstance(resultat, CursorResult) and resultat.rowcount == 1
    session.refresh(reservation)
    if not change:
        raise ReservationDejaTraitee(reservation.etat(instant))
    session.add(consigner(par, quoi, reservation, le=instant, **details))
    suivre_la_reservation(session, reservation, quoi, par, instant)


@dataclass(slots=True)
class Calendrier:
    """The live calendar of one offer: vehicles in service and the days they are taken, both included."""

    vehicules: int = 0
    occupations: list[tuple[date, date]] = field(default_factory=list)


def calendriers(session: Session, le: datetime | None = None) -> Mapping[int, Calendrier]:
    """The live calendars of all offers with vehicles, by offer number, for ``Offre.document``.

    A vehicle whose inspection or insurance ends counts as taken from the next day on.
    """
    instant = le or maintenant()
    calendrier: defaultdict[int, Calendrier] = defaultdict(Calendrier)
    offre_de: dict[int, int] = {}
    for vehicule in session.scalars(select(Vehicule).order_by(Vehicule.id)):
        du_vehicule = calendrier[vehicule.offre_id]
        if not vehicule.en_service:
            continue
        du_vehicule.vehicules += 1
        offre_de[vehicule.id] = vehicule.offre_id
        fins = [f for f in (vehicule.ct_valable_au, vehicule.assurance_valable_au) if f is not None]
        if fins:
            du_vehicule.occupations.append((min(fins) + timedelta(days=1), _TOUJOURS))
    for vehicule_id, debut, fin in session.execute(occupations(list(offre_de), instant)):
        calendrier[offre_de[vehicule_id]].occupations.append((jour_local(debut), dernier_jour(fin)))
    return calendrier
