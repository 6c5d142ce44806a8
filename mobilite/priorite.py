"""Who goes first when vehicles are scarce: points that anybody may recount.

The points are dated parameters that each Département decides; the sentence tells all of them. Danger is
for the adviser alone: whoever shares the fleet reads points that somebody without danger could have too,
and the person reads why she is next in words that may be seen over her shoulder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mobilite.parametres import Parametres


class RaisonPriorite(StrEnum):
    """What makes a request more urgent than another."""

    DANGER = "danger"
    SANTE = "sante"
    EMPLOI = "emploi"
    ENFANT = "enfant"
    PRESCRIPTION = "prescription"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "danger": "danger (violences, sécurité)",
            "sante": "rendez-vous de santé",
            "emploi": "travail ou formation qui commence",
            "enfant": "enfant à emmener",
            "prescription": "orientée par un prescripteur",
        }[self.value]

    @property
    def pour_elle(self) -> str:
        """The reason in words for the person; of danger, nothing."""
        return {
            "danger": "",
            "sante": "un rendez-vous de santé",
            "emploi": "un travail ou une formation qui commence",
            "enfant": "un enfant à emmener",
            "prescription": "un professionnel qui vous oriente",
        }[self.value]

    @property
    def au_guichet_seulement(self) -> bool:
        """Whether only an adviser may read it."""
        return self is RaisonPriorite.DANGER


@dataclass(frozen=True, slots=True)
class Priorite:
    """So many points (1 at least), and why.

    ``points`` and ``phrase`` put people in order, at the desk. ``points_dits`` are what a partner reads:
    never more than the other reasons could give. ``pour_elle`` is why, in words for the person.
    """

    points: float
    phrase: str
    points_dits: float
    pour_elle: str


def priorite(raisons: Collection[RaisonPriorite], attend_jours: int, parametres: Parametres) -> Priorite:
    """The points of a request that has waited so many days; the order of ``raisons`` changes nothing."""
    termes = [
        (raison.libelle, parametres[f"priorite.{raison.value}"]) for raison in RaisonPriorite if raison in raisons
    ]  # fmt: skip
    semaines = max(0, attend_jours) // 7
    attente = min(semaines * parametres["priorite.semaine"], parametres["priorite.attente_max"])
    depuis = f"depuis {semaines} semaine{'s' if semaines > 1 else ''}"
    if attente:
        termes.append((f"attend {depuis}", attente))
    points = 1 + sum(terme for _, terme in termes)
    sans_danger = sum(parametres[f"priorite.{r.value}"] for r in RaisonPriorite if not r.au_guichet_seulement)
    dites = [r.pour_elle for r in RaisonPriorite if r in raisons and not r.au_guichet_seulement]
    attend = f"vous attendez {depuis}" if semaines else "vous attendez"
    return Priorite(
        points,
        _compte(termes, points),
        min(points, 1 + sans_danger + attente),
        f"{attend}, avec {', '.join(dites)}" if dites else attend,
    )


def _compte(termes: Sequence[tuple[str, float]], points: float) -> str:
    if not termes:
        return "Demande ordinaire (1 point)."
    dits = ", ".join(f"{quoi} (+{_nombre(terme)})" for quoi, terme in termes)
    # Every term is said, the point of the request too: who adds them up finds the total.
    return f"Toute demande (1), {dits} : {_nombre(points)} point{'s' if points >= 2 else ''}."


def _nombre(valeur: float) -> str:
    return f"{valeur:g}".replace(".", ",")
