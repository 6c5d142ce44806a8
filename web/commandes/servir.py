"""``mobilite servir``: start the platform on this machine."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from mobilite.base import ce_jour, maintenant
from mobilite.erreurs import DonneeRefusee
from mobilite.parametres import parametres
from web.commandes.aide import Commande, Nombre
from web.commandes.base import moteur_a_jour, session_qui_ecrit
from web.commandes.demonstration import charger_la_demonstration
from web.config import Mode, lire_config
from web.passages import executer
from web.taches import MESSAGES


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


@click.command(cls=Commande, help="Démarre la plateforme. --demonstration : données et comptes fictifs.")
@click.option(
    "--demonstration", is_flag=True, help="Crée la base, charge les données fictives, montre les comptes."
)
@click.option(
    "--hote", default="127.0.0.1", metavar="ADRESSE", help="Où écouter : 127.0.0.1 (cette machine) sinon."
)
@click.option("--port", default=5000, type=Nombre(1, 65535), help="Le port, 5000 sinon.")
@click.option("--fils", default=8, type=Nombre(1, 64), help="Requêtes en même temps, 8 sinon.")
def servir(demonstration: bool, hote: str, port: int, fils: int) -> None:
    """Serve until interrupted."""
    from web.app import create_app  # noqa: PLC0415  the other commands do without the whole web

    if demonstration:
        mode = os.environ.setdefault("MOBILITE_MODE", Mode.DEMONSTRATION.value)
        if mode != Mode.DEMONSTRATION:
            raise DonneeRefusee("--demonstration", f"MOBILITE_MODE dit « {mode} » : choisir l'un ou l'autre.")
    _verifier_l_ecoute(hote, port)  # before the key of a demonstration is drawn, or anything written
    config = lire_config()
    if demonstration:
        charger_la_demonstration()
        _dire_ce_que_dit_l_horloge()
    else:
        with session_qui_ecrit():
            pass  # the database is made, or brought up to date, before anybody comes in
    application = create_app(config)
    _dire_les_chiffres_perimes()
    suffixe = " (démonstration : données fictives)" if demonstration else ""
    click.echo(f"Plateforme prête : http://{hote}:{port}{suffixe}")
    _Serveur(application, f"{hote}:{port}", fils).run()


def _dire_ce_que_dit_l_horloge() -> None:
    """Fill the outbox of a demonstration, which is served without the process of the tasks."""
    with moteur_a_jour() as moteur:
        for tache in MESSAGES:
            executer(tache, moteur, maintenant())


def _dire_les_chiffres_perimes() -> None:
    """A number whose period is over still answers, but every rule that leans on it says À VÉRIFIER."""
    perimes = parametres(ce_jour()).perimes()
    if perimes:
        cles = ", ".join(ligne.cle for ligne in perimes)
        click.echo(
            f"Chiffres à mettre à jour (mobilite/parametres.toml), leur période est finie : {cles}.", err=True
        )


def _verifier_l_ecoute(hote: str, port: int) -> None:
    """Refuse an address nobody can listen on, before anything is written."""
    try:
        famille, genre, protocole, _, adresse = socket.getaddrinfo(hote, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(famille, genre, protocole) as essai:
            essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            essai.bind(adresse)
    except OSError as erreur:
        if erreur.errno == errno.EADDRINUSE:
            raise DonneeRefusee("--port", f"le port {port} est déjà pris sur {hote}.") from None
        raise DonneeRefusee("--hote", f"on ne peut pas écouter sur {hote}, port {port}.") from None
