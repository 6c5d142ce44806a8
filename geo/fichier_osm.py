"""What is looked at before an extract is opened: absent, too big, cut short, a bomb, another format.

Nothing is unpacked in memory here. A refusal is a French sentence (``DonneeRefusee``).
"""

from __future__ import annotations

import gzip
import mmap
import re
import stat
import zlib
from pathlib import Path

from mobilite.erreurs import DonneeRefusee

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz")
TAILLE_MAX_OCTETS = 1 << 30
"""The largest région weighs half of this; a country is not one département's business."""
_BLOC_MAX = 32 << 20
"""What the format allows one block to hold once unpacked."""
_ENTETE_MAX = 64 << 10
_RAPPORT_MAX = 100
"""Real extracts unpack to 2 to 15 times their size."""
_DEPLIE_MAX = 32 << 30


def verifier(fichier: Path) -> None:
    """Refuse what should not even be opened: absent, empty, too big, a bomb, another format."""
    nom = fichier.name.lower()
    try:
        etat = fichier.stat()
    except (OSError, ValueError):
        raise refus(fichier, "ce fichier n'existe pas, ou ne se lit pas.") from None
    if not stat.S_ISREG(etat.st_mode):
        raise refus(
            fichier, "c'est un dossier." if fichier.is_dir() else "ce n'est pas un fichier ordinaire."
        )
    taille = etat.st_size
    if not nom.endswith(SUFFIXES):
        raise refus(fichier, "un extrait OpenStreetMap .osm.pbf, .osm ou .osm.gz est attendu.")
    if taille == 0:
        raise refus(fichier, "ce fichier est vide.")
    if taille > TAILLE_MAX_OCTETS:
        raise refus(
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
        raise refus(fichier, "ce fichier ne se lit pas.") from None


def _verifier_pbf(fichier: Path, taille: int) -> None:
    """Walk over the blocks without unpacking any: lengths, and what each says it unpacks to."""
    deplie = 0
    with fichier.open("rb") as ouvert, mmap.mmap(ouvert.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        ici = 0
        while ici < taille:
            longueur = int.from_bytes(octets[ici : ici + 4], "big")
            entete = _champs(octets, ici + 4, min(ici + 4 + longueur, taille))
            if not 0 < longueur <= _ENTETE_MAX or (ici == 0 and entete.get(1) != b"OSMHeader"):
                raise refus(fichier, "ce n'est pas un extrait PBF d'OpenStreetMap.")
            debut, bloc = ici + 4 + longueur, entete.get(3, 0)
            if not isinstance(bloc, int) or bloc > _BLOC_MAX or debut + bloc > taille:
                raise refus(fichier, "ce fichier est coupé ou abîmé : le télécharger de nouveau.")
            annonce = _champs(octets, debut, debut + bloc).get(2, 0)
            if (
                not isinstance(annonce, int)
                or annonce > _BLOC_MAX
                or annonce > (1 << 20) + _RAPPORT_MAX * bloc
            ):
                raise refus(fichier, "un bloc se déplie démesurément : ce fichier est refusé.")
            deplie += annonce
            ici = debut + bloc
    if deplie > _DEPLIE_MAX or deplie > (1 << 24) + _RAPPORT_MAX // 2 * taille:
        raise refus(fichier, "ce fichier se déplie démesurément : il est refusé.")


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
                    raise refus(fichier, "ce fichier se déplie démesurément : il est refusé.")
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise refus(fichier, "ce fichier est coupé ou abîmé : le télécharger de nouveau.") from None


def _verifier_xml(fichier: Path) -> None:
    with fichier.open("rb") as flux:
        _exiger_osm(fichier, flux.read(4096))


def _exiger_osm(fichier: Path, debut: bytes) -> None:
    if not re.search(rb"<osm[\s>]", debut):
        raise refus(fichier, "ce n'est pas un extrait OpenStreetMap.")


def refus(fichier: Path, phrase: str) -> DonneeRefusee:
    """What is wrong with a file, by its name."""
    return DonneeRefusee(fichier.name, phrase)
