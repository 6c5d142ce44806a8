"""« Rien ne convient » : the adviser says that a need has no answer, or that one was found."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.base import ce_jour
from mobilite.besoin_non_couvert import Constat
from web.acces import acteur_courant
from web.besoins_non_couverts import clore, signaler
from web.conseiller.bureau import conseiller, ouvrir_dossier
from web.conseiller.propositions import besoin_de
from web.transaction import transaction


@conseiller.post("/dossiers/<uuid:uuid>/besoins/<uuid:besoin_uuid>/sans-reponse")
def dire_sans_reponse(uuid: UUID, besoin_uuid: UUID) -> ResponseReturnValue:
    """Count this need for the Département, or take it back."""
    geste = request.form.get("geste", "")
    if geste not in ("signaler", "clore"):
        abort(400)
    acteur, le = acteur_courant(), ce_jour()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        besoin = besoin_de(personne, str(besoin_uuid))
        if geste == "signaler":
            signaler(session, personne, besoin, Constat.CONSEILLER, acteur, le)
        else:
            clore(session, besoin, acteur, le)
    flash(
        "Besoin signalé : le Département le compte, sans le nom de la personne."
        if geste == "signaler"
        else "Le besoin n'est plus compté sans réponse."
    )
    return redirect(url_for("conseiller.dossier", uuid=uuid) + f"#besoin-{besoin_uuid}", 303)
