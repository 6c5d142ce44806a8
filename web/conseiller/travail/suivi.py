"""Her way: calls, orientations, steps of the plan, reviews, agreements, dossiers to take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from mobilite.acteur import Acteur
from mobilite.base import jour_local
from mobilite.cercle import MembreCercle
from mobilite.notification import Canal, GenreMessage, Message
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions, StatutAction
from mobilite.prescription import Prescription, Urgence, a_repondre
from mobilite.structure import Structure
from web.conseiller.messages import messages_a_faire
from web.conseiller.travail.a_faire import AU_PLUS, GenreTravail, Travail, horizon, siennes, suivie_par
from web.formats import heure
from web.parcours import GenrePoint, points_a_faire


def appels(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The calls that replace a message."""
    requete = (
        messages_a_faire(acteur, Canal.APPEL, instant)
        .outerjoin(Structure, Structure.id == Message.structure_id)
        .with_only_columns(
            Message.id,
            Message.uuid,
            Message.genre,
            Message.personne_id,
            Message.a_partir_du,
            Message.jusqu_au,
            Structure.nom,
        )
        .limit(AU_PLUS)
    )
    for numero, uuid, genre, personne_id, a_partir_du, jusqu_au, structure in session.execute(requete):
        # Somebody without a telephone is told in person; at midnight, the day of ``avant`` says it all.
        a_qui = f"Appeler {structure}" if structure else "La prévenir"
        quand = f" avant {heure(jusqu_au)}" if jusqu_au is not None and heure(jusqu_au) != heure(0) else ""
        yield Travail(
            GenreTravail.APPEL,
            numero,
            f"{a_qui}{quand} : {GenreMessage(genre).libelle.lower()}.",
            personne_id,
            qui=structure or "",
            avant=jour_local(jusqu_au) if jusqu_au else None,
            depuis=jour_local(a_partir_du),
            endpoint="conseiller.messages",
            dossier=False,
            ancre=f"message-{uuid}",
        )


def orientations(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The fiches that wait for their answer: of people nobody follows yet, or whom she follows."""
    suivies = select(Personne.id).where(suivie_par(acteur))
    requete = (
        a_repondre()
        .where(or_(Prescription.personne_id.is_(None), Prescription.personne_id.in_(suivies)))
        .options(selectinload(Prescription.structure))
        .limit(AU_PLUS)
    )
    for fiche in session.scalars(requete):
        urgence = "" if fiche.urgence is Urgence.ORDINAIRE else f" {fiche.urgence.libelle}."
        yield Travail(
            GenreTravail.ORIENTATION,
            fiche.id,
            f"Envoyée par {fiche.de_qui} : une réponse lui est due.{urgence}",
            fiche.personne_id,
            qui=fiche.nom_complet,
            avant=fiche.relance_le,
            endpoint="conseiller.orientation",
            dossier=False,
            objet=fiche.uuid,
        )


_OUVERTES = [statut for statut in StatutAction if statut.ouverte]


def etapes(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The steps of the plans whose last day comes, and the rendez-vous whose day has gone by."""
    le = jour_local(instant)
    vues: set[int] = set()
    suivies = select(Personne.id).where(suivie_par(acteur))
    for colonne, au, repere, phrase in (
        (Action.echeance, horizon(le), "avant le", "« {} » est à faire."),
        (Action.le, le - timedelta(days=1), "le", "« {} » : le jour est passé, est-ce fait ?"),
    ):
        requete: Select[int, UUID, str, date | None, int] = (
            select(Action.id, Action.uuid, Action.intitule, colonne, PlanActions.personne_id)
            .join(PlanActions, PlanActions.id == Action.plan_id)
            .where(Action.statut.in_(_OUVERTES), colonne <= au, PlanActions.personne_id.in_(suivies))
            .order_by(colonne, Action.id)
            .limit(AU_PLUS)
        )
        for numero, uuid, intitule, jour, personne_id in session.execute(requete):
            if numero not in vues:
                vues.add(numero)
                yield Travail(
                    GenreTravail.ETAPE,
                    numero,
                    phrase.format(intitule),
                    personne_id,
                    avant=jour,
                    repere=repere,
                    endpoint="conseiller.plan",
                    ancre=f"action-{uuid}",
                )


def accords_qui_finissent(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Her agreements with the professionals of her circle, before they end by themselves."""
    le = jour_local(instant)
    requete = (
        select(MembreCercle)
        .where(
            MembreCercle.retire_le.is_(None),
            MembreCercle.jusqu_au >= le,
            MembreCercle.jusqu_au <= horizon(le),
        )
        .order_by(MembreCercle.jusqu_au, MembreCercle.id)
    )
    for membre in session.scalars(siennes(requete, acteur, MembreCercle.personne_id)):
        yield Travail(
            GenreTravail.FIN,
            membre.id,
            f"Son accord avec {membre.nom or membre.structure} se termine : à redire avec elle.",
            membre.personne_id,
            avant=membre.jusqu_au,
            endpoint="conseiller.parcours",
            ancre="cercle",
        )


_ANCRES = {
    GenrePoint.REVUE: "entretien",
    GenrePoint.REORIENTATION: "reorientation",
    GenrePoint.CONTACT: "contact",
}


def points(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Reviews, re-orientations to decide, news to take six months after."""
    dus = points_a_faire(session, jour_local(instant), suivies=suivie_par(acteur), au_plus=AU_PLUS)
    for point in dus:
        yield Travail(
            GenreTravail.POINT,
            point.objet_id,
            f"{point.genre.libelle}.",
            point.personne_id,
            avant=point.avant,
            endpoint="conseiller.parcours",
            ancre=_ANCRES[point.genre],
        )


def sans_conseiller(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The people nobody follows: every adviser sees them, and takes one in one click."""
    requete = (
        select(Personne.id, Personne.uuid, Personne.creee_le)
        .where(Personne.conseiller_id.is_(None))
        .order_by(Personne.creee_le, Personne.id)
        .limit(AU_PLUS)
    )
    for numero, uuid, creee_le in session.execute(requete):
        yield Travail(
            GenreTravail.A_PRENDRE,
            numero,
            "Personne ne la suit.",
            numero,
            depuis=jour_local(creee_le),
            geste=url_for("conseiller.prendre", uuid=uuid),
        )
