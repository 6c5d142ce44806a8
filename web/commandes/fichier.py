"""Reading what a command is given: never more than needed, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from mobilite.document import TAILLE_MAX_OCTETS, Champ, lire_json
from mobilite.erreurs import DonneeRefusee


def lire_octets(chemin: str, au_plus: int) -> bytes:
    """The bytes of a file (``-``: standard input), one more than ``au_plus`` at most."""
    try:
        if chemin == "-":
            if sys.stdin is None:
                raise DonneeRefusee("-", "l'entrée standard est fermée.")
            return sys.stdin.buffer.read(au_plus + 1)
        with Path(chemin).open("rb") as fichier:
            return fichier.read(au_plus + 1)
    except FileNotFoundError:
        raise DonneeRefusee(chemin, "ce fichier n'existe pas.") from None
    except IsADirectoryError:
        raise DonneeRefusee(chemin, "c'est un dossier, pas un fichier.") from None
    except OSError:
        raise DonneeRefusee(chemin, "ce fichier ne se lit pas.") from None


def lire_document(chemin: str, au_plus: int = TAILLE_MAX_OCTETS) -> Champ:
    """A JSON document, strictly read."""
    return lire_json(lire_octets(chemin, au_plus), au_plus)


def ecrire_json(document: Any) -> None:
    """Print a document, readable and in UTF-8."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


class Jour(click.ParamType[date]):
    """A date option, YYYY-MM-DD."""

    name = "AAAA-MM-JJ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date or refuse in French."""
        if isinstance(value, date):
            return value
        return Champ(value, param.opts[0] if param else "").date()


@contextmanager
def ecrire_fichier(sortie: str) -> Iterator[Any]:
    """The whole file or nothing: written beside, then put in place."""
    if sortie == "-":
        yield sys.stdout
        return
    cible = Path(sortie)
    provisoire = cible.with_name(f".{cible.name}.{os.getpid()}")
    try:
        with provisoire.open("x", encoding="utf-8", newline="") as texte:
            yield texte
        provisoire.replace(cible)
    except OSError as erreur:
        raise DonneeRefusee("--sortie", f"ce fichier ne s'écrit pas ({erreur.strerror}).") from None
    finally:
        provisoire.unlink(missing_ok=True)
