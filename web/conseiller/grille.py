"""The grid of an offer, day by day, out and back: the rows that say the same thing said once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matching.couverture import dire_les_jours
from matching.voyage import Case, Sens
from mobilite.besoin import en_heure
from mobilite.verdict import Motif, Verdict


@dataclass(frozen=True, slots=True)
class Rang:
    """Trips that get the same answer for the same reasons: « lundi à vendredi », the way, the hour."""

    semaine: int | None
    jours: str
    sens: Sens
    heure: str
    verdict: Verdict
    regle: str
    phrases: tuple[str, ...]


def rangs(cases: Sequence[Case]) -> list[Rang]:
    """The rows of the grid, week by week, out before back. ``semaine`` is set when there are several."""
    plusieurs = any((case.passage.semaine or 1) > 1 for case in cases)
    groupes: dict[tuple[object, ...], list[Case]] = {}
    for case in cases:
        groupes.setdefault(_cle(case), []).append(case)
    lignes = [_rang(groupe, plusieurs=plusieurs) for groupe in groupes.values()]
    return sorted(lignes, key=lambda r: (r.semaine or 0, r.sens is Sens.RETOUR))


def _cle(case: Case) -> tuple[object, ...]:
    return (case.passage.semaine or 1, case.sens, case.voyage.heure, case.verdict, tuple(_phrases(case)))


def _phrases(case: Case) -> Iterable[str]:
    """What was said of a trip, without the name of its day: the row says which days."""
    libelle = case.voyage.jour.libelle
    for motif in case.motifs:
        yield motif.phrase.replace(f"le {libelle} à", "à").replace(f"le {libelle}", "ce jour-là")


def _rang(groupe: Sequence[Case], *, plusieurs: bool) -> Rang:
    premiere = groupe[0]
    heure = premiere.voyage.heure
    seul = len(groupe) == 1
    return Rang(
        (premiere.passage.semaine or 1) if plusieurs else None,
        _jours(groupe),
        premiere.sens,
        en_heure(heure) if heure is not None else "",
        premiere.verdict,
        _decisif(premiere).regle,
        tuple(
            dict.fromkeys(m.phrase for m in premiere.motifs) if seul else dict.fromkeys(_phrases(premiere))
        ),
    )


def _decisif(case: Case) -> Motif:
    return next((m for m in case.motifs if m.verdict is case.verdict), case.motifs[0])


def _jours(groupe: Sequence[Case]) -> str:
    """« lundi à vendredi »: the way and the week stand in their own columns."""
    dits = ", ".join(dire_les_jours(groupe))
    semaine = groupe[0].passage.semaine or 1
    return dits.replace(f" {groupe[0].sens.value}", "").replace(f" (semaine {semaine})", "")
