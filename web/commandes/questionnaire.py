"""``mobilite questionnaire``: the questions and their codes."""

from __future__ import annotations

import click

from web.commandes.aide import Commande
from web.commandes.fichier import ecrire_json
from web.referentiel import referentiel


@click.command(cls=Commande, help="Les questions du diagnostic et leurs codes.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def questionnaire(en_json: bool) -> None:
    """Print every question of the version in force."""
    connu = referentiel().questionnaire
    if en_json:
        ecrire_json(connu.en_document())
        return
    for item in connu.items:
        click.echo(f"{item.code:<32} {item.texte}")
