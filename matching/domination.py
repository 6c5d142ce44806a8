"""Dominated offers fold, never vanish: each says which offer is better on everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matching.proposition import Proposition
from mobilite.verdict import Verdict

_ORDRE = {Verdict.OUI: 0.0, Verdict.A_VERIFIER: 1.0, Verdict.NON: 2.0}


def replier(propositions: Sequence[Proposition]) -> list[Proposition]:
    """The same propositions, each dominated one naming the offer that beats it.

    Only offers that make the trip and are not NON compare. An unknown value beats nothing and is
    beaten by nothing: what nobody knows never folds an offer.
    """
    comparables = sorted(
        ((profil, p) for p in propositions if (profil := _profil(p)) is not None),
        key=lambda couple: (couple[0], couple[1].offre.id),
    )
    front: list[tuple[tuple[float, ...], Proposition]] = []
    dominees: dict[str, str] = {}
    precedent: tuple[float, ...] | None = None
    vainqueur: Proposition | None = None
    for profil, proposition in comparables:
        if profil != precedent:  # twins share their fate, and stand once in the front
            vainqueur = next((autre for meilleur, autre in front if _domine(meilleur, profil)), None)
            if vainqueur is None:
                front.append((profil, proposition))
            precedent = profil
        if vainqueur is not None:
            dominees[proposition.offre.id] = vainqueur.offre.id
    return [replace(p, dominee_par=dominees.get(p.offre.id, "")) for p in propositions]


def _profil(proposition: Proposition) -> tuple[float, ...] | None:
    """Smaller is better on every axis: verdict, trips not served, minutes, euros, advance, CO2."""
    cout = proposition.cout
    valeurs = (
        proposition.duree.max if proposition.duree else None,
        cout.mensuel,
        cout.a_avancer,
        cout.co2_kg,
    )
    if proposition.verdict is Verdict.NON or not proposition.cases or None in valeurs:
        return None
    non_servis = sum(_ORDRE[case.verdict] for case in proposition.cases)
    return (
        _ORDRE[proposition.verdict],
        non_servis,
        *(v for v in valeurs if v is not None),
        len(proposition.manques),
    )


def _domine(meilleur: tuple[float, ...], profil: tuple[float, ...]) -> bool:
    return meilleur != profil and all(m <= v for m, v in zip(meilleur, profil, strict=True))
