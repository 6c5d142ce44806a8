"""Ceilings of resources by household, compared with what is known and never beyond their period.

Code de la sécurité sociale, L861-1 and D861-1 (C2S, raised each 1 April); code de l'action sociale et
des familles, L262-2 and R262-1 (RSA).
"""

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
    bas, haut = _personnes(faits)
    plafond_bas, plafond_haut = plafond_annuel(nom, bas, p), plafond_annuel(nom, haut, p)
    perime = p.est_perime(f"plafond.{nom}_1")
    if ressources[0] * 12 > plafond_haut * (1.25 if perime else 1):
        return Verdict.NON
    if ressources[1] * 12 <= plafond_bas and not perime:
        return Verdict.OUI
    return Verdict.A_VERIFIER


def forfait_rsa(personnes: int, p: Parametres, couple: bool | None = None) -> tuple[float, float]:
    """The RSA of a household without any income, euros a month (CASF, R262-1), before what is taken off.

    A third child counts more: without knowing whether two adults live there, a range.
    """
    if couple is None and personnes > 1:
        a_deux, seule = forfait_rsa(personnes, p, couple=True), forfait_rsa(personnes, p, couple=False)
        return min(a_deux[0], seule[0]), max(a_deux[1], seule[1])
    enfants = personnes - (2 if couple else 1)
    part = 1.0
    if couple:
        part += p["rsa.majoration_deuxieme"] + p["rsa.majoration_suivante"] * min(enfants, 2)
    elif enfants:
        part += p["rsa.majoration_deuxieme"] + (p["rsa.majoration_suivante"] if enfants > 1 else 0)
    part += p["rsa.majoration_troisieme_enfant"] * max(0, enfants - 2)
    montant = round(p["rsa.base"] * part, 2)
    return montant, montant


def sous_rsa(faits: Faits, p: Parametres) -> Verdict:
    """Whether the household's resources are under the RSA of its size; never a promise of the RSA."""
    ressources = faits.get("ressources_mois")
    if not isinstance(ressources, tuple):
        return Verdict.A_VERIFIER
    bas, haut = _personnes(faits)
    if ressources[0] >= forfait_rsa(haut, p)[1] * (1.25 if p.est_perime("rsa.base") else 1):
        return Verdict.NON
    if ressources[1] < forfait_rsa(bas, p)[0] and not p.est_perime("rsa.base"):
        return Verdict.OUI
    return Verdict.A_VERIFIER


def _personnes(faits: Faits) -> tuple[int, int]:
    """The least and the most people the household may count."""
    foyer = faits.get("foyer_personnes")
    return (max(1, int(foyer[0])), max(1, int(foyer[1]))) if isinstance(foyer, tuple) else (1, 8)
