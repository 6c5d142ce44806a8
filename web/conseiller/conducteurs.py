"""Des conducteurs font ce trajet: who could take her along, how far out of his way, and asking his structure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.covoiturage import DemandeCovoiturage, covoiturages_visibles_par
from mobilite.personnes import Personne
from web import covoiturage as actes
from web.acces import acteur_courant
from web.cle import lire_cle, nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.referentiel import referentiel
from web.transaction import bd, reessayer, transaction


@conseiller.get("/dossiers/<uuid:uuid>/conducteurs")
def conducteurs(uuid: UUID) -> str:
    """Need by need, every driver with his answer and its reasons."""
    personne = consulter(uuid)
    session = bd.session
    inscrits = {str(t.uuid): t for t in actes.inscrits(session)}
    return render_template(
        "conseiller/conducteurs.html",
        personne=personne,
        reponses=actes.conducteurs_pour(session, personne, ce_jour()),
        besoins_dits={str(b.uuid): b for b in personne.besoins},
        lignes={code: actes.dire_trajet(t) for code, t in inscrits.items()},
        demonstration={code for code, t in inscrits.items() if t.demonstration},
        telephones={code: t.structure.telephone for code, t in inscrits.items()},
        demandes={(str(d.besoin), str(d.trajet.uuid)): d for d in covoiturages_de(personne)},
        methode=referentiel().durees(ce_jour()).methode,
        nom=referentiel().nom,
        cle=nouvelle_cle(),
    )


@conseiller.post("/dossiers/<uuid:uuid>/conducteurs")
def demander_covoiturage(uuid: UUID) -> ResponseReturnValue:
    """Ask the structure of one driver."""
    try:
        trajet, besoin = UUID(request.form.get("trajet", "")), request.form.get("besoin", "")
    except ValueError:
        abort(400)
    cle = lire_cle(request.form)
    structure = _demander(uuid, trajet, besoin, f"{cle}:{trajet}"[:120])
    flash(f"Demande envoyée à {structure}. Le nom du conducteur vient avec son accord.")
    return redirect(url_for("conseiller.conducteurs", uuid=uuid) + f"#besoin-{besoin}", 303)


@reessayer
def _demander(uuid: UUID, trajet: UUID, besoin: str, cle: str) -> str:
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        if not personne.coordonnees_visibles_par(acteur_courant()):
            abort(404)
        if besoin not in {str(b.uuid) for b in personne.besoins}:
            abort(404)
        demande = actes.demander(session, personne, besoin, trajet, cle, par=acteur_courant(), le=ce_jour())
        return demande.trajet.structure.nom


@conseiller.post("/dossiers/<uuid:uuid>/covoiturages/<uuid:demande_uuid>/annuler")
def annuler_covoiturage(uuid: UUID, demande_uuid: UUID) -> ResponseReturnValue:
    """Give a request up."""
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        visibles = covoiturages_visibles_par(acteur_courant()).where(
            DemandeCovoiturage.personne_id == personne.id, DemandeCovoiturage.uuid == demande_uuid
        )
        actes.annuler(session, session.scalars(visibles).one(), par=acteur_courant())
    flash("La demande de covoiturage est annulée.")
    return redirect(url_for("conseiller.conducteurs", uuid=uuid), 303)


def covoiturages_de(personne: Personne) -> Sequence[DemandeCovoiturage]:
    """Her requests to ride with drivers, oldest first."""
    visibles = covoiturages_visibles_par(acteur_courant())
    return _lire(bd.session, personne, visibles)


def _lire(session: Session, personne: Personne, visibles: Any) -> Sequence[DemandeCovoiturage]:
    return list(session.scalars(visibles.where(DemandeCovoiturage.personne_id == personne.id)))


@conseiller.context_processor
def _covoiturages() -> dict[str, Any]:
    return {"covoiturages_de": covoiturages_de, "peut_etre_annule": actes.en_cours}
