"""The engine that judges a catalogue at once says what the slow one says, offer by offer, trip by trip."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.catalogue import Catalogue
from matching.classement import Classement
from matching.contexte import Contexte
from matching.document import en_document
from matching.moteur import proposer
from matching.questions import code_de
from matching.solution import solution_de_l_offre
from mobilite.besoin import Situation
from mobilite.candidate import Candidate
from mobilite.document import Champ
from mobilite.faits import FAITS, Faits, faits_de_la_situation
from mobilite.verdict import Verdict
from tests.doublures import TrajetsVaries
from tests.moteur_de_reference import jours, part_de, proposer_lentement
from tests.property.tirages import CHAMPS, catalogues, familles, situations
from tests.unit.essai import LE, contexte
from tests.unit.lecture import lecteur_offres, lecteur_situation, questionnaire


def _lire(
    personne: dict[str, Any], fiches: list[dict[str, Any]]
) -> tuple[Situation, Faits, tuple[Candidate, ...], Contexte]:
    lue = lecteur_situation().lire(Champ(personne))
    faits = faits_de_la_situation(lue, LE) | questionnaire().faits(lue.reponses)
    return lue, faits, lecteur_offres().lire_catalogue(Champ(fiches)), contexte(LE, TrajetsVaries())


@settings(max_examples=150, deadline=None)
@given(situations(au_plus=3), catalogues())
def test_juger_le_catalogue_d_un_coup_ou_une_offre_apres_l_autre_dit_la_meme_chose(
    personne: dict[str, Any], fiches: list[dict[str, Any]]
) -> None:
    """Verdicts, deciding rules, every cell, scores, folds, ranks, days and questions."""
    _compare(personne, fiches)


@pytest.mark.parametrize("champ", sorted(CHAMPS))
@settings(max_examples=20, deadline=None)
@given(personne=situations(au_plus=2), data=st.data())
def test_une_regle_lit_tout_ce_dont_elle_depend(
    champ: str, personne: dict[str, Any], data: st.DataObject
) -> None:
    """Offers that differ by one field are not given the same answer when that field decides."""
    _compare(personne, data.draw(familles(champ)))


def _compare(personne: dict[str, Any], fiches: list[dict[str, Any]]) -> None:
    situation, faits, offres, monde = _lire(personne, fiches)
    vite = proposer(situation, faits, offres, monde)
    lentement, questions = proposer_lentement(situation, faits, offres, monde)
    for examine, juge in zip(vite.besoins, lentement, strict=True):
        assert isinstance(examine.propositions, Classement)
        for proposition, jugee in zip(examine.propositions, juge.jugees, strict=True):
            attendue = jugee.explication
            assert proposition.offre is jugee.offre
            assert (proposition.verdict, proposition.acces) == (attendue.verdict, attendue.acces)
            assert proposition.regle == attendue.decisif.regle
            assert (proposition.score, proposition.cout) == (jugee.score, jugee.cout)
            assert proposition.dominee_par == jugee.dominee_par
            cases = [
                proposition.jugement.case(proposition.place, rang) for rang in range(len(attendue.cases))
            ]
            assert cases == [(case.verdict, case.regle) for case in attendue.cases]
            assert proposition.contributions == jugee.contributions
            assert proposition.part is part_de(attendue)
            servis = [case.verdict is not Verdict.NON for case in attendue.cases]
            assert proposition.servis == (servis or [False] * len(proposition.servis))
            assert proposition.minutes == (
                attendue.duree.max if attendue.duree else pytest.approx(nan, nan_ok=True)
            )
        solutions = [solution_de_l_offre(p, juge.examen) for p in examine.propositions]
        a_combiner = sorted((-s.servis, -s.surs, s.minutes, s.cle) for s in solutions if s is not None)
        assert [p.offre.id for p in examine.propositions.a_combiner(2)] == [
            cle[0] for *_, cle in a_combiner[:2]
        ]
        attendus = jours(juge.examen, juge.jugees, examine.combinaisons)
        assert tuple(jour.verdict for jour in examine.jours) == attendus
    assert {q.code: q.debloque for q in vite.questions} == {
        code_de(c, monde): n for c, n in questions.items()
    }


@settings(max_examples=40, deadline=None)
@given(situations(au_plus=2), situations(au_plus=2), catalogues())
def test_un_catalogue_deja_interroge_repond_a_la_suivante_comme_un_neuf(
    avant: dict[str, Any], personne: dict[str, Any], fiches: list[dict[str, Any]]
) -> None:
    situation, faits, offres, monde = _lire(personne, fiches)
    autre, ses_faits, _, _ = _lire(avant, fiches)
    catalogue = Catalogue(offres)
    en_document(proposer(autre, ses_faits, catalogue, monde))
    deja = en_document(proposer(situation, faits, catalogue, monde))
    assert deja == en_document(proposer(situation, faits, Catalogue(offres), monde))


def test_toutes_les_questions_et_toutes_les_regles_tiennent_dans_un_masque() -> None:
    """Questions come from facts, or from the five fields of the situation; other names of rules are few."""
    assert len(FAITS) + 5 <= 64
