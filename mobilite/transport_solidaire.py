"""Volunteers who drive: what the engine knows of a volunteer and of a trip to drive, without a name.

A ``CourseAFaire`` is what one volunteer does in one go: a way there, a way back, or both with the
wait in between. Hours are minutes of the local day; no trip crosses midnight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from mobilite.besoin import Minute, Plage
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.droit.transport_utilite_sociale import critere_ressources
from mobilite.faits import Faits
from mobilite.lieux import Lieu
from mobilite.parametres import Parametres
from mobilite.verdict import Motif, Verdict


class Fauteuil(StrEnum):
    """What she needs when she moves in a wheelchair."""

    AUCUN = "aucun"
    PLIANT = "pliant"
    RESTE = "reste"

    @property
    def libelle(self) -> str:
        """The need in French."""
        return {
            "aucun": "Pas de fauteuil roulant",
            "pliant": "Fauteuil pliant : elle passe sur le siège",
            "reste": "Elle reste dans son fauteuil",
        }[self.value]


class AccueilFauteuil(StrEnum):
    """What the car of a volunteer takes."""

    NON = "non"
    COFFRE = "coffre"
    RAMPE = "rampe"

    @property
    def libelle(self) -> str:
        """What it takes, in French."""
        return {
            "non": "Pas de fauteuil roulant",
            "coffre": "Un fauteuil plié dans le coffre",
            "rampe": "Une personne assise dans son fauteuil (rampe)",
        }[self.value]


class Sens(StrEnum):
    """Which part of a request a trip makes."""

    ALLER = "aller"
    RETOUR = "retour"
    ALLER_RETOUR = "aller_retour"

    @property
    def libelle(self) -> str:
        """The part in French."""
        return {"aller": "Aller", "retour": "Retour", "aller_retour": "Aller et retour"}[self.value]


class Retour(StrEnum):
    """How she comes back."""

    SANS = "sans"
    ATTENTE = "attente"
    SECOND_TRAJET = "second_trajet"

    @property
    def libelle(self) -> str:
        """The way back in French."""
        return {
            "sans": "Aller seulement",
            "attente": "Le bénévole attend et ramène",
            "second_trajet": "On vient la rechercher : un second trajet",
        }[self.value]

    @property
    def sens(self) -> tuple[Sens, ...]:
        """The trips it takes."""
        return {
            "sans": (Sens.ALLER,),
            "attente": (Sens.ALLER_RETOUR,),
            "second_trajet": (Sens.ALLER, Sens.RETOUR),
        }[self.value]


PLACES_PASSAGERS_MAX = 8
"""Nine seats with the driver's: code des transports, R3133-1 and following (``tus.places_max``)."""


@dataclass(frozen=True, slots=True)
class Aide:
    """What the trip asks of the car and of the volunteer. ``fauteuil=None``: nobody has said."""

    passagers: int = 1
    fauteuil: Fauteuil | None = Fauteuil.AUCUN
    sieges_enfant: int = 0
    accompagnement: bool = False


@dataclass(frozen=True, slots=True)
class CourseAFaire:
    """A trip to drive: ``arriver_a`` (be there) or ``partir_a`` (leave), exactly one of them.

    ``repart_a`` is when she can leave again: the volunteer waits and brings her back to ``de``.
    ``droit`` is what the law says of it (``mobilite.droit.transport_utilite_sociale``).
    """

    id: str
    jour: date
    de: Lieu
    a: Lieu
    droit: Motif
    arriver_a: Minute | None = None
    partir_a: Minute | None = None
    repart_a: Minute | None = None
    aide: Aide = Aide()

    def __post_init__(self) -> None:
        if (self.arriver_a is None) == (self.partir_a is None):
            raise ValueError("either arriver_a or partir_a is required, not both")


@dataclass(frozen=True, slots=True)
class Engagement:
    """A trip a volunteer has already been given, from the pick-up to the last drop-off.

    ``debut`` to ``fin`` are the hours promised; ``debut_tard`` to ``fin_tot`` what is surely taken when
    travel times are ranges (both the same when they are firm).
    """

    jour: date
    debut: Minute
    debut_tard: Minute
    fin_tot: Minute
    fin: Minute
    de: Lieu
    a: Lieu


@dataclass(frozen=True, slots=True)
class BenevoleConnu:
    """A volunteer as the engine sees her: no name, no number. ``None``: nobody has said.

    ``zone`` are the communes she drives in (``None``: anywhere). ``km_du_mois`` maps (year, month)
    to the km driven or promised that month, approach and empty return counted, ``engagements``
    included.
    """

    id: str
    domicile: Lieu
    plages: tuple[Plage, ...] | None = None
    absences: tuple[tuple[date, date], ...] = ()
    places: int | None = None
    accueil_fauteuil: AccueilFauteuil | None = None
    sieges_enfant: int | None = None
    accompagne: bool | None = None
    zone: frozenset[str] | None = None
    km_max_mois: float | None = None
    jusqu_au: date | None = None
    permis_vu_le: date | None = None
    assurance_vue_le: date | None = None
    km_du_mois: Mapping[tuple[int, int], float] = field(default_factory=lambda: MappingProxyType({}))
    engagements: tuple[Engagement, ...] = ()

    def km_en(self, jour: date) -> float:
        """The km she has in the month of a day."""
        return self.km_du_mois.get((jour.year, jour.month), 0.0)


def critere_du_transport(
    residence: str | None, faits: Faits, petites: Mapping[str, Verdict], p: Parametres
) -> CritereTransport:
    """Which criterion opens the transport to her: resources first (they open any destination)."""
    if critere_ressources(faits, p).verdict is Verdict.OUI:
        return CritereTransport.RESSOURCES
    if residence is not None and petites.get(residence) is Verdict.OUI:
        return CritereTransport.RESIDENCE
    return CritereTransport.A_VERIFIER
