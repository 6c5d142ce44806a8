"""What a vehicle does and needs next: counted, never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilite.usage_parc import CoutDUsage, ajouter_mois, km_par_jour, occupation, prochaine_fois

LE = date(2026, 11, 20)
JOURS = st.integers(-20, 20).map(lambda n: LE + timedelta(days=n))
PERIODES = st.lists(st.tuples(JOURS, st.integers(0, 9)).map(lambda p: (p[0], p[0] + timedelta(p[1]))))


@given(PERIODES, PERIODES, JOURS, st.integers(0, 15), st.none() | JOURS, st.none() | JOURS)
def test_days_are_counted_one_by_one(
    sejours: list[tuple[date, date]],
    arrets: list[tuple[date, date | None]],
    du: date,
    duree: int,
    entre_le: date | None,
    sorti_le: date | None,
) -> None:
    compte = occupation(sejours, arrets, du, du + timedelta(duree), entre_le=entre_le, sorti_le=sorti_le)
    pris = possibles = 0
    for n in range(duree + 1):
        jour = du + timedelta(n)
        if (entre_le and jour < entre_le) or (sorti_le and jour > sorti_le):
            continue
        dehors = any(a <= jour <= b for a, b in sejours)
        arrete = any(a <= jour and (b is None or jour <= b) for a, b in arrets)
        pris += dehors
        possibles += dehors or not arrete
    assert (compte.pris, compte.en_service) == (pris, possibles)


def test_a_stop_without_end_lasts_until_today_and_leaves_no_share() -> None:
    jamais = occupation([], [(LE - timedelta(40), None)], LE - timedelta(29), LE)
    assert (jamais.en_service, jamais.part) == (0, None)


@pytest.mark.parametrize(
    ("compteur", "rythme", "attendu"),
    [
        (19_000, 50.0, (LE + timedelta(days=20), True, False)),  # the kilometres come first
        (19_000, 1.0, (date(2027, 5, 1), False, False)),  # the months come first
        (20_100, 50.0, (LE, True, True)),  # already run: late, whatever the day
        (None, None, (date(2027, 5, 1), False, False)),  # nobody reads the odometer
    ],
)
def test_upkeep_is_due_by_months_or_kilometres_whichever_comes_first(
    compteur: int | None, rythme: float | None, attendu: tuple[date, bool, bool]
) -> None:
    fois = prochaine_fois(
        tous_les_km=10_000,
        tous_les_mois=12,
        fait_le=date(2026, 5, 1),
        fait_km=10_000,
        compteur=compteur,
        rythme=rythme,
        le=LE,
    )
    assert fois is not None
    assert (fois.le, fois.estime, fois.depassee(LE, compteur)) == attendu
    assert fois.km == 20_000


def test_what_nobody_said_has_no_date_and_no_figure() -> None:
    inconnue = prochaine_fois(
        tous_les_km=10_000, tous_les_mois=None, fait_le=None, fait_km=None, compteur=5, rythme=9.0, le=LE
    )
    assert inconnue is None
    assert km_par_jour([(LE, 10_000)]) is None
    assert km_par_jour([(LE - timedelta(5), 9_000), (LE, 10_000)]) is None
    assert km_par_jour([(LE - timedelta(20), 9_000), (LE, 10_000)]) == 50
    sans = CoutDUsage(centimes=1_000, km=None, jours=0)
    assert (sans.par_km, sans.par_jour) == (None, None)


def test_a_month_later_stays_in_the_month() -> None:
    assert ajouter_mois(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert ajouter_mois(date(2026, 12, 15), 1) == date(2027, 1, 15)
