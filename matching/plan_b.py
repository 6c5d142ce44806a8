"""What to fall back on when the first answer, still À VÉRIFIER, turns out to be no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isnan

from matching.moyens import MoyenExamine
from matching.proposition import BesoinExamine, Proposition
from matching.troncons import Combinaison
from mobilite.verdict import Verdict


@dataclass(frozen=True, slots=True)
class PlanB:
    """The next best solution that does not lean on the same partner; ``cle`` is empty when none is left.

    ``cle``: the id of an offer, « moyen.velo » for a means of hers, or the key of a combination.
    """

    nom: str
    verdict: Verdict
    phrase: str
    cle: str = ""


_EN_PARTIE = 3
_DUREES = ("duree", "duree.longue", "duree_max")
_RIEN = PlanB(
    "",
    Verdict.NON,
    "Pas d'autre solution en ce moment : si la réponse est non, signaler le besoin non couvert.",
)


def plan_b(examine: BesoinExamine) -> PlanB | None:
    """The plan B of a need whose best answer is À VÉRIFIER; ``None`` when no plan B is called for."""
    tete = next((p for p in examine.propositions if _possible(p)), None)
    if tete is None or tete.verdict is Verdict.OUI or any(m.verdict is Verdict.OUI for m in examine.moyens):
        return None
    offres = [p for p in examine.propositions if _possible(p) and _independante(p, tete)]
    offres.sort(key=_trop_long)
    # Each with how it is said: only the one retained is.
    choix: list[tuple[int, Verdict, Callable[[], PlanB]]] = [
        *((0, m.verdict, partial(_du_moyen, m)) for m in examine.moyens
          if m.verdict is not Verdict.NON and not any(c.verdict is Verdict.NON for c in m.cases)),
        *((1, p.verdict, partial(_de_l_offre, p)) for p in offres if all(p.servis)),
        *((2, c.verdict, partial(_de_la_combinaison, c)) for c in examine.combinaisons
          if not c.reste and tete.offre.id not in {offre.id for offre in c.offres}),
        *((_EN_PARTIE, p.verdict, partial(_de_l_offre, p)) for p in offres if _remplace(p, tete)),
    ]  # fmt: skip
    if not choix:
        return _RIEN
    ordre = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1}
    # min keeps the first of equals: offers are already in the order they are ranked.
    return min(choix, key=lambda c: (c[0] == _EN_PARTIE, ordre[c[1]]))[2]()


def _de_l_offre(p: Proposition) -> PlanB:
    return PlanB(p.offre.nom, p.verdict, p.decisif.phrase, p.offre.id)


def _du_moyen(m: MoyenExamine) -> PlanB:
    return PlanB(m.nom, m.verdict, m.raison, f"moyen.{m.type.value}")


def _de_la_combinaison(c: Combinaison) -> PlanB:
    return PlanB(c.nom, c.verdict, c.troncons[0].phrase, c.cle)


def _possible(p: Proposition) -> bool:
    return p.offre.genre.transporte and p.verdict is not Verdict.NON


def _remplace(p: Proposition, tete: Proposition) -> bool:
    """Whether it makes a trip that the first answer makes: the way back is no plan B for the way out."""
    return any(a and b for a, b in zip(p.servis, tete.servis, strict=True))


def _trop_long(p: Proposition) -> tuple[bool, float]:
    """A ride that may be too long for her is a poor thing to fall back on: the longest comes last."""
    doute = any(p.doute_de(regle) for regle in _DUREES)
    return doute, p.minutes if doute and not isnan(p.minutes) else 0.0


def _independante(p: Proposition, tete: Proposition) -> bool:
    """Another offer of another partner: one « no » does not close both."""
    return p.offre.id != tete.offre.id and (
        not p.offre.structure or p.offre.structure != tete.offre.structure
    )
