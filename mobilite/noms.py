"""Names as they are searched and sorted: accents, capitals and ligatures do not count."""

from __future__ import annotations

import re
import unicodedata


def sans_accent(texte: str) -> str:
    """« Œuvre d'Étain » becomes « oeuvre d'etain »: to search and to sort, never to show."""
    nu = unicodedata.normalize("NFKD", texte.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(signe for signe in nu if not unicodedata.combining(signe))


def normaliser_nom(texte: str) -> str:
    """« Marie-Thérèse L'Œillet » becomes « marie therese l oeillet »: the words alone."""
    return " ".join(re.findall(r"\w+", sans_accent(texte)))
