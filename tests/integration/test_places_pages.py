"""The yes and the no on her page and at the desk, and what each one may read of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from mobilite.acteur import PLATEFORME, RoleActeur
from mobilite.agenda import AdresseAgenda
from mobilite.base import PARIS
from mobilite.besoin import MotifDeplacement
from mobilite.candidate import CategorieVehicule, Genre
from mobilite.liste_attente import Attente, PlaceProposee, ReponsePlace
from mobilite.offre import Offre
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne, une_structure
from web import attentes, places
from web.app import Application
from web.calendrier import jours_entiers
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 20, 9, tzinfo=PARIS)
DEBUT, FIN = jours_entiers((LE + timedelta(days=10)).date(), 3)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@dataclass
class Scene:
    """One bicycle held for Dina, in danger, who goes before Chloé; her page, two desks, the structure."""

    app: Application
    dina: FlaskClient
    chloe: FlaskClient
    bureau: FlaskClient
    autre_bureau: FlaskClient
    partenaire: FlaskClient

    def reponses(self) -> list[tuple[str, ReponsePlace | None]]:
        with self.app.app_context(), lecture() as session:
            toutes = session.scalars(select(PlaceProposee).order_by(PlaceProposee.id))
            return [(p.attente.personne.prenom, p.reponse) for p in toutes]

    def statuts(self) -> list[StatutReservation]:
        with self.app.app_context(), lecture() as session:
            return list(session.scalars(select(Reservation.statut).order_by(Reservation.id)))


def repondre(client: FlaskClient, page: str, reponse: str) -> str:
    """Press the button of the first form that answers a place; the page that follows."""
    adresse = re.findall(r'action="([^"]*/places?/[0-9a-f-]{36})"', page)[0]
    champs = {"csrf_token": valeur_de(page), "reponse": reponse}
    suite = client.post(adresse, data=champs)
    assert suite.status_code == 303
    return client.get(suite.headers["Location"]).text


@pytest.fixture
def scene(app: Application) -> Scene:
    with app.app_context(), transaction() as session:
        structure = une_structure(nom="Vélos d'Étain", commune="55181")
        fiche = {"lieu": "55181", "permanent": True, "prix": {"jour": 1}}
        offre = une_offre(structure=structure, genre=Genre.LOCATION_VELO, fiche=fiche)
        session.add_all([offre, un_vehicule(offre, libelle="Vélo vert", categorie=CategorieVehicule.VELO)])
        session.flush()
        bureau, autre = (compte_de(session, RoleActeur.CONSEILLER) for _ in range(2))
        comptes = {}
        for prenom, motif in (("Dina", None), ("Chloé", MotifDeplacement.SANTE)):
            qui = une_personne(prenom=prenom, annee_naissance=1990, moyens=[], conseiller_id=bureau.id)
            qui.departs.append(Depart(insee="55181"))
            if motif:
                qui.besoins.append(BesoinExprime(destination="55545", motif=motif))
            session.add(qui)
            session.flush()
            comptes[prenom] = compte_de(session, RoleActeur.PERSONNE, personne_id=qui.id)
            attentes.inscrire(
                session, qui, offre, par=bureau.acteur(), debut=DEBUT, fin=FIN, cle=f"attente-{prenom}"
            )
        dina = session.scalars(select(Attente).join(Attente.personne).where(Personne.prenom == "Dina")).one()
        attentes.noter_danger(session, dina, True, par=bureau.acteur())
        places.proposer_les_places(session)
        partenaire = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return Scene(
        app,
        *(
            client_de(app, compte.jeton_session)
            for compte in (comptes["Dina"], comptes["Chloé"], bureau, autre, partenaire)
        ),
    )


def test_she_says_yes_in_one_tap_on_her_first_page_and_the_structure_is_asked(scene: Scene) -> None:
    accueil = scene.dina.get("/mes-deplacements/").text
    assert "Vélo vert est libre pour vous" in accueil
    assert re.search(r"jusqu’à demain, 10\s*h", accueil), "ten waking hours, said in her words"
    assert "Vélo vert" not in scene.partenaire.get("/partenaire/").text, "nothing to confirm yet"
    suite = repondre(scene.dina, accueil, "oui")
    assert "C’est oui" in suite and "est libre pour vous" not in suite
    assert scene.reponses() == [("Dina", ReponsePlace.OUI)]
    assert scene.statuts() == [StatutReservation.DEMANDEE]
    assert "Vélo vert" in scene.partenaire.get("/partenaire/").text
    # The same button pressed again, from the page that was kept.
    assert "n&#39;est plus gardée" in repondre(scene.dina, accueil, "non")
    assert scene.reponses() == [("Dina", ReponsePlace.OUI)]


def test_she_says_no_keeps_her_rank_and_the_next_one_is_asked_at_once(scene: Scene) -> None:
    suite = repondre(scene.dina, scene.dina.get("/mes-deplacements/").text, "non")
    assert "Vous gardez votre place" in suite and "Vous êtes sur la liste" in suite
    assert "Annulé" not in suite, "what she never took is no booking of hers"
    assert scene.reponses() == [("Dina", ReponsePlace.NON), ("Chloé", None)]
    assert "Vélo vert est libre pour vous" in scene.chloe.get("/mes-deplacements/").text
    listes = scene.bureau.get("/conseiller/vehicules-attendus").text
    assert listes.index("1<sup>re</sup> sur 2") < listes.index("2<sup>e</sup> sur 2")


def test_her_page_says_why_she_is_next_and_nothing_of_the_others_nor_of_danger(scene: Scene) -> None:
    accueil = scene.dina.get("/mes-deplacements/").text
    adresse = re.findall(r'href="(/mes-deplacements/place/[^"]+)"', accueil)[0]
    page = scene.dina.get(adresse).text
    assert "C’est votre tour sur la liste : vous attendez." in page
    for mot in ("anger", "Chloé", "santé", "point"):
        assert mot not in page
    assert scene.chloe.get(adresse).status_code == 404


def test_the_adviser_answers_for_her_and_only_whoever_follows_her_reads_the_danger(scene: Scene) -> None:
    page = scene.bureau.get("/conseiller/vehicules-attendus").text
    assert "danger (violences, sécurité) (+4)" in page and "Retirer le danger" in page
    ailleurs = scene.autre_bureau.get("/conseiller/vehicules-attendus").text
    assert "Dina" in ailleurs and "5 points." in ailleurs
    assert "(+4)" not in ailleurs and "Retirer le danger" not in ailleurs
    noter = re.findall(r'action="([^"]+/danger)"', page)[0]
    champs = {"csrf_token": valeur_de(ailleurs), "reponse": "non"}
    refus = scene.autre_bureau.post(noter, data=champs, follow_redirects=True)
    assert "la personne qui la suit" in refus.text
    assert "Dina a dit oui" in repondre(scene.bureau, page, "oui")
    assert scene.statuts() == [StatutReservation.DEMANDEE]


def test_the_structure_that_frees_a_vehicle_does_not_change_who_may_be_offered_it(scene: Scene) -> None:
    """A partner may not see where somebody leaves from; the judgement of the list may not depend on it."""
    with scene.app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre)).one()
        offre.fiche = offre.fiche | {"zone": {"autour": "55545", "rayon_km": 1}}
        place = session.scalars(select(PlaceProposee)).one()
        attentes.accepter(session, place, par=PLATEFORME)
        uuid = place.reservation.uuid
    page = scene.partenaire.get(f"/partenaire/demande/{uuid}").text
    champs = {"csrf_token": valeur_de(page), "motif": "entretien", "raison": "entretien"}
    assert scene.partenaire.post(f"/partenaire/demande/{uuid}/refuser", data=champs).status_code == 303
    assert StatutReservation.REFUSEE in scene.statuts()
    assert scene.reponses() == [("Dina", ReponsePlace.OUI)], "Chloé leaves from too far: she is not asked"


def test_the_structure_reads_until_when_a_vehicle_is_held_and_points_no_name_and_no_reason(
    scene: Scene,
) -> None:
    page = scene.partenaire.get("/partenaire/repartition").text
    tenu = page[page.index("Proposé en ce moment") : page.index("Liste d’attente")]
    assert "Vélo vert" in tenu and "(5 points)" in tenu and "samedi 21" in tenu
    assert "Dina" not in page, "who is asked is in nobody's draft"
    assert "anger" not in page.replace("hanger", "")
    assert "Demander pour elle" not in page, "what is held is not given to the next by a click"


def test_whoever_is_only_offered_a_place_is_on_no_page_and_in_no_calendar_of_the_structure(
    scene: Scene,
) -> None:
    """Its page does not exist for the structure, its feed says a vehicle and no one; once over, nothing."""
    with scene.app.app_context(), transaction() as session:
        place = session.scalars(select(PlaceProposee)).one()
        uuid = place.reservation.uuid
        adresse, secret = AdresseAgenda.donner(place.attente.offre.structure_id, CONSEILLERE)
        session.add(adresse)
    for suite in ("", "/autres-jours", "/agenda.ics", "/etat-des-lieux", "/depart/compteur", "/contrat.pdf"):
        assert scene.partenaire.get(f"/partenaire/demande/{uuid}{suite}").status_code == 404, suite
    flux = scene.app.test_client().get(f"/agenda/{secret}.ics").text
    assert (flux.count("BEGIN:VEVENT"), flux.count("STATUS:TENTATIVE")) == (1, 1)
    assert "CONFIRMED" not in flux
    assert "D." not in flux
    assert "/partenaire/" not in flux
    sienne = scene.dina.get(f"/mes-deplacements/demande/{uuid}/agenda.ics").text
    assert "STATUS:TENTATIVE" in sienne
    repondre(scene.dina, scene.dina.get("/mes-deplacements/").text, "non")
    with scene.app.app_context(), lecture() as session:
        suivante = session.scalars(select(PlaceProposee).where(PlaceProposee.reponse.is_(None))).one()
        assert suivante.reservation.uuid != uuid
    flux = scene.app.test_client().get(f"/agenda/{secret}.ics").text
    assert str(uuid) not in flux
    assert flux.count("BEGIN:VEVENT") == 1
    assert "Dina" not in scene.partenaire.get("/partenaire/").text
