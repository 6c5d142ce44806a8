"""The diagnostic as the adviser fills it: any section in any order, over as many sittings as needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour, maintenant
from mobilite.diagnostic import Diagnostic, ReponseChangee, TypeDiagnostic
from mobilite.document import Champ, lire_json
from mobilite.erreurs import DonneeRefusee
from mobilite.exercice import Exercice
from mobilite.personnes import Personne
from mobilite.question import Item
from mobilite.questionnaire import Dimension, Questionnaire
from web.acces import acteur_courant
from web.bilans_externes import sources_de
from web.comptes import Compte
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.conseiller.resultats import resultats_de
from web.erreurs import REFUS
from web.exercices import suggestions
from web.formats import heure, jour, majuscule
from web.prise_de_notes import PriseDeNotes, dernier, questionnaire_de, verrouiller
from web.propositions import questions_pour
from web.questions import AutreReponse, Entretien, QuestionAffichee, Saisie, alertes
from web.transaction import bd, reessayer, transaction

_VALEURS_MAX = 60
_ROLES = {
    RoleActeur.CONSEILLER: "par un autre conseiller",
    RoleActeur.PERSONNE: "par la personne elle-même",
    RoleActeur.PARTENAIRE: "par un partenaire",
    RoleActeur.DEPARTEMENT: "par le Département",
    RoleActeur.SYSTEME: "par la plateforme",
}


@conseiller.get("/dossiers/<uuid:uuid>/diagnostic")
@conseiller.get("/dossiers/<uuid:uuid>/diagnostic/<section>")
def diagnostic(uuid: UUID, section: str = "") -> str:
    """The thirteen sections and where they stand, or the questions of one of them."""
    personne = consulter(uuid)
    entretien = _entretien(bd.session, personne, dernier(personne))
    dimension = _dimension(entretien.questionnaire, section) if section else None
    if dimension is None:
        return render_template("conseiller/diagnostic.html", **_sommaire(bd.session, entretien))
    return render_template("conseiller/diagnostic_section.html", **_section(bd.session, entretien, dimension))


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic")
def commencer_diagnostic(uuid: UUID) -> ResponseReturnValue:
    """Start a diagnostic, « à l'entrée » unless said otherwise; the same moment is not started twice."""
    moment = Champ(request.form.get("type", TypeDiagnostic.ENTREE.value), "type").parmi(TypeDiagnostic)
    with transaction() as session:
        notes = _prendre_des_notes(session, uuid)
        if notes.diagnostic is None or notes.diagnostic.type is not moment:
            notes.commencer(moment)
        reprise = Entretien(notes.questionnaire, notes.personne, notes.diagnostic).reprise()
    if reprise is None:
        return redirect(url_for("conseiller.diagnostic", uuid=uuid))
    return redirect(
        url_for("conseiller.diagnostic", uuid=uuid, section=reprise.dimension, _anchor=reprise.code)
    )


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic/reponses")
@reessayer
def noter_reponse(uuid: UUID) -> ResponseReturnValue:
    """Keep one answer as it is given (JSON ``{diagnostic, code, valeurs, vu}``).

    ``valeurs`` is what a form would post; empty, the answer is erased. ``vu`` is the mark of the
    answer the page shows: 409 when it is no longer the one kept. 422 for what cannot be kept.
    """
    recu = lire_json(request.get_data()).objet("diagnostic", "code", "valeurs", "vu")
    code = recu["code"].texte() if "code" in recu else ""
    postees = [_texte(champ) for champ in recu["valeurs"].liste(_VALEURS_MAX)] if "valeurs" in recu else []
    marque = recu["vu"].texte() if "vu" in recu else ""
    with transaction() as session:
        notes = _prendre_des_notes(session, uuid, recu["diagnostic"].texte() if "diagnostic" in recu else "")
        item = notes.questionnaire.par_code.get(code)
        if item is None:
            abort(404)
        try:
            notes.noter(item, postees, marque)
        except DonneeRefusee as refus:
            return _json(REFUS, code=refus.code, phrase=_phrase(refus))
        except ReponseChangee as refus:
            autre = _autre_reponse(session, notes.diagnostic, item)
            return _json(
                409,
                code=refus.code,
                phrase=refus.phrase,
                vu=notes.marque(item),
                enregistree={
                    "valeurs": _valeurs_gardees(notes.diagnostic, item),
                    "libelle": autre.libelle,
                    "quand": _quand(autre),
                },
                saisie=item.libelle(item.lire_formulaire(postees)) if any(postees) else "réponse effacée",
            )
        entretien = Entretien(notes.questionnaire, notes.personne, notes.diagnostic)
        return _json(
            200,
            diagnostic=str(notes.diagnostic.uuid) if notes.diagnostic else None,
            vu=notes.marque(item),
            enregistre=heure(maintenant()),
            alertes=alertes(item, postees),
            ouvertes=sorted(entretien.ouvertes),
            sections={
                a.dimension.code: {"repondues": a.repondues, "posees": a.posees} for a in entretien.avancement
            },
        )


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic/<section>")
@reessayer
def enregistrer_section(uuid: UUID, section: str) -> ResponseReturnValue:
    """Keep a whole section at once, without JavaScript: what can be kept is, the rest is shown again."""
    formulaire = request.form
    saisies: dict[str, Saisie] = {}
    with transaction() as session:
        notes = _prendre_des_notes(session, uuid, formulaire.get("diagnostic", ""))
        dimension = _dimension(notes.questionnaire, section)
        dites = suggestions(session, notes.diagnostic, notes.questionnaire)
        for item in notes.questionnaire.de_la_dimension(section):
            # A question that was not on the page says nothing, not even that its answer is erased.
            if f"vu-{item.code}" not in formulaire or formulaire.get("garder") == item.code:
                continue
            postees = [] if formulaire.get("effacer") == item.code else formulaire.getlist(item.code)
            if formulaire.get("confirmer") == item.code and item.code in dites:
                postees = list(dites[item.code].valeurs)
            try:
                notes.noter(item, postees, formulaire[f"vu-{item.code}"])
            except DonneeRefusee as refus:
                saisies[item.code] = Saisie(tuple(postees), erreur=_phrase(refus))
            except ReponseChangee:
                autre = _autre_reponse(session, notes.diagnostic, item)
                saisies[item.code] = Saisie(tuple(postees), conflit=autre)
        if saisies:
            session.flush()
            entretien = replace(_entretien(session, notes.personne, notes.diagnostic), saisies=saisies)
            page = render_template(
                "conseiller/diagnostic_section.html", **_section(session, entretien, dimension)
            )
    if saisies:
        statut = 409 if any(saisie.conflit for saisie in saisies.values()) else REFUS
        return make_response(page, statut)
    dire_enregistre()
    questionnaire = notes.questionnaire
    return redirect(
        _suite(uuid, questionnaire, dimension) if "suite" in formulaire else _adresse(uuid, dimension)
    )


def _prendre_des_notes(session: Session, uuid: UUID, diagnostic_uuid: str = "") -> PriseDeNotes:
    """The dossier, locked while it is written: two first answers must not start two diagnostics."""
    personne = ouvrir_dossier(session, uuid)
    verrouiller(session, personne)
    return PriseDeNotes(session, personne, choisi(personne, diagnostic_uuid), acteur_courant())


def choisi(personne: Personne, uuid: str) -> Diagnostic | None:
    """The diagnostic a page was showing; 404 when it is not one of hers."""
    if not uuid:
        return dernier(personne)
    trouve = next((d for d in personne.diagnostics if str(d.uuid) == uuid), None)
    if trouve is None:
        abort(404)
    return trouve


def par_qui(session: Session, comptes: set[int]) -> dict[int, str]:
    """« par vous », « par un autre conseiller »…: a role for each account number, never a name."""
    roles = session.execute(select(Compte.id, Compte.role).where(Compte.id.in_(comptes)))
    dits = {numero: _ROLES[role] for numero, role in roles}
    return {n: "par vous" if n == acteur_courant().id else dits.get(n, "") for n in comptes}


def _entretien(session: Session, personne: Personne, actuel: Diagnostic | None) -> Entretien:
    utiles = {q.code: q.debloque for q in questions_pour(session, personne, ce_jour())}
    questionnaire = questionnaire_de(actuel)
    return Entretien(
        questionnaire,
        personne,
        actuel,
        utiles,
        suggestions=suggestions(session, actuel, questionnaire),
        sources=sources_de(session, personne, actuel, acteur_courant()) if actuel else {},
    )


def _commun(session: Session, entretien: Entretien) -> dict[str, Any]:
    reponses = entretien.diagnostic.reponses.values() if entretien.diagnostic else ()
    derniere = max(reponses, key=lambda r: (r.repondu_le, r.id), default=None)
    return {
        "personne": entretien.personne,
        "diagnostic": entretien.diagnostic,
        "avancement": entretien.avancement,
        "seule": entretien.dites_seule,
        "reprise": entretien.reprise(),
        "derniere": derniere,
        "derniere_par": par_qui(session, {derniere.par})[derniere.par] if derniere else "",
    }


def _sommaire(session: Session, entretien: Entretien) -> dict[str, Any]:
    par_code = entretien.questionnaire.par_code
    utiles = [(par_code[code], n) for code, n in entretien.utiles.items() if code in par_code]
    return _commun(session, entretien) | {
        "titre": entretien.questionnaire.titre,
        "utiles": utiles[:3],
        "resultats": resultats_de(entretien.personne, ce_jour()),
        "moments": [m for m in TypeDiagnostic if entretien.diagnostic and m is not entretien.diagnostic.type],
    }


def _section(session: Session, entretien: Entretien, dimension: Dimension) -> dict[str, Any]:
    questions = entretien.questions(dimension.code)
    depliees = [q for q in questions if q.depliee]
    return _commun(session, entretien) | {
        "dimension": dimension,
        "exercices": {exercice.question.partition("_")[0] for exercice in Exercice},
        "depliees": depliees,
        "repliees": [q for q in questions if not q.depliee],
        "erreurs": {q.code: q.erreur or _conflit(q) for q in questions if q.saisie},
        "suite": _suite(entretien.personne.uuid, entretien.questionnaire, dimension),
        "voisines": _voisines(entretien.questionnaire, dimension),
    }


def _conflit(question: QuestionAffichee) -> str:
    return f"« {question.item.texte} » : la réponse a changé entre-temps."


def _voisines(
    questionnaire: Questionnaire, dimension: Dimension
) -> tuple[Dimension | None, Dimension | None]:
    """The sections before and after."""
    dimensions = questionnaire.dimensions
    rang = dimensions.index(dimension)
    return (
        dimensions[rang - 1] if rang else None,
        dimensions[rang + 1] if rang + 1 < len(dimensions) else None,
    )


def _dimension(questionnaire: Questionnaire, code: str) -> Dimension:
    """A section, or 404."""
    dimension = next((d for d in questionnaire.dimensions if d.code == code), None)
    if dimension is None:
        abort(404)
    return dimension


def _adresse(uuid: UUID, dimension: Dimension) -> str:
    return url_for("conseiller.diagnostic", uuid=uuid, section=dimension.code)


def _suite(uuid: UUID, questionnaire: Questionnaire, dimension: Dimension) -> str:
    """The next section, the results after the last one."""
    suivante = _voisines(questionnaire, dimension)[1]
    return _adresse(uuid, suivante) if suivante else url_for("conseiller.resultats_diagnostic", uuid=uuid)


def _autre_reponse(session: Session, actuel: Diagnostic | None, item: Item) -> AutreReponse:
    """The answer somebody else kept meanwhile."""
    reponse = actuel.reponses.get(item.code) if actuel else None
    if reponse is None:
        return AutreReponse("réponse effacée")
    lues = questionnaire_de(actuel).relire({item.code: reponse.valeur})
    libelle = item.libelle(lues[item.code]) if item.code in lues else "réponse d'une autre version"
    return AutreReponse(libelle, reponse.repondu_le, par_qui(session, {reponse.par})[reponse.par])


def _quand(autre: AutreReponse) -> str:
    return f"{jour(autre.le)} à {heure(autre.le)}, {autre.par}".rstrip(", ") if autre.le else ""


def _valeurs_gardees(actuel: Diagnostic | None, item: Item) -> list[str]:
    if actuel is None or item.code not in actuel.reponses:
        return []
    lues = questionnaire_de(actuel).relire({item.code: actuel.reponses[item.code].valeur})
    return list(item.en_formulaire(lues[item.code])) if item.code in lues else []


def _texte(champ: Champ) -> str:
    if not isinstance(champ.valeur, str):
        champ.refuser("un texte est attendu.")
    return champ.valeur


def _phrase(refus: DonneeRefusee) -> str:
    """The refusal without the code of the question, which stands just above."""
    return majuscule(refus.raison)


def _json(statut: int, **corps: Any) -> Response:
    reponse = jsonify(corps)
    reponse.status_code = statut
    return reponse
