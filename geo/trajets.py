"""The port ``Accessibilite`` on a real road network; the estimate answers where the network cannot.

A place somebody put on the map has one time, to a tenth of a minute. A person known only by her
commune lives along one of its streets: the answer is the range over places spread along them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.accroche import Accroches, Accrocheur, arrivees, departs, directs
from geo.chemins import matrice, prechauffer
from geo.itineraire import itineraires
from geo.noyau import INFINI
from geo.points_de_rue import points_de_rue
from geo.reseau import ATTRIBUTION, Reseau, Reseaux
from mobilite.lieux import Accessibilite, Couple, Lieu, Mode, Position, Trajet
from mobilite.territoire import RAYON_TERRE_KM, Commune, Territoire
from mobilite.verdict import Duree

PROFILS: Mapping[Mode, str] = {Mode.VOITURE: "voiture", Mode.VELO: "velo", Mode.MARCHE: "marche"}
_PLACES = 24
"""Places that stand for a commune: its centre, then each as far as can be from the others."""
_CASES_MAX = 4_000_000
_MEMOIRE = 200_000
_M_PAR_DEG = math.pi / 180 * 1000 * RAYON_TERRE_KM

Longs = NDArray[np.int64]


class Contours(Protocol):
    """The land of communes, WGS84, by INSEE code; ``None`` when it is not known."""

    def get(self, insee: str, /) -> shapely.Geometry | None: ...


@dataclass(frozen=True, eq=False)
class _Places:
    """Groups of places: those of lieu i are ``debut[i]`` to ``debut[i + 1]``."""

    accroches: Accroches
    debut: Longs


class Trajets:
    """Firm times where a network is loaded. Remembers the answers given, up to a bound."""

    ferme = True

    def __init__(
        self, reseaux: Reseaux, territoire: Territoire, estimation: Accessibilite, contours: Contours
    ) -> None:
        self._reseaux = reseaux
        self.contours = contours
        self._territoire = territoire
        self._estimation = estimation
        self._profils = {
            mode: SurReseau(reseaux.profils[code], territoire, contours)
            for mode, code in PROFILS.items()
            if code in reseaux.profils
        }
        self._connus: dict[tuple[Mode, Couple], Trajet] = {}

    @property
    def methode(self) -> str:
        """What is written beside the figures, with the attribution that the licence asks for."""
        return f"réseau routier du {_en_jour(self._reseaux.date)}, {ATTRIBUTION}"

    @property
    def voiture(self) -> SurReseau | None:
        """The network of cars, for times asked by the hundred thousand (``geo.durees``)."""
        return self._profils.get(Mode.VOITURE)

    def preparer(self) -> None:
        """Load the kernels, and the index of the streets most asked about, before the first question.

        The other indexes take a tenth of a second and thirty megabytes each: when somebody asks.
        """
        prechauffer()
        if Mode.VOITURE in self._profils:
            self._profils[Mode.VOITURE].accrocheur.preparer()

    def profil(self, mode: Mode) -> tuple[Reseau, Accrocheur] | None:
        """The network of a way of moving and what places stand on it; ``None`` when there is none."""
        profil = self._profils.get(mode)
        return (profil.reseau, profil.accrocheur) if profil is not None else None

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        """Many couples at once. Outside the network, or by a means it does not know: the estimate."""
        uniques = list(dict.fromkeys(couples))
        profil = self._profils.get(mode)
        reponses: dict[Couple, Trajet] = {}
        if profil is not None:
            nouveaux = [couple for couple in uniques if (mode, couple) not in self._connus]
            trouves = profil.trajets(nouveaux, self.methode)
            if len(self._connus) + len(trouves) > _MEMOIRE:
                self._connus.clear()
            self._connus.update({(mode, couple): trajet for couple, trajet in trouves.items()})
            for couple in uniques:
                trajet = trouves.get(couple) or self._connus.get((mode, couple))
                if trajet is not None:
                    reponses[couple] = trajet
        reponses.update(self._estimation.trajets([c for c in uniques if c not in reponses], mode))
        return reponses


class SurReseau:
    """One profile: where places and communes stand on it, and the times between them."""

    def __init__(self, reseau: Reseau, territoire: Territoire, contours: Contours) -> None:
        self.reseau = reseau
        self.accrocheur = Accrocheur(reseau)
        self._territoire = territoire
        self._contours = contours
        self._communes: dict[str, list[Position]] = {}

    def trajets(self, couples: Sequence[Couple], methode: str) -> dict[Couple, Trajet]:
        """Those whose two ends are on the network."""
        origines = self._places(dict.fromkeys(origine for origine, _ in couples))
        destinations = self._places(dict.fromkeys(destination for _, destination in couples))
        retenus = [(o, d) for o, d in couples if o in origines and d in destinations]
        if not retenus:
            return {}
        departs_, arrivees_ = (
            self._grouper({lieu: cote[lieu] for lieu in dict.fromkeys(c[rang] for c in retenus)})
            for rang, cote in enumerate((origines, destinations))
        )
        rang_o = {lieu: i for i, lieu in enumerate(dict.fromkeys(o for o, _ in retenus))}
        rang_d = {lieu: i for i, lieu in enumerate(dict.fromkeys(d for _, d in retenus))}
        o = np.array([rang_o[lieu] for lieu, _ in retenus], np.int64)
        d = np.array([rang_d[lieu] for _, lieu in retenus], np.int64)
        extremes = self._extremes(departs_, arrivees_, o, d)
        bons = np.flatnonzero(extremes[:, 3] < INFINI)
        km = self._km(departs_.accroches, arrivees_.accroches, extremes[bons])
        reponses: dict[Couple, Trajet] = {}
        for rang, (km_a, km_b) in zip(bons.tolist(), km.tolist(), strict=True):
            depart, arrivee = couple = retenus[rang]
            bas, haut = int(extremes[rang, 0]), int(extremes[rang, 3])
            if depart.position is not None and arrivee.position is not None:
                duree = Duree(_dixieme(bas), _dixieme(bas), methode)
            else:
                # Whole minutes rounded outwards, never none: nobody knows from which door.
                duree = Duree(max(1, bas // 60_000), max(1, -(-haut // 60_000)), methode)
            reponses[couple] = Trajet(duree, round(min(km_a, km_b), 1), round(max(km_a, km_b), 1))
        return reponses

    def _extremes(self, departs_: _Places, arrivees_: _Places, o: Longs, d: Longs) -> Longs:
        """For each couple: least ms, its two places, greatest ms, its two places. int64[k, 6]."""
        extremes = np.empty((o.size, 6), np.int64)
        vers = arrivees(self.reseau, arrivees_.accroches)
        largeur = max(1, len(arrivees_.accroches))
        ordre = np.argsort(o, kind="stable")
        debut = 0
        while debut < ordre.size:
            # As many origins as fit in memory, their couples together.
            premiere = int(o[ordre[debut]])
            derniere = int(
                np.searchsorted(departs_.debut, departs_.debut[premiere] + _CASES_MAX // largeur, "right") - 1
            )
            derniere = max(premiere + 1, derniere)
            fin = int(np.searchsorted(o[ordre], derniere, "left"))
            i0, i1 = (
                int(departs_.debut[premiere]),
                int(departs_.debut[min(derniere, departs_.debut.size - 1)]),
            )
            origines = departs_.accroches.choisir(np.arange(i0, i1))
            ms = matrice(self.reseau.hierarchie, departs(self.reseau, origines), vers).astype(np.int64)
            sur_place(self.reseau, ms, origines, arrivees_.accroches)
            for couple in ordre[debut:fin].tolist():
                a0, a1 = departs_.debut[o[couple]], departs_.debut[o[couple] + 1]
                b0, b1 = arrivees_.debut[d[couple]], arrivees_.debut[d[couple] + 1]
                bloc = ms[a0 - i0 : a1 - i0, b0:b1]
                for place, ou in ((0, int(bloc.argmin())), (3, int(bloc.argmax()))):
                    x, y = divmod(ou, b1 - b0)
                    extremes[couple, place : place + 3] = bloc[x, y], a0 + x, b0 + y
            debut = fin
        return extremes

    def _km(self, a: Accroches, b: Accroches, extremes: Longs) -> NDArray[np.float64]:
        """Kilometres of the fastest and of the slowest way of each couple: float64[k, 2]."""
        de, vers = extremes[:, [1, 4]].ravel(), extremes[:, [2, 5]].ravel()
        paires, inverse = np.unique(np.stack([de, vers], axis=1), axis=0, return_inverse=True)
        routes = itineraires(self.reseau, a.choisir(paires[:, 0]), b.choisir(paires[:, 1]))
        return (routes.metres / 1000)[inverse.ravel()].reshape(-1, 2)

    def _places(self, lieux: Iterable[Lieu]) -> dict[Lieu, list[Position]]:
        """Where each place may be; those that are not on the network are left out."""
        positions: dict[Lieu, list[Position]] = {}
        poses = []
        for lieu in lieux:
            if lieu.position is not None:
                poses.append(lieu)
            elif places := self.de_la_commune(lieu.insee):
                positions[lieu] = places
        exactes = [lieu.position for lieu in poses if lieu.position is not None]
        trouves = self.accrocheur.accrocher([p.lon for p in exactes], [p.lat for p in exactes]).posees
        for lieu, position, trouve in zip(poses, exactes, trouves.tolist(), strict=True):
            if trouve:
                positions[lieu] = [position]
        return positions

    def _grouper(self, positions: Mapping[Lieu, list[Position]]) -> _Places:
        toutes = [p for groupe in positions.values() for p in groupe]
        accroches = self.accrocheur.accrocher([p.lon for p in toutes], [p.lat for p in toutes])
        return _Places(accroches, np.cumsum([0, *map(len, positions.values())]))

    def de_la_commune(self, insee: str) -> list[Position]:
        """Places that stand for a commune; none when it is unknown or has no street here."""
        commune = self._territoire.commune(insee)
        if commune is None:
            return []
        if commune.insee not in self._communes:
            self._communes[commune.insee] = self._repartir(commune)
        return self._communes[commune.insee]

    def _repartir(self, commune: Commune) -> list[Position]:
        """Places spread along the streets of a commune where people live; none when it has none here."""
        contour = self._contours.get(commune.insee)
        if contour is None:
            rayon = math.sqrt(commune.superficie_km2 / math.pi) * 1000
            contour = _disque(commune.position, rayon)
        ouest, sud, est, nord = shapely.bounds(contour)
        lon, lat = self._habites
        i, j = np.searchsorted(lon, [ouest, est])
        x, y = lon[i:j], lat[i:j]
        dedans = (y >= sud) & (y <= nord)
        x, y = x[dedans], y[dedans]
        if x.size:
            shapely.prepare(contour)
            dedans = shapely.contains_xy(contour, x, y)
            x, y = x[dedans], y[dedans]
        if not x.size:
            return []
        par_lon = math.cos(math.radians(commune.position.lat))
        ecarts = np.hypot((x - commune.position.lon) * par_lon, y - commune.position.lat)
        ici = int(ecarts.argmin())
        choisis = [ici]
        loin = np.full(x.size, np.inf)
        while len(choisis) < min(_PLACES, x.size):
            loin = np.minimum(loin, np.hypot((x - x[ici]) * par_lon, y - y[ici]))
            ici = int(loin.argmax())
            if loin[ici] == 0:
                break
            choisis.append(ici)
        return [Position(float(x[c]), float(y[c])) for c in choisis]

    @cached_property
    def _habites(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points every 100 m at least of the streets where people live, degrees, from west to east."""
        rues = np.flatnonzero(self.reseau.classes_habitees & self.reseau.classes_accroche)
        points = points_de_rue(self.reseau, rues)
        ordre = np.argsort(points.lon, kind="stable")
        return points.lon[ordre], points.lat[ordre]


def sur_place(reseau: Reseau, ms: Longs, a: Accroches, b: Accroches) -> None:
    """Improve the times between places of the same street, in one direction along it."""
    ordre = np.argsort(b.rue, kind="stable")
    bas = np.searchsorted(b.rue[ordre], a.rue, "left")
    combien = np.searchsorted(b.rue[ordre], a.rue, "right") - bas
    i = np.repeat(np.arange(a.rue.size), combien)
    fins = np.cumsum(combien)
    j = ordre[np.arange(i.size) - np.repeat(fins - combien, combien) + np.repeat(bas, combien)]
    le_long = directs(reseau, a.choisir(i), b.choisir(j))
    mieux = le_long >= 0
    ms[i[mieux], j[mieux]] = np.minimum(ms[i[mieux], j[mieux]], le_long[mieux])


def _disque(centre: Position, rayon_m: float) -> shapely.Geometry:
    lat = rayon_m / _M_PAR_DEG
    lon = lat / math.cos(math.radians(centre.lat))
    rond = shapely.Point(0, 0).buffer(1)
    return shapely.transform(rond, lambda xy: xy * [lon, lat] + [centre.lon, centre.lat])


def _dixieme(ms: int) -> float:
    """Minutes to a tenth, never less than the truth: 30 min 1 s does not fit in 30 minutes."""
    return -(-ms // 6000) / 10


def _en_jour(iso: str) -> str:
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}"


def durees_entre(reseau: Reseau, origines: Accroches, destinations: Accroches) -> Longs:
    """int64[o, d]: ms from each origin to each destination; −1 when one is not on the network, or no way."""
    ms = matrice(reseau.hierarchie, departs(reseau, origines), arrivees(reseau, destinations)).astype(
        np.int64
    )
    sur_place(reseau, ms, origines, destinations)
    return np.asarray(np.where(ms < INFINI, ms, -1))


class ContoursDuFichier:
    """The land of communes, by INSEE code: a FeatureCollection whose properties have ``insee``.

    Read at the first question: a tenth of a second that the start of the server does without.
    """

    def __init__(self, geojson: Path) -> None:
        self._geojson = geojson

    def get(self, insee: str, /) -> shapely.Geometry | None:
        """The land of one commune, WGS84; ``None`` when it is not known."""
        return self._lus.get(insee)

    @cached_property
    def _lus(self) -> Mapping[str, shapely.Geometry]:
        entites = json.loads(self._geojson.read_text(encoding="utf-8"))["features"]
        return {e["properties"]["insee"]: shapely.geometry.shape(e["geometry"]) for e in entites}
