"""The small exercises made together: the sheet on the screen, and how it went, in one click."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobilite.document import Champ
from mobilite.exercice import Exercice, ResultatExercice, derniers, exercices_de
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.exercices import enonce_pour, noter_exercice
from web.prise_de_notes import PriseDeNotes, dernier, verrouiller
from web.transaction import bd, reessayer, transaction


@conseiller.get("/dossiers/<uuid:uuid>/exercices")
def exercices(uuid: UUID) -> str:
    """The three of them, and what the latest showed."""
    personne = consulter(uuid)
    faits = derniers(bd.session.scalars(exercices_de(dernier(personne))))
    return render_template(
        "conseiller/exercices.html", personne=personne, faits=[(e, faits.get(e)) for e in Exercice]
    )


@conseiller.get("/dossiers/<uuid:uuid>/exercices/<exercice>")
def exercice(uuid: UUID, exercice: str) -> str:
    """One exercise, to turn the screen towards her."""
    personne = consulter(uuid)
    lequel = Champ(exercice, "exercice").parmi(Exercice)
    return render_template(
        "conseiller/exercice.html",
        personne=personne,
        exercice=lequel,
        enonce=enonce_pour(bd.session, personne, lequel),
        resultats=list(ResultatExercice),
        cle=nouvelle_cle(),
    )


@conseiller.post("/dossiers/<uuid:uuid>/exercices/<exercice>")
@reessayer
def noter_un_exercice(uuid: UUID, exercice: str) -> ResponseReturnValue:
    """Keep how it went; the question it speaks to then suggests an answer, to be confirmed."""
    lequel = Champ(exercice, "exercice").parmi(Exercice)
    resultat = Champ(request.form.get("resultat", ""), "resultat").parmi(ResultatExercice)
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        verrouiller(session, personne)
        notes = PriseDeNotes(session, personne, dernier(personne), acteur_courant())
        noter_exercice(
            session,
            notes.diagnostic or notes.commencer(),
            lequel,
            resultat,
            par=acteur_courant(),
            seule=False,
            cle=request.form.get("cle", ""),
        )
    dire_enregistre()
    section = lequel.question.partition("_")[0]
    return redirect(
        url_for("conseiller.diagnostic", uuid=uuid, section=section, _anchor=lequel.question), 303
    )
