"""Sharing scarce vehicles: `python -m tests.benchmarks.bench_parc`. Prints Markdown.

Fleets made up from a seed (``parc_invente``), the rule between territories on. CPU seconds; the gap is
between the answer and what no answer can beat. Peers: the same requests served in order of arrival, and
the most urgent first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from matching.parc.affectation import Repartition, repartir
from matching.parc.flotte import DemandeDuParc, Regles, VehiculeDuParc, se_genent
from tests.benchmarks.parc_invente import parc_invente

SELON = Regles(equite=0.9)
TAILLES = ((60, 300, 60, 0.0, "prouvé optimal, ≤ 5 s"), (150, 800, 40, 1e-4, "écart ≤ 0,1 % en 30 s"))
GRAINES = (55, 1, 2, 3, 4)


def glouton(
    vehicules: list[VehiculeDuParc], demandes: list[DemandeDuParc], cle: Callable[[DemandeDuParc], object]
) -> float:
    """Each in turn takes the nearest free vehicle; points, without the rule between territories."""
    pris = {v.id: list(v.pris) for v in vehicules}
    points = 0.0
    for demande in sorted(demandes, key=cle):  # type: ignore[arg-type]
        libres = [
            (demande.km[v.classe], v.id)
            for v in vehicules
            if v.classe in demande.km and not any(se_genent(demande, p, SELON) for p in pris[v.id])
        ]
        if libres:
            km, vehicule = min(libres)
            pris[vehicule].append((demande.debut, demande.fin))
            points += 1000 * demande.priorite - km
    return points


def arrivent_dix_urgences(
    vehicules: list[VehiculeDuParc], demandes: list[DemandeDuParc], avant: Repartition, graine: int, km_max: float
) -> tuple[int, int]:  # fmt: skip
    """How many of those who had a vehicle have another one, or none, after ten urgent requests; of how many."""
    annonces = {a.demande.id: a.vehicule for a in avant.affectations}
    anciennes = [replace(d, annonce=annonces.get(d.id, "")) for d in demandes]
    autres = parc_invente(len(vehicules), 10, km_max=km_max, graine=graine + 100)[1]
    possibles = {v.classe for v in vehicules}
    urgences = [
        replace(d, id=f"urgence{i}", priorite=5, km={c: km for c, km in d.km.items() if c in possibles})
        for i, d in enumerate(autres)
    ]
    apres = {
        a.demande.id: a.vehicule
        for a in repartir(vehicules, anciennes + urgences, SELON, ecart=1e-4).affectations
    }
    return sum(apres.get(d) != v for d, v in annonces.items()), len(annonces)


def principal() -> None:
    """Print one line per fleet."""
    print(
        "| parc | graine | servies | s | écart prouvé | but | l'équité change | arrivée | urgence | 10 urgences |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for combien, nombre, km_max, ecart, but in TAILLES:
        for graine in GRAINES:
            vehicules, demandes = parc_invente(combien, nombre, km_max=km_max, graine=graine)
            debut = time.process_time()
            repartition = repartir(vehicules, demandes, SELON, ecart=ecart)
            secondes = time.process_time() - debut
            libre = repartir(vehicules, demandes, replace(SELON, equite=0), ecart=ecart)
            arrivee = glouton(vehicules, demandes, lambda d: (d.debut, -d.priorite, d.id))
            urgence = glouton(vehicules, demandes, lambda d: (-d.priorite, d.debut, d.id))
            changees, annoncees = arrivent_dix_urgences(vehicules, demandes, repartition, graine, km_max)
            print(
                f"| {combien} × {nombre} | {graine} | {len(repartition.affectations)} | {secondes:.1f} "
                f"| {'optimal' if repartition.optimale else f'{repartition.ecart:.4%}'} | {but} "
                f"| {'oui' if libre.valeur > repartition.valeur + 1 else 'non'} "
                f"| {arrivee / repartition.valeur - 1:+.1%} | {urgence / repartition.valeur - 1:+.1%} "
                f"| {changees} sur {annoncees} changent ({changees / annoncees:.1%}) |",
                flush=True,
            )


if __name__ == "__main__":
    principal()
