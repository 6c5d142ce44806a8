"""Reading an OpenStreetMap extract in two streaming passes: the ways people use, then their points.

Only what roads need is kept, so memory follows the number of roads and not the size of the file.
A file that lies about its size, is cut short or is no extract at all is refused before or while it
is read, with a French sentence (``DonneeRefusee``).
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from geo.fichier_osm import refus, verifier
from geo.interdictions import Releve, Restriction
from mobilite.erreurs import DonneeRefusee

Avancement = Callable[[str, int], None]
"""Told the step, in French, and how many things are done in it."""

POINTS_MAX = 60_000_000
"""Points of roads: forty times a département. Beyond, memory would not hold."""
_PETIT_OCTETS = 120 << 20
_PAS = 20_000

# fmt: off
CLES_A_L_HEURE = frozenset(f"{cle}:conditional" for cle in (
    "access", "vehicle", "motor_vehicle", "motorcar", "bicycle", "foot", "oneway", "oneway:bicycle",
    "maxspeed", "maxspeed:forward", "maxspeed:backward",
))
CLES = frozenset((
    "highway", "route", "junction", "area", "motorroad", "service", "surface", "tracktype", "smoothness",
    "oneway", "oneway:bicycle", "oneway:foot", "foot:oneway", "oneway:motorcar", "oneway:motor_vehicle",
    *(f"{cle}{sens}" for sens in ("", ":forward", ":backward")
      for cle in ("access", "vehicle", "motor_vehicle", "motorcar", "bicycle", "foot", "maxspeed", "maxspeed:advisory")),
    "maxspeed:type", "source:maxspeed",
    "zone:maxspeed", "zone:traffic",
    "cycleway", "cycleway:left", "cycleway:right", "cycleway:both",
    "cycleway:left:oneway", "cycleway:right:oneway", "cycleway:both:oneway",
)) | CLES_A_L_HEURE
_CLES_POINT = (
    "barrier", "highway", "access", "vehicle", "motor_vehicle", "motorcar", "bicycle", "foot", "bollard", "locked",
)
# fmt: on


@dataclass(frozen=True, eq=False)
class Extrait:
    """The roads of an extract. Points are numbered by OpenStreetMap number.

    ``chemins``: int64[w], OpenStreetMap numbers; ``sorte``: int32[w], which of ``etiquettes``;
    ``debut``: int64[w + 1] into ``points``: int32, −1 where the extract is cut; ``noeuds``:
    int64[n], OpenStreetMap numbers; ``lon``, ``lat``: int32[n], 10⁻⁷ degrees; ``particuliers``: the
    tags of the points that have some; ``releve``: the turn rules read and left aside; ``a_l_heure``:
    ways with a rule that holds at certain hours only, which is not applied.
    """

    date: datetime | None
    chemins: NDArray[np.int64]
    sorte: NDArray[np.int32]
    etiquettes: tuple[Mapping[str, str], ...]
    debut: NDArray[np.int64]
    points: NDArray[np.int32]
    noeuds: NDArray[np.int64]
    lon: NDArray[np.int32]
    lat: NDArray[np.int32]
    particuliers: Mapping[int, Mapping[str, str]]
    restrictions: tuple[Restriction, ...]
    releve: Releve
    a_l_heure: int


def lire_extrait(
    fichier: Path,
    utile: Callable[[Mapping[str, str]], bool],
    *,
    territoire: shapely.Geometry | None = None,
    avancement: Avancement = lambda etape, fait: None,
) -> Extrait:
    """The ways whose tags are ``utile``, inside ``territoire`` (WGS84) when one is given.

    Raises ``DonneeRefusee`` when the file is absent, too big, broken or without any road.
    """
    verifier(fichier)
    try:
        return _lire(fichier, utile, territoire, avancement)
    except (RuntimeError, ValueError, OSError, UnicodeDecodeError, zlib.error) as erreur:
        if "No space left" in str(erreur):  # osmium's own errors have no number
            raise DonneeRefusee(gettempdir(), "le disque est plein.") from None
        raise refus(fichier, "ce fichier est abîmé ou coupé : le télécharger de nouveau.") from None


def _lire(
    fichier: Path,
    utile: Callable[[Mapping[str, str]], bool],
    territoire: shapely.Geometry | None,
    avancement: Avancement,
) -> Extrait:
    chemins, sorte, refs = array("q"), array("i"), array("q")
    longueurs = array("q", [0])
    sortes: dict[tuple[tuple[str, str], ...], int] = {}
    etiquettes: list[Mapping[str, str]] = []
    avancement("Lecture des routes", 0)
    releve = Releve()
    objets: Iterable[Any] = osmium.FileProcessor(
        _ouvrir(fichier), osmium.osm.WAY | osmium.osm.RELATION
    ).with_filter(osmium.filter.KeyFilter("highway", "route", "type"))
    for objet in objets:
        if objet.is_relation():
            if objet.tags.get("type") == "restriction":
                releve.lire(objet)
            continue
        tags = tuple((t.k, t.v) for t in objet.tags if t.k in CLES)
        rang = sortes.get(tags)
        if rang is None:
            rang = sortes[tags] = len(etiquettes) if utile(dict(tags)) else -1
            if rang >= 0:
                etiquettes.append(dict(tags))
        if rang < 0:
            continue
        chemins.append(objet.id)
        sorte.append(rang)
        refs.extend([noeud.ref for noeud in objet.nodes])
        longueurs.append(len(refs))
        if len(chemins) % _PAS == 0:
            avancement("Lecture des routes", len(chemins))
        if len(refs) > POINTS_MAX:
            raise refus(fichier, "ce réseau est trop grand : prendre un département ou une région.")
    if not chemins:
        raise refus(fichier, "aucune route dans cet extrait.")
    noeuds, inverse = np.unique(np.frombuffer(refs, np.int64), return_inverse=True)
    lon, lat, connus, particuliers = _positions(fichier, noeuds, avancement)
    if not connus.any():
        raise refus(fichier, "les routes de cet extrait n'ont pas de points.")
    if territoire is not None:
        shapely.prepare(territoire)
        connus &= shapely.contains_xy(territoire, lon / 1e7, lat / 1e7)
        if not connus.any():
            raise DonneeRefusee("--territoire", "aucune route de l'extrait n'est dans ce territoire.")
    rangs = np.where(connus, np.cumsum(connus) - 1, -1).astype(np.int32)
    numeros, debut, points = (
        np.frombuffer(chemins, np.int64),
        np.frombuffer(longueurs, np.int64),
        rangs[inverse],
    )
    a_l_heure = np.array([any(cle in CLES_A_L_HEURE for cle in tags) for tags in etiquettes])
    return Extrait(
        date=_date(fichier),
        chemins=numeros,
        sorte=np.frombuffer(sorte, np.int32),
        etiquettes=tuple(etiquettes),
        debut=debut,
        points=points,
        noeuds=noeuds[connus],
        lon=lon[connus],
        lat=lat[connus],
        particuliers={int(rangs[n]): tags for n, tags in particuliers.items() if connus[n]},
        restrictions=releve.situer(numeros, debut, points, noeuds[connus]),
        releve=releve,
        a_l_heure=int(a_l_heure[np.frombuffer(sorte, np.int32)].sum()),
    )


def _ouvrir(fichier: Path) -> osmium.io.File:
    """The file, its format told: osmium reads it in the suffix, and in small letters only."""
    nom = fichier.name.lower()
    return osmium.io.File(str(fichier), next(s for s in ("pbf", "osm.gz", "osm") if nom.endswith(s)))


class _Particuliers(osmium.SimpleHandler):
    """The tags of the points of roads that stop or slow somebody, by rank in ``noeuds``."""

    def __init__(self, noeuds: NDArray[np.int64]) -> None:
        super().__init__()
        self._noeuds = noeuds
        self.trouves: dict[int, Mapping[str, str]] = {}

    def node(self, point: Any) -> None:
        """Called for every point with one of the tags we read."""
        rang = int(np.searchsorted(self._noeuds, point.id))
        if rang < self._noeuds.size and self._noeuds[rang] == point.id:
            self.trouves[rang] = {t.k: t.v for t in point.tags if t.k in _CLES_POINT}


def _positions(
    fichier: Path, noeuds: NDArray[np.int64], avancement: Avancement
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_], Mapping[int, Mapping[str, str]]]:
    """Where the points are, 10⁻⁷ degrees, whether the extract knows, and the tags of some."""
    avancement("Lecture des points", 0)
    particuliers = _Particuliers(noeuds)
    # Every point of the extract goes by: 16 bytes each, on disk when they would be too many. (A filter
    # by number would take more than a gigabyte: it is a map of all the numbers of the planet.)
    with TemporaryDirectory(prefix="mobilite-") as dossier:
        ici = f",{dossier}/points" if fichier.stat().st_size > _PETIT_OCTETS else ""
        table = osmium.index.create_map(f"sparse_{'file' if ici else 'mem'}_array{ici}")
        with osmium.io.Reader(_ouvrir(fichier), osmium.osm.osm_entity_bits.NODE) as lecteur:
            osmium.apply(
                lecteur,
                osmium.NodeLocationsForWays(table),
                osmium.filter.KeyFilter(*_CLES_POINT),
                particuliers,
            )
        xy = np.empty((noeuds.size, 2), np.int32)
        suite = _un_a_un(table, noeuds.tolist())
        for debut in range(0, noeuds.size, _PAS):
            paquet = list(islice(suite, _PAS))
            xy[debut : debut + len(paquet)] = paquet
            avancement("Lecture des points", debut + len(paquet))
    connus = (np.abs(xy[:, 0]) <= 180 * 10**7) & (np.abs(xy[:, 1]) < 89 * 10**7)
    return xy[:, 0].copy(), xy[:, 1].copy(), connus, particuliers.trouves


def _un_a_un(table: Any, noeuds: list[int]) -> Iterator[tuple[int, int]]:
    inconnu = (2**31 - 1, 2**31 - 1)
    for noeud in noeuds:
        try:
            lieu = table.get(noeud)
        except (KeyError, TypeError):
            yield inconnu
            continue
        yield lieu.x, lieu.y


def _date(fichier: Path) -> datetime | None:
    """The day the data stand for, when the file says it."""
    with osmium.io.Reader(_ouvrir(fichier), osmium.osm.osm_entity_bits.NOTHING) as lecteur:
        entete = lecteur.header()
    for cle in ("osmosis_replication_timestamp", "timestamp"):
        try:
            return datetime.fromisoformat(entete.get(cle, "")).astimezone(UTC)
        except ValueError:
            continue
    return None
