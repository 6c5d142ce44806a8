"""The blueprint of these pages, and who may open them."""

from __future__ import annotations

from flask import Blueprint

from mobilite.acteur import RoleActeur
from web.acces import exiger

partenaire = Blueprint("partenaire", __name__, url_prefix="/partenaire")
exiger(partenaire, RoleActeur.PARTENAIRE)
