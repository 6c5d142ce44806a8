"""The proofs of booking, in short, on both databases; the long forms are ``make proof`` (tests/proof)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.proof import cahier, epreuve_formulaires, epreuve_reservation, temoin_reservation
from tests.proof.preuve_coupure import essayer


def test_processes_that_book_move_and_change_at_once_never_give_a_vehicle_twice(moteur: Engine) -> None:
    moteur.dispose()  # nothing of ours is open while others work
    bilan = epreuve_reservation.eprouver(moteur, salves=10, par_salve=12, melee=120, processus=2)
    assert bilan.gagnants == [(1, 1)] * 9 + [(10, 10)]
    assert (bilan.chevauchements, bilan.pannes) == (0, {})
    assert bilan.gestes["demander, accepté"] > 10
    assert bilan.gestes["déplacer, accepté"] > 0


def test_of_people_who_send_the_form_at_once_to_the_real_server_one_is_served(
    moteur: Engine, tmp_path: Path
) -> None:
    moteur.dispose()
    bilan = epreuve_formulaires.eprouver(
        moteur, salves=2, visiteurs=12, melee=12, processus=2, journal=tmp_path / "serveur.log"
    )
    assert bilan.gagnants == [(1, 1), (1, 1)]
    assert (bilan.chevauchements, bilan.pannes) == (0, {})


def test_the_same_scramble_without_guard_nearly_always_gives_a_vehicle_twice(moteur: Engine) -> None:
    assert temoin_reservation.essais_qui_doublent(moteur, 20) >= 19


# In continuous integration a missing compiler is a failure, not a skip.
@pytest.mark.skipif(
    shutil.which("cc") is None and os.environ.get("CI") != "true",
    reason="the power cut is a small C file, compiled when asked: no cc is here",
)
@pytest.mark.parametrize("sans_attendre", [False, True])
def test_a_power_cut_loses_nothing_that_was_told_unless_nobody_waits_for_the_disk(
    sans_attendre: bool,
) -> None:
    bilan = essayer("sqlite", coupure=True, arrets=1, par_arret=40, ecrivains=2, sans_attendre=sans_attendre)
    assert bilan.dites >= 40
    assert bilan.abimees == 0
    assert (bilan.perdues > 0) is sans_attendre


def test_figures_take_the_place_of_the_former_ones_in_the_page_of_proofs(tmp_path: Path) -> None:
    page = tmp_path / "preuves.md"
    page.write_text("Avant.\n\n<!-- essai -->\nvieux\n<!-- fin de essai -->\n\nAprès.\n", encoding="utf-8")
    for valeur in (1234, 5678):
        lignes = cahier.tableau(["SQLite"], {"tentatives": ("1 000", [valeur])})
        cahier.ecrire("essai", "make proof", lignes, page=page)
    texte = page.read_text(encoding="utf-8")
    assert "| tentatives | 1 000 | 5 678 |" in texte
    assert "vieux" not in texte and "1 234" not in texte
    assert texte.startswith("Avant.\n") and texte.endswith("Après.\n")
    with pytest.raises(ValueError, match="no place"):
        cahier.ecrire("inconnue", "make proof", [], page=page)
