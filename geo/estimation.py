"""Travel times without a road network: honest ranges on the graph of adjacent communes.

Between two places the road is longer than the crow flies and, at worst, goes from village to
village: the straight line gives the low bound, the shortest path through adjacent town halls the
high one. A person known only by her commune lives somewhere around its town hall: the range
covers it. The reasoning, its limits and its check are in ``docs/estimation.md``.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mobilite.lieux import JAMAIS, Bornes, Colonne, Couple, Lieu, Mode, Trajet
from mobilite.parametres import Parametres
from mobilite.territoire import Commune, Territoire, vol_oiseau_km
from mobilite.verdict import Duree

METHODE = "estimation, sans réseau routier"


class _Bout(NamedTuple):
    """One end of a trip: its commune, km from its town hall, and the radius it may be within."""

    commune: Commune
    ecart_km: float
    rayon_km: float


class Estimation:
    """The port ``Accessibilite`` on the commune graph. Keeps the distances from each origin asked.

    Durations are whole minutes rounded outwards (an estimate has no decimals), so what is printed
    and what is judged are the same numbers. Symmetric: going and coming back have the same range.
    """

    methode = METHODE
    ferme = False

    def __init__(self, territoire: Territoire, parametres: Parametres) -> None:
        self._territoire = territoire
        self._parametres = parametres
        self._distances: dict[str, Mapping[str, float]] = {}

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        """Ranges of many (origin, destination) couples; absent when a commune is unknown or cut off."""
        uniques = list(dict.fromkeys(couples))
        departs = len({origine.insee for origine, _ in uniques})
        arrivees = len({destination.insee for _, destination in uniques})
        reponses: dict[Couple, Trajet] = {}
        for origine, destination in uniques:
            # Borders are crossed both ways: one search per commune of the shorter side is enough.
            de, vers = (origine, destination) if departs <= arrivees else (destination, origine)
            trajet = self._trajet(de, vers, mode)
            if trajet is not None:
                reponses[origine, destination] = trajet
        return reponses

    def trajet(self, origine: Lieu, destination: Lieu, mode: Mode) -> Trajet | None:
        """One couple; ``None`` when a commune is unknown or cut off."""
        return self._trajet(origine, destination, mode)

    def poser(self, lieux: Sequence[Lieu]) -> _PosesEstimees:
        """The port ``DureesParPaires``: ranges by car."""
        return _PosesEstimees(self, lieux)

    def _trajet(self, a: Lieu, b: Lieu, mode: Mode) -> Trajet | None:
        bout_a, bout_b = self._bout(a), self._bout(b)
        if bout_a is None or bout_b is None:
            return None
        droit = vol_oiseau_km(a.position or bout_a.commune.position, b.position or bout_b.commune.position)
        chemin = droit
        if bout_a.commune is not bout_b.commune:
            par_les_mairies = self._depuis(bout_a.commune.insee).get(bout_b.commune.insee)
            if par_les_mairies is None:
                return None
            chemin = max(droit, bout_a.ecart_km + par_les_mairies + bout_b.ecart_km)
        alentour = bout_a.rayon_km + bout_b.rayon_km
        p = self._parametres
        km_min = max(0.0, droit - alentour) * p["estimation.detour_min"]
        km_max = (chemin + alentour) * p["estimation.detour_max"]
        duree = Duree(
            math.floor(p["estimation.depart_min"] + 60 * km_min / p[f"estimation.{mode}_kmh_max"]),
            math.ceil(p["estimation.depart_max"] + 60 * km_max / p[f"estimation.{mode}_kmh_min"]),
            METHODE,
        )
        return Trajet(duree, round(km_min, 1), round(km_max, 1))

    def _bout(self, lieu: Lieu) -> _Bout | None:
        commune = self._territoire.commune(lieu.insee)
        if commune is None:
            return None
        if lieu.position is not None:
            return _Bout(commune, vol_oiseau_km(commune.position, lieu.position), 0.0)
        equivalent = math.sqrt(commune.superficie_km2 / math.pi)
        return _Bout(commune, 0.0, equivalent * self._parametres["estimation.rayon_habite"])

    def _depuis(self, insee: str) -> Mapping[str, float]:
        """Shortest km through adjacent town halls, from one commune to all (Dijkstra, binary heap).

        Ours rather than networkx or scipy: 2 ms a search on 1 221 communes, and nothing to import
        when the web application starts.
        """
        if insee in self._distances:
            return self._distances[insee]
        graphe = self._territoire.voisines_km
        distances = {insee: 0.0}
        file = [(0.0, insee)]
        while file:
            km, ici = heapq.heappop(file)
            if km > distances[ici]:
                continue
            for voisine, pas in graphe[ici].items():
                total = km + pas
                if total < distances.get(voisine, math.inf):
                    distances[voisine] = total
                    heapq.heappush(file, (total, voisine))
        self._distances[insee] = distances
        return distances


class _PosesEstimees:
    """Places whose times are estimated, each couple once."""

    def __init__(self, estimation: Estimation, lieux: Sequence[Lieu]) -> None:
        self._estimation = estimation
        self._lieux = lieux
        self._connus: dict[tuple[int, int], tuple[int, int]] = {}

    def entre(self, de: Colonne, vers: Colonne) -> Bornes:
        """In ms; a couple nobody can answer may take any time."""
        bas, haut = array("q"), array("q")
        for paire in zip(de, vers, strict=True):
            if paire not in self._connus:
                a, b = self._lieux[paire[0]], self._lieux[paire[1]]
                trajet = self._estimation.trajet(a, b, Mode.VOITURE)
                duree = trajet.duree if trajet else None
                self._connus[paire] = (
                    (int(duree.min * 60_000), int(duree.max * 60_000)) if duree else (0, JAMAIS)
                )
            bas.append(self._connus[paire][0])
            haut.append(self._connus[paire][1])
        return Bornes(memoryview(bas), memoryview(haut))
