"""When a need takes place, as lines of a form: single dates, or days and hours in a cycle of weeks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from mobilite.besoin import SEMAINE
from mobilite.situation import SEMAINES_MAX
from web.conseiller.identite import jour_dit

LIGNES_MAX = 40
DATES_MAX = 40
OUVRES = tuple(jour.value for jour in SEMAINE[:5])
"""Monday to Friday, in one click."""

_HEURE = re.compile(r"([01]?[0-9]|2[0-3])\s*(?:[hH:]\s*([0-5][0-9])?)?")
_TROIS_HUIT = (("05:00", "13:00"), ("13:00", "21:00"), ("21:00", "05:00"))


@dataclass(frozen=True, slots=True)
class LigneDite:
    """One line of the week: its week in the cycle, its days (« lun »…), its hours, all as typed."""

    semaine: str = "1"
    jours: tuple[str, ...] = ()
    arrivee: str = ""
    retour: str = ""

    @property
    def vide(self) -> bool:
        """Whether it says nothing: the line is then forgotten."""
        return not (self.jours or self.arrivee or self.retour)


@dataclass(frozen=True, slots=True)
class DateDite:
    """One date and its hours, as typed."""

    date: str = ""
    arrivee: str = ""
    retour: str = ""

    @property
    def vide(self) -> bool:
        """Whether it says nothing: the line is then forgotten."""
        return not (self.date or self.arrivee or self.retour)


def lignes_dites(formulaire: MultiDict[str, str]) -> list[LigneDite]:
    """The lines of the week as they were sent, at least one."""
    return [
        LigneDite(
            formulaire.get(f"semaine-{rang}", "1").strip(),
            tuple(j.value for j in SEMAINE if j.value in formulaire.getlist(f"jours-{rang}")),
            formulaire.get(f"arrivee-{rang}", "").strip(),
            formulaire.get(f"retour-{rang}", "").strip(),
        )
        for rang in range(LIGNES_MAX)
        if f"semaine-{rang}" in formulaire
    ] or [LigneDite()]


def dates_dites(formulaire: MultiDict[str, str]) -> list[DateDite]:
    """The dates as they were sent, at least one."""
    return [
        DateDite(
            formulaire.get(f"date-{rang}", "").strip(),
            formulaire.get(f"date_arrivee-{rang}", "").strip(),
            formulaire.get(f"date_retour-{rang}", "").strip(),
        )
        for rang in range(DATES_MAX)
        if f"date-{rang}" in formulaire
    ] or [DateDite()]


def lignes_du_document(passages: Mapping[str, Any]) -> list[LigneDite]:
    """The lines of a recorded ``cycle``; hours said once for all come back on each line."""
    return [
        LigneDite(
            str(ligne.get("semaine", 1)),
            tuple([ligne["jours"]] if isinstance(ligne["jours"], str) else ligne["jours"]),
            ligne.get("arrivee") or passages.get("arrivee") or "",
            ligne.get("retour") or passages.get("retour") or "",
        )
        for ligne in passages.get("cycle") or ()
    ] or [LigneDite()]


def dates_du_document(passages: Mapping[str, Any]) -> list[DateDite]:
    """The dates recorded, each with its hours."""
    return [
        DateDite(
            une if isinstance(une, str) else une["date"],
            (isinstance(une, dict) and une.get("arrivee")) or passages.get("arrivee") or "",
            (isinstance(une, dict) and une.get("retour")) or passages.get("retour") or "",
        )
        for une in passages.get("dates") or ()
    ] or [DateDite()]


def trois_huit() -> list[LigneDite]:
    """Three weeks of shifts: morning, afternoon, night."""
    return [
        LigneDite(str(semaine), OUVRES, arrivee, retour)
        for semaine, (arrivee, retour) in enumerate(_TROIS_HUIT, start=1)
    ]


def en_cycle(lignes: Iterable[LigneDite], erreurs: dict[str, str]) -> dict[str, Any]:
    """``{"cycle": […]}`` of the situation document; what is wrong goes to ``erreurs`` by field."""
    cycle = []
    for rang, ligne in enumerate(lignes):
        if ligne.vide:
            continue
        if not ligne.jours:
            erreurs[f"jours-{rang}"] = f"Ligne {rang + 1} : cochez au moins un jour."
        if not (ligne.semaine.isdecimal() and 1 <= int(ligne.semaine) <= SEMAINES_MAX):
            erreurs[f"semaine-{rang}"] = f"Ligne {rang + 1} : la semaine est un nombre de 1 à {SEMAINES_MAX}."
            continue
        cycle.append(
            {"semaine": int(ligne.semaine), "jours": list(ligne.jours)}
            | _heures(
                erreurs,
                ("arrivee", f"arrivee-{rang}", ligne.arrivee),
                ("retour", f"retour-{rang}", ligne.retour),
            )
        )
    return {"cycle": cycle} if cycle else {}


def en_dates(dates: Iterable[DateDite], erreurs: dict[str, str]) -> dict[str, Any]:
    """``{"dates": […]}`` of the situation document; what is wrong goes to ``erreurs`` by field."""
    dites = []
    for rang, une in enumerate(dates):
        if une.vide:
            continue
        if not une.date:
            erreurs[f"date-{rang}"] = f"Date {rang + 1} : écrivez le jour, ou effacez les heures."
            continue
        jour = jour_dit(erreurs, f"date-{rang}", une.date)
        if jour is not None:
            dites.append(
                {"date": jour.isoformat()}
                | _heures(
                    erreurs,
                    ("arrivee", f"date_arrivee-{rang}", une.arrivee),
                    ("retour", f"date_retour-{rang}", une.retour),
                )
            )
    return {"dates": dites} if dites else {}


def lire_heure(texte: str) -> str | None:
    """« 8 h 30 », « 8h », « 08:30 » as ``08:30``; ``None`` when it is no hour of the day."""
    trouve = _HEURE.fullmatch(texte)
    return f"{int(trouve[1]):02d}:{trouve[2] or '00'}" if trouve else None


def _heures(erreurs: dict[str, str], *champs: tuple[str, str, str]) -> dict[str, str]:
    heures = {}
    for cle, nom, texte in champs:
        if not texte:
            continue
        heure = lire_heure(texte)
        if heure is None:
            erreurs[nom] = f"« {texte[:20]} » n'est pas une heure : écrivez par exemple 8 h 30."
        else:
            heures[cle] = heure
    return heures
