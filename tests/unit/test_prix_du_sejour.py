"""The price of a stay: the cheapest way through the grid, as everywhere else, and nothing that nobody said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matching.cout import prix_du_sejour
from mobilite.candidate import Prix
from mobilite.decompte import Decompte, Ligne, en_centimes, lire_decompte
from mobilite.etat_des_lieux import approuve

LUNDI = date(2026, 11, 30)
GRILLE = Prix(connu=True, jour=4, semaine=20, mois=60)


def jours(nombre: int) -> list[date]:
    return [LUNDI + timedelta(days=rang) for rang in range(nombre)]


@pytest.mark.parametrize(
    ("nombre", "tarif", "montant"),
    [
        (1, "jour", 4),
        (5, "jour", 20),
        (6, "semaine", 20),
        (9, "jour", 36),
        (16, "semaine", 60),
        (30, "mois", 60),
    ],
)
def test_the_cheapest_rate_is_taken_for_the_days_used(nombre: int, tarif: str, montant: float) -> None:
    prix = prix_du_sejour(GRILLE, jours(nombre), None)
    assert prix is not None
    assert (prix.tarif, prix.montant) == (tarif, montant)
    assert prix.fois * prix.unitaire == prix.montant


@pytest.mark.parametrize(
    ("prix", "km"),
    [
        (Prix(), 40.0),
        (Prix(connu=True, km=0.1), None),
        (Prix(connu=True, jour=4, km=0.1), None),
        (Prix(connu=True, trajet=2), 40.0),
    ],
    ids=["no price", "by the kilometre, unread", "maybe cheaper by the kilometre", "by the trip"],
)
def test_what_nobody_can_tell_has_no_price(prix: Prix, km: float | None) -> None:
    assert prix_du_sejour(prix, jours(3), km) is None


def test_what_is_free_costs_nothing_and_kilometres_cost_what_was_driven() -> None:
    gratuit = prix_du_sejour(Prix(connu=True), jours(3), None)
    au_km = prix_du_sejour(Prix(connu=True, km=0.15), jours(3), 101)
    assert gratuit is not None
    assert au_km is not None
    assert (gratuit.montant, au_km.montant) == (0, 15.15)


def test_the_lines_add_up_in_cents_and_a_line_to_be_checked_is_not_forgotten() -> None:
    lignes = [Ligne("Location", "", en_centimes(euros), "grille") for euros in (0.1, 0.2, 4.35)]
    decompte = Decompte((*lignes, Ligne("Aide", "", -65, "accord")))
    assert (decompte.total_centimes, decompte.complet) == (400, True)
    doute = Decompte((*decompte.lignes, Ligne("Adhésion", "", None, "grille")))
    assert (doute.total_centimes, doute.complet) == (400, False)
    assert lire_decompte(doute.document()) == doute


@pytest.mark.parametrize(
    ("mention", "vaut"),
    [
        ("lu et approuvé", True),
        (" LU ET APPROUVE. ", True),
        ("lu", False),
        ("", False),
        ("lu et désapprouvé", False),
    ],
)
def test_only_lu_et_approuve_signs(mention: str, vaut: bool) -> None:
    assert approuve(mention) is vaut
