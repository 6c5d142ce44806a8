"""What the road engine promises beyond its numbers: refusals, storage, ties and long roads."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from geo.chemins import chemin, durees, matrice, plus_proche, un_vers_plusieurs, un_vers_tous
from geo.graphe import Graphe, Points
from geo.hierarchie import Hierarchie, contracter
from geo.noyau import INFINI


def anneau(n: int, ms: int) -> Graphe:
    """A one-way ring."""
    return Graphe.depuis_arcs(n, np.arange(n), (np.arange(n) + 1) % n, np.full(n, ms))


def test_arcs_that_cannot_exist_are_refused() -> None:
    for de, vers, ms in (
        ([0], [2], [5]),
        ([-1], [0], [5]),
        ([0], [1], [-1]),
        ([0], [1], [INFINI]),
        ([0], [1], []),
    ):
        with pytest.raises(ValueError, match="arc"):
            Graphe.depuis_arcs(2, de, vers, ms)


def test_a_place_outside_the_network_is_refused_before_any_kernel_reads_memory() -> None:
    hierarchie = contracter(anneau(3, 10))
    dedans, dehors = Points.aux_noeuds([0]), Points.aux_noeuds([3])
    for question in (
        lambda: plus_proche(hierarchie, dehors),
        lambda: matrice(hierarchie, dedans, dehors),
        lambda: durees(hierarchie, dehors, dedans),
        lambda: Points.aux_noeuds([-1]),
        lambda: Points.de([[(0, -1)]]),
    ):
        with pytest.raises(ValueError, match="node"):
            question()


def test_a_network_cannot_be_changed_once_made() -> None:
    graphe = anneau(3, 10)
    tableaux = contracter(graphe).tableaux()
    tableaux |= {"debut": graphe.debut, "vers": graphe.vers, "ms": graphe.ms}
    assert [nom for nom, tableau in tableaux.items() if tableau.flags.writeable] == []


def test_twelve_days_is_never_and_a_little_less_is_a_time() -> None:
    """32 bits hold every sum: no answer ever wraps around."""
    hierarchie = contracter(Graphe.depuis_arcs(3, [0, 1], [1, 2], [INFINI - 2, 1]))
    ici, au_bout = Points.aux_noeuds([0]), Points.aux_noeuds([2])
    presque, trop = Points.de([[(2, 0)]]), Points.de([[(2, 1)]])
    assert un_vers_tous(hierarchie, ici).tolist() == [0, INFINI - 2, INFINI - 1]
    assert un_vers_plusieurs(hierarchie, ici, presque).tolist() == [INFINI - 1]
    assert un_vers_plusieurs(hierarchie, ici, trop).tolist() == [INFINI]
    assert chemin(hierarchie, ici, au_bout) == ([0, 1, 2], INFINI - 1)
    assert chemin(hierarchie, Points.de([[(0, 1)]]), au_bout) == ([], INFINI)


def test_a_prepared_network_answers_the_same_from_a_mapped_file(tmp_path: Path) -> None:
    hasard = np.random.default_rng(3)
    graphe = Graphe.depuis_arcs(
        60, hasard.integers(0, 60, 240), hasard.integers(0, 60, 240), hasard.integers(0, 99, 240)
    )
    hierarchie = contracter(graphe)
    for nom, tableau in hierarchie.tableaux().items():
        np.save(tmp_path / f"{nom}.npy", tableau)
    lus = {nom: np.load(tmp_path / f"{nom}.npy", mmap_mode="r") for nom in hierarchie.tableaux()}
    relue = Hierarchie.depuis_tableaux(lus)
    assert np.shares_memory(relue.aller.vers, lus["aller_vers"])  # mapped, not copied
    tous = Points.aux_noeuds(np.arange(60))
    assert (matrice(relue, tous, tous) == matrice(hierarchie, tous, tous)).all()
    del lus["aller_ms"]
    with pytest.raises(KeyError):
        Hierarchie.depuis_tableaux(lus)


def test_more_origins_than_are_driven_together_fill_every_row() -> None:
    """A ring of 200: whole batches and what is left of one, each time known in advance."""
    hierarchie = contracter(anneau(200, 7))
    tous = Points.aux_noeuds(np.arange(200))
    ecarts = (np.arange(200)[None, :] - np.arange(200)[:, None]) % 200
    assert (matrice(hierarchie, tous, tous) == 7 * ecarts).all()
    assert matrice(hierarchie, Points.aux_noeuds([150]), Points.aux_noeuds([20])).tolist() == [[490]]


def test_a_crossroads_of_many_roads_is_prepared() -> None:
    """Lists of arcs outgrow their room, and the shortcuts of one node their table."""
    n = 400
    rayons = np.arange(1, n)
    centre = np.zeros(n - 1, int)
    graphe = Graphe.depuis_arcs(
        n, np.concatenate((rayons, centre)), np.concatenate((centre, rayons)), np.tile(rayons, 2)
    )
    tous = Points.aux_noeuds(np.arange(n))
    attendu = np.add.outer(np.arange(n), np.arange(n))
    np.fill_diagonal(attendu, 0)
    assert (matrice(contracter(graphe), tous, tous) == attendu).all()


def test_a_network_without_nodes_or_arcs_answers() -> None:
    vide = Graphe.depuis_arcs(0, [], [], [])
    assert un_vers_tous(contracter(vide), Points.de([])).size == 0
    seul = contracter(Graphe.depuis_arcs(1, [], [], []))
    assert matrice(seul, Points.aux_noeuds([0]), Points.aux_noeuds([0])).tolist() == [[0]]
    assert matrice(seul, Points.de([]), Points.aux_noeuds([0])).shape == (0, 1)


def test_threads_ask_at_once_and_are_answered_alike() -> None:
    hierarchie = contracter(anneau(500, 3))
    reponses: dict[int, list[int]] = {}

    def demander(depart: int) -> None:
        reponses[depart] = un_vers_tous(hierarchie, Points.aux_noeuds([depart])).tolist()

    fils = [threading.Thread(target=demander, args=(depart,)) for depart in range(0, 500, 50)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert reponses == {
        depart: [3 * ((i - depart) % 500) for i in range(500)] for depart in range(0, 500, 50)
    }


def test_whoever_needs_linear_algebra_still_has_it_after_the_kernels() -> None:
    """It is hidden from numba while it starts, and from nobody else."""
    dire = "import geo.noyau; from scipy.linalg import inv; print(inv([[2.0]])[0, 0])"
    sortie = subprocess.run([sys.executable, "-c", dire], capture_output=True, text=True, check=True)
    assert sortie.stdout.strip() == "0.5"
