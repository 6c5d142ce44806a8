"""May she have this offer? Conditions evaluated in three values, with the trace of every reason."""

from __future__ import annotations

from matching.contexte import Contexte
from mobilite.conditions import Condition, Exige, Sauf, Tous, UnDe
from mobilite.droit.ressources import sous_plafond
from mobilite.faits import Faits, ValeurFait
from mobilite.verdict import Manque, Motif, Verdict, tous, un_de


def examiner(condition: Condition, faits: Faits, contexte: Contexte) -> list[Motif]:
    """The motives that decide a condition: their conjunction is its verdict.

    What is met gives OUI motives, what fails names the condition and her value, what is unknown
    names the question. Never empty for a condition that says something.
    """
    match condition:
        case Exige():
            return [_exigence(condition, faits, contexte)]
        case Tous(conditions):
            return [motif for enfant in conditions for motif in examiner(enfant, faits, contexte)]
        case UnDe(conditions):
            return _alternative([examiner(enfant, faits, contexte) for enfant in conditions])
        case Sauf(interieure):
            return [_negation(examiner(interieure, faits, contexte))]


def _exigence(exige: Exige, faits: Faits, contexte: Contexte) -> Motif:
    regle = f"condition.{exige.fait.nom}"
    valeur = faits.get(exige.fait.nom)
    verdict = _comparer(exige, valeur, faits, contexte)
    if verdict is Verdict.OUI:
        return Motif(regle, verdict, exige.phrase)
    if verdict is Verdict.A_VERIFIER:
        question = contexte.question(exige.fait.nom)
        manque = Manque(exige.fait.libelle, "la personne", question.code)
        return Motif(regle, verdict, exige.phrase, (manque,))
    return Motif(
        regle,
        verdict,
        f"{exige.phrase.rstrip('.')} ; {exige.fait.libelle} : {_en_mots(valeur)}.",
        changerait=f"Si {exige.fait.libelle} change : {_attendu(exige)}.",
    )


def _comparer(exige: Exige, valeur: ValeurFait | None, faits: Faits, contexte: Contexte) -> Verdict:
    if valeur is None:
        return Verdict.A_VERIFIER
    if isinstance(exige.au_plus, str):
        return sous_plafond(exige.au_plus, faits, contexte.parametres)
    if isinstance(valeur, tuple):
        return _borner(valeur, exige.au_moins, exige.au_plus)
    if isinstance(valeur, bool):
        return Verdict.OUI if valeur is exige.est else Verdict.NON
    tenues = valeur if isinstance(valeur, frozenset) else frozenset({valeur})
    return Verdict.OUI if tenues & exige.parmi else Verdict.NON


def _borner(intervalle: tuple[float, float], au_moins: float | None, au_plus: float | None) -> Verdict:
    bas, haut = intervalle
    verdicts = []
    if au_moins is not None:
        verdicts.append(
            Verdict.OUI if bas >= au_moins else Verdict.NON if haut < au_moins else Verdict.A_VERIFIER
        )
    if au_plus is not None:
        verdicts.append(
            Verdict.OUI if haut <= au_plus else Verdict.NON if bas > au_plus else Verdict.A_VERIFIER
        )
    return tous(verdicts)


def _alternative(branches: list[list[Motif]]) -> list[Motif]:
    verdicts = [tous(m.verdict for m in branche) for branche in branches]
    verdict = un_de(verdicts)
    if verdict is not Verdict.NON:
        return (
            next(branche for branche, v in zip(branches, verdicts, strict=True) if v is verdict)
            if (verdict is Verdict.OUI)
            else [_doute(branches, verdicts)]
        )
    echecs = [m for branche in branches for m in branche if m.verdict is Verdict.NON]
    return [
        Motif(
            echecs[0].regle,
            Verdict.NON,
            "Il faudrait l'une de ces conditions : "
            + " ou ".join(_sans_point(m.phrase) for m in echecs)
            + ".",
            changerait=" Ou : ".join(m.changerait for m in echecs if m.changerait),
        )
    ]


def _doute(branches: list[list[Motif]], verdicts: list[Verdict]) -> Motif:
    """An alternative nobody can settle yet: every open branch and what would settle it."""
    ouverts = [
        m
        for branche, v in zip(branches, verdicts, strict=True)
        if v is Verdict.A_VERIFIER
        for m in branche
        if m.verdict is Verdict.A_VERIFIER
    ]
    manques = tuple(dict.fromkeys(manque for m in ouverts for manque in m.manques))
    return Motif(ouverts[0].regle, Verdict.A_VERIFIER, " Ou : ".join(m.phrase for m in ouverts), manques)


def _negation(motifs: list[Motif]) -> Motif:
    verdict = tous(m.verdict for m in motifs).inverse
    decisif = next((m for m in motifs if m.verdict is verdict.inverse), None)
    if decisif is None:  # an empty inner condition is true, so its negation is never met
        phrase = "Cette offre n'est ouverte à personne."
        return Motif("condition", Verdict.NON, phrase, changerait="Une correction de l'offre.")
    manques = tuple(manque for m in motifs for manque in m.manques) if verdict is Verdict.A_VERIFIER else ()
    phrase = decisif.phrase if verdict is not Verdict.NON else f"Exclu par : {decisif.phrase}"
    changerait = "Si cela change." if verdict is Verdict.NON else ""
    return Motif(decisif.regle, verdict, phrase, manques, changerait)


def _sans_point(phrase: str) -> str:
    return phrase.rstrip(". ")


def _attendu(exige: Exige) -> str:
    if exige.au_moins is not None:
        return f"au moins {exige.au_moins:g}"
    if isinstance(exige.au_plus, str):
        return "sous le plafond de ressources"
    if exige.au_plus is not None:
        return f"au plus {exige.au_plus:g}"
    if exige.est is not None:
        return "oui" if exige.est else "non"
    return " ou ".join(_en_mot(v) for v in sorted(exige.parmi))


def _en_mots(valeur: ValeurFait | None) -> str:
    match valeur:
        case bool():
            return "oui" if valeur else "non"
        case (bas, haut):
            return f"{bas:g}" if bas == haut else f"{bas:g} à {haut:g}"
        case frozenset():
            return ", ".join(_en_mot(v) for v in sorted(valeur)) or "aucun"
        case None:
            return "non dit"
        case _:
            return _en_mot(str(valeur))


def _en_mot(valeur: str) -> str:
    return {"rsa": "RSA", "aah": "AAH", "ass": "ASS", "cej": "CEJ", "aspa": "ASPA", "annule": "annulé"}.get(
        valeur, valeur.replace("_", " ")
    )
