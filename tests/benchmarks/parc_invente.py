"""A made-up fleet and its requests, the same each time for the same seed: eleven sites, four territories.

Three vehicles in ten have a week of repairs. Requests last a month on average, come from anywhere, and
ask for one kind of vehicle or a neighbouring one, up to so many kilometres away.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import dist

import numpy as np

from matching.parc.flotte import Classe, DemandeDuParc, VehiculeDuParc

PREMIER_JOUR = date(2026, 1, 1)
HORIZON_JOURS = 180
NATURES = ("Voiture", "Voiture adaptée", "Voiturette", "Scooter", "Vélo électrique")
PARTS = (0.45, 0.05, 0.15, 0.2, 0.15)
CONVIENNENT = {
    "Voiture": ("Voiture",),
    "Voiture adaptée": ("Voiture adaptée",),
    "Voiturette": ("Voiturette", "Scooter"),
    "Scooter": ("Scooter", "Vélo électrique"),
    "Vélo électrique": ("Vélo électrique",),
}
SITES = 11
TERRITOIRES = ("Nord", "Ouest", "Est", "Sud")


def jour(rang: int) -> date:
    """The day of this rank in the horizon."""
    return PREMIER_JOUR + timedelta(days=int(rang))


def parc_invente(
    combien: int, demandes: int, *, km_max: float = 60, graine: int = 55
) -> tuple[list[VehiculeDuParc], list[DemandeDuParc]]:
    """So many vehicles and requests; the territory « Sud » asks for scarcer vehicles than the others."""
    hasard = np.random.default_rng(graine)
    places = hasard.uniform((0, 0), (100, 60), (SITES, 2))
    vehicules = []
    for rang in range(combien):
        classe = Classe(str(hasard.choice(NATURES, p=PARTS)), f"site {hasard.integers(SITES)}")
        pris: tuple[tuple[date, date], ...] = ()
        if hasard.random() < 0.3:
            debut = int(hasard.integers(HORIZON_JOURS - 7))
            pris = ((jour(debut), jour(debut + 6)),)
        vehicules.append(VehiculeDuParc(f"v{rang:03}", classe, pris))
    classes = {v.classe for v in vehicules}
    return vehicules, [_demande(f"d{rang:04}", hasard, places, classes, km_max) for rang in range(demandes)]


def _demande(
    nom: str, hasard: np.random.Generator, places: np.ndarray, classes: set[Classe], km_max: float
) -> DemandeDuParc:
    duree = int(np.clip(hasard.exponential(30), 3, 90))
    debut = int(hasard.integers(HORIZON_JOURS - 3))
    chez = hasard.uniform((0, 0), (100, 60))
    territoire = TERRITOIRES[int(chez[1] >= 45) if chez[0] < 50 else 2 + int(chez[1] < 15)]
    veut = str(hasard.choice(NATURES, p=PARTS))
    km = {
        classe: round(1.3 * dist(chez, places[int(classe.site.removeprefix("site "))]), 1)
        for classe in sorted(classes)
        if classe.nature in CONVIENNENT[veut]
    }
    return DemandeDuParc(
        nom, jour(debut), jour(min(HORIZON_JOURS, debut + duree) - 1),
        int(hasard.choice((1, 1, 1, 2, 2, 3, 5))), territoire,
        {classe: valeur for classe, valeur in km.items() if valeur <= km_max},
    )  # fmt: skip
