"""Days said from the day of loading: what they mean, and that nothing else is touched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.dates import jour_relatif, resoudre

SAMEDI = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("J", "2026-11-21"),
        ("J+3", "2026-11-24"),
        ("J-30", "2026-10-22"),
        ("lundi prochain", "2026-11-23"),
        ("samedi prochain", "2026-11-28"),
        ("lundi en huit", "2026-11-30"),
        ("2026-12-01", "2026-12-01"),
        ("un jour", "un jour"),
    ],
)
def test_a_relative_day_becomes_the_date_it_means(texte: str, attendu: str) -> None:
    assert resoudre({"du": texte}, SAMEDI) == {"du": attendu}


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 6))
def test_next_tuesday_is_a_tuesday_after_today_and_within_a_week(le: date, rang: int) -> None:
    nom = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")[rang]
    prochain = jour_relatif(f"{nom} prochain", le)
    assert prochain is not None
    assert prochain.weekday() == rang
    assert timedelta(0) < prochain - le <= timedelta(7)
    assert jour_relatif(f"{nom} en huit", le) == prochain + timedelta(7)


def test_dates_deep_in_a_document_are_resolved_and_sentences_are_left_alone() -> None:
    document = {
        "objectif": "J",
        "situation": {
            "annee_naissance": "A-17",
            "besoins": [{"dates": ["J+1", {"date": "J+2"}], "aujourdhui": "lundi prochain"}],
        },
    }
    assert resoudre(document, SAMEDI) == {
        "objectif": "J",
        "situation": {
            "annee_naissance": 2009,
            "besoins": [{"dates": ["2026-11-22", {"date": "2026-11-23"}], "aujourdhui": "lundi prochain"}],
        },
    }
    assert document["situation"]["annee_naissance"] == "A-17", "the document given is not changed"  # type: ignore[index]
