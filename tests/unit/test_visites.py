"""The order of a round of visits: no other order is shorter, and the same question has one answer."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from matching.visites import EXACT_MAX, duree, ordonner

MINUTES = st.integers(1, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 90).map(float), min_size=n + 1, max_size=n + 1),
        min_size=n + 1,
        max_size=n + 1,
    )
)


@given(MINUTES)
def test_no_other_order_of_the_same_stops_is_shorter(minutes: list[list[float]]) -> None:
    tournee = ordonner(minutes)
    arrets = range(1, len(minutes))
    assert sorted(tournee.ordre) == list(arrets)
    assert tournee.exacte
    assert tournee.minutes == min(duree(minutes, ordre) for ordre in permutations(arrets))


@given(st.integers(EXACT_MAX + 1, 16), st.randoms(use_true_random=False))
def test_a_long_round_sees_everybody_once_and_does_not_pretend_to_be_the_best(n: int, hasard: object) -> None:
    tirer = hasard.randint  # type: ignore[attr-defined]
    minutes = [[float(tirer(1, 90)) for _ in range(n + 1)] for _ in range(n + 1)]
    tournee = ordonner(minutes)
    assert sorted(tournee.ordre) == list(range(1, n + 1))
    assert not tournee.exacte
