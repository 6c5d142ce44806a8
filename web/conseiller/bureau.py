"""The adviser's desk: the blueprint, and the one way to open a dossier."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.personnes import Personne, personnes_visibles_par
from web.acces import acteur_courant, exiger

conseiller = Blueprint("conseiller", __name__, url_prefix="/conseiller")
exiger(conseiller, RoleActeur.CONSEILLER)


def ouvrir_dossier(session: Session, uuid: UUID) -> Personne:
    """The dossier behind an address; absent and « not yours » are the same 404 (``NoResultFound``)."""
    return session.scalars(personnes_visibles_par(acteur_courant()).where(Personne.uuid == uuid)).one()
