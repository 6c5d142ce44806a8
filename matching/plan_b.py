"""What to fall back on when the first answer, still À VÉRIFIER, turns out to be no."""

from __future__ import annotations

from dataclasses import dataclass

from matching.proposition import BesoinExamine, Proposition
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
_RIEN = PlanB(
    "",
    Verdict.NON,
    "Pas d'autre solution en ce moment : si la réponse est non, signaler le besoin non couvert.",
)


def plan_b(examine: BesoinExamine) -> PlanB | None:
    """The plan B of a need whose best answer is À VÉRIFIER; ``None`` when no plan B is called for."""
    tete = next((p for p in examine.propositions if p.cases and p.verdict is not Verdict.NON), None)
    if tete is None or tete.verdict is Verdict.OUI or any(m.verdict is Verdict.OUI for m in examine.moyens):
        return None
    offres = [p for p in examine.propositions if _possible(p) and _independante(p, tete)]
    offres.sort(key=_trop_long)
    choix = [
        *((0, PlanB(m.nom, m.verdict, m.raison, f"moyen.{m.type.value}")) for m in examine.moyens
          if m.verdict is not Verdict.NON and not any(c.verdict is Verdict.NON for c in m.cases)),
        *((1, _de_l_offre(p)) for p in offres if _sert_tout(p)),
        *((2, PlanB(c.nom, c.verdict, c.troncons[0].phrase, c.cle)) for c in examine.combinaisons
          if not c.reste and tete.offre.id not in {offre.id for offre in c.offres}),
        *((_EN_PARTIE, _de_l_offre(p)) for p in offres if _remplace(p, tete)),
    ]  # fmt: skip
    ordre = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1}
    # min keeps the first of equals: offers are already in the order they are ranked.
    return min(choix, key=lambda c: (c[0] == _EN_PARTIE, ordre[c[1].verdict]), default=(0, _RIEN))[1]


def _de_l_offre(p: Proposition) -> PlanB:
    return PlanB(p.offre.nom, p.verdict, p.decisif.phrase, p.offre.id)


def _possible(p: Proposition) -> bool:
    return bool(p.cases) and p.verdict is not Verdict.NON


def _sert_tout(p: Proposition) -> bool:
    return all(case.verdict is not Verdict.NON for case in p.cases)


def _remplace(p: Proposition, tete: Proposition) -> bool:
    """Whether it makes a trip that the first answer makes: the way back is no plan B for the way out."""
    trajets = zip(p.cases, tete.cases, strict=True)
    return any(a.verdict is not Verdict.NON and b.verdict is not Verdict.NON for a, b in trajets)


def _trop_long(p: Proposition) -> tuple[bool, float]:
    """A ride that may be too long for her is a poor thing to fall back on: the longest comes last."""
    doute = any(m.regle.startswith("duree") and m.verdict is Verdict.A_VERIFIER for m in p.motifs)
    return doute, p.duree.max if doute and p.duree else 0.0


def _independante(p: Proposition, tete: Proposition) -> bool:
    """Another offer of another partner: one « no » does not close both."""
    return p.offre.id != tete.offre.id and (
        not p.offre.structure or p.offre.structure != tete.offre.structure
    )
