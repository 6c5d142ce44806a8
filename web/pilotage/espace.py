"""The blueprint of these pages, and who may open them."""

from __future__ import annotations

from flask import Blueprint

from mobilite.acteur import RoleActeur
from web.acces import exiger

pilotage = Blueprint("pilotage", __name__, url_prefix="/pilotage")
exiger(pilotage, RoleActeur.DEPARTEMENT)
