"""How long a request keeps its vehicle, counted on the days when somebody may answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from mobilite.base import PARIS
from mobilite.horaires import lire_horaires
from mobilite.regles_de_flotte import Regles

PLUS_TARD = datetime(2027, 3, 1, tzinfo=PARIS)
EN_SEMAINE = lire_horaires("lun-ven 9:00-17:00")


def le(jour: int, heure: int = 0, mois: int = 11) -> datetime:
    return datetime(2026, mois, jour, heure, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("regles", "demandee", "expire"),
    [
        (Regles(), le(20, 18), le(22, 18)),
        (Regles(ouvertures=EN_SEMAINE), le(20, 18), le(24, 18)),
        (Regles(ouvertures=EN_SEMAINE), le(21, 10), le(25)),
        (Regles(ouvertures=EN_SEMAINE), le(24, 10), le(26, 10)),
        (Regles(fermetures=((date(2026, 11, 24), date(2026, 11, 27)),)), le(23, 12), le(29, 12)),
        # The night when the clock goes back: forty-eight hours are forty-eight hours.
        (Regles(), le(24, 12, mois=10), le(26, 11, mois=10)),
    ],
)
def test_the_days_when_nobody_answers_do_not_count(
    regles: Regles, demandee: datetime, expire: datetime
) -> None:
    assert regles.expire_le(demandee, PLUS_TARD) == expire


def test_a_request_never_keeps_its_vehicle_past_its_start() -> None:
    ferme = Regles(ouvertures=())
    assert ferme.expire_le(le(20), le(25)) == le(25)
    assert Regles(tenue=timedelta(days=9)).expire_le(le(20), le(25)) == le(25)
    assert Regles().expire_le(le(25), le(20)) == le(20)
