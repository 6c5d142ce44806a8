"""Policy numbers are law, not code: dated, sourced rows of ``parametres.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

STATUTS = ("verifie", "hypothese", "a_verifier", "abroge")


@dataclass(frozen=True, slots=True)
class Parametre:
    """A number with its unit, its period, its source and the day somebody last checked it.

    ``statut``: ``verifie`` (a text says so), ``hypothese`` (our choice), ``a_verifier`` (a text
    said so once, nobody has checked since), ``abroge`` (a text ended it on ``valable_au``).
    """

    cle: str
    valeur: float
    unite: str
    valable_du: date
    valable_au: date | None
    source: str
    verifie_le: date
    statut: str

    def vaut_le(self, jour: date) -> bool:
        """Whether the row is in force on that day."""
        return self.valable_du <= jour and (self.valable_au is None or jour <= self.valable_au)


class Parametres:
    """The rows in force on one day. ``p["accueil.seuil_min"]`` is the number itself.

    When every row of a key has ended, the last one still answers but ``est_perime(cle)`` is true:
    a rule that leans on it must say À VÉRIFIER.
    """

    def __init__(self, lignes: Iterable[Parametre], le: date) -> None:
        self.le = le
        retenus: dict[str, Parametre] = {}
        for ligne in sorted(lignes, key=lambda ligne: ligne.valable_du):
            if ligne.valable_du <= le:
                retenus[ligne.cle] = ligne
        self._lignes: Mapping[str, Parametre] = MappingProxyType(retenus)

    def __getitem__(self, cle: str) -> float:
        return self._lignes[cle].valeur

    def __contains__(self, cle: object) -> bool:
        return cle in self._lignes

    def ligne(self, cle: str) -> Parametre:
        """The whole row: source, period, status."""
        return self._lignes[cle]

    def est_perime(self, cle: str) -> bool:
        """Whether the period of validity of a number is over."""
        return not self._lignes[cle].vaut_le(self.le)

    def toutes(self) -> list[Parametre]:
        """Every row in force, by key."""
        return [self._lignes[cle] for cle in sorted(self._lignes)]

    def perimes(self) -> list[Parametre]:
        """The rows whose period is over, that nothing replaces and no text ended: somebody should look."""
        return [x for x in self.toutes() if not x.vaut_le(self.le) and x.statut != "abroge"]


FICHIER = Path(__file__).with_suffix(".toml")


@cache
def lire_parametres(chemin: Path = FICHIER) -> tuple[Parametre, ...]:
    """Read the table. Raises ``ValueError`` naming the row that lacks a field."""
    document = tomllib.loads(chemin.read_text(encoding="utf-8"))
    return tuple(_lire_ligne(cle, ligne) for cle, lignes in document.items() for ligne in lignes)


def _lire_ligne(cle: str, ligne: dict[str, Any]) -> Parametre:
    try:
        parametre = Parametre(
            cle=cle,
            valeur=ligne["valeur"],
            unite=ligne["unite"],
            valable_du=ligne["du"],
            valable_au=ligne.get("au"),
            source=ligne["source"],
            verifie_le=ligne["verifie_le"],
            statut=ligne["statut"],
        )
    except KeyError as manque:
        raise ValueError(f"parametres.toml, {cle}: {manque.args[0]} is missing") from None
    if parametre.statut not in STATUTS:
        raise ValueError(f"parametres.toml, {cle}: statut must be one of {', '.join(STATUTS)}")
    return parametre


def parametres(le: date) -> Parametres:
    """The numbers in force on a day."""
    return Parametres(lire_parametres(), le)
