"""Whom one may call: her adviser when she has one, and the one number of the Meuse."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.personnes import Personne
from mobilite.structure import GenreStructure, Structure
from web.comptes import Compte

ROUL_EN_MEUSE = "03 29 75 32 30"


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers her: a name to say, a number to call, a line to say whose number it is."""

    nom: str
    telephone: str
    note: str


def contact_de(session: Session, personne: Personne) -> Contact:
    """Whom she may call. Fictional people get the fictional guichet, never the real number."""
    compte = session.get(Compte, personne.conseiller_id) if personne.conseiller_id else None
    conseiller = compte.libelle.partition(" (")[0] if compte and compte.role is RoleActeur.CONSEILLER else ""
    numero = guichet(session, demonstration=personne.demonstration)
    return replace(numero, nom=conseiller) if conseiller and numero.telephone != ROUL_EN_MEUSE else numero


def guichet(session: Session, *, demonstration: bool) -> Contact:
    """The number of the desk for everybody; the fictional one for what is fictional."""
    if demonstration:
        fictif = session.scalars(
            select(Structure)
            .where(
                Structure.demonstration,
                Structure.genre == GenreStructure.ORGANISME_PUBLIC,
                Structure.telephone != "",
            )
            .order_by(Structure.id)
            .limit(1)
        ).first()
        if fictif is not None:
            return Contact("le guichet", fictif.telephone, fictif.nom)
    return Contact("Roul’en Meuse", ROUL_EN_MEUSE, "Roul’en Meuse, le numéro de la mobilité en Meuse.")
