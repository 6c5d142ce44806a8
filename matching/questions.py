"""Which questions are still worth asking, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.contexte import Contexte
from matching.jugement import Jugement
from matching.proposition import BesoinExamine, Couvre, ProchaineEtape, Proposition, QuestionUtile
from matching.tableau import Vocabulaire
from mobilite.faits import FAITS
from mobilite.verdict import Manque, Verdict

_QUESTIONS_DU_BESOIN = {
    "depart": "D'où part-elle, et jusqu'à quand ?",
    "besoins.cycle": "Quels jours, et à quelles heures d'arrivée et de retour ?",
    "besoins.motif": "Pourquoi doit-elle s'y rendre ?",
    "permis": "Quel permis a-t-elle, et est-il valide ?",
    "moyens": "Quels moyens a-t-elle, roulent-ils, et quand sont-ils libres ?",
}
_AVANT_TOUT = ("depart", "besoins.cycle")
"""Without them a call to a partner is a call for nothing."""


def questions_utiles(
    jugements: Sequence[Jugement], vocabulaire: Vocabulaire, contexte: Contexte
) -> tuple[QuestionUtile, ...]:
    """The open questions, those that would settle most offers first.

    An offer counts once per question, and only while it is À VÉRIFIER: an answer that would not
    change an offer already refused is not worth asking.
    """
    if not jugements:
        return ()
    masques = np.bitwise_or.reduce([np.where(j.possibles, j.questions, np.uint64(0)) for j in jugements])
    comptes = {
        code: int(np.count_nonzero(masques & np.uint64(1 << bit)))
        for code, bit in vocabulaire.questions.items()
    }
    textes = {
        contexte.question(fait).code: contexte.question(fait).texte for fait in FAITS
    } | _QUESTIONS_DU_BESOIN
    questions = [
        QuestionUtile(code_de(code, contexte), textes.get(code_de(code, contexte), code), compte)
        for code, compte in comptes.items()
        if compte
    ]
    return tuple(sorted(questions, key=lambda q: (-q.debloque, q.code)))


def code_de(code: str, contexte: Contexte) -> str:
    """Laws name the fact they miss; the questionnaire knows under which code it is asked."""
    return contexte.question(code).code if code in FAITS and code in contexte.questions else code


def prochaine_etape(
    besoins: Sequence[BesoinExamine], questions: Sequence[QuestionUtile], *, moyens_connus: bool
) -> ProchaineEtape:
    """The first thing to do: book the best place, ask what nothing goes without, make the best call.

    A need that her own means surely cover asks for nothing.
    """
    if not besoins:
        return ProchaineEtape("Demander où elle doit aller, quels jours et à quelles heures.", "la personne")
    ouverts = [examine for examine in besoins if not _par_ses_moyens(examine)]
    if not ouverts:
        moyen = besoins[0].moyens[0]
        duree = f" ({moyen.duree.en_texte()})" if moyen.duree else ""
        return ProchaineEtape(f"Ses moyens suffisent : {moyen.nom}{duree}.", "la personne")
    premieres = [examine.propositions[0] for examine in ouverts if examine.propositions]
    possibles = [p for p in premieres if p.verdict is not Verdict.NON]
    for proposition in possibles:
        if proposition.verdict is Verdict.OUI:
            return ProchaineEtape(f"Réserver : {proposition.offre.nom}.", _contact(proposition))
    codes = {manque.code for p in possibles for manque in p.manques}
    for question in questions:
        if question.code in _AVANT_TOUT and question.code in codes:
            return _demander(question)
    for proposition in possibles:
        appel = _appel(proposition)
        if appel is not None:
            return ProchaineEtape(
                f"Appeler {appel.qui} pour « {proposition.offre.nom} » : {appel.quoi}.",
                appel.qui,
                appel.avant,
            )
    if questions:
        return _demander(questions[0])
    if possibles:
        return _suite(f"« {possibles[0].offre.nom} »", possibles[0].manques[0])
    for examine in ouverts:
        moyens = [m for m in examine.moyens if m.verdict is Verdict.A_VERIFIER]
        if moyens and examine.couvre is not Couvre.RIEN:
            return _suite(f"« {moyens[0].nom} »", moyens[0].manque)
    for examine in ouverts:
        if examine.combinaisons:
            return _suite(f"« {examine.combinaisons[0].nom} »", examine.combinaisons[0].manques[0])
    if not moyens_connus:
        return ProchaineEtape(f"Demander : {_QUESTIONS_DU_BESOIN['moyens']}", "la personne")
    return ProchaineEtape(
        "Rien n'est possible en ce moment : signaler le besoin non couvert.", "le conseiller"
    )


def _suite(solution: str, manque: Manque) -> ProchaineEtape:
    """What is left to settle, with her or by looking further."""
    if manque.qui == "le conseiller":
        return ProchaineEtape(f"{solution} ne fait pas tout : chercher {manque.quoi}.", manque.qui)
    return ProchaineEtape(f"Voir avec elle, pour {solution} : {manque.quoi}.", manque.qui)


def _par_ses_moyens(examine: BesoinExamine) -> bool:
    return any(moyen.verdict is Verdict.OUI for moyen in examine.moyens)


def _demander(question: QuestionUtile) -> ProchaineEtape:
    return ProchaineEtape(f"Demander : {question.texte}", "la personne")


def _contact(proposition: Proposition) -> str:
    offre = proposition.offre
    qui = offre.structure or "le partenaire"
    return f"{qui} ({offre.telephone})" if offre.telephone else qui


def _appel(proposition: Proposition) -> Manque | None:
    """The doubt that a phone call to a named partner settles, the dated one first."""
    appels = [m for m in proposition.manques if not m.code and m.qui not in ("la personne", "le conseiller")]
    return min(appels, key=lambda m: m.avant is None, default=None)
