"""Small counts are added up until nobody can be pointed at."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.couverture import CASE_MIN
from tests.unit.lecture import ETAIN, VERDUN, territoire
from web.pilotage.petits_effectifs import par_reponse, par_territoire

_COMMUNES = sorted(c.insee for c in territoire().communes.values() if c.departement == "55")


def test_une_commune_sous_onze_rejoint_son_intercommunalite() -> None:
    verdun = territoire().communes[VERDUN]
    voisine = next(
        c for c in _COMMUNES if c != VERDUN and territoire().communes[c].epci_siren == verdun.epci_siren
    )
    autre = next(
        c
        for c in _COMMUNES
        if c not in (VERDUN, voisine) and territoire().communes[c].epci_siren == verdun.epci_siren
    )
    lignes = par_territoire({VERDUN: 20, voisine: 6, autre: 5}, territoire(), "Meuse")
    assert [(e.maille, e.nombre) for e in lignes] == [("commune", 20), ("epci", 11)]


def test_ce_qui_reste_trop_petit_entraine_la_plus_petite_ligne_pour_ne_pas_se_deduire() -> None:
    lignes = par_territoire({VERDUN: 30, ETAIN: 3, None: 1}, territoire(), "Meuse")
    assert [(e.maille, e.nom, e.nombre) for e in lignes] == [("departement", "Meuse", 34)]


def test_sous_onze_en_tout_rien_n_est_montre() -> None:
    assert par_territoire({VERDUN: 10}, territoire(), "Meuse") == []
    assert par_reponse({"Emploi": 10}) == []


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.one_of(st.none(), st.sampled_from(_COMMUNES[:60])), st.integers(1, 30), max_size=30)
)
def test_aucune_ligne_n_est_petite_et_tout_est_compte(comptes: dict[str | None, int]) -> None:
    lignes = par_territoire(comptes, territoire(), "Meuse")
    assert all(e.nombre >= CASE_MIN for e in lignes)
    total = sum(comptes.values())
    assert sum(e.nombre for e in lignes) == (total if total >= CASE_MIN else 0)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["emploi", "santé", "courses", "famille"]), st.integers(1, 30)))
def test_aucune_reponse_n_est_petite_et_tout_est_compte(comptes: dict[str, int]) -> None:
    lignes = par_reponse(comptes)
    assert all(n >= CASE_MIN for _, n in lignes)
    total = sum(comptes.values())
    assert sum(n for _, n in lignes) == (total if total >= CASE_MIN else 0)
