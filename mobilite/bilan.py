"""From answers to freins and atouts, by axis, dimension and reading key, with the answers that made them.

A constat is never a level without its answers, and never a level under half of its questions.
Points are for the adviser: nothing here is shown to the person as a grade.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mobilite.besoin import Valeur
from mobilite.parametres import Parametres
from mobilite.question import POINTS_MAX, Axe, Cle, Item
from mobilite.questionnaire import Questionnaire

AXES_MEUSE = (Axe.PSYCHOLOGIQUE, Axe.PHYSIQUE, Axe.MATERIELLE, Axe.COGNITIVE)


class Niveau(StrEnum):
    """How much something holds the person back: the three levels of the national référentiel, or not yet."""

    FORT = "FORT"
    MOYEN = "MOYEN"
    SANS_IMPACT = "SANS_IMPACT"
    A_COMPLETER = "A_COMPLETER"

    @property
    def libelle(self) -> str:
        """The words shown to the adviser."""
        return {
            "FORT": "frein fort",
            "MOYEN": "frein moyen",
            "SANS_IMPACT": "sans impact",
            "A_COMPLETER": "à compléter",
        }[self.value]


@dataclass(frozen=True, slots=True)
class ReponseComptee:
    """One answer behind a level: the question, what was said, its points (0 to 3), and what it means when low."""

    code: str
    question: str
    reponse: str
    points: int
    phrase: str = ""

    def en_document(self) -> dict[str, Any]:
        """JSON-able values."""
        return {
            "code": self.code,
            "question": self.question,
            "reponse": self.reponse,
            "points": self.points,
            "phrase": self.phrase or None,
        }


@dataclass(frozen=True, slots=True)
class Constat:
    """Where the person stands on one axis, dimension or reading key.

    ``repondues`` of ``posees`` counted questions have a known answer (``couverture`` is the ratio).
    ``points`` is a weighted mean over 0 to 100 (100: nothing holds her back), ``None`` until half is
    known. ``niveau`` is ``None`` where no question is ever counted. ``signaux`` are the answers at
    0 points: they show at once, whatever the coverage.
    """

    nom: str
    libelle: str
    repondues: int
    posees: int
    points: float | None
    niveau: Niveau | None
    reponses: tuple[ReponseComptee, ...]

    @property
    def couverture(self) -> float:
        """Between 0 and 1."""
        return self.repondues / self.posees if self.posees else 0.0

    @property
    def signaux(self) -> tuple[ReponseComptee, ...]:
        """The answers that block by themselves."""
        return tuple(reponse for reponse in self.reponses if reponse.points == 0)

    def en_document(self, cle: str) -> dict[str, Any]:
        """JSON-able values; ``cle`` names what is described: « axe », « dimension » or « cle »."""
        return {
            cle: self.nom,
            "libelle": self.libelle,
            "niveau": self.niveau.value if self.niveau else None,
            "niveau_libelle": self.niveau.libelle if self.niveau else "non compté",
            "points": None if self.points is None else round(self.points),
            "couverture": round(self.couverture, 2),
            "repondues": self.repondues,
            "posees": self.posees,
            "reponses": [reponse.en_document() for reponse in self.reponses],
            "signaux": [reponse.en_document() for reponse in self.signaux],
        }


@dataclass(frozen=True, slots=True)
class Atout:
    """A strength: its axis, the sentence to say, and the question whose answer made it."""

    axe: Axe
    phrase: str
    code: str

    def en_document(self) -> dict[str, Any]:
        """JSON-able values."""
        return {"axe": self.axe.value, "phrase": self.phrase, "code": self.code}


@dataclass(frozen=True, slots=True)
class Bilan:
    """What the answers say today, with the version of the questionnaire that was asked.

    ``mises_de_cote`` are the answered codes that count for nothing here: questions of another
    version, or of a branch that is closed by another answer.
    """

    version: str
    axes: tuple[Constat, ...]
    dimensions: tuple[Constat, ...]
    cles: tuple[Constat, ...]
    atouts: tuple[Atout, ...]
    mises_de_cote: tuple[str, ...]

    def en_document(self) -> dict[str, Any]:
        """JSON-able values: « freins » (the four axes) and « atouts » first, then the detail."""
        return {
            "version": self.version,
            "freins": [constat.en_document("axe") for constat in self.axes],
            "atouts": [atout.en_document() for atout in self.atouts],
            "dimensions": [constat.en_document("dimension") for constat in self.dimensions],
            "cles": [constat.en_document("cle") for constat in self.cles],
            "mises_de_cote": list(self.mises_de_cote),
        }


def faire_le_bilan(
    questionnaire: Questionnaire, reponses: Mapping[str, Valeur], parametres: Parametres
) -> Bilan:
    """Measure the answers against the thresholds ``bilan.*`` in force.

    « Préfère ne pas répondre » (``None``) and « ne sait pas » change nothing: the result is the
    same as if the question had not been answered.
    """
    posees = questionnaire.posees(reponses)
    comptees = [item for item in posees if item.compte]
    codes = {item.code for item in posees}
    return Bilan(
        version=questionnaire.version,
        axes=tuple(
            _constater(axe.value, axe.libelle, (i for i in comptees if i.axe is axe), reponses, parametres)
            for axe in AXES_MEUSE
        ),
        dimensions=tuple(
            _constater(d.code, d.titre, (i for i in comptees if i.dimension == d.code), reponses, parametres)
            for d in questionnaire.dimensions
        ),
        cles=tuple(
            _constater(cle.value, cle.libelle, (i for i in comptees if i.cle is cle), reponses, parametres)
            for cle in Cle
        ),
        atouts=tuple(
            Atout(item.axe, item.atout, item.code)
            for item in posees
            if item.atout and item.points(reponses.get(item.code)) == POINTS_MAX
        ),
        mises_de_cote=tuple(
            sorted(code for code, valeur in reponses.items() if valeur is not None and code not in codes)
        ),
    )


def _constater(
    nom: str,
    libelle: str,
    items: Iterable[Item],
    reponses: Mapping[str, Valeur],
    parametres: Parametres,
) -> Constat:
    lues: list[ReponseComptee] = []
    poids = somme = 0.0
    posees = 0
    for item in items:
        posees += 1
        valeur = reponses.get(item.code)
        points = item.points(valeur)
        if points is None:
            # « Not concerned » answers carry no points: the question is settled, so no longer asked.
            posees -= int(item.choix_de(valeur) is not None)
            continue
        poids += item.poids
        somme += item.poids * points
        phrase = item.frein if points == 0 else ""  # half a difficulty is not the whole of it
        lues.append(ReponseComptee(item.code, item.texte, item.libelle(valeur), points, phrase))
    niveau, moyenne = _niveler(len(lues), posees, somme, poids, parametres)
    return Constat(nom, libelle, len(lues), posees, moyenne, niveau, tuple(lues))


def _niveler(
    repondues: int, posees: int, somme: float, poids: float, parametres: Parametres
) -> tuple[Niveau | None, float | None]:
    if not posees:
        return None, None
    if not repondues or repondues < parametres["bilan.couverture_min"] * posees:
        return Niveau.A_COMPLETER, None
    moyenne = 100 * somme / (POINTS_MAX * poids)
    if moyenne < parametres["bilan.frein_fort_sous"]:
        return Niveau.FORT, moyenne
    if moyenne < parametres["bilan.frein_moyen_sous"]:
        return Niveau.MOYEN, moyenne
    return Niveau.SANS_IMPACT, moyenne
