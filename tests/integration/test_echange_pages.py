"""Two bookings exchange their vehicles on the partner's page: both fit, both people are told, or a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from mobilite.acteur import PLATEFORME, RoleActeur
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, LigneJournal
from mobilite.notification import EtatMessage, GenreMessage, Message
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import un_vehicule, une_structure
from tests.integration.atelier import LE, Atelier, ouvrir_l_atelier, une_conductrice, une_demande, vu
from web import reservations
from web.app import Application
from web.transaction import lecture, transaction

JOUR = timedelta(days=1)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@pytest.fixture
def atelier(app: Application) -> Atelier:
    """Nadia asked for the Clio from Monday to Wednesday; Karim has the Logan from Tuesday to Thursday."""
    atelier = ouvrir_l_atelier(app)
    with app.app_context(), transaction() as session:
        clio = session.scalars(select(Vehicule)).one()
        karim = une_conductrice(prenom="Karim", nom="Diallo", telephone="+33639980102")
        logan = un_vehicule(clio.offre, libelle="Logan")
        session.add_all([karim, logan])
        sienne = une_demande(session, logan, karim, "karim")
        sienne.debut, sienne.fin = sienne.debut + JOUR, sienne.fin + JOUR
        sienne.libre_le = sienne.fin
        sienne.statut = StatutReservation.CONFIRMEE
        sienne.place_confirmee_par, sienne.place_confirmee_le = "Paul", LE
    return atelier


def celle_de(atelier: Atelier, prenom: str) -> Reservation:
    with atelier.app.app_context(), lecture() as session:
        toutes = session.scalars(select(Reservation)).all()
        [sienne] = [r for r in toutes if r.personne is not None and r.personne.prenom == prenom]
        return sienne


def vehicules(atelier: Atelier) -> dict[str, str]:
    return {prenom: celle_de(atelier, prenom).vehicule.libelle for prenom in ("Nadia", "Karim")}


def choix(atelier: Atelier, avec: str) -> dict[str, str]:
    """What the page sends: with whom, and the vehicle that it showed."""
    return {"avec": avec, "vehicule": str(celle_de(atelier, "Nadia").vehicule.uuid)}


def echanger(atelier: Atelier, avec: str) -> int:
    return atelier.poster(atelier.adresse("/echanger"), choix(atelier, avec)).status_code


def test_two_bookings_exchange_their_vehicles_and_both_people_are_told(atelier: Atelier) -> None:
    assert "Échanger les véhicules avec une autre réservation" in vu(atelier.client.get(atelier.adresse()))
    page = vu(atelier.client.get(atelier.adresse("/echanger")))
    assert "Karim, Logan" in page
    assert "Diallo" not in page
    karim = celle_de(atelier, "Karim")
    assert echanger(atelier, str(karim.uuid)) == 303
    assert vehicules(atelier) == {"Nadia": "Logan", "Karim": "Clio"}
    apres = celle_de(atelier, "Karim")
    assert (apres.debut, apres.statut, apres.place_confirmee_par) == (
        karim.debut,
        StatutReservation.CONFIRMEE,
        "Paul",
    )
    with atelier.app.app_context(), lecture() as session:
        dits = session.scalars(select(Message).where(Message.genre == GenreMessage.VEHICULE_CHANGE)).all()
        assert {n.personne.prenom: n.texte.count("Clio") for n in dits if n.personne is not None} == {
            "Nadia": 0,
            "Karim": 1,
        }
        promis = {n.personne.prenom for n in dits if n.personne is not None and "Vous aurez" in n.texte}
        assert promis == {"Karim"}, "nobody has said yes to Nadia yet"
        faits = select(LigneJournal).where(LigneJournal.quoi == Evenement.RESERVATION_CHANGEE.value)
        assert len(session.scalars(faits).all()) == 2


def test_what_does_not_fit_is_not_offered_and_is_refused_with_a_sentence(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        logan = session.scalars(select(Vehicule).where(Vehicule.libelle == "Logan")).one()
        # Somebody has the Logan on Nadia's first day.
        avant = une_demande(session, logan, une_conductrice(prenom="Aline"), "aline")
        avant.debut, avant.fin = avant.debut - JOUR, avant.debut + JOUR
        avant.libre_le = avant.fin
    karim = celle_de(atelier, "Karim")
    page = vu(atelier.client.get(atelier.adresse("/echanger")))
    assert "Karim, Logan" not in page
    refus = atelier.poster(atelier.adresse("/echanger"), choix(atelier, str(karim.uuid)))
    assert refus.status_code == 409
    assert "Ce n'est pas libre tous ces jours-là." in vu(refus)
    for rien in ("", "n'importe quoi"):
        assert echanger(atelier, rien) == 422
    assert vehicules(atelier) == {"Nadia": "Clio", "Karim": "Logan"}


def test_a_vehicle_that_the_insurer_refuses_her_is_not_exchanged(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        session.scalars(select(Vehicule).where(Vehicule.libelle == "Logan")).one().age_min = 99
    karim = celle_de(atelier, "Karim")
    page = vu(atelier.client.get(atelier.adresse("/echanger")))
    assert "Pas d’échange possible en ce moment" in page
    refus = atelier.poster(atelier.adresse("/echanger"), choix(atelier, str(karim.uuid)))
    assert refus.status_code == 422
    assert "ne convient pas à l’autre personne" in vu(refus)


def test_nothing_is_exchanged_once_the_keys_are_out(atelier: Atelier) -> None:
    karim = celle_de(atelier, "Karim")
    with atelier.app.app_context(), transaction() as session:
        session.get_one(Reservation, karim.id).statut = StatutReservation.REMISE
    assert "Échanger les véhicules" not in vu(atelier.client.get(atelier.adresse()))
    assert echanger(atelier, str(karim.uuid)) == 409
    assert vehicules(atelier) == {"Nadia": "Clio", "Karim": "Logan"}


def test_the_booking_of_another_structure_cannot_be_exchanged(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        rivale = une_structure()
        session.add(rivale)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=rivale.id)
    voisin = client_de(atelier.app, compte.jeton_session)
    champs = choix(atelier, str(celle_de(atelier, "Karim").uuid))
    assert voisin.get(atelier.adresse("/echanger")).status_code == 404
    assert atelier.poster(atelier.adresse("/echanger"), champs, voisin).status_code == 404


def test_where_they_live_does_not_stop_two_places_of_one_offer_from_being_exchanged(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        offre = session.scalars(select(Vehicule).where(Vehicule.libelle == "Clio")).one().offre
        offre.fiche = offre.fiche | {"zone": {"communes": ["55029"]}}
    karim = celle_de(atelier, "Karim")
    assert "Karim, Logan" in vu(atelier.client.get(atelier.adresse("/echanger")))
    assert echanger(atelier, str(karim.uuid)) == 303
    assert vehicules(atelier) == {"Nadia": "Logan", "Karim": "Clio"}


def test_the_same_form_sent_twice_does_not_exchange_them_back(atelier: Atelier) -> None:
    """A click too many, or a colleague on another screen: each is told once."""
    page = atelier.client.get(atelier.adresse("/echanger")).text
    dits = {"avec": str(celle_de(atelier, "Karim").uuid), "vehicule": valeur_de(page, "vehicule")}
    assert atelier.poster(atelier.adresse("/echanger"), dits).status_code == 303
    encore = atelier.poster(atelier.adresse("/echanger"), dits)
    assert encore.status_code == 422
    assert "n’a plus le véhicule que montrait la page" in vu(encore)
    assert vehicules(atelier) == {"Nadia": "Logan", "Karim": "Clio"}
    with atelier.app.app_context(), lecture() as session:
        assert len(session.scalars(select(Message.id)).all()) == 2


def test_papers_seen_the_same_evening_do_not_take_back_what_she_has_to_know(atelier: Atelier) -> None:
    assert echanger(atelier, str(celle_de(atelier, "Karim").uuid)) == 303
    sienne = celle_de(atelier, "Nadia")
    with atelier.app.app_context(), transaction() as session:
        demande = session.get_one(Reservation, sienne.id)
        reservations.noter_papiers(session, demande, par=PLATEFORME, vus={"Permis": LE.date()})
    with atelier.app.app_context(), lecture() as session:
        siens = select(Message.etat).where(Message.personne_id == sienne.personne_id)
        assert session.scalars(siens).all() == [EtatMessage.EN_ATTENTE]
