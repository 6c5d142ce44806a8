"""Who acts: what the domain knows of the account behind a request, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RoleActeur(StrEnum):
    """In what capacity somebody acts."""

    CONSEILLER = "conseiller"
    PERSONNE = "personne"
    PARTENAIRE = "partenaire"
    DEPARTEMENT = "departement"
    SYSTEME = "systeme"

    @property
    def libelle(self) -> str:
        """The role as it is shown."""
        return {
            "conseiller": "Conseil en mobilité",
            "personne": "Personne accompagnée",
            "partenaire": "Partenaire",
            "departement": "Département",
            "systeme": "Plateforme",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Acteur:
    """Somebody signed in. ``id`` is the number of the account, opaque to the domain.

    ``structure_id`` is set for a partner, ``personne_id`` for a personne accompagnée. ``prescripteur``: a
    partner who sends people to us, and does nothing else here.
    """

    id: int
    role: RoleActeur
    structure_id: int | None = None
    personne_id: int | None = None
    prescripteur: bool = False

    @property
    def est_conseiller(self) -> bool:
        """Whether this is an adviser."""
        return self.role is RoleActeur.CONSEILLER


PLATEFORME = Acteur(id=0, role=RoleActeur.SYSTEME)
"""The platform itself: what happens by the clock or by a command, not by somebody."""
