"""Strict reading of JSON documents: every refusal is one French sentence that names the field."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from mobilite.erreurs import DonneeRefusee

TAILLE_MAX_OCTETS = 1_000_000
TAILLE_MAX_CATALOGUE = 30_000_000
"""Ten thousand offers fit in a catalogue; everything else is far smaller."""
PROFONDEUR_MAX = 20

_HEURE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTERDITS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

E = TypeVar("E", bound=StrEnum)


def lire_json(octets: bytes, au_plus: int = TAILLE_MAX_OCTETS) -> Champ:
    """Parse one UTF-8 JSON document, refusing what ``json`` lets through.

    Refused: more than ``au_plus`` bytes, duplicate keys, NaN and infinities, nesting deeper
    than ``PROFONDEUR_MAX``. Raises ``DonneeRefusee``.
    """
    if len(octets) > au_plus:
        raise DonneeRefusee("", f"Le fichier dépasse {au_plus // 1_000_000} Mo : il n'a pas été lu.")
    try:
        texte = octets.decode("utf-8-sig")
        valeur = json.loads(texte, object_pairs_hook=_sans_doublon, parse_constant=_Defaut)
    except UnicodeDecodeError:
        raise DonneeRefusee("", "Le fichier n'est pas du texte UTF-8.") from None
    except RecursionError:
        raise DonneeRefusee("", f"Le fichier a plus de {PROFONDEUR_MAX} niveaux imbriqués.") from None
    except json.JSONDecodeError as erreur:
        raise DonneeRefusee(
            "", f"Ce n'est pas du JSON : ligne {erreur.lineno}, colonne {erreur.colno}."
        ) from None
    except ValueError:
        raise DonneeRefusee("", "Un nombre du fichier est trop long.") from None
    _examiner(valeur)
    return Champ(valeur)


class _Defaut:
    """What ``json`` lets through, kept in its place until its path is known: a constant, a double key."""

    def __init__(self, constante: str, cle: str | None = None) -> None:
        self.cle = cle
        self.phrase = f"« {constante} » n'est pas un nombre." if cle is None else _DEUX_FOIS


_DEUX_FOIS = "cette clé est écrite deux fois."


def _sans_doublon(paires: list[tuple[str, Any]]) -> dict[str, Any] | _Defaut:
    vus: dict[str, Any] = {}
    for cle, valeur in paires:
        if cle in vus:
            return _Defaut("", cle)
        vus[cle] = valeur
    return vus


def montrable(cle: str) -> str:
    """A key fit for a message: somebody else chose it, it may be endless or impossible to encode."""
    return _INTERDITS.sub("?", cle[:60]).replace("\n", "?")


def _nombre_lisible(valeur: float) -> str:
    """« 1 000 000 », never « 1e+06 »; four digits stay together, as in a year."""
    texte = f"{valeur:_.10g}" if abs(valeur) >= 10_000 else f"{valeur:.10g}"
    return texte.replace("_", " ").replace(".", ",")


_Chemin = tuple[Any, str] | None
"""A path from the leaf up: the path of the parent, then the key or « [rank] »."""


def _examiner(racine: Any) -> None:
    """Refuse, by its path, what is nested too deep or is not a value; endless numbers included."""
    a_voir: list[tuple[Any, int, _Chemin]] = [(racine, 0, None)]
    while a_voir:
        valeur, profondeur, chemin = a_voir.pop()
        if profondeur > PROFONDEUR_MAX:
            raise DonneeRefusee("", f"Le fichier a plus de {PROFONDEUR_MAX} niveaux imbriqués.")
        if isinstance(valeur, dict):
            enfants: Iterable[tuple[str, Any]] = ((f".{montrable(cle)}", v) for cle, v in valeur.items())
        elif isinstance(valeur, list):
            enfants = ((f"[{rang}]", v) for rang, v in enumerate(valeur))
        elif isinstance(valeur, _Defaut):
            cle = "" if valeur.cle is None else f".{montrable(valeur.cle)}"
            raise DonneeRefusee((_en_texte(chemin) + cle).lstrip("."), valeur.phrase)
        elif isinstance(valeur, float) and math.isinf(valeur):
            raise DonneeRefusee(_en_texte(chemin).lstrip("."), "ce nombre est trop grand.")
        else:
            continue
        # A leaf that cannot be wrong is not worth a place in the queue.
        a_voir += [
            (v, profondeur + 1, (chemin, pas))
            for pas, v in enfants
            if profondeur >= PROFONDEUR_MAX or isinstance(v, dict | list | float | _Defaut)
        ]


def _en_texte(chemin: _Chemin) -> str:
    pas = []
    while chemin is not None:
        pas.append(chemin[1])
        chemin = chemin[0]
    return "".join(reversed(pas))


class Champ:
    """A value of a document with its path. Every reading method validates or names the field.

    ``ignores`` is shared by all fields of one document: the paths nobody read, kept and said.
    """

    def __init__(self, valeur: Any, chemin: str = "", ignores: list[str] | None = None) -> None:
        self.valeur = valeur
        self.chemin = chemin
        self.ignores: list[str] = [] if ignores is None else ignores

    def refuser(self, phrase: str) -> NoReturn:
        """Raise the refusal of this field."""
        raise DonneeRefusee(self.chemin, phrase)

    def objet(self, *connus: str) -> dict[str, Champ]:
        """The fields of an object; ``null`` fields are absent, unknown keys go to ``ignores``."""
        if not isinstance(self.valeur, dict):
            self.refuser("un objet { … } est attendu.")
        prefixe = f"{self.chemin}." if self.chemin else ""
        champs = {
            cle: Champ(valeur, f"{prefixe}{montrable(cle)}", self.ignores)
            for cle, valeur in self.valeur.items()
            if valeur is not None
        }
        self.ignores += [champ.chemin for cle, champ in champs.items() if cle not in connus]
        return {cle: champ for cle, champ in champs.items() if cle in connus}

    def ignorer(self) -> None:
        """Say that this field was read by nobody: kept, and told to whoever sent it."""
        self.ignores.append(self.chemin)

    def liste(self, au_plus: int = 200) -> list[Champ]:
        """The items of a list of at most ``au_plus``."""
        if not isinstance(self.valeur, list):
            self.refuser("une liste [ … ] est attendue.")
        if len(self.valeur) > au_plus:
            self.refuser(f"{au_plus} éléments au plus, pas {len(self.valeur)}.")
        return [Champ(v, f"{self.chemin}[{rang}]", self.ignores) for rang, v in enumerate(self.valeur)]

    def texte(self, au_plus: int = 200) -> str:
        """A line of text, stripped, not empty, without control characters."""
        if not isinstance(self.valeur, str):
            self.refuser("un texte est attendu.")
        if len(self.valeur) > au_plus:
            self.refuser(f"{au_plus} caractères au plus, pas {len(self.valeur)}.")
        if _INTERDITS.search(self.valeur):
            self.refuser("ce texte contient un caractère invisible interdit.")
        if not self.valeur.strip():
            self.refuser("ce texte est vide.")
        return self.valeur.strip()

    def booleen(self) -> bool:
        """True or false, nothing else."""
        if not isinstance(self.valeur, bool):
            self.refuser("true ou false est attendu.")
        return self.valeur

    def nombre(self, au_moins: float, au_plus: float) -> float:
        """A finite number within bounds."""
        valeur = self.valeur
        if isinstance(valeur, bool) or not isinstance(valeur, int | float):
            self.refuser("un nombre est attendu.")
        if not au_moins <= valeur <= au_plus or not math.isfinite(valeur):
            self.refuser(
                f"un nombre entre {_nombre_lisible(au_moins)} et {_nombre_lisible(au_plus)} est attendu."
            )
        return valeur

    def entier(self, au_moins: int, au_plus: int) -> int:
        """A whole number within bounds."""
        valeur = self.nombre(au_moins, au_plus)
        if valeur != int(valeur):
            self.refuser("un nombre entier est attendu.")
        return int(valeur)

    def date(self) -> date:
        """A day written YYYY-MM-DD, between 1900 and 2100."""
        try:
            if not isinstance(self.valeur, str) or not _DATE.fullmatch(self.valeur):
                raise ValueError
            jour = date.fromisoformat(self.valeur)
            if not 1900 <= jour.year <= 2100:
                raise ValueError
        except ValueError:
            self.refuser("une date comme 2026-11-30 est attendue.")
        return jour

    def heure(self) -> int:
        """An hour written HH:MM, from 00:00 to 23:59, as minutes since midnight."""
        trouve = _HEURE.fullmatch(self.valeur) if isinstance(self.valeur, str) else None
        if not trouve:
            self.refuser("une heure comme 07:30 est attendue (00:00 à 23:59).")
        return int(trouve[1]) * 60 + int(trouve[2])

    def parmi(self, choix: type[E]) -> E:
        """One of the values of an enumeration, written exactly."""
        try:
            if isinstance(self.valeur, str):
                return choix(self.valeur)
        except ValueError:
            pass
        return self.refuser(f"choisir parmi {', '.join(choix)}.")

    def plusieurs_parmi(self, choix: type[E]) -> Iterator[E]:
        """One value or a list of values of an enumeration."""
        champs = self.liste() if isinstance(self.valeur, list) else [self]
        for champ in champs:
            yield champ.parmi(choix)
