"""The blueprint of these pages, who may open them, and whom they are for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.personnes import Personne, personnes_visibles_par
from mobilite.structure import GenreStructure, Structure
from web.acces import acteur_courant, exiger
from web.comptes import Compte

personne = Blueprint("personne", __name__, url_prefix="/mes-deplacements")
exiger(personne, RoleActeur.PERSONNE)

ROUL_EN_MEUSE = "03 29 75 32 30"


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers her: a name to say, a number to call, a line to say whose number it is."""

    nom: str
    telephone: str
    note: str


def elle(session: Session) -> Personne:
    """The person who is signed in."""
    return session.scalars(personnes_visibles_par(acteur_courant())).one()


def contact_de(session: Session, personne: Personne) -> Contact:
    """Whom she may call. Fictional people get the fictional guichet, never the real number."""
    compte = session.get(Compte, personne.conseiller_id) if personne.conseiller_id else None
    conseiller = compte.libelle.partition(" (")[0] if compte and compte.role is RoleActeur.CONSEILLER else ""
    if personne.demonstration:
        guichet = session.scalars(
            select(Structure)
            .where(
                Structure.demonstration,
                Structure.genre == GenreStructure.ORGANISME_PUBLIC,
                Structure.telephone != "",
            )
            .order_by(Structure.id)
            .limit(1)
        ).first()
        if guichet is not None:
            return Contact(conseiller or "le guichet", guichet.telephone, guichet.nom)
    return Contact("Roul’en Meuse", ROUL_EN_MEUSE, "Roul’en Meuse, le numéro de la mobilité en Meuse.")
