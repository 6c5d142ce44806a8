"""Days and hours read as people say them; telephones as they write them."""

from __future__ import annotations

from datetime import date

import pytest

from mobilite.besoin import Jour, Passage, Plage
from mobilite.erreurs import DonneeRefusee
from mobilite.horaires import dire_jours
from web.horaires import dire_passages, dire_plage
from web.telephones import lire_telephone

SEMAINE = list(Jour)


@pytest.mark.parametrize(
    ("jours", "phrase"),
    [
        (SEMAINE[:5], "lundi à vendredi"),
        (SEMAINE, "tous les jours"),
        ([Jour.LUN, Jour.MAR, Jour.JEU], "lundi, mardi et jeudi"),
        ([Jour.DIM], "dimanche"),
        ([Jour.SAM, Jour.LUN, Jour.MAR, Jour.MER], "lundi à mercredi et samedi"),
    ],
)
def test_days_that_follow_each_other_are_said_from_the_first_to_the_last(
    jours: list[Jour], phrase: str
) -> None:
    assert dire_jours(jours) == phrase


@pytest.mark.parametrize(
    ("passages", "phrase"),
    [
        ([], "jours et heures à demander"),
        ([Passage(j, 480, 990, semaine=1) for j in SEMAINE[:5]], "lundi à vendredi, 8 h–16 h 30"),
        ([Passage(Jour.LUN, 1260, 300, semaine=1)], "lundi, 21 h–5 h le lendemain"),
        ([Passage(Jour.LUN, None, None, semaine=1)], "lundi, heures à demander"),
        ([Passage(Jour.LUN, 0, None, semaine=1)], "lundi, arriver à 0 h, retour à demander"),
        (
            [Passage(Jour.LUN, 300, 780, semaine=1), Passage(Jour.MAR, 780, 1260, semaine=2)],
            "semaine 1 : lundi, 5 h–13 h ; semaine 2 : mardi, 13 h–21 h",
        ),
        (
            [
                Passage(Jour.MAR, 600, 660, date=date(2026, 12, 8)),
                Passage(Jour.LUN, 600, 660, date=date(2026, 12, 7)),
            ],
            "lundi 7 décembre, 10 h–11 h ; mardi 8 décembre, 10 h–11 h",
        ),
    ],
)
def test_a_need_says_when_in_one_sentence(passages: list[Passage], phrase: str) -> None:
    assert dire_passages(passages).replace("\xa0", " ") == phrase


def test_many_dates_are_counted_not_hidden() -> None:
    dates = [Passage(Jour.MAR, 600, 660, date=date(2026, 12, jour)) for jour in range(1, 8)]
    assert dire_passages(dates).endswith("; et 3 autres dates")


def test_a_means_that_is_always_free_says_so() -> None:
    assert dire_plage(Plage(frozenset(Jour), 0, 1439)) == "toujours libre"
    assert (
        dire_plage(Plage(frozenset(SEMAINE[:2]), 255, 825)).replace("\xa0", " ")
        == "lundi et mardi, 4 h 15–13 h 45"
    )


@pytest.mark.parametrize(
    ("texte", "numero"),
    [
        ("06 39 98 12 34", "+33639981234"),
        ("06.39.98.12.34", "+33639981234"),
        ("06\xa039\xa098\xa012\xa034", "+33639981234"),
        ("+33 6 39 98 12 34", "+33639981234"),
        ("0033639981234", "+33639981234"),
        ("+352 621 12 34 56", "+352621123456"),
    ],
)
def test_a_telephone_is_read_however_it_is_written(texte: str, numero: str) -> None:
    assert lire_telephone(texte) == numero


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("06 39 98 12", "Il manque des chiffres"),
        ("06 39 98 12 34 56", "trop de chiffres"),
        ("celui de sa mère", "pas un numéro"),
        ("+999 1234", "pas un numéro"),
    ],
)
def test_a_wrong_telephone_gets_one_clear_sentence(texte: str, phrase: str) -> None:
    with pytest.raises(DonneeRefusee, match=phrase):
        lire_telephone(texte)
