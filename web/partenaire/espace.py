"""The blueprint of these pages, who may open them, and what belongs to the structure they are shown to.

What is absent and what is somebody else's are the same 404 (``NoResultFound``).
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.benevole import Benevole, benevoles_visibles_par
from mobilite.demande_transport import DemandeDeTransport, demandes_de_transport_visibles_par
from mobilite.liste_attente import sans_les_places_passees
from mobilite.offre import Offre, offres_visibles_par
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.structure import Structure
from web.acces import acteur_courant, exiger
from web.communes import proposer_des_communes
from web.partenaire.fiche import FLOTTES

partenaire = Blueprint("partenaire", __name__, url_prefix="/partenaire")
exiger(partenaire, RoleActeur.PARTENAIRE)
partenaire.add_url_rule("/communes", "communes", proposer_des_communes)


def sa_structure(session: Session) -> Structure:
    """The structure of the partner who is signed in."""
    return session.get_one(Structure, acteur_courant().structure_id)


def son_offre(session: Session, uuid: UUID) -> Offre:
    """One of its offers."""
    return session.scalars(offres_visibles_par(acteur_courant()).where(Offre.uuid == uuid)).one()


def sa_flotte(session: Session, uuid: UUID) -> Offre:
    """One of its offers whose vehicles are kept here; another kind of offer is a 404."""
    offre = son_offre(session, uuid)
    if offre.genre not in FLOTTES:
        abort(404)
    return offre


def sa_reservation(session: Session, uuid: UUID) -> Reservation:
    """One booking of its vehicles; a place that was offered and not taken is a 404."""
    visibles = reservations_visibles_par(acteur_courant()).where(sans_les_places_passees())
    return session.scalars(visibles.where(Reservation.uuid == uuid)).one()


def sa_demande_de_transport(session: Session, uuid: UUID) -> DemandeDeTransport:
    """One trip that its volunteers are asked for."""
    visibles = demandes_de_transport_visibles_par(acteur_courant())
    return session.scalars(visibles.where(DemandeDeTransport.uuid == uuid)).one()


def son_benevole(session: Session, uuid: UUID) -> Benevole:
    """One of its volunteers."""
    return session.scalars(benevoles_visibles_par(acteur_courant()).where(Benevole.uuid == uuid)).one()
