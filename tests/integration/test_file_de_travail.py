"""One list of what waits: each kind comes when it is due and goes when it is done, in one order, at one price."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import jour_local
from mobilite.journal import Evenement
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import Entrer
from tests.fabriques import (
    AUTRE_CONSEILLER,
    CONSEILLERE,
    LUNDI,
    une_personne,
)
from tests.integration.bureau import Bureau
from tests.integration.choses_qui_attendent import (
    JOUR,
    SOURCES,
    Faire,
    une_absence,
    une_etape,
    une_place_gardee,
    une_reservation,
)
from web.app import Application
from web.conseiller.travail import FileDeTravail, file_de_travail
from web.conseiller.travail.a_faire import AU_PLUS, GenreTravail
from web.transaction import lecture, transaction


@pytest.fixture(autouse=True)
def lundi() -> Iterator[None]:
    with time_machine.travel(LUNDI, tick=True):
        yield


def la_file(app: Application, acteur: Acteur = CONSEILLERE, **choix: Any) -> FileDeTravail:
    """What waits for an adviser now."""
    defauts: dict[str, Any] = {"genre": None, "page": 1, "par_page": 1000}
    with app.test_request_context(), lecture() as session:
        return file_de_travail(session, acteur, datetime.now(LUNDI.tzinfo), **(defauts | choix))


def genres(file: FileDeTravail) -> list[GenreTravail]:
    return [ligne.travail.genre for ligne in file.lignes]


@pytest.mark.parametrize("faire", SOURCES, ids=lambda faire: faire.__name__)
def test_each_kind_waits_for_who_follows_her_until_it_is_done(app: Application, faire: Faire) -> None:
    with app.app_context(), transaction() as session:
        elle = une_personne(prenom="Amina", conseiller_id=CONSEILLERE.id)
        session.add(elle)
        session.flush()
        fini = faire(session, elle)
    file = la_file(app)
    assert genres(file) == [SOURCES[faire]]
    [ligne] = file.lignes
    assert ligne.qui == "Amina" and ligne.pourquoi and ligne.adresse.startswith("/conseiller/")
    assert (ligne.travail.avant is None) == (SOURCES[faire] is GenreTravail.A_PRENDRE)
    sienne = SOURCES[faire] is GenreTravail.A_PRENDRE
    assert bool(la_file(app, AUTRE_CONSEILLER).lignes) == sienne, "only what nobody follows is everybody's"
    with app.app_context(), transaction() as session:
        fini.ecrire(session)
    assert la_file(app).lignes == []


@pytest.mark.parametrize(("jours", "dedans"), [(7, True), (8, False), (-40, True)])
def test_a_day_shows_a_week_before_and_never_vanishes_by_going_by(
    app: Application, jours: int, dedans: bool
) -> None:
    with app.app_context(), transaction() as session:
        elle = une_personne(conseiller_id=CONSEILLERE.id)
        session.add(elle)
        une_etape(session, elle, jours=jours)
    assert bool(la_file(app).lignes) == dedans


@pytest.mark.parametrize(("jours", "dedans"), [(13, True), (15, False)])
def test_what_nobody_answered_is_shown_for_two_weeks(app: Application, jours: int, dedans: bool) -> None:
    """Not what was only held for somebody of the waiting list: that has its own story."""
    with app.app_context(), transaction() as session:
        elle, qui_attendait = (une_personne(conseiller_id=CONSEILLERE.id) for _ in range(2))
        session.add_all([elle, qui_attendait])
        session.flush()
        passe = {"statut": StatutReservation.EXPIREE, "expire_le": LUNDI - timedelta(days=jours)}
        demande = une_reservation(session, elle, **passe)
        place = une_place_gardee(session, qui_attendait).objet
        session.get_one(Reservation, place.reservation_id).statut = StatutReservation.EXPIREE
        attendu = [demande.id] if dedans else []
    file = la_file(app, genre=GenreTravail.SANS_REPONSE)
    assert [ligne.travail.numero for ligne in file.lignes] == attendu


def test_the_order_is_the_day_then_the_kind_then_who_waited_longest(app: Application) -> None:
    with app.app_context(), transaction() as session:
        for faire in SOURCES:
            elle = une_personne(conseiller_id=CONSEILLERE.id)
            session.add(elle)
            session.flush()
            faire(session, elle)
        for jours in (3, 9):
            ancienne = une_personne(creee_le=LUNDI - timedelta(days=jours))
            session.add(ancienne)
    lignes = la_file(app).lignes
    assert set(genres(la_file(app))) == set(GenreTravail)
    for avant, apres in pairwise(ligne.travail for ligne in lignes):
        jour_avant, jour_apres = avant.avant or date.max, apres.avant or date.max
        assert jour_avant <= jour_apres
        if jour_avant == jour_apres:
            assert avant.genre.rang <= apres.genre.rang
    depuis = [ligne.travail.depuis for ligne in lignes if ligne.travail.genre is GenreTravail.A_PRENDRE]
    assert depuis == sorted(d for d in depuis if d) and depuis[0] == jour_local(LUNDI - timedelta(days=9))
    une_page = [la_file(app, page=n, par_page=4).lignes for n in (1, 2, 3, 4)]
    assert [ligne.travail for page in une_page for ligne in page] == [ligne.travail for ligne in lignes]
    seule = la_file(app, genre=GenreTravail.FIN)
    assert set(genres(seule)) == {GenreTravail.FIN} and seule.total == len(lignes)


def test_the_price_of_the_list_does_not_grow_with_the_people(app: Application) -> None:
    def peupler(combien: int) -> None:
        with app.app_context(), transaction() as session:
            for _ in range(combien):
                for faire in SOURCES:
                    elle = une_personne(conseiller_id=CONSEILLERE.id)
                    session.add(elle)
                    session.flush()
                    faire(session, elle)

    def requetes() -> int:
        ordres: list[str] = []
        noter = lambda *lu: ordres.append(lu[2])  # noqa: E731
        with app.app_context(), lecture() as session:
            moteur = session.get_bind()
            event.listen(moteur, "before_cursor_execute", noter)
            try:
                la_file(app)
            finally:
                event.remove(moteur, "before_cursor_execute", noter)
        return len(ordres)

    peupler(1)
    une_fois = requetes()
    peupler(12)
    assert requetes() == une_fois
    assert 12 < une_fois < 40
    assert la_file(app).comptes[GenreTravail.REPONSE] == 39 < AU_PLUS


def test_bookings_are_found_by_their_status_and_not_person_by_person(app: Application) -> None:
    """SQLite, that has no statistics, chose the people first when the indexes were partial: 50 000 searches a query."""
    plans: list[str] = []

    def expliquer(_connexion: object, curseur: Any, ordre: str, valeurs: Any, *_reste: object) -> None:
        if "FROM reservation" in ordre:
            curseur.execute(f"EXPLAIN QUERY PLAN {ordre}", valeurs)
            plans.extend(ligne[3] for ligne in curseur.fetchall())

    with app.app_context(), lecture() as session:
        moteur = session.get_bind()
        event.listen(moteur, "before_cursor_execute", expliquer)
        try:
            la_file(app)
        finally:
            event.remove(moteur, "before_cursor_execute", expliquer)
    lectures = [ligne for ligne in plans if ligne.startswith(("SEARCH reservation ", "SCAN reservation "))]
    assert len(lectures) == 5
    assert all("INDEX ix_reservation_statut_" in ligne for ligne in lectures), lectures


def test_a_stay_that_goes_on_comes_back_on_the_last_day_of_what_follows_it(app: Application) -> None:
    """Nobody is called for a vehicle that is to be kept longer, sheet or no sheet for the keys she has."""
    with app.app_context(), transaction() as session:
        elle = une_personne(conseiller_id=CONSEILLERE.id)
        session.add(elle)
        session.flush()
        hier = LUNDI - timedelta(days=1)
        rendez = {"debut": LUNDI - timedelta(days=20), "fin": hier, "statut": StatutReservation.REMISE}
        premiere = une_reservation(session, elle, **rendez)
        suite = une_reservation(
            session,
            elle,
            vehicule_id=premiere.vehicule_id,
            renouvelle_id=premiere.id,
            statut=StatutReservation.CONFIRMEE,
            debut=hier,
            fin=LUNDI + timedelta(days=3),
        )
        attendu = (suite.id, JOUR + timedelta(days=3))
    [ligne] = la_file(app).lignes
    assert (ligne.travail.numero, ligne.travail.avant) == attendu
    assert "est à rendre" in ligne.pourquoi


def test_who_was_put_aside_keeps_her_reasons_to_herself(app: Application) -> None:
    with app.app_context(), transaction() as session:
        elle = une_personne(prenom="Amina", conseiller_id=CONSEILLERE.id, en_attente=True)
        session.add(elle)
        une_etape(session, elle)
    [ligne] = la_file(app).lignes
    assert ligne.qui == "Amina" and "garage" not in ligne.pourquoi and "en attente" in ligne.pourquoi


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


@pytest.fixture
def voisin(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def test_somebody_nobody_follows_is_taken_in_one_click_and_by_one_adviser_only(
    bureau: Bureau, voisin: Bureau
) -> None:
    adresse = bureau.ajouter(une_personne(prenom="Seule"))
    assert "1 dossier sans conseiller" in voisin.page("/conseiller/")
    for _ in range(2):
        assert bureau.envoyer(f"{adresse}/prendre").status_code == 303
    assert "Vous suivez maintenant Seule" in bureau.page("/conseiller/")
    assert bureau.faits().count(Evenement.DOSSIER_PRIS) == 1
    mien = bureau.personne(adresse).conseiller_id
    voisin.envoyer(f"{adresse}/prendre")
    page = voisin.page("/conseiller/")
    assert "Un autre conseiller vient de prendre ce dossier" in page and "Seule" not in page
    assert bureau.personne(adresse).conseiller_id == mien


def test_who_could_not_come_is_called_back_from_the_list(bureau: Bureau, voisin: Bureau) -> None:
    adresse = bureau.ouvrir(prenom="Amina")
    with bureau.app.app_context(), transaction() as session:
        elle = session.scalars(select(Personne)).one()
        une_absence(session, elle)
        uuid = session.scalars(select(Reservation.uuid)).one()
    page = bureau.page("/conseiller/?travail=absence")
    assert "1 personne à rappeler" in page and "Pas de moyen de venir chercher le véhicule" in page
    retour = bureau.envoyer(f"/conseiller/reservations/{uuid}/recontactee", travail="absence")
    assert retour.location.startswith("/conseiller/?travail=absence")
    assert "à rappeler" not in bureau.page("/conseiller/")
    assert Evenement.PERSONNE_RECONTACTEE in bureau.faits()
    assert "Rappelée après son absence" in bureau.page(f"{adresse}/carnet")
