"""The yearly report of a transport d'utilité sociale to the préfet, from the trips really made.

Code des transports, R3133-5: sent before 1 March, about the year before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CritereTransport(StrEnum):
    """What opened the transport d'utilité sociale to the people of a trip; one is enough."""

    RESIDENCE = "residence"
    RESSOURCES = "ressources"
    A_VERIFIER = "a_verifier"

    @property
    def libelle(self) -> str:
        """The criterion in French."""
        return {
            "residence": "commune de résidence",
            "ressources": "ressources ou allocation",
            "a_verifier": "critère à vérifier",
        }[self.value]


@dataclass(frozen=True, slots=True)
class TrajetRealise:
    """A trip that took place, without any name.

    ``km``: the distance travelled with the passengers aboard. ``depart_insee`` and
    ``arrivee_insee``: communes; ``""`` when nobody wrote it down. ``participation_centimes``: what the
    passengers paid for this trip, all together. ``vehicule``: the register's own name of the
    vehicle, never a number plate; ``places`` its seats, driver included, when known.
    ``personnes``: opaque numbers of the people carried, when the register keeps them: they count
    people once, where ``passagers`` counts them at each trip. ``numero``: values that share one
    (not empty) are the same trip, split because its people entered by two different criteria.
    """

    date: date
    depart_insee: str
    arrivee_insee: str
    km: float
    passagers: int
    critere: CritereTransport
    participation_centimes: int
    vehicule: str
    benevole_numero: str
    places: int | None = None
    personnes: frozenset[str] = frozenset()
    numero: str = ""
