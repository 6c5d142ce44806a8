"""The three answers of the platform, and the reasons that travel with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Verdict(StrEnum):
    """Kleene's strong three-valued logic: unknown is an answer, never an exclusion."""

    OUI = "OUI"
    A_VERIFIER = "A_VERIFIER"
    NON = "NON"

    @property
    def libelle(self) -> str:
        """The word shown on screen."""
        return {"OUI": "Oui", "A_VERIFIER": "À vérifier", "NON": "Non"}[self.value]

    @property
    def inverse(self) -> Verdict:
        """Kleene negation: what is unknown stays unknown."""
        return {
            Verdict.OUI: Verdict.NON,
            Verdict.NON: Verdict.OUI,
            Verdict.A_VERIFIER: Verdict.A_VERIFIER,
        }[self]


def tous(verdicts: Iterable[Verdict]) -> Verdict:
    """Kleene conjunction: one NON decides, else one doubt leaves doubt. OUI when empty."""
    resultat = Verdict.OUI
    for verdict in verdicts:
        if verdict is Verdict.NON:
            return Verdict.NON
        if verdict is Verdict.A_VERIFIER:
            resultat = Verdict.A_VERIFIER
    return resultat


def un_de(verdicts: Iterable[Verdict]) -> Verdict:
    """Kleene disjunction: one OUI decides, else one doubt leaves doubt. NON when empty."""
    return tous(verdict.inverse for verdict in verdicts).inverse


@dataclass(frozen=True, slots=True)
class Manque:
    """What nobody knows yet, who can settle it, and before when.

    ``code`` is the questionnaire code (or situation field) that would settle it; empty when only
    a phone call can.
    """

    quoi: str
    qui: str
    code: str = ""
    avant: date | None = None


@dataclass(frozen=True, slots=True)
class Motif:
    """One reason: the rule that spoke, its verdict and the French sentence shown on screen.

    ``changerait`` says what would turn a NON around; ``manques`` what would settle a doubt.
    """

    regle: str
    verdict: Verdict
    phrase: str
    manques: tuple[Manque, ...] = ()
    changerait: str = ""


@dataclass(frozen=True, slots=True)
class Duree:
    """A travel time in minutes: firm when ``min == max``, a range when it is an estimate."""

    min: float
    max: float
    methode: str

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max:
            raise ValueError(f"0 <= min <= max is required, got {self.min} and {self.max}")

    def __add__(self, autre: Duree) -> Duree:
        methode = self.methode if self.methode == autre.methode else f"{self.methode} + {autre.methode}"
        return Duree(self.min + autre.min, self.max + autre.max, methode)

    @property
    def ferme(self) -> bool:
        """Whether the time is known, not estimated."""
        return self.min == self.max

    def tient_en(self, seuil_min: float) -> Verdict:
        """OUI when surely within ``seuil_min`` minutes, NON when surely beyond."""
        if self.max <= seuil_min:
            return Verdict.OUI
        if self.min > seuil_min:
            return Verdict.NON
        return Verdict.A_VERIFIER

    def en_texte(self) -> str:
        """« 12 min », « 12 à 19 min »: whole minutes, rounded outwards so that nothing is promised."""
        bas, haut = int(self.min), -int(-self.max // 1)
        if self.ferme:
            return f"{haut} min"
        return f"{bas} à {haut} min" if bas != haut else f"{haut} min"
