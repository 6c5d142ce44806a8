"""Reading an OpenStreetMap extract in two streaming passes: the ways people use, then their points.

Only what roads need is kept, so memory follows the number of roads and not the size of the file.
A file that lies about its size, is cut short or is no extract at all is refused before or while it
is read, with a French sentence (``DonneeRefusee``).
"""

from __future__ import annotations

import gzip
import mmap
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from mobilite.erreurs import DonneeRefusee

Avancement = Callable[[str, int], None]
"""Told the step, in French, and how many things are done in it."""

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz")
TAILLE_MAX_OCTETS = 1 << 30
"""The largest région weighs half of this; a country is not one département's business."""
POINTS_MAX = 60_000_000
"""Points of roads: forty times a département. Beyond, memory would not hold."""
_BLOC_MAX = 32 << 20
"""What the format allows one block to hold once unpacked."""
_ENTETE_MAX = 64 << 10
_RAPPORT_MAX = 100
"""Real extracts unpack to 2 to 15 times their size."""
_DEPLIE_MAX = 32 << 30
_PETIT_OCTETS = 120 << 20
_PAS = 20_000

# fmt: off
CLES = frozenset((
    "highway", "route", "junction", "area", "motorroad", "service", "surface", "tracktype", "smoothness",
    "oneway", "oneway:bicycle", "oneway:foot", "foot:oneway", "oneway:motorcar", "oneway:motor_vehicle",
    "access", "vehicle", "motor_vehicle", "motorcar", "bicycle", "foot",
    "maxspeed", "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "source:maxspeed",
    "zone:maxspeed", "zone:traffic",
    "cycleway", "cycleway:left", "cycleway:right", "cycleway:both",
    "cycleway:left:oneway", "cycleway:right:oneway", "cycleway:both:oneway",
))
_CLES_POINT = (
    "barrier", "highway", "access", "vehicle", "motor_vehicle", "motorcar", "bicycle", "foot", "bollard", "locked",
)
# fmt: on


class Restriction(NamedTuple):
    """A ``type=restriction`` relation through one node: its tags, and OpenStreetMap numbers."""

    tags: Mapping[str, str]
    de: tuple[int, ...]
    via: int
    vers: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Extrait:
    """The roads of an extract. Points are numbered by OpenStreetMap number.

    ``chemins``: int64[w], OpenStreetMap numbers; ``sorte``: int32[w], which of ``etiquettes``;
    ``debut``: int64[w + 1] into ``points``: int32, −1 where the extract is cut; ``noeuds``:
    int64[n], OpenStreetMap numbers; ``lon``, ``lat``: int32[n], 10⁻⁷ degrees; ``particuliers``: the
    tags of the points that have some; ``ignorees``: restrictions that go through a way.
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
    ignorees: int


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
        raise _refus(fichier, f"ce fichier est abîmé ou coupé ({_cause(erreur)}).") from None


def verifier(fichier: Path) -> None:
    """Refuse what should not even be opened: absent, empty, too big, a bomb, another format."""
    nom = fichier.name.lower()
    if not fichier.is_file():
        raise _refus(fichier, "c'est un dossier." if fichier.is_dir() else "ce fichier n'existe pas.")
    taille = fichier.stat().st_size
    if not nom.endswith(SUFFIXES):
        raise _refus(fichier, "un extrait OpenStreetMap .osm.pbf, .osm ou .osm.gz est attendu.")
    if taille == 0:
        raise _refus(fichier, "ce fichier est vide.")
    if taille > TAILLE_MAX_OCTETS:
        raise _refus(
            fichier,
            f"il pèse {taille / 2**30:.1f} Go".replace(".", ",")
            + " ; 1 Go au plus. Prendre l'extrait d'un département ou d'une région.",
        )
    try:
        if nom.endswith(".pbf"):
            _verifier_pbf(fichier, taille)
        elif nom.endswith(".gz"):
            _verifier_gz(fichier, taille)
        else:
            _verifier_xml(fichier)
    except OSError:
        raise _refus(fichier, "ce fichier ne se lit pas.") from None


def _verifier_pbf(fichier: Path, taille: int) -> None:
    """Walk over the blocks without unpacking any: lengths, and what each says it unpacks to."""
    deplie = 0
    with fichier.open("rb") as ouvert, mmap.mmap(ouvert.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        ici = 0
        while ici < taille:
            longueur = int.from_bytes(octets[ici : ici + 4], "big")
            entete = _champs(octets, ici + 4, min(ici + 4 + longueur, taille))
            if not 0 < longueur <= _ENTETE_MAX or (ici == 0 and entete.get(1) != b"OSMHeader"):
                raise _refus(fichier, "ce n'est pas un extrait PBF d'OpenStreetMap.")
            debut, bloc = ici + 4 + longueur, entete.get(3, 0)
            if not isinstance(bloc, int) or bloc > _BLOC_MAX or debut + bloc > taille:
                raise _refus(fichier, "ce fichier est coupé ou abîmé : le télécharger de nouveau.")
            annonce = _champs(octets, debut, debut + bloc).get(2, 0)
            if (
                not isinstance(annonce, int)
                or annonce > _BLOC_MAX
                or annonce > (1 << 20) + _RAPPORT_MAX * bloc
            ):
                raise _refus(fichier, "un bloc se déplie démesurément : ce fichier est refusé.")
            deplie += annonce
            ici = debut + bloc
    if deplie > _DEPLIE_MAX or deplie > (1 << 24) + _RAPPORT_MAX // 2 * taille:
        raise _refus(fichier, "ce fichier se déplie démesurément : il est refusé.")


def _champs(octets: mmap.mmap, ici: int, fin: int) -> dict[int, int | bytes]:
    """The fields of a protocol-buffer message: numbers, and texts of 64 bytes at most."""
    champs: dict[int, int | bytes] = {}
    while ici < fin:
        etiquette, ici = _varint(octets, ici, fin)
        valeur, ici = _varint(octets, ici, fin)
        if etiquette & 7 == 2:
            champs[etiquette >> 3] = octets[ici : ici + min(valeur, 64)]
            ici += valeur
        elif etiquette & 7 == 0:
            champs[etiquette >> 3] = valeur
        else:
            break
    return champs


def _varint(octets: mmap.mmap, ici: int, fin: int) -> tuple[int, int]:
    valeur = decalage = 0
    while ici < fin and decalage < 64:
        octet = octets[ici]
        ici += 1
        valeur |= (octet & 127) << decalage
        decalage += 7
        if octet < 128:
            return valeur, ici
    return valeur, fin


def _verifier_gz(fichier: Path, taille: int) -> None:
    """Unpack once, keeping nothing: a stream that swells without end is not read any further."""
    deplie = 0
    try:
        with gzip.open(fichier) as flux:
            _exiger_osm(fichier, flux.read(4096))
            while morceau := flux.read(1 << 20):
                deplie += len(morceau)
                if deplie > min(_DEPLIE_MAX, (1 << 24) + _RAPPORT_MAX * taille):
                    raise _refus(fichier, "ce fichier se déplie démesurément : il est refusé.")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise _refus(fichier, "ce fichier est coupé ou abîmé : le télécharger de nouveau.") from None


def _verifier_xml(fichier: Path) -> None:
    with fichier.open("rb") as flux:
        _exiger_osm(fichier, flux.read(4096))


def _exiger_osm(fichier: Path, debut: bytes) -> None:
    if b"<osm" not in debut:
        raise _refus(fichier, "ce n'est pas un extrait OpenStreetMap.")


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
    restrictions: list[Restriction] = []
    ignorees = 0
    objets: Iterable[Any] = osmium.FileProcessor(
        str(fichier), osmium.osm.WAY | osmium.osm.RELATION
    ).with_filter(osmium.filter.KeyFilter("highway", "route", "type"))
    for objet in objets:
        if objet.is_relation():
            if objet.tags.get("type") == "restriction":
                restriction = _restriction(objet)
                ignorees += restriction is None
                restrictions += [restriction] if restriction else []
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
            raise _refus(fichier, "ce réseau est trop grand : prendre un département ou une région.")
    if not chemins:
        raise _refus(fichier, "aucune route dans cet extrait.")
    noeuds, inverse = np.unique(np.frombuffer(refs, np.int64), return_inverse=True)
    lon, lat, connus, particuliers = _positions(fichier, noeuds, avancement)
    if not connus.any():
        raise _refus(fichier, "les routes de cet extrait n'ont pas de points.")
    if territoire is not None:
        shapely.prepare(territoire)
        connus &= shapely.contains_xy(territoire, lon / 1e7, lat / 1e7)
        if not connus.any():
            raise DonneeRefusee("--territoire", "aucune route de l'extrait n'est dans ce territoire.")
    rangs = np.where(connus, np.cumsum(connus) - 1, -1).astype(np.int32)
    return Extrait(
        date=_date(fichier),
        chemins=np.frombuffer(chemins, np.int64),
        sorte=np.frombuffer(sorte, np.int32),
        etiquettes=tuple(etiquettes),
        debut=np.frombuffer(longueurs, np.int64),
        points=rangs[inverse],
        noeuds=noeuds[connus],
        lon=lon[connus],
        lat=lat[connus],
        particuliers={int(rangs[n]): tags for n, tags in particuliers.items() if connus[n]},
        restrictions=tuple(restrictions),
        ignorees=ignorees,
    )


def _restriction(relation: Any) -> Restriction | None:
    """The rule of a relation; ``None`` when it goes through a way, or lacks a member."""
    roles: dict[tuple[str, str], list[int]] = {}
    for membre in relation.members:
        roles.setdefault((membre.role, membre.type), []).append(membre.ref)
    de, vers, via = (roles.get(cle, []) for cle in (("from", "w"), ("to", "w"), ("via", "n")))
    if not de or not vers or len(via) != 1 or ("via", "w") in roles:
        return None
    return Restriction({t.k: t.v for t in relation.tags}, tuple(de), via[0], tuple(vers))


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
        with osmium.io.Reader(str(fichier), osmium.osm.osm_entity_bits.NODE) as lecteur:
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
    with osmium.io.Reader(str(fichier), osmium.osm.osm_entity_bits.NOTHING) as lecteur:
        entete = lecteur.header()
    for cle in ("osmosis_replication_timestamp", "timestamp"):
        try:
            return datetime.fromisoformat(entete.get(cle, "")).astimezone(UTC)
        except ValueError:
            continue
    return None


def _refus(fichier: Path, phrase: str) -> DonneeRefusee:
    return DonneeRefusee(fichier.name, phrase)


def _cause(erreur: Exception) -> str:
    return " ".join(str(erreur).split())[:80]
