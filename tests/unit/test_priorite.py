"""Who goes first: points that anybody may recount."""

from __future__ import annotations

from datetime import date

from mobilite.parametres import parametres
from mobilite.priorite import RaisonPriorite, priorite

P = parametres(date(2026, 11, 20))


def test_the_sentence_tells_every_point() -> None:
    p = priorite({RaisonPriorite.ENFANT, RaisonPriorite.SANTE}, 15, P)
    assert p.phrase == (
        "Toute demande (1), rendez-vous de santé (+3), enfant à emmener (+2), "
        "attend depuis 2 semaines (+1) : 7 points."
    )
    assert p.points == 7


def test_waiting_counts_but_not_for_ever() -> None:
    points = [priorite((), 7 * semaines, P).points for semaines in range(20)]
    assert points == sorted(points)
    assert points[0] == 1
    assert points[-1] == 1 + P["priorite.attente_max"]
    assert priorite((), 6, P).phrase == "Demande ordinaire (1 point)."
