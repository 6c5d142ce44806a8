"""``mobilite comptes``: the accounts of those who work here. A person's card is given from her dossier."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.erreurs import DonneeRefusee
from mobilite.structure import Structure
from web.commandes.base import est_vide, session_qui_ecrit, session_si_base
from web.comptes import Compte, creer_compte, normaliser_identifiant

_ROLES = (RoleActeur.CONSEILLER, RoleActeur.PARTENAIRE, RoleActeur.DEPARTEMENT)


@click.group(help="Les comptes des professionnels.")
def comptes() -> None:
    """The accounts."""


@comptes.command(help="Ouvre un compte. Le mot de passe est demandé, 15 caractères au moins.")
@click.argument("identifiant", metavar="ADRESSE")
@click.option("--role", type=click.Choice([role.value for role in _ROLES]), required=True)
@click.option("--nom", required=True, help="Le nom affiché : un prénom suffit.")
@click.option("--structure", metavar="NOM", help="La structure d'un partenaire, créée si elle est nouvelle.")
def creer(identifiant: str, role: str, nom: str, structure: str | None) -> None:
    """Open an account; the password never travels in the command, which shells remember."""
    mot_de_passe = click.prompt(
        "Mot de passe", hide_input=True, confirmation_prompt="Encore une fois", err=True
    )
    with session_qui_ecrit() as session:
        compte = creer_compte(
            session,
            identifiant=identifiant,
            libelle=nom.strip()[:120],
            role=RoleActeur(role),
            mot_de_passe=mot_de_passe,
            structure_id=_structure(session, structure),
        )
        ouvert = f"Compte ouvert : {compte.identifiant} ({compte.role.libelle})."
    click.echo(ouvert)


@comptes.command(help="Ferme un compte et toutes ses sessions, tout de suite.")
@click.argument("identifiant", metavar="ADRESSE")
def fermer(identifiant: str) -> None:
    """Close an account; what it did stays written under its number."""
    with session_qui_ecrit() as session:
        compte = session.scalar(
            select(Compte).where(Compte.identifiant == normaliser_identifiant(identifiant))
        )
        if compte is None:
            raise DonneeRefusee("ADRESSE", "aucun compte ne porte cette adresse.")
        compte.actif = False
        compte.fermer_les_sessions()
    click.echo(f"Compte fermé : {normaliser_identifiant(identifiant)}.")


@comptes.command(help="Les comptes des professionnels, ouverts et fermés.")
def lister() -> None:
    """Print the accounts of staff and partners, never those of the people followed."""
    with session_si_base() as session:
        if session is None or est_vide(session):
            return
        for compte in session.scalars(
            select(Compte).where(Compte.role.in_(_ROLES)).order_by(Compte.role, Compte.identifiant)
        ):
            etat = "" if compte.actif else " (fermé)"
            click.echo(f"{compte.role.value:<12} {compte.identifiant}{etat}")


def _structure(session: Session, nom: str | None) -> int | None:
    if nom is None or not (nom := nom.strip()):
        return None
    structure = session.scalar(select(Structure).where(Structure.nom == nom))
    if structure is None:
        structure = Structure(nom=nom)
        session.add(structure)
        session.flush()
    return structure.id
