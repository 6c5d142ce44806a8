"""A day as people type it, read in one way for every form and every file."""

from __future__ import annotations

from datetime import date

from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee


def lire_jour(texte: str, champ: str = "") -> date:
    """The day behind « 2026-11-30 » (a date field) or « 30/11/2026 »; raises ``DonneeRefusee``."""
    jour, _, reste = texte.partition("/")
    mois, _, annee = reste.partition("/")
    iso = f"{annee}-{mois:0>2}-{jour:0>2}" if annee else texte
    try:
        return Champ(iso, champ).date()
    except DonneeRefusee:
        raise DonneeRefusee(champ, "Écrivez la date ainsi : 30/11/2026.") from None
