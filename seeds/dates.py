"""Demonstration data that stays meaningful: days said from the day of loading, resolved to dates.

In the demonstration files a date may be written ``J``, ``J+3``, ``J-12`` (days from today), « mardi
prochain » (the first Tuesday after today) or « mardi en huit » (a week later); ``annee_naissance``
and ``obtenu_en`` may be written ``A-17`` (years before this one).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

CLES_DE_DATE = frozenset(
    {
        *("date", "dates", "du", "au", "le", "premier_jour", "connu_le", "obtenu_le"),
        *("oriente_le", "premier_rendez_vous", "revue", "demandee_le"),
        *("ct_valable_au", "assurance_valable_au", "permis_vu_le", "assurance_vue_le", "D0_echeance"),
    }
)
CLES_D_ANNEE = frozenset({"annee_naissance", "obtenu_en"})

_JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ECART = re.compile(r"J([+-][0-9]{1,5})?")
_JOUR = re.compile(rf"({'|'.join(_JOURS)}) (prochain|en huit)")
_ANNEE = re.compile(r"A-([0-9]{1,3})")


def resoudre(document: Any, le: date) -> Any:
    """The same document, its relative days and years turned into the dates they mean on a day.

    Only the keys that hold dates or years are touched, at any depth; what is already a date, and
    any sentence elsewhere, stays as written. The input is not changed.
    """
    return _resoudre(document, le, "")


def jour_relatif(texte: str, le: date) -> date | None:
    """The date behind ``J+3`` or « mardi prochain » on a day; ``None`` when it is not one of these."""
    if ecart := _ECART.fullmatch(texte):
        return le + timedelta(days=int(ecart[1] or 0))
    if jour := _JOUR.fullmatch(texte):
        attente = (_JOURS.index(jour[1]) - le.weekday() - 1) % 7 + 1
        return le + timedelta(days=attente + (7 if jour[2] == "en huit" else 0))
    return None


def _resoudre(valeur: Any, le: date, cle: str) -> Any:
    if isinstance(valeur, dict):
        return {sous_cle: _resoudre(v, le, sous_cle) for sous_cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_resoudre(v, le, cle) for v in valeur]
    if isinstance(valeur, str) and cle in CLES_DE_DATE:
        jour = jour_relatif(valeur, le)
        return jour.isoformat() if jour else valeur
    if isinstance(valeur, str) and cle in CLES_D_ANNEE and (annee := _ANNEE.fullmatch(valeur)):
        return le.year - int(annee[1])
    return valeur
