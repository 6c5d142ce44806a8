"""The macros every page is made of: tied together for a screen reader, escaped, whole without an optional."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from flask import render_template_string

from mobilite.verdict import Verdict
from web.app import Application
from web.formats import entier, euros, heure, jour, lien_telephone, telephone

FORMULAIRES = '{% import "macros/formulaires.html" as f %}'
VERDICTS = '{% import "macros/verdict.html" as v %}'
PIEGE = '"><script>alert(1)</script>'


def rendre(app: Application, gabarit: str, **valeurs: object) -> str:
    with app.test_request_context():
        return render_template_string(gabarit, **valeurs)


@pytest.mark.parametrize(
    "appel",
    [
        "f.champ('lieu', 'Lieu')",
        "f.texte_long('lieu', 'Lieu')",
        "f.liste('lieu', 'Lieu', [('a', 'A'), (1, 'B')])",
        "f.radios('lieu', 'Lieu', [('a', 'A')])",
        "f.cases('lieu', 'Lieu', [('a', 'A')])",
        "f.case('lieu', 'Lieu')",
        "f.bouton('Lieu')",
        "f.jeton()",
        "f.resume_erreurs({})",
    ],
)
def test_every_field_stands_without_its_options(app: Application, appel: str) -> None:
    assert "None" not in rendre(app, f"{FORMULAIRES}{{{{ {appel} }}}}")


def test_a_refused_field_says_so_to_eyes_and_ears(app: Application) -> None:
    page = rendre(
        app,
        FORMULAIRES
        + "{{ f.resume_erreurs(erreurs) }}{{ f.champ('lieu', 'Lieu', saisi, aide='Une commune', erreurs=erreurs) }}",
        erreurs={"lieu": "Cette commune n'est pas connue."},
        saisi=PIEGE,
    )
    assert 'aria-describedby="aide-lieu erreur-lieu" aria-invalid="true"' in page
    assert 'id="erreur-lieu"' in page
    assert '<a href="#champ-lieu">' in page
    assert 'id="champ-lieu"' in page
    assert "<script" not in page


def test_choices_keep_what_was_chosen_whatever_its_type(app: Application) -> None:
    choix = [(1, "Un"), (2, "Deux"), (None, "Je ne sais pas")]
    page = rendre(
        app,
        FORMULAIRES
        + "{{ f.liste('l', 'L', c, 2) }}{{ f.radios('r', 'R', c, 2) }}{{ f.cases('k', 'K', c, [1, 2]) }}",
        c=choix,
    )
    assert page.count("selected") == 1
    assert page.count("checked") == 3


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_a_shape_and_a_word(app: Application, verdict: Verdict) -> None:
    page = rendre(app, VERDICTS + "{{ v.verdict(x) }}|{{ v.verdict(x, mot='6 à 14 min') }}", x=verdict)
    simple, avec_mot = page.split("|")
    assert verdict.libelle in simple
    assert ("■" in simple) is (verdict is Verdict.NON)
    assert f"{verdict.libelle} : " in avec_mot
    assert "6 à 14 min" in avec_mot


def test_a_week_is_read_aloud_day_by_day(app: Application) -> None:
    page = rendre(
        app, VERDICTS + "{{ v.semaine(j) }}", j=[("lundi", Verdict.OUI), ("mardi", Verdict.A_VERIFIER)]
    )
    assert "lundi : oui" in page
    assert "mardi : à vérifier" in page


def ecrit(texte: str) -> str:
    """The same text with plain spaces, to compare what is read rather than how it breaks."""
    return texte.replace("\u00a0", " ").replace("\u202f", " ")


def test_dates_hours_and_sums_are_written_as_in_french() -> None:
    assert ecrit(jour(date(2026, 11, 23))) == "lundi 23 novembre"
    assert ecrit(jour(date(2026, 3, 1))) == "dimanche 1er mars"
    assert [ecrit(heure(h)) for h in (425, 480, time(0, 5))] == ["7 h 05", "8 h", "0 h 05"]
    sommes = (60, 4.5, 1200, 0, 2.675, 0.999, -4.5)
    assert [ecrit(euros(s)) for s in sommes] == [
        "60 €",
        "4,50 €",
        "1 200 €",
        "0 €",
        "2,68 €",
        "1 €",
        "−4,50 €",
    ]
    assert ecrit(entier(180290)) == "180 290"
    assert ecrit(telephone("+33329753230")) == "03 29 75 32 30"
    assert lien_telephone("03 29 75 32 30") == "tel:+33329753230"


def test_an_instant_is_read_on_the_french_clock() -> None:
    nuit = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert (ecrit(jour(nuit)), ecrit(heure(nuit))) == ("lundi 23 novembre", "0 h 30")
