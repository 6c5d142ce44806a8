"""Several clock processes on one database, killed and frozen: each slot done once, whatever happens.

The short form runs with the tests, the long one with ``make proof`` (``preuve_taches``).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from tests.proof.ordonnanceur_eprouve import TRACES

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Epreuve:
    """What is put through: from when to when, how fast, by how many, with what accidents."""

    depuis: datetime
    jusqu_a: datetime
    vitesse: float
    processus: int = 4
    morts: int = 0
    gels: int = 0
    gel_s: float = 2.0
    sans_registre: bool = False
    graine: int = 55


@dataclass(frozen=True, slots=True)
class Bilan:
    """What was found: slots that should be, those done twice or more, those missed, those nobody asked for."""

    creneaux: int
    doubles: int
    manques: int
    en_trop: int
    morts: int
    gels: int


def eprouver(moteur: Engine, epreuve: Epreuve) -> Bilan:
    """Run it on an up-to-date database of its own."""
    with moteur.begin() as connexion:
        connexion.execute(text(TRACES))
        # The ledger begins one beat before: the first slots then are not « never run, only the last one ».
        for tache in ("minutes", "nuit", "soir"):
            connexion.execute(
                text(
                    "INSERT INTO passage_tache (tache, prevu_le, fait_le, changements) VALUES (:t, :p, :p, 0)"
                ),
                {"t": tache, "p": _ecrit(moteur, epreuve.depuis)},
            )
    hasard = random.Random(epreuve.graine)
    zero = time.time() + 3.0  # the time for every process to be there
    duree = (
        epreuve.jusqu_a.astimezone(UTC) - epreuve.depuis.astimezone(UTC)
    ).total_seconds() / epreuve.vitesse
    accidents = sorted(
        [(hasard.uniform(0.02, 0.9) * duree, "mort") for _ in range(epreuve.morts)]
        + [(hasard.uniform(0.02, 0.9) * duree, "gel") for _ in range(epreuve.gels)]
    )
    with _processus(moteur, epreuve, zero) as flotte:
        for quand, accident in accidents:
            time.sleep(max(0.0, zero + quand - time.time()))
            rang = hasard.randrange(epreuve.processus)
            if accident == "mort":
                flotte.tuer(rang)
            else:
                flotte.geler(rang, epreuve.gel_s)
        time.sleep(max(0.0, zero + duree - time.time()))
        attendus = creneaux_attendus(epreuve.depuis, epreuve.jusqu_a)
        fin = time.time() + 40
        flotte.verifier()
        while time.time() < fin and len(set(_traces(moteur))) < len(attendus):
            time.sleep(0.3)
        time.sleep(1.0)  # a second one would come late
    faits = Counter(_traces(moteur))
    return Bilan(
        creneaux=len(attendus),
        doubles=sum(fois > 1 for fois in faits.values()),
        manques=len(attendus - set(faits)),
        en_trop=len(set(faits) - attendus),
        morts=epreuve.morts,
        gels=epreuve.gels,
    )


def creneaux_attendus(depuis: datetime, jusqu_a: datetime) -> set[tuple[str, str]]:
    """The slots that should be, found by walking minute by minute with a clock on the wall."""
    attendus = set()
    minute = depuis.astimezone(UTC) + timedelta(minutes=1)
    while minute <= jusqu_a:
        mur = minute.astimezone(PARIS)
        if mur.hour != 2 and minute.minute % 5 == 0:
            attendus.add(("minutes", minute.isoformat()))
        if (mur.hour, mur.minute) == (3, 5):
            attendus.add(("nuit", minute.isoformat()))
        if (mur.hour, mur.minute) == (23, 40):
            attendus.add(("soir", minute.isoformat()))
        minute += timedelta(minutes=1)
    return attendus


class _Flotte:
    """The processes, one by rank."""

    def __init__(self, ordre: Sequence[str], nombre: int) -> None:
        self._ordre = ordre
        self.processus = [self._demarrer() for _ in range(nombre)]

    def _demarrer(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._ordre)

    def tuer(self, rang: int) -> None:
        """kill -9, and another takes its place at once."""
        self.processus[rang].kill()
        self.processus[rang].wait()
        self.processus[rang] = self._demarrer()

    def geler(self, rang: int, duree: float) -> None:
        """SIGSTOP for a while, then SIGCONT."""
        numero = self.processus[rang].pid
        os.kill(numero, signal.SIGSTOP)
        time.sleep(duree)
        os.kill(numero, signal.SIGCONT)

    def verifier(self) -> None:
        """A process that stops by itself is a fault of the proof."""
        arretes = [processus.returncode for processus in self.processus if processus.poll() is not None]
        if arretes:
            raise RuntimeError(f"a clock process stopped by itself: {arretes}")

    def finir(self) -> None:
        """The end of all of them."""
        for processus in self.processus:
            processus.kill()
        for processus in self.processus:
            processus.wait()


@contextmanager
def _processus(moteur: Engine, epreuve: Epreuve, zero: float) -> Iterator[_Flotte]:
    ordre = [
        *(sys.executable, "-m", "tests.proof.ordonnanceur_eprouve"),
        moteur.url.render_as_string(hide_password=False),
        *("--depuis", epreuve.depuis.isoformat(), "--jusqu-a", epreuve.jusqu_a.isoformat()),
        *("--zero", str(zero), "--vitesse", str(epreuve.vitesse)),
        *(["--sans-registre"] if epreuve.sans_registre else []),
    ]
    flotte = _Flotte(ordre, epreuve.processus)
    try:
        yield flotte
    finally:
        flotte.finir()


def _traces(moteur: Engine) -> list[tuple[str, str]]:
    with moteur.connect().execution_options(lecture_seule=True) as connexion:
        return [(tache, le) for tache, le in connexion.execute(text("SELECT tache, prevu_le FROM trace"))]


def _ecrit(moteur: Engine, instant: datetime) -> object:
    """An instant as the database holds it."""
    utc = instant.astimezone(UTC)
    return utc.strftime("%Y-%m-%d %H:%M:%S.%f") if moteur.dialect.name == "sqlite" else utc
