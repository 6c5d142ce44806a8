"""Small exercises on things of here: which one is shown to her, what it showed, what it suggests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.diagnostic import Diagnostic
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.exercice import Exercice, ExerciceFait, ResultatExercice, derniers, exercices_de
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.questionnaire import Questionnaire
from web.carte_exercice import se_placer
from web.enonce import Enonce
from web.fiche_horaire import fiche_d_ici, lire_la_fiche, trouver_le_depart

CLE_MIN, CLE_MAX = 16, 64


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


def enonce_pour(session: Session, qui: Personne, exercice: Exercice) -> Enonce:
    """The exercise, on her own places where they are known. Draws a map: never inside a transaction."""
    chez = qui.departs[0].insee if qui.departs else qui.rattachement
    vers = next((besoin.destination for besoin in qui.besoins if besoin.destination), None)
    if exercice is Exercice.CARTE:
        return se_placer(chez, vers)
    fiche = fiche_d_ici(session, [lieu for lieu in (chez, vers) if lieu])
    return lire_la_fiche(fiche) if exercice is Exercice.HORAIRE else trouver_le_depart(fiche)
