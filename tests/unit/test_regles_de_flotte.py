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


@pytest.mark.parametrize(("heures", "jours"), [(0, 0), (2, 1), (24, 1), (25, 2), (48, 2)])
def test_the_days_said_to_be_lost_after_a_return_are_those_nobody_may_leave_on(
    heures: int, jours: int
) -> None:
    regles = Regles(tampon=timedelta(hours=heures))
    retour = le(20)  # at midnight: the last day of the stay is the 19th
    attendu = next(n for n in range(9) if regles.libre_le(retour) <= retour + timedelta(days=n))
    assert regles.jours_de_preparation == jours == attendu
    assert any("suivent un retour" in p or "lendemain d’un retour" in p for p in regles.en_phrases) is bool(
        jours
    )


def test_a_request_never_keeps_its_vehicle_past_its_start() -> None:
    ferme = Regles(ouvertures=())
    assert ferme.expire_le(le(20), le(25)) == le(25)
    assert Regles(tenue=timedelta(days=9)).expire_le(le(20), le(25)) == le(25)
    assert Regles().expire_le(le(25), le(20)) == le(20)
