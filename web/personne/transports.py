"""Her trips with a volunteer: asked for, then who comes and at what time, only once somebody has said yes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.course_solidaire import (
    CourseSolidaire,
    EtatDemande,
    StatutCourse,
    etat_de,
    sens_a_pourvoir,
)
from mobilite.demande_transport import (
    DemandeDeTransport,
    StatutDemande,
    demandes_de_transport_visibles_par,
)
from mobilite.transport_solidaire import Sens
from web import transports as actes
from web.acces import acteur_courant
from web.formats import heure
from web.personne.espace import personne
from web.referentiel import referentiel
from web.transaction import reessayer, transaction

MONTRES = 6
_CHERCHE = {
    Sens.ALLER: "Pour l’aller, on cherche encore quelqu’un.",
    Sens.RETOUR: "Pour le retour, on cherche encore quelqu’un.",
    Sens.ALLER_RETOUR: "On cherche quelqu’un pour vous conduire.",
}


@dataclass(frozen=True, slots=True)
class Conducteur:
    """Who comes: what to read, a first name and a number."""

    phrase: str
    prenom: str
    telephone: str | None


@dataclass(frozen=True, slots=True)
class TrajetAccompagne:
    """One trip as she reads it."""

    demande: DemandeDeTransport
    etat: EtatDemande
    vers: str
    conducteurs: tuple[Conducteur, ...]
    reste: tuple[str, ...]

    @property
    def annulable(self) -> bool:
        """Whether she can still give it up."""
        return self.demande.statut is StatutDemande.OUVERTE and self.etat is not EtatDemande.CONDUITE


def trajets_accompagnes(session: Session) -> list[TrajetAccompagne]:
    """Her trips from today on, the first one first."""
    visibles = demandes_de_transport_visibles_par(acteur_courant()).where(
        DemandeDeTransport.jour >= ce_jour(), DemandeDeTransport.statut != StatutDemande.ANNULEE
    )
    demandes = session.scalars(visibles.limit(MONTRES)).all()
    courses = actes.courses_de(session, demandes)
    return [_trajet(demande, courses[demande.id]) for demande in demandes]


def _trajet(demande: DemandeDeTransport, courses: list[CourseSolidaire]) -> TrajetAccompagne:
    acceptees = [c for c in courses if c.statut is StatutCourse.ACCEPTEE]
    pris = [c for c in courses if c.statut in (StatutCourse.ACCEPTEE, StatutCourse.CONDUITE)]
    reste = sens_a_pourvoir(demande, pris) if pris else ()
    return TrajetAccompagne(
        demande,
        etat_de(demande, courses, ce_jour()),
        referentiel().nom(demande.arrivee),
        tuple(_conducteur(c) for c in sorted(acceptees, key=lambda c: c.prise_en_charge)),
        tuple(_CHERCHE[sens] for sens in reste),
    )


def _conducteur(course: CourseSolidaire) -> Conducteur:
    prenom, quand = course.benevole.prenom, heure(course.prise_en_charge)
    phrase = {
        Sens.ALLER: f"{prenom} vient vous chercher à {quand}.",
        Sens.RETOUR: f"Pour le retour, {prenom} vient vous chercher à {quand}.",
        Sens.ALLER_RETOUR: f"{prenom} vient vous chercher à {quand}, vous attend et vous ramène.",
    }[course.sens]
    return Conducteur(phrase, prenom, course.benevole.telephone)


@personne.post("/trajet/<uuid:uuid>/annuler")
def annuler_trajet(uuid: UUID) -> ResponseReturnValue:
    """Give a trip up: the volunteer is told by the association."""
    _annuler(uuid)
    flash("C’est annulé.")
    return redirect(url_for("personne.accueil"), 303)


@reessayer
def _annuler(uuid: UUID) -> None:
    with transaction() as session:
        visibles = demandes_de_transport_visibles_par(acteur_courant())
        demande = session.scalars(visibles.where(DemandeDeTransport.uuid == uuid)).one()
        actes.clore(session, demande, StatutDemande.ANNULEE, par=acteur_courant())
