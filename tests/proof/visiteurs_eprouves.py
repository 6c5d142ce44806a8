"""People who send real forms to a server under proof: one page read, its token kept, then as many posts as wanted.

Only the sign-in is shortened: each session cookie is signed here, with the server's key, as the server
would after a card (a card costs 64 MB and a tenth of a second on purpose).
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from tests.proof.serveur_eprouve import CLE

PATIENCE_S = 60


@dataclass(slots=True)
class Reponse:
    """What came back: the status, where it leads to, the page, and how long it took."""

    statut: int
    vers: str
    page: str
    secondes: float


@dataclass(slots=True)
class Visiteur:
    """Somebody signed in, on the server of ``port``; ``cookie`` follows what the server sets.

    ``demandes`` are the pages of the requests she was granted and has not given up.
    """

    port: int
    cookie: str
    jetons: dict[str, str] = field(default_factory=dict)
    demandes: list[str] = field(default_factory=list)

    def lire(self, chemin: str) -> Reponse:
        """Open a page, and remember its hidden fields."""
        reponse = self._demander("GET", chemin, None)
        champs = re.findall(r'name="(\w+)" value="([^"]+)"', reponse.page)
        self.jetons.update({nom: unescape(valeur) for nom, valeur in champs if nom == "csrf_token"})
        return reponse

    def envoyer(self, chemin: str, champs: dict[str, str]) -> Reponse:
        """Send a form with the token of the last page read."""
        return self._demander("POST", chemin, urlencode(self.jetons | champs))

    def _demander(self, methode: str, chemin: str, corps: str | None) -> Reponse:
        entetes = {"Cookie": f"mobilite={self.cookie}", "Connection": "close"}
        if corps is not None:
            entetes |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        debut = time.perf_counter()
        connexion = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connexion.request(methode, chemin, corps, entetes)
            with connexion.getresponse() as recue:
                page = recue.read().decode()
        finally:
            connexion.close()
        poses = SimpleCookie(recue.getheader("Set-Cookie", ""))
        if "mobilite" in poses:
            self.cookie = poses["mobilite"].value
        return Reponse(recue.status, recue.getheader("Location", ""), page, time.perf_counter() - debut)


def cookie_de(jeton_session: str) -> str:
    """The cookie of somebody whose account has this ``jeton_session``."""
    signataire = Flask(__name__)
    signataire.secret_key = CLE
    serieur = SecureCookieSessionInterface().get_signing_serializer(signataire)
    assert serieur is not None
    cookie = serieur.dumps({"_user_id": jeton_session, "ouverte": int(time.time())})
    assert isinstance(cookie, str)
    return cookie


def une_cle() -> str:
    """The key a form draws, so that sending it twice books once."""
    return uuid4().hex
