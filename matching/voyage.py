"""One need being looked at, and the trips it is made of: each day, there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from matching.contexte import Contexte
from matching.eligibilite import Connus
from matching.temps import Temps
from mobilite.besoin import SEMAINE, Besoin, Jour, LieuLibre, Minute, Passage, Situation
from mobilite.faits import Faits
from mobilite.lieux import Lieu, Mode, Trajet
from mobilite.verdict import Duree, Manque, Motif, Verdict, tous

HORIZON = timedelta(days=92)
"""How far ahead a regular need follows her moves: three months, beyond which plans change."""


class Sens(StrEnum):
    """Going there, or coming back."""

    ALLER = "aller"
    RETOUR = "retour"


@dataclass(frozen=True, slots=True)
class Voyage:
    """One way of one passage, on the first date it happens, from where she then leaves.

    ``le`` is the day she has to be there; ``change_le`` the day she moved to ``depart``, when the
    same trip was looked at from another place before.
    """

    passage: Passage
    sens: Sens
    le: date
    depart: Lieu | None
    change_le: date | None = None

    @property
    def aller(self) -> bool:
        """Whether it goes there."""
        return self.sens is Sens.ALLER

    @property
    def heure(self) -> Minute | None:
        """The hour to be there by, or the hour she can leave."""
        return self.passage.arrivee if self.aller else self.passage.retour

    @property
    def jour(self) -> Jour:
        """The day of the week it rolls."""
        return SEMAINE[(self.passage.jour.rang + self._jours_apres) % 7]

    @property
    def roule_le(self) -> date:
        """The date it rolls."""
        return self.le + timedelta(days=self._jours_apres)

    @property
    def _jours_apres(self) -> int:
        """A night shift, whose return comes before its arrival, ends the next day."""
        return 0 if self.aller else self.passage.nuits


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the grid: a trip, the deciding reasons, the minutes if known."""

    voyage: Voyage
    motifs: tuple[Motif, ...]
    duree: Duree | None = None
    verdict: Verdict = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """OUI when every reason says so."""
        object.__setattr__(self, "verdict", tous(m.verdict for m in self.motifs))

    @property
    def passage(self) -> Passage:
        """The day and hours it belongs to."""
        return self.voyage.passage

    @property
    def sens(self) -> Sens:
        """There or back."""
        return self.voyage.sens

    @property
    def regle(self) -> str:
        """The rule that decides: the first reason of the verdict."""
        return self.decisif.regle

    @property
    def decisif(self) -> Motif:
        """The reason that decides."""
        verdict = self.verdict
        return next(m for m in self.motifs if m.verdict is verdict)


def fondre(cases: Sequence[Case]) -> Case:
    """One cell for one trip made from several places in turn: sure only when sure from each.

    A trip refused from one place only is said by that refusal alone.
    """
    premiere, *suivantes = cases
    if not suivantes:
        return premiere
    durees = [case.duree for case in cases if case.duree is not None]
    duree = max(durees, key=lambda d: (d.max, d.min), default=None)
    if all(case.verdict is Verdict.NON for case in cases):
        return replace(premiere, duree=duree)
    motifs = {m.phrase: m for m in premiere.motifs if premiere.verdict is not Verdict.NON}
    fin = suivantes[0].voyage.change_le
    for case in cases:
        debut = case.voyage.change_le
        quand = f"à partir du {debut:%d/%m/%Y}" if debut else f"avant le {fin:%d/%m/%Y}"
        refus = case.verdict is Verdict.NON
        for motif in [case.decisif] if refus else case.motifs:
            if motif.verdict is not Verdict.OUI and motif.phrase not in motifs:
                motifs[motif.phrase] = _a_cette_date(motif, quand)
    return Case(premiere.voyage, tuple(motifs.values()), duree)


def _a_cette_date(motif: Motif, quand: str) -> Motif:
    """What holds from one of the places only; a refusal there leaves a part to cover otherwise."""
    phrase = f"{motif.phrase.rstrip('.')} ({quand})."
    if motif.verdict is Verdict.NON:
        manque = Manque(f"une autre solution {quand}", "le conseiller")
        return Motif(motif.regle, Verdict.A_VERIFIER, phrase, (manque,))
    return replace(motif, phrase=phrase)


@dataclass(frozen=True, slots=True)
class Examen:
    """A need of somebody, the facts known about her, the travel times, the world on that day.

    ``trajets`` holds two entries a passage, there then back; each is the trip from where she leaves
    first, then the same from each place she is known to move to in the coming months.
    """

    besoin: Besoin
    situation: Situation
    faits: Faits
    temps: Temps
    contexte: Contexte
    trajets: tuple[tuple[Voyage, ...], ...] = field(init=False)
    connus: Connus = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        trajets = tuple(tuple(self._au_fil_des_departs(voyage)) for voyage in self._voyages())
        object.__setattr__(self, "trajets", trajets)  # computed once, read for every offer

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages; when nobody said the days, one passage of unknown day and hours."""
        return self.besoin.passages or (Passage(Jour.LUN),)

    def _voyages(self) -> list[Voyage]:
        return [
            Voyage(passage, sens, jour, self.situation.depart_le(jour))
            for passage in self.passages
            for jour in (self._date(passage),)
            for sens in Sens
        ]

    def _au_fil_des_departs(self, voyage: Voyage) -> list[Voyage]:
        variantes = [voyage]
        if voyage.passage.date is None:
            for change_le in self._demenagements(voyage.le):
                jours = (voyage.passage.jour.rang - change_le.weekday()) % 7
                jour = change_le + timedelta(days=jours)
                depart = self.situation.depart_le(jour)
                if depart != variantes[-1].depart:
                    variantes.append(replace(voyage, le=jour, depart=depart, change_le=change_le))
        return variantes

    def _demenagements(self, apres: date) -> list[date]:
        departs = self.situation.departs
        changements = {d.du for d in departs if d.du} | {d.au + timedelta(days=1) for d in departs if d.au}
        return sorted(jour for jour in changements if apres < jour <= apres + HORIZON)

    def trajet(self, voyage: Voyage, mode: Mode) -> Trajet | None:
        """How long and how far; ``None`` when nobody can tell."""
        destination = self.besoin.destination
        if voyage.depart is None or isinstance(destination, LieuLibre):
            return None
        if voyage.aller:
            return self.temps.entre(voyage.depart, destination, mode)
        return self.temps.entre(destination, voyage.depart, mode)

    def duree_saisie(self, mode: Mode) -> Duree | None:
        """The minutes somebody typed for a place outside the known communes: said for a car, no other."""
        lieu = self.besoin.destination
        if mode is Mode.VOITURE and isinstance(lieu, LieuLibre) and lieu.minutes is not None:
            return Duree(lieu.minutes, lieu.minutes, "minutes saisies à la main")
        return None

    def _date(self, passage: Passage) -> date:
        if passage.date is not None:
            return passage.date
        debut = max(self.besoin.premier_jour or self.contexte.le, self.contexte.le)
        semaines = (passage.semaine or 1) - 1
        return debut + timedelta(days=(passage.jour.rang - debut.weekday()) % 7 + 7 * semaines)
