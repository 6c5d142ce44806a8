"""``mobilite offres``: the catalogue, as others can read it."""

from __future__ import annotations

import click

from web.catalogue import documents, documents_de_demonstration
from web.commandes.aide import Groupe
from web.commandes.base import est_vide, session_si_base
from web.commandes.fichier import ecrire_json


@click.group(cls=Groupe, help="Le catalogue des offres.")
def offres() -> None:
    """The offers."""


@offres.command(help="Les offres ouvertes.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON (docs/offre.md).")
def lister(en_json: bool) -> None:
    """Print the open offers, in the documented format with ``--json``."""
    with session_si_base() as session:
        if session is None:
            catalogue = documents_de_demonstration()
        else:
            catalogue = [] if est_vide(session) else documents(session)
    if en_json:
        ecrire_json(catalogue)
        return
    for offre in catalogue:
        click.echo(f"{offre['id']:<40} {offre['genre']:<24} {offre['nom']}")
    click.echo(f"{len(catalogue)} offres.", err=True)
