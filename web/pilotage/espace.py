"""The blueprint of these pages, and who may open them: the Département, and advisers to read."""

from __future__ import annotations

from flask import Blueprint

from mobilite.acteur import RoleActeur
from web.acces import exiger
from web.menu import ajouter_au_menu

pilotage = Blueprint("pilotage", __name__, url_prefix="/pilotage")
exiger(pilotage, RoleActeur.DEPARTEMENT, RoleActeur.CONSEILLER)
# Only the Département says where its Maisons are.
exiger(pilotage, RoleActeur.DEPARTEMENT, endpoints=("importer_maisons",))
# What has no answer is counted for the Département; the adviser sees it need by need, in the dossier.
exiger(pilotage, RoleActeur.DEPARTEMENT, endpoints=("besoins", "besoins_csv"))
ajouter_au_menu(pilotage, "Carte", "carte", rang=60)
ajouter_au_menu(pilotage, "Catalogue", "catalogue", rang=61)
ajouter_au_menu(pilotage, "Sans réponse", "besoins", rang=62)
ajouter_au_menu(pilotage, "Apparier", "apparier", rang=63)
