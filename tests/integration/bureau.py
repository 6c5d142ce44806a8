"""The desk as the tests of its pages use it: two advisers signed in, forms sent as a browser sends them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.test import TestResponse

from mobilite.journal import LigneJournal
from mobilite.personnes import Personne
from web.app import Application
from web.transaction import bd, transaction


@dataclass
class Bureau:
    """One adviser at her desk."""

    app: Application
    client: FlaskClient

    def page(self, adresse: str) -> str:
        """The text of a page that must open, without HTML escapes."""
        reponse = self.client.get(adresse)
        assert reponse.status_code == 200, (adresse, reponse.status_code, reponse.location)
        return html.unescape(reponse.text)

    def envoyer(self, adresse: str, **champs: Any) -> TestResponse:
        """Send a form, with the token any page gives."""
        trouve = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/conseiller/").text)
        assert trouve is not None
        return self.client.post(adresse, data={"csrf_token": trouve[1]} | champs)

    def ouvrir(self, **champs: Any) -> str:
        """Open a dossier; the address of its page."""
        reponse = self.envoyer("/conseiller/dossiers/nouveau", **({"prenom": "Nour"} | champs))
        assert reponse.status_code == 303, html.unescape(reponse.text)
        return str(reponse.location)

    def personne(self, adresse: str) -> Personne:
        """The dossier as it is stored."""
        with self.app.app_context(), bd.session as session:
            return session.scalars(
                select(Personne)
                .options(selectinload(Personne.diagnostics))
                .where(Personne.uuid == UUID(adresse.split("/")[3]))
            ).one()

    def combien(self) -> int:
        """How many dossiers there are."""
        with self.app.app_context(), bd.session as session:
            return len(session.scalars(select(Personne.id)).all())

    def faits(self) -> list[str]:
        """What the journal tells, in order."""
        with self.app.app_context(), bd.session as session:
            return list(session.scalars(select(LigneJournal.quoi).order_by(LigneJournal.id)))

    def ajouter(self, personne: Personne) -> str:
        """Store a dossier as it is; the address of its page."""
        with self.app.app_context(), transaction() as session:
            _ajouter(session, personne)
        return f"/conseiller/dossiers/{personne.uuid}"


def _ajouter(session: Session, personne: Personne) -> None:
    session.add(personne)
    session.flush()


def champs_de(page: str, formulaire: str) -> dict[str, Any]:
    """What a browser would send of a form just opened: {name: value or list of values}."""
    debut = page.index(f'id="{formulaire}"')
    corps = page[debut : page.index("</form>", debut)]
    champs: dict[str, Any] = {}
    for balise in re.findall(r"<(?:input|select|textarea)\b[^>]*>", corps):
        nom = re.search(r'\bname="([^"]+)"', balise)
        if nom is None or nom[1] == "csrf_token":
            continue
        valeur = (re.search(r'\bvalue="([^"]*)"', balise) or ["", ""])[1]
        if balise.startswith("<select"):
            suite = corps[corps.index(balise) : corps.index("</select>", corps.index(balise))]
            choisie = re.search(r'<option value="([^"]*)" selected', suite)
            champs[nom[1]] = choisie[1] if choisie else ""
        elif 'type="checkbox"' in balise:
            if " checked" in balise:
                champs.setdefault(nom[1], []).append(valeur)
        elif 'type="radio"' not in balise or " checked" in balise:
            champs[nom[1]] = valeur
    return champs
