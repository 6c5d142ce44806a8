"""``mobilite servir``: start the platform on this machine."""

from __future__ import annotations

import os
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from mobilite.erreurs import DonneeRefusee
from web.commandes.base import session_qui_ecrit
from web.commandes.demonstration import charger_la_demonstration
from web.config import Mode, lire_config


class _Serveur(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """Gunicorn with our application: one process, some threads, no configuration file."""

    def __init__(self, application: Any, adresse: str, fils: int) -> None:
        self._application = application
        self._reglages = {"bind": adresse, "workers": 1, "worker_class": "gthread", "threads": fils}
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        for cle, valeur in self._reglages.items():
            self.cfg.set(cle, valeur)
        self.cfg.set("accesslog", None)  # our own log holds no path, no query, no name
        self.cfg.set("loglevel", "warning")

    def load(self) -> Any:
        """The application itself."""
        return self._application


@click.command(help="Démarre la plateforme. --demonstration : données et comptes fictifs.")
@click.option(
    "--demonstration", is_flag=True, help="Crée la base, charge les données fictives, montre les comptes."
)
@click.option("--hote", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--fils", default=8, show_default=True, type=click.IntRange(1, 64), help="Requêtes en même temps."
)
def servir(demonstration: bool, hote: str, port: int, fils: int) -> None:
    """Serve until interrupted."""
    from web.app import create_app  # noqa: PLC0415  the other commands do without the whole web

    if demonstration:
        os.environ.setdefault("MOBILITE_MODE", Mode.DEMONSTRATION.value)
    config = lire_config()
    if demonstration and not config.demonstration:
        raise DonneeRefusee("--demonstration", "MOBILITE_MODE dit « production » : choisir l'un ou l'autre.")
    if demonstration:
        charger_la_demonstration()
    else:
        with session_qui_ecrit():
            pass  # the database is made, or brought up to date, before anybody comes in
    application = create_app(config)
    suffixe = " (démonstration : données fictives)" if demonstration else ""
    click.echo(f"Plateforme prête : http://{hote}:{port}{suffixe}")
    _Serveur(application, f"{hote}:{port}", fils).run()
