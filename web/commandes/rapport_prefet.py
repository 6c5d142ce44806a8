"""``mobilite rapport-prefet``: the yearly report of an association to the préfet, before 1 March."""

from __future__ import annotations

import click
from sqlalchemy import select

from mobilite.base import ce_jour
from mobilite.droit.rapport_prefet import Association, TrajetRealise
from mobilite.erreurs import DonneeRefusee
from mobilite.structure import Structure
from web.commandes.aide import Commande
from web.commandes.base import est_vide, session_si_base
from web.commandes.fichier import ecrire_json, lire_octets
from web.lecture_trajets import TAILLE_MAX_OCTETS, lire_registre
from web.rapport_prefet import ENTETE, rapport_de, tableau, trajets_tenus_ici
from web.tableur import texte_csv


@click.command(
    "rapport-prefet",
    cls=Commande,
    help="Le rapport annuel d'un transport d'utilité sociale au préfet, à envoyer avant le 1er mars.",
)
@click.option(
    "--annee",
    metavar="AAAA",
    type=click.IntRange(2019, 9998),
    help="L'année des trajets ; l'an dernier si rien n'est dit.",
)
@click.option("--structure", metavar="NOM", default="", help="L'association, telle qu'elle est nommée ici.")
@click.option(
    "--trajets",
    metavar="FICHIER.csv",
    help="Le registre de l'association (docs/droit.md), à la place des trajets tenus ici.",
)
@click.option("--rna", metavar="W…", default="", help="Le numéro RNA de l'association.")
@click.option("--csv", "en_csv", is_flag=True, help="Sortie CSV.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON.")
def rapport_prefet(
    annee: int | None, structure: str, trajets: str | None, rna: str, en_csv: bool, en_json: bool
) -> None:
    """Print the report, from a register or from the trips kept here."""
    annee = annee or ce_jour().year - 1
    if en_csv and en_json:
        raise DonneeRefusee("", "Une sortie à la fois : --csv ou --json.")
    liste = (
        lire_registre(lire_octets(trajets, TAILLE_MAX_OCTETS))
        if trajets is not None
        else _tenus_ici(structure, annee)
    )
    rapport = rapport_de(liste, annee, Association(nom=structure, rna=rna))
    if en_json:
        ecrire_json(rapport.en_document())
        return
    if en_csv:
        click.echo(texte_csv(ENTETE, tableau(rapport)), nl=False)
        return
    click.echo(
        f"Transport d'utilité sociale, année {annee} : à envoyer jusqu'au {rapport.avant_le:%d/%m/%Y}."
    )
    for rubrique, libelle, valeur in tableau(rapport):
        click.echo(f"{rubrique} · {libelle}{' : ' + valeur if valeur else ''}")
    if not rapport.trajets:
        click.echo(f"Aucun trajet en {annee}.", err=True)


def _tenus_ici(nom: str, annee: int) -> list[TrajetRealise]:
    if not nom:
        raise DonneeRefusee("", "Dites quelle association (--structure), ou son registre (--trajets).")
    with session_si_base() as session:
        if session is None or est_vide(session):
            raise DonneeRefusee("structure", "aucun trajet n'est tenu ici : donnez le registre (--trajets).")
        structure = session.scalars(select(Structure).where(Structure.nom == nom)).one_or_none()
        if structure is None:
            raise DonneeRefusee("structure", f"« {nom[:60]} » n'est pas connue ici.")
        return trajets_tenus_ici(session, structure.id, annee)
