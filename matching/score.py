"""A ranking one can argue with: an additive score whose shown contributions sum to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt

from mobilite.candidate import Candidate, Genre
from mobilite.parametres import Parametres

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
_PIRES = np.array([_PIRE.get(critere, 1.0) for critere in CRITERES])
_SONT_DES_PARTS = np.array([critere in _PARTS for critere in CRITERES])


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


def contributions(valeurs: Nombres, poids: Mapping[str, float]) -> tuple[Contribution, ...]:
    """One contribution per criterion, between 0 and its weight, from the values of one offer."""
    points = centiemes_par_critere(valeurs, poids).tolist()
    return tuple(
        Contribution(critere, None if isnan(valeur) else valeur, centiemes / 100)
        for critere, valeur, centiemes in zip(CRITERES, valeurs.tolist(), points, strict=True)
    )


def centiemes_par_critere(valeurs: Nombres, poids: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """What each criterion brings, in the order of ``CRITERES``, for one offer or a row of offers.

    Whole hundredths of a point, so that the shown contributions sum exactly to the score; NaN, what
    nobody knows, brings nothing.
    """
    bas = (-1,) + (1,) * (valeurs.ndim - 1)
    notes = np.where(_SONT_DES_PARTS.reshape(bas), valeurs, 1 - np.minimum(valeurs / _PIRES.reshape(bas), 1))
    points = notes * np.array([poids[critere] for critere in CRITERES]).reshape(bas)
    centiemes: npt.NDArray[np.int64] = np.rint(np.nan_to_num(points) * 100).astype(np.int64)
    return centiemes
