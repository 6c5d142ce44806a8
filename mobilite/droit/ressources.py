"""Ceilings of resources by household, compared with what is known and never beyond their period."""

from __future__ import annotations

from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Verdict

_PERSONNES_EN_TABLE = 4


def plafond_annuel(nom: str, personnes: int, p: Parametres) -> float:
    """A yearly ceiling in euros for a household of ``personnes`` (at least one)."""
    if personnes <= _PERSONNES_EN_TABLE:
        return p[f"plafond.{nom}_{personnes}"]
    au_dela = personnes - _PERSONNES_EN_TABLE
    return p[f"plafond.{nom}_{_PERSONNES_EN_TABLE}"] + au_dela * p[f"plafond.{nom}_plus"]


def sous_plafond(nom: str, faits: Faits, p: Parametres) -> Verdict:
    """Whether the household's resources are under a ceiling; unknown facts leave doubt.

    A ceiling whose period is over only settles what is far above it (a quarter more): the new
    figure is not known here.
    """
    ressources = faits.get("ressources_mois")
    if not isinstance(ressources, tuple):
        return Verdict.A_VERIFIER
    foyer = faits.get("foyer_personnes")
    bas, haut = (max(1, int(foyer[0])), max(1, int(foyer[1]))) if isinstance(foyer, tuple) else (1, 8)
    plafond_bas, plafond_haut = plafond_annuel(nom, bas, p), plafond_annuel(nom, haut, p)
    perime = p.est_perime(f"plafond.{nom}_1")
    if ressources[0] * 12 > plafond_haut * (1.25 if perime else 1):
        return Verdict.NON
    if ressources[1] * 12 <= plafond_bas and not perime:
        return Verdict.OUI
    return Verdict.A_VERIFIER
