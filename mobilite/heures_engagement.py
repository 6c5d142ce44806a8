"""The hours of a plan, week by week, beside those of the contract.

Only what is planned is counted, from the first week of each line. Nobody's absence is written down
anywhere here: there is nothing to export.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mobilite.base import jour_local
from mobilite.plan import Action, StatutAction


@dataclass(frozen=True, slots=True)
class SemaineDuPlan:
    """One week, by its Monday: its hours, and the lines that make them."""

    lundi: date
    heures: float
    lignes: tuple[tuple[str, float], ...]

    @property
    def dimanche(self) -> date:
        """Its last day."""
        return self.lundi + timedelta(days=6)


def lundi_de(jour: date) -> date:
    """The Monday of the week of a day."""
    return jour - timedelta(days=jour.weekday())


def debut_de(action: Action) -> date | None:
    """The first day a line counts: said by itself, else its appointment."""
    return action.commence_le or action.le


def semaines_du_plan(actions: Sequence[Action]) -> list[SemaineDuPlan]:
    """Every week from the first to the last that has hours, those without any in between included.

    What was set aside never counts; what was given up counts up to the week it was given up.
    """
    lignes: dict[date, list[tuple[str, float]]] = {}
    for action in actions:
        for lundi in _semaines_de(action):
            lignes.setdefault(lundi, []).append((action.intitule, action.heures_semaine or 0.0))
    if not lignes:
        return []
    premier, dernier = min(lignes), max(lignes)
    nombre = (dernier - premier).days // 7 + 1
    return [
        SemaineDuPlan(lundi, sum(h for _, h in lignes.get(lundi, [])), tuple(lignes.get(lundi, ())))
        for lundi in (premier + timedelta(weeks=rang) for rang in range(nombre))
    ]


def sans_date(actions: Sequence[Action]) -> list[Action]:
    """The open lines whose hours count nowhere yet: nobody said when they begin."""
    return [a for a in actions if a.statut.ouverte and a.heures_semaine and debut_de(a) is None]


def _semaines_de(action: Action) -> Iterable[date]:
    debut = debut_de(action)
    if debut is None or not action.heures_semaine or action.statut is StatutAction.ECARTEE:
        return
    fin = lundi_de(jour_local(action.decidee_le)) if action.statut is StatutAction.ABANDONNEE else date.max
    for rang in range(action.semaines or 0):
        lundi = lundi_de(debut) + timedelta(weeks=rang)
        if lundi <= fin:
            yield lundi
