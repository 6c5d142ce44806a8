"""« Quelqu'un appelle »: a structure asks for somebody it has already lent to, and searches nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from mobilite.acteur import RoleActeur
from mobilite.flotte import Vehicule
from mobilite.motif_reservation import CanalDemande
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import un_vehicule, une_offre, une_structure
from tests.integration.atelier import LE, Atelier, ouvrir_l_atelier, une_conductrice, une_demande, vu
from web.app import Application
from web.transaction import lecture, transaction

PAGE = "/partenaire/appel"


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


def finir(sejour: Reservation, jours: int) -> None:
    """As if it had been confirmed and closed so many days ago."""
    sejour.debut -= timedelta(days=jours)
    sejour.fin = sejour.libre_le = sejour.debut + timedelta(days=3)
    sejour.statut, sejour.place_confirmee_par = StatutReservation.CLOTUREE, "Paul"
    sejour.place_confirmee_le = sejour.debut


@pytest.fixture
def atelier(app: Application) -> Atelier:
    """Nadia had the Clio two months ago; Aline has never had a place; Zoé had hers a year ago."""
    atelier = ouvrir_l_atelier(app)
    with app.app_context(), transaction() as session:
        clio = session.scalars(select(Vehicule)).one()
        autre, aline, zoe = (
            un_vehicule(clio.offre),
            une_conductrice(prenom="Aline"),
            une_conductrice(prenom="Zoé"),
        )
        session.add_all([autre, aline, zoe])
        finir(session.scalars(select(Reservation)).one(), 60)
        une_demande(session, autre, aline, "aline")
        finir(une_demande(session, clio, zoe, "zoe"), 365)
    return atelier


def champs(atelier: Atelier, **choix: str) -> dict[str, str]:
    """What the partner types for Nadia and any vehicle of the offer."""
    cle = valeur_de(atelier.client.get(PAGE).text, "cle")
    dits = {"personne": str(atelier.demande), "vehicule": str(atelier.offre.uuid), "cle": cle}
    return dits | {"debut": "2026-12-07", "fin": "2026-12-09"} | choix


def demandees(atelier: Atelier) -> int:
    with atelier.app.app_context(), lecture() as session:
        return session.scalar(select(func.count()).where(Reservation.canal == CanalDemande.TELEPHONE)) or 0


def test_somebody_known_here_is_asked_for_by_telephone_and_confirmed_as_usual(atelier: Atelier) -> None:
    assert PAGE in atelier.client.get("/partenaire/").text
    dits = champs(atelier)
    premiere = atelier.poster(PAGE, dits)
    assert premiere.status_code == 303
    assert atelier.poster(PAGE, dits).location == premiere.location, "sent twice, asked once"
    assert demandees(atelier) == 1
    page = vu(atelier.client.get(premiere.location))
    assert "Nadia demande" in page
    assert "Par téléphone" in page
    assert "Demandée, en attente de réponse" in page


def test_only_who_had_a_place_here_lately_is_in_the_list_and_by_a_first_name(atelier: Atelier) -> None:
    page = atelier.client.get(PAGE).text
    assert "Nadia, Clio" in vu(atelier.client.get(PAGE))
    for absent in ("Aline", "Zoé", "Bernard", "63998", str(atelier.nadia.uuid)):
        assert absent not in page
    assert "Pas dans la liste ?" in page
    with atelier.app.app_context(), lecture() as session:
        autres = session.scalars(select(Reservation.uuid).where(Reservation.uuid != atelier.demande)).all()
    for personne in (*map(str, autres), str(atelier.nadia.uuid), "n'importe quoi"):
        refus = atelier.poster(PAGE, champs(atelier, personne=personne))
        assert refus.status_code == 422
        assert "donnez-lui le numéro du guichet" in vu(refus)
    assert demandees(atelier) == 0


def test_another_structure_sees_nobody_and_asks_for_nobody(atelier: Atelier) -> None:
    with atelier.app.app_context(), transaction() as session:
        voisine = une_structure()
        sienne = une_offre(structure=voisine)
        session.add(un_vehicule(sienne, libelle="Twingo"))
        session.flush()
        chez_elle = str(sienne.uuid)
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=voisine.id)
    voisin = client_de(atelier.app, compte.jeton_session)
    assert "Nadia" not in voisin.get(PAGE).text
    assert atelier.poster(PAGE, champs(atelier, vehicule=chez_elle), voisin).status_code == 422
    assert atelier.poster(PAGE, champs(atelier, vehicule=chez_elle)).status_code == 422, "not its vehicles"
    assert demandees(atelier) == 0


@pytest.mark.parametrize(
    ("change", "statut", "phrase"),
    [
        ({"debut": ""}, 422, "Choisissez le premier jour."),
        ({"fin": "2026-12-06"}, 422, "Le dernier jour vient après le premier."),
        ({"vehicule": ""}, 422, "Choisissez un véhicule."),
        ({"debut": "2026-11-19"}, 409, "Le départ est déjà passé"),
        ({"debut": f"{LE:%Y-%m-%d}"}, 409, "C'est trop tard pour partir aujourd'hui"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(
    atelier: Atelier, change: dict[str, str], statut: int, phrase: str
) -> None:
    refus = atelier.poster(PAGE, champs(atelier, **change))
    assert refus.status_code == statut
    assert phrase in vu(refus)
    assert f'value="{atelier.demande}" selected' in refus.text
    assert demandees(atelier) == 0


def test_a_vehicle_that_is_taken_is_refused_with_what_else_is_free(atelier: Atelier) -> None:
    with atelier.app.app_context(), lecture() as session:
        clio = session.scalars(select(Vehicule).where(Vehicule.libelle == "Clio")).one().uuid
    assert atelier.poster(PAGE, champs(atelier, vehicule=str(clio))).status_code == 303
    refus = atelier.poster(PAGE, champs(atelier, vehicule=str(clio)))
    assert refus.status_code == 409
    assert "Encore libre aux mêmes dates" in vu(refus)


def une_deuxieme(atelier: Atelier, prenom: str) -> str:
    """Somebody else who had a place here lately; the stay she is known by."""
    with atelier.app.app_context(), transaction() as session:
        clio = session.scalars(select(Vehicule).where(Vehicule.libelle == "Clio")).one()
        personne = une_conductrice(prenom=prenom)
        session.add(personne)
        sejour = une_demande(session, clio, personne, prenom)
        finir(sejour, 30)
        return str(sejour.uuid)


def test_a_form_that_comes_back_for_somebody_else_is_not_taken_for_the_first_one(atelier: Atelier) -> None:
    """The page before, another first name, the same days: the second caller is not lost."""
    ines = une_deuxieme(atelier, "Inès")
    dits = champs(atelier)
    assert atelier.poster(PAGE, dits).status_code == 303
    refus = atelier.poster(PAGE, dits | {"personne": ines})
    assert refus.status_code == 409
    encore = atelier.poster(PAGE, dits | {"personne": ines, "cle": valeur_de(refus.text, "cle")})
    assert "Inès demande" in vu(atelier.client.get(encore.location))
    assert demandees(atelier) == 2


def test_a_place_confirmed_while_the_page_was_open_does_not_take_her_off_the_list(atelier: Atelier) -> None:
    dits = champs(atelier)
    with atelier.app.app_context(), transaction() as session:
        clio = session.scalars(select(Vehicule).where(Vehicule.libelle == "Clio")).one()
        nadia = session.scalars(select(Reservation).where(Reservation.uuid == atelier.demande)).one().personne
        assert nadia is not None
        finir(une_demande(session, clio, nadia, "entre-temps"), 10)
    assert atelier.poster(PAGE, dits).status_code == 303
