"""The territory: communes, their neighbours and former names, as one frozen value read once."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mobilite.besoin import Jour, Plage
from mobilite.lieux import Lieu, Position
from mobilite.verdict import Verdict

RAYON_TERRE_KM = 6371.0088

DEPARTEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "08": "Ardennes",
        "51": "Marne",
        "52": "Haute-Marne",
        "54": "Meurthe-et-Moselle",
        "55": "Meuse",
        "88": "Vosges",
    }
)
"""The départements whose communes are known here, by code."""


def vol_oiseau_km(a: Position, b: Position) -> float:
    """Great-circle kilometres (haversine on the mean Earth radius)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    demi_lat = math.sin((lat_b - lat_a) / 2)
    demi_lon = math.sin(math.radians(b.lon - a.lon) / 2)
    corde = demi_lat * demi_lat + math.cos(lat_a) * math.cos(lat_b) * demi_lon * demi_lon
    return 2 * RAYON_TERRE_KM * math.asin(math.sqrt(min(1.0, corde)))


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today. ``position`` is its town hall, or its centroid where that is unknown."""

    insee: str
    nom: str
    departement: str
    codes_postaux: tuple[str, ...]
    population: int
    canton: str
    canton_nom: str
    epci_siren: str
    epci_nom: str
    arrondissement: str
    position: Position
    superficie_km2: float

    @property
    def lieu(self) -> Lieu:
        """The commune as a place nobody has placed more exactly."""
        return Lieu(self.insee)


@dataclass(frozen=True, slots=True)
class CommuneAncienne:
    """A name people still say: the former commune and the one it now belongs to."""

    insee: str
    nom: str
    actuelle: str


class Voisinage(NamedTuple):
    """Two communes that share a border: its length, and crow-fly km between the town halls."""

    a: str
    b: str
    frontiere_km: float
    vol_oiseau_km: float


@dataclass(frozen=True, slots=True)
class MaisonAccueil:
    """A Maison de la Solidarité as a value; ``demonstration`` follows it on every screen.

    ``horaires`` are its opening hours; ``None``: nobody has said.
    """

    id: str
    nom: str
    lieu: Lieu
    demonstration: bool
    horaires: tuple[Plage, ...] | None = None

    def ouverte(self, jour: Jour) -> Verdict:
        """Whether it opens on a day of the week, public holidays left aside."""
        if self.horaires is None:
            return Verdict.A_VERIFIER
        return Verdict.OUI if any(jour in plage.jours for plage in self.horaires) else Verdict.NON


@dataclass(frozen=True, eq=False)
class Territoire:
    """A département and the communes around it, keyed by current INSEE code. Compared by identity."""

    communes: Mapping[str, Commune]
    communes_anciennes: tuple[CommuneAncienne, ...]
    voisinages: tuple[Voisinage, ...]
    departement: str

    @classmethod
    def lire(cls, dossier: Path, departement: str = "55") -> Territoire:
        """Read ``communes``, ``communes_limitrophes``, ``communes_anciennes`` and ``adjacence`` (CSV).

        Raises ``FileNotFoundError`` when one is absent, ``ValueError`` naming the line that is wrong.
        """
        communes = {
            commune.insee: commune
            for nom in ("communes.csv", "communes_limitrophes.csv")
            for commune in map(_commune, _lignes(dossier / nom))
        }
        anciennes = tuple(
            CommuneAncienne(ligne["insee"], ligne["nom"], ligne["chef_lieu"])
            for ligne in _lignes(dossier / "communes_anciennes.csv")
        )
        voisinages = tuple(
            Voisinage(ligne["a"], ligne["b"], float(ligne["frontiere_km"]), float(ligne["vol_oiseau_km"]))
            for ligne in _lignes(dossier / "adjacence.csv")
        )
        _exiger_connues((c for v in voisinages for c in (v.a, v.b)), communes, "adjacence.csv")
        _exiger_connues((a.actuelle for a in anciennes), communes, "communes_anciennes.csv")
        return cls(MappingProxyType(communes), anciennes, voisinages, departement)

    @cached_property
    def anciennes(self) -> Mapping[str, str]:
        """Former INSEE code → current one."""
        return MappingProxyType({a.insee: a.actuelle for a in self.communes_anciennes})

    @cached_property
    def voisines_km(self) -> Mapping[str, Mapping[str, float]]:
        """Adjacency both ways: commune → its neighbours → crow-fly km between town halls."""
        graphe: dict[str, dict[str, float]] = {insee: {} for insee in self.communes}
        for a, b, _, km in self.voisinages:
            graphe[a][b] = graphe[b][a] = km
        return MappingProxyType(graphe)

    def commune(self, insee: str) -> Commune | None:
        """The current commune behind a code, former codes included; ``None`` when nobody knows it."""
        return self.communes.get(insee) or self.communes.get(self.anciennes.get(insee, ""))

    def communes_du_departement(self) -> list[Commune]:
        """The communes of the département, by INSEE code."""
        return sorted(
            (c for c in self.communes.values() if c.departement == self.departement), key=lambda c: c.insee
        )

    def epci(self, siren: str) -> list[Commune]:
        """The known communes of an intercommunality, neighbours included, by INSEE code."""
        return sorted((c for c in self.communes.values() if c.epci_siren == siren), key=lambda c: c.insee)

    def autour(self, insee: str, rayon_km: float) -> frozenset[str]:
        """Codes of the communes whose town hall lies within ``rayon_km`` crow-fly, itself included.

        Empty when the commune is unknown.
        """
        centre = self.commune(insee)
        if centre is None:
            return frozenset()
        return frozenset(
            c.insee for c in self.communes.values() if vol_oiseau_km(centre.position, c.position) <= rayon_km
        )

    def voisines(self, insee: str) -> frozenset[str]:
        """Codes of the communes that share a border. Empty when the commune is unknown."""
        commune = self.commune(insee)
        return frozenset(self.voisines_km[commune.insee]) if commune else frozenset()


def lire_maisons_demonstration(dossier: Path) -> tuple[MaisonAccueil, ...]:
    """The demonstration Maisons of ``maisons_demonstration.csv``, all marked as such."""
    return tuple(
        MaisonAccueil(
            id=f"demonstration-{ligne['insee']}",
            nom=ligne["nom"],
            lieu=Lieu(ligne["insee"], Position(float(ligne["lon"]), float(ligne["lat"]))),
            demonstration=True,
        )
        for ligne in _lignes(dossier / "maisons_demonstration.csv")
    )


def _lignes(chemin: Path) -> Iterator[dict[str, str]]:
    with chemin.open(encoding="utf-8", newline="") as fichier:
        yield from csv.DictReader(fichier)


def _commune(ligne: dict[str, str]) -> Commune:
    try:
        return Commune(
            insee=ligne["insee"],
            nom=ligne["nom"],
            departement=ligne["departement"],
            codes_postaux=tuple(ligne["codes_postaux"].split(";")),
            population=int(ligne["population_2023"]),
            canton=ligne["canton_code"],
            canton_nom=ligne["canton_nom"],
            epci_siren=ligne["epci_siren"],
            epci_nom=ligne["epci_nom"],
            arrondissement=ligne["arrondissement_nom"],
            position=Position(float(ligne["lon"]), float(ligne["lat"])),
            superficie_km2=float(ligne["superficie_km2"]),
        )
    except (KeyError, ValueError) as erreur:
        raise ValueError(f"communes, {ligne.get('insee', '?')}: {erreur}") from erreur


def _exiger_connues(codes: Iterable[str], communes: Mapping[str, Commune], fichier: str) -> None:
    inconnus = sorted(set(codes) - set(communes))
    if inconnus:
        raise ValueError(f"{fichier}: unknown communes {', '.join(inconnus[:5])}")
