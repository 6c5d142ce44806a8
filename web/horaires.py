"""Days and hours as people say them: « lundi à vendredi, 8 h–16 h 30 »."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mobilite.besoin import SEMAINE, Jour, Passage, Plage
from mobilite.horaires import dire_jours, enumerer
from web.formats import INSECABLE, heure, jour

DATES_DITES = 4
_FIN_DE_JOURNEE = 23 * 60 + 45


def dire_heures(arrivee: int | None, retour: int | None) -> str:
    """« 8 h–16 h 30 », from minutes since midnight; what nobody said is said to be missing."""
    if arrivee is None and retour is None:
        return "heures à demander"
    if arrivee is None:
        return f"repartir à {heure(retour or 0)}"
    if retour is None:
        return f"arriver à {heure(arrivee)}, retour à demander"
    lendemain = " le lendemain" if retour < arrivee else ""
    return f"{heure(arrivee)}–{heure(retour)}{lendemain}"


def dire_passages(passages: Sequence[Passage]) -> str:
    """When a need takes place, in one sentence without a full stop."""
    return " ; ".join(lignes_des_passages(passages))


def lignes_des_passages(passages: Sequence[Passage]) -> list[str]:
    """The same, a line for each week of the cycle or each date."""
    if not passages:
        return ["jours et heures à demander"]
    if passages[0].date is not None:
        return _dates(passages)
    semaines = {
        numero: _dire_semaine(list(siens))
        for numero, siens in groupby(
            sorted(passages, key=lambda p: p.semaine or 1), key=lambda p: p.semaine or 1
        )
    }
    if list(semaines) == [1]:
        return [semaines[1]]
    return [f"semaine{INSECABLE}{numero} : {phrase}" for numero, phrase in semaines.items()]


def dire_plage(plage: Plage) -> str:
    """When a means is free: « lundi à vendredi, 4 h 15–13 h 45 »."""
    if plage.de == 0 and plage.a >= _FIN_DE_JOURNEE:
        jours = dire_jours(plage.jours)
        return "toujours libre" if len(plage.jours) == len(SEMAINE) else f"{jours}, toute la journée"
    return f"{dire_jours(plage.jours)}, {dire_heures(plage.de, plage.a)}"


def dire_ouverture(horaires: Sequence[Plage] | None) -> str:
    """« lundi à vendredi, 9 h–12 h et 13 h 30–17 h ; samedi, 9 h–12 h »; what nobody said is said to be."""
    if horaires is None:
        return "horaires non connus"
    par_heures: dict[tuple[str, ...], list[Jour]] = {}
    for j in SEMAINE:
        siennes = sorted((p.de, p.a) for p in horaires if j in p.jours)
        if siennes:
            par_heures.setdefault(tuple(dire_heures(*heures) for heures in siennes), []).append(j)
    dites = " ; ".join(f"{dire_jours(jours)}, {enumerer(list(h))}" for h, jours in par_heures.items())
    return dites or "fermée toute la semaine"


def _dire_semaine(passages: list[Passage]) -> str:
    par_heures: dict[tuple[int | None, int | None], list[Jour]] = {}
    for p in passages:
        par_heures.setdefault((p.arrivee, p.retour), []).append(p.jour)
    return " ; ".join(f"{dire_jours(jours)}, {dire_heures(*heures)}" for heures, jours in par_heures.items())


def _dates(passages: Sequence[Passage]) -> list[str]:
    dites = [
        f"{jour(p.date)}, {dire_heures(p.arrivee, p.retour)}"
        for p in sorted(passages, key=lambda p: (p.date is None, p.date))
        if p.date is not None
    ]
    reste = len(dites) - DATES_DITES
    if reste > 0:
        return [
            *dites[:DATES_DITES],
            f"et {reste} autre{'s' if reste > 1 else ''} date{'s' if reste > 1 else ''}",
        ]
    return dites
