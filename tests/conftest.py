"""What tests share on the web side: the application on a migrated database, and somebody signed in.

The databases come from ``tests/integration/conftest.py``. Never hold an application context open
around a request of a test client: both would share one session, begun for the wrong method.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from web.app import BLUEPRINTS, Application, create_app
from web.comptes import Compte, creer_compte
from web.config import Config, Mode
from web.debits import debits
from web.transaction import bd, transaction

# No test is timed, and a failure on another machine can be run again here.
settings.register_profile("maison", deadline=None, print_blob=True)
settings.load_profile("maison")

Construire = Callable[..., Application]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser comes last: once started it leaves an event loop in this thread, which Flask's engines refuse."""
    items.sort(key=lambda item: "e2e" in item.path.parts)


Entrer = Callable[[RoleActeur], FlaskClient]
Peupler = Callable[[Callable[[Session], object]], Path]

CLE = "une-cle-d-essai-0123456789-abcdefghijklmnop"


@pytest.fixture
def config(moteur_sqlite: Engine) -> Config:
    """A demonstration on SQLite."""
    return Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=moteur_sqlite.url)


@pytest.fixture
def construire() -> Iterator[Construire]:
    """``construire(config, blueprints…)`` builds an application whose connections are closed at the end."""
    construites: list[Application] = []

    def batir(config: Config, *blueprints: Blueprint) -> Application:
        app = create_app(config, (*BLUEPRINTS, *blueprints))
        construites.append(app)
        return app

    yield batir
    for app in construites:
        with app.app_context():
            bd.engine.dispose()


@pytest.fixture
def app(config: Config, construire: Construire) -> Application:
    """The whole application, its database empty. Failed sign-ins are counted from zero."""
    app = construire(config)
    debits.reset()
    return app


@pytest.fixture
def client(app: Application) -> FlaskClient:
    """Somebody who has not signed in. Form tokens are asked for, as for everybody."""
    return app.test_client()


@pytest.fixture
def entrer(app: Application) -> Entrer:
    """``entrer(role)`` gives the client of a new account of that role, signed in."""

    def ouvrir(role: RoleActeur) -> FlaskClient:
        with app.app_context(), transaction() as session:
            jeton = compte_de(session, role).jeton_session
        return client_de(app, jeton)

    return ouvrir


def compte_de(session: Session, role: RoleActeur, *, structure_id: int = 1, personne_id: int = 1) -> Compte:
    """An account of a role, without a password: it can only be entered by ``client_de``."""
    return creer_compte(
        session,
        identifiant=f"{uuid4().hex}@exemple.invalid",
        libelle=f"Compte {role.value}",
        role=role,
        structure_id=structure_id if role is RoleActeur.PARTENAIRE else None,
        personne_id=personne_id if role is RoleActeur.PERSONNE else None,
    )


def client_de(app: Application, jeton_session: str) -> FlaskClient:
    """A client whose session is that of the account with this ``jeton_session``."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = jeton_session
        session["ouverte"] = int(time.time())
    return client


def valeur_de(page: str, nom: str = "csrf_token") -> str:
    """What a page that was just opened holds in a hidden field: its form token unless told otherwise."""
    trouvee = re.search(rf'name="{nom}" value="([^"]+)"', page)
    assert trouvee is not None, nom
    return trouvee[1]


def sans_jeton(page: str) -> str:
    """A page without its form tokens, which are dated: two readings of the same thing are then equal."""
    return re.sub(r'(name="csrf_token" value=)"[^"]*"', r"\1", page)
