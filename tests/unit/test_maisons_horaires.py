"""The opening hours of the Maisons: read as people write them, refused when they cannot be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilite.besoin import SEMAINE, Jour, Plage
from mobilite.horaires import ecrire_horaires, lire_horaires
from mobilite.lieux import Lieu
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Verdict

SEMAINE_ET_SAMEDI = "lun-ven 09:00-12:00 13:30-17:00 ; sam 09:00-12:00"


@pytest.mark.parametrize(
    "texte",
    [
        "lun-ven 9:00-12:00 13:30-17:00 ; sam 9:00-12:00",
        "Du lundi au vendredi : 9h-12h et 13h30-17h ; samedi 9h à 12h",
        "lundi au vendredi 9 h 00 – 12 h 00, 13 h 30 – 17 h\nsamedi 9h-12h\ndimanche fermé",
        "lun-ven 9h-12h 13h30-17h / sam 9 h 00-12 h",
        "lun,mar,mer,jeu,ven 09:00-12:00 puis 13:30-17:00; sam de 9:00-12:00",
        "sam 9h-12h ; lun-ven 13h30-17h ; lun-ven 9h-12h ; dim fermé.",
    ],
)
def test_hours_are_read_however_they_are_usually_written(texte: str) -> None:
    assert ecrire_horaires(lire_horaires(texte)) == SEMAINE_ET_SAMEDI


def test_nothing_written_is_not_known_and_closed_all_week_is_known() -> None:
    assert lire_horaires(" ") is None
    assert ecrire_horaires(None) == ""
    assert lire_horaires("tous les jours fermé") == ()
    assert lire_horaires(ecrire_horaires(())) == ()


@pytest.mark.parametrize(
    ("texte", "dit"),
    [
        ("lun-ven", "il manque les heures"),
        ("9:00-12:00", "il manque les jours"),
        ("lum 9:00-12:00", "« lum » n'est pas un jour"),
        ("ven-lun 9:00-12:00", "vendredi vient après lundi"),
        ("lun 12:00-9:00", "09:00 ne vient pas après 12:00"),
        ("lun 9:00-25:00", "0:00 à 23:59"),
        ("lun 9:75-12:00", "0:00 à 23:59"),
        ("lun 9:00-12:00 11:00-13:00", "lundi : deux plages se chevauchent"),
        ("lun 9:00-12:00 ; lun fermé", "lundi est dit ouvert et fermé"),
        ("lun 9:00", "ne se lit pas"),
        ("lun 9:00-12:00 sauf vacances", "« sauf vacances » ne se lit pas"),
        ("mar sur rendez-vous", "jour par jour"),
        ("lun semaine paire 9:00-12:00", "jour par jour"),
        ("lun-mar-mer 9:00-12:00", "n'est pas un jour"),
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_a_reason(texte: str, dit: str) -> None:
    with pytest.raises(ValueError, match=re.escape(dit)):
        lire_horaires(texte)


@st.composite
def des_horaires(draw: st.DrawFn) -> tuple[Plage, ...]:
    plages: dict[tuple[int, int], set[Jour]] = {}
    for jour in SEMAINE:
        bornes = sorted(draw(st.sets(st.integers(0, 1439), max_size=6)))
        for de, a in zip(bornes[::2], bornes[1::2], strict=False):
            plages.setdefault((de, a), set()).add(jour)
    return tuple(Plage(frozenset(jours), de, a) for (de, a), jours in plages.items())


@given(des_horaires())
def test_what_is_written_reads_back_the_same(plages: tuple[Plage, ...]) -> None:
    assert set(lire_horaires(ecrire_horaires(plages)) or ()) == set(plages)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_sentence(texte: str) -> None:
    dit = ""
    try:
        lire_horaires(texte)
    except ValueError as refus:
        dit = str(refus)
    assert len(dit) < 400


def test_a_maison_is_open_closed_or_unknown_on_a_day() -> None:
    maison = MaisonAccueil("x", "X", Lieu("55545"), False, lire_horaires("lun-ven 9:00-12:00"))
    assert maison.ouverte(Jour.LUN) is Verdict.OUI
    assert maison.ouverte(Jour.SAM) is Verdict.NON
    assert MaisonAccueil("x", "X", Lieu("55545"), False).ouverte(Jour.LUN) is Verdict.A_VERIFIER
