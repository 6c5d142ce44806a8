"""A ranking one can argue with: an additive score whose shown contributions sum to it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from matching.catalogue import Catalogue
from matching.cout import Cout, Couts, arrondir
from matching.criteres import Note, accord_dit, autonomie, souhait, souhaits
from matching.voyage import Case
from mobilite.candidate import Candidate, Genre
from mobilite.droit.aide import Aide
from mobilite.droit.aides import apres_aides, part_sure
from mobilite.faits import Faits
from mobilite.parametres import Parametres
from mobilite.verdict import Duree, Verdict

Nombres = npt.NDArray[np.float64]

CRITERES = (
    "minutes",
    "euros",
    "avance",
    "couverture",
    "robustesse",
    "delai",
    "autonomie",
    "souhait",
    "co2",
)
_LIBELLES = {
    "minutes": "Durée du trajet",
    "euros": "Coût par mois, aides sûres déduites",
    "avance": "À avancer",
    "couverture": "Part des trajets servis",
    "robustesse": "Solidité dans la durée",
    "delai": "Délai avant de commencer",
    "autonomie": "Autonomie gagnée",
    "souhait": "Proche de ce qu'elle veut",
    "co2": "CO₂ par mois",
}
_UNITES = {
    "minutes": "min",
    "euros": "€",
    "avance": "€",
    "couverture": "%",
    "robustesse": "%",
    "delai": "jours",
    "autonomie": "%",
    "souhait": "%",
    "co2": "kg",
}
_PARTS = ("couverture", "robustesse", "autonomie", "souhait")
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
    phrase: str = ""

    @property
    def libelle(self) -> str:
        """The criterion in French."""
        return libelle_du_critere(self.critere)

    @property
    def en_texte(self) -> str:
        """The value with its unit, « inconnu » when nobody knows."""
        if self.valeur is None:
            return "inconnu"
        valeur = self.valeur * 100 if self.critere in _PARTS else self.valeur
        unite = "jour" if self.critere == "delai" and round(valeur) < 2 else _UNITES[self.critere]
        return f"{valeur:.0f} {unite}"


def libelle_du_critere(critere: str) -> str:
    """A criterion in French."""
    return _LIBELLES[critere]


def poids_de(p: Parametres) -> dict[str, float]:
    """The weights in force; the adviser may move one for this person."""
    return {critere: p[f"score.poids_{critere}"] for critere in CRITERES}


@dataclass(frozen=True, slots=True)
class Bareme:
    """How the solutions of one need are scored: the weights, what she said, the aids that may come."""

    poids: Mapping[str, float]
    faits: Faits
    aides: tuple[Aide, ...]
    parametres: Parametres


def contributions(
    offre: Candidate, duree: Duree | None, cout: Cout, cases: Sequence[Case], bareme: Bareme
) -> tuple[Contribution, ...]:
    """One contribution per criterion, between 0 and its weight; what is unknown brings nothing."""
    notes = _notes(offre, duree, cout, cases, bareme)
    valeurs = [notes[critere].valeur for critere in CRITERES]
    points = centiemes_par_critere(np.array(valeurs, np.float64), bareme.poids).tolist()
    return tuple(
        Contribution(critere, valeur, centiemes / 100, notes[critere].phrase)
        for critere, valeur, centiemes in zip(CRITERES, valeurs, points, strict=True)
    )


def centiemes_par_critere(valeurs: Nombres, poids: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """What each criterion brings, in the order of ``CRITERES``, for one offer or a row of offers.

    Whole hundredths of a point, so that the shown contributions sum exactly to the score; NaN, what
    nobody knows, brings nothing.
    """
    forme = (-1,) + (1,) * (valeurs.ndim - 1)
    parts = 1 - np.minimum(valeurs / _PIRES.reshape(forme), 1)
    notes = np.where(_SONT_DES_PARTS.reshape(forme), valeurs, parts)
    points = notes * np.array([poids[critere] for critere in CRITERES]).reshape(forme)
    centiemes: npt.NDArray[np.int64] = np.rint(np.nan_to_num(points) * 100).astype(np.int64)
    return centiemes


def valeurs_du_catalogue(
    catalogue: Catalogue, minutes: Nombres, couts: Couts, parts: Nombres, bareme: Bareme
) -> Nombres:
    """One line a criterion, one column an offer: what ``contributions`` reads of each, NaN for unknown.

    ``parts``: the share of the trips each serves.
    """
    genres, p = catalogue.lecture(lit_le_genre), bareme.parametres
    gagnee, accord = np.array(
        [
            (nan, nan) if offre is None else (autonomie(offre, p).valeur, accord_dit(offre, bareme.faits))
            for offre in genres.premiers
        ],
        np.float64,
    )[genres.codes].T
    sure = part_sure(bareme.aides)
    transportes = catalogue.nombres(_transporte) == 1
    aides = np.where(transportes, arrondir(np.maximum(0, couts.mensuel - sure), 100), couts.mensuel)
    valeurs = {
        "minutes": minutes,
        "euros": aides if bareme.aides else couts.mensuel,
        "avance": couts.a_avancer,
        "couverture": parts,
        "robustesse": catalogue.nombres(robustesse),
        "delai": catalogue.nombres(delai),
        "autonomie": gagnee,
        "souhait": souhaits(accord, minutes, couts.mensuel, bareme.faits),
        "co2": couts.co2_kg,
    }
    return np.stack([valeurs[critere] for critere in CRITERES])


def robustesse(offre: Candidate) -> float:
    """Between 0 and 1."""
    return _ROBUSTESSE.get(offre.genre, 1.0)


def delai(offre: Candidate) -> float:
    """Days before it can start, as far as anybody has said."""
    return (offre.delai_jours or 0) + (offre.preavis_heures or 0) / 24


def lit_le_genre(offre: Candidate) -> Hashable:
    """Its kind."""
    return offre.genre


def _transporte(offre: Candidate) -> float:
    return float(offre.genre.transporte)


def _notes(
    offre: Candidate, duree: Duree | None, cout: Cout, cases: Sequence[Case], bareme: Bareme
) -> dict[str, Note]:
    mensuel = cout.mensuel
    if mensuel is not None and bareme.aides and offre.genre.transporte:
        mensuel = apres_aides(mensuel, bareme.aides).max
    deduit = cout.mensuel is not None and mensuel is not None and mensuel < cout.mensuel
    return {
        "minutes": Note(duree.max if duree else None, _au_dela("minutes")),
        "euros": Note(mensuel, f"{cout.mensuel:.0f} € avant les aides." if deduit else _au_dela("euros")),
        "avance": Note(cout.a_avancer, _au_dela("avance")),
        "couverture": Note(part_couverte(cases), "Un trajet sûr compte un, un trajet à vérifier un demi."),
        "robustesse": Note(robustesse(offre), "" if robustesse(offre) == 1 else "Repose sur une personne."),
        "delai": Note(delai(offre), _au_dela("delai")),
        "autonomie": autonomie(offre, bareme.parametres),
        "souhait": souhait(offre, duree, cout, bareme.faits),
        "co2": Note(cout.co2_kg, _au_dela("co2")),
    }


def _au_dela(critere: str) -> str:
    return f"Aucun point à partir de {_PIRE[critere]:g} {_UNITES[critere]}."


def part_couverte(cases: Sequence[Case]) -> float:
    """Share of the trips that are served: a sure one counts 1, one to check counts a half."""
    if not cases:
        return 0.0
    poids = {Verdict.OUI: 1.0, Verdict.A_VERIFIER: 0.5, Verdict.NON: 0.0}
    return sum(poids[case.verdict] for case in cases) / len(cases)
