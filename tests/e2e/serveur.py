"""The real server, started as a newcomer starts it, on a free port and in its own directory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

RACINE = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
_COMMANDE = "from web.commandes import mobilite; mobilite()"


@dataclass(frozen=True, slots=True)
class Serveur:
    """A server that answers at ``adresse`` (``http://127.0.0.1:port``) and writes into ``journal``."""

    adresse: str
    journal: Path

    def pannes(self) -> list[str]:
        """The lines of its log that tell a bug."""
        lignes = self.journal.read_text(errors="replace").splitlines()
        return [ligne for ligne in lignes if '"panne"' in ligne or "Traceback" in ligne]


@contextmanager
def servir(dossier: Path) -> Iterator[Serveur]:
    """``mobilite servir --demonstration``, its database in ``dossier``; stopped at the end."""
    port = _port_libre()
    environnement = {
        nom: valeur
        for nom, valeur in os.environ.items()
        if not nom.startswith("MOBILITE_") and nom != "DATABASE_URL"
    }
    environnement |= {"MOBILITE_INSTANCE": str(dossier), "PYTHONPATH": str(RACINE)}
    journal = dossier / "serveur.log"
    with journal.open("wb") as sortie:
        serveur = subprocess.Popen(
            [sys.executable, "-c", _COMMANDE, "servir", "--demonstration", "--port", str(port)],
            cwd=RACINE,
            env=environnement,
            stdout=sortie,
            stderr=subprocess.STDOUT,
        )
        try:
            adresse = f"http://127.0.0.1:{port}"
            _attendre(serveur, adresse, journal)
            yield Serveur(adresse, journal)
        finally:
            serveur.terminate()
            try:
                serveur.wait(timeout=10)
            except subprocess.TimeoutExpired:
                serveur.kill()
                serveur.wait()


def _port_libre() -> int:
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port: int = prise.getsockname()[1]
        return port


def _attendre(serveur: subprocess.Popen[bytes], adresse: str, journal: Path) -> None:
    limite = time.monotonic() + PATIENCE_S
    while time.monotonic() < limite and serveur.poll() is None:
        try:
            with urlopen(f"{adresse}/sante", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The server does not answer at {adresse}:\n{journal.read_text(errors='replace')}")
