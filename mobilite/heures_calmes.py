"""When the platform may write to people: the day of the week, the holidays, the hour on the wall."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mobilite.parametres import Parametres

_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class HeuresDeMessage:
    """Whole hours of the local day, ``fin`` excluded; ``feries`` are the public holidays known."""

    debut: int
    fin: int
    dimanches_et_feries: bool
    feries: frozenset[date]

    @classmethod
    def en_vigueur(cls, parametres: Parametres, feries: Collection[date]) -> HeuresDeMessage:
        """The hours decided for a day."""
        return cls(
            int(parametres["message.heure_debut"]),
            int(parametres["message.heure_fin"]),
            bool(parametres["message.dimanches_et_feries"]),
            frozenset(feries),
        )

    def permet(self, instant: datetime) -> bool:
        """Whether a message may leave at that instant."""
        mur = instant.astimezone(_PARIS)
        return self.permet_le(mur.date()) and self.debut <= mur.hour < self.fin

    def permet_le(self, jour: date) -> bool:
        """Whether messages leave on that day."""
        return self.dimanches_et_feries or (jour.weekday() != 6 and jour not in self.feries)

    def prochaine(self, instant: datetime) -> datetime:
        """The first instant from then on at which a message may leave, in UTC."""
        if self.permet(instant):
            return instant.astimezone(UTC)
        mur = instant.astimezone(_PARIS)
        jour = mur.date() if mur.hour < self.debut else mur.date() + timedelta(days=1)
        while not self.permet_le(jour):
            jour += timedelta(days=1)
        return self._a(jour, self.debut)

    def derniere(self, instant: datetime) -> datetime:
        """The last instant until then at which a message may leave, in UTC."""
        if self.permet(instant):
            return instant.astimezone(UTC)
        mur = instant.astimezone(_PARIS)
        jour = mur.date() if mur.hour >= self.fin else mur.date() - timedelta(days=1)
        while not self.permet_le(jour):
            jour -= timedelta(days=1)
        return self._a(jour, self.fin) - timedelta(minutes=1)

    def apres(self, instant: datetime, duree: timedelta) -> datetime:
        """The instant so much later when only the hours at which messages leave are counted, in UTC."""
        reste, ici = duree, self.prochaine(instant)
        while (fin := self._a(ici.astimezone(_PARIS).date(), self.fin)) - ici < reste:
            reste -= fin - ici
            ici = self.prochaine(fin)
        return ici + reste

    def jours_avant(self, jour: date, jours: int, heure: int) -> datetime:
        """So many days before a day, or earlier when no message leaves on that one, in UTC."""
        avant = jour - timedelta(days=jours)
        while not self.permet_le(avant):
            avant -= timedelta(days=1)
        return self._a(avant, min(max(heure, self.debut), self.fin - 1))

    def _a(self, jour: date, heure: int) -> datetime:
        return datetime.combine(jour, time(heure % 24), _PARIS).astimezone(UTC) + timedelta(
            hours=24 * (heure // 24)
        )
