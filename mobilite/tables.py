"""Every table of the domain, in one import: what mappers and migrations need to see together."""

from __future__ import annotations

from mobilite import (
    benevole,
    course_solidaire,
    demande_transport,
    diagnostic,
    flotte,
    journal,
    maison_solidarite,
    offre,
    personnes,
    plan,
    reservation,
    structure,
)
from mobilite.base import Base

__all__ = [
    "benevole",
    "course_solidaire",
    "demande_transport",
    "diagnostic",
    "flotte",
    "journal",
    "maison_solidarite",
    "metadata",
    "offre",
    "personnes",
    "plan",
    "reservation",
    "structure",
]

metadata = Base.metadata
