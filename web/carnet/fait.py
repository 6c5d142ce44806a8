"""One line of the diary, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Rubrique(StrEnum):
    """Where a line of the diary comes from."""

    CONTACT = "Contact"
    MESSAGE = "Message"
    VEHICULE = "Véhicule"
    TRAJET = "Trajet"
    DIAGNOSTIC = "Diagnostic"
    PLAN = "Plan"
    PARCOURS = "Parcours"
    DOSSIER = "Dossier"


@dataclass(frozen=True, slots=True)
class Fait:
    """One line: the day, the hour when one is known, what happened, who did it.

    ``contact``: the line was written by hand, and can be taken out by whoever wrote it.
    """

    rubrique: Rubrique
    jour: date
    instant: datetime
    phrase: str
    par: str = ""
    detail: str = ""
    heure_connue: bool = True
    contact: UUID | None = None
    sien: bool = False
