"""Drivers at the door: registered by a partner, found by an adviser, named only once they say yes."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.covoiturage import DemandeCovoiturage, StatutCovoiturage, TrajetInscrit
from mobilite.journal import LigneJournal
from mobilite.personnes import BesoinExprime, Depart, Personne
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import une_personne, une_structure
from web.app import Application
from web.transaction import lecture, transaction

LUNDI = datetime(2026, 3, 9, 9, tzinfo=PARIS)
OUVRES = ["lun", "mar", "mer", "jeu", "ven"]
TRAJET = {
    "conducteur": "Gaston Discretot",
    "telephone": "06 39 98 77 01",
    "depart": "Étain",
    "arrivee": "Verdun",
    "jours": OUVRES,
    "heure": "07:20",
    "retour": "17:10",
    "souplesse": "15",
    "places": "1",
    "animal": "non",
}


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LUNDI, tick=True):
        yield


@dataclass
class Guichet:
    """A structure with a driver, another one, an adviser, and Zélie of Étain who works in Verdun."""

    app: Application
    structure: FlaskClient
    autre: FlaskClient
    claire: FlaskClient
    departement: FlaskClient
    zelie: Personne
    besoin: UUID

    def lire(self, quoi: Callable[[Session], Any]) -> Any:
        with self.app.app_context(), lecture() as session:
            return quoi(session)

    def trajets(self) -> list[TrajetInscrit]:
        ordre = select(TrajetInscrit).order_by(TrajetInscrit.id)
        return list(self.lire(lambda session: session.scalars(ordre).all()))

    def demande(self) -> DemandeCovoiturage:
        ordre = select(DemandeCovoiturage).order_by(DemandeCovoiturage.id.desc())
        return self.lire(lambda session: session.scalars(ordre).first())  # type: ignore[no-any-return]

    def inscrire(self, **change: Any) -> TestResponse:
        client: FlaskClient = change.pop("client", self.structure)
        page = client.get("/partenaire/trajets/nouveau").text
        champs = TRAJET | {"csrf_token": valeur_de(page), "cle": valeur_de(page, "cle")} | change
        return client.post("/partenaire/trajets/nouveau", data=MultiDict(champs))

    def conducteurs(self) -> str:
        return f"/conseiller/dossiers/{self.zelie.uuid}/conducteurs"

    def demander(self) -> TestResponse:
        page = self.claire.get(self.conducteurs()).text
        champs = {"csrf_token": valeur_de(page), "cle": valeur_de(page, "cle"), "besoin": str(self.besoin)}
        return self.claire.post(self.conducteurs(), data=champs | {"trajet": str(self.trajets()[0].uuid)})

    def repondre(self, suite: str, client: FlaskClient | None = None, **champs: str) -> TestResponse:
        client = client or self.structure
        jeton = valeur_de(client.get("/partenaire/trajets/nouveau").text)
        adresse = f"/partenaire/covoiturages/{self.demande().uuid}/{suite}"
        return client.post(adresse, data={"csrf_token": jeton, "par": "Mme Accord"} | champs)

    def faits(self) -> list[str]:
        ordre = select(LigneJournal.quoi).order_by(LigneJournal.id)
        return [
            q
            for q in self.lire(lambda session: session.scalars(ordre).all())
            if "ovoit" in q or "Trajet" in q
        ]


def texte(client: FlaskClient, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200, (adresse, reponse.status_code)
    return html.unescape(reponse.text)


def sans_balises(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def guichet(app: Application) -> Guichet:
    with app.app_context(), transaction() as session:
        une, deux = une_structure(nom="Voisins d'essai", telephone="03 53 01 77 00"), une_structure()
        besoin = BesoinExprime(
            destination="55545",
            passages={"cycle": [{"jours": OUVRES, "arrivee": "08:00", "retour": "17:00"}]},
        )
        zelie = une_personne(
            prenom="Zélie",
            telephone="+33639987702",
            departs=[Depart(insee="55181")],
            rattachement="55181",
            besoins=[besoin],
        )
        session.add_all([une, deux, zelie])
        session.flush()
        une_qui, autre_qui, claire, departement = (
            compte_de(session, role, structure_id=structure.id).jeton_session
            for role, structure in (
                (RoleActeur.PARTENAIRE, une),
                (RoleActeur.PARTENAIRE, deux),
                (RoleActeur.CONSEILLER, une),
                (RoleActeur.DEPARTEMENT, une),
            )
        )
    return Guichet(
        app,
        client_de(app, une_qui),
        client_de(app, autre_qui),
        client_de(app, claire),
        client_de(app, departement),
        zelie,
        besoin.uuid,
    )


def test_a_trip_is_registered_once_copied_withdrawn_and_nobody_else_opens_it(guichet: Guichet) -> None:
    page = guichet.structure.get("/partenaire/trajets/nouveau").text
    meme = {"cle": valeur_de(page, "cle")}
    assert guichet.inscrire(**meme).status_code == 303
    assert guichet.inscrire(**meme).status_code == 303
    (trajet,) = guichet.trajets()
    assert (trajet.depart, trajet.arrivee, trajet.heure, trajet.heure_retour) == ("55181", "55545", 440, 1030)
    assert (trajet.telephone, trajet.a_bord) == ("+33639987701", {"animal": False})
    copie = texte(guichet.structure, f"/partenaire/trajets/nouveau?copie={trajet.uuid}")
    assert 'value="Gaston Discretot"' in copie and 'value="07:20"' in copie
    for adresse in (f"/partenaire/trajets/{trajet.uuid}", f"/partenaire/trajets/nouveau?copie={trajet.uuid}"):
        assert guichet.autre.get(adresse).status_code == 404
    jeton = valeur_de(guichet.structure.get("/partenaire/trajets/nouveau").text)
    guichet.structure.post(f"/partenaire/trajets/{trajet.uuid}/retirer", data={"csrf_token": jeton})
    assert "Pas de trajet de conducteur" in texte(guichet.claire, guichet.conducteurs())
    assert guichet.faits() == ["TrajetConducteurEnregistre", "TrajetConducteurRetire"]


def test_what_does_not_fit_is_said_field_by_field_and_nothing_typed_is_lost(guichet: Guichet) -> None:
    refus = guichet.inscrire(arrivee="Étain", jours=[], heure="", places="40")
    page = html.unescape(refus.text)
    assert refus.status_code == 422
    assert 'id="erreur-heure"' in page and 'id="erreur-places"' in page
    assert 'value="Gaston Discretot"' in page and 'value="40"' in page
    assert guichet.trajets() == []
    assert "au moins un jour" in html.unescape(guichet.inscrire(jours=[]).text)


def test_a_file_is_taken_whole_or_each_wrong_line_is_named(guichet: Guichet) -> None:
    def importer(contenu: str) -> TestResponse:
        jeton = valeur_de(guichet.structure.get("/partenaire/trajets").text)
        fichier = (io.BytesIO(contenu.encode()), "trajets.csv")
        return guichet.structure.post(
            "/partenaire/trajets/importer", data={"csrf_token": jeton, "fichier": fichier}
        )

    entete = "conducteur;depart;arrivee;jours;heure;retour;places\n"
    bon = "Ana;Étain;Verdun;lun-ven;7:20;17h10;3\n"
    refus = importer(
        entete
        + bon
        + "Bob;Étain;Verdun;lun;25:00;;\n;Étain;Verdun;lun;7:00;;\nCid;Nulleville;Verdun;lun;7:00;;\n"
    )
    page = html.unescape(refus.text)
    assert refus.status_code == 422 and guichet.trajets() == []
    for dit in ("Ligne 3. « heure »", "Ligne 4. « conducteur »", "Ligne 5. « depart »"):
        assert dit in page, dit
    assert importer(entete + bon).status_code == 303
    (trajet,) = guichet.trajets()
    assert (trajet.jours, trajet.heure, trajet.heure_retour, trajet.places) == (OUVRES, 440, 1030, 3)


def test_needs_come_before_the_answer_names_and_telephones_after(guichet: Guichet) -> None:
    guichet.inscrire()
    avant = texte(guichet.claire, guichet.conducteurs())
    assert "Étain → Verdun, lundi à vendredi" in avant and "Voisins d'essai" in avant
    assert "Gaston" not in avant and "77 01" not in avant
    assert guichet.demander().status_code == 303
    page = sans_balises(texte(guichet.structure, "/partenaire/trajets"))
    assert "Aller, lundi à vendredi, pour 8 h : Étain → Verdun" in page.replace("\u00a0", " ")
    assert "Zélie" not in page and "77 02" not in page.replace("\u00a0", " ")
    assert "Une personne avec" not in texte(guichet.autre, "/partenaire/trajets")
    assert guichet.repondre("accepter", client=guichet.autre).status_code == 404
    assert guichet.repondre("accepter").status_code == 303
    assert guichet.repondre("refuser", motif="Trop tard").status_code == 409
    apres = texte(guichet.claire, guichet.conducteurs()).replace("\u00a0", " ")
    assert "Gaston Discretot" in apres and "06 39 98 77 01" in apres
    page = texte(guichet.structure, "/partenaire/trajets").replace("\u00a0", " ")
    assert "Zélie avec Gaston" in page and "06 39 98 77 02" in page
    assert guichet.faits() == ["TrajetConducteurEnregistre", "CovoiturageDemande", "CovoiturageAccepte"]


def test_a_seat_that_is_promised_is_offered_to_nobody_else_until_it_is_given_back(guichet: Guichet) -> None:
    guichet.inscrire()
    guichet.demander()
    guichet.repondre("accepter")
    with guichet.app.app_context(), transaction() as session:
        besoin = BesoinExprime(
            destination="55545", passages={"cycle": [{"jours": OUVRES, "arrivee": "08:00"}]}
        )
        voisine = une_personne(departs=[Depart(insee="55181")], besoins=[besoin])
        session.add(voisine)
        session.flush()
    la_sienne = f"/conseiller/dossiers/{voisine.uuid}/conducteurs"
    assert "0 place libre" in texte(guichet.claire, la_sienne)
    assert "0 place libre" not in texte(guichet.claire, guichet.conducteurs())
    jeton = valeur_de(guichet.claire.get(guichet.conducteurs()).text)
    adresse = f"/conseiller/dossiers/{guichet.zelie.uuid}/covoiturages/{guichet.demande().uuid}/annuler"
    assert guichet.claire.post(adresse, data={"csrf_token": jeton}).status_code == 303
    assert "0 place" not in texte(guichet.claire, la_sienne)
    assert guichet.demande().statut is StatutCovoiturage.ANNULEE


def test_a_refusal_has_a_reason_that_the_adviser_reads(guichet: Guichet) -> None:
    guichet.inscrire()
    guichet.demander()
    assert guichet.repondre("refuser").status_code == 422
    assert guichet.repondre("refuser", motif="Sa voiture est en panne.").status_code == 303
    page = texte(guichet.claire, guichet.conducteurs()).replace("\u00a0", " ")
    assert "« Sa voiture est en panne. »" in page and "Gaston" not in page


def test_the_place_of_a_discreet_person_never_leaves_the_guichet(guichet: Guichet) -> None:
    guichet.inscrire()
    with guichet.app.app_context(), transaction() as session:
        zelie = session.get_one(Personne, guichet.zelie.id)
        zelie.conseiller_id, zelie.contact_discret = 999_999, True
    page = guichet.claire.get("/conseiller/dossiers/nouveau").text
    champs = {"csrf_token": valeur_de(page), "cle": "c" * 20, "besoin": str(guichet.besoin)}
    reponse = guichet.claire.post(
        guichet.conducteurs(), data=champs | {"trajet": str(guichet.trajets()[0].uuid)}
    )
    assert reponse.status_code in (404, 409)
    assert guichet.demande() is None
    brouillon = sans_balises(texte(guichet.departement, "/pilotage/apparier"))
    assert "1 dossier au contact discret" in brouillon


def test_the_draft_speaks_in_codes_says_its_objective_and_does_nothing(guichet: Guichet) -> None:
    guichet.inscrire()
    guichet.inscrire(client=guichet.autre, conducteur="Autre Conductrice", jours=["sam"])
    code = str(guichet.besoin).replace("-", "")[:6].upper()
    for client, adresse in (
        (guichet.departement, "/pilotage/apparier?objectif=personnes"),
        (guichet.structure, "/partenaire/apparier?objectif=minutes"),
    ):
        page = sans_balises(texte(client, adresse))
        assert code in page and "rien n’est fait" in page and "Personne ne peut faire mieux" in page
        for secret in ("Zélie", "Gaston", "Conductrice", "7702"):
            assert secret not in page
    assert "1 sur 1" in sans_balises(texte(guichet.departement, "/pilotage/apparier"))
    assert "0 sur 1" in sans_balises(texte(guichet.autre, "/partenaire/apparier"))
    assert "0 sur 1" in sans_balises(texte(guichet.departement, "/pilotage/apparier?surs=oui"))
    assert code in texte(guichet.claire, guichet.conducteurs())
    assert guichet.demande() is None
