"""Two people ask the real server for the same vehicle, for the same days, at the same moment."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.cookiejar import CookieJar
from threading import Barrier
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.e2e.serveur import Serveur
from web.comptes import COMPTES_DEMONSTRATION

UNE_SEULE = "Voiture automatique à Verdun"
"""An offer of the demonstration with one vehicle."""


class Visite:
    """A browser session without a browser: cookies are kept, and forms sent with the token of their page."""

    def __init__(self, adresse: str) -> None:
        self._adresse = adresse
        self._ouvrir = build_opener(HTTPCookieProcessor(CookieJar())).open
        self.chemin, self.statut, self.page = "", 0, ""

    def aller(self, chemin: str, formulaire: dict[str, str] | None = None) -> str:
        """Open a page, or send a form; after the redirections, returns what is shown."""
        champs = None
        if formulaire is not None:
            champs = urlencode({"csrf_token": self.champ("csrf_token")} | formulaire).encode()
        try:
            reponse = self._ouvrir(Request(self._adresse + chemin, champs), timeout=30)
        except HTTPError as refus:
            reponse = refus
        with reponse:
            self.statut = reponse.status
            self.chemin = reponse.url.removeprefix(self._adresse)
            self.page = unescape(reponse.read().decode())
        return self.page

    def champ(self, nom: str) -> str:
        """The value a hidden field of the page holds."""
        trouve = re.search(rf'name="{nom}" value="([^"]+)"', self.page)
        assert trouve is not None, f"no field {nom} on {self.chemin}"
        return trouve[1]


def test_two_people_at_once_one_has_the_vehicle_the_other_learns_what_is_free(serveur: Serveur) -> None:
    visites = [_visite_avec_carte(serveur, code) for code in _deux_cartes(serveur)]
    depart = Barrier(2)

    def demander(visite: Visite) -> tuple[int, str]:
        page = visite.aller("/mes-deplacements/vehicule")
        choix = re.search(rf'href="(/mes-deplacements/vehicule/[^"]+)">[^/]*{re.escape(UNE_SEULE)}', page)
        assert choix is not None
        page = visite.aller(choix[1])
        jours = re.findall(r'<option value="(\d{4}-\d\d-\d\d)"', page)
        demande = {"cle": visite.champ("cle"), "debut": jours[0], "jours": "3"}
        depart.wait(timeout=30)
        page = visite.aller(choix[1], demande)
        return visite.statut, page

    with ThreadPoolExecutor(2) as fils:
        (oui, servie), (non, autre) = sorted(fils.map(demander, visites))
    assert (oui, non) == (200, 409)
    assert "Demande envoyée" in servie
    assert "Ce n’est pas libre" in autre
    assert "Voici ce qui est libre" in autre
    assert "aux mêmes dates" in autre


def _deux_cartes(serveur: Serveur) -> list[str]:
    """The codes of two people of whom only a first name and a commune are known: that refuses them nothing."""
    conseillere = Visite(serveur.adresse)
    compte = COMPTES_DEMONSTRATION["claire@demonstration.invalid"]
    conseillere.aller("/connexion")
    conseillere.aller("/connexion", {"identifiant": compte.identifiant, "mot_de_passe": compte.secret})
    codes = []
    for prenom in ("Alix", "Bérénice"):
        conseillere.aller("/conseiller/dossiers/nouveau")
        conseillere.aller("/conseiller/dossiers/nouveau", {"prenom": prenom, "depart-0": "verdun"})
        carte = f"{conseillere.chemin}/carte"
        conseillere.aller(carte)
        conseillere.aller(carte, {})
        codes.append(conseillere.champ("code"))
    return codes


def _visite_avec_carte(serveur: Serveur, code: str) -> Visite:
    visite = Visite(serveur.adresse)
    visite.aller("/ma-carte")
    visite.aller("/ma-carte", {"code": code})
    return visite
