"""The way out of the house: an address of the configuration, through apprise, and nothing else."""

from __future__ import annotations

import importlib
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from mobilite.notification import Canal
from web.config import PLACE_DE_LA_DESTINATION, Envois

if TYPE_CHECKING:
    import apprise


class Expediteur(Protocol):
    """Sends one message; whether it was taken. May raise: it then was not."""

    def __call__(self, destinations: Sequence[str], titre: str, texte: str) -> bool:
        """Send to these numbers or addresses."""


class AdresseInconnue(ValueError):
    """apprise does not know the kind of address that the variable ``cle`` gives."""

    def __init__(self, cle: str) -> None:
        super().__init__(cle)
        self.cle = cle


class ParApprise:
    """One service known to apprise. Its own log is silenced: it quotes numbers and keys.

    Raises ``AdresseInconnue``.
    """

    def __init__(self, cle: str, adresse: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its plugins, all loaded at once, import what is deprecated
            # A second of loading: only for the process that sends.
            self._apprise = importlib.import_module("apprise")
            logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
            self._adresse = adresse
            if self._vers(["+33639980000"]) is None:
                raise AdresseInconnue(cle)

    def _vers(self, destinations: Sequence[str]) -> apprise.Apprise | None:
        sortie = self._apprise.Apprise()
        vers = quote(",".join(destinations), safe="")
        return sortie if sortie.add(self._adresse.replace(PLACE_DE_LA_DESTINATION, vers)) else None

    def __call__(self, destinations: Sequence[str], titre: str, texte: str) -> bool:
        """Send to these numbers or addresses."""
        sortie = self._vers(destinations)
        return sortie is not None and bool(sortie.notify(body=texte, title=titre, body_format="text"))


def expediteurs(envois: Envois) -> Mapping[Canal, Expediteur]:
    """The ways out that are set. Raises ``AdresseInconnue``."""
    reglees = {
        Canal.SMS: ("MOBILITE_SMS_URL", envois.sms),
        Canal.COURRIEL: ("MOBILITE_COURRIEL_URL", envois.courriel),
    }
    return {canal: ParApprise(cle, adresse) for canal, (cle, adresse) in reglees.items() if adresse}
