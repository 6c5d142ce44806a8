"""What the engine is told about the world, as one frozen value built at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mobilite.faits import FAITS
from mobilite.lieux import Accessibilite
from mobilite.parametres import Parametres
from mobilite.verdict import Verdict

_VOYELLES = "AEIOUÉÈÊÂÎÔŒ"


@dataclass(frozen=True, slots=True)
class Question:
    """A question still worth asking: the code where its answer goes, and its French wording."""

    code: str
    texte: str


@dataclass(frozen=True, slots=True)
class Contexte:
    """The day, the numbers in force, the travel times, the calendar, the words of the questions.

    ``petites``: is each commune rural or in a small urban unit (transport d'utilité sociale)?
    ``questions`` maps a fact to the questionnaire item that settles it. ``noms`` maps an INSEE
    code to the name of the commune.
    """

    le: date
    parametres: Parametres
    accessibilite: Accessibilite
    feries: frozenset[date] = frozenset()
    petites: Mapping[str, Verdict] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    noms: Mapping[str, str] = field(default_factory=dict)

    def question(self, fait: str) -> Question:
        """The question that settles a fact: the questionnaire's, else the situation's own."""
        if fait in self.questions:
            return self.questions[fait]
        return Question(FAITS[fait].code or fait, FAITS[fait].question)

    def nom(self, insee: str) -> str:
        """The name of a commune."""
        return self.noms.get(insee, insee)

    def de(self, insee: str) -> str:
        """« de Verdun », « d'Étain », « du Claon », « des Islettes »: where one leaves from."""
        nom = self.nom(insee)
        for article, contracte in (("Le ", "du "), ("Les ", "des ")):
            if nom.startswith(article):
                return contracte + nom.removeprefix(article)
        return f"d'{nom}" if nom[0] in _VOYELLES else f"de {nom}"

    def a(self, insee: str) -> str:
        """« à Verdun », « au Claon », « aux Islettes »: where one goes."""
        nom = self.nom(insee)
        for article, contracte in (("Le ", "au "), ("Les ", "aux ")):
            if nom.startswith(article):
                return contracte + nom.removeprefix(article)
        return f"à {nom}"
