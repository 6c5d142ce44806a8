"""Solidarity transport as the tests walk through it: an association, its volunteer, an adviser, and Odette who must go."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from mobilite.acteur import Acteur, RoleActeur
from mobilite.benevole import Benevole
from mobilite.candidate import Genre
from mobilite.course_solidaire import CourseSolidaire
from mobilite.demande_transport import DemandeDeTransport
from mobilite.diagnostic import Diagnostic
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.structure import Structure
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import un_benevole, une_offre, une_personne, une_structure
from web.app import Application
from web.transaction import lecture, transaction

MARDI = date(2026, 11, 24)


@dataclass
class Entraide:
    """An association with Paul who drives; Claire the adviser; Odette, who must be in Verdun on Tuesday at ten."""

    app: Application
    association: FlaskClient
    claire: FlaskClient
    odette_chez_elle: FlaskClient
    structure: Structure
    odette: Personne
    paul: Benevole
    besoin: UUID
    jeton: str

    def formulaire(self) -> str:
        return f"/conseiller/dossiers/{self.odette.uuid}/transport/ts-essai"

    def demander(self, **change: Any) -> TestResponse:
        page = self.claire.get(f"{self.formulaire()}?besoin={self.besoin}").text
        champs = champs_de(page) | {"lieu_depart": "3 rue des Lilas"} | change
        return self.claire.post(self.formulaire(), data=MultiDict(champs))

    def demande(self) -> DemandeDeTransport:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(DemandeDeTransport).order_by(DemandeDeTransport.id.desc())).first()  # type: ignore[return-value]

    def course(self) -> CourseSolidaire:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(CourseSolidaire).order_by(CourseSolidaire.id.desc())).first()  # type: ignore[return-value]

    def poster(self, adresse: str, champs: Any = (), client: FlaskClient | None = None) -> TestResponse:
        client = client or self.association
        donnees = MultiDict(champs)
        donnees["csrf_token"] = valeur_de(client.get("/partenaire/benevoles/nouveau").text)
        return client.post(adresse, data=donnees)

    def proposer(self, reponse: str = "", **change: Any) -> TestResponse:
        champs = {"benevole": str(self.paul.uuid), "sens": "aller_retour", "reponse": reponse} | change
        return self.poster(f"/partenaire/transports/{self.demande().uuid}/proposer", champs)

    def repondre(self, suite: str, **champs: Any) -> TestResponse:
        return self.poster(f"/partenaire/courses/{self.course().uuid}/{suite}", champs)


def champs_de(page: str) -> dict[str, str]:
    """What a browser would send of the adviser's form as it came."""
    corps = page[page.index('id="formulaire-transport"') :]
    corps = corps[: corps.index("</form>")]
    champs = {}
    for balise in re.findall(r"<input[^>]*>", corps):
        nom, valeur = re.search(r'name="([^"]+)"', balise), re.search(r'value="([^"]*)"', balise)
        a_cocher = 'type="radio"' in balise or 'type="checkbox"' in balise
        if nom and not (a_cocher and " checked" not in balise):
            champs[nom[1]] = html.unescape(valeur[1]) if valeur else ""
    for nom_liste, contenu in re.findall(
        r'<select id="[^"]*" name="([^"]+)".*?>(.*?)</select>', corps, re.DOTALL
    ):
        choisie = re.search(r'value="([^"]*)" selected', contenu)
        champs[nom_liste] = choisie[1] if choisie else ""
    return champs


def vu(reponse: TestResponse) -> str:
    """What is read on a page, tags apart."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reponse.text)).split())


def une_entraide(app: Application) -> Entraide:
    """Everybody signed in, nothing asked yet."""
    with app.app_context(), transaction() as session:
        structure = une_structure(nom="Entraide d'essai")
        offre = une_offre(
            code="ts-essai", nom="Bénévoles d'essai", genre=Genre.TRANSPORT_SOLIDAIRE, structure=structure
        )
        odette = une_personne(
            prenom="Odette",
            nom="Lallemand",
            telephone="+33639980110",
            rattachement="55181",
            departs=[Depart(insee="55181")],
            besoins=[
                BesoinExprime(
                    destination="55545",
                    passages={"dates": [MARDI.isoformat()], "arrivee": "10:00", "retour": "12:00"},
                    avec=["enfant"],
                )
            ],
        )
        paul = un_benevole(structure, prenom="Paul", telephone="+33639980201", commune="55181")
        session.add_all([offre, odette, paul])
        session.flush()
        session.add(un_diagnostic(odette))
        comptes = [
            compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id),
            compte_de(session, RoleActeur.CONSEILLER),
            compte_de(session, RoleActeur.PERSONNE, personne_id=odette.id),
        ]
    association, claire, chez_elle = (client_de(app, compte.jeton_session) for compte in comptes)
    return Entraide(
        app=app,
        association=association,
        claire=claire,
        odette_chez_elle=chez_elle,
        structure=structure,
        odette=odette,
        paul=paul,
        besoin=odette.besoins[0].uuid,
        jeton=comptes[0].jeton_session,
    )


def un_diagnostic(personne: Personne) -> Diagnostic:
    """She has the Complémentaire santé solidaire, that opens the transport; she walks, with somebody's help."""
    d = Diagnostic(personne=personne, questionnaire="1", commence_par=1)
    for code, valeur in (("D3_c2s", True), ("D4_accompagnement", True), ("D4_fauteuil", False)):
        d.repondre(code, valeur, Acteur(1, RoleActeur.CONSEILLER))
    return d
