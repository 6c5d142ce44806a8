"""``mobilite taches``: what happens by the clock, in a process of its own."""

from __future__ import annotations

from functools import partial

import click
from sqlalchemy import Engine

from web.commandes.aide import Commande
from web.commandes.base import moteur_a_jour
from web.taches import TACHES, Tache, executer


@click.command(
    cls=Commande, help="Lance les tâches régulières (un seul processus). --une-fois : les fait et s'arrête."
)
@click.option("--une-fois", is_flag=True, help="Fait chaque tâche une fois, puis s'arrête.")
@click.option("--lister", is_flag=True, help="Dit ce qui est prévu, sans rien faire.")
def taches(une_fois: bool, lister: bool) -> None:
    """Run the inventory until interrupted."""
    if lister:
        for tache in TACHES:
            click.echo(f"{tache.id} · toutes les {tache.minutes} minutes · {tache.libelle}")
        return
    with moteur_a_jour() as moteur:
        if une_fois:
            for tache in TACHES:
                _faire(tache, moteur)
            return
        _planifier(moteur)


def _planifier(moteur: Engine) -> None:
    from apscheduler.schedulers.blocking import BlockingScheduler  # noqa: PLC0415  no other command needs it

    horloge = BlockingScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    for tache in TACHES:
        horloge.add_job(
            partial(_faire, tache, moteur),
            "interval",
            minutes=tache.minutes,
            id=tache.id,
            replace_existing=True,
            misfire_grace_time=3600,
        )
    click.echo(f"{len(TACHES)} tâche(s) en marche. Ctrl-C pour arrêter.")
    horloge.start()


def _faire(tache: Tache, moteur: Engine) -> None:
    click.echo(f"{tache.id} : {executer(tache, moteur)}")
