"""The order of French names: accents, capitals and ligatures do not count."""

from __future__ import annotations

import unicodedata


def sans_accent(texte: str) -> str:
    """« Œuvre d'Étain » → « oeuvre d'etain »: to sort and to search, never to show."""
    nu = unicodedata.normalize("NFKD", texte.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(signe for signe in nu if not unicodedata.combining(signe))
