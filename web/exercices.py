"""Small exercises on things of here: what is asked, whether an answer is right, what it suggests.

What is shown comes from the lines of the catalogue and the map of the département. Where they say too
little, the sheet is made up and says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.diagnostic import Diagnostic
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.exercice import Exercice, ExerciceFait, ResultatExercice, derniers, exercices_de
from mobilite.journal import Evenement, consigner
from mobilite.questionnaire import Questionnaire

CLE_MIN, CLE_MAX = 16, 64


@dataclass(frozen=True, slots=True)
class Choisir:
    """One choice of an exercise: its field, what is asked, what can be chosen, and what is right."""

    nom: str
    question: str
    options: tuple[tuple[str, str], ...]
    juste: str


@dataclass(frozen=True, slots=True)
class Tableau:
    """A timetable: the name of the line, its columns (one a bus), its rows (stop, hours)."""

    titre: str
    colonnes: tuple[str, ...]
    lignes: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Enonce:
    """An exercise as it is shown. ``indice`` helps after a first try, ``solution`` tells it kindly."""

    exercice: Exercice
    consigne: tuple[str, ...]
    choisir: tuple[Choisir, ...]
    indice: str
    solution: str
    source: str
    tableau: Tableau | None = None
    carte: Markup | None = None

    @property
    def marque(self) -> str:
        """What the form sends back: an answer to another sheet is not an answer to this one."""
        return hashlib.sha256(repr((self.consigne, self.choisir)).encode()).hexdigest()[:16]

    def complete(self, postees: Mapping[str, str]) -> bool:
        """Whether every choice was made among those shown."""
        return all(postees.get(c.nom) in {valeur for valeur, _ in c.options} for c in self.choisir)

    def juste(self, postees: Mapping[str, str]) -> bool:
        """Whether every choice is right."""
        return all(postees.get(c.nom) == c.juste for c in self.choisir)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that an exercise suggests, to be confirmed by somebody: never kept by itself.

    ``valeurs`` is what a form posts, ``libelle`` what it says, ``resultat`` what the exercise showed.
    """

    exercice: Exercice
    resultat: str
    le: datetime
    seule: bool
    valeurs: tuple[str, ...] = ()
    libelle: str = ""


def suggestions(
    session: Session, diagnostic: Diagnostic | None, questionnaire: Questionnaire
) -> dict[str, Suggestion]:
    """By code of question, what the latest exercises of a diagnostic showed and suggest."""
    dites = {}
    for exercice, fait in derniers(session.scalars(exercices_de(diagnostic))).items():
        item = questionnaire.par_code.get(exercice.question)
        if item is None:
            continue
        valeurs: tuple[str, ...] = ()
        libelle = ""
        if fait.suggere is not None:
            try:
                lue = item.lire(Champ(fait.suggere, item.code))
                valeurs, libelle = item.en_formulaire(lue), item.libelle(lue)
            except DonneeRefusee:  # this version asks otherwise
                pass
        dites[item.code] = Suggestion(exercice, fait.resultat.libelle, fait.le, fait.seule, valeurs, libelle)
    return dites


def noter_exercice(
    session: Session,
    diagnostic: Diagnostic,
    exercice: Exercice,
    resultat: ResultatExercice,
    *,
    par: Acteur,
    seule: bool,
    cle: str,
) -> None:
    """Keep what an exercise showed; the same form sent twice is one exercise. Raises ``DonneeRefusee``."""
    if not CLE_MIN <= len(cle) <= CLE_MAX:
        raise DonneeRefusee("", "La page n'est plus à jour. Recommencez.")
    if any(fait.cle == cle for fait in session.scalars(exercices_de(diagnostic))):
        return
    session.add(
        ExerciceFait(
            diagnostic_id=diagnostic.id,
            exercice=exercice,
            resultat=resultat,
            seule=seule,
            cle=cle,
            par=par.id,
        )
    )
    session.add(
        consigner(par, Evenement.EXERCICE_NOTE, diagnostic, exercice=exercice.value, resultat=resultat.value)
    )
