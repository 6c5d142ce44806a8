"""``mobilite france-travail``: the file of the people an adviser follows who agreed, in their codes."""

from __future__ import annotations

import click
from sqlalchemy import select

from mobilite.acteur import PLATEFORME, RoleActeur
from mobilite.base import ce_jour
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from web.commandes.aide import Commande
from web.commandes.base import session_qui_ecrit
from web.commandes.fichier import ecrire_json
from web.comptes import Compte
from web.export_france_travail import document, entete, fiches_de, portefeuille
from web.tableur import texte_csv


@click.command(
    "france-travail",
    cls=Commande,
    help="La fiche France Travail des personnes suivies par un conseiller, qui ont donné leur accord.",
)
@click.option("--conseiller", metavar="IDENTIFIANT", required=True, help="L'identifiant du conseiller.")
@click.option("--json", "en_json", is_flag=True, help="Sortie JSON ; CSV sinon.")
def france_travail(conseiller: str, en_json: bool) -> None:
    """Print the file; that it left is in the journal."""
    le = ce_jour()
    with session_qui_ecrit() as session:
        compte = session.scalars(
            select(Compte).where(Compte.identifiant == conseiller, Compte.role == RoleActeur.CONSEILLER)
        ).one_or_none()
        if compte is None:
            raise DonneeRefusee("conseiller", "ce conseiller n'est pas connu ici.")
        personnes = portefeuille(session, compte.id)
        fiches = fiches_de(session, personnes, le)
        parties = {fiche.dossier for fiche in fiches}
        for personne in personnes:
            if str(personne.uuid) in parties:
                session.add(
                    consigner(
                        PLATEFORME,
                        Evenement.FICHE_FRANCE_TRAVAIL_EXPORTEE,
                        personne,
                        forme="json" if en_json else "csv",
                    )
                )
        if en_json:
            ecrire_json(document(fiches, le, len(personnes) - len(fiches)))
        else:
            click.echo(texte_csv(entete(fiches), (fiche.en_ligne() for fiche in fiches)), nl=False)
    if not fiches:
        click.echo("Personne n'a donné son accord.", err=True)
