"""« Faire le point »: the questions she can answer alone beforehand, one a page, on a phone.

Her answers stand in the same diagnostic as those said together, marked as hers. What is delicate waits
for the interview, and so does what she passes over. What was said together is not asked again here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.diagnostic import Diagnostic, OrigineReponse, ReponseChangee
from mobilite.erreurs import DonneeRefusee
from mobilite.exercice import Exercice, ResultatExercice, derniers, exercices_de
from mobilite.personnes import Personne
from mobilite.question import Item
from mobilite.questionnaire import Dimension, Questionnaire
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.contact import contact_de
from web.enonce import Enonce
from web.erreurs import REFUS
from web.exercices import enonce_pour, noter_exercice
from web.personne.espace import elle, personne
from web.prise_de_notes import PriseDeNotes, dernier, questionnaire_de, verrouiller
from web.questions import AutreReponse, Entretien, Saisie
from web.transaction import lecture, reessayer, transaction

SUJETS = {
    "D0": "Votre demande",
    "D1": "Vos déplacements",
    "D2": "Véhicule, permis, arrêts",
    "D6": "Se repérer",
    "D8": "Téléphone et internet",
    "D9": "Votre famille, votre temps",
    "D10": "Autour de vous",
    "D11": "Vos papiers",
    "D12": "Essayer autrement",
}
"""The sections in words said to her; a section added since keeps its own title."""

_MINEURES = "D0_accord_parental"
_MAJORITE = 18
_EXERCICES = {exercice.question: exercice for exercice in Exercice}
_VALEURS_MAX = 60


@dataclass(frozen=True)
class Chemin:
    """The way through the questions for her alone. ``faits``: the codes of the exercises already tried."""

    questionnaire: Questionnaire
    personne: Personne
    diagnostic: Diagnostic | None
    faits: frozenset[str] = frozenset()

    @cached_property
    def entretien(self) -> Entretien:
        """The same diagnostic, as questions on a page."""
        return Entretien(self.questionnaire, self.personne, self.diagnostic)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What can be asked of her alone, in order: nothing delicate, nothing already said together."""
        return tuple(
            item
            for item in self.questionnaire.items
            if item.code in self.entretien.ouvertes
            and not (item.sensible or item.replie)
            and not self._ensemble(item.code)
            and (item.code != _MINEURES or self._mineure)
        )

    @property
    def _mineure(self) -> bool:
        annee = self.personne.annee_naissance
        return annee is not None and ce_jour().year - annee <= _MAJORITE

    def _ensemble(self, code: str) -> bool:
        reponse = self.diagnostic.reponses.get(code) if self.diagnostic else None
        return reponse is not None and reponse.origine is not OrigineReponse.SEULE

    def repondue(self, item: Item) -> bool:
        """Whether she has answered, or tried the exercise that stands for it."""
        return item.code in self.entretien.gardees or item.code in self.faits

    @cached_property
    def laissees(self) -> tuple[Item, ...]:
        """The questions still without an answer."""
        return tuple(item for item in self.items if not self.repondue(item))

    def apres(self, code: str) -> Item | None:
        """The next question without an answer, further than ``code``."""
        codes = [item.code for item in self.questionnaire.items]
        rang = codes.index(code)
        return next((item for item in self.laissees if codes.index(item.code) > rang), None)

    def avant(self, code: str) -> Item | None:
        """The question before ``code``, answered or not."""
        codes = [item.code for item in self.questionnaire.items]
        rang = codes.index(code)
        return next((item for item in reversed(self.items) if codes.index(item.code) < rang), None)

    def reprise(self) -> Item | None:
        """Where she stopped: the first question without an answer after her last one, else the first left."""
        codes = [item.code for item in self.questionnaire.items]
        dites = [item.code for item in self.items if self.repondue(item)]
        suite = self.apres(max(dites, key=codes.index)) if dites else None
        return suite or next(iter(self.laissees), None)

    @property
    def commence(self) -> bool:
        """Whether she has already answered something alone."""
        return any(self.repondue(item) for item in self.items)

    @cached_property
    def sujets(self) -> list[tuple[Dimension, str, bool]]:
        """The sections she goes through: each, its words, and whether nothing is left in it."""
        codes = {item.dimension for item in self.items}
        reste = {item.dimension for item in self.laissees}
        return [
            (d, SUJETS.get(d.code, d.titre), d.code not in reste)
            for d in self.questionnaire.dimensions
            if d.code in codes
        ]


def chemin_de(session: Session, qui: Personne) -> Chemin:
    """Her way through the questions, as it stands."""
    actuel = dernier(qui)
    faits = derniers(session.scalars(exercices_de(actuel)))
    return Chemin(questionnaire_de(actuel), qui, actuel, frozenset(exercice.question for exercice in faits))


@personne.get("/point")
def point() -> str:
    """What this is, who will see it, where she stands; she begins, or goes on."""
    with lecture() as session:
        qui = elle(session)
        chemin = chemin_de(session, qui)
        return render_template(
            "personne/point.html",
            chemin=chemin,
            reprise=chemin.reprise(),
            fini="fini" in request.args,
            contact=contact_de(session, qui),
        )


@personne.get("/point/<code>")
def point_question(code: str) -> str:
    """One question, or the small exercise that stands for it."""
    with lecture() as session:
        chemin = chemin_de(session, elle(session))
        item = _item(chemin, code)
        if code in _EXERCICES:
            return _page_exercice(chemin, item, enonce_pour(session, chemin.personne, _EXERCICES[code]))
        return _page_question(chemin, item)


@personne.post("/point/<code>")
@reessayer
def point_repondre(code: str) -> ResponseReturnValue:
    """Keep her answer and go on; « Passer » keeps nothing."""
    postees = request.form.getlist(code)[:_VALEURS_MAX]
    enonce = None
    if code in _EXERCICES:
        # The map and the timetable are drawn before anybody waits for the lock.
        with lecture() as session:
            enonce = enonce_pour(session, elle(session), _EXERCICES[code])
    with transaction() as session:
        qui = elle(session)
        verrouiller(session, qui)
        chemin = chemin_de(session, qui)
        item = _item(chemin, code)
        notes = PriseDeNotes(session, qui, chemin.diagnostic, acteur_courant(), OrigineReponse.SEULE)
        if enonce is not None:
            return _essayer(notes, chemin, item, enonce)
        if "passer" not in request.form:
            if not any(valeur.strip() for valeur in postees):
                phrase = "Choisissez une réponse, ou appuyez sur « Passer »."
                return _page_question(chemin, item, Saisie((), erreur=phrase)), REFUS
            try:
                notes.noter(item, postees, request.form.get("vu", ""))
            except DonneeRefusee as refus:
                phrase = refus.raison[:1].upper() + refus.raison[1:]
                return _page_question(chemin, item, Saisie(tuple(postees), erreur=phrase)), REFUS
            except ReponseChangee:
                autre = AutreReponse(_libelle(chemin, item))
                return _page_question(chemin, item, Saisie(tuple(postees), conflit=autre)), 409
            session.flush()
        suite = chemin_de(session, qui).apres(code)
    return _aller(suite)


def _essayer(notes: PriseDeNotes, chemin: Chemin, item: Item, enonce: Enonce) -> ResponseReturnValue:
    """An exercise: right, right after a hint, not yet, or passed over. Only the outcome is kept."""
    aide = request.form.get("aide") == "oui"
    if "passer" in request.form:
        resultat, phrase = ResultatExercice.PASSE, ""
    elif request.form.get("marque") != enonce.marque:
        return _page_exercice(chemin, item, enonce, erreur="La fiche a changé. Voici la nouvelle."), REFUS
    elif not enonce.complete(request.form):
        phrase = "Choisissez une réponse, ou appuyez sur « Passer »."
        return _page_exercice(chemin, item, enonce, erreur=phrase, aide=aide), REFUS
    elif enonce.juste(request.form):
        resultat = ResultatExercice.AVEC_AIDE if aide else ResultatExercice.REUSSI
        phrase = f"C'est ça. {enonce.solution}"
    elif not aide:
        return _page_exercice(chemin, item, enonce, aide=True), REFUS
    else:
        resultat = ResultatExercice.PAS_ENCORE
        phrase = f"{enonce.solution} On le regardera ensemble."
    actuel = notes.diagnostic or notes.commencer()
    noter_exercice(
        notes.session,
        actuel,
        enonce.exercice,
        resultat,
        par=notes.acteur,
        seule=True,
        cle=request.form.get("cle", ""),
    )
    notes.session.flush()
    suite = chemin_de(notes.session, chemin.personne).apres(item.code)
    if phrase:
        flash(phrase)
    return _aller(suite)


def _aller(suite: Item | None) -> ResponseReturnValue:
    if suite is None:
        return redirect(url_for("personne.point", fini=1), 303)
    return redirect(url_for("personne.point_question", code=suite.code), 303)


def _item(chemin: Chemin, code: str) -> Item:
    """A question that may be asked of her alone; what is for the interview leads back, the rest is a 404."""
    if code not in chemin.questionnaire.par_code:
        abort(404)
    item = next((item for item in chemin.items if item.code == code), None)
    if item is None:
        flash("Cette question, on la voit ensemble au rendez-vous.")
        abort(redirect(url_for("personne.point"), 303))
    return item


def _commun(chemin: Chemin, item: Item) -> dict[str, object]:
    rang, mots = next(
        (rang, mots) for rang, (d, mots, _) in enumerate(chemin.sujets, 1) if d.code == item.dimension
    )
    return {
        "item": item,
        "avant": chemin.avant(item.code),
        "sujet": f"Sujet {rang} sur {len(chemin.sujets)} : {mots}",
    }


def _page_question(chemin: Chemin, item: Item, saisie: Saisie | None = None) -> str:
    entretien = Entretien(
        chemin.questionnaire,
        chemin.personne,
        chemin.diagnostic,
        saisies={item.code: saisie} if saisie else {},
    )
    return render_template(
        "personne/point_question.html", q=entretien.question(item), **_commun(chemin, item)
    )


def _page_exercice(
    chemin: Chemin, item: Item, enonce: Enonce, *, erreur: str = "", aide: bool = False
) -> str:
    return render_template(
        "personne/point_exercice.html",
        enonce=enonce,
        erreur=erreur,
        aide=aide,
        cle=request.form.get("cle") or nouvelle_cle(),
        choisies=request.form,
        **_commun(chemin, item),
    )


def _libelle(chemin: Chemin, item: Item) -> str:
    lues = chemin.questionnaire.relire({c: v for c, v in chemin.entretien.gardees.items() if c == item.code})
    return item.libelle(lues[item.code]) if item.code in lues else "réponse effacée"
