"""The key of a form: drawn once with the page, so that a form sent twice does its work once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from mobilite.erreurs import DonneeRefusee


def nouvelle_cle() -> str:
    """A key for a page about to be shown: 22 characters that nobody guesses."""
    return secrets.token_urlsafe(16)


def lire_cle(formulaire: Mapping[str, str]) -> str:
    """The key that came back with a form. Raises ``DonneeRefusee`` for one that no page of ours gave."""
    cle = formulaire.get("cle", "").strip()
    if not 16 <= len(cle) <= 64:
        raise DonneeRefusee("", "La page n’est plus à jour. Recommencez.")
    return cle
