"""What is free: the vehicles nobody has for some days, and what to say instead when one is taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select
from sqlalchemy.orm import aliased

from mobilite.base import PARIS, jour_local, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule, peut_rouler_jusqu_a
from mobilite.reservation import Reservation
from mobilite.statut_reservation import LIMITEES, StatutReservation


@dataclass(frozen=True, slots=True)
class VehiculeLibre:
    """A vehicle that stays free for the days asked: by its row numbers and its words."""

    vehicule_id: int
    libelle: str
    offre_id: int
    offre: str
    structure: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Periode:
    """A free range of the same length, later, for one vehicle of the same offer."""

    vehicule_id: int
    libelle: str
    debut: datetime
    fin: datetime


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What else is free: other vehicles of the offer, other offers of its kind, next dates.

    ``pas_rentres``: the vehicles that were asked for today and have not come back.
    """

    vehicules: tuple[VehiculeLibre, ...] = ()
    autres_offres: tuple[VehiculeLibre, ...] = ()
    prochaines_dates: tuple[Periode, ...] = ()
    pas_rentres: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.vehicules or self.autres_offres or self.prochaines_dates)


class VehiculeDejaReserve(RegleMetier):
    """Somebody else has it for these days; ``alternatives`` says what is free instead.

    It is looked for when somebody reads it, which is long: never while others wait for their turn to write.
    """

    code = "vehicule_deja_reserve"

    def __init__(self, chercher: Callable[[], Alternatives]) -> None:
        Exception.__init__(self)
        self._chercher = chercher

    @cached_property
    def alternatives(self) -> Alternatives:
        """What is free instead."""
        return self._chercher()

    @property
    def raison(self) -> str:
        """The refusal alone, for a page that shows what is free instead."""
        return _raison(self.alternatives)

    @cached_property
    def phrase(self) -> str:  # type: ignore[override]  # set by other refusals, found by this one
        """The refusal, and what is free instead, in one sentence or two."""
        return _phrase_deja_reserve(self.alternatives)

    def __str__(self) -> str:
        return self.phrase


def _raison(alternatives: Alternatives) -> str:
    if not alternatives.pas_rentres:
        return "Ce n'est pas libre tous ces jours-là."
    return (
        f"« {alternatives.pas_rentres[0]} » devrait être de retour, et n'est pas encore là : ce véhicule ne "
        "repart pas aujourd'hui. Choisissez un autre jour, ou un autre véhicule."
    )


def _phrase_deja_reserve(alternatives: Alternatives) -> str:
    phrase = _raison(alternatives)
    libres = [v.libelle for v in alternatives.vehicules]
    libres += [f"{v.libelle} ({v.structure})" for v in alternatives.autres_offres]
    if libres:
        phrase += f" Encore libre aux mêmes dates : {', '.join(libres[:3])}."
    if alternatives.prochaines_dates:
        prochaine = alternatives.prochaines_dates[0]
        phrase += f" Prochaine date libre : {prochaine.debut.astimezone(PARIS):%d/%m/%Y}."
    return (
        phrase if alternatives else f"{phrase} Rien d'autre n'est libre en ce moment : appelez la structure."
    )


def occupe(instant: datetime) -> ColumnElement[bool]:
    """Which bookings keep their vehicle at an instant, buffer included.

    One that came back keeps it until ``libre_le``, the time to make it ready again.
    """
    return or_(
        Reservation.statut.in_((StatutReservation.CONFIRMEE, StatutReservation.REMISE)),
        and_(Reservation.statut.in_(LIMITEES), Reservation.expire_le > instant),
        and_(
            Reservation.statut.in_((StatutReservation.RENDUE, StatutReservation.CLOTUREE)),
            Reservation.libre_le > instant,
            Reservation.debut < Reservation.libre_le,
        ),
    )


def demain(instant: datetime) -> datetime:
    """When the next day begins, in France."""
    return datetime.combine(jour_local(instant) + timedelta(days=1), time(), PARIS)


_A_ELLE = (StatutReservation.CONFIRMEE, StatutReservation.REMISE)


def prolongee() -> ColumnElement[bool]:
    """Which bookings are continued for sure on their vehicle: it does not come back at their end.

    A continuation that waits for its answer is not sure; one that was given another vehicle keeps nothing
    of this one.
    """
    suite = aliased(Reservation)
    return exists().where(
        suite.renouvelle_id == Reservation.id,
        suite.vehicule_id == Reservation.vehicule_id,
        suite.statut.in_(_A_ELLE),
    )


def garde_les_cles() -> ColumnElement[bool]:
    """Which bookings continue another on its vehicle: whoever has the keys by then keeps them."""
    suivie = aliased(Reservation)
    return exists().where(
        suivie.id == Reservation.renouvelle_id,
        suivie.vehicule_id == Reservation.vehicule_id,
        suivie.statut.in_(_A_ELLE),
    )


def en_retard(instant: datetime) -> ColumnElement[bool]:
    """Which bookings should have come back and have not; whoever keeps this vehicle longer is not late."""
    return and_(Reservation.statut == StatutReservation.REMISE, Reservation.fin <= instant, ~prolongee())


def vehicules_en_retard(offre_id: int, le: datetime) -> Select[int, str]:
    """Number and name of the vehicles of an offer that should be back and are not."""
    return (
        select(Vehicule.id, Vehicule.libelle)
        .join(Reservation, Reservation.vehicule_id == Vehicule.id)
        .where(Vehicule.offre_id == offre_id, en_retard(le))
        .order_by(Vehicule.id)
    )


def vehicules_libres(
    offres: int | Collection[int],
    debut: datetime,
    fin: datetime,
    *,
    libre_le: datetime | None = None,
    le: datetime | None = None,
    sauf: Collection[int] = (),
) -> Select[Vehicule]:
    """The vehicles of these offers that may run until ``fin`` and that nobody has, in a stable order.

    ``libre_le``: ``fin`` and the buffer of the fleet (``Regles.libre_le``); without it, no buffer.
    ``sauf`` are bookings that do not count: those that are being moved. A vehicle that should be back and
    is not leaves with nobody today.
    """
    instant = le or maintenant()
    ids = (offres,) if isinstance(offres, int) else tuple(offres)
    prise = exists().where(
        Reservation.vehicule_id == Vehicule.id,
        Reservation.debut < (libre_le or fin),
        Reservation.libre_le > debut,
        occupe(instant),
    )
    pas_rentre = exists().where(Reservation.vehicule_id == Vehicule.id, en_retard(instant))
    if sauf:
        prise = prise.where(Reservation.id.not_in(sauf))
        pas_rentre = pas_rentre.where(Reservation.id.not_in(sauf))
    libres = select(Vehicule).where(Vehicule.offre_id.in_(ids), peut_rouler_jusqu_a(fin, debut), ~prise)
    if debut < demain(instant):
        libres = libres.where(~pas_rentre)
    return libres.order_by(Vehicule.offre_id, Vehicule.id)


def occupations(vehicules: Collection[int], depuis: datetime) -> Select[int, datetime, datetime]:
    """When these vehicles are taken from ``depuis`` on: rows (vehicule_id, debut, libre_le).

    One that should be back and is not stays taken until the end of the day.
    """
    retard, ce_soir = en_retard(depuis), demain(depuis)
    libre_le = case(
        (and_(retard, Reservation.libre_le < ce_soir), literal(ce_soir, Reservation.libre_le.type)),
        else_=Reservation.libre_le,
    )
    return (
        select(Reservation.vehicule_id, Reservation.debut, libre_le)
        .where(
            Reservation.vehicule_id.in_(vehicules), or_(Reservation.libre_le > depuis, retard), occupe(depuis)
        )
        .order_by(Reservation.vehicule_id, Reservation.debut)
    )


def prochain_debut_libre(
    prises: Iterable[tuple[datetime, datetime]],
    debut: datetime,
    fin: datetime,
    tampon: timedelta = timedelta(0),
) -> datetime:
    """The earliest start at or after ``debut``, a whole number of local days later, for the same length.

    ``prises`` are ranges (debut, libre_le); ``tampon`` is what must stay free after the
    return. The hour on the wall stays the same across a change of clocks.
    """
    longueur = fin - debut + tampon
    mur = debut.astimezone(PARIS)
    candidat, jours = debut, 0
    for prise_debut, prise_fin in sorted(prises):
        while prise_debut < candidat + longueur and candidat < prise_fin:
            jours += 1
            candidat = (mur + timedelta(days=jours)).astimezone(debut.tzinfo)
    return candidat
