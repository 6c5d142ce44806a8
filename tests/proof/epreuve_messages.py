"""Several sending processes on one outbox, killed: nothing lost, at most one repeat for each kill.

The short form runs with the tests, the long one with ``make proof`` (``preuve_taches``). The service
counts what it really received: the database is not believed.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from mobilite.notification import EtatMessage, GenreMessage, Message
from mobilite.personnes import Joindre
from tests.fabriques import une_personne, une_structure
from web.messages.boite import Brouillon, ecrire

MATIN = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
LENTEUR_S = 0.02
"""How long the service takes to answer: a kill falls in between."""


@dataclass(frozen=True, slots=True)
class Bilan:
    """What the service received of ``messages``, and what the outbox says of them."""

    messages: int
    morts: int
    jamais_recus: int
    repetitions: int
    envoyes: int


def eprouver(
    moteur: Engine,
    *,
    messages: int,
    morts: int,
    processus: int = 3,
    apprise: bool = False,
    graine: int = 55,
) -> Bilan:
    """Run it on an up-to-date database of its own."""
    with Session(moteur) as session, session.begin():
        _remplir(session, messages)
    hasard = random.Random(graine)
    with _service() as (adresse, recus), _expediteurs(moteur, adresse, processus, apprise) as flotte:
        tues, fin = 0, time.time() + 240
        while tues < morts and time.time() < fin:
            flotte.verifier()
            # Each kill waits for its share of the messages, so that it falls in the middle of the work.
            if sum(recus.values()) >= messages * (tues + 0.5) / (morts + 1):
                flotte.tuer(hasard.randrange(processus))
                tues += 1
            time.sleep(0.002)
        while _partis(moteur) < messages and time.time() < fin:
            flotte.verifier()
            time.sleep(0.2)
        time.sleep(2.0)  # a second one would come late
    return Bilan(
        messages=messages,
        morts=tues,
        jamais_recus=messages - len(recus),
        repetitions=sum(fois - 1 for fois in recus.values()),
        envoyes=_partis(moteur),
    )


def _remplir(session: Session, messages: int) -> None:
    """As many real people as messages, each told one thing."""
    structure = une_structure(demonstration=False)
    personnes = [
        une_personne(
            demonstration=False,
            telephone=f"+336{rang:08}",
            joindre=Joindre.TELEPHONE,
            message_possible=True,
        )
        for rang in range(messages)
    ]
    session.add_all([structure, *personnes])
    session.flush()
    for rang, personne in enumerate(personnes):
        ecrire(
            session,
            Brouillon(
                GenreMessage.PLACE_CONFIRMEE, f"preuve:{rang}", structure, "C'est oui.", personne=personne
            ),
            MATIN - timedelta(minutes=1),
        )


def _partis(moteur: Engine) -> int:
    with Session(moteur) as session:
        session.connection(execution_options={"lecture_seule": True})
        envoyes = select(func.count()).where(Message.etat == EtatMessage.ENVOYE)
        return session.scalars(envoyes).one()


@contextmanager
def _service() -> Iterator[tuple[str, Counter[str]]]:
    """A service that counts what it receives, by number: its host and port, and the counts."""
    recus: Counter[str] = Counter()
    verrou = threading.Lock()

    class Guichet(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name the library calls
            self.rfile.read(int(self.headers["Content-Length"]))
            with verrou:
                recus[self.path] += 1
            time.sleep(LENTEUR_S)
            try:
                self.send_response(200)
                self.end_headers()
            except BrokenPipeError:
                return  # whoever sent it was killed meanwhile

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Guichet)
    fil = threading.Thread(target=serveur.serve_forever)
    fil.start()
    try:
        yield f"127.0.0.1:{serveur.server_port}", recus
    finally:
        serveur.shutdown()
        fil.join()
        serveur.server_close()


class _Flotte:
    """The sending processes, by rank."""

    def __init__(self, ordre: list[str], nombre: int) -> None:
        self._ordre = ordre
        self._processus = [subprocess.Popen(ordre) for _ in range(nombre)]

    def tuer(self, rang: int) -> None:
        """kill -9, and another takes its place."""
        self._processus[rang].kill()
        self._processus[rang].wait()
        self._processus[rang] = subprocess.Popen(self._ordre)

    def verifier(self) -> None:
        """A process that stops by itself is a fault of the proof."""
        arretes = [processus.returncode for processus in self._processus if processus.poll() is not None]
        if arretes:
            raise RuntimeError(f"a sending process stopped by itself: {arretes}")

    def finir(self) -> None:
        """The end of all of them."""
        for processus in self._processus:
            processus.kill()
        for processus in self._processus:
            processus.wait()


@contextmanager
def _expediteurs(moteur: Engine, adresse: str, nombre: int, apprise: bool) -> Iterator[_Flotte]:
    ordre = [
        *(sys.executable, "-m", "tests.proof.expediteur_eprouve"),
        moteur.url.render_as_string(hide_password=False),
        *("--service", adresse, "--depuis", MATIN.isoformat(), "--zero", str(time.time())),
        *(["--apprise"] if apprise else []),
    ]
    flotte = _Flotte(ordre, nombre)
    try:
        yield flotte
    finally:
        flotte.finir()
