"""Stand-ins for ports, where the real thing would hide what a test is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mobilite.lieux import Couple, Mode, Trajet
from mobilite.verdict import Duree


@dataclass
class TrajetsFixes:
    """Every trip takes the same firm time and distance; ``lents`` overrides one mode."""

    minutes: float = 20
    km: float = 18
    lents: dict[Mode, float] = field(default_factory=dict)
    methode: str = "temps fixés pour l'essai"
    ferme: bool = True

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        """The same answer for all."""
        minutes = self.lents.get(mode, self.minutes)
        return {c: Trajet(Duree(minutes, minutes, self.methode), self.km, self.km) for c in couples}
