"""French dates, hours, euros and numbers for the templates, with the spaces that do not break."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask

from mobilite.base import PARIS
from mobilite.flotte import dernier_jour

INSECABLE = "\u00a0"
FINE = "\u202f"

_AVANT = re.compile(" ([:;?!»€%])")

_JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def jour(valeur: date) -> str:
    """« lundi 23 novembre », « dimanche 1er mars ». An instant is read on the French clock."""
    if isinstance(valeur, datetime):
        valeur = _local(valeur)
    numero = "1er" if valeur.day == 1 else str(valeur.day)
    return f"{_JOURS[valeur.weekday()]} {numero}{INSECABLE}{_MOIS[valeur.month - 1]}"


def jour_annee(valeur: date) -> str:
    """« lundi 23 novembre 2026 »."""
    if isinstance(valeur, datetime):
        valeur = _local(valeur)
    return f"{jour(valeur)} {valeur.year}"


def mois(valeur: date) -> str:
    """« décembre 2026 »."""
    return f"{_MOIS[valeur.month - 1]} {valeur.year}"


def heure(valeur: time | datetime | int) -> str:
    """« 7 h 05 », « 8 h », from an hour, an instant (read on the French clock) or minutes since midnight."""
    if isinstance(valeur, datetime):
        valeur = _local(valeur)
    heures, minutes = divmod(valeur % 1440, 60) if isinstance(valeur, int) else (valeur.hour, valeur.minute)
    fin = f"{INSECABLE}{minutes:02d}" if minutes else ""
    return f"{heures}{INSECABLE}h{fin}"


def euros(valeur: float | Decimal) -> str:
    """« 60 € », « 4,50 € », « 1 200 € »: cents only when there are some."""
    montant = Decimal(str(valeur)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    signe = "−" if montant < 0 else ""
    unites, cents = divmod(abs(int(montant * 100)), 100)
    decimales = f",{cents:02d}" if cents else ""
    return f"{signe}{entier(unites)}{decimales}{INSECABLE}€"


def entier(valeur: float) -> str:
    """« 180 290 »: the nearest whole number, thousands apart."""
    return f"{round(valeur):,}".replace(",", FINE).replace("-", "−")


def telephone(valeur: str) -> str:
    """« 03 29 75 32 30 » with spaces that do not break, from any French writing of it."""
    chiffres = "".join(signe for signe in valeur if signe.isdigit())
    if len(chiffres) == 11 and chiffres.startswith("33"):
        chiffres = "0" + chiffres[2:]
    if len(chiffres) != 10:
        return valeur
    return INSECABLE.join(chiffres[rang : rang + 2] for rang in range(0, 10, 2))


def lien_telephone(valeur: str) -> str:
    """The ``tel:`` address of a number: « tel:+33329753230 »; short numbers stay as they are."""
    chiffres = "".join(signe for signe in valeur if signe.isdigit())
    if len(chiffres) == 10 and chiffres.startswith("0"):
        return f"tel:+33{chiffres[1:]}"
    return f"tel:{'+' if valeur.strip().startswith('+') else ''}{chiffres}"


def insecables(texte: str) -> str:
    """The same sentence, with the spaces of French punctuation that must not end a line."""
    return _AVANT.sub(f"{INSECABLE}\\1", texte).replace("« ", f"«{INSECABLE}")


def majuscule(texte: str) -> str:
    """The same words with a capital at the start, the rest as it was written (``str.capitalize`` lowers it)."""
    return texte[:1].upper() + texte[1:]


def _local(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an aware datetime is required")
    return instant.astimezone(PARIS)


def preparer_formats(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        jour=jour,
        jour_annee=jour_annee,
        mois=mois,
        heure=heure,
        euros=euros,
        entier=entier,
        telephone=telephone,
        lien_telephone=lien_telephone,
        insecables=insecables,
        dernier_jour=dernier_jour,
    )
