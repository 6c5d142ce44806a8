"""The blueprint of these pages, who may open them, and whose structure they show."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.offre import Offre, offres_visibles_par
from mobilite.structure import Structure
from web.acces import acteur_courant, exiger
from web.communes import proposer_des_communes

partenaire = Blueprint("partenaire", __name__, url_prefix="/partenaire")
exiger(partenaire, RoleActeur.PARTENAIRE)
partenaire.add_url_rule("/communes", "communes", proposer_des_communes)


def sa_structure(session: Session) -> Structure:
    """The structure of the partner who is signed in."""
    return session.get_one(Structure, acteur_courant().structure_id)


def son_offre(session: Session, uuid: UUID) -> Offre:
    """One of its offers; absent and « somebody else's » are the same 404 (``NoResultFound``)."""
    return session.scalars(offres_visibles_par(acteur_courant()).where(Offre.uuid == uuid)).one()
