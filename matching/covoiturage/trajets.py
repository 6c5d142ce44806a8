"""Carpool, as values: what a passenger asks, how far drivers go, the stages of a trip taken together.

One way at a time: coming back is a trip of its own, with its own hours, and often another driver.
"""

from __future__ import annotations

from dataclasses import dataclass

from matching.covoiturage.jours_communs import Service
from matching.voyage import Sens
from mobilite.besoin import Minute
from mobilite.conducteur import Agenda, BesoinABord, TrajetConducteur
from mobilite.lieux import JAMAIS, Lieu
from mobilite.parametres import Parametres
from mobilite.verdict import Duree, Motif, Verdict, tous

MS = 60_000
"""Milliseconds in a minute: times are exact whole numbers until a sentence is written."""

Plage = tuple[int, int]
"""A least and a greatest number of milliseconds."""

_SUR_PLACE = Duree(0, 0, "sur place")


@dataclass(frozen=True, slots=True)
class Arret:
    """Where a passenger gets in or out, and the minutes she walks to it or from it."""

    lieu: Lieu
    nom: str = ""
    marche: Duree = _SUR_PLACE

    @property
    def ms(self) -> Plage:
        """The walk, in milliseconds."""
        return round(self.marche.min * MS), round(self.marche.max * MS)


@dataclass(frozen=True, slots=True)
class DemandePassager:
    """One way of what a passenger needs. ``heure``: to be there by, or to leave from (``None``: not said).

    ``prises`` and ``deposes``: her two ends first, then the meeting points she can walk to. ``personne``
    is the same on all her demands. ``accord``: does she want to share a car at all? ``marche_max``: the
    minutes she walks to a stop, at most.
    """

    id: str
    personne: str
    sens: Sens
    agenda: Agenda
    heure: Minute | None
    prises: tuple[Arret, ...]
    deposes: tuple[Arret, ...]
    places: int = 1
    besoins: frozenset[BesoinABord] = frozenset()
    accord: Verdict = Verdict.OUI
    marche_max: float = 15


@dataclass(frozen=True, slots=True)
class Regles:
    """How far a driver goes out of his way, and how long she waits: dated parameters, in ms and shares."""

    detour_part: float
    detour_ms: int
    attente_ms: int

    @classmethod
    def de(cls, p: Parametres) -> Regles:
        """The numbers in force."""
        return cls(
            p["covoiturage.detour_part"],
            round(p["covoiturage.detour_min"] * MS),
            round(p["covoiturage.attente_max_min"] * MS),
        )

    def detour_permis(self, trajet: TrajetConducteur, direct: Plage) -> Plage:
        """The most ms a driver adds: what he said, else the larger of a share of his trip and some minutes."""
        if trajet.detour_max is not None:
            return round(trajet.detour_max * MS), round(trajet.detour_max * MS)
        bas, haut = (int(self.detour_part * ms) for ms in direct)
        return max(bas, self.detour_ms), max(haut, self.detour_ms)


@dataclass(frozen=True, slots=True)
class Etapes:
    """Driving times: the driver alone; to the passenger, with her, then to the end. Ranges of ms."""

    direct: Plage
    approche: Plage
    ensemble: Plage
    suite: Plage

    @property
    def total(self) -> Plage:
        """The trip with her."""
        return (
            min(JAMAIS, self.approche[0] + self.ensemble[0] + self.suite[0]),
            min(JAMAIS, self.approche[1] + self.ensemble[1] + self.suite[1]),
        )

    @property
    def fermes(self) -> bool:
        """Whether every time is known, not estimated."""
        return all(bas == haut for bas, haut in (self.approche, self.ensemble, self.suite))

    @property
    def ajoute(self) -> Plage:
        """What she adds to his trip; never less than nothing."""
        bas, haut = self.total
        return (
            JAMAIS if bas >= JAMAIS else max(0, bas - self.direct[1]),
            JAMAIS if haut >= JAMAIS else max(0, haut - self.direct[0]),
        )


@dataclass(frozen=True, slots=True)
class Compatibilite:
    """One driver for one passenger: every reason, the detour, and the hours when all is known."""

    trajet: TrajetConducteur
    demande: DemandePassager
    prise: Arret
    depose: Arret
    etapes: Etapes
    motifs: tuple[Motif, ...]
    service: Service
    monte_a: Minute | None = None
    descend_a: Minute | None = None

    @property
    def verdict(self) -> Verdict:
        """OUI when every rule says so."""
        return tous(m.verdict for m in self.motifs)


def dire_plage(bas: int, haut: int) -> str:
    """« 6 min », « 2 à 19 min »: whole minutes, rounded outwards."""
    if haut >= JAMAIS:
        return f"{bas // MS} min ou plus"
    return Duree(bas / MS, haut / MS, "").en_texte()
