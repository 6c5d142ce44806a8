"""The pages of the results: levels, alerts, outcome, and the adviser's own word beside each. For advisers only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.bilan import AXES_MEUSE, Niveau
from mobilite.diagnostic import Diagnostic, RaisonManquante
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.issue import Issue
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.question import Axe
from mobilite.regle_visible import Doute
from mobilite.texte_sensible import reperer
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.conseiller.diagnostic import choisi, par_qui
from web.conseiller.resultats import (
    NIVEAUX_A_DIRE,
    Resultats,
    constats_de,
    moments_a_faire,
    resultats_de,
)
from web.constats import Constats
from web.erreurs import REFUS
from web.prise_de_notes import dernier, questionnaire_de
from web.referentiel import referentiel
from web.transaction import bd, transaction

_RAISON_MAX = 500


@conseiller.get("/dossiers/<uuid:uuid>/diagnostic/resultats")
def resultats_diagnostic(uuid: UUID) -> str:
    """Alerts, outcome, the four axes with their answers, and what the adviser says.

    ``?diagnostic=`` opens an earlier one, in its own words; rules speak of the latest only.
    """
    personne = consulter(uuid)
    diagnostic = choisi(personne, request.args.get("diagnostic", ""))
    resultats = resultats_de(personne, ce_jour(), diagnostic)
    return render_template("conseiller/diagnostic_resultats.html", **_page(bd.session, personne, resultats))


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic/resultats/<axe>")
def corriger_niveau(uuid: UUID, axe: str) -> ResponseReturnValue:
    """Say another level than the computed one, and why; both stay."""
    if axe not in {a.value for a in AXES_MEUSE}:
        abort(404)
    saisie = {nom: request.form.get(nom, "").strip() for nom in ("niveau", "raison")}
    page = ""
    with transaction() as session:
        personne, diagnostic, resultats = _ouvrir(session, uuid)
        affiche = resultats.axe(Axe(axe))
        erreurs = _relire(
            saisie, "niveau", {niveau.value for niveau in NIVEAUX_A_DIRE}, "Choisissez un niveau."
        )
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
    return redirect(_adresse(uuid, diagnostic, f"axe-{axe}"))


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic/issue")
def retenir_issue(uuid: UUID) -> ResponseReturnValue:
    """Say another outcome than the one the rules propose, and why; both stay."""
    saisie = {nom: request.form.get(nom, "").strip() for nom in ("issue", "raison")}
    page = ""
    with transaction() as session:
        personne, diagnostic, resultats = _ouvrir(session, uuid)
        erreurs = _relire(saisie, "issue", set(Issue), "Choisissez une issue.")
        if erreurs:
            contexte = _page(session, personne, resultats)
            erreurs = {f"{nom}-issue": phrase for nom, phrase in erreurs.items()}
            contexte |= {"erreurs": erreurs, "saisie": saisie | {"axe": "issue"}}
            page = render_template("conseiller/diagnostic_resultats.html", **contexte)
        else:
            constats = constats_de(session, personne, ce_jour(), resultats)
            calculee = constats.issue.issue if constats else None
            issue = Issue(saisie["issue"])
            derniere = diagnostic.issue_retenue
            # The same form sent twice says the same thing once.
            if derniere is None or (derniere.issue, derniere.raison) != (issue, saisie["raison"]):
                diagnostic.retenir_issue(issue, saisie["raison"], acteur_courant(), calculee=calculee)
                session.add(
                    consigner(
                        acteur_courant(),
                        Evenement.ISSUE_RETENUE,
                        diagnostic,
                        issue=issue.value,
                        calculee=calculee.value if calculee else "",
                    )
                )
    if page:
        return make_response(page, REFUS)
    flash("Votre issue est notée, celle des règles reste à côté.")
    return redirect(_adresse(uuid, diagnostic, "issue"))


def _ouvrir(session: Session, uuid: UUID) -> tuple[Personne, Diagnostic, Resultats]:
    """The dossier and the diagnostic the form was about; 404 before any has started."""
    personne = ouvrir_dossier(session, uuid)
    diagnostic = choisi(personne, request.form.get("diagnostic", ""))
    resultats = resultats_de(personne, ce_jour(), diagnostic)
    if diagnostic is None or resultats is None:
        abort(404)
    return personne, diagnostic, resultats


def _adresse(uuid: UUID, diagnostic: Diagnostic, ancre: str) -> str:
    dernier_en_date = diagnostic is diagnostic.personne.diagnostics[-1]
    return url_for(
        "conseiller.resultats_diagnostic",
        uuid=uuid,
        diagnostic=None if dernier_en_date else diagnostic.uuid,
        _anchor=ancre,
    )


def _relire(saisie: dict[str, str], choix: str, permis: Collection[str], manque: str) -> dict[str, str]:
    """What is wrong with a correction, by field."""
    erreurs = {}
    if saisie[choix] not in permis:
        erreurs[choix] = manque
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
    diagnostic = resultats.diagnostic if resultats else None
    actuel = diagnostic is not None and diagnostic is dernier(personne)
    constats = constats_de(session, personne, ce_jour(), resultats) if actuel else None
    corrections = [c for affiche in resultats.axes for c in affiche.corrections] if resultats else []
    auteurs = {c.par for c in corrections} | ({i.par for i in diagnostic.issues} if diagnostic else set())
    return {
        "personne": personne,
        "resultats": resultats,
        "constats": constats,
        "actuel": actuel,
        "questionnaire": questionnaire_de(diagnostic),
        "adresses_doutes": _adresses_doutes(personne, diagnostic, constats),
        "anterieurs": [d for d in reversed(personne.diagnostics) if d is not diagnostic],
        "moments": moments_a_faire(personne),
        "niveaux": NIVEAUX_A_DIRE,
        "issues": tuple(Issue),
        "qui": par_qui(session, auteurs),
        "erreurs": {},
        "saisie": {"axe": "", "niveau": "", "raison": "", "issue": ""},
    }


def _adresses_doutes(
    personne: Personne, diagnostic: Diagnostic | None, constats: Constats | None
) -> dict[Doute, str]:
    """Where the question that would settle a doubt is asked, when the diagnostic being filled asks it."""
    if constats is None:
        return {}
    jugements = [jugee.jugement for jugee in constats.alertes]
    jugements += [jugee.jugement for jugee in constats.issue.possibles]
    return {
        doute: url_for(
            "conseiller.diagnostic", uuid=personne.uuid, section=code.partition("_")[0], _anchor=code
        )
        for jugement in jugements
        for doute in jugement.doutes
        if (code := _code_de(doute)) in questionnaire_de(diagnostic).par_code
    }


def _code_de(doute: Doute) -> str:
    """The question behind a fact, else the code itself."""
    item = referentiel().questionnaire.item_du_fait(doute.code)
    return item.code if item else doute.code
