"""The days that are free, month by month: she touches one, and the form is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import render_template, request
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.flotte import Vehicule
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.verdict import Verdict
from web.aptitude import motifs_de_conduite
from web.calendrier import Calendrier, calendrier, lire_mois
from web.contact import contact_de
from web.personne.demande import jour_choisi, vehicule_choisi, vehicule_possible
from web.personne.espace import elle, personne
from web.personne.vehicules import VehiculePossible, regle_des_jours
from web.reservations import regles_de
from web.transaction import lecture


@dataclass(frozen=True, slots=True)
class Vue:
    """What is looked at: for how many days, from which month on, one vehicle or any; the rules, in words."""

    jours: int
    mois: date | None
    vehicule: UUID | None
    calendrier: Calendrier
    regles: tuple[str, ...]


@personne.get("/vehicule/<uuid:uuid>/jours")
def voir_les_jours(uuid: UUID) -> str:
    """Which days are free for as long as she needs? Never who has the others."""
    with lecture() as session:
        qui = elle(session)
        possible = vehicule_possible(session, qui, uuid, depart_regarde(request.args))
        return render_template(
            "personne/calendrier.html",
            possible=possible,
            vue=regarder(session, qui, possible, request.args),
            contact=contact_de(session, qui),
        )


def depart_regarde(demande: Mapping[str, str]) -> date | None:
    """The day looked at: the one chosen, else the first of the month chosen, if it is to come."""
    mois = lire_mois(demande.get("mois", ""))
    return jour_choisi(demande) or (mois if mois is not None and mois > ce_jour() else None)


def regarder(
    session: Session,
    qui: Personne,
    possible: VehiculePossible,
    demande: Mapping[str, str],
    *,
    combien: int = 1,
    sauf: Reservation | None = None,
) -> Vue:
    """The calendar of an offer as an address asks for it; what cannot be read is as usual. Without a month, that of the day chosen.

    Vehicles she may not drive by then are left out. ``sauf`` is the booking she wants to move: its own days
    do not stand in her way.
    """
    jours = possible.lire_duree(demande.get("jours", "")) or possible.duree_habituelle
    mois = lire_mois(demande.get("mois", "")) or lire_mois(demande.get("debut", "")[:7])
    regles = regles_de(session, possible.offre)
    depart = depart_regarde(demande) or possible.premier_jour

    def peut_conduire(vehicule: Vehicule) -> bool:
        motifs = motifs_de_conduite(session, qui.id, vehicule, depart)
        return all(motif.verdict is not Verdict.NON for motif in motifs)

    choisi = sauf.vehicule if sauf is not None else vehicule_choisi(session, possible.offre, demande)
    return Vue(
        regles=regles.en_phrases,
        jours=jours,
        mois=mois,
        vehicule=choisi.uuid if choisi else None,
        calendrier=calendrier(
            session,
            possible.offre,
            duree=jours,
            regle=regle_des_jours(session, possible),
            vehicule=choisi.uuid if choisi else None,
            premier_mois=mois,
            combien=combien,
            sauf=sauf.id if sauf is not None else None,
            admis=peut_conduire,
        ),
    )
