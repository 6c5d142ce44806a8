"""A power cut, pretended: ``coupure.c`` keeps what was synchronised, and this puts together what remains.

The C file is compiled when asked, in a folder of the proof. What was never synchronised is lost at
worst; a disk may also have written part of it by itself: ``restes`` then keeps a sector in two, drawn
at random, of what differs.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("coupure.c")
SECTEUR = 512
_SYNCHRONISER = """
import os, sys
for nom in sys.stdin.read().splitlines():
    fichier = os.open(nom, os.O_RDONLY)
    os.fsync(fichier)
    os.close(fichier)
"""


@dataclass(frozen=True, slots=True)
class Disque:
    """A folder whose files are watched: ``vivant`` is what programs see, ``durable`` what is safe."""

    vivant: Path
    durable: Path
    cale: Path

    @classmethod
    def neuf(cls, dossier: Path) -> Disque:
        """A disk below ``dossier``. Raises ``CalledProcessError`` without a C compiler."""
        disque = cls(dossier / "vivant", dossier / "durable", dossier / "coupure.so")
        disque.vivant.mkdir()
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-o", str(disque.cale), str(SOURCE)],
            check=True,
            capture_output=True,
        )
        disque.oublier()
        return disque

    def oublier(self) -> None:
        """Nothing is safe yet."""
        shutil.rmtree(self.durable, ignore_errors=True)
        for dossier in (self.durable, self.durable / "contenu", self.durable / "noms"):
            dossier.mkdir()
            dossier.chmod(0o777)  # PostgreSQL runs as somebody else

    def garder(self) -> None:
        """All that is there is safe: each file synchronised, then each folder."""
        tout = [*(str(f) for f in self.vivant.rglob("*") if f.is_file()), *_dossiers(self.vivant)]
        subprocess.run(
            [sys.executable, "-c", _SYNCHRONISER],
            input="\n".join(tout),
            text=True,
            check=True,
            env=dict(os.environ) | self.environnement,
            user=_proprietaire(self.vivant),
        )

    @property
    def environnement(self) -> dict[str, str]:
        """What a program watched is started with."""
        return {
            "LD_PRELOAD": str(self.cale),
            "COUPURE_VIVANT": str(self.vivant),
            "COUPURE_DURABLE": str(self.durable),
        }

    def couper(self, hasard: random.Random | None = None) -> None:
        """Once every program is dead: put in ``vivant`` what remains, and say it is safe.

        With ``hasard``, part of what was not synchronised was written all the same.
        """
        noms = self._noms()
        restes = {chemin: self._reste(chemin, qui, hasard) for chemin, qui in noms.items()}
        for chemin in sorted(self.vivant.rglob("*")):
            if chemin.is_file() or chemin.is_symlink():
                chemin.unlink()
        self.oublier()
        for chemin, contenu in restes.items():
            chemin.parent.mkdir(parents=True, exist_ok=True)
            chemin.write_bytes(contenu)
            dit = chemin.parent.stat()
            os.chown(chemin, dit.st_uid, dit.st_gid)

    def _noms(self) -> dict[Path, str]:
        """The files whose name is safe, and who they are."""
        noms = {}
        for dossier in sorted((self.durable / "noms").iterdir()):
            ou = self.vivant.joinpath(*dossier.name.split("!")[1:])
            for fiche in dossier.iterdir():
                noms[ou / fiche.name] = fiche.read_text()
        return noms

    def _reste(self, chemin: Path, qui: str, hasard: random.Random | None) -> bytes:
        contenu = self.durable / "contenu" / qui
        sur = contenu.read_bytes() if contenu.exists() else b""
        if hasard is None or not chemin.exists():
            return sur
        vu = chemin.read_bytes()
        reste = bytearray(sur.ljust(len(vu), b"\0"))
        for place in range(0, len(vu), SECTEUR):
            if vu[place : place + SECTEUR] != reste[place : place + SECTEUR] and hasard.random() < 0.5:
                reste[place : place + SECTEUR] = vu[place : place + SECTEUR]
        # The length is one thing more that may or may not have been written.
        return bytes(reste[: hasard.choice((len(sur), len(vu)))] if len(vu) > len(sur) else reste[: len(sur)])


def _dossiers(racine: Path) -> list[str]:
    return [str(racine), *(str(d) for d in racine.rglob("*") if d.is_dir())]


def _proprietaire(dossier: Path) -> int | None:
    """Who the folder belongs to, when it is somebody else: PostgreSQL refuses to run as root."""
    proprietaire = dossier.stat().st_uid
    return None if proprietaire == os.getuid() else proprietaire
