"""What an offer says to those who read it: its price, and what to bring, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from mobilite.candidate import Candidate, Prix
from mobilite.conditions import Condition, Exige, Sauf, Tous, UnDe
from web.formats import euros


def a_apporter(candidate: Candidate) -> tuple[str, ...]:
    """The documents, the proofs the conditions name, and the deposit, each once."""
    return (*papiers_a_apporter(candidate), *caution_a_apporter(candidate))


def papiers_a_apporter(candidate: Candidate) -> tuple[str, ...]:
    """The documents, and the proofs the conditions name, each once."""
    return tuple(dict.fromkeys([*candidate.documents, *preuves(candidate.conditions)]))


def caution_a_apporter(candidate: Candidate) -> tuple[str, ...]:
    """The deposit, if there is one."""
    return (f"la caution : {euros(candidate.prix.caution)}",) if candidate.prix.caution else ()


def documents_a_voir(candidate: Candidate) -> tuple[str, ...]:
    """What must be shown before the place is sure, each once: of an alternative, one proof is enough."""
    return tuple(dict.fromkeys([*candidate.documents, *_preuves_exigees(candidate.conditions)]))


def _preuves_exigees(condition: Condition) -> Iterator[str]:
    match condition:
        case Tous(conditions):
            for interieure in conditions:
                yield from _preuves_exigees(interieure)
        case UnDe():
            if dites := " ou ".join(dict.fromkeys(preuves(condition))):
                yield dites
        case Exige(preuve=preuve):
            if preuve:
                yield preuve


def preuves(condition: Condition) -> Iterator[str]:
    """The documents that show that a condition holds."""
    match condition:
        case Exige(preuve=preuve):
            if preuve:
                yield preuve
        case Tous(conditions) | UnDe(conditions):
            for interieure in conditions:
                yield from preuves(interieure)
        case Sauf(interieure):
            yield from preuves(interieure)


def prix_en_mots(prix: Prix) -> str:
    """« 4 € par jour ou 60 € par mois », « gratuit », « prix à demander »."""
    if not prix.connu:
        return "prix à demander"
    montants = ((prix.jour, "par jour"), (prix.semaine, "par semaine"), (prix.mois, "par mois"),
                (prix.trajet, "par trajet"), (prix.forfait, "en tout"), (prix.km, "par kilomètre"))  # fmt: skip
    dits = [f"{euros(montant)} {unite}" for montant, unite in montants if montant is not None]
    texte = " ou ".join(dits) or "gratuit"
    return f"{texte}, et {euros(prix.adhesion)} d’adhésion" if prix.adhesion else texte
