"""A ranking one can argue with: an additive score whose shown contributions sum to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.cout import Cout
from matching.voyage import Case
from mobilite.candidate import Candidate, Genre
from mobilite.parametres import Parametres
from mobilite.verdict import Duree, Verdict

Nombres = npt.NDArray[np.float64]

CRITERES = ("minutes", "euros", "avance", "couverture", "robustesse", "delai", "co2")
_LIBELLES = {
    "minutes": "Durée du trajet",
    "euros": "Coût par mois",
    "avance": "À avancer",
    "couverture": "Part des trajets servis",
    "robustesse": "Solidité dans la durée",
    "delai": "Délai avant de commencer",
    "co2": "CO₂ par mois",
}
_UNITES = {
    "minutes": "min",
    "euros": "€",
    "avance": "€",
    "couverture": "%",
    "robustesse": "%",
    "delai": "jours",
    "co2": "kg",
}
_PARTS = ("couverture", "robustesse")
_ROBUSTESSE = {Genre.AUTO_STOP: 0.0, Genre.COVOITURAGE: 0.6, Genre.TRANSPORT_SOLIDAIRE: 0.6}
"""What rests on one stranger, or on one volunteer, breaks more easily than a vehicle or a line."""
_PIRE = {"minutes": 120.0, "euros": 300.0, "avance": 300.0, "delai": 30.0, "co2": 150.0}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one named criterion brings, in points, and the value it was computed from."""

    critere: str
    valeur: float | None
    points: float

    @property
    def libelle(self) -> str:
        """The criterion in French."""
        return _LIBELLES[self.critere]

    @property
    def en_texte(self) -> str:
        """The value with its unit, « inconnu » when nobody knows."""
        if self.valeur is None:
            return "inconnu"
        valeur = self.valeur * 100 if self.critere in _PARTS else self.valeur
        unite = "jour" if self.critere == "delai" and round(valeur) < 2 else _UNITES[self.critere]
        return f"{valeur:.0f} {unite}"


def poids_de(p: Parametres) -> dict[str, float]:
    """The weights in force; the adviser may move one for this person."""
    return {critere: p[f"score.poids_{critere}"] for critere in CRITERES}


def robustesse(offre: Candidate) -> float:
    """Between 0 and 1."""
    return _ROBUSTESSE.get(offre.genre, 1.0)


def delai(offre: Candidate) -> float:
    """Days before it can start, as far as anybody has said."""
    return (offre.delai_jours or 0) + (offre.preavis_heures or 0) / 24


def contributions(
    offre: Candidate, duree: Duree | None, cout: Cout, cases: Sequence[Case], poids: Mapping[str, float]
) -> tuple[Contribution, ...]:
    """One contribution per criterion, between 0 and its weight; what is unknown brings nothing."""
    valeurs: dict[str, float | None] = {
        "minutes": duree.max if duree else None,
        "euros": cout.mensuel,
        "avance": cout.a_avancer,
        "couverture": part_couverte(cases),
        "robustesse": robustesse(offre),
        "delai": delai(offre),
        "co2": cout.co2_kg,
    }
    nombres = {critere: np.array([np.nan if v is None else v]) for critere, v in valeurs.items()}
    return tuple(
        Contribution(critere, valeurs[critere], int(_centiemes(critere, nombres[critere], poids)[0]) / 100)
        for critere in CRITERES
    )


def points_de(valeurs: Mapping[str, Nombres], poids: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """The score of many offers, in hundredths of a point: the sum of their contributions."""
    return sum(
        (_centiemes(critere, valeurs[critere], poids) for critere in CRITERES[1:]),
        start=_centiemes(CRITERES[0], valeurs[CRITERES[0]], poids),
    )


def part_couverte(cases: Sequence[Case]) -> float:
    """Share of the trips that are served: a sure one counts 1, one to check counts a half."""
    if not cases:
        return 0.0
    poids = {Verdict.OUI: 1.0, Verdict.A_VERIFIER: 0.5, Verdict.NON: 0.0}
    return sum(poids[case.verdict] for case in cases) / len(cases)


def _centiemes(critere: str, valeurs: Nombres, poids: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """What a criterion brings, whole hundredths of a point: shown contributions sum exactly to the score."""
    notes = valeurs if critere in _PARTS else 1 - np.minimum(valeurs / _PIRE[critere], 1)
    return np.rint(np.nan_to_num(notes * poids[critere]) * 100).astype(np.int64)
