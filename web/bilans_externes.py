"""What a bilan made elsewhere proposes to the diagnostic, question by question, and where answers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.besoin import Valeur
from mobilite.bilan_externe import BilanExterne, Suite, bilans_visibles_par, sources
from mobilite.diagnostic import Diagnostic
from mobilite.personnes import Personne
from mobilite.question import GenreQuestion, Item
from web.formats import jour_annee
from web.prise_de_notes import questionnaire_de
from web.referentiel import referentiel

SANS_CODE = (GenreQuestion.TEXTE, GenreQuestion.DATE)
"""Answers in free words or days are asked again: only coded values are taken from elsewhere."""


class Etat(StrEnum):
    """Where one suggestion stands."""

    A_CONFIRMER = "a_confirmer"
    AUTRE_REPONSE = "autre_reponse"
    DEJA_DITE = "deja_dite"
    CONFIRMEE = "confirmee"
    ECARTEE = "ecartee"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One answer of a bilan: the question, what it says, what the diagnostic says, and the mark of that."""

    item: Item
    valeur: Valeur
    etat: Etat
    aujourdhui: str
    marque: str

    @property
    def libelle(self) -> str:
        """What the bilan says."""
        return self.item.libelle(self.valeur)

    @property
    def ouverte(self) -> bool:
        """Whether it still waits to be confirmed or put aside."""
        return self.etat in (Etat.A_CONFIRMER, Etat.AUTRE_REPONSE)


def bilans_de(session: Session, personne: Personne, acteur: Acteur) -> Sequence[BilanExterne]:
    """The bilans made elsewhere that still serve, latest first."""
    return session.scalars(bilans_visibles_par(acteur, personne.id)).all()


def dit_dans(bilan: BilanExterne) -> str:
    """« dit dans le bilan Wimoov du 3 mars 2026 »."""
    return f"dit dans « {bilan.nom} » du {jour_annee(bilan.fait_le)}"


def sources_de(
    session: Session, personne: Personne, diagnostic: Diagnostic, acteur: Acteur
) -> dict[str, str]:
    """By code, where an answer of a diagnostic was said first, if it has not been answered again since."""
    trouvees = sources(bilans_de(session, personne, acteur), diagnostic)
    return {code: dit_dans(bilan) for code, bilan in trouvees.items()}


def questions_a_reprendre(version: str) -> list[tuple[str, list[Item]]]:
    """The questions a bilan can answer by a code, under the title of their section."""
    questionnaire = referentiel().questionnaires.de(version)
    sections = [
        (d.titre, [i for i in questionnaire.de_la_dimension(d.code) if i.genre not in SANS_CODE])
        for d in questionnaire.dimensions
    ]
    return [(titre, items) for titre, items in sections if items]


def suggestions(bilan: BilanExterne, diagnostic: Diagnostic | None) -> list[Suggestion]:
    """What it proposes to a diagnostic (``None``: not started), in the order of the questions.

    A bilan written down with the questions of another version is said in today's words when the
    diagnostic uses them; what cannot be said in its words is not proposed.
    """
    questionnaire = questionnaire_de(diagnostic)
    dites = _dites(bilan, questionnaire.version)
    return [
        _suggestion(bilan, diagnostic, item, dites[item.code])
        for item in questionnaire.items
        if item.code in dites and item.genre not in SANS_CODE
    ]


def _dites(bilan: BilanExterne, version: str) -> Mapping[str, Valeur]:
    connus = referentiel().questionnaires
    if version == bilan.questionnaire:
        return connus.de(version).relire(bilan.reponses)
    if version == connus.courante.version:
        return connus.dites([(bilan.questionnaire, bilan.reponses)])
    return {}


def _suggestion(bilan: BilanExterne, diagnostic: Diagnostic | None, item: Item, valeur: Valeur) -> Suggestion:
    gardee = diagnostic.reponses.get(item.code) if diagnostic else None
    lues: Mapping[str, Any] = (
        questionnaire_de(diagnostic).relire({item.code: gardee.valeur}) if gardee is not None else {}
    )
    suite = bilan.suite(diagnostic, item.code) if diagnostic else None
    if suite is not None and suite.suite is Suite.ECARTEE:
        etat = Etat.ECARTEE
    elif gardee is None:
        etat = Etat.A_CONFIRMER
    elif lues.get(item.code) != valeur:
        etat = Etat.AUTRE_REPONSE
    elif suite is not None and suite.marque == gardee.repondu_le:
        etat = Etat.CONFIRMEE
    else:
        etat = Etat.DEJA_DITE
    return Suggestion(
        item,
        valeur,
        etat,
        item.libelle(lues[item.code]) if item.code in lues else "",
        diagnostic.marque(item.code) if diagnostic else "",
    )
