"""The hours of a plan are those of its lines, week by week, and no other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mobilite.heures_engagement import sans_date, semaines_du_plan
from mobilite.plan import Action, PlanActions, StatutAction
from tests.fabriques import CONSEILLERE, une_personne

LUNDI = date(2026, 11, 23)


def une_ligne(**champs: object) -> Action:
    """A line of a plan of its own."""
    action = PlanActions(personne=une_personne()).ajouter_etape("Cours", CONSEILLERE)
    for nom, valeur in champs.items():
        setattr(action, nom, valeur)
    return action


def test_deux_lignes_s_ajoutent_les_semaines_qu_elles_ont_en_commun() -> None:
    cours = une_ligne(commence_le=LUNDI + timedelta(days=2), heures_semaine=4.0, semaines=3)
    atelier = une_ligne(le=LUNDI + timedelta(weeks=2), heures_semaine=2.5, semaines=1)
    semaines = semaines_du_plan([cours, atelier])
    assert [(s.lundi, s.heures) for s in semaines] == [
        (LUNDI, 4.0),
        (LUNDI + timedelta(weeks=1), 4.0),
        (LUNDI + timedelta(weeks=2), 6.5),
    ]


def test_une_semaine_vide_entre_deux_se_voit() -> None:
    lignes = [
        une_ligne(commence_le=LUNDI, heures_semaine=3.0, semaines=1),
        une_ligne(commence_le=LUNDI + timedelta(weeks=2), heures_semaine=3.0, semaines=1),
    ]
    assert [s.heures for s in semaines_du_plan(lignes)] == [3.0, 0.0, 3.0]


def test_ce_qui_est_ecarte_ne_compte_pas_et_ce_qui_est_abandonne_compte_jusque_la() -> None:
    ecartee = une_ligne(commence_le=LUNDI, heures_semaine=4.0, semaines=4, statut=StatutAction.ECARTEE)
    assert semaines_du_plan([ecartee]) == []
    le = datetime(2026, 12, 2, 10, tzinfo=UTC)
    abandonnee = une_ligne(
        commence_le=LUNDI, heures_semaine=4.0, semaines=4, statut=StatutAction.ABANDONNEE, decidee_le=le
    )
    assert [s.lundi for s in semaines_du_plan([abandonnee])] == [LUNDI, LUNDI + timedelta(weeks=1)]


def test_des_heures_sans_date_de_debut_ne_comptent_nulle_part_et_se_disent() -> None:
    ligne = une_ligne(heures_semaine=4.0, semaines=4)
    assert semaines_du_plan([ligne]) == []
    assert sans_date([ligne]) == [ligne]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(1, 20)), min_size=1, max_size=6)
)
def test_le_total_des_semaines_est_le_total_des_lignes(tirage: list[tuple[int, int, int]]) -> None:
    lignes = [
        une_ligne(commence_le=LUNDI + timedelta(days=jour), heures_semaine=heures / 2, semaines=semaines)
        for jour, heures, semaines in tirage
    ]
    semaines = semaines_du_plan(lignes)
    assert sum(s.heures for s in semaines) == sum(h / 2 * n for _, h, n in tirage)
    assert all(s.lundi.weekday() == 0 for s in semaines)
