"""The waiting list within a transaction: to wait, to wait no more, to be served by a booking."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import jour_local, maintenant
from mobilite.besoin import MotifDeplacement
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import Attente, AttenteDejaTraitee, attentes_de_la_personne
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.priorite import RaisonPriorite
from mobilite.reservation import CleDejaUtilisee, Reservation
from web import reservations

_BIENTOT = timedelta(days=31)
_TRAVAIL = frozenset(
    {
        MotifDeplacement.EMPLOI,
        MotifDeplacement.ENTRETIEN,
        MotifDeplacement.FORMATION,
        MotifDeplacement.STAGE,
    }
)
_ENFANTS = frozenset({"enfant", "bebe"})


def inscrire(
    session: Session,
    personne: Personne,
    offre: Offre,
    *,
    par: Acteur,
    debut: datetime,
    fin: datetime,
    cle: str,
    le: datetime | None = None,
) -> Attente:
    """Put her on the list; the form sent again, or another for the same days, gives the same line back.

    Raises ``DatesRefusees``, or ``CleDejaUtilisee`` when the form now says something else.
    """
    instant = le or maintenant()
    deja = session.scalar(
        select(Attente).where(Attente.demandee_par == par.id, Attente.cle_idempotence == cle)
    )
    if deja is not None:
        if (deja.debut, deja.fin, deja.offre_id) != (debut, fin, offre.id):
            raise CleDejaUtilisee
        return deja
    pareille = attentes_de_la_personne(personne.id, instant).where(
        Attente.offre_id == offre.id, Attente.debut == debut, Attente.fin == fin
    )
    if (deja := session.scalar(pareille)) is not None:
        return deja
    attente = Attente.inscrire(
        personne,
        offre,
        par=par,
        debut=debut,
        fin=fin,
        raisons=raisons_de(personne, instant),
        cle=cle,
        le=instant,
    )
    session.add(attente)
    session.flush()
    session.add(
        consigner(par, Evenement.ATTENTE_INSCRITE, attente, le=instant, offre=offre.id, debut=debut, fin=fin)
    )
    return attente


def raisons_de(personne: Personne, instant: datetime) -> set[RaisonPriorite]:
    """What her needs and answers say of how urgent it is; nothing is asked again."""
    raisons = set()
    for besoin in personne.besoins:
        if besoin.motif is MotifDeplacement.SANTE:
            raisons.add(RaisonPriorite.SANTE)
        if besoin.motif in _TRAVAIL and _commence_bientot(besoin.premier_jour, instant):
            raisons.add(RaisonPriorite.EMPLOI)
        if _ENFANTS & {str(q.get("type", "")) if isinstance(q, dict) else str(q) for q in besoin.avec}:
            raisons.add(RaisonPriorite.ENFANT)
    if personne.reponses().get("D0_prescripteur"):
        raisons.add(RaisonPriorite.PRESCRIPTION)
    return raisons


def _commence_bientot(premier_jour: date | None, instant: datetime) -> bool:
    if premier_jour is None:
        return False
    jours = premier_jour - jour_local(instant)
    return timedelta(0) <= jours <= _BIENTOT


def retirer(session: Session, attente: Attente, *, par: Acteur) -> None:
    """She waits no more. Raises ``AttenteDejaTraitee``."""
    _conclure(session, attente, attente.retirer(), par, Evenement.ATTENTE_RETIREE)


def servir(
    session: Session, attente: Attente, vehicule: Vehicule, *, par: Acteur, le: datetime | None = None
) -> Reservation:
    """Book this vehicle for her, as a request like any other that the partner then confirms.

    Raises ``VehiculeDejaReserve``, ``VehiculeIndisponible``, ``OffreRetiree`` or ``AttenteDejaTraitee``.
    """
    reservation = reservations.demander(
        session,
        acteur=par,
        offre=vehicule.offre,
        vehicule=vehicule,
        debut=attente.debut,
        fin=attente.fin,
        cle=f"attente-{attente.uuid}",
        personne_id=attente.personne_id,
        le=le,
    )
    _conclure(
        session,
        attente,
        attente.servir(reservation),
        par,
        Evenement.ATTENTE_SERVIE,
        reservation=reservation.id,
    )
    return reservation


def _conclure(
    session: Session, attente: Attente, ordre: Update, par: Acteur, quoi: Evenement, **details: Any
) -> None:
    resultat = session.execute(ordre)
    if not (isinstance(resultat, CursorResult) and resultat.rowcount == 1):
        raise AttenteDejaTraitee
    session.refresh(attente)
    session.add(consigner(par, quoi, attente, **details))
