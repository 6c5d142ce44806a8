"""The blueprint of these pages, and who may open them: partners whose account sends people, nobody else."""

from __future__ import annotations

from flask import Blueprint, abort

from mobilite.acteur import RoleActeur
from web.acces import acteur_courant, exiger
from web.communes import proposer_des_communes

prescripteur = Blueprint("prescripteur", __name__, url_prefix="/prescripteur")
exiger(prescripteur, RoleActeur.PARTENAIRE)
prescripteur.add_url_rule("/communes", "communes", proposer_des_communes)


@prescripteur.before_request
def _seulement_qui_oriente() -> None:
    """A garage is a partner too, and has nothing to read here."""
    if not acteur_courant().prescripteur:
        abort(403)
