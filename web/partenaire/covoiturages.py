"""The requests to ride with the drivers of a structure: what is needed first, then yes or no, then the telephone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.besoin import Jour
from mobilite.conducteur import BesoinABord
from mobilite.covoiturage import DemandeCovoiturage, StatutCovoiturage, covoiturages_visibles_par
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.horaires import dire_jours
from web import covoiturage as actes
from web.acces import acteur_courant
from web.formats import heure
from web.partenaire.espace import partenaire
from web.referentiel import referentiel
from web.transaction import reessayer, transaction


@dataclass(frozen=True, slots=True)
class CovoiturageRecu:
    """One request as the structure sees it: needs before the answer, name and telephone after."""

    demande: DemandeCovoiturage
    voies: tuple[str, ...]
    besoins: tuple[str, ...]
    prenom: str | None
    telephone: str | None


def recues(session: Session) -> list[CovoiturageRecu]:
    """The requests to its drivers: those that wait first, then those agreed on."""
    visibles = session.scalars(covoiturages_visibles_par(acteur_courant())).all()
    ordre = (StatutCovoiturage.DEMANDEE, StatutCovoiturage.ACCEPTEE)
    return [recu(d) for statut in ordre for d in visibles if d.statut is statut]


def recu(demande: DemandeCovoiturage) -> CovoiturageRecu:
    """What may be shown of a request."""
    accepte = demande.statut is StatutCovoiturage.ACCEPTEE
    besoins = tuple(BesoinABord(b).libelle for b in demande.resume.get("besoins", ()))
    return CovoiturageRecu(
        demande,
        tuple(_voie(v) for v in demande.resume.get("voies", ())),
        (*((f"{demande.places} places",) if demande.places > 1 else ()), *besoins),
        demande.personne.prenom if accepte else None,
        demande.telephone_pour(acteur_courant()) if accepte else None,
    )


@partenaire.post("/covoiturages/<uuid:uuid>/<any(accepter, refuser):suite>")
def repondre_covoiturage(uuid: UUID, suite: str) -> ResponseReturnValue:
    """Note what the driver answered on the telephone."""
    qui = Champ(request.form.get("par", "").strip() or None, "par").texte(80)
    motif = request.form.get("motif", "").strip()
    if suite == "refuser" and not motif:
        raise DonneeRefusee("motif", "dites en quelques mots pourquoi : la personne le lira.")
    _repondre(uuid, qui, Champ(motif, "motif").texte(300) if motif else "", oui=suite == "accepter")
    flash(
        "C’est noté : le conseiller et vous voyez maintenant les deux numéros."
        if suite == "accepter"
        else "Le refus est noté, avec sa raison."
    )
    return redirect(url_for("partenaire.trajets"), 303)


@reessayer
def _repondre(uuid: UUID, qui: str, motif: str, *, oui: bool) -> None:
    with transaction() as session:
        visibles = covoiturages_visibles_par(acteur_courant()).where(DemandeCovoiturage.uuid == uuid)
        demande = session.scalars(visibles).one()
        actes.repondre(session, demande, oui=oui, qui=qui, motif=motif, par=acteur_courant())


def _voie(v: dict[str, Any]) -> str:
    """« Aller, lundi à vendredi, pour 8 h : d'Étain à Verdun, détour 5 min »."""
    nom = referentiel().nom
    dates = [f"{date.fromisoformat(d):%d/%m}" for d in v["dates"]]
    quand = " ; ".join(mots for mots in (dire_jours([Jour(j) for j in v["jours"]]), ", ".join(dates)) if mots)
    a = (
        ""
        if v["heure"] is None
        else f", {'pour' if v['sens'] == 'aller' else 'à partir de'} {heure(v['heure'])}"
    )
    ou = f" ({', '.join(v['ou'])})" if v["ou"] else ""
    trajet = f"{nom(v['prise'])} → {nom(v['depose'])}{ou}"
    return f"{v['sens'].capitalize()}, {quand or 'jours à dire'}{a} : {trajet}, détour {v['detour']}"
