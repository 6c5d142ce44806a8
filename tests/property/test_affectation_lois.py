"""The sharing of scarce vehicles: compared with every possible sharing of small fleets."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.parc.affectation import Repartition, repartir
from matching.parc.flotte import Classe, DemandeDuParc, Regles, VehiculeDuParc
from tests.benchmarks.parc_invente import parc_invente

LUNDI = date(2026, 6, 1)
CLASSES = (Classe("Voiture", "Verdun"), Classe("Voiture", "Étain"), Classe("Scooter", "Verdun"))


@st.composite
def parcs(draw: st.DrawFn) -> tuple[list[VehiculeDuParc], list[DemandeDuParc]]:
    def periode() -> tuple[date, date]:
        debut = draw(st.integers(0, 9))
        return LUNDI + timedelta(debut), LUNDI + timedelta(debut + draw(st.integers(0, 5)))

    vehicules = [
        VehiculeDuParc(f"v{i}", draw(st.sampled_from(CLASSES)), tuple(periode() for _ in range(draw(st.sampled_from((0, 0, 1))))))
        for i in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    demandes = []
    for i in range(draw(st.integers(0, 5))):
        debut, fin = periode()
        km = draw(st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 60)))
        annonce = draw(st.sampled_from(["", *(v.id for v in vehicules)]))
        territoire = draw(st.sampled_from(("Nord", "Sud")))
        demandes.append(DemandeDuParc(f"d{i}", debut, fin, draw(st.integers(1, 3)), territoire, km, annonce))
    return vehicules, demandes


def se_suivent(prises: list[tuple[date, date]], tampon: int) -> bool:
    rangees = sorted(prises)
    return all(b[0] > a[1] + timedelta(tampon) for a, b in pairwise(rangees))


def equitable(servies: list[DemandeDuParc], possibles: list[DemandeDuParc], equite: float) -> bool:
    """The rule between territories, in fractions of whole numbers."""
    return all(
        sum(d.territoire == t for d in servies) * len(possibles) * 100
        >= round(100 * equite) * sum(d.territoire == t for d in possibles) * len(servies)
        for t in {d.territoire for d in possibles}
    )


def tous_les_partages(vehicules: list[VehiculeDuParc], demandes: list[DemandeDuParc], selon: Regles) -> float:
    """The best value by trying everything; the bonus counts for any vehicle like the one announced."""
    pareils = {v.id: (v.classe, v.pris) for v in vehicules}
    tampon = timedelta(selon.tampon_jours)

    def libre(v: VehiculeDuParc, d: DemandeDuParc) -> bool:
        return all(d.debut > fin + tampon or debut > d.fin + tampon for debut, fin in v.pris)

    possibles = [d for d in demandes if any(v.classe in d.km and libre(v, d) for v in vehicules)]
    meilleur = 0.0
    for choix in product([None, *vehicules], repeat=len(demandes)):
        couples = [(d, v) for d, v in zip(demandes, choix, strict=True) if v is not None]
        if any(v.classe not in d.km or not libre(v, d) for d, v in couples):
            continue
        prises: dict[str, list[tuple[date, date]]] = {}
        for d, v in couples:
            prises.setdefault(v.id, []).append((d.debut, d.fin))
        if not all(se_suivent(p, selon.tampon_jours) for p in prises.values()):
            continue
        if not equitable([d for d, _ in couples], possibles, selon.equite):
            continue
        valeur = sum(
            1000 * d.priorite
            - d.km[v.classe]
            + (selon.stabilite if pareils.get(d.annonce) == (v.classe, v.pris) else 0)
            for d, v in couples
        )
        meilleur = max(meilleur, valeur)
    return meilleur


def verifier_possible(repartition: Repartition, vehicules: list[VehiculeDuParc], selon: Regles) -> None:
    """Nobody twice, no vehicle twice, the right vehicle, everybody told something."""
    classes = {v.id: v.classe for v in vehicules}
    prises = {v.id: list(v.pris) for v in vehicules}
    for a in repartition.affectations:
        assert classes[a.vehicule] in a.demande.km
        prises[a.vehicule].append((a.demande.debut, a.demande.fin))
    for v in vehicules:
        siennes = prises[v.id][len(v.pris) :]
        assert se_suivent(siennes, selon.tampon_jours)
        for pris, (debut, fin) in product(v.pris, siennes):
            assert se_suivent([pris, (debut, fin)], selon.tampon_jours)
    assert all(a.phrase for a in repartition.affectations)
    assert all(s.phrase for s in repartition.sans_vehicule)


@settings(max_examples=150, deadline=None)
@given(parcs(), st.sampled_from((0.0, 0.5, 0.9, 1.0)), st.sampled_from((0, 1)))
def test_no_sharing_is_better_than_the_one_found_and_nobody_drives_two_vehicles(
    essai: tuple[list[VehiculeDuParc], list[DemandeDuParc]], equite: float, tampon: int
) -> None:
    vehicules, demandes = essai
    selon = Regles(tampon_jours=tampon, equite=equite)
    repartition = repartir(vehicules, demandes, selon)
    verifier_possible(repartition, vehicules, selon)
    assert {a.demande.id for a in repartition.affectations} | {
        s.demande.id for s in repartition.sans_vehicule
    } == {d.id for d in demandes}
    assert repartition.optimale
    assert repartition.valeur == pytest.approx(tous_les_partages(vehicules, demandes, selon))


@settings(max_examples=60, deadline=None)
@given(parcs(), st.randoms(use_true_random=False))
def test_the_order_of_vehicles_and_requests_changes_nothing(
    essai: tuple[list[VehiculeDuParc], list[DemandeDuParc]], hasard: object
) -> None:
    vehicules, demandes = essai
    selon = Regles(equite=0.9)
    melange = list(vehicules), list(demandes)
    for liste in melange:
        hasard.shuffle(liste)  # type: ignore[attr-defined]
    assert repartir(*melange, selon) == repartir(vehicules, demandes, selon)


@settings(max_examples=60, deadline=None)
@given(parcs())
def test_somebody_told_when_a_vehicle_is_free_could_have_it_then(
    essai: tuple[list[VehiculeDuParc], list[DemandeDuParc]],
) -> None:
    vehicules, demandes = essai
    selon = Regles()
    repartition = repartir(vehicules, demandes, selon)
    tampon = timedelta(selon.tampon_jours)
    prises = {v.id: list(v.pris) for v in vehicules}
    for a in repartition.affectations:
        prises[a.vehicule].append((a.demande.debut, a.demande.fin))
    for refus in repartition.sans_vehicule:
        conviennent = [v for v in vehicules if v.classe in refus.demande.km]
        if refus.libre_le is None:
            assert not conviennent
            continue
        fin = refus.libre_le + (refus.demande.fin - refus.demande.debut)
        assert any(
            all(refus.libre_le > b + tampon or a > fin + tampon for a, b in prises[v.id]) for v in conviennent
        )


def test_urgent_requests_move_few_of_the_vehicles_announced() -> None:
    vehicules, demandes = parc_invente(30, 150)
    selon = Regles(equite=0.9)
    avant = {a.demande.id: a.vehicule for a in repartir(vehicules, demandes, selon).affectations}
    annoncees = [
        DemandeDuParc(d.id, d.debut, d.fin, d.priorite, d.territoire, d.km, avant.get(d.id, ""))
        for d in demandes
    ]
    _, autres = parc_invente(30, 160)
    urgentes = [
        DemandeDuParc(f"urgent{i}", d.debut, d.fin, 5, d.territoire, d.km) for i, d in enumerate(autres[150:])
    ]
    apres = {a.demande.id: a.vehicule for a in repartir(vehicules, annoncees + urgentes, selon).affectations}
    changent = [d for d, v in avant.items() if apres.get(d) != v]
    assert len(changent) <= 0.05 * len(avant)
    assert any(d.startswith("urgent") for d in apres)


def test_a_territory_that_is_far_from_vehicles_is_not_forgotten() -> None:
    une = [VehiculeDuParc("v1", CLASSES[0])]
    demandes = [
        DemandeDuParc(f"n{i}", LUNDI + timedelta(20 * i), LUNDI + timedelta(20 * i + 9), 2, "Nord", {CLASSES[0]: 5})
        for i in range(4)
    ] + [
        DemandeDuParc(f"s{i}", LUNDI + timedelta(20 * i), LUNDI + timedelta(20 * i + 9), 2, "Sud", {CLASSES[0]: 50})
        for i in range(4)
    ]  # fmt: skip

    def servis(equite: float) -> list[str]:
        return sorted(
            a.demande.territoire for a in repartir(une, demandes, Regles(equite=equite)).affectations
        )

    assert servis(0) == ["Nord"] * 4
    assert servis(0.9) == ["Nord", "Nord", "Sud", "Sud"]


def test_who_waits_is_told_why_and_from_when() -> None:
    demande = DemandeDuParc("d", LUNDI, LUNDI + timedelta(6), 1, "Nord", {CLASSES[0]: 3})
    urgente = DemandeDuParc("u", LUNDI, LUNDI + timedelta(6), 3, "Nord", {CLASSES[0]: 3})
    (seule,) = repartir([VehiculeDuParc("v", CLASSES[0])], [demande, urgente], Regles()).sans_vehicule
    assert seule.demande is demande
    assert seule.phrase == (
        "Le véhicule qui lui convient est pris ces jours-là par d'autres demandes : 1 plus urgente."
    )
    assert seule.libre_le == LUNDI + timedelta(8)
    (sans,) = repartir([VehiculeDuParc("v", CLASSES[2])], [demande], Regles()).sans_vehicule
    assert (sans.regle, sans.libre_le) == ("aucun", None)
