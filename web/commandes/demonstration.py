"""``mobilite demonstration``: the fictional département, loaded once and again without harm."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour
from mobilite.erreurs import DonneeRefusee
from seeds.charger import Chargement, charger
from seeds.orientations import charger_orientations
from web.commandes.aide import Groupe
from web.commandes.base import session_qui_ecrit
from web.comptes import Compte, creer_comptes_demonstration
from web.lecture_maisons import lire_maisons
from web.referentiel import dossier_des_graines, referentiel


@click.group(cls=Groupe, help="Les données fictives de la démonstration.")
def demonstration() -> None:
    """The demonstration."""


@demonstration.command(name="charger", help="Crée la base si besoin et charge les données fictives.")
def charger_commande() -> None:
    """Load; running it twice changes nothing."""
    click.echo(str(charger_la_demonstration()))


def charger_la_demonstration() -> Chargement:
    """Bring the database up to date and add what is missing of the demonstration.

    Raises ``DonneeRefusee`` where somebody has a real account: invented people never join real ones.
    """
    connu = referentiel()
    graines = dossier_des_graines()
    fichier = graines / "meuse" / "maisons_demonstration.csv"
    with session_qui_ecrit() as session:
        # A card given while trying the demonstration is no real account: somebody signed in to give it.
        vrais = select(Compte.id).where(Compte.demonstration.is_(False), Compte.role != RoleActeur.PERSONNE)
        if session.scalar(vrais.limit(1)) is not None:
            raise DonneeRefusee(
                "DATABASE_URL", "cette base a de vrais comptes : la démonstration n'y entre pas."
            )
        creer_comptes_demonstration(session)
        chargement = charger(
            session,
            graines / "demonstration",
            lire_maisons(fichier.read_bytes(), connu.territoire, demonstration=True),
            le=ce_jour(),
            conseiller_id=_conseiller(session),
            version_questionnaire=connu.questionnaire.version,
        )
        creer_comptes_demonstration(
            session,
            personne_id=chargement.personne_id,
            structure_id=chargement.structure_id,
            structure_benevoles_id=chargement.structure_benevoles_id,
            structure_prescripteur_id=chargement.structure_prescripteur_id,
        )
        charger_orientations(
            session,
            graines / "demonstration",
            ce_jour(),
            conseiller_id=_conseiller(session),
            prescripteur_id=_prescripteur(session),
            structure_id=chargement.structure_prescripteur_id,
        )
    return chargement


def _prescripteur(session: Session) -> int:
    """The demonstration account that sends people."""
    return session.scalars(
        select(Compte.id).where(Compte.demonstration, Compte.prescrit_comme.is_not(None)).order_by(Compte.id)
    ).one()


def _conseiller(session: Session) -> int:
    """The demonstration adviser, who follows the fictional people."""
    return session.scalars(
        select(Compte.id)
        .where(Compte.demonstration, Compte.role == RoleActeur.CONSEILLER)
        .order_by(Compte.id)
    ).one()
