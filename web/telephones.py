"""Telephone numbers as people write them, kept as E.164."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from mobilite.erreurs import DonneeRefusee

_EXEMPLE = "comme 06 39 98 12 34"
_PHRASES = {
    ValidationResult.TOO_SHORT: f"Il manque des chiffres : un numéro français en a 10, {_EXEMPLE}.",
    ValidationResult.TOO_LONG: f"Il y a trop de chiffres : un numéro français en a 10, {_EXEMPLE}.",
}
_AUTREMENT = (
    f"Ce n'est pas un numéro de téléphone. Écrivez-le {_EXEMPLE}, ou avec l'indicatif du pays : +352…"
)


def lire_telephone(texte: str, champ: str = "telephone") -> str:
    """The number as E.164 (``+33639981234``), French unless it begins with a country code.

    Raises ``DonneeRefusee`` naming ``champ``. Lengths are checked, not ranges: numbers reserved for
    fiction, or opened last month, are numbers.
    """
    # The library also reads letters (« 0800 FLOWERS »), which here are a name typed in the wrong field.
    if len(texte) > 30 or any(signe.isalpha() for signe in texte):
        raise DonneeRefusee(champ, _AUTREMENT)
    try:
        numero = phonenumbers.parse(texte, "FR")
    except NumberParseException:
        raise DonneeRefusee(champ, _AUTREMENT) from None
    longueur = phonenumbers.is_possible_number_with_reason(numero)
    if longueur != ValidationResult.IS_POSSIBLE:
        raise DonneeRefusee(champ, _PHRASES.get(longueur, _AUTREMENT))
    return phonenumbers.format_number(numero, PhoneNumberFormat.E164)
