"""Carpool on real roads: `python -m tests.benchmarks.bench_covoiturage [EXTRAIT.osm.pbf …]`.

2 000 drivers and as many passengers of one morning, drawn on a made-up rural département and on each extract
given. From the lists to the choice that is proven best: days, hours, exact detours, both objectives.
Medians of five seeds; elapsed (and CPU), two threads for the tables of times; the network is already open. Prints Markdown.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np
from numpy.typing import NDArray

from geo.chemins import matrice, prechauffer
from geo.durees import DureesSurReseau, par_blocs
from geo.estimation import Estimation
from geo.graphe import Graphe, Points
from geo.hierarchie import contracter
from geo.importation import construire
from geo.osm import lire_extrait
from geo.profils import lire_profil
from geo.reseau import HIERARCHIE, Reseau
from geo.trajets import SurReseau
from matching.colonnes import Paires
from matching.covoiturage.appariement import Objectif, apparier, glouton
from matching.covoiturage.paires import paires_possibles
from matching.covoiturage.trajets import MS, Arret, DemandePassager, Regles
from matching.voyage import Sens
from mobilite.besoin import SEMAINE, Jour
from mobilite.conducteur import Agenda, TrajetConducteur
from mobilite.lieux import Bornes, Colonne, DureesParPaires, Lieu, Position
from mobilite.territoire import Territoire
from tests.benchmarks.reseau_rural import avec_virages, reseau_rural

GRAINES = range(5)
COMBIEN = 2000
REGLES = Regles(0.25, 10 * MS, 45 * MS)
Tirer = Callable[[np.random.Generator, int], list[Lieu]]


@dataclass
class SurNoeuds:
    """The port on a bare graph: a place is a node, named by its number."""

    graphe: Graphe
    methode: str = "réseau inventé"
    ferme: bool = True

    def __post_init__(self) -> None:
        self.hierarchie = contracter(self.graphe)

    def poser(self, lieux: Sequence[Lieu]) -> SurNoeuds:
        """These nodes."""
        self.noeuds = np.array([int(lieu.insee) for lieu in lieux], np.int64)
        return self

    def entre(self, de: Colonne, vers: Colonne) -> Bornes:
        """Exact times between nodes."""
        o, d = self.noeuds[np.asarray(de)], self.noeuds[np.asarray(vers)]
        bas, haut = par_blocs(self._tableau, o, d, np.arange(self.graphe.n + 1))
        return Bornes(bas.data, haut.data)

    def _tableau(self, lignes: NDArray[np.int64], colonnes: NDArray[np.int64]) -> NDArray[np.int64]:
        points = Points.aux_noeuds(lignes), Points.aux_noeuds(colonnes)
        return matrice(self.hierarchie, *points).astype(np.int64)


def instance(
    graine: int, tirer: Tirer, combien: int = COMBIEN
) -> tuple[list[TrajetConducteur], list[DemandePassager]]:
    """One morning: everybody goes from anywhere to one of forty places of work, between 6 h and 9 h.

    Nine drivers in ten work Monday to Friday, passengers need three to five days of them.
    """
    hasard = np.random.default_rng(graine)
    travail = tirer(hasard, 40)
    ouvres = SEMAINE[:5]

    def jours(au_moins: int) -> frozenset[Jour]:
        rangs = hasard.choice(5, int(hasard.integers(au_moins, 6)), replace=False)
        return frozenset(ouvres[rang] for rang in rangs)

    trajets = [
        TrajetConducteur(
            f"c{rang}",
            depart,
            travail[int(hasard.integers(40))],
            Agenda(frozenset(ouvres) if hasard.random() < 0.9 else jours(2)),
            heure=int(np.clip(hasard.normal(440, 45), 300, 600)),
            souplesse=15,
            places=3,
        )
        for rang, depart in enumerate(tirer(hasard, combien))
    ]
    demandes = [
        DemandePassager(
            f"p{rang}",
            f"p{rang}",
            Sens.ALLER,
            Agenda(jours(3)),
            heure=15 * round(float(np.clip(hasard.normal(480, 40), 330, 660)) / 15),
            prises=(Arret(depart),),
            deposes=(Arret(travail[int(hasard.integers(40))]),),
        )
        for rang, depart in enumerate(tirer(hasard, combien))
    ]
    return trajets, demandes


def mesurer(nom: str, durees: DureesParPaires, tirer: Tirer) -> None:
    """One line per objective, medians over the seeds; the proof is checked each time."""
    lignes: dict[Objectif, list[tuple[float, ...]]] = {objectif: [] for objectif in Objectif}
    temps = []
    paires_possibles(*instance(99, tirer, 50), durees, REGLES)  # the kernels are loaded
    for graine in GRAINES:
        trajets, demandes = instance(graine, tirer)
        cpu, debut = time.process_time(), time.perf_counter()
        paires = paires_possibles(trajets, demandes, durees, REGLES)
        lu, cpu_lu = time.perf_counter() - debut, time.process_time() - cpu
        for objectif in Objectif:
            cpu, debut = time.process_time(), time.perf_counter()
            choix = apparier(paires, objectif)
            seconde, cpu_ici = time.perf_counter() - debut, time.process_time() - cpu
            if not choix.optimal:
                raise AssertionError(f"{nom}, {graine}: {choix.valeur} < {choix.borne}")
            main = glouton(paires, objectif)
            lignes[objectif].append(
                (
                    len(paires),
                    *_dire(paires, choix.paires),
                    *_dire(paires, main),
                    seconde + lu,
                    cpu_ici + cpu_lu,
                )
            )
        temps.append(lu)
    for objectif, mesures in lignes.items():
        possibles, gens, minutes, gens_g, minutes_g, total, cpu_total = (
            statistics.median(colonne) for colonne in zip(*mesures, strict=True)
        )
        quoi = gens / gens_g - 1 if objectif is Objectif.PERSONNES else minutes / minutes_g - 1
        print(
            f"| {nom} | {objectif.libelle.lower()} | {possibles:.0f} | {gens:.0f} pers., {minutes:.0f} min | "
            f"{gens_g:.0f} pers., {minutes_g:.0f} min | **{quoi:+.1%}** | égale à la valeur | "
            f"{total:.2f} s ({cpu_total:.2f} s) | < 1 s |",
            flush=True,
        )


def _dire(paires: Paires, gardees: NDArray[np.int64]) -> tuple[int, float]:
    return gardees.size, float(paires.gain[gardees].sum()) / MS


def voiture(extrait: Path) -> tuple[DureesSurReseau, Tirer]:
    """The network of cars of an extract, and places drawn along its streets."""
    profil = lire_profil("voiture", None)
    construit = construire(lire_extrait(extrait, lambda tags: bool(profil.passage(tags))), profil)
    if construit is None:
        raise SystemExit(f"{extrait}: no road")
    entete, t = construit
    hierarchie = contracter(Graphe(t["graphe_debut"], t["graphe_vers"], t["graphe_ms"])).tableaux()
    reseau = Reseau("voiture", entete, t | {HIERARCHIE + nom: tableau for nom, tableau in hierarchie.items()})
    territoire = Territoire({}, (), (), "")
    ailleurs = Estimation(territoire, {})  # type: ignore[arg-type]  # every place is on the network
    lon, lat = t["lon"] / 1e7, t["lat"] / 1e7

    def tirer(hasard: np.random.Generator, k: int) -> list[Lieu]:
        ou = hasard.integers(0, lon.size, k)
        ecarts = hasard.normal(0, 3e-4, (k, 2))
        return [
            Lieu("", Position(float(lon[i] + x), float(lat[i] + y)))
            for i, (x, y) in zip(ou, ecarts, strict=True)
        ]

    sur_reseau = SurReseau(reseau, territoire, {})
    sur_reseau.accrocheur.preparer()
    return DureesSurReseau(sur_reseau, "essai", ailleurs), tirer


def principal(extraits: list[Path]) -> None:
    """Say which machine, then measure."""
    prechauffer()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cœurs {platform.machine()}.")
    print(f"{COMBIEN} conducteurs × {COMBIEN} passagers, médianes de {len(GRAINES)} tirages.\n")
    print(
        "| réseau | objectif | paires possibles | optimum | glouton | gain | borne | temps (processeur) | but |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    graphe, _ = avec_virages(*reseau_rural())

    def noeuds(hasard: np.random.Generator, k: int) -> list[Lieu]:
        return [Lieu(str(n)) for n in hasard.integers(0, graphe.n, k)]

    mesurer("rural inventé", SurNoeuds(graphe), noeuds)
    for extrait in extraits:
        mesurer(extrait.stem.removesuffix(".osm"), *voiture(extrait))


if __name__ == "__main__":
    principal([Path(argument) for argument in sys.argv[1:]])
