"""Tables for spreadsheets: CSV that French Excel opens rightly and that runs nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, make_response

_DEBUTS_DE_FORMULE = ("=", "+", "-", "@", "\t", "\r", "\n")

Cellule = str | int | float | None


def texte_csv(entete: Sequence[str], lignes: Iterable[Sequence[Cellule]]) -> str:
    """A table as text: semicolons, decimal commas, no formula."""
    texte = io.StringIO(newline="")
    ecrivain = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(entete)
    ecrivain.writerows([_cellule(valeur) for valeur in ligne] for ligne in lignes)
    return texte.getvalue()


def repondre_csv(nom: str, entete: Sequence[str], lignes: Iterable[Sequence[Cellule]]) -> Response:
    """Send a table as a file, in UTF-8 with its mark."""
    reponse = make_response(texte_csv(entete, lignes).encode("utf-8-sig"))
    reponse.content_type = "text/csv; charset=utf-8"
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


def _cellule(valeur: Cellule) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        # A spreadsheet runs what begins so; the quote makes it text.
        return f"'{valeur}" if valeur.startswith(_DEBUTS_DE_FORMULE) else valeur
    return f"{valeur:.10g}".replace(".", ",") if isinstance(valeur, float) else str(valeur)
