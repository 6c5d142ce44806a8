"""Arrays frozen in one file, as they are in memory: opening it maps it and reads nothing yet."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MARQUE = b"MOBILITE"
_PAS = 64


def ecrire_tableaux(chemin: Path, entete: Mapping[str, Any], tableaux: Mapping[str, NDArray[Any]]) -> None:
    """Write a JSON header and arrays, each at a multiple of 64 bytes, and wait until it is on disk."""
    places: dict[str, tuple[str, list[int], int]] = {}
    ici = 0
    for nom, tableau in tableaux.items():
        places[nom] = (tableau.dtype.str, list(tableau.shape), ici)
        ici += -(-tableau.nbytes // _PAS) * _PAS
    texte = json.dumps({"entete": entete, "places": places}, ensure_ascii=False).encode()
    texte += b" " * (-(len(texte) + 16) % _PAS)
    with chemin.open("xb") as sortie:
        sortie.write(_MARQUE + len(texte).to_bytes(8, "little") + texte)
        for tableau in tableaux.values():
            sortie.write(np.ascontiguousarray(tableau).data)
            sortie.write(b"\0" * (-tableau.nbytes % _PAS))
        sortie.flush()
        os.fsync(sortie.fileno())


def lire_tableaux(chemin: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header and the arrays, mapped from the file and read-only.

    Raises ``ValueError`` when the file is not one of ours or is cut short, ``OSError`` when it cannot
    be opened.
    """
    octets = np.memmap(chemin, np.uint8, "r").view(np.ndarray)
    longueur = int.from_bytes(octets[8:16].tobytes(), "little")
    if octets[:8].tobytes() != _MARQUE or 16 + longueur > octets.size:
        raise ValueError(f"{chemin.name}: not a file of arrays")
    document = json.loads(octets[16 : 16 + longueur].tobytes())
    debut = 16 + longueur
    tableaux = {}
    for nom, (genre, forme, ici) in document["places"].items():
        dtype = np.dtype(genre)
        taille = dtype.itemsize * int(np.prod(forme))
        if debut + ici + taille > octets.size:
            raise ValueError(f"{chemin.name}: cut short")
        tableaux[nom] = octets[debut + ici : debut + ici + taille].view(dtype).reshape(forme)
    return document["entete"], tableaux
