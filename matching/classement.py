"""The order in which solutions are read: sure first, whole needs before parts of them, then the score."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from matching.domination import replier
from matching.proposition import Proposition
from mobilite.verdict import Verdict

_RANG = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}
_INCERTAINES = frozenset({"desserte", "duree.longue"})


class Part(IntEnum):
    """How much of the need an offer serves, the most useful first."""

    TOUT = 0
    DES_JOURS = 1
    INCERTAINE = 2
    COMPLEMENT = 3
    APPUI = 4


def part_de(p: Proposition) -> Part:
    """``TOUT``: every trip; ``DES_JOURS``: a whole day at least; ``COMPLEMENT``: no whole day.

    ``INCERTAINE``: a line of which nobody knows whether it goes there, a ride surely longer than usual.
    """
    if not p.cases:
        return Part.APPUI
    servies = [case.verdict is not Verdict.NON for case in p.cases]
    if any(m.regle in _INCERTAINES and m.verdict is Verdict.A_VERIFIER for m in p.motifs):
        return Part.INCERTAINE
    if all(servies):
        return Part.TOUT
    jours = zip(servies[::2], servies[1::2], strict=True)
    return Part.DES_JOURS if any(aller and retour for aller, retour in jours) else Part.COMPLEMENT


def classer(jugees: Sequence[Proposition]) -> tuple[Proposition, ...]:
    """Sure before doubtful before impossible; what serves most first; then the score; then the id."""
    ordre = sorted(
        replier(jugees),
        key=lambda p: (_RANG[p.verdict], bool(p.dominee_par), part_de(p), -p.score, p.offre.id),
    )
    return tuple(p.au_rang(rang) for rang, p in enumerate(ordre, start=1))
