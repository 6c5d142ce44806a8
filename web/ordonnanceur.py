"""The process that keeps time: APScheduler looks at each task, the ledger says whose turn it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from mobilite.base import maintenant
from web.passages import Tache, passer

REPOS_APRES_UNE_PANNE = timedelta(minutes=5)

Dire = Callable[[str], None]


def lancer(
    moteur: Engine,
    taches: Sequence[Tache],
    *,
    dire: Dire,
    envoyer: Callable[[], int] | None = None,
    horloge: Callable[[], datetime] = maintenant,
    battement_max: timedelta = timedelta(minutes=1),
) -> None:
    """Look at every task at its own beat, and send what is due twice a minute, until interrupted.

    Each has its own thread: a long one delays nobody. Several processes may run this at once.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor  # noqa: PLC0415  no other command needs it
    from apscheduler.schedulers.blocking import BlockingScheduler  # noqa: PLC0415

    # It would say each time that a long task is still running: that is foreseen.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    ordonnanceur = BlockingScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(taches) + 1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for tache in taches:
        ordonnanceur.add_job(
            _Guichetier(moteur, tache, dire, horloge),
            "interval",
            seconds=min(tache.cadence.battement, battement_max).total_seconds(),
            id=tache.id,
            next_run_time=maintenant(),
        )
    if envoyer is not None:
        ordonnanceur.add_job(
            partial(_envoyer, envoyer, dire),
            "interval",
            seconds=30,
            id="envoyer-les-messages",
            next_run_time=maintenant(),
        )
    ordonnanceur.start()


class _Guichetier:
    """Looks whether one task is due. After a failure, it lets the others try before it tries again."""

    def __init__(self, moteur: Engine, tache: Tache, dire: Dire, horloge: Callable[[], datetime]) -> None:
        self._moteur, self._tache, self._dire, self._horloge = moteur, tache, dire, horloge
        self._pas_avant: datetime | None = None

    def __call__(self) -> None:
        instant = self._horloge()
        if self._pas_avant is not None and instant < self._pas_avant:
            return
        try:
            changements = passer(self._moteur, self._tache, instant)
        except Exception as panne:
            # Never the message of an error: it often quotes a row.
            self._pas_avant = instant + REPOS_APRES_UNE_PANNE
            self._dire(f"{self._tache.id} : panne, {type(panne).__name__}. Nouvel essai dans 5 minutes.")
            return
        self._pas_avant = None
        if changements is not None:
            self._dire(f"{self._tache.id} : {changements}")


def _envoyer(envoyer: Callable[[], int], dire: Dire) -> None:
    try:
        partis = envoyer()
    except Exception as panne:
        dire(f"envoyer-les-messages : panne, {type(panne).__name__}.")
        return
    if partis:
        dire(f"envoyer-les-messages : {partis}")
