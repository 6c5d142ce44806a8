"""What is hers, table by table, and how each thing is called today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Select, select
from sqlalchemy.orm import Session

from mobilite.base import jour_local
from mobilite.bilan_externe import BilanExterne
from mobilite.cercle import MembreCercle
from mobilite.course_solidaire import CourseSolidaire
from mobilite.covoiturage import DemandeCovoiturage
from mobilite.demande_transport import DemandeDeTransport
from mobilite.diagnostic import Diagnostic
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.journal import LigneJournal
from mobilite.journee_accueil import InscriptionAccueil
from mobilite.liste_attente import Attente
from mobilite.notification import GenreMessage, Message
from mobilite.offre import Offre
from mobilite.parcours import Parcours
from mobilite.personnes import BesoinExprime, Personne
from mobilite.plan import Action, PlanActions
from mobilite.prescription import Prescription
from mobilite.reservation import Reservation
from web.formats import jour
from web.referentiel import referentiel


def numeros(personne_id: int) -> Mapping[str, Select[int]]:
    """For each table of things that are hers, the numbers of those things."""
    plan = select(Action.id).join(PlanActions, PlanActions.id == Action.plan_id)
    course = select(CourseSolidaire.id).join(
        DemandeDeTransport, DemandeDeTransport.id == CourseSolidaire.demande_id
    )
    return {
        "personne": select(Personne.id).where(Personne.id == personne_id),
        "besoin": select(BesoinExprime.id).where(BesoinExprime.personne_id == personne_id),
        "diagnostic": select(Diagnostic.id).where(Diagnostic.personne_id == personne_id),
        "bilan_externe": select(BilanExterne.id).where(BilanExterne.personne_id == personne_id),
        "action": plan.where(PlanActions.personne_id == personne_id),
        "parcours": select(Parcours.id).where(Parcours.personne_id == personne_id),
        "membre_cercle": select(MembreCercle.id).where(MembreCercle.personne_id == personne_id),
        "reservation": select(Reservation.id).where(Reservation.personne_id == personne_id),
        "attente": select(Attente.id).where(Attente.personne_id == personne_id),
        "demande_transport": select(DemandeDeTransport.id).where(
            DemandeDeTransport.personne_id == personne_id
        ),
        "course_solidaire": course.where(DemandeDeTransport.personne_id == personne_id),
        "demande_covoiturage": select(DemandeCovoiturage.id).where(
            DemandeCovoiturage.personne_id == personne_id
        ),
        "message": select(Message.id).where(
            Message.personne_id == personne_id, Message.structure_id.is_(None)
        ),
        "inscription_accueil": select(InscriptionAccueil.id).where(
            InscriptionAccueil.personne_id == personne_id
        ),
        "prescription": select(Prescription.id).where(Prescription.personne_id == personne_id),
    }


def quois(session: Session, lignes: Iterable[LigneJournal]) -> dict[tuple[str, int], str]:
    """What each thing is called, one query a table."""
    vus: dict[str, set[int]] = {}
    for ligne in lignes:
        vus.setdefault(ligne.objet_type, set()).add(ligne.objet_id)
    return {
        (table, numero): quoi
        for table, numeros in vus.items()
        if (requete := _NOMMER.get(table)) is not None
        for numero, quoi in (requete(ligne) for ligne in session.execute(_REQUETES[table](numeros)))
    }


_REQUETES: Mapping[str, Callable[[set[int]], Executable]] = {
    "reservation": lambda n: (
        select(Reservation.id, Vehicule.libelle, Reservation.debut, Reservation.fin)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .where(Reservation.id.in_(n))
    ),
    "attente": lambda n: (
        select(Attente.id, Offre.nom).join(Offre, Offre.id == Attente.offre_id).where(Attente.id.in_(n))
    ),
    "action": lambda n: select(Action.id, Action.intitule).where(Action.id.in_(n)),
    "message": lambda n: select(Message.id, Message.canal, Message.genre).where(Message.id.in_(n)),
    "besoin": lambda n: select(BesoinExprime.id, BesoinExprime.destination, BesoinExprime.lieu_libre).where(
        BesoinExprime.id.in_(n)
    ),
    "diagnostic": lambda n: select(Diagnostic.id, Diagnostic.type).where(Diagnostic.id.in_(n)),
    "demande_transport": lambda n: select(DemandeDeTransport.id, DemandeDeTransport.jour).where(
        DemandeDeTransport.id.in_(n)
    ),
    "course_solidaire": lambda n: (
        select(CourseSolidaire.id, DemandeDeTransport.jour)
        .join(DemandeDeTransport, DemandeDeTransport.id == CourseSolidaire.demande_id)
        .where(CourseSolidaire.id.in_(n))
    ),
    "membre_cercle": lambda n: select(MembreCercle.id, MembreCercle.nom, MembreCercle.structure).where(
        MembreCercle.id.in_(n)
    ),
    "prescription": lambda n: select(Prescription.id, Prescription.prescripteur).where(
        Prescription.id.in_(n)
    ),
}


def _du_au(debut: datetime, fin: datetime) -> str:
    du, au = jour_local(debut), dernier_jour(fin)
    return f"le {jour(du)}" if du == au else f"du {jour(du)} au {jour(au)}"


_NOMMER: Mapping[str, Callable[[Any], tuple[int, str]]] = {
    "reservation": lambda r: (r.id, f"{r.libelle}, {_du_au(r.debut, r.fin)}"),
    "attente": lambda a: (a.id, a.nom),
    "action": lambda a: (a.id, a.intitule),
    "message": lambda m: (m.id, f"{m.canal.libelle}, {GenreMessage(m.genre).libelle.lower()}"),
    "besoin": lambda b: (b.id, referentiel().nom(b.destination) if b.destination else b.lieu_libre or ""),
    "diagnostic": lambda d: (d.id, d.type.libelle.lower()),
    "demande_transport": lambda d: (d.id, jour(d.jour)),
    "course_solidaire": lambda c: (c.id, jour(c.jour)),
    "membre_cercle": lambda m: (m.id, m.nom or m.structure),
    "prescription": lambda p: (p.id, p.prescripteur),
}
