"""Laws of combinations that hold for every situation and every catalogue."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.troncons import Combinaison
from mobilite.verdict import Verdict
from tests.unit.essai import besoin, demander, offre, situation

_JOURS = ("lun", "mar", "jeu")
_GENRES = st.sampled_from(
    ["transport_a_la_demande", "transport_solidaire", "covoiturage", "location_voiture", "location_vae"]
)
_HORAIRES = st.sampled_from([("06:00", "10:00"), ("15:00", "19:00"), ("06:00", "19:00"), ("07:45", "10:00")])


@st.composite
def _offres(draw: st.DrawFn, identifiant: str) -> dict[str, Any]:
    de, a = draw(_HORAIRES)
    jours = draw(st.lists(st.sampled_from(_JOURS), min_size=1, max_size=3, unique=True))
    return offre(
        id=identifiant,
        nom=f"Offre {identifiant}",
        genre=draw(_GENRES),
        vehicule=None,
        horaires=[{"jours": jours, "de": de, "a": a}],
        confirmation=draw(st.sampled_from([None, {"par": "M. Petit", "le": "2026-03-10"}])),
        prix=draw(st.sampled_from([None, {"trajet": 1}, {"jour": 4, "caution": 50}])),
        km_max_jour=draw(st.sampled_from([None, 20])),
    )


@st.composite
def _cas(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    jours = draw(st.lists(st.sampled_from(_JOURS), min_size=1, max_size=3, unique=True))
    cycle = [{"jours": jours, "arrivee": "08:00", "retour": "16:30"}]
    libre = [{"jours": list(_JOURS), "de": draw(st.sampled_from(["06:00", "16:00"])), "a": "17:30"}]
    moyens = draw(
        st.sampled_from(
            [[], [{"type": "passager", "disponible": libre}], [{"type": "voiture", "disponible": libre}]]
        )
    )
    offres = [draw(_offres(f"o{rang}")) for rang in range(draw(st.integers(1, 5)))]
    return situation(besoins=[besoin(cycle=cycle)], moyens=moyens), offres


def _combinaisons(personne: dict[str, Any], offres: list[dict[str, Any]]) -> tuple[Combinaison, ...]:
    return demander(personne, offres).besoins[0].combinaisons


_LOIS = settings(max_examples=80, deadline=None)


@_LOIS
@given(_cas())
def test_une_combinaison_n_est_jamais_plus_sure_que_ses_parties(cas: tuple[Any, Any]) -> None:
    reponse = demander(*cas).besoins[0]
    acces = {p.offre.id: p.acces for p in reponse.propositions}
    for combinaison in reponse.combinaisons:
        assert combinaison.verdict is not Verdict.NON
        assert len({t.cle for t in combinaison.troncons}) > 1
        if combinaison.verdict is Verdict.OUI:
            assert all(t.verdict is Verdict.OUI for t in combinaison.troncons)
            assert all(acces[o.id] is Verdict.OUI for o in combinaison.offres)
        else:
            assert combinaison.manques


@_LOIS
@given(_cas(), st.randoms())
def test_l_ordre_des_offres_ne_change_pas_les_combinaisons(cas: tuple[Any, Any], hasard: Any) -> None:
    personne, offres = cas
    melangees = list(offres)
    hasard.shuffle(melangees)
    assert _combinaisons(personne, offres) == _combinaisons(personne, melangees)


@_LOIS
@given(_cas(), st.integers(0, 4))
def test_retirer_une_offre_ne_retire_que_les_combinaisons_qui_s_en_servent(
    cas: tuple[Any, Any], rang: int
) -> None:
    personne, offres = cas
    retiree = offres[rang % len(offres)]["id"]
    avant = {c.cle: c for c in _combinaisons(personne, offres)}
    apres = {c.cle: c for c in _combinaisons(personne, [o for o in offres if o["id"] != retiree])}
    for cle, combinaison in avant.items():
        if retiree not in {o.id for o in combinaison.offres}:
            assert apres[cle] == combinaison


@_LOIS
@given(_cas())
def test_un_vehicule_pris_a_l_aller_fait_aussi_le_retour_du_meme_jour(cas: tuple[Any, Any]) -> None:
    for combinaison in _combinaisons(*cas):
        for troncon in combinaison.troncons:
            if troncon.offre is not None and troncon.offre.genre.conduite:
                assert "aller" not in troncon.quand
                assert "retour" not in troncon.quand


@_LOIS
@given(_cas())
def test_aucune_offre_seule_ne_fait_aussi_bien_en_tout_qu_une_combinaison(cas: tuple[Any, Any]) -> None:
    examine = demander(*cas).besoins[0]
    seules = [p for p in examine.propositions if p.verdict is Verdict.OUI]
    for combinaison in examine.combinaisons:
        ensemble = combinaison.cout
        for seule in seules:
            couples = (
                (seule.cout.mensuel, ensemble.mensuel),
                (seule.cout.a_avancer, ensemble.a_avancer),
                (seule.cout.co2_kg, ensemble.co2_kg),
            )
            assert any(e is not None and (s is None or e < s) for s, e in couples)


def test_ces_lois_rencontrent_bien_des_combinaisons() -> None:
    """Guards the generators: an offer of the morning and one of the evening do combine."""
    matin = {"horaires": [{"jours": ["lun"], "de": "06:00", "a": "10:00"}]}
    soir = {"horaires": [{"jours": ["lun"], "de": "15:00", "a": "19:00"}]}
    communs = {"genre": "transport_a_la_demande", "vehicule": None}
    cycle = [{"jours": ["lun"], "arrivee": "08:00", "retour": "16:30"}]
    offres = [offre(id="m", **communs, **matin), offre(id="s", **communs, **soir)]
    assert len(_combinaisons(situation(besoins=[besoin(cycle=cycle)]), offres)) == 1
