"""One need being looked at, and the trips it is made of: each day, there and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from matching.contexte import Contexte
from matching.temps import Temps
from mobilite.besoin import SEMAINE, Besoin, Jour, LieuLibre, Minute, Passage, Situation
from mobilite.faits import Faits
from mobilite.lieux import Lieu, Mode, Trajet
from mobilite.verdict import Duree, Motif, Verdict, tous


class Sens(StrEnum):
    """Going there, or coming back."""

    ALLER = "aller"
    RETOUR = "retour"


@dataclass(frozen=True, slots=True)
class Voyage:
    """One way of one passage, on the first date it happens, from where she then leaves."""

    passage: Passage
    sens: Sens
    date: date
    depart: Lieu | None

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
        """The day it rolls: a night shift, whose return comes before its arrival, ends the next day."""
        p = self.passage
        nuit = p.arrivee is not None and p.retour is not None and p.retour < p.arrivee
        return SEMAINE[(p.jour.rang + 1) % 7] if nuit and not self.aller else p.jour


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the grid: a trip, the deciding reasons, the minutes if known."""

    voyage: Voyage
    motifs: tuple[Motif, ...]
    duree: Duree | None = None

    @property
    def passage(self) -> Passage:
        """The day and hours it belongs to."""
        return self.voyage.passage

    @property
    def sens(self) -> Sens:
        """There or back."""
        return self.voyage.sens

    @property
    def verdict(self) -> Verdict:
        """OUI when every reason says so."""
        return tous(m.verdict for m in self.motifs)


@dataclass(frozen=True, slots=True)
class Examen:
    """A need of somebody, the facts known about her, the travel times, the world on that day."""

    besoin: Besoin
    situation: Situation
    faits: Faits
    temps: Temps
    contexte: Contexte

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The passages; when nobody said the days, one passage of unknown day and hours."""
        return self.besoin.passages or (Passage(Jour.LUN),)

    def voyages(self) -> list[Voyage]:
        """Two a passage: there, then back."""
        return [
            Voyage(passage, sens, jour, self.situation.depart_le(jour))
            for passage in self.passages
            for jour in (self._date(passage),)
            for sens in Sens
        ]

    def trajet(self, voyage: Voyage, mode: Mode) -> Trajet | None:
        """How long and how far; ``None`` when nobody can tell."""
        destination = self.besoin.destination
        if voyage.depart is None or isinstance(destination, LieuLibre):
            return None
        if voyage.aller:
            return self.temps.entre(voyage.depart, destination, mode)
        return self.temps.entre(destination, voyage.depart, mode)

    def _date(self, passage: Passage) -> date:
        if passage.date is not None:
            return passage.date
        debut = max(self.besoin.premier_jour or self.contexte.le, self.contexte.le)
        semaines = (passage.semaine or 1) - 1
        return debut + timedelta(days=(passage.jour.rang - debut.weekday()) % 7 + 7 * semaines)
