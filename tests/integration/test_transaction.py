"""How transactions begin, end and are tried again, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from flask import Blueprint
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from tests.conftest import CLE, Construire, compte_de
from web.acces import ouvrir
from web.app import Application
from web.comptes import Compte
from web.config import Config, Mode
from web.transaction import bd, consultation, est_un_verrou, lecture, reessayer, transaction


@pytest.fixture
def app(moteur: Engine, construire: Construire) -> Application:
    """The application on each database, with views that write where they may and where they may not."""
    vues = Blueprint("vues", __name__, url_prefix="/vues")

    @vues.route("/ecrire", methods=["GET", "POST"])
    def ecrire() -> str:
        with transaction() as session:
            compte_de(session, RoleActeur.CONSEILLER)
        return "écrit"

    @vues.get("/ecrire-en-sql")
    def ecrire_en_sql() -> str:
        with transaction() as session:
            session.execute(text("DELETE FROM compte"))
        return "écrit"

    @vues.get("/consulter")
    def consulter() -> str:
        with lecture() as session:
            session.scalar(select(func.count(Compte.id)))
        with consultation() as session:
            compte_de(session, RoleActeur.DEPARTEMENT)
        return "consulté"

    @vues.post("/compter-puis-ecrire")
    def compter_puis_ecrire() -> str:
        with transaction() as session:
            session.scalar(select(func.count(Compte.id)))
            time.sleep(0.02)  # leaves the others the time to get in between, if they can
            compte_de(session, RoleActeur.CONSEILLER)
        return "écrit"

    @vues.post("/tomber")
    def tomber() -> str:
        with contextlib.suppress(ZeroDivisionError), transaction() as session:
            compte_de(session, RoleActeur.CONSEILLER)
            raise ZeroDivisionError
        with transaction():
            return "rien"

    ouvrir(vues, "ecrire", "ecrire_en_sql", "consulter", "compter_puis_ecrire", "tomber")
    app = construire(Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=moteur.url), vues)
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


def nombre_de_comptes(moteur: Engine) -> int:
    with Session(moteur) as session:
        return session.scalars(select(func.count(Compte.id))).one()


@pytest.mark.parametrize("page", ["/vues/ecrire", "/vues/ecrire-en-sql"])
def test_the_database_itself_refuses_what_a_get_writes(app: Application, moteur: Engine, page: str) -> None:
    assert app.test_client().get(page).status_code == 500
    assert app.test_client().post("/vues/ecrire").status_code == 200
    assert nombre_de_comptes(moteur) == 1


def test_a_get_may_log_that_somebody_read(app: Application, moteur: Engine) -> None:
    assert app.test_client().get("/vues/consulter").text == "consulté"
    assert nombre_de_comptes(moteur) == 1


def test_a_transaction_that_fails_leaves_nothing_even_to_the_next_one(
    app: Application, moteur: Engine
) -> None:
    assert app.test_client().post("/vues/tomber").text == "rien"
    assert nombre_de_comptes(moteur) == 0


def test_many_who_read_then_write_at_once_all_succeed(app: Application, moteur: Engine) -> None:
    depart = threading.Barrier(8)

    def envoyer(_: int) -> int:
        depart.wait()
        return app.test_client().post("/vues/compter-puis-ecrire").status_code

    with ThreadPoolExecutor(8) as fils:
        assert list(fils.map(envoyer, range(8))) == [200] * 8
    assert nombre_de_comptes(moteur) == 8


def test_reading_takes_no_write_lock_even_within_a_post(app: Application, moteur: Engine) -> None:
    with Session(moteur) as autre:
        compte_de(autre, RoleActeur.CONSEILLER)
        with app.test_request_context(method="POST"), lecture() as session:
            assert session.scalars(select(func.count(Compte.id))).one() == 0


def un_verrou_refuse(moteur: Engine) -> DBAPIError:
    """The error of a lock that somebody else holds, given by the database itself."""
    if moteur.dialect.name == "sqlite":
        tenir, sans_attendre, prendre = "SELECT 1", "PRAGMA busy_timeout=1", "PRAGMA user_version=1"
    else:
        tenir, sans_attendre = "LOCK TABLE compte IN ACCESS EXCLUSIVE MODE", "SET lock_timeout = '1ms'"
        prendre = "SELECT * FROM compte"
    with (
        moteur.connect() as premier,
        moteur.connect().execution_options(lecture_seule=True) as second,
    ):
        premier.exec_driver_sql(tenir)
        second.exec_driver_sql(sans_attendre)
        if moteur.dialect.name == "sqlite":
            second.exec_driver_sql("PRAGMA query_only=OFF")
        with pytest.raises(OperationalError) as refus:
            second.exec_driver_sql(prendre)
    return refus.value


def test_a_refused_lock_is_tried_again_and_anything_else_is_not(app: Application, moteur: Engine) -> None:
    verrou = un_verrou_refuse(moteur)
    assert est_un_verrou(verrou)
    for reussit_au in (2, 3):
        essais = count(1)

        @reessayer
        def agir(essais: Iterator[int] = essais, reussit_au: int = reussit_au) -> int:
            if (essai := next(essais)) < reussit_au:
                raise verrou
            return essai

        with app.app_context():
            assert agir() == reussit_au

    appels = count(1)

    @reessayer
    def echouer() -> None:
        next(appels)
        raise verrou

    with app.app_context(), pytest.raises(OperationalError):
        echouer()
    assert next(appels) == 4

    @reessayer
    def se_tromper() -> None:
        next(appels)
        with bd.engine.connect() as connexion:
            connexion.execute(text("SELECT * FROM n_existe_pas"))

    with app.app_context(), pytest.raises(DBAPIError):
        se_tromper()
    assert next(appels) == 6
