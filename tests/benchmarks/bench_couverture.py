"""How long the coverage of the 499 communes takes: `python -m tests.benchmarks.bench_couverture`."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from geo.adresses import RechercheCommunes
from geo.cartes import FondDeCarte, carte_couverture
from geo.couverture import couvrir
from geo.estimation import Estimation
from mobilite.base import ce_jour
from mobilite.lieux import Lieu, Mode
from mobilite.parametres import parametres
from mobilite.territoire import Territoire, lire_maisons_demonstration

DONNEES = Path(__file__).parents[2] / "seeds" / "meuse"

T = TypeVar("T")


def mesurer(quoi: str, faire: Callable[[], T], fois: int = 1) -> T:
    """Print the mean milliseconds of ``fois`` runs and return the last answer."""
    debut = time.perf_counter()
    for _ in range(fois):
        reponse = faire()
    print(f"{quoi:<58} {(time.perf_counter() - debut) / fois * 1000:8.1f} ms")
    return reponse


def principal() -> None:
    """Measure each step, then print the populations by mode."""
    territoire = mesurer("lire le territoire (1 221 communes)", lambda: Territoire.lire(DONNEES), 5)
    maisons = lire_maisons_demonstration(DONNEES)
    le_jour = parametres(ce_jour())
    estimation = Estimation(territoire, le_jour)

    def toutes_les_communes(mode: Mode, port: Estimation) -> dict[str, int]:
        population = couvrir(territoire, maisons, port, mode, le_jour["accueil.seuil_min"]).population()
        return {verdict.value: habitants for verdict, habitants in population.items()}

    mesurer(
        "couvrir 499 communes × 11 Maisons, mémoire vide",
        lambda: toutes_les_communes(Mode.VOITURE, Estimation(territoire, le_jour)),
        5,
    )
    toutes_les_communes(Mode.VOITURE, estimation)
    mesurer("les mêmes, chemins déjà connus", lambda: toutes_les_communes(Mode.VOITURE, estimation), 5)
    partout = [(Lieu("55545"), Lieu(insee)) for insee in territoire.communes]
    mesurer("1 221 trajets depuis Verdun", lambda: estimation.trajets(partout, Mode.VELO), 5)
    fond = mesurer(
        "lire et simplifier le fond de carte", lambda: FondDeCarte.lire(DONNEES / "communes.geojson")
    )
    couverture = couvrir(territoire, maisons, estimation, Mode.VOITURE, 30)
    svg = mesurer("dessiner une carte", lambda: carte_couverture(fond, couverture, "En voiture"), 10)
    print(f"{'poids de la carte':<58} {len(svg.encode()) / 1000:8.1f} ko")
    recherche = mesurer("préparer la recherche de communes", lambda: RechercheCommunes(territoire))
    for texte in ("bar le duc", "comercy", "55100", "zzzzzz"):
        mesurer(f"chercher « {texte} »", partial(recherche.chercher, texte), 20)
    for mode in Mode:
        print(f"{mode.libelle:<22} {toutes_les_communes(mode, estimation)}")


if __name__ == "__main__":
    principal()
