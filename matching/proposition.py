"""What the engine answers: propositions with their reasons, per need, and the questions left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from matching.cout import Cout
from matching.moyens import MoyenExamine
from matching.score import Contribution
from matching.troncons import Combinaison
from matching.voyage import Case
from mobilite.besoin import Besoin, Passage
from mobilite.candidate import Candidate
from mobilite.verdict import Duree, Manque, Motif, Verdict


class Famille(StrEnum):
    """Get out of trouble now, or build autonomy for good: ranked apart, joined in the plan."""

    DEPANNAGE = "depannage"
    DURABLE = "durable"


@dataclass(frozen=True, slots=True)
class Proposition:
    """One offer judged for one need. ``rang`` starts at 1 within the need; 0 before ranking.

    ``acces`` is the verdict about her and the place alone; ``verdict`` adds the trip (``cases``).
    """

    offre: Candidate
    besoin: Besoin
    verdict: Verdict
    acces: Verdict
    motifs: tuple[Motif, ...]
    cases: tuple[Case, ...]
    duree: Duree | None
    cout: Cout
    contributions: tuple[Contribution, ...]
    rang: int = 0
    dominee_par: str = ""

    @property
    def score(self) -> float:
        """The sum of the shown contributions."""
        return round(sum(c.points for c in self.contributions), 2)

    @property
    def famille(self) -> Famille:
        """Which of the two rankings it belongs to."""
        return Famille.DURABLE if self.offre.genre.durable else Famille.DEPANNAGE

    @property
    def decisif(self) -> Motif:
        """The reason that decides the verdict; for an OUI, the one that convinces: it covers everything."""
        if self.verdict is Verdict.OUI:
            return next((m for m in self.motifs if m.regle == "couverture"), self.motifs[0])
        return next((m for m in self.motifs if m.verdict is self.verdict), self.motifs[0])

    @property
    def manques(self) -> tuple[Manque, ...]:
        """What is not known yet, each once, in the order it was met."""
        if self.verdict is Verdict.NON:
            return ()
        return tuple(dict.fromkeys(manque for m in self.motifs for manque in m.manques))

    def au_rang(self, rang: int) -> Proposition:
        """The same, once ranked."""
        return replace(self, rang=rang)


class Couvre(StrEnum):
    """``total``: every day is OUI; ``rien``: every day is NON; ``partiel``: anything else."""

    TOTAL = "total"
    PARTIEL = "partiel"
    RIEN = "rien"


@dataclass(frozen=True, slots=True)
class JourCouvert:
    """Is there something for her on that day, there and back, by whatever offer or means?"""

    passage: Passage
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class BesoinExamine:
    """A need, its days, her own means, every offer that was looked at, and what they do together."""

    besoin: Besoin
    jours: tuple[JourCouvert, ...]
    moyens: tuple[MoyenExamine, ...]
    propositions: tuple[Proposition, ...]
    combinaisons: tuple[Combinaison, ...] = ()

    def par_famille(self) -> Iterator[tuple[Proposition, int]]:
        """Every proposition with its place, from 1, among those of its own family."""
        rangs = dict.fromkeys(Famille, 0)
        for proposition in self.propositions:
            rangs[proposition.famille] += 1
            yield proposition, rangs[proposition.famille]

    @property
    def couvre(self) -> Couvre:
        """How much of the need has an answer that is sure."""
        verdicts = {jour.verdict for jour in self.jours}
        if verdicts == {Verdict.OUI}:
            return Couvre.TOTAL
        return Couvre.RIEN if verdicts == {Verdict.NON} else Couvre.PARTIEL


@dataclass(frozen=True, slots=True)
class QuestionUtile:
    """A question, and how many offers its answer would move toward a sure verdict."""

    code: str
    texte: str
    debloque: int


@dataclass(frozen=True, slots=True)
class ProchaineEtape:
    """The first thing to do: one sentence, with whom and before when."""

    phrase: str
    qui: str = ""
    avant: date | None = None


@dataclass(frozen=True, slots=True)
class Reponse:
    """Everything the engine says about one situation."""

    besoins: tuple[BesoinExamine, ...]
    questions: tuple[QuestionUtile, ...]
    prochaine_etape: ProchaineEtape
