"""What a partner's gesture frees is held for whoever waits, in the transaction of that gesture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.flotte import Vehicule
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.liste_attente import Attente, PlaceProposee
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, une_personne
from tests.integration.sejour import DEPART, Sejour, un_sejour
from web.app import Application
from web.calendrier import minuit
from web.transaction import lecture, transaction


@pytest.fixture(autouse=True)
def le_jour_du_depart() -> Iterator[None]:
    with time_machine.travel(DEPART, tick=True):
        yield


@pytest.fixture
def sejour(app: Application) -> Sejour:
    """Nadia has the only Clio for two weeks; Zoé waits for the second Saturday and Sunday."""
    sejour = un_sejour(app)
    with app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation)).one()
        sienne.fin = sienne.libre_le = sienne.debut + timedelta(days=14)
        zoe = une_personne(prenom="Zoé", telephone="+33639980102")
        session.add(zoe)
        session.flush()
        session.add(
            Attente(
                personne_id=zoe.id,
                offre_id=sienne.vehicule.offre_id,
                debut=minuit(date(2026, 12, 5)),
                fin=minuit(date(2026, 12, 7)),
                demandee_par=CONSEILLERE.id,
                cle_idempotence="zoe",
            )
        )
    return sejour


def tenues(sejour: Sejour) -> list[str]:
    """For whom a place is held."""
    with sejour.app.app_context(), lecture() as session:
        return [p.attente.personne.prenom for p in session.scalars(select(PlaceProposee))]


def test_a_return_signed_early_gives_the_days_left_to_whoever_waits(sejour: Sejour) -> None:
    sejour.remettre()
    assert tenues(sejour) == []
    with time_machine.travel(DEPART + timedelta(days=1), tick=True):
        sejour.rendre()
    assert tenues(sejour) == ["Zoé"]


def test_the_end_of_a_stop_gives_the_vehicle_to_whoever_waits(sejour: Sejour) -> None:
    with sejour.app.app_context(), transaction() as session:
        session.scalars(select(Reservation)).one().statut = StatutReservation.ANNULEE
        clio = session.scalars(select(Vehicule)).one()
        arret = Immobilisation(
            vehicule_id=clio.id,
            debut=DEPART - timedelta(days=1),
            fin=None,
            motif=MotifImmobilisation.PANNE,
            declaree_par=CONSEILLERE.id,
            cle_idempotence="arret",
        )
        session.add(arret)
        session.flush()
        adresse = f"/partenaire/parc/{clio.uuid}/arret/{arret.uuid}/retour"
    client = sejour.client
    jeton = valeur_de(client.get(f"/partenaire/vehicules/{clio.uuid}").text)
    assert client.post(adresse, data={"csrf_token": jeton}).status_code == 303
    assert tenues(sejour) == ["Zoé"]


def test_what_the_adviser_gives_up_for_her_goes_to_whoever_waits(sejour: Sejour) -> None:
    with sejour.app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation)).one()
        assert sienne.personne is not None
        compte = compte_de(session, RoleActeur.CONSEILLER)
        sienne.personne.conseiller_id = compte.id
        dossier = f"/conseiller/dossiers/{sienne.personne.uuid}"
    client = client_de(sejour.app, compte.jeton_session)
    jeton = valeur_de(client.get(dossier).text)
    annuler = f"{dossier}/reservations/{sejour.reservation}/annuler"
    assert client.post(annuler, data={"csrf_token": jeton, "motif": "dates"}).status_code == 303
    assert tenues(sejour) == ["Zoé"]
