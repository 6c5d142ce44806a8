"""The whole story page by page, on SQLite and on PostgreSQL: what one stores, the other stores too."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from mobilite.acteur import RoleActeur
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import Action, StatutAction
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import CLE, Entrer, client_de, compte_de, valeur_de
from tests.fabriques import un_vehicule, une_offre, une_personne
from tests.integration.bureau import Bureau
from web.app import Application
from web.config import Config, Mode
from web.transaction import bd, lecture, transaction


@pytest.fixture
def config(moteur: Engine) -> Config:
    """A demonstration on each kind of database."""
    return Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=moteur.url)


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


@pytest.fixture
def offre(app: Application) -> Offre:
    """A car that anybody with a licence may ask for."""
    fiche = {"prix": {"jour": 4}, "vehicule": {"categorie": "voiture"}, "permanent": True}
    with app.app_context(), transaction() as session:
        louee = une_offre(code="voiture-de-verdun", nom="Voiture de Verdun", fiche=fiche)
        session.add_all([louee, un_vehicule(louee, libelle="Clio grise")])
    return louee


def compte(app: Application, role: RoleActeur, **de_qui: int) -> FlaskClient:
    with app.app_context(), transaction() as session:
        jeton = compte_de(session, role, **de_qui).jeton_session
    return client_de(app, jeton)


def test_a_dossier_goes_from_the_first_name_to_a_confirmed_vehicle(
    app: Application, bureau: Bureau, offre: Offre
) -> None:
    dossier = bureau.ouvrir(prenom="Nour", **{"depart-0": "Étain", "telephone": "06 39 98 12 34"})
    bureau.envoyer(f"{dossier}/moyens", annee_naissance="1992", permis="B", etat="valide", obtenu="2015")
    besoin = {"destination": "Verdun", "motif": "emploi", "quand": "semaine", "semaine-0": "1"}
    heures = {"jours-0": ["lun", "mar"], "arrivee-0": "8 h", "retour-0": "17 h"}
    assert bureau.envoyer(f"{dossier}/besoins/nouveau", **(besoin | heures)).status_code == 303
    personne = bureau.personne(dossier)

    assert "Voiture de Verdun" in bureau.page(dossier)
    uuid = str(personne.besoins[0].uuid)
    garder = bureau.envoyer(f"{dossier}/propositions/{offre.code}", decision="garder", besoin=uuid)
    assert garder.status_code == 302
    reponse = bureau.client.post(
        f"{dossier}/diagnostic/reponses",
        json={"diagnostic": None, "code": "D3_caution", "valeurs": ["150"], "vu": None},
        headers={"X-CSRFToken": valeur_de(bureau.page("/conseiller/")), "Accept": "application/json"},
    )
    assert reponse.status_code == 200, reponse.text
    assert bureau.personne(dossier).reponses() == {"D3_caution": "150"}

    elle = compte(app, RoleActeur.PERSONNE, personne_id=personne.id)
    formulaire = elle.get(f"/mes-deplacements/vehicule/{offre.uuid}").text
    demande = elle.post(
        f"/mes-deplacements/vehicule/{offre.uuid}",
        data={
            "csrf_token": valeur_de(formulaire),
            "cle": valeur_de(formulaire, "cle"),
            "debut": re.findall(r'<option value="([^"]+)"', formulaire)[0],
            "jours": "3",
        },
    )
    assert demande.status_code == 303, html.unescape(demande.text)

    partenaire = compte(app, RoleActeur.PARTENAIRE, structure_id=offre.structure_id)
    page = partenaire.get("/partenaire/").text
    assert "Nour" in page
    with app.app_context(), lecture() as session:
        reservation = session.scalars(select(Reservation)).one()
    papiers = {"place_confirmee_par": "Paul", "papiers_vus": "oui", "papiers_vus_le": "2026-01-15"}
    adresse = f"/partenaire/demande/{reservation.uuid}"
    jeton = valeur_de(partenaire.get(adresse).text)
    assert partenaire.post(f"{adresse}/confirmer", data={"csrf_token": jeton} | papiers).status_code == 303

    assert "<strong>Confirmé</strong> par Paul" in elle.get("/mes-deplacements/").text
    with app.app_context(), lecture() as session:
        assert session.scalars(select(Reservation.statut)).one() is StatutReservation.CONFIRMEE
        assert session.scalars(select(Action.statut)).one() is StatutAction.GARDEE
    faits = [fait for fait in bureau.faits() if fait != "DossierConsulte"]
    assert faits == [
        "DossierOuvert",
        "DossierModifie",
        "BesoinNote",
        "ActionGardee",
        "DiagnosticCommence",
        "ReponseNotee",
        "ReservationDemandee",
        "ReservationConfirmee",
    ]


@pytest.mark.parametrize("adresse", ["/pilotage/catalogue/a%00b", "/pilotage/catalogue?texte=a%00b"])
def test_a_sign_that_no_database_can_hold_is_bad_input_not_a_failure(
    entrer: Entrer, offre: Offre, adresse: str
) -> None:
    assert entrer(RoleActeur.CONSEILLER).get(adresse).status_code == 400


def test_a_name_to_sign_in_with_that_no_database_can_hold_is_bad_input(client: FlaskClient) -> None:
    jeton = valeur_de(client.get("/connexion").text)
    essai = client.post("/connexion", data={"csrf_token": jeton, "identifiant": "a\0b", "mot_de_passe": "x"})
    assert essai.status_code == 400


def test_a_page_asks_the_database_as_often_for_many_as_for_one(
    app: Application, bureau: Bureau, offre: Offre
) -> None:
    def compter(adresse: str) -> int:
        ordres: list[str] = []
        with app.app_context():
            moteur = bd.engine

        def noter(_c: object, _k: object, ordre: str, *_reste: object) -> None:
            if ordre.lstrip().upper().startswith("SELECT"):
                ordres.append(ordre)

        event.listen(moteur, "before_cursor_execute", noter)
        try:
            bureau.page(adresse)
        finally:
            event.remove(moteur, "before_cursor_execute", noter)
        return len(ordres)

    conseiller_id = _compte_de(app, bureau)
    uuid = _ajouter(app, conseiller_id, combien=1)
    adresses = ("/conseiller/", "/conseiller/dossiers", f"/conseiller/dossiers/{uuid}")
    avant = [compter(adresse) for adresse in adresses]
    _ajouter(app, conseiller_id, combien=8)
    with app.app_context(), transaction() as session:
        qui = session.scalars(select(Personne).where(Personne.uuid == uuid)).one()
        qui.besoins += [BesoinExprime(destination="55029", rang=rang) for rang in range(1, 6)]
        session.add_all([un_vehicule(louee) for louee in [une_offre() for _ in range(8)]])
    assert [compter(adresse) for adresse in adresses] == avant


def _compte_de(app: Application, bureau: Bureau) -> int:
    bureau.ouvrir()
    with app.app_context(), lecture() as session:
        return session.scalars(select(Personne.conseiller_id)).one() or 0


def _ajouter(app: Application, conseiller_id: int, combien: int) -> UUID:
    """Dossiers of one adviser, each with a place and a need."""
    with app.app_context(), transaction() as session:
        nouvelles = [
            une_personne(
                conseiller_id=conseiller_id,
                departs=[Depart(insee="55181")],
                besoins=[BesoinExprime(destination="55545")],
            )
            for _ in range(combien)
        ]
        session.add_all(nouvelles)
    return nouvelles[0].uuid
