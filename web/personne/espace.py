"""The blueprint of these pages, who may open them, and whom they are for."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.personnes import Personne, personnes_visibles_par
from web.acces import acteur_courant, exiger

personne = Blueprint("personne", __name__, url_prefix="/mes-deplacements")
exiger(personne, RoleActeur.PERSONNE)


def elle(session: Session) -> Personne:
    """The person who is signed in."""
    return session.scalars(personnes_visibles_par(acteur_courant())).one()
