"""The requests a partner answers: a first name, a yes by name, a no with a reason, and nothing of anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.flotte import CritAir, Vehicule
from mobilite.offre import Offre, StatutOffre
from mobilite.personnes import Personne
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, sans_jeton
from tests.fabriques import un_vehicule, une_structure
from tests.integration.atelier import LE, OFFRE, Atelier, ouvrir_l_atelier, une_conductrice, une_demande, vu
from web.app import Application
from web.transaction import transaction

OUI = {
    "papiers_vus": "oui",
    "papiers_vus_le": "2026-11-20",
    "caution": "vue",
    "caution_vue_le": "2026-11-20",
    "place_confirmee_par": "Paul",
}


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@pytest.fixture
def atelier(app: Application) -> Atelier:
    return ouvrir_l_atelier(app)


def test_a_request_shows_a_first_name_and_needs_never_a_name_nor_a_number(atelier: Atelier) -> None:
    for adresse in ("/partenaire/", atelier.adresse()):
        page = vu(atelier.client.get(adresse))
        assert "Nadia" in page
        assert "Bernard" not in page
        assert "63998" not in page.replace(" ", "").replace("\u00a0", "")
    assert "un enfant" in page
    assert "La caution : 150" in page


def test_the_oldest_request_comes_first(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        zoe = un_vehicule(session.get_one(Offre, atelier.offre.id), libelle="Zoé")
        ancienne = une_conductrice(prenom="Aline")
        session.add_all([zoe, ancienne])
        demande = une_demande(session, zoe, ancienne, "autre")
        demande.demandee_le = datetime(2026, 11, 19, tzinfo=PARIS)
    page = vu(atelier.client.get("/partenaire/"))
    assert page.index("Aline") < page.index("Nadia")


def test_confirming_says_who_and_when_and_only_then_gives_the_number(atelier: Atelier) -> None:
    assert atelier.poster(atelier.adresse("/confirmer"), OUI).status_code == 303
    reservation = atelier.reservation()
    assert reservation.statut is StatutReservation.CONFIRMEE
    assert (reservation.place_confirmee_par, reservation.papiers_vus_le, reservation.caution_vue_le) == (
        "Paul",
        date(2026, 11, 20),
        date(2026, 11, 20),
    )
    assert 'href="tel:+33639980101"' in atelier.client.get(atelier.adresse()).text


def test_the_number_of_somebody_discreet_is_never_given(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        nadia = session.get_one(Personne, atelier.nadia.id)
        nadia.conseiller_id, nadia.contact_discret = 101, True
    atelier.poster(atelier.adresse("/confirmer"), OUI)
    page = atelier.client.get(atelier.adresse()).text
    assert "Numéro non communiqué" in page
    assert "639980101" not in page


def test_a_request_answered_in_the_meantime_is_said_so_and_stays_as_it_was(atelier: Atelier) -> None:
    atelier.poster(atelier.adresse("/confirmer"), OUI)
    for suite, champs in (
        ("/refuser", {"motif": "entretien"}),
        ("/confirmer", OUI | {"place_confirmee_par": "Zoé"}),
    ):
        reponse = atelier.poster(atelier.adresse(suite), champs)
        assert reponse.status_code == 409
        assert "Cette demande a changé entre-temps. Elle est maintenant : confirmée." in vu(reponse)
    assert atelier.reservation().place_confirmee_par == "Paul"


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"papiers_vus": ""}, "Cochez quand vous avez vu les papiers"),
        ({"papiers_vus_le": "2026-11-21"}, "Ce jour n’est pas encore venu"),
        ({"papiers_vus_le": "2025-11-18"}, "il y a plus d’un an"),
        ({"caution": ""}, "Dites si la caution est vue"),
        ({"caution": "non_demandee"}, "Dites si la caution est vue"),
        ({"caution": "renoncee"}, "Dites pourquoi vous y renoncez"),
        ({"place_confirmee_par": "  "}, "c’est vous qui confirmez"),
    ],
)
def test_nothing_is_confirmed_without_papers_deposit_and_a_name(
    atelier: Atelier, change: dict[str, str], phrase: str
) -> None:
    champs = {nom: valeur for nom, valeur in (OUI | change).items() if valeur}
    reponse = atelier.poster(atelier.adresse("/confirmer"), champs)
    assert reponse.status_code == 422
    assert phrase in vu(reponse)
    assert atelier.reservation().statut is StatutReservation.DEMANDEE


def test_a_deposit_may_be_waived_and_the_reason_is_kept(atelier: Atelier) -> None:
    assert atelier.poster(atelier.adresse("/confirmer"), OUI | {"caution": "avancee"}).status_code == 303
    assert atelier.reservation().caution_vue_le is None
    assert "Un fonds d'aide ou un prescripteur la garantit" in vu(atelier.client.get(atelier.adresse()))


def test_going_without_a_deposit_says_why_even_without_written_rules(atelier: Atelier) -> None:
    assert "Si vous y renoncez, pourquoi ?" in vu(atelier.client.get(atelier.adresse()))
    sans = {"caution": "renoncee", "sans_caution_mot": "Garage solidaire"}
    assert atelier.poster(atelier.adresse("/confirmer"), OUI | sans).status_code == 303
    page = vu(atelier.client.get(atelier.adresse()))
    assert "La structure y renonce pour cette personne : Garage solidaire" in page


def test_what_the_vehicle_has_stands_beside_who_comes_along(atelier: Atelier) -> None:
    assert "Places : à vérifier ; Sièges enfant : à vérifier" in " ".join(
        vu(atelier.client.get(atelier.adresse())).split()
    )
    with atelier.app.app_context(), transaction() as session:
        clio = session.scalars(select(Vehicule)).one()
        clio.places, clio.critair = 5, CritAir.DEUX
        clio.sieges_enfant, clio.acces = {"coque": 1}, []
    assert (
        "Places : 5 ; Sièges enfant : 1 × coque pour bébé ; Accès en fauteuil : rien de prévu ; Crit’Air : 2"
        in " ".join(vu(atelier.client.get(atelier.adresse())).split())
    )


def test_a_refusal_needs_a_reason_the_person_will_read(atelier: Atelier) -> None:
    assert atelier.poster(atelier.adresse("/refuser"), {"motif": "autre", "mot": ""}).status_code == 422
    assert atelier.poster(atelier.adresse("/refuser"), {"motif": "entretien"}).status_code == 303
    assert atelier.reservation().motif_refus == "Le véhicule est en réparation."


def test_keys_go_out_and_come_back(atelier: Atelier) -> None:
    atelier.poster(atelier.adresse("/confirmer"), OUI)
    assert atelier.poster(atelier.adresse("/rendre"), {}).status_code == 409
    assert atelier.poster(atelier.adresse("/remettre"), {}).status_code == 409, "not before the eve"
    with time_machine.travel(datetime(2026, 11, 29, 18, tzinfo=PARIS), tick=True):
        with atelier.app.app_context(), transaction() as session:
            compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=atelier.structure.id)
        ce_soir = client_de(atelier.app, compte.jeton_session)
        assert atelier.poster(atelier.adresse("/remettre"), {}, ce_soir).status_code == 303
        assert atelier.reservation().statut is StatutReservation.REMISE
        assert atelier.poster(atelier.adresse("/rendre"), {}, ce_soir).status_code == 303
        assert atelier.reservation().statut is StatutReservation.RENDUE


def test_nothing_of_another_structure_can_be_seen_or_touched(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        rival = une_structure()
        session.add(rival)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=rival.id)
        clio = session.scalars(select(Vehicule)).one()
    rival_client = client_de(atelier.app, compte.jeton_session)
    absent = UUID(int=7)
    des_siens = {
        "/partenaire/demande/": atelier.demande,
        "/partenaire/offres/": atelier.offre.uuid,
        "/partenaire/vehicules/": clio.uuid,
    }
    gabarits = [("/partenaire/offres/nouvelle?copie={}", atelier.offre.uuid)]
    for regle in atelier.app.url_map.iter_rules():
        for debut, uuid in des_siens.items():
            if regle.rule.startswith(f"{debut}<uuid:uuid>"):
                # « <any(depart, retour):quand> » is read as « depart »; another row than the first is absent.
                adresse = re.sub(r"<any\((\w+)[^>]*>", r"\1", regle.rule).replace("<uuid:uuid>", "{}")
                gabarits.append((re.sub(r"<uuid:\w+>", str(absent), adresse), uuid))
    assert len(gabarits) > 20
    for gabarit, uuid in gabarits:
        for methode in ("GET", "POST"):
            champs = OFFRE | OUI | {"motif": "entretien", "libelle": "À moi", "copie": str(uuid)}
            essais = []
            for cible in (uuid, absent):
                adresse = gabarit.format(cible)
                champs |= {"copie": str(cible)}
                if methode == "GET":
                    essais.append(rival_client.get(adresse))
                else:
                    essais.append(atelier.poster(adresse, champs, rival_client))
            assert essais[0].status_code == essais[1].status_code in (404, 405), (gabarit, methode)
            if essais[0].status_code == 404:
                assert sans_jeton(essais[0].text) == sans_jeton(essais[1].text)
    for adresse in ("/partenaire/", "/partenaire/offres", "/partenaire/vehicules"):
        page = rival_client.get(adresse).text
        assert "Nadia" not in page
        assert "Clio" not in page
        assert atelier.offre.nom not in page
    assert atelier.reservation().statut is StatutReservation.DEMANDEE
    assert [offre.statut for offre in atelier.offres()] == [StatutOffre.OUVERTE]
