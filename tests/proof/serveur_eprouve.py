"""The real application behind gunicorn, in several processes, on one database: what proofs send forms to.

``servir`` starts it from a proof; as a program it is the server itself.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from sqlalchemy import URL, make_url

from web.app import create_app
from web.config import Config, Mode

CLE = "une-cle-d-epreuve-0123456789-abcdefghijklmnop"
"""What sessions are signed with, on both sides: the proof signs those of the people it invents."""

RACINE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Serveur:
    """A server that answers on ``port``, and the number of its first process."""

    port: int
    numero: int

    def tuer(self) -> None:
        """kill -9 of the first process and of all its workers, at the same instant."""
        with suppress(ProcessLookupError):
            os.killpg(self.numero, signal.SIGKILL)

    def memoire_mo(self) -> dict[int, float]:
        """Megabytes in memory, by number of worker process."""
        tailles = {}
        for dossier in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                champs = dict(
                    ligne.split(":", 1)
                    for ligne in (dossier / "status").read_text().splitlines()
                    if ":" in ligne
                )
                if int(champs["PPid"]) == self.numero:
                    tailles[int(dossier.name)] = int(champs["VmRSS"].split()[0]) / 1024
        return tailles


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """Each process builds its own application: no connection crosses a fork."""

    def __init__(self, base: URL, reglages: Mapping[str, object]) -> None:
        self._base, self._reglages = base, reglages
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        for cle, valeur in self._reglages.items():
            self.cfg.set(cle, valeur)

    def load(self) -> Any:
        """The application of this process."""
        return create_app(config_eprouvee(self._base))


def config_eprouvee(base: URL) -> Config:
    """A demonstration on this database, whose key the proof knows."""
    return Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=base)


@contextmanager
def servir(
    base: URL, *, processus: int, fils: int, journal: Path, environnement: Mapping[str, str] | None = None
) -> Iterator[Serveur]:
    """The server on a free port, ready in each of its processes; its log in ``journal``; killed at the end."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port: int = prise.getsockname()[1]
    ordre = [
        *(sys.executable, "-m", "tests.proof.serveur_eprouve", base.render_as_string(hide_password=False)),
        *("--port", str(port), "--processus", str(processus), "--fils", str(fils)),
    ]
    with journal.open("ab") as sortie:
        lance = subprocess.Popen(
            ordre,
            cwd=RACINE,
            env=dict(os.environ) | dict(environnement or {}),
            stdout=sortie,  # never ours: who is killed would leave it open for whoever reads it
            stderr=sortie,
            start_new_session=True,
        )
    serveur = Serveur(port, lance.pid)
    try:
        _attendre(lance, serveur, processus)
        yield serveur
    finally:
        serveur.tuer()
        lance.wait()


def _attendre(lance: subprocess.Popen[bytes], serveur: Serveur, processus: int) -> None:
    limite = time.monotonic() + 60
    while time.monotonic() < limite and lance.poll() is None:
        if len(serveur.memoire_mo()) == processus and _repond(serveur.port):
            return
        time.sleep(0.05)
    raise RuntimeError("the server of the proof does not answer")


def _repond(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connexion:
        try:
            connexion.request("GET", "/sante")
            with connexion.getresponse() as reponse:
                return reponse.status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def main() -> None:
    """Serve until killed."""
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("base", type=make_url)
    lecteur.add_argument("--port", type=int, required=True)
    lecteur.add_argument("--processus", type=int, required=True)
    lecteur.add_argument("--fils", type=int, required=True)
    choix = lecteur.parse_args()
    reglages = {
        "bind": f"127.0.0.1:{choix.port}",
        "workers": choix.processus,
        "worker_class": "gthread",
        "threads": choix.fils,
        "timeout": 120,
        "accesslog": None,
        "loglevel": "warning",
    }
    _Gunicorn(choix.base, reglages).run()


if __name__ == "__main__":
    main()
