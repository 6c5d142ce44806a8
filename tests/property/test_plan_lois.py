"""The laws of the order of a plan: advice is followed, nothing else moves, twice is once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilite.actions_types import lire_referentiel_plan
from mobilite.plan import PlanActions, StatutAction
from mobilite.prealables import Prealables, Regle, lire_prealables
from mobilite.toml import FichierRefuse
from tests.fabriques import CONSEILLERE, une_personne

PLAN = Path("seeds/plan")
REFERENTIEL = lire_referentiel_plan(PLAN)
REGLES = lire_prealables(PLAN / "prealables.toml", REFERENTIEL.par_code)
NOTIONS = sorted({n for regle in REGLES.regles for n in (*regle.avant, *regle.apres)})


@st.composite
def des_prealables(tirer: st.DrawFn) -> Prealables:
    """Rules over ten notions that never turn in a circle: each goes from a lower to a higher one."""
    paires = tirer(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
    return Prealables(
        tuple(
            Regle(f"r{rang}", (str(min(a, b)),), (str(max(a, b)),), "parce que")
            for rang, (a, b) in enumerate(paires)
            if a != b
        )
    )


des_plans = st.lists(st.sampled_from([*map(str, range(10)), ""]), max_size=12)


@given(des_prealables(), des_plans)
def test_l_ordre_conseille_suit_chaque_regle_et_ne_perd_aucune_etape(
    prealables: Prealables, notions: list[str]
) -> None:
    ordre = prealables.ordonner(notions)
    assert sorted(ordre) == list(range(len(notions)))
    assert prealables.contraires([notions[place] for place in ordre]) == []


@given(des_prealables(), des_plans)
def test_un_ordre_deja_bon_ne_bouge_pas(prealables: Prealables, notions: list[str]) -> None:
    une_fois = [notions[place] for place in prealables.ordonner(notions)]
    assert prealables.ordonner(une_fois) == list(range(len(notions)))
    if not prealables.contraires(notions):
        assert une_fois == notions


@given(des_prealables(), des_plans)
def test_ce_que_rien_n_attend_garde_l_ordre_choisi(prealables: Prealables, notions: list[str]) -> None:
    attendues = {lien.avant for lien in prealables.liens(notions)}
    restantes = [place for place in prealables.ordonner(notions) if place not in attendues]
    assert restantes == sorted(restantes)


@given(st.permutations(NOTIONS))
def test_les_regles_livrees_se_suivent_toutes_ensemble(notions: list[str]) -> None:
    ordre = REGLES.ordonner(notions)
    assert REGLES.contraires([notions[place] for place in ordre]) == []


def test_les_cinq_conseils_attendus_sont_dans_les_donnees() -> None:
    attendus = [
        ("cours_francais", "conduite"),
        ("garage_solidaire", "achat_vehicule"),
        ("papiers", "inscription_permis"),
        ("avis_medical", "inscription_permis"),
        ("remise_en_selle", "genre.location_vae"),
    ]
    for avant, apres in attendus:
        (lien, *_) = REGLES.contraires([apres, avant])
        assert lien.regle.parce_que, (avant, apres)


def test_des_regles_qui_tournent_en_rond_sont_refusees_avec_leur_fichier(tmp_path: Path) -> None:
    fichier = tmp_path / "prealables.toml"
    bouts = [("a", "papiers", "code_route"), ("b", "code_route", "conduite"), ("c", "conduite", "papiers")]
    fichier.write_text(
        "".join(
            f'[[regle]]\ncode = "{c}"\navant = ["{x}"]\napres = ["{y}"]\nparce_que = "z"\n'
            for c, x, y in bouts
        ),
        encoding="utf-8",
    )
    with pytest.raises(FichierRefuse, match=r"prealables\.toml.*tournent en rond : papiers → code_route"):
        lire_prealables(fichier, REFERENTIEL.par_code)


def test_une_etape_inconnue_est_refusee_avec_son_champ(tmp_path: Path) -> None:
    fichier = tmp_path / "prealables.toml"
    fichier.write_text(
        '[[regle]]\ncode = "a"\navant = ["papiers"]\napres = ["genre.fusee"]\nparce_que = "z"\n',
        encoding="utf-8",
    )
    with pytest.raises(FichierRefuse, match=r"prealables\.toml, a, champ « apres ».*genre\.fusee"):
        lire_prealables(fichier, REFERENTIEL.par_code)


def un_plan(*codes: str) -> PlanActions:
    """A plan of typical actions, in that order."""
    plan = PlanActions(personne=une_personne())
    for code in codes:
        plan.ajouter_type(REFERENTIEL.par_code[code], CONSEILLERE)
    return plan


def codes(plan: PlanActions) -> list[str]:
    """The open lines, in order."""
    return [a.code for a in plan.ouvertes()]


def test_le_plan_se_range_seul_jusqu_a_ce_que_le_conseil_garde_son_ordre() -> None:
    plan = un_plan("conduite", "covoiturage", "code_route")
    assert plan.ranger(REGLES)
    assert codes(plan) == ["code_route", "conduite", "covoiturage"]
    plan.reordonner([a.uuid for a in reversed(plan.ouvertes())])
    plan.garder_l_ordre()
    assert not plan.ranger(REGLES), "her own order is kept"
    assert codes(plan) == ["covoiturage", "conduite", "code_route"]
    ((avant, apres, parce_que),) = plan.conseils(REGLES)
    assert (avant.code, apres.code) == ("code_route", "conduite")
    assert parce_que == "les leçons servent une fois le code obtenu"
    assert plan.ranger(REGLES, meme_garde=True)
    assert plan.conseils(REGLES) == []


def test_une_etape_faite_n_attend_plus_rien_et_ne_retarde_rien() -> None:
    plan = un_plan("conduite", "code_route")
    plan.actions[1].decider(StatutAction.FAITE, CONSEILLERE)
    assert plan.conseils(REGLES) == []
    assert not plan.ranger(REGLES)
