"""How long one person waits for her propositions: `python -m tests.benchmarks.bench_propositions`.

The catalogue is the demonstration's, repeated under new ids; the situation is hers of the look: five
days a week, Étain to Verdun. Reading the offers (from JSON) and judging them are timed apart. The
ratio to the smaller catalogue says whether the cost grows faster than the work.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from matching.moteur import proposer
from mobilite.base import ce_jour
from mobilite.document import Champ
from web.catalogue import documents_de_demonstration
from web.referentiel import referentiel

TAILLES = (40, 1_000, 10_000)
SITUATION = {
    "annee_naissance": 1992,
    "depart": [{"insee": "55181"}],
    "permis": {"type": "code_en_cours"},
    "moyens": [],
    "besoins": [
        {
            "destination": "55545",
            "motif": "formation",
            "cycle": [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "arrivee": "08:00", "retour": "16:30"}],
        }
    ],
}


def mesurer(quoi: Callable[[], Any], fois: int) -> tuple[float, float, float]:
    """Median, minimum and maximum seconds of some calls after one warm-up."""
    quoi()
    temps = []
    for _ in range(fois):
        debut = time.perf_counter()
        quoi()
        temps.append(time.perf_counter() - debut)
    return statistics.median(temps), min(temps), max(temps)


def principal() -> None:
    """Print one line a size."""
    connu, le = referentiel(), ce_jour()
    documents = documents_de_demonstration()
    situation = connu.lecteur_situation.lire(Champ(SITUATION))
    faits, contexte = connu.faits(situation, le), connu.contexte(le)
    print(f"{'offres':>8} {'lire (ms)':>12} {'proposer (ms)':>14} {'min–max':>16} {'µs/offre':>10}")
    for taille in TAILLES:
        repetes = [documents[rang % len(documents)] | {"id": str(rang)} for rang in range(taille)]
        fois = 3 if taille > 5_000 else 11
        lecture = partial(connu.lecteur_offres.lire_catalogue, Champ(repetes))
        lire, _, _ = mesurer(lecture, fois)
        juger, bas, haut = mesurer(partial(proposer, situation, faits, lecture(), contexte), fois)
        print(
            f"{taille:>8} {lire * 1e3:>12.1f} {juger * 1e3:>14.1f} {bas * 1e3:>8.1f}–{haut * 1e3:<7.1f}"
            f" {juger / taille * 1e6:>10.1f}"
        )


if __name__ == "__main__":
    principal()
