"""Rides that nobody has answered yet: volunteers, drivers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import jour_local
from mobilite.course_solidaire import CourseSolidaire, StatutCourse
from mobilite.covoiturage import DemandeCovoiturage, StatutCovoiturage
from mobilite.demande_transport import DemandeDeTransport, StatutDemande
from web.conseiller.travail.a_faire import GenreTravail, Travail, siennes


def transports_sans_benevole(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Solidarity trips nobody has accepted yet."""
    acceptee = exists().where(
        CourseSolidaire.demande_id == DemandeDeTransport.id,
        CourseSolidaire.statut.in_((StatutCourse.ACCEPTEE, StatutCourse.CONDUITE)),
    )
    requete = (
        select(DemandeDeTransport)
        .where(
            DemandeDeTransport.statut == StatutDemande.OUVERTE,
            DemandeDeTransport.jour >= jour_local(instant),
            ~acceptee,
        )
        .order_by(DemandeDeTransport.jour, DemandeDeTransport.id)
    )
    for demande in session.scalars(siennes(requete, acteur, DemandeDeTransport.personne_id)):
        yield Travail(
            GenreTravail.REPONSE,
            demande.id,
            f"Pas encore de bénévole : {demande.structure.nom} n'a pas répondu.",
            demande.personne_id,
            avant=demande.jour,
            repere="pour le",
            ancre="transports",
        )


def covoiturages_sans_reponse(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Rides no driver has answered yet."""
    requete = (
        select(DemandeCovoiturage)
        .where(DemandeCovoiturage.statut == StatutCovoiturage.DEMANDEE)
        .order_by(DemandeCovoiturage.demandee_le, DemandeCovoiturage.id)
    )
    for demande in session.scalars(siennes(requete, acteur, DemandeCovoiturage.personne_id)):
        yield Travail(
            GenreTravail.REPONSE,
            demande.id,
            f"{demande.trajet.structure.nom} n'a pas encore la réponse du conducteur.",
            demande.personne_id,
            depuis=jour_local(demande.demandee_le),
            endpoint="conseiller.conducteurs",
        )
