"""Stand-ins for ports, where the real thing would hide what a test is about."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mobilite.lieux import JAMAIS, Bornes, Colonne, Couple, Lieu, Mode, Trajet
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


@dataclass
class TrajetsSurUneRoute:
    """Places along one road, each named by its kilometre (``Lieu("12")``): a minute a kilometre, at least one.

    ``incertitude`` widens every answer by that share on both sides, as an estimate does.
    """

    incertitude: float = 0.0
    inconnus: frozenset[str] = frozenset()
    methode: str = "une seule route, pour l'essai"
    ferme: bool = True

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        """The distance along the road; nothing for a place that is not on it."""
        return {
            (de, a): self._trajet(abs(float(de.insee) - float(a.insee)))
            for de, a in couples
            if not {de.insee, a.insee} & self.inconnus
        }

    def _trajet(self, km: float) -> Trajet:
        bas, haut = km * (1 - self.incertitude), km * (1 + self.incertitude)
        return Trajet(Duree(max(1.0, bas), max(1.0, haut), self.methode), bas, haut)


@dataclass
class DureesFixes:
    """Times between named places, in ms, by car; ``None`` or an unnamed couple: no road goes there."""

    temps: Mapping[tuple[Lieu, Lieu], tuple[int, int] | None]
    methode: str = "temps fixés pour l'essai"
    ferme: bool = True

    def plage(self, a: Lieu, b: Lieu) -> tuple[int, int]:
        """One couple."""
        return self.temps.get((a, b)) or (JAMAIS, JAMAIS)

    def poser(self, lieux: Sequence[Lieu]) -> PosesFixes:
        """These places, in this order."""
        return PosesFixes(self, lieux)


@dataclass
class PosesFixes:
    """Places of ``DureesFixes``, by rank."""

    durees: DureesFixes
    lieux: Sequence[Lieu]

    def entre(self, de: Colonne, vers: Colonne) -> Bornes:
        """The fixed times."""
        plages = [self.durees.plage(self.lieux[a], self.lieux[b]) for a, b in zip(de, vers, strict=True)]
        bas, haut = array("q", [p[0] for p in plages]), array("q", [p[1] for p in plages])
        return Bornes(memoryview(bas), memoryview(haut))


_LENTEURS = {Mode.VOITURE: 1.0, Mode.SCOOTER: 1.6, Mode.VAE: 2.1, Mode.VELO: 3.0, Mode.MARCHE: 9.0}


@dataclass
class TrajetsVaries:
    """Times and distances that differ with the couple and the way of moving, as ranges; some are unknown."""

    methode: str = "temps variés pour l'essai"
    ferme: bool = False

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        """The farther apart two codes, the longer: always the same answer for the same couple."""
        reponses = {}
        for depart, arrivee in couples:
            ecart = abs(int(depart.insee) - int(arrivee.insee)) % 97
            if ecart != 61:
                minutes = (6 + ecart / 3) * _LENTEURS[mode]
                duree = Duree(minutes, minutes * 1.4, self.methode)
                reponses[depart, arrivee] = Trajet(duree, 5 + ecart / 4, 7 + ecart / 3)
        return reponses
