"""Laws that hold for every set of answers, in every version of the questionnaire."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilite.autonomie import indice_d_autonomie
from mobilite.bilan import Bilan, Niveau, faire_le_bilan
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.parametres import parametres
from mobilite.question import NE_SAIT_PAS, GenreQuestion, Item, en_json
from mobilite.questionnaire import Questionnaire
from mobilite.versions import lire_questionnaires

VERSIONS = lire_questionnaires(Path(__file__).parents[2] / "seeds" / "questionnaire")
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


N_IMPORTE_QUOI = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())

chaque_version = pytest.mark.parametrize("questionnaire", VERSIONS.versions, ids=lambda q: q.version)


def des_reponses(questionnaire: Questionnaire) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={item.code: reponse(item) for item in questionnaire.items})


def des_codes(questionnaire: Questionnaire) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from([item.code for item in questionnaire.items]))


def bilan(questionnaire: Questionnaire, document: dict[str, Any]) -> Bilan:
    return faire_le_bilan(questionnaire, questionnaire.lire_reponses(Champ(document)), AUJOURDHUI)


@chaque_version
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_preferring_not_to_answer_changes_nothing(questionnaire: Questionnaire, data: st.DataObject) -> None:
    document, tus = data.draw(des_reponses(questionnaire)), data.draw(des_codes(questionnaire))
    silences = {code: None for code in tus if code not in document}
    assert bilan(questionnaire, silences | document) == bilan(questionnaire, document)


@chaque_version
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_raising_one_answer_never_worsens_its_axis_nor_the_index(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    document = data.draw(des_reponses(questionnaire))
    # An answer that opens or closes other questions changes what is asked, not how well she does.
    branches = {item.si.code for item in questionnaire.items if item.si}
    montables = [i for i in questionnaire.items if i.compte and i.code not in branches]
    item = data.draw(st.sampled_from(montables))
    notes = sorted(
        ((choix.points, choix.valeur) for choix in item.choix if choix.points is not None),
    )
    bas, haut = sorted(data.draw(st.lists(st.sampled_from(notes), min_size=2, max_size=2)))
    bilans = [
        bilan(questionnaire, document | {item.code: _en_json(item, valeur)}) for _, valeur in (bas, haut)
    ]
    for avant, apres in zip(bilans[0].axes, bilans[1].axes, strict=True):
        assert (avant.points is None) == (apres.points is None)
        assert (avant.points or 0) <= (apres.points or 0) + 1e-9
        assert _RANGS[avant.niveau] <= _RANGS[apres.niveau]
    indices = [indice_d_autonomie(b, AUJOURDHUI).points for b in bilans]
    assert (indices[0] or 0) <= (indices[1] or 0) + 1e-9


@chaque_version
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_the_answers_is_indifferent(questionnaire: Questionnaire, data: st.DataObject) -> None:
    document = data.draw(des_reponses(questionnaire))
    melange = dict(data.draw(st.permutations(list(document.items()))))
    assert bilan(questionnaire, melange) == bilan(questionnaire, document)
    lues = questionnaire.lire_reponses(Champ(melange))
    assert VERSIONS.traduire(lues, de=questionnaire.version) == VERSIONS.traduire(
        questionnaire.lire_reponses(Champ(document)), de=questionnaire.version
    )


@chaque_version
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_in_todays_words_every_answer_can_be_read_and_a_refusal_stays_one(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    document = data.draw(des_reponses(questionnaire))
    tus = dict.fromkeys(data.draw(des_codes(questionnaire)))
    lues = questionnaire.lire_reponses(Champ(document | tus))
    traduites = VERSIONS.traduire(lues, de=questionnaire.version)
    courante = VERSIONS.courante
    assert courante.relire({c: en_json(v) for c, v in traduites.items()}) == traduites
    jamais_dit = {code for code, valeur in traduites.items() if valeur is None}
    assert jamais_dit <= {
        suite for code in tus for suite in (VERSIONS.traduire({code: None}, de=questionnaire.version))
    }


@chaque_version
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_learning_more_never_takes_an_atout_away(questionnaire: Questionnaire, data: st.DataObject) -> None:
    document, connus = data.draw(des_reponses(questionnaire)), data.draw(des_codes(questionnaire))
    avant = bilan(questionnaire, {code: valeur for code, valeur in document.items() if code in connus})
    assert set(avant.atouts) <= set(bilan(questionnaire, document).atouts)


@chaque_version
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_level_is_given_from_half_of_the_questions_and_never_before(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    resultat = bilan(questionnaire, data.draw(des_reponses(questionnaire)))
    for constat in (*resultat.axes, *resultat.dimensions, *resultat.cles):
        if constat.posees:
            assert (constat.niveau is Niveau.A_COMPLETER) == (2 * constat.repondues < constat.posees)
        assert (constat.points is None) == (constat.niveau in (None, Niveau.A_COMPLETER))
        assert constat.repondues == len(constat.reponses) <= constat.posees
        assert constat.points is None or 0 <= constat.points <= 100


@chaque_version
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_learning_more_never_changes_a_fact_already_known(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    document, connus = data.draw(des_reponses(questionnaire)), data.draw(des_codes(questionnaire))
    lues = questionnaire.lire_reponses(Champ(document))
    avant = questionnaire.faits({code: valeur for code, valeur in lues.items() if code in connus})
    assert avant.items() <= questionnaire.faits(lues).items()


@chaque_version
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_answer_is_read_or_refused_and_nothing_else(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    codes = st.sampled_from([item.code for item in questionnaire.items])
    document = data.draw(st.dictionaries(codes, N_IMPORTE_QUOI))
    champ_refuse = ""
    try:
        lues = questionnaire.lire_reponses(Champ(document))
    except DonneeRefusee as refus:
        champ_refuse = refus.champ
    if champ_refuse:
        assert champ_refuse.split("[")[0] in document
        return
    faire_le_bilan(questionnaire, lues, AUJOURDHUI)
    for code, valeur in lues.items():
        assert questionnaire.par_code[code].libelle(valeur)


def _en_json(item: Item, valeur: str) -> Any:
    if item.genre is GenreQuestion.OUI_NON:
        return valeur == "oui"
    return int(valeur) if item.genre is GenreQuestion.ECHELLE else valeur


_RANGS = {niveau: rang for rang, niveau in enumerate((Niveau.FORT, Niveau.MOYEN, Niveau.SANS_IMPACT))} | {
    Niveau.A_COMPLETER: 0,
    None: 0,
}
