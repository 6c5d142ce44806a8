"""Waiting for a vehicle, and the partner's draft of the sharing: proposed, never imposed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.besoin import MotifDeplacement
from mobilite.flotte import Vehicule
from mobilite.journal import LigneJournal
from mobilite.liste_attente import Attente, AttenteDejaTraitee, StatutAttente
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.structure import Structure
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne, une_structure
from web import attentes, reservations
from web.app import Application
from web.calendrier import jours_entiers
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 20, 9, tzinfo=PARIS)
DEBUT, FIN = jours_entiers((LE + timedelta(days=7)).date(), 3)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@dataclass
class Garage:
    """One structure with two like bicycles of two offers, its partner, and people who leave from Étain."""

    app: Application
    partenaire: FlaskClient

    def page(self) -> str:
        reponse = self.partenaire.get("/partenaire/repartition")
        assert reponse.status_code == 200
        return reponse.text

    def cliquer(self, page: str, libelle: str) -> TestResponse:
        """Send the form of the first button that says so."""
        for adresse, corps in re.findall(
            r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL
        ):
            if libelle in corps:
                champs = {nom: valeur_de(corps, nom) for nom in ("csrf_token", "vehicule")}
                return self.partenaire.post(adresse, data=champs)
        raise AssertionError(f"no button « {libelle} »")


@pytest.fixture
def garage(app: Application) -> Garage:
    with app.app_context(), transaction() as session:
        structure = une_structure(nom="Vélos d'Étain", commune="55181")
        fiche = {"lieu": "55181", "permanent": True, "prix": {"jour": 1}}
        for rang in (1, 2):
            offre = une_offre(structure=structure, nom=f"Vélos {rang}", genre="location_velo", fiche=fiche)
            session.add(un_vehicule(offre, libelle=f"Vélo {rang}", categorie="velo"))
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return Garage(app, client_de(app, compte.jeton_session))


def une_cliente(session: Session, prenom: str, motif: MotifDeplacement | None = None) -> Personne:
    personne = une_personne(prenom=prenom, annee_naissance=1990, moyens=[])
    personne.departs.append(Depart(insee="55181"))
    if motif:
        personne.besoins.append(BesoinExprime(destination="55545", motif=motif))
    session.add(personne)
    session.flush()
    return personne


def offre_nommee(session: Session, nom: str) -> Offre:
    return session.scalars(select(Offre).where(Offre.nom == nom)).one()


def prendre(session: Session, personne: Personne, nom: str, cle: str) -> Reservation:
    return reservations.demander(
        session, acteur=CONSEILLERE, offre=offre_nommee(session, nom), debut=DEBUT, fin=FIN, cle=cle, personne_id=personne.id
    )  # fmt: skip


def confirmer(session: Session, reservation: Reservation) -> None:
    reservations.confirmer(
        session, reservation, par=CONSEILLERE, place_confirmee_par="Paul", papiers_vus_le=LE.date(), caution_vue_le=LE.date()
    )  # fmt: skip


def attendre(session: Session, personne: Personne, nom: str, cle: str) -> Attente:
    return attentes.inscrire(
        session, personne, offre_nommee(session, nom), par=CONSEILLERE, debut=DEBUT, fin=FIN, cle=cle
    )


def tout(app: Application, quoi: type[Any]) -> list[Any]:
    with app.app_context(), lecture() as session:
        return list(session.scalars(select(quoi).order_by(quoi.id)))


def test_the_most_urgent_of_those_who_wait_is_proposed_the_vehicle_and_gets_it_by_one_click(
    garage: Garage,
) -> None:
    with garage.app.app_context(), transaction() as session:
        pris = prendre(session, une_cliente(session, "Ali"), "Vélos 2", "ali")
        confirmer(session, pris)
        attendre(session, une_cliente(session, "Bruno"), "Vélos 1", "bruno")
        attendre(session, une_cliente(session, "Chloé", MotifDeplacement.SANTE), "Vélos 1", "chloe")
    page = garage.page()
    assert page.index("Chloé") < page.index("Bruno"), "the most urgent first"
    assert "Priorité : 4 points." in page
    assert "endez-vous de santé" not in page, "why she is urgent stays at the desk"
    assert page.count("Demander pour elle") == 1, "one vehicle, one proposal"
    assert "plus urgente" in page, "Bruno is told why he waits"
    reponse = garage.cliquer(page, "Demander pour elle")
    assert reponse.status_code == 303
    with garage.app.app_context(), lecture() as session:
        _, nouvelle = session.scalars(select(Reservation).order_by(Reservation.id))
        assert nouvelle.personne is not None
        assert (nouvelle.personne.prenom, nouvelle.vehicule.libelle) == ("Chloé", "Vélo 1")
        assert nouvelle.statut is StatutReservation.DEMANDEE, "papers are still to be seen"
        statuts = {a.personne.prenom: a.statut for a in session.scalars(select(Attente))}
        assert statuts == {"Bruno": StatutAttente.ATTEND, "Chloé": StatutAttente.SERVIE}


def test_a_confirmed_booking_never_moves_and_nothing_happens_by_looking(garage: Garage) -> None:
    with garage.app.app_context(), transaction() as session:
        for rang, prenom in enumerate(("Ali", "Bruno"), start=1):
            pris = prendre(session, une_cliente(session, prenom), f"Vélos {rang}", prenom)
            confirmer(session, pris)
        attendre(session, une_cliente(session, "Chloé", MotifDeplacement.SANTE), "Vélos 1", "chloe")
    avant = [(r.id, r.vehicule_id, r.statut) for r in tout(garage.app, Reservation)]
    page = garage.page()
    assert "réservations confirmées ou réparations" in page
    assert "Demander pour elle" not in page
    assert [(r.id, r.vehicule_id, r.statut) for r in tout(garage.app, Reservation)] == avant


def test_a_click_on_a_draft_that_is_no_longer_true_books_nothing_and_shows_the_new_one(
    garage: Garage,
) -> None:
    with garage.app.app_context(), transaction() as session:
        attendre(session, une_cliente(session, "Chloé"), "Vélos 1", "chloe")
    ancienne = garage.page()
    with garage.app.app_context(), transaction() as session:
        for rang in (1, 2):
            prendre(session, une_cliente(session, f"Rapide{rang}"), f"Vélos {rang}", f"rapide{rang}")
    reponse = garage.cliquer(ancienne, "Demander pour elle")
    assert reponse.status_code == 409
    assert "Voici la répartition à jour" in reponse.text
    assert [a.statut for a in tout(garage.app, Attente)] == [StatutAttente.ATTEND]
    assert len(tout(garage.app, Reservation)) == 2


def test_a_request_changes_vehicle_by_one_click_and_the_journal_says_so(garage: Garage) -> None:
    with garage.app.app_context(), transaction() as session:
        pris = prendre(session, une_cliente(session, "Ali"), "Vélos 1", "ali")
        autre = session.scalars(select(Vehicule).where(Vehicule.libelle == "Vélo 2")).one()
        uuid, autre_uuid = pris.uuid, autre.uuid
    jeton = valeur_de(garage.partenaire.get("/partenaire/offres/nouvelle?genre=location_velo").text)
    adresse = f"/partenaire/repartition/demande/{uuid}"
    reponse = garage.partenaire.post(adresse, data={"csrf_token": jeton, "vehicule": str(autre_uuid)})
    assert reponse.status_code == 303
    assert [r.vehicule.libelle for r in tout(garage.app, Reservation)] == ["Vélo 2"]
    assert tout(garage.app, LigneJournal)[-1].quoi == "ReservationChangee"


def test_a_vehicle_that_the_draft_could_not_give_her_is_refused_even_by_a_forged_form(
    garage: Garage, app: Application
) -> None:
    with app.app_context(), transaction() as session:
        pris = prendre(session, une_cliente(session, "Ali"), "Vélos 1", "ali")
        attente = attendre(session, une_cliente(session, "Chloé"), "Vélos 1", "chloe")
        voiture = un_vehicule(une_offre(structure=offre_nommee(session, "Vélos 1").structure), libelle="Clio")
        session.add(voiture)
        session.flush()
        adresses = [f"attente/{attente.uuid}", f"demande/{pris.uuid}"]
        clio = str(voiture.uuid)
    for adresse in adresses:
        jeton = valeur_de(garage.partenaire.get("/partenaire/offres/nouvelle?genre=location_velo").text)
        champs = {"csrf_token": jeton, "vehicule": clio}
        reponse = garage.partenaire.post(f"/partenaire/repartition/{adresse}", data=champs)
        assert reponse.status_code == 409
        assert "ne lui convient pas" in reponse.text
    with app.app_context(), lecture() as session:
        assert [r.vehicule.libelle for r in session.scalars(select(Reservation))] == ["Vélo 1"]


def test_the_same_days_asked_again_keep_one_line_of_the_list(garage: Garage) -> None:
    with garage.app.app_context(), transaction() as session:
        chloe = une_cliente(session, "Chloé")
        assert attendre(session, chloe, "Vélos 1", "une") is attendre(session, chloe, "Vélos 1", "autre")
    assert len(tout(garage.app, Attente)) == 1


def test_another_structure_neither_sees_nor_serves_those_who_wait_here(
    garage: Garage, app: Application
) -> None:
    with app.app_context(), transaction() as session:
        attente = attendre(session, une_cliente(session, "Chloé"), "Vélos 1", "chloe")
        velo = session.scalars(select(Vehicule).where(Vehicule.libelle == "Vélo 1")).one()
        autre: Structure = une_structure()
        session.add(autre)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=autre.id)
        uuid, velo_uuid = attente.uuid, velo.uuid
    client = client_de(app, compte.jeton_session)
    assert "Chloé" not in client.get("/partenaire/repartition").text
    jeton = valeur_de(client.get("/partenaire/offres/nouvelle?genre=location_velo").text)
    reponse = client.post(
        f"/partenaire/repartition/attente/{uuid}", data={"csrf_token": jeton, "vehicule": str(velo_uuid)}
    )
    assert reponse.status_code == 404
    assert tout(app, Reservation) == []


def test_she_puts_herself_on_the_list_when_all_is_taken_and_leaves_it(
    garage: Garage, app: Application
) -> None:
    with app.app_context(), transaction() as session:
        for rang in (1, 2):
            prendre(session, une_cliente(session, f"Rapide{rang}"), f"Vélos {rang}", f"rapide{rang}")
        chloe = une_cliente(session, "Chloé")
        compte = compte_de(session, RoleActeur.PERSONNE, personne_id=chloe.id)
        adresse = f"/mes-deplacements/vehicule/{offre_nommee(session, 'Vélos 1').uuid}"
    elle = client_de(app, compte.jeton_session)
    formulaire = elle.get(adresse).text
    champs = {nom: valeur_de(formulaire, nom) for nom in ("csrf_token", "cle")}
    pris = elle.post(adresse, data=champs | {"debut": DEBUT.date().isoformat(), "jours": "3"})
    assert pris.status_code == 409
    assert "Me mettre sur la liste" in pris.text
    attendre_ = {nom: valeur_de(pris.text, nom) for nom in ("csrf_token",)} | {
        nom: re.findall(rf'id="attendre".*?name="{nom}" value="([^"]+)"', pris.text, re.DOTALL)[0]
        for nom in ("cle", "debut", "jours")
    }
    for _ in range(2):  # sent twice, noted once
        assert elle.post(f"{adresse}/attendre", data=attendre_).status_code == 303
    (attente,) = tout(app, Attente)
    assert (attente.debut, attente.fin) == (DEBUT, FIN)
    accueil = elle.get("/mes-deplacements/").text
    assert "Vous êtes sur la liste" in accueil
    retirer = elle.post(
        f"/mes-deplacements/attente/{attente.uuid}/retirer", data={"csrf_token": valeur_de(accueil)}
    )
    assert retirer.status_code == 303
    assert [a.statut for a in tout(app, Attente)] == [StatutAttente.RETIREE]
    assert "Vous êtes sur la liste" not in elle.get("/mes-deplacements/").text


def test_who_waits_no_more_is_not_served(garage: Garage) -> None:
    with garage.app.app_context(), transaction() as session:
        attente = attendre(session, une_cliente(session, "Chloé"), "Vélos 1", "chloe")
        velo = session.scalars(select(Vehicule).where(Vehicule.libelle == "Vélo 1")).one()
        attentes.retirer(session, attente, par=CONSEILLERE)
    with garage.app.app_context(), pytest.raises(AttenteDejaTraitee), transaction() as session:
        attentes.servir(
            session, session.get_one(Attente, attente.id), session.get_one(Vehicule, velo.id), par=CONSEILLERE
        )
    assert tout(garage.app, Reservation) == []
