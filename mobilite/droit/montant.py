"""Amounts of money as the rules say them: a range of euros, paid once, each month, or lent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Versement(StrEnum):
    """How an amount reaches the person."""

    UNE_FOIS = "une_fois"
    PAR_MOIS = "par_mois"
    PRET = "pret"

    @property
    def libelle(self) -> str:
        """The words beside the amount."""
        return {"une_fois": "en tout", "par_mois": "par mois", "pret": "prêtés, à rembourser"}[self.value]


@dataclass(frozen=True, slots=True)
class Montant:
    """Euros, between two bounds: what is sure to be there, and what may be there at most."""

    min: float
    max: float
    versement: Versement

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max:
            raise ValueError(f"0 <= min <= max is required, got {self.min} and {self.max}")

    def en_texte(self) -> str:
        """« 400 à 1 000 € en tout », « jusqu'à 50 € par mois »."""
        if self.min == self.max:
            somme = en_euros(self.max)
        elif self.min == 0:
            somme = f"jusqu'à {en_euros(self.max)}"
        else:
            somme = f"{en_euros(self.min).removesuffix(' €')} à {en_euros(self.max)}"
        return f"{somme} {self.versement.libelle}"


def en_euros(euros: float) -> str:
    """« 0,32 € », « 1 200 € »: cents only when there are some."""
    texte = f"{euros:,.2f}".removesuffix(".00").replace(",", "\u202f").replace(".", ",")
    return f"{texte} €"


def en_km(km: float) -> str:
    """« 15,7 » : a tenth of a kilometre at most."""
    return f"{km:.1f}".removesuffix(".0").replace(".", ",")
