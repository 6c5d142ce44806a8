"""How long one person waits for what is possible: `python -m tests.benchmarks.bench_matching [--tailles 2000 20000]`.

One person, five needs, every day of the week there and back, over catalogues drawn from a seed
(``catalogue_genere.py``). Times are CPU time of one process, on a catalogue already asked once: the first
person pays for the readings, said apart. The naive pass judges offer by offer, trip by trip, with the
very rules of the engine, and neither ranks nor folds. The counts are laws: all must be 0.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from matching.catalogue import Catalogue
from matching.contexte import Contexte
from matching.document import decrire
from matching.jugement import Jugement
from matching.moteur import proposer
from matching.proposition import BesoinExamine, Reponse
from matching.tableau import regle_de_la_case
from mobilite.besoin import Situation
from mobilite.candidate import Candidate
from mobilite.document import Champ
from mobilite.faits import Faits
from mobilite.verdict import Verdict
from tests.benchmarks.catalogue_genere import Tirage, une_situation
from tests.moteur_de_reference import bareme_de, examens, juger
from web.referentiel import referentiel

TAILLES = (2_000, 5_000, 10_000, 20_000)
GRAINE = 2026
LE = date(2026, 11, 23)
MONTREES = 25
"""Propositions told in full for each need on a page."""

_SUR_ELLE = ("condition", "droit.permis", "velo", "motif", "fauteuil", "nuit_hiver")


def principal() -> None:
    """Print the tables."""
    choix = argparse.ArgumentParser(description=__doc__)
    choix.add_argument("--tailles", type=int, nargs="+", default=TAILLES)
    connu, le = referentiel(), LE
    situation, contexte = connu.lecteur_situation.lire(Champ(une_situation())), connu.contexte(le)
    faits = connu.faits(situation, le)
    tailles = sorted(choix.parse_args().tailles)
    toutes = connu.lecteur_offres.lire_catalogue(
        Champ(Tirage(connu.territoire, le, GRAINE).offres(tailles[-1]))
    )
    trajets = 2 * sum(len(besoin.passages) for besoin in situation.besoins)
    print(
        f"{len(situation.besoins)} needs, {trajets} trips; catalogue drawn from seed {GRAINE}, CPU ms of one process"
    )
    print(
        f"{'offers':>7} {'median':>8} {'min–max':>15} {'µs/offer·need':>14} {'first':>8} {'+ page':>7} {'+ combined':>11} {'possible':>9}"
    )
    for taille in tailles:
        catalogue = Catalogue(toutes[:taille])
        demander = partial(proposer, situation, faits, catalogue, contexte)
        premiere = _secondes(demander)
        temps = [_secondes(demander) for _ in range(21 if taille <= 5_000 else 9)]
        mediane, reponse = statistics.median(temps), demander()
        combiner = _secondes(partial(_combiner, reponse))
        page = _secondes(partial(_montrer, reponse))
        print(
            f"{taille:>7} {mediane * 1e3:>8.1f} {min(temps) * 1e3:>7.1f}–{max(temps) * 1e3:<7.1f}"
            f" {mediane / taille / len(situation.besoins) * 1e6:>14.2f} {premiere * 1e3:>8.1f} {page * 1e3:>7.1f} {combiner * 1e3:>11.1f}"
            f" {_part_possible(reponse):>8.0%}"
        )
    _comparer(situation, faits, toutes[: tailles[0]], contexte)
    _compter(situation, faits, toutes[: tailles[0]], contexte)


def _secondes(quoi: Callable[[], object]) -> float:
    debut = time.process_time()
    quoi()
    return time.process_time() - debut


def _montrer(reponse: Reponse) -> list[dict[str, Any]]:
    """What a page tells of each need: its first propositions, every reason and every trip."""
    return [decrire(p) for examine in reponse.besoins for p in examine.propositions[:MONTREES]]


def _combiner(reponse: Reponse) -> int:
    """What solutions do together, looked for only when a page or a document shows it."""
    return sum(len(examine.combinaisons) for examine in reponse.besoins)


def _part_possible(reponse: Reponse) -> float:
    return float(np.mean([_jugement(examine).possibles.mean() for examine in reponse.besoins]))


def _comparer(situation: Situation, faits: Faits, offres: tuple[Candidate, ...], contexte: Contexte) -> None:
    """The ratio to the naive pass, both taken in turn so that a busy machine slows both."""
    catalogue = Catalogue(offres)

    def naif() -> None:
        for examen in examens(situation, faits, contexte):
            bareme = bareme_de(examen)
            for offre in offres:
                juger(offre, examen, bareme)

    demander = partial(proposer, situation, faits, catalogue, contexte)
    demander()
    couples = [(_secondes(naif), _secondes(demander)) for _ in range(3)]
    rapports = [lent / vif for lent, vif in couples]
    lent = statistics.median(lent for lent, _ in couples)
    print(
        f"naive pass over {len(offres)} offers: {lent * 1e3:.0f} ms;"
        f" ratio {statistics.median(rapports):.0f} ({min(rapports):.0f}–{max(rapports):.0f})"
    )


def _compter(situation: Situation, faits: Faits, offres: tuple[Candidate, ...], contexte: Contexte) -> None:
    """What no answer may hold. The last count asks for somebody of whom nothing at all is known."""
    reponse = proposer(situation, faits, Catalogue(offres), contexte)
    muettes = sum(_cases_sans_regle(reponse))
    refus = [p for e in reponse.besoins for p in e.propositions if p.acces is Verdict.NON]
    sans_nom = sum(not (p.regle and p.decisif.phrase and p.decisif.changerait) for p in refus)
    sans_fait = sum(
        p.regle.startswith("condition.") and p.regle.removeprefix("condition.") not in {*faits, "motif"}
        for p in refus
    )
    inconnue = Situation(besoins=situation.besoins)
    sans_rien = proposer(inconnue, {}, Catalogue(offres), contexte)
    exclues = sum(
        p.verdict is Verdict.NON
        and p.regle.startswith(_SUR_ELLE)
        and p.regle not in ("motif", "condition.motif")
        for e in sans_rien.besoins
        for p in e.propositions
    )
    cases = sum(_jugement(e).cases.size for e in reponse.besoins)
    print(f"cells: {cases}, without a rule: {muettes}")
    print(f"eligibility rejections: {len(refus)}, without a named condition: {sans_nom}")
    print(f"exclusions on missing data: {sans_fait} for her, {exclues} for somebody of whom nothing is known")


def _jugement(examine: BesoinExamine) -> Jugement:
    return examine.propositions[0].jugement


def _cases_sans_regle(reponse: Reponse) -> Iterable[int]:
    for examine in reponse.besoins:
        codes, nombres = np.unique(_jugement(examine).cases, return_counts=True)
        yield sum(int(n) for code, n in zip(codes, nombres, strict=True) if not regle_de_la_case(int(code)))


if __name__ == "__main__":
    principal()
