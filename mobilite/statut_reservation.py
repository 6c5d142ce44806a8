"""Where a booking stands, which statuses keep the vehicle, and what each may become."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class StatutReservation(StrEnum):
    """Where a booking stands. The first four keep the vehicle.

    PROPOSEE: held for somebody of the waiting list until she says yes or no; nobody is asked to confirm it.
    """

    PROPOSEE = "proposee"
    DEMANDEE = "demandee"
    CONFIRMEE = "confirmee"
    REMISE = "remise"
    RENDUE = "rendue"
    CLOTUREE = "cloturee"
    REFUSEE = "refusee"
    ANNULEE = "annulee"
    EXPIREE = "expiree"
    ABSENTE = "absente"

    @property
    def libelle(self) -> str:
        """The status in French, fit for the person."""
        return {
            "proposee": "Proposée, en attente de son oui",
            "demandee": "Demandée, en attente de réponse",
            "confirmee": "Confirmée",
            "remise": "Véhicule remis",
            "rendue": "Véhicule rendu",
            "cloturee": "Terminée",
            "refusee": "Pas possible cette fois",
            "annulee": "Annulée",
            "expiree": "Sans réponse à temps",
            "absente": "Non venue",
        }[self.value]


OCCUPENT = (
    StatutReservation.PROPOSEE,
    StatutReservation.DEMANDEE,
    StatutReservation.CONFIRMEE,
    StatutReservation.REMISE,
)
"""The statuses that keep a vehicle."""


LIMITEES = (StatutReservation.PROPOSEE, StatutReservation.DEMANDEE)
"""Those that keep it until ``expire_le`` only."""


MOBILES = (StatutReservation.DEMANDEE, StatutReservation.CONFIRMEE)
"""Those that may still change days or vehicles."""


SUITES: Mapping[StatutReservation, frozenset[StatutReservation]] = {
    StatutReservation.PROPOSEE: frozenset(
        {StatutReservation.DEMANDEE, StatutReservation.ANNULEE, StatutReservation.EXPIREE}
    ),
    StatutReservation.DEMANDEE: frozenset(
        {
            StatutReservation.CONFIRMEE,
            StatutReservation.REFUSEE,
            StatutReservation.ANNULEE,
            StatutReservation.EXPIREE,
        }
    ),
    StatutReservation.CONFIRMEE: frozenset(
        {StatutReservation.REMISE, StatutReservation.ANNULEE, StatutReservation.ABSENTE}
    ),
    StatutReservation.REMISE: frozenset({StatutReservation.RENDUE}),
    StatutReservation.RENDUE: frozenset({StatutReservation.CLOTUREE}),
}
"""What each status may become; the others are final."""
