"""What the engine answers: propositions with their reasons, per need, and the questions left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from matching.cout import Cout
from matching.jugement import Jugement, Part
from matching.moyens import MoyenExamine
from matching.score import Contribution, contributions
from matching.tableau import NON, VERDICTS
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
class Explication:
    """Why, or why not: every reason, what decides first, and every trip; two trips per passage, or none.

    ``acces`` is the verdict about her and the place alone; ``verdict`` adds the trips (``cases``).
    ``duree`` is that of the longest trip.
    """

    verdict: Verdict
    acces: Verdict
    motifs: tuple[Motif, ...]
    cases: tuple[Case, ...]
    duree: Duree | None

    @property
    def decisif(self) -> Motif:
        """The reason that decides the verdict; for an OUI, the one that convinces: it covers everything."""
        if self.verdict is Verdict.OUI:
            return next((m for m in self.motifs if m.regle == "couverture"), self.motifs[0])
        return next((m for m in self.motifs if m.verdict is self.verdict), self.motifs[0])


@dataclass(frozen=True, eq=False)
class Proposition:
    """One offer judged and ranked for one need. ``rang`` starts at 1 within the need.

    What ranks it is read in the columns of ``jugement``, at ``place``; the sentences and the trips
    are told by ``expliquer`` the first time somebody looks at them.
    """

    besoin: Besoin
    jugement: Jugement
    place: int
    expliquer: Callable[[Candidate], Explication]
    rang: int = 0
    dominee_par: str = ""

    @property
    def offre(self) -> Candidate:
        """The offer."""
        return self.jugement.catalogue.offres[self.place]

    @property
    def verdict(self) -> Verdict:
        """OUI when everything is met, covered and confirmed."""
        return VERDICTS[int(self.jugement.verdicts[self.place])]

    @property
    def acces(self) -> Verdict:
        """The verdict about her and the place alone."""
        return VERDICTS[int(self.jugement.acces[self.place])]

    @property
    def regle(self) -> str:
        """The name of the rule that decides."""
        return self.jugement.regle(self.place)

    @property
    def part(self) -> Part:
        """How much of the need it serves."""
        return Part(int(self.jugement.parts[self.place]))

    @property
    def servis(self) -> list[bool]:
        """Trip by trip, whether it may make it; all refused for what makes none."""
        return [bool(v) for v in self.jugement.verdicts_des_cases[:, self.place] != NON]

    @property
    def minutes(self) -> float:
        """Of its longest trip at most; NaN when nobody can tell."""
        return float(self.jugement.minutes[self.place])

    def doute_de(self, regle: str) -> bool:
        """Whether a rule leaves a doubt about it."""
        return bool(self.jugement.doute_de(regle)[self.place])

    @property
    def score(self) -> float:
        """The sum of the shown contributions."""
        return int(self.jugement.centiemes[self.place]) / 100

    @property
    def cout(self) -> Cout:
        """Money and CO2."""
        return self.jugement.cout(self.place)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each criterion brings to the score."""
        return contributions(self.offre, self.duree, self.cout, self.cases, self.jugement.bareme)

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
    """A need, its days, her own means, every offer that was looked at, and what they do together."""

    besoin: Besoin
    jours: tuple[JourCouvert, ...]
    moyens: tuple[MoyenExamine, ...]
    propositions: Sequence[Proposition]
    combiner: Callable[[], tuple[Combinaison, ...]]

    @property
    def combinaisons(self) -> tuple[Combinaison, ...]:
        """What solutions do together, best first; looked for the first time somebody asks."""
        return self.combiner()

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
