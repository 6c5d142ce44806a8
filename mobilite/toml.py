"""Strict reading of our own TOML data files: a refusal names the file, the entry and the field."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

E = TypeVar("E", bound=StrEnum)


class FichierRefuse(ValueError):
    """A data file is broken: which file, which entry (or ""), which field, and why in French."""

    def __init__(self, fichier: str, code: str, champ: str, phrase: str) -> None:
        ou = [fichier, *([code] if code else []), *([f"champ « {champ} »"] if champ else [])]
        super().__init__(f"{', '.join(ou)} : {phrase}")
        self.fichier, self.code, self.champ, self.phrase = fichier, code, champ, phrase


def lire_toml(chemin: Path) -> dict[str, Any]:
    """Parse one file. Raises ``FichierRefuse`` when it is missing or not TOML."""
    try:
        return tomllib.loads(chemin.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FichierRefuse(chemin.name, "", "", "ce fichier manque.") from None
    except UnicodeDecodeError:
        raise FichierRefuse(chemin.name, "", "", "ce fichier n'est pas du texte UTF-8.") from None
    except tomllib.TOMLDecodeError as erreur:
        raise FichierRefuse(chemin.name, "", "", f"ce n'est pas du TOML ({erreur}).") from None


class TableToml:
    """A TOML table being read: every field is taken once, with its type; what is left is refused."""

    def __init__(self, contenu: dict[str, Any], fichier: str, code: str = "", prefixe: str = "") -> None:
        self._contenu = dict(contenu)
        self.fichier, self.code, self._prefixe = fichier, code, prefixe

    def refuser(self, champ: str, phrase: str) -> NoReturn:
        """Raise the refusal of one field."""
        raise FichierRefuse(self.fichier, self.code, f"{self._prefixe}{champ}", phrase)

    def finir(self) -> None:
        """Refuse the fields that nobody took: a typing mistake must not pass for silence."""
        for champ in self._contenu:
            self.refuser(champ, "ce champ n'est pas connu.")

    def present(self, champ: str) -> bool:
        """Whether the field is written and not yet taken."""
        return champ in self._contenu

    def prendre(self, champ: str) -> Any:
        """Take a field as it is; it must be there."""
        if champ not in self._contenu:
            self.refuser(champ, "ce champ manque.")
        return self._contenu.pop(champ)

    def texte(self, champ: str, defaut: str | None = None) -> str:
        """A stripped text, not empty unless a default is given."""
        valeur = defaut if defaut is not None and champ not in self._contenu else self.prendre(champ)
        if not isinstance(valeur, str) or (defaut is None and not valeur.strip()):
            self.refuser(champ, "un texte est attendu.")
        return valeur.strip()

    def booleen(self, champ: str, defaut: bool) -> bool:
        """True or false."""
        valeur = self._contenu.pop(champ, defaut)
        if not isinstance(valeur, bool):
            self.refuser(champ, "true ou false est attendu.")
        return valeur

    def nombre(self, champ: str, defaut: float | None = None) -> float:
        """A finite number."""
        valeur = defaut if defaut is not None and champ not in self._contenu else self.prendre(champ)
        if isinstance(valeur, bool) or not isinstance(valeur, int | float) or not math.isfinite(valeur):
            self.refuser(champ, "un nombre est attendu.")
        return valeur

    def jour(self, champ: str) -> date:
        """A TOML date."""
        valeur = self.prendre(champ)
        if type(valeur) is not date:
            self.refuser(champ, "une date comme 2026-11-30, sans guillemets, est attendue.")
        return valeur

    def parmi(self, champ: str, choix: type[E], defaut: E | None = None) -> E:
        """One of the values of an enumeration."""
        valeur = self.texte(champ, defaut.value if defaut else None)
        if valeur not in {c.value for c in choix}:
            self.refuser(champ, f"« {valeur} » n'est pas l'un de : {', '.join(choix)}.")
        return choix(valeur)

    def table(self, champ: str) -> TableToml:
        """A table inside this one; its refusals keep the path."""
        valeur = self.prendre(champ)
        if not isinstance(valeur, dict):
            self.refuser(champ, "une table est attendue.")
        return TableToml(valeur, self.fichier, self.code, f"{self._prefixe}{champ}.")

    def tables(self, champ: str, *, par_code: bool = False) -> list[TableToml]:
        """A non-empty list of tables; with ``par_code`` each is an entry named by its own code."""
        valeur = self.prendre(champ)
        if not isinstance(valeur, list) or not valeur or not all(isinstance(v, dict) for v in valeur):
            self.refuser(champ, "une liste de tables, non vide, est attendue.")
        if par_code:
            codes = [str(v.get("code", f"{champ}[{rang}]")) for rang, v in enumerate(valeur)]
            return [TableToml(v, self.fichier, code) for v, code in zip(valeur, codes, strict=True)]
        return [
            TableToml(v, self.fichier, self.code, f"{self._prefixe}{champ}[{rang}].")
            for rang, v in enumerate(valeur)
        ]
