"""The alphabet of text messages (GSM 03.38): what fits in one, and how a French sentence is written in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import gsm0338

LONGUEUR_MAX = 160
"""Signs of one text message; longer ones are cut in two and paid twice."""

NOMS_MAX = (60, 40, 28, 20, 14, 8)
"""How long a name may be, from the sentence with whole names to the one that always fits."""

_CODEC = gsm0338.Codec()
_ECRITURES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "°": "o",
        "º": "o",
        "•": "-",
        "œ": "oe",
        "Œ": "Oe",
        "æ": "ae",
        "ç": "c",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }
)


def en_sms(texte: str) -> str:
    """The sentence as a telephone shows it: accents that the alphabet lacks are lost, quotes are plain."""
    sans = texte.replace("« ", '"').replace(" »", '"').replace("«\u00a0", '"').replace("\u00a0»", '"')
    sans = sans.translate(_ECRITURES).replace("«", '"').replace("»", '"')
    return "".join(signe if _existe(signe) else _sans_accent(signe) for signe in " ".join(sans.split()))


def _sans_accent(signe: str) -> str:
    bases = (base for base in unicodedata.normalize("NFKD", signe) if not unicodedata.combining(base))
    # Two signs at most: a ligature; some signs stand for a whole sentence.
    return "".join(base if _existe(base) else "?" for base in bases)[:2]


def _existe(signe: str) -> bool:
    try:
        _CODEC.encode(signe)
    except UnicodeEncodeError:
        return False
    return signe not in "\r\n\f\x1b"


def longueur(texte: str) -> int:
    """How many signs a sentence takes as a text message; some, such as « € », take two."""
    return len(_CODEC.encode(en_sms(texte))[0])


def ajuster(phrase: Callable[[int], str]) -> str:
    """The sentence with the longest names that fits in one message; ``phrase(n)`` cuts names at ``n`` signs.

    Raises ``ValueError`` when even short names do not fit: the sentence itself is too long.
    """
    for noms_max in NOMS_MAX:
        essai = phrase(noms_max)
        if longueur(essai) <= LONGUEUR_MAX:
            return essai
    raise ValueError(f"{longueur(essai)} signs: this sentence does not fit in one message")


def court(nom: str, au_plus: int) -> str:
    """A name on one line, cut at a word when it can be, without a mark: it is read aloud."""
    nom = " ".join("".join(s if s.isprintable() else " " for s in nom).split())
    if len(nom) <= au_plus:
        return nom
    coupe = nom[:au_plus]
    entier = nom[au_plus] == " "
    return (coupe if entier or " " not in coupe[au_plus // 2 :] else coupe.rsplit(" ", 1)[0]).rstrip(" ,;-(")
