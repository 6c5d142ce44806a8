"""A fleet and its rules, somebody who asks, and whole days: what the tests of booking start from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mobilite.base import PARIS
from mobilite.flotte import Vehicule
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reglement import Reglement
from mobilite.reservation import (
    Reservation,
)
from tests.fabriques import (
    AVANT,
    CONSEILLERE,
    cles,
    jours,
    un_vehicule,
    une_offre,
    une_personne,
)
from web import reservations

JOUR = timedelta(days=1)
cle = cles()


def minuit(jour: date) -> datetime:
    return datetime(jour.year, jour.month, jour.day, tzinfo=PARIS)


def entiers(debut: date, nombre: int) -> dict[str, Any]:
    """Whole local days, as her pages ask."""
    return {"debut": minuit(debut), "fin": minuit(debut + nombre * JOUR)}


def une_flotte(
    session: Session, *, vehicules: int = 1, fiche: dict[str, Any] | None = None, **regles: Any
) -> tuple[Offre, list[Vehicule]]:
    """An offer, its vehicles and its rules."""
    offre = une_offre(fiche=fiche or {})
    siens = [un_vehicule(offre) for _ in range(vehicules)]
    session.add_all([*siens, Reglement(offre=offre, **regles)])
    session.flush()
    return offre, siens


def demander(session: Session, offre: Offre, **choix: Any) -> Reservation:
    defauts: dict[str, Any] = {"acteur": CONSEILLERE, "offre": offre, "cle": cle(), "le": AVANT}
    return reservations.demander(session, **(defauts | jours() | choix))


def elle(session: Session, **choix: Any) -> Personne:
    personne = une_personne(**choix)
    session.add(personne)
    session.flush()
    return personne
