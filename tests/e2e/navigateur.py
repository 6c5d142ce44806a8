"""The browser of these tests, and what every page it opens must keep: nothing leaves, nothing breaks."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

COMMANDES = ("chromium", "chromium-browser", "google-chrome")

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    # The browser's own services look for their hosts: no name is ever resolved.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)

_DIRE_LES_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (violation) => {
  console.error(`CSP : ${violation.violatedDirective} refuse ${violation.blockedURI}`);
});
"""
_REFUS = re.compile(r"status of 4\d\d ")
_COUPURE = re.compile(r"ERR_INTERNET_DISCONNECTED")

Ouvrir = Callable[..., Page]
"""``ouvrir(taille, **options)``: a page of its own browser session, watched until the test ends."""


@dataclass(frozen=True, slots=True)
class Taille:
    """A screen the pages are made for."""

    nom: str
    largeur: int
    hauteur: int
    tactile: bool = False


TELEPHONE = Taille("telephone", 360, 740, tactile=True)
ETROIT = Taille("etroit", 320, 640, tactile=True)
BUREAU = Taille("bureau", 1280, 900)
TAILLES = (TELEPHONE, BUREAU)


def trouver() -> str | None:
    """The path of a Chromium: the variable CHROMIUM, else what the machine has."""
    voulu = os.environ.get("CHROMIUM")
    return shutil.which(voulu) if voulu else next(filter(None, map(shutil.which, COMMANDES)), None)


def exiger() -> str:
    """The path of a Chromium; without one the test is skipped, and in continuous integration it fails."""
    chemin = trouver()
    if chemin is not None:
        return chemin
    absent = f"No browser: none of {', '.join(COMMANDES)} is here, and CHROMIUM does not name one."
    if os.environ.get("CI") == "true":
        pytest.fail(f"{absent} In continuous integration that is a failure.", pytrace=False)
    pytest.skip(absent)


@dataclass
class Surveillance:
    """What went wrong in a browser session: ``fautes`` must stay empty.

    ``refus_attendus``: the test sends forms that must be refused, and Chromium logs each answer 4xx.
    ``coupures_attendues``: the test cuts the connection, and Chromium logs each request that fails.
    """

    origine: str
    refus_attendus: bool = False
    coupures_attendues: bool = False
    fautes: list[str] = field(default_factory=list)

    def suivre(self, contexte: BrowserContext) -> None:
        """Listen to every page of the session, those opened later too."""
        contexte.add_init_script(_DIRE_LES_VIOLATIONS)
        contexte.on("request", self._requete)
        contexte.on("response", self._reponse)
        contexte.on("console", self._console)
        contexte.on("weberror", self._erreur)

    def _requete(self, requete: Request) -> None:
        adresse = urlsplit(requete.url)
        if adresse.scheme not in ("data", "blob") and f"{adresse.scheme}://{adresse.netloc}" != self.origine:
            self.fautes.append(f"left the origin: {requete.url}")

    def _reponse(self, reponse: Response) -> None:
        if reponse.status >= 500:
            self.fautes.append(f"{reponse.status}: {reponse.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or (self.refus_attendus and _REFUS.search(message.text)):
            return
        if self.coupures_attendues and _COUPURE.search(message.text):
            return
        self.fautes.append(f"console: {message.text}")

    def _erreur(self, erreur: WebError) -> None:
        self.fautes.append(f"script: {erreur.error}")
