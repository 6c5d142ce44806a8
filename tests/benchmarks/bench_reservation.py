"""The site under load, on both databases: `python -m tests.benchmarks.bench_reservation`. Prints Markdown.

Fifty people at once on the real server (two processes, two cores), nine readings for one request of a
vehicle, each thinking a moment in between; 200 000 bookings and 50 000 dossiers in the database. Target:
a booking in a second at most, 99 times in 100, and no failure.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mobilite.base import ce_jour
from tests.benchmarks.base_chargee import Peuplee, peupler
from tests.proof.preuve_taches import bases
from tests.proof.serveur_eprouve import Serveur, servir
from tests.proof.visiteurs_eprouves import Reponse, Visiteur, cookie_de, une_cle

RESERVER = "demander un véhicule (POST)"


@dataclass(slots=True)
class Mesures:
    """Seconds of each kind of request, failures, and the memory of the server at both ends."""

    secondes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pannes: int = 0
    prises: int = 0
    avant_mo: float = 0
    apres_mo: float = 0


def mesurer(
    serveur: Serveur, peuplee: Peuplee, *, utilisateurs: int, minutes: float, pause: float
) -> Mesures:
    """So many people for so many minutes: six in ten are persons, three advisers, one a partner."""
    mesures = Mesures()

    def personne(rang: int) -> None:
        hasard = random.Random(rang)
        part = rang % 10
        jetons = peuplee.personnes if part < 6 else peuplee.conseillers if part < 9 else peuplee.partenaires
        visiteur = Visiteur(serveur.port, cookie_de(jetons[rang]))
        while time.monotonic() < fin:
            time.sleep(hasard.uniform(0, 2 * pause))
            if part < 6 and hasard.random() < 1 / 6:
                offre = hasard.choice(peuplee.offres)
                chemin = f"/mes-deplacements/vehicule/{offre}"
                noter("la page d'un véhicule", visiteur.lire(chemin))
                jour = ce_jour() + timedelta(days=hasard.randrange(20, 300))
                champs = {"debut": jour.isoformat(), "jours": "1", "cle": une_cle()}
                noter(RESERVER, visiteur.envoyer(chemin, champs))
                continue
            if part < 6:
                nom, chemin = hasard.choice(
                    (
                        ("sa page", "/mes-deplacements/"),
                        ("les véhicules possibles", "/mes-deplacements/vehicule"),
                    )
                )
            elif part < 9:
                dossier = hasard.choice(peuplee.dossiers)
                nom, chemin = hasard.choice(
                    (
                        ("le bureau", "/conseiller/"),
                        ("un dossier", f"/conseiller/dossiers/{dossier}"),
                        ("chercher quelqu'un", f"/conseiller/?q=Nom{hasard.randrange(9973)}"),
                    )
                )
            else:
                nom, chemin = "les demandes du partenaire", "/partenaire/"
            noter(nom, visiteur.lire(chemin))

    def noter(nom: str, reponse: Reponse) -> None:
        mesures.secondes[nom].append(reponse.secondes)
        statut = reponse.statut
        mesures.pannes += statut >= 500 or statut in (400, 403, 404)
        mesures.prises += nom == RESERVER and statut == 303

    fin = time.monotonic() + 5
    with ThreadPoolExecutor(utilisateurs) as fils:
        list(fils.map(personne, range(utilisateurs)))  # what is read once at the start is read
        mesures.secondes.clear()
        mesures.avant_mo = sum(serveur.memoire_mo().values())
        fin = time.monotonic() + minutes * 60
        list(fils.map(personne, range(utilisateurs)))
    mesures.apres_mo = sum(serveur.memoire_mo().values())
    return mesures


def main() -> int:
    """One table a database."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--base", choices=("sqlite", "postgresql"), action="append")
    lecteur.add_argument("--reservations", type=int, default=200_000)
    lecteur.add_argument("--dossiers", type=int, default=50_000)
    lecteur.add_argument("--utilisateurs", type=int, default=50)
    lecteur.add_argument("--minutes", type=float, default=10)
    lecteur.add_argument("--pause", type=float, default=3.0, help="seconds somebody reads a page, on average")
    choix = lecteur.parse_args()
    for genre in choix.base or ("sqlite", "postgresql"):
        with bases(genre) as moteurs, tempfile.TemporaryDirectory() as dossier:
            moteur, debut = next(moteurs), time.monotonic()
            peuplee = peupler(moteur, reservations=choix.reservations, dossiers=choix.dossiers)
            print(f"\n{genre} : base remplie en {time.monotonic() - debut:.0f} s\n")
            journal = Path(dossier, "serveur.log")
            with servir(moteur.url, processus=2, fils=8, journal=journal) as serveur:
                mesures = mesurer(
                    serveur,
                    peuplee,
                    utilisateurs=choix.utilisateurs,
                    minutes=choix.minutes,
                    pause=choix.pause,
                )
            _imprimer(mesures, choix.minutes)
    return 0


def _imprimer(mesures: Mesures, minutes: float) -> None:
    print("| ms | nombre | p50 | p95 | p99 | max |\n|---|---|---|---|---|---|")
    for nom, secondes in sorted(mesures.secondes.items()):
        rangees = sorted(secondes)
        p50, p95, p99 = (rangees[min(len(rangees) - 1, int(len(rangees) * p))] for p in (0.5, 0.95, 0.99))
        chiffres = " | ".join(f"{s * 1000:.0f}" for s in (p50, p95, p99, rangees[-1]))
        print(f"| {nom} | {len(rangees)} | {chiffres} |")
    nombre = sum(map(len, mesures.secondes.values()))
    croissance = mesures.apres_mo / mesures.avant_mo - 1
    print(
        f"\n{nombre} requêtes, {nombre / minutes / 60:.1f} par seconde ; pannes : {mesures.pannes} ;"
        f" véhicules demandés et obtenus : {mesures.prises} ; mémoire : {mesures.avant_mo:.0f} Mo,"
        f" puis {mesures.apres_mo:.0f} Mo ({croissance:+.1%})",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
