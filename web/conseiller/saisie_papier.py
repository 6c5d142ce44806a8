"""The paper form: printed blank, and keyed in later on one dense page, one keystroke an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.diagnostic import OrigineReponse, ReponseChangee
from mobilite.erreurs import DonneeRefusee
from mobilite.personnes import Personne
from mobilite.question import Item
from mobilite.questionnaire import Dimension
from web.acces import acteur_courant, veut_json
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.conseiller.diagnostic import choisi
from web.erreurs import REFUS
from web.formats import majuscule
from web.impressions import composer, contenu_questionnaire
from web.prise_de_notes import PriseDeNotes, dernier, questionnaire_de, verrouiller
from web.questions import Entretien
from web.referentiel import referentiel
from web.touches import Touche, en_frappe, lire_frappe, touches, touches_a_part, une_frappe
from web.transaction import reessayer, transaction


@dataclass(frozen=True, slots=True)
class Ligne:
    """One question on the page: its keys, what is typed, the mark of the kept answer, what is wrong."""

    item: Item
    touches: tuple[Touche, ...]
    permises: str
    une: bool
    frappe: str
    marque: str
    erreur: str = ""


@conseiller.get("/questionnaire.pdf")
def questionnaire_pdf() -> Response:
    """The blank paper form of today's questions: it names nobody."""
    reponse = make_response(_imprime(referentiel().questionnaire.version))
    reponse.mimetype = "application/pdf"
    reponse.headers["Content-Disposition"] = 'inline; filename="questionnaire.pdf"'
    return reponse


@conseiller.get("/dossiers/<uuid:uuid>/diagnostic/papier")
def saisir_papier(uuid: UUID) -> str:
    """Every code on one page, what is already kept in its place."""
    personne = consulter(uuid)
    return _page(personne, {}, {})


@conseiller.post("/dossiers/<uuid:uuid>/diagnostic/papier")
@reessayer
def enregistrer_papier(uuid: UUID) -> ResponseReturnValue:
    """Keep the whole sheet at once: what can be kept is, the rest is shown again as it was typed."""
    formulaire = request.form
    refusees: dict[str, str] = {}
    notees = 0
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        verrouiller(session, personne)
        actuel = choisi(personne, formulaire.get("diagnostic", ""))
        notes = PriseDeNotes(session, personne, actuel, acteur_courant(), OrigineReponse.PAPIER)
        for item in notes.questionnaire.items:
            if f"vu-{item.code}" not in formulaire:
                continue
            avant = notes.marque(item)
            try:
                postees = lire_frappe(item, formulaire.get(item.code, ""))
                notes.noter(item, postees, formulaire[f"vu-{item.code}"])
            except DonneeRefusee as refus:
                refusees[item.code] = majuscule(refus.raison)
            except ReponseChangee:
                gardee = Entretien(notes.questionnaire, personne, notes.diagnostic).question(item)
                autre = en_frappe(item, gardee.valeurs) or "effacée"
                refusees[item.code] = (
                    f"Changée entre-temps : « {autre} ». Enregistrer à nouveau garde la vôtre."
                )
            notees += notes.marque(item) != avant
        if refusees:
            session.flush()
            page = _page(personne, refusees, formulaire)
    if refusees:
        return make_response(page, REFUS)
    dire_enregistre(f"{notees} réponse{'s' if notees > 1 else ''} recopiée{'s' if notees > 1 else ''}.")
    suite = url_for("conseiller.diagnostic", uuid=uuid)
    # A script goes there by itself: following a redirect, it would read what is said once before her.
    return jsonify(suite=suite) if veut_json() else redirect(suite, 303)


@lru_cache(maxsize=2)
def _imprime(version: str) -> bytes:
    return composer("questionnaire", contenu_questionnaire(referentiel().questionnaires.de(version)))


def _page(personne: Personne, refusees: Mapping[str, str], frappes: Mapping[str, str]) -> str:
    actuel = dernier(personne)
    entretien = Entretien(questionnaire_de(actuel), personne, actuel)
    sections: list[tuple[Dimension, list[Ligne]]] = [
        (
            dimension,
            [
                Ligne(
                    item=q.item,
                    touches=touches(q.item),
                    permises="".join(t.touche for t in touches(q.item)) + touches_a_part(q.item),
                    une=une_frappe(q.item),
                    frappe=frappes[q.code] if q.code in refusees else en_frappe(q.item, q.valeurs),
                    marque=q.marque,
                    erreur=refusees.get(q.code, ""),
                )
                for q in entretien.questions(dimension.code)
            ],
        )
        for dimension in entretien.questionnaire.dimensions
    ]
    return render_template(
        "conseiller/saisie_papier.html",
        personne=personne,
        diagnostic=actuel,
        version=entretien.questionnaire.version,
        sections=sections,
        erreurs=refusees,
    )
