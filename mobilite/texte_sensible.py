"""What a free text should not hold: a social security number, a bank account, words of health.

Advisers type while somebody speaks. The two numbers carry a check key: when it is right, what was
typed is almost surely that number, and it is never needed here. Words only deserve a second look.
Sources: INSEE (key of the NIR, 97 minus the number modulo 97), ISO 13616 (IBAN, modulo 97).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mobilite.noms import normaliser_nom


class GenreSensible(StrEnum):
    """What was recognised."""

    NIR = "nir"
    IBAN = "iban"
    SANTE = "sante"


@dataclass(frozen=True, slots=True)
class Signalement:
    """Something recognised in a text, and the sentence to show. ``certain``: its check key is right."""

    genre: GenreSensible
    phrase: str
    certain: bool = False


_NIR = re.compile(
    r"(?<!\d)([1278])[\s.\-]?(\d{2})[\s.\-]?(0[1-9]|1[0-2]|[2-4]\d|[5-9]\d)[\s.\-]?(\d{2}|2[ABab])"
    r"[\s.\-]?(\d{3})[\s.\-]?(\d{3})(?:[\s.\-/]*(\d{2}))?(?!\d)"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}\d{2}(?:[\s.\-]?[A-Za-z0-9]){11,30})")
_LONGUEURS_IBAN = {
    "BE": 16, "CH": 21, "DE": 22, "ES": 24, "FR": 27, "GB": 22, "IT": 27, "LU": 20, "MC": 27, "NL": 18,
    "PL": 28, "PT": 25, "RO": 24,
}  # fmt: skip

# Beginnings of words, without accents. A missed word costs nothing: this is a reminder, not a filter.
_SANTE = re.compile(
    r"\b(?:addict|alcool|alzheimer|antidepress|anxiolyt|asthm|autis|avc\b|avort|bipolaire|burn out|cancer"
    r"|cardiaque|chimio|cirrhos|cocain|depress|diabet|dialys|drogu|enceinte\b|epilep|fibromyalg|grossesse"
    r"|hepatit|heroin|hiv\b|hospitalis|infarctus|insulin|ivg\b|leucem|malad(?:e|ie)s?\b|methadon|neurolept"
    r"|parkinson|psychiatr|psychos|schizo|sclerose|seroposit|sevrage|sida\b|subutex|suicid|tdah\b|toxicoman"
    r"|traitement|tumeur|vih\b)"
)
_PAS_SANTE = re.compile(r"\b(?:assurance maladie|caisse (?:primaire )?d assurance maladie|l enceinte)\b")

_PHRASE_NIR = (
    "On dirait un numéro de sécurité sociale : ici, il ne sert jamais. Retirez-le, le reste sera enregistré."
)
_PHRASE_IBAN = (
    "On dirait un numéro de compte bancaire : ici, il ne sert jamais. Retirez-le, le reste sera enregistré."
)
_PHRASE_SANTE = "Cette note semble parler de santé. Gardez ce que la personne peut faire, pas la maladie ni le traitement."


def reperer(texte: str) -> tuple[Signalement, ...]:
    """What a text seems to hold that has no place here; nothing for an ordinary note."""
    trouves: list[Signalement] = []
    nirs = [_cle_nir_juste(trouve) for trouve in _NIR.finditer(texte)]
    if nirs:
        trouves.append(Signalement(GenreSensible.NIR, _PHRASE_NIR, any(nirs)))
    if any(_iban_juste(trouve[1]) for trouve in _IBAN.finditer(texte)):
        trouves.append(Signalement(GenreSensible.IBAN, _PHRASE_IBAN, certain=True))
    if _SANTE.search(_PAS_SANTE.sub(" ", normaliser_nom(texte))):
        trouves.append(Signalement(GenreSensible.SANTE, _PHRASE_SANTE))
    return tuple(trouves)


def _cle_nir_juste(trouve: re.Match[str]) -> bool:
    if trouve[7] is None:
        return False
    corps = "".join(trouve.group(1, 2, 3, 4, 5, 6)).upper()
    # Corsica: 2A counts as 19 and 2B as 18.
    numero = int(corps.replace("2A", "19").replace("2B", "18"))
    return int(trouve[7]) == 97 - numero % 97


def _iban_juste(candidat: str) -> bool:
    signes = re.sub(r"[\s.\-]", "", candidat).upper()
    longueur = _LONGUEURS_IBAN.get(signes[:2], 0)
    if not longueur or len(signes) < longueur:
        return False
    # What follows the account number in the sentence was swallowed with it.
    signes = signes[:longueur]
    return int("".join(str(int(signe, 36)) for signe in signes[4:] + signes[:4])) % 97 == 1
