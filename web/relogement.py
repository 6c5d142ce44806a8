"""A vehicle stops: its bookings get another one by themselves where they can, the others wait for somebody.

Everything happens in the transaction of the caller, with all the vehicles of the structure locked first
(by number), then its bookings: whoever asks for one of them meanwhile waits, then sees what is left.
A booking whose vehicle cannot serve it is « à reloger » as long as that is so: it is computed, never
written down, so that a vehicle repaired in time needs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from matching.parc.relogement import Place, Possible, Relogement, reloger
from mobilite.acteur import Acteur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import occupe
from mobilite.flotte import Vehicule, VehiculeIndisponible
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import Attente, raisons_de_la_reservation
from mobilite.offre import Offre, StatutOffre
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.priorite import RaisonPriorite, priorite
from mobilite.refus_reservation import CleDejaUtilisee
from mobilite.reservation import Reservation
from mobilite.statut_reservation import MOBILES, StatutReservation
from web import reservations
from web.convenance import convenances
from web.messages.arrets import dire_le_changement, dire_retrouve, dire_sans_vehicule
from web.reservations import regles_de


@dataclass(frozen=True, slots=True)
class Proposition:
    """A vehicle that may do, once somebody has looked at what is said."""

    vehicule: Vehicule
    a_voir: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LigneDeRelogement:
    """One booking: the vehicle it had, why it cannot have it (empty: to make room), the one it gets."""

    reservation: Reservation
    de: Vehicule
    raison: str
    phrase: str
    vers: Vehicule | None = None
    propositions: tuple[Proposition, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanDeRelogement:
    """Who changes (in the order to do it), who has nothing for sure, who has the keys of a stopped vehicle."""

    changements: tuple[LigneDeRelogement, ...] = ()
    sans_vehicule: tuple[LigneDeRelogement, ...] = ()
    cles_en_main: tuple[Reservation, ...] = ()

    @property
    def relogees(self) -> list[LigneDeRelogement]:
        """Those who had lost their vehicle and get another."""
        return [ligne for ligne in self.changements if ligne.raison]

    @property
    def derangees(self) -> list[LigneDeRelogement]:
        """Those who change to make room."""
        return [ligne for ligne in self.changements if not ligne.raison]

    def __bool__(self) -> bool:
        return bool(self.changements or self.sans_vehicule or self.cles_en_main)


def preparer(session: Session, structure_id: int, *, le: datetime | None = None) -> PlanDeRelogement:
    """What re-housing would do as things stand. Nothing is written."""
    instant = le or maintenant()
    return _plan(session, *_parc(session, structure_id, instant, verrou=False), instant)


def reloger_la_structure(
    session: Session, structure_id: int, *, par: Acteur, le: datetime | None = None
) -> PlanDeRelogement:
    """Give another vehicle to the bookings that lost theirs, tell everybody, and say what was done."""
    instant = le or maintenant()
    vehicules, prises = _parc(session, structure_id, instant, verrou=True)
    plan = _plan(session, vehicules, prises, instant)
    for ligne in plan.changements:
        if ligne.vers is not None:
            reservations.changer_vehicule(session, ligne.reservation, ligne.vers, par=par, le=instant)
            dire_le_changement(session, ligne.reservation, ligne.vers, ligne.raison, instant)
    for ligne in plan.sans_vehicule:
        dire_sans_vehicule(session, ligne.reservation, ligne.raison, par, instant)
    return plan


def immobiliser(
    session: Session,
    vehicule: Vehicule,
    *,
    par: Acteur,
    motif: MotifImmobilisation,
    debut: datetime,
    fin: datetime | None,
    cle: str,
    precision: str = "",
    le: datetime | None = None,
) -> tuple[Immobilisation, PlanDeRelogement]:
    """Take a vehicle off the road, and re-house its bookings at once.

    ``cle`` is drawn once per form: sent again, nothing more is declared. Raises ``CleDejaUtilisee``
    when the form now speaks of another vehicle.
    """
    instant = le or maintenant()
    structure_id = vehicule.offre.structure_id
    _verrouiller(session, structure_id)
    deja = session.scalar(
        select(Immobilisation).where(
            Immobilisation.declaree_par == par.id, Immobilisation.cle_idempotence == cle
        )
    )
    if deja is not None and deja.vehicule_id != vehicule.id:
        raise CleDejaUtilisee
    arret = deja or Immobilisation(
        vehicule_id=vehicule.id,
        debut=debut,
        fin=fin,
        motif=motif,
        precision=precision,
        declaree_par=par.id,
        declaree_le=instant,
        cle_idempotence=cle,
    )
    if deja is None:
        session.add(arret)
        session.flush()
        session.add(
            consigner(
                par,
                Evenement.VEHICULE_IMMOBILISE,
                vehicule,
                le=instant,
                motif=motif.value,
                debut=debut,
                fin=fin,
            )
        )
    return arret, reloger_la_structure(session, structure_id, par=par, le=instant)


def remettre_en_route(
    session: Session, vehicule: Vehicule, arret: Immobilisation, *, par: Acteur, le: datetime | None = None
) -> None:
    """The vehicle is back: what was not re-housed has its vehicle again, and nothing else moves.

    Raises ``ImmobilisationDejaFinie``.
    """
    instant = le or maintenant()
    _verrouiller(session, vehicule.offre.structure_id)
    session.refresh(arret)
    perdues = {r.id for r, _ in reservations_a_reloger(session, instant, vehicule.offre.structure_id)}
    arret.terminer(instant)
    session.flush()
    session.expire(vehicule, ["immobilisations"])
    session.add(consigner(par, Evenement.VEHICULE_REMIS_EN_ROUTE, vehicule, le=instant))
    encore = {r.id for r, _ in reservations_a_reloger(session, instant, vehicule.offre.structure_id)}
    for numero in sorted(perdues - encore):
        dire_retrouve(session, session.get_one(Reservation, numero), instant)


def choisir_vehicule(
    session: Session,
    reservation: Reservation,
    vehicule: Vehicule,
    *,
    par: Acteur,
    le: datetime | None = None,
) -> None:
    """Somebody looked at what was to be seen, and gives this vehicle to a booking that lost its own.

    Raises ``VehiculeDejaReserve``, or ``VehiculeIndisponible`` when nothing proposes it any more.
    """
    instant = le or maintenant()
    structure_id = reservation.vehicule.offre.structure_id
    plan = _plan(session, *_parc(session, structure_id, instant, verrou=True), instant)
    ligne = next((x for x in plan.sans_vehicule if x.reservation.id == reservation.id), None)
    if ligne is None or vehicule.id not in {p.vehicule.id for p in ligne.propositions}:
        raise VehiculeIndisponible(f"« {vehicule.libelle} » ne peut pas lui être donné : rechargez la page.")
    reservations.changer_vehicule(session, reservation, vehicule, par=par, le=instant)
    dire_le_changement(session, reservation, vehicule, ligne.raison, instant)


def reservations_a_reloger(
    session: Session,
    le: datetime,
    structure_id: int | None = None,
    *,
    seulement: ColumnElement[bool] | None = None,
) -> list[tuple[Reservation, str]]:
    """The bookings whose vehicle cannot serve them, and why, the soonest first; of all structures without one.

    ``seulement``: a condition on them, so that the queue of one adviser reads hers alone.
    """
    ordre = (
        select(Reservation)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Reservation.statut.in_(MOBILES), Reservation.fin > le, occupe(le), _peut_manquer())
        .order_by(Reservation.debut, Reservation.id)
        .options(
            selectinload(Reservation.personne),
            selectinload(Reservation.vehicule).selectinload(Vehicule.immobilisations),
        )
    )
    if structure_id is not None:
        ordre = ordre.where(Offre.structure_id == structure_id)
    if seulement is not None:
        ordre = ordre.where(seulement)
    raisons = ((r, r.vehicule.raison_d_arret(r.debut, r.fin)) for r in session.scalars(ordre))
    return [(reservation, raison) for reservation, raison in raisons if raison]


def _peut_manquer() -> ColumnElement[bool]:
    """Leaves out, in the database, most bookings whose vehicle runs; ``Vehicule.raison_d_arret`` decides.

    A day is compared with an instant: the last day itself may pass, never the next ones.
    """
    limites = (Vehicule.ct_valable_au, Vehicule.assurance_valable_au, Vehicule.sorti_le)
    arret = exists().where(
        Immobilisation.vehicule_id == Vehicule.id,
        Immobilisation.debut < Reservation.fin,
        or_(Immobilisation.fin.is_(None), Immobilisation.fin > Reservation.debut),
    )
    return or_(~Vehicule.en_service, arret, *(limite < Reservation.fin for limite in limites))


def _verrouiller(session: Session, structure_id: int) -> list[int]:
    """Wait for our turn on all the vehicles of a structure, by number as bookings do."""
    ordre = (
        select(Vehicule.id)
        .where(Vehicule.offre_id.in_(select(Offre.id).where(Offre.structure_id == structure_id)))
        .order_by(Vehicule.id)
        .with_for_update()
    )
    return list(session.scalars(ordre))


def _parc(
    session: Session, structure_id: int, instant: datetime, *, verrou: bool
) -> tuple[list[Vehicule], list[Reservation]]:
    """The vehicles of a structure and who keeps them from now on, as the database says at this instant."""
    vehicules = (
        select(Vehicule)
        .where(Vehicule.offre_id.in_(select(Offre.id).where(Offre.structure_id == structure_id)))
        .order_by(Vehicule.id)
        .options(selectinload(Vehicule.immobilisations))
        .execution_options(populate_existing=True)
    )
    if verrou:
        reservations.liberer_les_demandes_expirees(session, _verrouiller(session, structure_id), instant)
    parc = list(session.scalars(vehicules))
    prises = (
        select(Reservation)
        .where(
            Reservation.vehicule_id.in_([v.id for v in parc]), Reservation.libre_le > instant, occupe(instant)
        )
        .order_by(Reservation.id)
        .options(selectinload(Reservation.personne))
        .execution_options(populate_existing=True)
    )
    if verrou:
        prises = prises.with_for_update(of=Reservation)
    return parc, list(session.scalars(prises))


def _plan(
    session: Session, vehicules: Sequence[Vehicule], prises: Sequence[Reservation], instant: datetime
) -> PlanDeRelogement:
    par_id = {v.id: v for v in vehicules}
    raisons = {
        r.id: raison for r in prises if (raison := par_id[r.vehicule_id].raison_d_arret(r.debut, r.fin))
    }
    perdues = [r for r in prises if r.id in raisons and r.statut in MOBILES]
    en_main = tuple(r for r in prises if r.id in raisons and r.statut is StatutReservation.REMISE)
    if not perdues:
        return PlanDeRelogement(cles_en_main=en_main)
    libelles = {str(v.id): v.libelle for v in vehicules}
    possibles = {r.id: _possibles(session, r, par_id) for r in perdues}
    relogement = reloger(_places(session, prises, raisons, possibles, instant), libelles)
    if len(relogement.relogees) < len(perdues):
        # Not everybody: perhaps if others made room.
        autres = (r for r in prises if r.statut in MOBILES and r.id not in raisons)
        possibles |= {r.id: _possibles(session, r, par_id) for r in autres}
        relogement = reloger(_places(session, prises, raisons, possibles, instant), libelles)
    return _en_lignes(relogement, {r.id: r for r in prises}, par_id, en_main)


def _possibles(
    session: Session, reservation: Reservation, vehicules: Mapping[int, Vehicule]
) -> Mapping[str, Possible]:
    """The vehicles of open offers that run on her days and that nothing refuses her, until free again."""
    roulent = [
        v for v in vehicules.values() if v.offre.statut is StatutOffre.OUVERTE and _roule(v, reservation)
    ]
    actuel = vehicules[reservation.vehicule_id]
    trouvees = convenances(reservation.personne, actuel, roulent, jour_local(reservation.debut))
    libres = {o.id: regles_de(session, o).libre_le(reservation.fin) for o in {v.offre for v in roulent}}
    return {
        str(numero): replace(possible, fin=libres[vehicules[numero].offre_id])
        for numero, possible in trouvees.items()
    }


def _roule(vehicule: Vehicule, reservation: Reservation) -> bool:
    try:
        vehicule.refuser_si_indisponible(reservation.fin, reservation.debut)
    except VehiculeIndisponible:
        return False
    return True


def _places(
    session: Session,
    prises: Iterable[Reservation],
    raisons: Mapping[int, str],
    possibles: Mapping[int, Mapping[str, Possible]],
    instant: datetime,
) -> list[Place]:
    return [
        Place(
            f"{r.id:09}",
            str(r.vehicule_id),
            r.debut,
            r.libre_le,
            _points(session, r, instant) if r.id in raisons else 1,
            raisons.get(r.id, ""),
            r.statut not in MOBILES,
            possibles.get(r.id, {}),
        )
        for r in prises
    ]


def _points(session: Session, reservation: Reservation, instant: datetime) -> float:
    """How urgent it is, by the same points as the waiting list."""
    personne = reservation.personne
    raisons = raisons_de_la_reservation(reservation, instant)
    if personne is not None:
        raisons |= _danger(session, personne)
    attend = (instant - reservation.demandee_le).days
    return priorite(raisons, attend, parametres(jour_local(instant))).points


def _danger(session: Session, personne: Personne) -> set[RaisonPriorite]:
    """What an adviser noted when she waited: it counts, and nothing here shows it."""
    listes = session.scalars(select(Attente.raisons).where(Attente.personne_id == personne.id))
    return {RaisonPriorite.DANGER} if any(RaisonPriorite.DANGER in raisons for raisons in listes) else set()


def _en_lignes(
    relogement: Relogement,
    prises: Mapping[int, Reservation],
    vehicules: Mapping[int, Vehicule],
    en_main: tuple[Reservation, ...],
) -> PlanDeRelogement:
    return PlanDeRelogement(
        tuple(
            LigneDeRelogement(
                prises[int(c.place.id)],
                vehicules[int(c.place.vehicule)],
                c.place.raison,
                c.phrase,
                vehicules[int(c.vers)],
            )
            for c in relogement.changements
        ),
        tuple(
            LigneDeRelogement(
                prises[int(s.place.id)],
                vehicules[int(s.place.vehicule)],
                s.place.raison,
                s.phrase,
                propositions=tuple(
                    Proposition(vehicules[int(v)], s.place.possibles[v].a_voir) for v in s.propositions
                ),
            )
            for s in relogement.sans_vehicule
        ),
        en_main,
    )
