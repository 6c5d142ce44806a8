"""Production refuses to start unsafely and names every key at once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.conftest import Construire
from web.app import Application
from web.comptes import creer_comptes_demonstration
from web.config import Config, ConfigurationDangereuse, Mode, lire_config
from web.transaction import transaction

BONNE_CLE = "f3a9c1d07b5e4826a1c0d9e8f7b6a5948372615049382716"
SURE = {"SECRET_KEY": BONNE_CLE, "TRUSTED_HOSTS": "mobilite.meuse.example"}


def test_production_is_what_runs_when_nobody_chose(tmp_path: Path) -> None:
    assert lire_config(SURE, instance=tmp_path).mode is Mode.PRODUCTION


@pytest.mark.parametrize(
    ("change", "cle"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "courte"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": "Default-secret-key-of-some-project-0123456789"}, "SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "courte"}, "SECRET_KEY_FALLBACKS"),
        ({"TRUSTED_HOSTS": ""}, "TRUSTED_HOSTS"),
        ({"TRUSTED_HOSTS": "*"}, "TRUSTED_HOSTS"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://localhost/base"}, "DATABASE_URL"),
        ({"DATABASE_URL": "pas une adresse"}, "DATABASE_URL"),
        ({"PROXY_COUNT": "-1"}, "PROXY_COUNT"),
        ({"MOBILITE_MODE": "developpement"}, "MOBILITE_MODE"),
    ],
)
def test_one_unsafe_key_stops_production_and_is_named(
    tmp_path: Path, change: dict[str, str], cle: str
) -> None:
    with pytest.raises(ConfigurationDangereuse) as refus:
        lire_config(SURE | change, instance=tmp_path)
    assert [probleme.split(" :")[0] for probleme in refus.value.problemes] == [cle]


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationDangereuse) as refus:
        lire_config({}, instance=tmp_path)
    assert len(refus.value.problemes) == 2


def test_demonstration_accounts_stop_production(
    app: Application, config: Config, construire: Construire
) -> None:
    with app.app_context(), transaction() as session:
        creer_comptes_demonstration(session, personne_id=1, structure_id=1)
    production = Config(Mode.PRODUCTION, BONNE_CLE, config.base, hotes=("localhost",))
    with pytest.raises(ConfigurationDangereuse, match="comptes de démonstration"):
        construire(production)


def test_the_demonstration_draws_its_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    premiere = lire_config({"MOBILITE_MODE": "demonstration"}, instance=instance)
    assert premiere == lire_config({"MOBILITE_MODE": "demonstration"}, instance=instance)
    assert len(premiere.cle_secrete) == 64
    assert stat.S_IMODE((instance / "cle_secrete").stat().st_mode) == 0o600


def test_postgresql_is_always_spoken_to_through_the_same_driver(tmp_path: Path) -> None:
    for adresse in ("postgres://u@h/b", "postgresql://u@h/b", "postgresql+psycopg2://u@h/b"):
        config = lire_config(SURE | {"DATABASE_URL": adresse}, instance=tmp_path)
        assert config.base.drivername == "postgresql+psycopg"
