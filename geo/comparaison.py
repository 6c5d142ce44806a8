"""Two lists of Maisons side by side: who would gain, who would lose, which communes change answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.couverture import Accueil, Couverture
from mobilite.territoire import Commune
from mobilite.verdict import Verdict

_RANGS = {Verdict.NON: 0, Verdict.A_VERIFIER: 1, Verdict.OUI: 2}


@dataclass(frozen=True, slots=True)
class Changement:
    """One commune whose answer changes."""

    avant: Accueil
    apres: Accueil

    @property
    def commune(self) -> Commune:
        """The commune."""
        return self.apres.commune

    @property
    def mieux(self) -> bool:
        """Whether the new answer is closer to yes."""
        return _RANGS[self.apres.verdict] > _RANGS[self.avant.verdict]


@dataclass(frozen=True, slots=True)
class Comparaison:
    """The coverage by the Maisons of today and by another list, everything else being the same."""

    avant: Couverture
    apres: Couverture

    def __post_init__(self) -> None:
        a, b = self.avant, self.apres
        meme = (a.mode, a.seuil_min, a.jour) == (b.mode, b.seuil_min, b.jour)
        if not meme or [x.commune.insee for x in a.communes] != [y.commune.insee for y in b.communes]:
            raise ValueError("two coverages of the same communes, mode, threshold and day are required")

    def changements(self) -> list[Changement]:
        """The communes whose answer changes: what is lost first, then the most inhabitants."""
        changent = [
            Changement(a, b)
            for a, b in zip(self.avant.communes, self.apres.communes, strict=True)
            if a.verdict is not b.verdict
        ]
        return sorted(changent, key=lambda c: (c.mieux, -c.commune.population, c.commune.insee))

    @property
    def gagnes(self) -> int:
        """Inhabitants surely within reach after, and not surely before."""
        return sum(c.commune.population for c in self.changements() if c.apres.verdict is Verdict.OUI)

    @property
    def perdus(self) -> int:
        """Inhabitants surely within reach before, and not surely after."""
        return sum(c.commune.population for c in self.changements() if c.avant.verdict is Verdict.OUI)

    def en_document(self) -> dict[str, Any]:
        """The object printed by ``mobilite accueil --comparer --json``."""
        return {
            "avant": _sans_communes(self.avant),
            "apres": _sans_communes(self.apres),
            "gagnes": self.gagnes,
            "perdus": self.perdus,
            "changements": [
                {
                    "insee": c.commune.insee,
                    "nom": c.commune.nom,
                    "population": c.commune.population,
                    "avant": _reponse(c.avant),
                    "apres": _reponse(c.apres),
                }
                for c in self.changements()
            ],
        }


def _sans_communes(couverture: Couverture) -> dict[str, Any]:
    document = couverture.en_document()
    del document["communes"]
    return document


def _reponse(accueil: Accueil) -> dict[str, Any]:
    return {
        "verdict": accueil.verdict.value,
        "maison": accueil.maison.nom if accueil.maison else None,
        "minutes_min": accueil.duree.min if accueil.duree else None,
        "minutes_max": accueil.duree.max if accueil.duree else None,
    }
