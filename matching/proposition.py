"""What the engine answers: propositions with their reasons, per need, and the questions left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from matching.cout import Cout
from matching.moyens import MoyenExamine
from matching.score import Contribution
from matching.voyage import Case
from mobilite.besoin import Besoin, Passage
from mobilite.candidate import Candidate
from mobilite.verdict import Duree, Manque, Motif, Verdict


class Famille(StrEnum):
    """Get out of trouble now, or build autonomy for good: ranked apart, joined in the plan."""

    DEPANNAGE = "depannage"
    DURABLE = "durable"


@dataclass(frozen=True, slots=True)
class Explication:
    """One offer judged for one need, told whole: every reason, every trip, what it costs.

    ``acces`` is the verdict about her and the place alone; ``verdict`` adds the trip (``cases``).
    """

    verdict: Verdict
    acces: Verdict
    motifs: tuple[Motif, ...]
    cases: tuple[Case, ...]
    duree: Duree | None
    cout: Cout
    contributions: tuple[Contribution, ...]

    @property
    def score(self) -> float:
        """The sum of the shown contributions."""
        return round(sum(c.points for c in self.contributions), 2)

    @property
    def decisif(self) -> Motif:
        """The reason that decides the verdict; for an OUI, the one that convinces: it covers everything."""
        if self.verdict is Verdict.OUI:
            return next((m for m in self.motifs if m.regle == "couverture"), self.motifs[0])
        return next((m for m in self.motifs if m.verdict is self.verdict), self.motifs[0])


@dataclass(frozen=True, eq=False)
class Proposition:
    """One offer judged and ranked for one need. ``rang`` starts at 1 within the need.

    The verdict, the rule that decides and the rank are known at once; the sentences, the trips and
    the figures are told by ``expliquer`` the first time somebody looks at them.
    """

    offre: Candidate
    besoin: Besoin
    verdict: Verdict
    acces: Verdict
    regle: str
    score: float
    expliquer: Callable[[Candidate], Explication]
    rang: int = 0
    dominee_par: str = ""

    @cached_property
    def explication(self) -> Explication:
        """The whole reasoning."""
        return self.expliquer(self.offre)

    @property
    def motifs(self) -> tuple[Motif, ...]:
        """Every reason, what decides first."""
        return self.explication.motifs

    @property
    def cases(self) -> tuple[Case, ...]:
        """Two per passage, there and back; none for what makes no trip."""
        return self.explication.cases

    @property
    def duree(self) -> Duree | None:
        """The longest of its trips."""
        return self.explication.duree

    @property
    def cout(self) -> Cout:
        """Money and CO2."""
        return self.explication.cout

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each criterion brings to the score."""
        return self.explication.contributions

    @property
    def famille(self) -> Famille:
        """Which of the two rankings it belongs to."""
        return Famille.DURABLE if self.offre.genre.durable else Famille.DEPANNAGE

    @property
    def decisif(self) -> Motif:
        """The reason that decides the verdict; for an OUI, the one that convinces: it covers everything."""
        return self.explication.decisif

    @property
    def manques(self) -> tuple[Manque, ...]:
        """What is not known yet, each once, in the order it was met."""
        if self.verdict is Verdict.NON:
            return ()
        return tuple(dict.fromkeys(manque for m in self.motifs for manque in m.manques))


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
    """A need, its days, her own means and every offer that was looked at."""

    besoin: Besoin
    jours: tuple[JourCouvert, ...]
    moyens: tuple[MoyenExamine, ...]
    propositions: Sequence[Proposition]

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
