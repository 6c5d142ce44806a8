"""What counts more for this person: weights tried without writing anything, kept, or put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from matching.score import CRITERES, libelle_du_critere, poids_de
from mobilite.base import ce_jour
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.poids import POIDS_MAX, PoidsDuDossier, lire_poids, poids_de_la_personne
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, ouvrir_dossier
from web.propositions import poids_retenus
from web.transaction import transaction

_CHAMP = "poids-"


@dataclass(frozen=True, slots=True)
class Curseur:
    """One criterion: its weight as shown, the usual one."""

    critere: str
    libelle: str
    valeur: int
    habituel: int

    @property
    def deplace(self) -> bool:
        """Whether it is not the usual weight."""
        return self.valeur != self.habituel


@dataclass(frozen=True, slots=True)
class PoidsSurLeBureau:
    """The weights as they stand on the desk. ``essayes``: those of the address, not kept yet."""

    curseurs: list[Curseur]
    essayes: dict[str, float] | None
    choisis_le: datetime | None
    erreur: str = ""
    maximum: int = POIDS_MAX

    @property
    def ouvert(self) -> bool:
        """Whether the adviser is at it."""
        return self.essayes is not None or bool(self.erreur)

    @property
    def deplaces(self) -> list[Curseur]:
        """The criteria that do not have their usual weight."""
        return [c for c in self.curseurs if c.deplace]


def contexte_poids(session: Session, personne: Personne, le: date) -> PoidsSurLeBureau:
    """The weights of the address if there are any, else those of the dossier."""
    habituels = poids_de(parametres(le))
    retenus = poids_retenus(session, personne, le)
    choisis = session.scalars(poids_de_la_personne(acteur_courant(), personne)).one_or_none()
    essayes, erreur = None, ""
    try:
        if saisie := _saisie(request.args):
            essayes = lire_poids(saisie, retenus)
    except DonneeRefusee as refus:
        erreur = f"{libelle_du_critere(refus.champ)} : {refus.raison}"
    montres = essayes or retenus
    return PoidsSurLeBureau(
        [Curseur(c, libelle_du_critere(c), round(montres[c]), round(habituels[c])) for c in CRITERES],
        essayes if essayes != retenus else None,
        choisis.choisis_le if choisis else None,
        erreur,
    )


def _saisie(formulaire: Mapping[str, str]) -> dict[str, str]:
    return {
        nom.removeprefix(_CHAMP): valeur
        for nom, valeur in formulaire.items()
        if nom.startswith(_CHAMP) and nom.removeprefix(_CHAMP) in CRITERES
    }


@conseiller.post("/dossiers/<uuid:uuid>/poids")
def garder_les_poids(uuid: UUID) -> ResponseReturnValue:
    """Keep the weights that were tried, for this dossier."""
    acteur, le = acteur_courant(), ce_jour()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        valeurs = lire_poids(_saisie(request.form), poids_retenus(session, personne, le))
        choisis = session.scalars(poids_de_la_personne(acteur, personne)).one_or_none()
        if choisis is None:
            session.add(PoidsDuDossier(personne_id=personne.id, valeurs=valeurs, choisis_par=acteur.id))
        else:
            choisis.choisir(valeurs, acteur)
        points: dict[str, Any] = dict(valeurs)
        session.add(consigner(acteur, Evenement.POIDS_CHOISIS, personne, **points))
    flash("Ces poids sont gardés pour ce dossier.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#poids", 303)


@conseiller.post("/dossiers/<uuid:uuid>/poids/retablir")
def retablir_les_poids(uuid: UUID) -> ResponseReturnValue:
    """Put back the weights of the house."""
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        choisis = session.scalars(poids_de_la_personne(acteur, personne)).one_or_none()
        if choisis is not None:
            session.delete(choisis)
            session.add(consigner(acteur, Evenement.POIDS_RETABLIS, personne))
    flash("Les poids habituels sont rétablis.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#poids", 303)
