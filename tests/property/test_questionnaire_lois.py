"""Laws that hold for every set of answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mobilite.bilan import Bilan, Niveau, faire_le_bilan
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.parametres import parametres
from mobilite.question import NE_SAIT_PAS, GenreQuestion, Item
from mobilite.questionnaire import lire_questionnaire

QUESTIONNAIRE = lire_questionnaire(Path(__file__).parents[2] / "seeds" / "questionnaire" / "2026.2")
AUJOURDHUI = parametres(date(2026, 11, 21))


def reponse(item: Item) -> st.SearchStrategy[Any]:
    valeurs = [choix["valeur"] for choix in item.en_document()["choix"]]
    match item.genre:
        case GenreQuestion.PLUSIEURS:
            seules = [[choix.valeur] for choix in item.choix if choix.exclusif]
            libres = st.lists(
                st.sampled_from([c.valeur for c in item.choix if not c.exclusif]), min_size=1, unique=True
            )
            base: st.SearchStrategy[Any] = libres | st.sampled_from(seules) if seules else libres
        case GenreQuestion.NOMBRE:
            base = st.integers(int(item.au_moins), int(item.au_plus))
        case GenreQuestion.TEXTE:
            base = st.just("quelques mots")
        case GenreQuestion.DATE:
            base = st.dates(date(2026, 1, 1), date(2030, 1, 1)).map(date.isoformat)
        case _:
            base = st.sampled_from(valeurs)
    return base | st.just(NE_SAIT_PAS) if item.ne_sait_pas else base


REPONSES = st.fixed_dictionaries({}, optional={item.code: reponse(item) for item in QUESTIONNAIRE.items})
CODES = st.sets(st.sampled_from([item.code for item in QUESTIONNAIRE.items]))

N_IMPORTE_QUOI = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


def bilan(document: dict[str, Any]) -> Bilan:
    return faire_le_bilan(QUESTIONNAIRE, QUESTIONNAIRE.lire_reponses(Champ(document)), AUJOURDHUI)


@settings(max_examples=60, deadline=None)
@given(REPONSES, CODES)
def test_preferring_not_to_answer_changes_nothing(document: dict[str, Any], tus: set[str]) -> None:
    silences = {code: None for code in tus if code not in document}
    assert bilan(silences | document) == bilan(document)


@settings(max_examples=60, deadline=None)
@given(REPONSES, CODES)
def test_learning_more_never_takes_an_atout_away(document: dict[str, Any], connus: set[str]) -> None:
    avant = bilan({code: valeur for code, valeur in document.items() if code in connus})
    apres = bilan(document)
    assert set(avant.atouts) <= set(apres.atouts)


@settings(max_examples=60, deadline=None)
@given(REPONSES)
def test_a_level_is_given_from_half_of_the_questions_and_never_before(document: dict[str, Any]) -> None:
    resultat = bilan(document)
    for constat in (*resultat.axes, *resultat.dimensions, *resultat.cles):
        if constat.posees:
            assert (constat.niveau is Niveau.A_COMPLETER) == (2 * constat.repondues < constat.posees)
        assert (constat.points is None) == (constat.niveau in (None, Niveau.A_COMPLETER))
        assert constat.repondues == len(constat.reponses) <= constat.posees
        assert constat.points is None or 0 <= constat.points <= 100


@settings(max_examples=60, deadline=None)
@given(REPONSES, CODES)
def test_learning_more_never_changes_a_fact_already_known(document: dict[str, Any], connus: set[str]) -> None:
    lues = QUESTIONNAIRE.lire_reponses(Champ(document))
    avant = QUESTIONNAIRE.faits({code: valeur for code, valeur in lues.items() if code in connus})
    assert avant.items() <= QUESTIONNAIRE.faits(lues).items()


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([item.code for item in QUESTIONNAIRE.items]), N_IMPORTE_QUOI))
def test_any_answer_is_read_or_refused_and_nothing_else(document: dict[str, Any]) -> None:
    champ_refuse = ""
    try:
        lues = QUESTIONNAIRE.lire_reponses(Champ(document))
    except DonneeRefusee as refus:
        champ_refuse = refus.champ
    if champ_refuse:
        assert champ_refuse.split("[")[0] in document
        return
    faire_le_bilan(QUESTIONNAIRE, lues, AUJOURDHUI)
    for code, valeur in lues.items():
        assert QUESTIONNAIRE.par_code[code].libelle(valeur)
