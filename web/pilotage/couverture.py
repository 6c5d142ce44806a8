"""The coverage of a day, computed once for a list of Maisons, and its figures ready to be read."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

from flask import request
from sqlalchemy.orm import Session

from geo.couverture import Couverture, couvrir
from mobilite.base import ce_jour
from mobilite.lieux import Mode
from mobilite.parametres import Parametre, parametres
from mobilite.territoire import MaisonAccueil
from mobilite.verdict import Verdict
from web.catalogue import maisons_d_accueil
from web.referentiel import referentiel

MODES = (Mode.VOITURE, Mode.VELO, Mode.MARCHE)
SANS_VOITURE = (Mode.VELO, Mode.MARCHE)
ORDRE = (Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)
SOURCE_POPULATION = "INSEE, populations légales, millésime 2023"
SOURCE_CONTOURS = "IGN Admin Express et INSEE, code officiel géographique 2026"
DEMONSTRATION = " (emplacement de démonstration)"
_PREFIXE = re.compile(r"^Maison de la Solidarité (de |d['’]|du )?", re.IGNORECASE)

# Everything the answer depends on is in the key (the Maisons by value, the day, the travel times):
# another list of Maisons, imported here or by another process, is another key. The rest is pure.
_couvrir = lru_cache(maxsize=12)(couvrir)


@dataclass(frozen=True, slots=True)
class Part:
    """One verdict of a total: inhabitants, share of the total, and its piece of the bar (percents)."""

    verdict: Verdict
    habitants: int
    pourcent: str
    debut: str
    largeur: str


def aujourd_hui() -> date:
    """The day the figures are of, in France."""
    return ce_jour()


def seuil(le: date) -> Parametre:
    """The threshold in force, with its source."""
    return parametres(le).ligne("accueil.seuil_min")


def couverture_du_jour(session: Session, mode: Mode, le: date) -> Couverture:
    """The coverage by the Maisons of the database on a day."""
    return couverture(maisons_d_accueil(session), mode, le)


def couverture(maisons: tuple[MaisonAccueil, ...], mode: Mode, le: date) -> Couverture:
    """The coverage by these Maisons on a day, computed the first time it is asked."""
    connu = referentiel()
    acces = cast(Hashable, connu.accessibilite(le))
    return _couvrir(connu.territoire, maisons, acces, mode, seuil(le).valeur)


def parts(population: Mapping[Verdict, int]) -> list[Part]:
    """The three verdicts of a total, in the order they are read."""
    total = sum(population.values())
    resultat = []
    debut = 0.0
    for verdict in ORDRE:
        habitants = population.get(verdict, 0)
        largeur = 100 * habitants / total if total else 0.0
        resultat.append(
            Part(verdict, habitants, pourcent(habitants, total), f"{debut:.3f}%", f"{largeur:.3f}%")
        )
        debut += largeur
    return resultat


def pourcent(n: int, total: int) -> str:
    """« 86,7 % »; never « 0,0 % » for somebody nor « 100,0 % » when somebody is missing."""
    if not total:
        return "—"
    if n in (0, total):
        return "100\u00a0%" if n else "0\u00a0%"
    arrondi = min(max(round(100 * n / total, 1), 0.1), 99.9)
    return f"{arrondi:.1f}\u00a0%".replace(".", ",")


def nom_court(maison: MaisonAccueil) -> str:
    """« Verdun »: the name of a Maison under a heading that says what it is and whether it is one."""
    nom = maison.nom.removesuffix(DEMONSTRATION)
    return _PREFIXE.sub("", nom) or nom


def mode_demande(modes: Sequence[Mode], parametre: str) -> Mode:
    """The way of moving that the address asks for; the first one when it asks for none of them."""
    return next((m for m in modes if m.value == request.args.get(parametre)), modes[0])
