"""The adviser's desk: the blueprint, the one way to open a dossier, and what every save says."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import maintenant
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne, personnes_visibles_par
from web.acces import acteur_courant, exiger, suite_sure
from web.formats import heure
from web.transaction import bd, consultation

conseiller = Blueprint("conseiller", __name__, url_prefix="/conseiller")
exiger(conseiller, RoleActeur.CONSEILLER)


def ouvrir_dossier(session: Session, uuid: UUID) -> Personne:
    """The dossier behind an address; absent and « not yours » are the same 404 (``NoResultFound``)."""
    return session.scalars(personnes_visibles_par(acteur_courant()).where(Personne.uuid == uuid)).one()


def consulter(uuid: UUID) -> Personne:
    """The dossier for a page that shows it (GET): read, and noted as read by whom.

    A dossier put aside shows nothing: the request ends on the neutral page, which leads back here.
    """
    personne = ouvrir_dossier(bd.session, uuid)
    if personne.en_attente:
        abort(redirect(adresse_neutre(uuid, request.full_path.rstrip("?")), 303))
    with consultation() as session:
        session.add(consigner(acteur_courant(), Evenement.DOSSIER_CONSULTE, personne))
    return personne


def adresse_neutre(uuid: UUID, suite: str | None) -> str:
    """The page that shows nothing of a dossier put aside, and where it leads back to."""
    return url_for("conseiller.en_attente", uuid=uuid, suite=suite_sure(suite))


def dire_enregistre(phrase: str = "") -> None:
    """Tell, on the next page, that it is saved and at what time."""
    flash(f"Enregistré à {heure(maintenant())}. {phrase}".strip())
