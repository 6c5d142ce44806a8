"""May she have this offer? Conditions evaluated in three values, with the trace of every reason."""

from __future__ import annotations

from math import inf

from matching.contexte import Contexte
from mobilite.conditions import Condition, Exige, Sauf, Tous, UnDe, exigences
from mobilite.droit.ressources import sous_plafond
from mobilite.faits import FAITS, Fait, Faits, ValeurFait, dire_valeur
from mobilite.verdict import Manque, Motif, Verdict, tous, un_de

Connus = dict[int, tuple[Exige, Motif]]
"""What was already answered to a requirement: offers of a catalogue share the same ones."""


def examiner(
    condition: Condition, faits: Faits, contexte: Contexte, connus: Connus | None = None
) -> list[Motif]:
    """The motives that decide a condition: their conjunction is its verdict.

    What is met gives OUI motives, what fails names the condition and her value, what is unknown
    names the question. Never empty for a condition that says something.
    """
    match condition:
        case Exige():
            return [_exigence_connue(condition, faits, contexte, {} if connus is None else connus)]
        case Tous(conditions):
            return [motif for enfant in conditions for motif in examiner(enfant, faits, contexte, connus)]
        case UnDe(conditions):
            return _alternative([examiner(enfant, faits, contexte, connus) for enfant in conditions])
        case Sauf(interieure):
            return [_negation(condition, examiner(interieure, faits, contexte, connus))]


def _exigence_connue(exige: Exige, faits: Faits, contexte: Contexte, connus: Connus) -> Motif:
    connue = connus.get(id(exige))
    if connue is None:  # kept with its requirement, so that no other can take its place
        connue = connus[id(exige)] = exige, _exigence(exige, faits, contexte)
    return connue[1]


def _exigence(exige: Exige, faits: Faits, contexte: Contexte) -> Motif:
    regle = f"condition.{exige.fait.nom}"
    valeur = faits.get(exige.fait.nom)
    verdict = _comparer(exige, valeur, faits, contexte)
    if verdict is Verdict.OUI:
        par_un_tiers = _demande_un_telephone(exige) and valeur not in exige.parmi
        return Motif(regle, verdict, "Quelqu'un peut réserver pour elle." if par_un_tiers else exige.phrase)
    if verdict is Verdict.A_VERIFIER:
        return Motif(regle, verdict, exige.phrase, (_manque(exige, valeur, faits, contexte),))
    return Motif(
        regle,
        verdict,
        f"Condition : {_minuscule(_sans_point(exige.phrase))}. Ici, {exige.fait.libelle} : {_en_mots(valeur)}.",
        changerait=_ce_qui_changerait(exige),
    )


def _ce_qui_changerait(exige: Exige) -> str:
    """Nobody changes her age: an upper limit of age sends to another offer."""
    if exige.fait.nom in ("age", "annee_naissance"):
        return "Une offre sans cette limite d'âge."
    return f"À revoir si cela change ({exige.fait.libelle} : {_attendu(exige)})."


def _manque(exige: Exige, valeur: ValeurFait | None, faits: Faits, contexte: Contexte) -> Manque:
    """What would settle a doubt; a question already answered is never asked again."""
    if valeur is None:
        return _a_demander(exige.fait, contexte)
    if _demande_un_telephone(exige):
        return _a_demander(FAITS["quelquun_reserve"], contexte)
    if isinstance(exige.au_plus, str) and "foyer_personnes" not in faits:
        return _a_demander(FAITS["foyer_personnes"], contexte)
    if isinstance(exige.au_plus, str):
        return Manque("si les ressources passent sous le plafond de l'année", "la CPAM ou la MSA")
    if exige.fait.nom in ("age", "annee_naissance"):
        return Manque("la date de naissance exacte", "la personne")
    return Manque(f"{exige.fait.libelle}, plus précisément", "la personne")


def _a_demander(fait: Fait, contexte: Contexte) -> Manque:
    return Manque(fait.libelle, "la personne", contexte.question(fait.nom).code)


def _demande_un_telephone(exige: Exige) -> bool:
    """A phone is asked for, not its absence."""
    return exige.fait.nom == "telephone" and "aucun" not in exige.parmi


def _comparer(exige: Exige, valeur: ValeurFait | None, faits: Faits, contexte: Contexte) -> Verdict:
    verdict = _comparer_la_valeur(exige, valeur, faits, contexte)
    if not _demande_un_telephone(exige):
        return verdict
    # Somebody who can book for her is as good as the telephone that was asked for.
    reserve = faits.get("quelquun_reserve")
    par_un_tiers = Verdict.A_VERIFIER if reserve is None else Verdict.OUI if reserve is True else Verdict.NON
    return un_de([verdict, par_un_tiers])


def _comparer_la_valeur(exige: Exige, valeur: ValeurFait | None, faits: Faits, contexte: Contexte) -> Verdict:
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
            "Aucune de ces conditions n'est remplie. " + " ".join(m.phrase for m in echecs),
            changerait=" ".join(dict.fromkeys(m.changerait for m in echecs if m.changerait)),
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


def _negation(sauf: Sauf, motifs: list[Motif]) -> Motif:
    """What must not hold, said as an exclusion whatever the answer."""
    verdict = tous(m.verdict for m in motifs).inverse
    decisif = next((m for m in motifs if m.verdict is verdict.inverse), None)
    if decisif is None:  # what holds for everybody, such as an empty condition, excludes everybody
        phrase = "Cette offre n'est ouverte à personne."
        return Motif("condition", Verdict.NON, phrase, changerait="Une correction de l'offre.")
    dit = _dire(sauf.condition)
    if verdict is Verdict.OUI:
        return Motif(decisif.regle, verdict, f"Pas concernée par : {dit}.")
    if verdict is Verdict.NON:
        faits = ", ".join(dict.fromkeys(exige.fait.libelle for exige in exigences(sauf.condition)))
        return Motif(
            decisif.regle, verdict, f"Exclu : {dit}.", changerait=f"À revoir si cela change ({faits})."
        )
    manques = tuple(dict.fromkeys(manque for m in motifs for manque in m.manques))
    return Motif(decisif.regle, verdict, f"Sauf si : {dit}.", manques)


def _dire(condition: Condition) -> str:
    """A condition inside a sentence, whatever its truth: « être à la retraite »."""
    match condition:
        case Exige():
            return _minuscule(_sans_point(condition.phrase))
        case Tous(conditions):
            return " et ".join(_dire(enfant) for enfant in conditions)
        case UnDe(conditions):
            return " ou ".join(_dire(enfant) for enfant in conditions)
        case Sauf(interieure):
            return f"ne pas remplir « {_dire(interieure)} »"


def _sans_point(phrase: str) -> str:
    return phrase.rstrip(". ")


def _minuscule(phrase: str) -> str:
    return phrase[:1].lower() + phrase[1:]


def _attendu(exige: Exige) -> str:
    if exige.au_moins is not None:
        return f"au moins {exige.au_moins:g}"
    if isinstance(exige.au_plus, str):
        return "sous le plafond de ressources"
    if exige.au_plus is not None:
        return f"au plus {exige.au_plus:g}"
    if exige.est is not None:
        return "oui" if exige.est else "non"
    return " ou ".join(sorted(dire_valeur(v) for v in exige.parmi))


def _en_mots(valeur: ValeurFait | None) -> str:
    match valeur:
        case bool():
            return "oui" if valeur else "non"
        case (bas, haut):
            if haut == inf:
                return f"{bas:g} ou plus"
            return f"{bas:g}" if bas == haut else f"{bas:g} à {haut:g}"
        case frozenset():
            return ", ".join(sorted(dire_valeur(v) for v in valeur)) or "aucun"
        case None:
            return "non dit"
        case _:
            return dire_valeur(str(valeur))
