"""Laws of the engine that hold for every situation and every catalogue."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.document import en_document
from mobilite.verdict import Verdict
from tests.property.tirages import CONDITIONS, REPONSES, catalogues, offres, situations
from tests.unit.essai import besoin, demander, juger, offre, questions_seules, situation
from tests.unit.lecture import BAR_LE_DUC, ETAIN, VERDUN

_NON_SUPPOSES = frozenset({"D4_fauteuil", "D4_contre_indication"})
"""Nobody is supposed to need, or suffer from, what she never said: docs/decisions, trois-valeurs."""

_LOIS = settings(max_examples=60, deadline=None)


@_LOIS
@given(situations(), catalogues(), st.randoms())
def test_l_ordre_des_offres_ne_change_rien(
    personne: dict[str, Any], offres: list[dict[str, Any]], hasard: Any
) -> None:
    melangees = list(offres)
    hasard.shuffle(melangees)
    assert en_document(demander(personne, offres)) == en_document(demander(personne, melangees))


@_LOIS
@given(situations(), catalogues(), offres("zz"))
def test_une_offre_impossible_de_plus_ne_change_pas_les_autres(
    personne: dict[str, Any], fiches: list[dict[str, Any]], intruse: dict[str, Any]
) -> None:
    """Whatever it would have asked, however cheap and quick it would have been, an offer that is full weighs nothing."""
    avant, apres = demander(personne, fiches), demander(personne, [*fiches, intruse | {"places": 0}])
    sans_rang = [
        [
            p | {"rang": 0, "rang_famille": 0}
            for p in en_document(reponse)["propositions"]
            if p["offre"] != "zz"
        ]
        for reponse in (avant, apres)
    ]
    assert sans_rang[0] == sans_rang[1]
    assert avant.questions == apres.questions
    assert [b.jours for b in avant.besoins] == [b.jours for b in apres.besoins]


@_LOIS
@given(situations(), catalogues())
def test_les_questions_demandees_seules_sont_celles_de_la_reponse_entiere(
    personne: dict[str, Any], fiches: list[dict[str, Any]]
) -> None:
    assert questions_seules(personne, fiches) == demander(personne, fiches).questions


@_LOIS
@given(situations(), offres(), CONDITIONS)
def test_une_condition_de_plus_n_ameliore_jamais_une_offre(
    personne: dict[str, Any], fiche: dict[str, Any], condition: dict[str, Any]
) -> None:
    plus_stricte = fiche | {"conditions": {"tous": [fiche.get("conditions", {"tous": []}), condition]}}
    assert _pas_mieux(personne, plus_stricte, fiche)


_DURCIES = st.one_of(
    st.tuples(st.integers(14, 70), st.integers(1, 20)).map(
        lambda n: ({"fait": "age", "au_moins": n[0]}, {"fait": "age", "au_moins": n[0] + n[1]})
    ),
    st.tuples(st.integers(34, 90), st.integers(1, 20)).map(
        lambda n: ({"fait": "age", "au_plus": n[0]}, {"fait": "age", "au_plus": n[0] - n[1]})
    ),
    st.just(
        (
            {"fait": "statuts", "parmi": ["rsa", "salarie", "retraite"]},
            {"fait": "statuts", "parmi": ["retraite"]},
        )
    ),
    st.just(
        (
            {"fait": "telephone", "parmi": ["appels_sms", "smartphone"]},
            {"fait": "telephone", "parmi": ["smartphone"]},
        )
    ),
)


@_LOIS
@given(situations(), offres(), _DURCIES, st.sampled_from(["tous", "un_de"]), CONDITIONS, st.booleans())
def test_une_condition_plus_dure_n_ajoute_jamais_une_offre(
    personne: dict[str, Any],
    fiche: dict[str, Any],
    durcie: tuple[dict[str, Any], dict[str, Any]],
    forme: str,
    autre: dict[str, Any],
    exclue: bool,
) -> None:
    """Alone, beside another or as one way among two; under a « sauf », the harder one is the easier."""
    facile: dict[str, Any]
    dure: dict[str, Any]
    facile, dure = ({forme: [condition, autre]} for condition in durcie)
    if exclue:
        facile, dure = {"sauf": dure}, {"sauf": facile}
    assert _pas_mieux(personne, fiche | {"conditions": dure}, fiche | {"conditions": facile})


def _pas_mieux(personne: dict[str, Any], plus_stricte: dict[str, Any], fiche: dict[str, Any]) -> bool:
    ordre = [Verdict.NON, Verdict.A_VERIFIER, Verdict.OUI]
    return ordre.index(juger(personne, plus_stricte).verdict) <= ordre.index(juger(personne, fiche).verdict)


@_LOIS
@given(situations(), offres(), st.data())
def test_apprendre_un_fait_ne_deplace_qu_un_a_verifier(
    personne: dict[str, Any], fiche: dict[str, Any], data: st.DataObject
) -> None:
    inconnus = sorted(set(REPONSES) - set(personne["reponses"]))
    if not inconnus:
        return
    code = data.draw(st.sampled_from(inconnus))
    if code in _NON_SUPPOSES:
        return
    apprise = personne | {"reponses": personne["reponses"] | {code: data.draw(REPONSES[code])}}
    _ne_deplace_qu_un_doute(personne, apprise, fiche)


_DITS: dict[str, st.SearchStrategy[Any]] = {
    "annee_naissance": st.sampled_from([1960, 1992, 2009]),
    "permis": st.sampled_from(
        [{"type": t, "etat": e} for t in ("B", "aucun", "B78") for e in ("valide", "suspendu")]
    ),
    "moyens": st.just([]),
    "depart": st.sampled_from([[{"insee": ETAIN}], [{"insee": BAR_LE_DUC}]]),
}


@_LOIS
@given(situations(), offres(), st.sampled_from(sorted(_DITS)), st.data())
def test_apprendre_qui_elle_est_ou_d_ou_elle_part_ne_deplace_qu_un_a_verifier(
    personne: dict[str, Any], fiche: dict[str, Any], champ: str, data: st.DataObject
) -> None:
    sans = {cle: valeur for cle, valeur in personne.items() if cle != champ}
    _ne_deplace_qu_un_doute(sans, sans | {champ: data.draw(_DITS[champ])}, fiche)


def _ne_deplace_qu_un_doute(personne: dict[str, Any], apprise: dict[str, Any], fiche: dict[str, Any]) -> None:
    """Nor does any trip of it move otherwise."""
    avant, apres = juger(personne, fiche), juger(apprise, fiche)
    assert avant.verdict in (apres.verdict, Verdict.A_VERIFIER)
    for case, apprise_ in zip(avant.cases, apres.cases, strict=True):
        assert case.verdict in (apprise_.verdict, Verdict.A_VERIFIER)


@_LOIS
@given(situations(), catalogues())
def test_les_contributions_montrees_font_le_score(
    personne: dict[str, Any], offres: list[dict[str, Any]]
) -> None:
    for proposition in demander(personne, offres).besoins[0].propositions:
        assert proposition.score == round(sum(c.points for c in proposition.contributions), 2)
        assert all(c.points >= 0 for c in proposition.contributions)


@_LOIS
@given(situations(), catalogues())
def test_chaque_refus_nomme_sa_regle_et_chaque_doute_dit_ce_qui_manque(
    personne: dict[str, Any], offres: list[dict[str, Any]]
) -> None:
    """A NON says what would change it; an A_VERIFIER names what is missing and who settles it."""
    for proposition in demander(personne, offres).besoins[0].propositions:
        if proposition.verdict is Verdict.NON:
            assert proposition.decisif.regle
            assert proposition.decisif.changerait
        if proposition.verdict is Verdict.A_VERIFIER:
            assert proposition.manques
            assert all(m.quoi and m.qui for m in proposition.manques)


@_LOIS
@given(situations(), catalogues())
def test_oui_demande_conditions_remplies_trajets_couverts_et_place_confirmee(
    personne: dict[str, Any], offres: list[dict[str, Any]]
) -> None:
    fiches = {fiche["id"]: fiche for fiche in offres}
    for proposition in demander(personne, offres).besoins[0].propositions:
        if proposition.verdict is Verdict.OUI:
            fiche = fiches[proposition.offre.id]
            assert fiche.get("confirmation") or fiche.get("calendrier")
            assert all(case.verdict is Verdict.OUI for case in proposition.cases)
            assert proposition.cases


@_LOIS
@given(situations(), catalogues())
def test_une_offre_repliee_est_battue_par_une_offre_ouverte_et_ne_disparait_pas(
    personne: dict[str, Any], offres: list[dict[str, Any]]
) -> None:
    propositions = demander(personne, offres).besoins[0].propositions
    assert sorted(p.offre.id for p in propositions) == sorted(fiche["id"] for fiche in offres)
    assert [p.rang for p in propositions] == list(range(1, len(offres) + 1))
    par_id = {p.offre.id: p for p in propositions}
    for p in propositions:
        if p.dominee_par:
            assert not par_id[p.dominee_par].dominee_par
            assert p.verdict is not Verdict.NON


def test_la_destination_verdun_de_ces_lois_est_bien_celle_des_offres() -> None:
    """Guards the generators: they do reach OUI, A_VERIFIER and NON."""
    assert juger(situation(besoins=[besoin(destination=VERDUN)]), offre()).verdict is Verdict.OUI
