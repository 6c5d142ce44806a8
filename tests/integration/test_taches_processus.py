"""Real processes, killed and frozen, on both databases: the short form of ``make proof`` (tests/proof)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from mobilite.base import PARIS
from tests.proof import epreuve_messages, epreuve_taches
from tests.proof.epreuve_taches import Epreuve

NUIT = Epreuve(
    datetime(2026, 10, 25, 1, 0, tzinfo=PARIS),
    datetime(2026, 10, 25, 4, 0, tzinfo=PARIS),
    vitesse=3000,
    processus=3,
)
"""The night whose second hour comes twice: four hours, of which none between 02:00 and 02:59 counts."""


def test_the_night_the_clock_changes_every_slot_is_done_once_by_one_of_three_processes(
    moteur: Engine,
) -> None:
    epreuve = replace(NUIT, morts=1, gels=1, gel_s=1)
    bilan = epreuve_taches.eprouver(moteur, epreuve)
    assert bilan.creneaux == 24 + 1
    assert (bilan.doubles, bilan.manques, bilan.en_trop) == (0, 0, 0)


def test_without_the_ledger_the_same_processes_do_slots_twice(moteur_sqlite: Engine) -> None:
    epreuve = replace(NUIT, sans_registre=True)
    assert epreuve_taches.eprouver(moteur_sqlite, epreuve).doubles > 0


def test_of_messages_sent_by_processes_that_are_killed_none_is_lost(moteur: Engine) -> None:
    bilan = epreuve_messages.eprouver(moteur, messages=60, morts=2)
    assert (bilan.morts, bilan.jamais_recus, bilan.envoyes) == (2, 0, 60)
    assert bilan.repetitions <= bilan.morts
