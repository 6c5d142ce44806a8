"""What is free: the vehicles nobody has for some days, and what to say instead when one is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from mobilite.base import PARIS, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule, peut_rouler_jusqu_a
from mobilite.reservation import LIMITEES, Reservation, StatutReservation


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
    """What else is free: other vehicles of the offer, other offers of its kind, next dates."""

    vehicules: tuple[VehiculeLibre, ...] = ()
    autres_offres: tuple[VehiculeLibre, ...] = ()
    prochaines_dates: tuple[Periode, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.vehicules or self.autres_offres or self.prochaines_dates)


class VehiculeDejaReserve(RegleMetier):
    """Somebody else has it for these days; ``alternatives`` says what is free instead."""

    code = "vehicule_deja_reserve"

    def __init__(self, alternatives: Alternatives) -> None:
        super().__init__(_phrase_deja_reserve(alternatives))
        self.alternatives = alternatives


def _phrase_deja_reserve(alternatives: Alternatives) -> str:
    phrase = "Quelqu'un vient de réserver pour ces jours-là."
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
    ``sauf`` are bookings that do not count: those that are being moved.
    """
    ids = (offres,) if isinstance(offres, int) else tuple(offres)
    prise = exists().where(
        Reservation.vehicule_id == Vehicule.id,
        Reservation.debut < (libre_le or fin),
        Reservation.libre_le > debut,
        occupe(le or maintenant()),
    )
    if sauf:
        prise = prise.where(Reservation.id.not_in(sauf))
    return (
        select(Vehicule)
        .where(Vehicule.offre_id.in_(ids), peut_rouler_jusqu_a(fin, debut), ~prise)
        .order_by(Vehicule.offre_id, Vehicule.id)
    )


def occupations(vehicules: Collection[int], depuis: datetime) -> Select[int, datetime, datetime]:
    """When these vehicles are taken from ``depuis`` on: rows (vehicule_id, debut, libre_le)."""
    return (
        select(Reservation.vehicule_id, Reservation.debut, Reservation.libre_le)
        .where(Reservation.vehicule_id.in_(vehicules), Reservation.libre_le > depuis, occupe(depuis))
        .order_by(Reservation.vehicule_id, Reservation.debut)
    )


def prochain_debut_libre(
    prises: Iterable[tuple[datetime, datetime]],
    debut: datetime,
    fin: datetime,
    tampon: timedelta = timedelta(0),
) -> datetime:
    """The earliest start at or after ``debut``, a whole number of local days later, for the same length.

    ``prises`` are ranges (debut, libre_le); ``tampon`` is what must stay free after the return. The hour on the wall stays the same across a change of clocks.
    """
    longueur = fin - debut + tampon
    mur = debut.astimezone(PARIS)
    candidat, jours = debut, 0
    for prise_debut, prise_fin in sorted(prises):
        while prise_debut < candidat + longueur and candidat < prise_fin:
            jours += 1
            candidat = (mur + timedelta(days=jours)).astimezone(debut.tzinfo)
    return candidat
