"""Reading a form that somebody typed: every field that does not fit is named at once, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from web.jours import lire_jour

E = TypeVar("E", bound=StrEnum)
R = TypeVar("R")


class Formulaire:
    """The fields of one form. A field left empty is ``None``; ``erreurs`` maps a field to its sentence."""

    def __init__(self, saisie: MultiDict[str, str], prefixe: str = "") -> None:
        self.saisie = saisie
        self.prefixe = prefixe
        self.erreurs: dict[str, str] = {}

    def brut(self, nom: str) -> str:
        """What was typed, without the spaces around it."""
        return self.saisie.get(self.prefixe + nom, "").strip()

    def coche(self, nom: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.brut(nom))

    def plusieurs(self, nom: str) -> list[str]:
        """The values ticked under one name."""
        return self.saisie.getlist(self.prefixe + nom)

    def lire(self, nom: str, lecture: Callable[[], R]) -> R | None:
        """What ``lecture`` gives, or ``None`` and an error on ``nom``."""
        try:
            return lecture()
        except DonneeRefusee as refus:
            self.erreur(nom, refus.raison)
            return None

    def erreur(self, nom: str, phrase: str) -> None:
        """Name a field that does not fit; the first sentence stays."""
        self.erreurs.setdefault(self.prefixe + nom, phrase[:1].upper() + phrase[1:])

    def texte(self, nom: str, au_plus: int, absent: str = "") -> str | None:
        """A line of text; ``absent`` is the sentence when it is required and empty."""
        if not (saisi := self.brut(nom)):
            if absent:
                self.erreur(nom, absent)
            return None
        return self.lire(nom, lambda: Champ(saisi).texte(au_plus))

    def lignes(self, nom: str, au_plus: int, longueur: int = 150) -> list[str]:
        """One text a line, blank lines forgotten."""
        lignes = [ligne.strip() for ligne in self.brut(nom).splitlines() if ligne.strip()]
        if len(lignes) > au_plus:
            self.erreur(nom, f"{au_plus} lignes au plus.")
            return []
        return [t for ligne in lignes if (t := self.lire(nom, partial(Champ(ligne).texte, longueur)))]

    def nombre(self, nom: str, au_moins: float, au_plus: float) -> float | None:
        """A number, « 4,50 » or « 4.50 ». Whole numbers stay whole."""
        if not (saisi := self.brut(nom)):
            return None
        nu = saisi.replace(",", ".").replace(" ", "").replace("\u202f", "").replace("\u00a0", "").rstrip("€")
        valeur: float | None = None
        with suppress(ValueError):
            valeur = int(nu) if nu.isdecimal() and nu.isascii() else float(nu)
        return self.lire(nom, lambda: Champ(valeur).nombre(au_moins, au_plus))

    def entier(self, nom: str, au_moins: int, au_plus: int) -> int | None:
        """A whole number."""
        valeur = self.nombre(nom, au_moins, au_plus)
        return None if valeur is None else self.lire(nom, lambda: Champ(valeur).entier(au_moins, au_plus))

    def jour(self, nom: str) -> date | None:
        """A day, from a date field or typed « 31/12/2027 »."""
        if not (saisi := self.brut(nom)):
            return None
        return self.lire(nom, lambda: lire_jour(saisi))

    def heure(self, nom: str, absent: str) -> str | None:
        """An hour, written HH:MM."""
        if not (saisi := self.brut(nom)):
            self.erreur(nom, absent)
            return None
        return saisi if self.lire(nom, Champ(saisi).heure) is not None else None

    def parmi(self, nom: str, choix: type[E]) -> E | None:
        """One value of an enumeration, or nothing chosen."""
        saisi = self.brut(nom)
        if not saisi:
            return None
        try:
            return choix(saisi)
        except ValueError:
            self.erreur(nom, "Choisissez dans la liste.")
            return None
