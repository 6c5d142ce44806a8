"""``mobilite phrases``: every sentence a person may read, and where to change it."""

from __future__ import annotations

import click

from web.commandes.aide import Commande
from web.commandes.fichier import ecrire_json
from web.phrases.recueil import recueillir


@click.command(
    cls=Commande, help="Chaque phrase qu'une personne accompagnée peut lire, et où elle est écrite."
)
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def phrases(en_json: bool) -> None:
    """Print one sentence a line; nothing is written."""
    toutes = recueillir()
    if en_json:
        ecrire_json([{"texte": phrase.texte, "ou": phrase.lieu} for phrase in toutes])
        return
    for phrase in toutes:
        click.echo(f"{phrase.texte}\t{phrase.lieu}")
