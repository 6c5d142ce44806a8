"""Every table of the domain, in one import: what mappers and migrations need to see together."""

from __future__ import annotations

from mobilite import (
    agenda,
    benevole,
    besoin_non_couvert,
    course_solidaire,
    covoiturage,
    demande_transport,
    diagnostic,
    entretien,
    etat_des_lieux,
    flotte,
    immobilisation,
    journal,
    liste_attente,
    maison_solidarite,
    notification,
    offre,
    parcours,
    passage_tache,
    personnes,
    plan,
    poids,
    reglement,
    reservation,
    structure,
)
from mobilite.base import Base

__all__ = [
    "agenda",
    "benevole",
    "besoin_non_couvert",
    "course_solidaire",
    "covoiturage",
    "demande_transport",
    "diagnostic",
    "entretien",
    "etat_des_lieux",
    "flotte",
    "immobilisation",
    "journal",
    "liste_attente",
    "maison_solidarite",
    "metadata",
    "notification",
    "offre",
    "parcours",
    "passage_tache",
    "personnes",
    "plan",
    "poids",
    "reglement",
    "reservation",
    "structure",
]

metadata = Base.metadata
