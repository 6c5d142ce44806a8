"""One process of the proof of tasks: the real clock process on a task that leaves a trace in the database.

Started by ``epreuve_taches``; killed and frozen by it. Time goes faster: ``vitesse`` virtual seconds a
real one, counted from the same real instant in every process.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import datetime, timedelta

from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from web.base_de_donnees import creer_moteur
from web.creneaux import Cadence, ChaqueJour, ToutesLes
from web.ordonnanceur import lancer
from web.passages import Passage, Tache, creneaux_dus

TRACES = "CREATE TABLE trace (tache VARCHAR, prevu_le VARCHAR, processus INTEGER)"
CADENCES: dict[str, Cadence] = {
    "minutes": ToutesLes(timedelta(minutes=5)),
    "nuit": ChaqueJour(3, 5),
    "soir": ChaqueJour(23, 40),
}


class Trace:
    """The work of a task: one row for each slot it was asked to do, in its transaction."""

    def __init__(self, tache: str) -> None:
        self.tache = tache

    def __call__(self, session: Session, passage: Passage) -> int:
        for creneau in passage.creneaux:
            session.execute(
                text("INSERT INTO trace VALUES (:tache, :prevu_le, :processus)"),
                {"tache": self.tache, "prevu_le": creneau.isoformat(), "processus": os.getpid()},
            )
        return len(passage.creneaux)


def taches() -> tuple[Tache, ...]:
    """What the proof runs: every five minutes, and twice a day on each side of the hour that changes."""
    return tuple(Tache(nom, cadence, "Preuve.", Trace(nom)) for nom, cadence in CADENCES.items())


class SansRegistre:
    """The control: looks whether the slot is done, then does it, as one would without a ledger."""

    def __init__(self, moteur: Engine, tache: Tache) -> None:
        self.moteur, self.tache, self.faits = moteur, tache, set[datetime]()

    def __call__(self, instant: datetime) -> None:
        dus = [c for c in creneaux_dus(self.moteur, self.tache, instant) if c not in self.faits]
        self.faits |= set(dus)
        if dus:
            with Session(self.moteur) as session, session.begin():
                self.tache.faire(session, Passage(instant, tuple(dus)))


def main() -> int:
    """Keep time until killed."""
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("base")
    lecteur.add_argument("--depuis", type=datetime.fromisoformat, required=True)
    lecteur.add_argument("--jusqu-a", type=datetime.fromisoformat, required=True)
    lecteur.add_argument("--zero", type=float, required=True)
    lecteur.add_argument("--vitesse", type=float, required=True)
    lecteur.add_argument("--sans-registre", action="store_true")
    choix = lecteur.parse_args()
    moteur = creer_moteur(make_url(choix.base))

    def horloge() -> datetime:
        ecoule = timedelta(seconds=(time.time() - choix.zero) * choix.vitesse)
        instant: datetime = min(choix.depuis + ecoule, choix.jusqu_a)
        return instant

    if choix.sans_registre:
        temoins = [SansRegistre(moteur, tache) for tache in taches()]
        while True:
            for temoin in temoins:
                temoin(horloge())
            time.sleep(0.05)
    lancer(
        moteur,
        taches(),
        dire=lambda phrase: None,
        horloge=horloge,
        battement_max=timedelta(seconds=0.1),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
