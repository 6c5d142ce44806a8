"""The keys of the paper form: one beside each box, and one keystroke to key its answer in.

« 0 » to « 3 » for a scale, « o » and « n », « 1 » to « 9 » then letters for a choice; « ? » for « ne sait
pas », « - » for « préfère ne pas répondre ». What is typed is what a form posts: same codes, same checks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mobilite.erreurs import DonneeRefusee
from mobilite.question import NE_SAIT_PAS, PREFERE_NE_PAS_REPONDRE, GenreQuestion, Item

SAIT_PAS, REFUSE = "?", "-"
_RANGS = "123456789abcdefghijklmpqrstuvwxyz"
_DATE = re.compile(r"(\d{1,2})[/. -]?(\d{1,2})[/. -]?(\d{4})")
_TAPES = (GenreQuestion.NOMBRE, GenreQuestion.TEXTE, GenreQuestion.DATE)


@dataclass(frozen=True, slots=True)
class Touche:
    """A key, the value it stands for in a form, and what it says."""

    touche: str
    valeur: str
    libelle: str


def touches(item: Item) -> tuple[Touche, ...]:
    """The keys of a question, « ? » and « - » left out; none for what is written out."""
    if item.genre is GenreQuestion.OUI_NON:
        return tuple(Touche(choix.valeur[0], choix.valeur, choix.libelle) for choix in item.choix)
    if item.genre is GenreQuestion.ECHELLE:
        return tuple(Touche(choix.valeur, choix.valeur, choix.libelle) for choix in item.choix)
    return tuple(Touche(t, choix.valeur, choix.libelle) for t, choix in zip(_RANGS, item.choix, strict=False))


def touches_a_part(item: Item) -> str:
    """« ?- » or « - »: the keys of this question that say no answer."""
    sait_pas = item.ne_sait_pas and item.genre is not GenreQuestion.TEXTE
    return f"{SAIT_PAS}{REFUSE}" if sait_pas else REFUSE


def une_frappe(item: Item) -> bool:
    """Whether one keystroke is the whole answer."""
    return item.genre not in (*_TAPES, GenreQuestion.PLUSIEURS)


def lire_frappe(item: Item, frappe: str) -> list[str]:
    """What was typed, as a form would post it; empty for nothing. Raises ``DonneeRefusee``."""
    frappe = frappe.strip()
    if not frappe:
        return []
    if frappe == REFUSE:
        return [PREFERE_NE_PAS_REPONDRE]
    if frappe == SAIT_PAS and SAIT_PAS in touches_a_part(item):
        return [NE_SAIT_PAS]
    if item.genre is GenreQuestion.DATE:
        trouve = _DATE.fullmatch(frappe)
        return [f"{trouve[3]}-{trouve[2]:0>2}-{trouve[1]:0>2}" if trouve else frappe]
    if item.genre in _TAPES:
        return [frappe]
    connues = {t.touche: t.valeur for t in touches(item)}
    tapees = [signe for signe in frappe.lower() if signe not in " ,;"]
    inconnues = [signe for signe in tapees if signe not in connues]
    if inconnues or (len(tapees) > 1 and une_frappe(item)):
        raise DonneeRefusee(item.code, f"« {frappe} » : taper {_attendues(item)}.")
    return [connues[signe] for signe in dict.fromkeys(tapees)]


def en_frappe(item: Item, valeurs: Sequence[str]) -> str:
    """What would be typed for a kept answer; ``lire_frappe`` reads it back."""
    a_part = {PREFERE_NE_PAS_REPONDRE: REFUSE, NE_SAIT_PAS: SAIT_PAS}
    if len(valeurs) == 1 and valeurs[0] in a_part:
        return a_part[valeurs[0]]
    if item.genre is GenreQuestion.DATE and valeurs:
        annee, mois, jour = valeurs[0].split("-")
        return f"{jour}/{mois}/{annee}"
    if item.genre in _TAPES:
        return "".join(valeurs)
    return "".join(t.touche for t in touches(item) if t.valeur in valeurs)


def _attendues(item: Item) -> str:
    return ", ".join((*(t.touche for t in touches(item)), *touches_a_part(item)))
