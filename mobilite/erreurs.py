"""Refusals of the domain: each carries a stable code and a French sentence fit for the reader."""

from __future__ import annotations


class RegleMetier(Exception):
    """A rule of the trade says no. ``str(refus)`` is the French sentence to show.

    ``code`` is stable: tests, logs and the API rely on it, never on the sentence.
    """

    code = "regle_metier"

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class DonneeRefusee(RegleMetier):
    """What was sent cannot be understood; ``champ`` names the field, as in ``besoins[0].cycle``."""

    code = "donnee_refusee"

    def __init__(self, champ: str, phrase: str) -> None:
        super().__init__(f"{champ} : {phrase}" if champ else phrase)
        self.champ = champ
        self.raison = phrase
