"""« Le parc » as the partner works with it: one phone, greasy hands, and a spreadsheet at the end of the month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.entretien import Depense, LigneEntretien, ReleveKm
from mobilite.flotte import Vehicule
from mobilite.immobilisation import Immobilisation
from mobilite.journal import Evenement, LigneJournal
from mobilite.reservation import Reservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import (
    AVANT,
    CONSEILLERE,
    LUNDI,
    VUS,
    jours,
    un_vehicule,
    une_offre,
    une_personne,
    une_structure,
)
from web import reservations
from web.app import Application
from web.formats import jour
from web.parc import echeances_du_parc
from web.transaction import lecture, transaction


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(AVANT, tick=True):
        yield


@dataclass
class Garage:
    """A garage with two like cars, one of them booked; its partner, and somebody of another garage."""

    app: Application
    partenaire: FlaskClient
    voisin: FlaskClient
    clio: UUID
    autre: UUID

    def envoyer(self, adresse: str, page: str, **champs: str) -> TestResponse:
        """Send a form of a page, with its token and its key."""
        corps = self.partenaire.get(page).text
        caches = {"csrf_token": valeur_de(corps)}
        if 'name="cle"' in corps:
            caches["cle"] = valeur_de(corps, "cle")
        return self.partenaire.post(adresse, data=caches | champs)


@pytest.fixture
def garage(app: Application) -> Garage:
    with app.app_context(), transaction() as session:
        structure = une_structure(nom="=Garage du Parc")
        offre = une_offre(structure=structure, nom="Voitures", fiche={"vehicule": {"categorie": "voiture"}})
        clio, autre = un_vehicule(offre, libelle="Clio grise"), un_vehicule(offre, libelle="=1+1")
        session.add_all([clio, autre, voisine := une_structure()])
        session.flush()
        reservation = reservations.demander(
            session, acteur=CONSEILLERE, offre=offre, vehicule=clio, cle="une", le=AVANT, **jours()
        )
        reservations.confirmer(session, reservation, par=CONSEILLERE, le=AVANT, **VUS)
        comptes = [
            compte_de(session, RoleActeur.PARTENAIRE, structure_id=s.id).jeton_session
            for s in (structure, voisine)
        ]
        uuids = clio.uuid, autre.uuid
    return Garage(app, client_de(app, comptes[0]), client_de(app, comptes[1]), *uuids)


def test_a_breakdown_is_told_in_two_taps_and_the_page_says_who_has_another_vehicle(garage: Garage) -> None:
    parc = garage.partenaire.get("/partenaire/vehicules").text
    adresse = f"/partenaire/parc/{garage.clio}/panne"
    assert adresse in parc
    assert "Une réservation est sur ce véhicule" in garage.partenaire.get(adresse).text

    suite = garage.envoyer(adresse, adresse, motif="panne")

    assert suite.status_code == 303
    arret = garage.partenaire.get(suite.location).text
    assert "A maintenant <strong>=1+1</strong>" in arret
    assert "En panne, retour pas connu" in garage.partenaire.get("/partenaire/vehicules").text
    retour = re.search(r'action="([^"]+/retour)"', arret)
    assert retour is not None
    garage.envoyer(retour[1], suite.location)
    assert "En panne" not in garage.partenaire.get("/partenaire/vehicules").text


def test_a_stop_says_the_last_day_of_a_booking_not_the_morning_after(garage: Garage) -> None:
    minuit = LUNDI.astimezone(PARIS).replace(hour=0)
    with garage.app.app_context(), transaction() as session:
        reservation = session.scalars(select(Reservation)).one()
        reservation.debut, reservation.fin = minuit, minuit + timedelta(days=3)
        reservation.libre_le = reservation.fin
    adresse = f"/partenaire/parc/{garage.clio}/panne"
    arret = garage.partenaire.get(garage.envoyer(adresse, adresse, motif="panne").location).text
    assert f"Du {jour(minuit)} au {jour(minuit + timedelta(days=2))}" in arret


def test_without_another_vehicle_the_booking_is_shown_until_somebody_decides(garage: Garage) -> None:
    for uuid in (garage.autre, garage.clio):
        adresse = f"/partenaire/parc/{uuid}/panne"
        garage.envoyer(adresse, adresse, motif="accident")
    assert "1 réservation à reloger" in garage.partenaire.get("/partenaire/vehicules").text
    page = garage.partenaire.get("/partenaire/relogement").text
    assert "Le véhicule a eu un accident, et rien de semblable n&#39;est libre ces jours-là." in page
    with garage.app.app_context(), lecture() as session:
        assert session.scalars(select(Reservation)).one().statut.value == "confirmee"


@pytest.mark.parametrize("suite", ["", "/panne", "/arret/{}"])
def test_another_structure_reads_nothing_here(garage: Garage, suite: str) -> None:
    adresse = f"/partenaire/parc/{garage.clio}{suite.format(garage.autre)}"
    assert garage.voisin.get(adresse).status_code == 404


@pytest.mark.parametrize(
    "suite", ["/panne", "/km", "/entretien", "/depense", "/entretien/{}", "/arret/{}/retour"]
)
def test_another_structure_writes_nothing_here(garage: Garage, suite: str) -> None:
    adresse = f"/partenaire/parc/{garage.clio}{suite.format(garage.autre)}"
    jeton = valeur_de(garage.voisin.get("/partenaire/vehicules").text)
    corps = {"csrf_token": jeton, "motif": "panne", "cle": "c", "km": "12"}
    assert garage.voisin.post(adresse, data=corps).status_code == 404
    with garage.app.app_context(), lecture() as session:
        assert session.scalar(select(func.count()).select_from(ReleveKm)) == 0
        assert session.scalar(select(func.count()).select_from(Immobilisation)) == 0


def test_the_odometer_goes_forward_unless_somebody_says_it_was_wrong(garage: Garage) -> None:
    fiche = f"/partenaire/parc/{garage.clio}"
    assert garage.envoyer(f"{fiche}/km", fiche, km="84 210").status_code == 303
    refus = garage.envoyer(f"{fiche}/km", fiche, km="8421")
    assert refus.status_code == 409
    assert "disait déjà 84\u202f210 km" in refus.text and 'value="8421"' in refus.text
    assert garage.envoyer(f"{fiche}/km", fiche, km="8421", correction="oui").status_code == 303
    with garage.app.app_context(), lecture() as session:
        assert session.scalars(select(Vehicule).where(Vehicule.uuid == garage.clio)).one().km == 8421
        releves = session.scalars(select(ReleveKm).order_by(ReleveKm.id)).all()
        assert [(r.km, r.correction) for r in releves] == [(84210, False), (8421, True)]
        faits = select(func.count()).where(LigneJournal.quoi == Evenement.KM_RELEVES.value)
        assert session.scalar(faits) == 2


def test_an_expense_sent_twice_is_one_and_is_summed(garage: Garage) -> None:
    fiche = f"/partenaire/parc/{garage.clio}"
    for _ in range(2):
        garage.envoyer(f"{fiche}/depense", fiche, genre="pneus", euros="312,50", cle="double")
    refus = garage.envoyer(f"{fiche}/depense", fiche, genre="", euros="12")
    assert refus.status_code == 422 and "Dites pour quoi." in refus.text
    with garage.app.app_context(), lecture() as session:
        assert session.scalars(select(Depense.centimes)).all() == [31250]
    assert "312,50" in garage.partenaire.get(fiche).text


def test_an_expense_typed_wrongly_is_struck_and_the_journal_keeps_both(garage: Garage) -> None:
    fiche = f"/partenaire/parc/{garage.clio}"
    garage.envoyer(f"{fiche}/depense", fiche, genre="pneus", euros="3125")
    rayer = re.search(r'action="([^"]+/rayer)"', garage.partenaire.get(fiche).text)
    assert rayer is not None
    jeton = valeur_de(garage.voisin.get("/partenaire/vehicules").text)
    assert garage.voisin.post(rayer[1], data={"csrf_token": jeton}).status_code == 404
    ailleurs = rayer[1].replace(str(garage.clio), str(garage.autre))
    assert garage.envoyer(ailleurs, fiche).status_code == 404, "not of this vehicle"
    assert garage.envoyer(rayer[1], fiche).status_code == 303
    page = garage.partenaire.get(fiche).text
    assert "3 125" not in page
    with garage.app.app_context(), lecture() as session:
        assert session.scalars(select(Depense)).all() == []
        faits = (Evenement.DEPENSE_NOTEE.value, Evenement.DEPENSE_RAYEE.value)
        lignes = session.scalars(
            select(LigneJournal).where(LigneJournal.quoi.in_(faits)).order_by(LigneJournal.id)
        ).all()
        assert [(ligne.quoi, ligne.details["centimes"]) for ligne in lignes] == [
            (fait, 312500) for fait in faits
        ]


def test_upkeep_done_on_another_day_is_dated_from_that_day(garage: Garage) -> None:
    fiche = f"/partenaire/parc/{garage.clio}"
    garage.envoyer(f"{fiche}/km", fiche, km="84 210")
    garage.envoyer(f"{fiche}/entretien", fiche, quoi="Vidange", tous_les_km="10000")
    with garage.app.app_context(), lecture() as session:
        ligne = session.scalars(select(LigneEntretien.uuid)).one()
    avant, demain = AVANT - timedelta(days=9), AVANT + timedelta(days=1)
    adresse, le, a = f"{fiche}/entretien/{ligne}", f"fait_le_{ligne}", f"fait_km_{ligne}"
    assert f'name="{le}"' in garage.partenaire.get(fiche).text
    for champs, phrase in (
        ({le: f"{avant:%Y-%m-%d}"}, "Dites ce que le compteur affichait ce jour-là."),
        ({le: f"{demain:%Y-%m-%d}", a: "1"}, "Ce jour n’est pas encore venu."),
        ({le: f"{avant:%Y-%m-%d}", a: "90 000"}, "Le compteur dit 84\u202f210 km."),
    ):
        refus = garage.envoyer(adresse, fiche, **champs)
        assert refus.status_code == 422
        assert phrase in refus.text
    plan = {"quoi": "Pneus", "tous_les_km": "30000", "fait_km": "90 000"}
    assert garage.envoyer(f"{fiche}/entretien", fiche, **plan).status_code == 422
    assert garage.envoyer(adresse, fiche, **{le: f"{avant:%Y-%m-%d}", a: "83 900"}).status_code == 303
    with garage.app.app_context(), lecture() as session:
        faite = session.scalars(select(LigneEntretien)).one()
        assert (faite.fait_le, faite.fait_km) == (avant.date(), 83_900)
    assert garage.envoyer(adresse, fiche).status_code == 303
    with garage.app.app_context(), lecture() as session:
        faite = session.scalars(select(LigneEntretien)).one()
        assert (faite.fait_le, faite.fait_km) == (AVANT.date(), 84_210)


def test_what_is_late_comes_first_and_says_what_it_stops(garage: Garage) -> None:
    fiche = f"/partenaire/parc/{garage.clio}"
    garage.envoyer(f"{fiche}/entretien", fiche, quoi="Vidange", tous_les_mois="12", fait_le="2026-01-10")
    with garage.app.app_context(), transaction() as session:
        autre = session.scalars(select(Vehicule).where(Vehicule.uuid == garage.autre)).one()
        autre.ct_valable_au = AVANT.date() - timedelta(days=1)
    with garage.app.app_context(), lecture() as session:
        dues = echeances_du_parc(session, AVANT.date())
        assert [(e.quoi, e.en_retard, e.bloque) for e in dues] == [
            ("Contrôle technique", True, True),
            ("Vidange", False, False),
        ]
    page = garage.partenaire.get("/partenaire/echeances").text
    assert page.index("On ne peut plus le réserver") < page.rindex("Vidange")


def test_a_spreadsheet_of_the_fleet_runs_nothing(garage: Garage) -> None:
    for adresse in ("/partenaire/parc.csv", "/partenaire/echeances.csv"):
        assert garage.partenaire.get(adresse).mimetype == "text/csv"
    tableau = garage.partenaire.get("/partenaire/parc.csv").text
    assert "'=1+1;" in tableau and "\r\n=1+1" not in tableau


def test_one_plate_is_one_vehicle_of_the_structure(garage: Garage) -> None:
    def plaque(uuid: UUID, dite: str) -> TestResponse:
        adresse = f"/partenaire/vehicules/{uuid}"
        return garage.envoyer(adresse, adresse, libelle="Auto", immatriculation=dite, en_service="oui")

    assert plaque(garage.clio, "ab 123 cd").status_code == 303
    refus = plaque(garage.autre, "AB-123-CD")
    assert refus.status_code == 422 and "Cette plaque est déjà celle de" in refus.text
    assert plaque(garage.clio, "AB-123-CD").status_code == 303


def test_a_vehicle_taken_out_of_service_leaves_its_bookings_to_another(garage: Garage) -> None:
    adresse = f"/partenaire/vehicules/{garage.clio}"
    garage.envoyer(adresse, adresse, libelle="Clio grise")
    with garage.app.app_context(), lecture() as session:
        assert session.scalars(select(Reservation)).one().vehicule.uuid == garage.autre


def test_her_adviser_and_she_read_that_her_vehicle_has_stopped_and_that_nothing_is_lost(
    garage: Garage,
) -> None:
    with garage.app.app_context(), transaction() as session:
        conseillere = compte_de(session, RoleActeur.CONSEILLER)
        session.flush()
        elle = une_personne(prenom="Amina", conseiller_id=conseillere.id)
        session.add(elle)
        session.flush()
        session.scalars(select(Reservation)).one().personne_id = elle.id
        sienne = compte_de(session, RoleActeur.PERSONNE, personne_id=elle.id)
        jetons, dossier = (conseillere.jeton_session, sienne.jeton_session), elle.uuid
    for uuid in (garage.autre, garage.clio):
        adresse = f"/partenaire/parc/{uuid}/panne"
        garage.envoyer(adresse, adresse, motif="panne")
    bureau, telephone = (client_de(garage.app, jeton) for jeton in jetons)
    assert "« Clio grise » est en panne" in bureau.get("/conseiller/").text
    assert "Ce véhicule est en panne" in bureau.get(f"/conseiller/dossiers/{dossier}").text
    page = telephone.get("/mes-deplacements/").text
    assert "Ce véhicule est en panne." in page and "Votre réservation est gardée." in page
