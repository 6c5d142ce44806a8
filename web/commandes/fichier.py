"""Reading what a command is given: never more than needed, never a traceback."""

from __future__ import annotations

import json
import sys
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
