"""The page of the results, and the adviser's own level beside the computed one. For advisers only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.bilan import AXES_MEUSE, Niveau
from mobilite.diagnostic import RaisonManquante
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.question import Axe
from mobilite.texte_sensible import reperer
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.conseiller.diagnostic import choisi, par_qui
from web.conseiller.resultats import NIVEAUX_A_DIRE, Resultats, resultats_de
from web.erreurs import REFUS
from web.transaction import bd, transaction

_RAISON_MAX = 500


@conseiller.get("/dossiers/<uuid:uuid>/diagnostic/resultats")
def resultats_diagnostic(uuid: UUID) -> str:
    """The four axes with their answers, what blocks, what helps, and what the adviser says."""
    personne = consulter(uuid)
    resultats = resultats_de(personne, ce_jour())
    return render_template("conseiller/diagnostic_resultats.html", **_page(bd.session, personne, resultats))


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic/resultats/<axe>")
def corriger_niveau(uuid: UUID, axe: str) -> ResponseReturnValue:
    """Say another level than the computed one, and why; both stay."""
    if axe not in {a.value for a in AXES_MEUSE}:
        abort(404)
    saisie = {nom: request.form.get(nom, "").strip() for nom in ("niveau", "raison")}
    page = ""
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        diagnostic = choisi(personne, request.form.get("diagnostic", ""))
        resultats = resultats_de(personne, ce_jour(), diagnostic)
        if diagnostic is None or resultats is None:
            abort(404)
        affiche = resultats.axe(Axe(axe))
        erreurs = _relire(saisie)
        if erreurs:
            contexte = _page(session, personne, resultats)
            erreurs = {f"{nom}-{axe}": phrase for nom, phrase in erreurs.items()}
            contexte |= {"erreurs": erreurs, "saisie": saisie | {"axe": axe}}
            page = render_template("conseiller/diagnostic_resultats.html", **contexte)
        else:
            niveau = Niveau(saisie["niveau"])
            diagnostic.corriger(
                affiche.axe, niveau, saisie["raison"], acteur_courant(), niveau_calcule=affiche.calcule
            )
            session.add(
                consigner(
                    acteur_courant(),
                    Evenement.NIVEAU_CORRIGE,
                    diagnostic,
                    axe=axe,
                    niveau=niveau.value,
                    calcule=affiche.calcule.value,
                )
            )
    if page:
        return make_response(page, REFUS)
    flash(f"Axe {Axe(axe).libelle} : votre niveau est noté, le calcul reste à côté.")
    return redirect(url_for("conseiller.resultats_diagnostic", uuid=uuid, _anchor=f"axe-{axe}"))


def _relire(saisie: dict[str, str]) -> dict[str, str]:
    """What is wrong with a correction, by field."""
    erreurs = {}
    if saisie["niveau"] not in {niveau.value for niveau in NIVEAUX_A_DIRE}:
        erreurs["niveau"] = "Choisissez un niveau."
    if not saisie["raison"]:
        erreurs["raison"] = RaisonManquante().phrase
        return erreurs
    try:
        # Browsers end the lines of a text area with CR LF, whatever was typed.
        saisie["raison"] = Champ(saisie["raison"].replace("\r\n", "\n")).texte(_RAISON_MAX)
    except DonneeRefusee as refus:
        erreurs["raison"] = f"La raison : {refus.raison}"
    numeros = [signalement.phrase for signalement in reperer(saisie["raison"]) if signalement.certain]
    return erreurs | ({"raison": numeros[0]} if numeros else {})


def _page(session: Session, personne: Personne, resultats: Resultats | None) -> dict[str, Any]:
    corrections = [c for affiche in resultats.axes for c in affiche.corrections] if resultats else []
    return {
        "personne": personne,
        "resultats": resultats,
        "niveaux": NIVEAUX_A_DIRE,
        "qui": par_qui(session, {correction.par for correction in corrections}),
        "erreurs": {},
        "saisie": {"axe": "", "niveau": "", "raison": ""},
    }
