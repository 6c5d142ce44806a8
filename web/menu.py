"""The menu of each role: blueprints add their entries, everybody sees those she may open."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, current_app, url_for
from flask.blueprints import BlueprintSetupState

from mobilite.acteur import Acteur
from web.acces import acteur_ou_personne, regles_de

_CLE = "menu"


@dataclass(frozen=True, slots=True, order=True)
class Entree:
    """One link of the menu; ``rang`` orders them, the first one is the home page of the role."""

    rang: int
    libelle: str
    endpoint: str
    prescripteur: bool = False


def ajouter_au_menu(
    blueprint: Blueprint, libelle: str, endpoint: str, rang: int = 50, *, prescripteur: bool = False
) -> None:
    """Add a link. ``endpoint`` is a view of this blueprint, without arguments: ``"dossiers"``.

    ``prescripteur``: for partners who send people to us, who see no other link.
    """

    def noter(etat: BlueprintSetupState) -> None:
        entrees: list[Entree] = etat.app.extensions.setdefault(_CLE, [])
        entrees.append(Entree(rang, libelle, f"{blueprint.name}.{endpoint}", prescripteur))

    blueprint.record(noter)


def menu_de(acteur: Acteur | None) -> list[Entree]:
    """The links this actor may follow, in order. Nobody signed in has no menu."""
    if acteur is None:
        return []
    regles = regles_de(current_app)
    return sorted(
        entree
        for entree in current_app.extensions.get(_CLE, [])
        if entree.prescripteur is acteur.prescripteur
        and (regle := regles.de(entree.endpoint)) is not None
        and regle.admet(acteur)
    )


def premiere_page(acteur: Acteur | None) -> str:
    """The address of the first page of a role; the public home page for nobody."""
    entrees = menu_de(acteur)
    return url_for(entrees[0].endpoint if entrees else "portail.accueil")


def preparer_menu(app: Flask) -> None:
    """Give ``menu`` to every template."""
    app.context_processor(lambda: {"menu": menu_de(acteur_ou_personne())})
