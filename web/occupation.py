"""The live calendars of all offers, for the engine: how many vehicles, and the days they are taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import occupations
from mobilite.flotte import Vehicule, dernier_jour, immobilisations

_UN_JOUR = timedelta(days=1)
_TOUJOURS = date(2100, 12, 31)
_HORIZON = timedelta(days=730)


@dataclass(slots=True)
class Calendrier:
    """The live calendar of one offer: vehicles in service and the days they are taken, both included."""

    vehicules: int = 0
    occupations: list[tuple[date, date]] = field(default_factory=list)


def calendriers(session: Session, le: datetime | None = None) -> Mapping[int, Calendrier]:
    """The live calendars of all offers with vehicles, by offer number, for ``Offre.document``.

    A booking takes its days and those the fleet needs after it. A vehicle whose papers or whose place in
    the fleet end counts as taken from the next day on; one that has not arrived, until the day before.
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
        if (limite := vehicule.dernier_jour_sur_la_route) is not None:
            du_vehicule.occupations.append((limite[0] + _UN_JOUR, _TOUJOURS))
        if vehicule.entre_le is not None and vehicule.entre_le > jour_local(instant):
            du_vehicule.occupations.append((jour_local(instant), vehicule.entre_le - _UN_JOUR))
    prises = occupations(list(offre_de), instant).order_by(None).subquery()
    textes = select(prises.c.vehicule_id, *(cast(prises.c[rang], String) for rang in (1, 2)))
    for vehicule_id, debut, libre_le in session.execute(textes):
        calendrier[offre_de[vehicule_id]].occupations.append(_jours(debut, libre_le))
    arrets = immobilisations(list(offre_de), instant, instant + _HORIZON)
    for vehicule_id, debut, fin, _motif in session.execute(arrets):
        dernier = dernier_jour(fin) if fin is not None else _TOUJOURS
        calendrier[offre_de[vehicule_id]].occupations.append((jour_local(debut), dernier))
    return calendrier


@lru_cache(maxsize=2**16)
def _jours(debut: str, libre_le: str) -> tuple[date, date]:
    """The days of two instants as the database writes them: the same bookings are read again by every page."""
    premier, apres = (datetime.fromisoformat(texte) for texte in (debut, libre_le))
    if premier.tzinfo is None:  # SQLite keeps UTC without saying so
        premier, apres = premier.replace(tzinfo=UTC), apres.replace(tzinfo=UTC)
    return jour_local(premier), dernier_jour(apres)
