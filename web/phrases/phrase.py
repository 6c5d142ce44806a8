"""A sentence, and where it lives."""

from __future__ import annotations

import re
from dataclasses import dataclass

SUITE = "…"
"""What stands for a value that is only known when the page is drawn."""

_MOT = re.compile(r"[^\W\d_]{2,}")
_DEBIT = re.compile(r"\d+ per \w+")
_CODE = re.compile(r"^[\w.:/#%&?=+{}\[\]()*^$|\\,;<>@-]*$")


@dataclass(frozen=True, slots=True, order=True)
class Phrase:
    """``ou`` is a file of the project and, where it has one, a line or a code."""

    ou: str
    rang: int
    texte: str

    @property
    def lieu(self) -> str:
        """« web/templates/personne/accueil.html:12 »."""
        return f"{self.ou}:{self.rang}" if self.rang else self.ou


def nettoyer(texte: str) -> str:
    """One line, single spaces, the placeholder alone where several follow each other."""
    propre = " ".join(texte.split())
    return re.sub(rf"(?:{SUITE}\s*){{2,}}", f"{SUITE} ", propre).strip()


def est_une_phrase(texte: str) -> bool:
    """Whether somebody reads it: words with a space between them, or one word with a capital."""
    nu = texte.replace(SUITE, "").strip()
    if not _MOT.search(nu) or _DEBIT.search(nu) or nu.isupper():
        return False
    if " " in nu or "\u00a0" in nu:
        return len(_MOT.findall(nu)) > 1 or nu[0].isupper() or not _CODE.match(nu.replace(" ", ""))
    return nu[0].isupper() and (nu[1:].islower() or "’" in nu or "'" in nu) and len(nu) > 2
