"""``mobilite taches``: what happens by the clock and what leaves the house, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping

import click
from sqlalchemy import Engine, inspect

from mobilite.base import maintenant
from mobilite.erreurs import DonneeRefusee
from mobilite.notification import Canal
from web.commandes.aide import Commande
from web.commandes.base import base_existe, moteur_a_jour, session_si_base
from web.config import Envois, lire_envois
from web.formats import heure, jour
from web.messages.envoi import envoyer_les_messages
from web.messages.expedition import AdresseInconnue, Expediteur, expediteurs
from web.ordonnanceur import lancer
from web.passages import derniers_passages, executer
from web.taches import TACHES


@click.command(
    cls=Commande,
    help="Lance les tâches régulières et envoie les messages. --une-fois : fait tout et s'arrête.",
)
@click.option("--une-fois", is_flag=True, help="Fait chaque tâche une fois, envoie, puis s'arrête.")
@click.option("--lister", is_flag=True, help="Dit ce qui est prévu et quand ce fut fait, sans rien faire.")
def taches(une_fois: bool, lister: bool) -> None:
    """Run the inventory until interrupted."""
    if lister:
        _lister()
        return
    sorties = _sorties(lire_envois())
    with moteur_a_jour() as moteur:
        if une_fois:
            for tache in TACHES:
                click.echo(f"{tache.id} : {executer(tache, moteur, maintenant())}")
            click.echo(f"envoyer-les-messages : {envoyer_les_messages(moteur, sorties, dire=click.echo)}")
            return
        _dire_les_sorties(sorties)
        click.echo(f"{len(TACHES)} tâches en marche. Ctrl-C pour arrêter.")
        _tourner(moteur, sorties)


def _tourner(moteur: Engine, sorties: Mapping[Canal, Expediteur]) -> None:
    lancer(
        moteur,
        TACHES,
        dire=click.echo,
        envoyer=(lambda: envoyer_les_messages(moteur, sorties, dire=click.echo)) if sorties else None,
    )


def _lister() -> None:
    faits = {}
    if base_existe():
        with session_si_base() as session:
            if session is not None and inspect(session.connection()).has_table("passage_tache"):
                faits = derniers_passages(session)
    for tache in TACHES:
        le = faits.get(tache.id)
        dernier = f"{jour(le)} à {heure(le)}" if le else "jamais"
        click.echo(f"{tache.id} · {tache.cadence.libelle} · dernier passage : {dernier} · {tache.libelle}")


def _sorties(envois: Envois) -> Mapping[Canal, Expediteur]:
    try:
        return expediteurs(envois)
    except AdresseInconnue as inconnue:
        raise DonneeRefusee(inconnue.cle, "apprise ne connaît pas ce genre d'adresse.") from None


def _dire_les_sorties(sorties: Mapping[Canal, Expediteur]) -> None:
    for canal, cle in ((Canal.SMS, "MOBILITE_SMS_URL"), (Canal.COURRIEL, "MOBILITE_COURRIEL_URL")):
        if canal not in sorties:
            click.echo(f"{canal.libelle} : pas d'envoi réglé ({cle}) ; les messages attendent.", err=True)
