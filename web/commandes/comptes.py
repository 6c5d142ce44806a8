"""``mobilite comptes``: the accounts of those who work here. A person's card is given from her dossier."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.erreurs import DonneeRefusee
from mobilite.prescription import GenrePrescripteur
from mobilite.structure import Structure
from web.commandes.aide import Groupe, Obligatoire
from web.commandes.base import base_existe, est_vide, session_qui_ecrit, session_si_base
from web.comptes import Compte, creer_compte, normaliser_identifiant

_ROLES = (RoleActeur.CONSEILLER, RoleActeur.PARTENAIRE, RoleActeur.DEPARTEMENT)


@click.group(cls=Groupe, help="Les comptes des professionnels.")
def comptes() -> None:
    """The accounts."""


@comptes.command(help="Ouvre un compte. Le mot de passe est demandé, 15 caractères au moins.")
@click.argument("identifiant", metavar="ADRESSE")
@click.option(
    "--role",
    type=click.Choice([role.value for role in _ROLES]),
    required=True,
    cls=Obligatoire,
    help="Obligatoire.",
)
@click.option(
    "--nom",
    required=True,
    cls=Obligatoire,
    metavar="NOM",
    help="Obligatoire. Le nom affiché : un prénom suffit.",
)
@click.option("--structure", metavar="NOM", help="La structure d'un partenaire, créée si elle est nouvelle.")
@click.option(
    "--prescripteur",
    type=click.Choice([genre.value for genre in GenrePrescripteur]),
    help="Un partenaire qui oriente des personnes vers nous, et à quel titre.",
)
def creer(identifiant: str, role: str, nom: str, structure: str | None, prescripteur: str | None) -> None:
    """Open an account; the password never travels in the command, which shells remember."""
    mot_de_passe = click.prompt("Mot de passe", hide_input=True, err=True)
    if click.prompt("Encore une fois", hide_input=True, err=True) != mot_de_passe:
        raise DonneeRefusee("Mot de passe", "les deux saisies sont différentes.")
    with session_qui_ecrit() as session:
        compte = creer_compte(
            session,
            identifiant=identifiant,
            libelle=nom.strip()[:120],
            role=RoleActeur(role),
            mot_de_passe=mot_de_passe,
            structure_id=_structure(session, structure),
            prescrit_comme=GenrePrescripteur(prescripteur) if prescripteur else None,
        )
        ouvert = f"Compte ouvert : {compte.identifiant} ({compte.role.libelle})."
    click.echo(ouvert)


@comptes.command(help="Ferme un compte et toutes ses sessions, tout de suite.")
@click.argument("identifiant", metavar="ADRESSE")
def fermer(identifiant: str) -> None:
    """Close an account; what it did stays written under its number."""
    if not base_existe():
        raise _aucun_compte()
    with session_qui_ecrit() as session:
        compte = session.scalar(
            select(Compte).where(Compte.identifiant == normaliser_identifiant(identifiant))
        )
        if compte is None:
            raise _aucun_compte()
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


def _aucun_compte() -> DonneeRefusee:
    return DonneeRefusee("ADRESSE", "aucun compte ne porte cette adresse.")


def _structure(session: Session, nom: str | None) -> int | None:
    if nom is None or not (nom := nom.strip()):
        return None
    structure = session.scalar(select(Structure).where(Structure.nom == nom))
    if structure is None:
        structure = Structure(nom=nom)
        session.add(structure)
        session.flush()
    return structure.id
