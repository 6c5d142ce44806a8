"""Putting a dossier aside: nothing personal stays on screen, and one comes back where one was."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.journal import Evenement, consigner
from web.acces import acteur_courant, suite_sure
from web.conseiller.bureau import adresse_neutre, conseiller, ouvrir_dossier
from web.transaction import bd, transaction


@conseiller.get("/dossiers/<uuid:uuid>/attente")
def en_attente(uuid: UUID) -> ResponseReturnValue:
    """The neutral page: it does not even say whose dossier it is."""
    personne = ouvrir_dossier(bd.session, uuid)
    suite = suite_sure(request.args.get("suite"))
    if not personne.en_attente:
        return redirect(suite or url_for("conseiller.dossier", uuid=uuid), 303)
    return render_template("conseiller/dossier_en_attente.html", uuid=uuid, suite=suite or "")


@conseiller.post("/dossiers/<uuid:uuid>/attente")
def mettre_en_attente(uuid: UUID) -> ResponseReturnValue:
    """Put it aside."""
    _ranger(uuid, en_attente=True)
    return redirect(adresse_neutre(uuid, request.form.get("suite")), 303)


@conseiller.post("/dossiers/<uuid:uuid>/reprendre")
def reprendre(uuid: UUID) -> ResponseReturnValue:
    """Take it up again, at the page where it was."""
    _ranger(uuid, en_attente=False)
    return redirect(suite_sure(request.form.get("suite")) or url_for("conseiller.dossier", uuid=uuid), 303)


def _ranger(uuid: UUID, *, en_attente: bool) -> None:
    quoi = Evenement.DOSSIER_MIS_EN_ATTENTE if en_attente else Evenement.DOSSIER_REPRIS
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        if personne.en_attente is not en_attente:
            personne.en_attente = en_attente
            session.add(consigner(acteur_courant(), quoi, personne))
