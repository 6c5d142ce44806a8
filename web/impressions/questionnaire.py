"""The paper form of the diagnostic: every question in plain words, a key in each box, the code beside."""

from __future__ import annotations

from typing import Any

from mobilite.exercice import Exercice
from mobilite.question import GenreQuestion, Item, Visibilite
from mobilite.questionnaire import Questionnaire
from web.formats import telephone
from web.impressions import guichet
from web.touches import touches, touches_a_part

_MARQUES = {Visibilite.CONSEILLER: "●", Visibilite.PARTAGEABLE: "▲", Visibilite.EQUIPE: ""}
_ENSEMBLE = frozenset(exercice.question for exercice in Exercice)


def contenu_questionnaire(questionnaire: Questionnaire) -> dict[str, Any]:
    """What the form says. It names nobody: her name is written on it by hand, if she wants."""
    return {
        "titre": "Faire le point sur vos déplacements",
        "version": questionnaire.version,
        "intro": [
            "Répondez à ce que vous voulez. Laissez vide ce qui vous gêne : on en parle ensemble.",
            "Cochez la case. Le petit signe dans la case sert à recopier vos réponses.",
        ],
        "legende": "? : je ne sais pas.   – : je préfère ne pas répondre.",
        "qui_voit": [
            "Vos réponses restent dans l'équipe du guichet.",
            "● : reste entre vous et la personne qui vous suit.",
            "▲ : peut être transmise à un partenaire, avec votre accord.",
        ],
        "guichet": f"{guichet.NOM}, {telephone(guichet.TELEPHONE)}",
        "sections": [
            {
                "code": dimension.code,
                "titre": dimension.titre,
                "note": "Seulement si vous voulez." if dimension.replie else "",
                "questions": [
                    _question(item, questionnaire) for item in questionnaire.de_la_dimension(dimension.code)
                ],
            }
            for dimension in questionnaire.dimensions
        ],
    }


def _question(item: Item, questionnaire: Questionnaire) -> dict[str, Any]:
    return {
        "code": item.code,
        "texte": item.simple,
        "marque": _MARQUES[item.visibilite],
        "si": _condition(item, questionnaire),
        "note": " ".join(
            note
            for note, vraie in (
                ("Plusieurs réponses possibles.", item.genre is GenreQuestion.PLUSIEURS),
                ("À faire ensemble.", item.code in _ENSEMBLE),
            )
            if vraie
        ),
        "ecrire": {
            GenreQuestion.TEXTE: "texte",
            GenreQuestion.NOMBRE: "nombre",
            GenreQuestion.DATE: "date",
        }.get(item.genre, ""),
        "unite": item.unite,
        "cases": [{"touche": t.touche, "libelle": t.libelle} for t in touches(item)],
        "a_part": [signe.replace("-", "–") for signe in touches_a_part(item)],
    }


def _condition(item: Item, questionnaire: Questionnaire) -> str:
    """« Si vous avez coché 1 ou 3 à D2_conduire : »"""
    if item.si is None:
        return ""
    parmi = [t.touche for t in touches(questionnaire.par_code[item.si.code]) if t.valeur in item.si.parmi]
    return f"Si vous avez coché {' ou '.join(parmi)} à {item.si.code} :"
