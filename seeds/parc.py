"""What the fleets of the demonstration live: the rules of some, a stop that is planned, bookings under way.

Running it again adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import PARIS
from mobilite.flotte import Vehicule
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reglement import Reglement, reglement_de
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation


def charger_le_parc(
    session: Session, lignes: Mapping[str, Sequence[Mapping[str, Any]]], le: date, par: int
) -> None:
    """Add what is not there, as it stands on the day ``le``; ``par`` is the account said to have done it."""
    for regles in lignes["reglements"]:
        _regles(session, regles)
    for rang, arret in enumerate(lignes["arrets"]):
        _arret(session, arret, f"demonstration-arret-{rang}", par)
    for rang, reservation in enumerate(lignes["reservations"]):
        _reservation(session, reservation, f"demonstration-reservation-{rang}", le, par)


def _regles(session: Session, ligne: Mapping[str, Any]) -> None:
    offre = session.scalars(select(Offre).where(Offre.code == ligne["offre"])).one()
    if session.scalar(reglement_de(offre.id)) is None:
        session.add(Reglement(offre=offre, **ligne["regles"]))


def _arret(session: Session, ligne: Mapping[str, Any], cle: str, par: int) -> None:
    if session.scalar(select(Immobilisation.id).where(Immobilisation.cle_idempotence == cle)) is not None:
        return
    session.add(
        Immobilisation(
            vehicule_id=_vehicule(session, ligne).id,
            debut=_minuit(ligne["du"]),
            fin=_minuit(ligne["au"], 1),
            motif=MotifImmobilisation(ligne["motif"]),
            precision=ligne["precision"],
            declaree_par=par,
            cle_idempotence=cle,
        )
    )
    session.flush()


def _reservation(session: Session, ligne: Mapping[str, Any], cle: str, le: date, par: int) -> None:
    if session.scalar(select(Reservation.id).where(Reservation.cle_idempotence == cle)) is not None:
        return
    qui = select(Personne).where(Personne.demonstration, Personne.prenom == ligne["personne"])
    debut, fin = _minuit(ligne["du"]), _minuit(ligne["au"], 1)
    demandee = min(date.fromisoformat(ligne["du"]), le) - timedelta(days=6)
    remise = ligne["statut"] == StatutReservation.REMISE.value
    session.add(
        Reservation(
            vehicule_id=_vehicule(session, ligne).id,
            personne_id=session.scalars(qui).one().id,
            demandee_par=par,
            demandee_le=datetime.combine(demandee, time(10), PARIS),
            debut=debut,
            fin=fin,
            expire_le=debut,
            statut=StatutReservation(ligne["statut"]),
            papiers_vus_le=demandee + timedelta(days=2),
            caution_vue_le=demandee + timedelta(days=2),
            place_confirmee_par="Paul",
            place_confirmee_le=datetime.combine(demandee + timedelta(days=2), time(15), PARIS),
            remise_le=debut + timedelta(hours=9) if remise else None,
            cle_idempotence=cle,
        )
    )
    session.flush()


def _vehicule(session: Session, ligne: Mapping[str, Any]) -> Vehicule:
    return session.scalars(
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.code == ligne["offre"], Vehicule.libelle == ligne["vehicule"])
    ).one()


def _minuit(jour: str, plus: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(jour) + timedelta(days=plus), time(), PARIS)
