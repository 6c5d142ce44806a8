"""Who goes first when vehicles are scarce: points that anybody may recount.

The points are dated parameters that each Département decides; the sentence tells all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mobilite.parametres import Parametres


class RaisonPriorite(StrEnum):
    """What makes a request more urgent than another."""

    SANTE = "sante"
    EMPLOI = "emploi"
    ENFANT = "enfant"
    PRESCRIPTION = "prescription"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "sante": "rendez-vous de santé",
            "emploi": "travail ou formation qui commence",
            "enfant": "enfant à emmener",
            "prescription": "orientée par un prescripteur",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Priorite:
    """So many points (1 at least), and why."""

    points: float
    phrase: str


def priorite(raisons: Collection[RaisonPriorite], attend_jours: int, parametres: Parametres) -> Priorite:
    """The points of a request that has waited so many days; the order of ``raisons`` changes nothing."""
    termes = [
        (raison.libelle, parametres[f"priorite.{raison.value}"]) for raison in RaisonPriorite if raison in raisons
    ]  # fmt: skip
    semaines = max(0, attend_jours) // 7
    attente = min(semaines * parametres["priorite.semaine"], parametres["priorite.attente_max"])
    if attente:
        termes.append((f"attend depuis {semaines} semaine{'s' if semaines > 1 else ''}", attente))
    points = 1 + sum(terme for _, terme in termes)
    if not termes:
        return Priorite(points, "Demande ordinaire (1 point).")
    dits = ", ".join(f"{quoi} (+{terme:g})" for quoi, terme in termes)
    return Priorite(points, f"{dits[0].upper()}{dits[1:]} : {points:g} points.")
