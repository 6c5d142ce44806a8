"""The calendar of vehicles as each reads it: a request is one touch away, and nobody is told whose days they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from html import unescape
from typing import Any, NamedTuple

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.flotte import Vehicule
from mobilite.liste_attente import Attente
from mobilite.motif_reservation import CanalDemande, MotifSansSuite
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, cles, un_vehicule, une_offre, une_personne, une_structure
from web import reservations
from web.app import Application
from web.calendrier import minuit
from web.transaction import lecture, transaction

LE = datetime(2026, 10, 20, 9, tzinfo=PARIS)


class Maison(NamedTuple):
    """An offer of two cars; Nadia who asks, Rose who has one, and everybody signed in."""

    app: Application
    nadia: FlaskClient
    partenaire: FlaskClient
    claire: FlaskClient
    autre: FlaskClient
    offre: str
    dossier: str
    grise: str


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=False):
        yield


@pytest.fixture
def maison(app: Application) -> Maison:
    with app.app_context(), transaction() as session:
        structure = une_structure()
        offre = une_offre(structure=structure, nom="Voitures de Verdun")
        grise, bleue = un_vehicule(offre, libelle="Clio grise"), un_vehicule(offre, libelle="Zoé bleue")
        claire = compte_de(session, RoleActeur.CONSEILLER)
        autre = compte_de(session, RoleActeur.CONSEILLER)
        nadia = une_personne(prenom="Nadia", permis="B", annee_naissance=1990, conseiller_id=claire.id)
        rose = une_personne(prenom="Rose", nom="Ailleurs", conseiller_id=autre.id)
        session.add_all([grise, bleue, nadia, rose])
        session.flush()
        cle = cles()
        for vehicule in (grise, bleue):
            reservations.demander(
                session,
                acteur=CONSEILLERE,
                offre=offre,
                vehicule=vehicule,
                debut=minuit(date(2026, 11, 10)),
                fin=minuit(date(2026, 11, 12)),
                cle=cle(),
                personne_id=rose.id,
            )
        elle = compte_de(session, RoleActeur.PERSONNE, personne_id=nadia.id)
        gerante = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
        return Maison(
            app=app,
            nadia=client_de(app, elle.jeton_session),
            partenaire=client_de(app, gerante.jeton_session),
            claire=client_de(app, claire.jeton_session),
            autre=client_de(app, autre.jeton_session),
            offre=f"/mes-deplacements/vehicule/{offre.uuid}",
            dossier=f"/conseiller/dossiers/{nadia.uuid}",
            grise=str(grise.uuid),
        )


def lire(client: FlaskClient, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200, (adresse, reponse.status_code, reponse.location)
    return unescape(reponse.text).replace("\u00a0", " ")


def les_siennes(maison: Maison) -> list[Reservation]:
    with maison.app.app_context(), lecture() as session:
        return list(
            session.scalars(
                select(Reservation)
                .join(Personne, Personne.id == Reservation.personne_id)
                .where(Personne.prenom == "Nadia")
                .order_by(Reservation.id)
            )
        )


def pour_elle(maison: Maison) -> str:
    """The path of « Réserver pour elle » for the only offer there is."""
    with maison.app.app_context(), lecture() as session:
        return f"{maison.dossier}/reserver/{session.scalars(select(Offre.uuid)).one()}"


def reserver(maison: Maison, **champs: Any) -> Any:
    """Send the adviser's form as the page gives it."""
    adresse = pour_elle(maison)
    page = maison.claire.get(adresse).text
    envoye = {
        "csrf_token": valeur_de(page),
        "cle": valeur_de(page, "cle"),
        "debut": "2026-11-03",
        "jours": "3",
        "canal": "telephone",
    }
    return maison.claire.post(adresse, data=envoye | champs)


def test_every_day_says_its_state_in_words_and_touching_a_free_one_fills_the_form_in(maison: Maison) -> None:
    page = lire(maison.nadia, f"{maison.offre}/jours?jours=3&mois=2026-11")
    assert "mardi 3 novembre : libre, choisir ces jours" in page
    # Two days are free before Rose's two: not three in a row.
    assert "dimanche 8 novembre : pas assez de jours" in page
    assert "mardi 10 novembre : pris" in page
    assert "mercredi 11 novembre : pas encore prêt" in page
    assert "Rose" not in page
    lien = re.search(r'href="([^"]+debut=2026-11-03[^"]*)"', page)
    assert lien is not None
    formulaire = lire(maison.nadia, lien[1])
    assert '<option value="2026-11-03" selected>' in formulaire
    assert re.search(r'name="jours" value="3" checked', formulaire)


def test_a_vehicle_chosen_on_the_calendar_is_the_one_that_is_asked_for(maison: Maison) -> None:
    page = lire(maison.nadia, f"{maison.offre}/jours?jours=2&vehicule={maison.grise}")
    lien = re.search(r'href="([^"]+debut=2026-10-27[^"]*)"', page)
    assert lien is not None
    formulaire = lire(maison.nadia, lien[1])
    assert "Vous demandez <strong>Clio grise</strong>" in formulaire
    champs = {nom: valeur_de(formulaire, nom) for nom in ("csrf_token", "cle", "vehicule")}
    reponse = maison.nadia.post(maison.offre, data=champs | {"debut": "2026-10-27", "jours": "2"})
    assert reponse.status_code == 303
    [sienne] = les_siennes(maison)
    assert sienne.vehicule.libelle == "Clio grise"


def test_a_vehicle_she_may_not_drive_is_not_on_her_calendar(maison: Maison) -> None:
    with maison.app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre)).one()
        session.add(un_vehicule(offre, libelle="Kangoo des anciens", age_min=60))
    page = lire(maison.nadia, f"{maison.offre}/jours?jours=2&mois=2026-11")
    assert "Zoé bleue" in page
    assert "Kangoo" not in page
    # On the days the two others are taken, the third is no help to her.
    assert "mardi 10 novembre : pris" in page


def test_a_vehicle_she_may_drive_by_then_is_on_the_calendar_of_those_months(maison: Maison) -> None:
    with maison.app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre)).one()
        session.add(un_vehicule(offre, libelle="Kangoo", age_min=37))
    assert "Kangoo" not in lire(maison.nadia, f"{maison.offre}/jours?jours=2&mois=2026-11")
    assert "Kangoo" in lire(maison.nadia, f"{maison.offre}/jours?jours=2&mois=2027-01")
    assert "Kangoo" in lire(maison.claire, f"{pour_elle(maison)}?debut=2027-02-03")


def test_what_the_adviser_books_for_her_is_what_she_sees_and_the_same_form_twice_is_one_request(
    maison: Maison,
) -> None:
    premiere = reserver(maison, cle="une-seule-cle-pour-deux")
    seconde = reserver(maison, cle="une-seule-cle-pour-deux")
    assert premiere.status_code == seconde.status_code == 303
    [sienne] = les_siennes(maison)
    assert (sienne.canal, sienne.statut) == (CanalDemande.TELEPHONE, StatutReservation.DEMANDEE)
    libelle = sienne.vehicule.libelle
    assert f"{libelle}</strong>, du mardi 3 novembre au jeudi 5 novembre" in lire(
        maison.claire, maison.dossier
    )
    assert libelle in lire(maison.nadia, "/mes-deplacements/")
    assert "du mardi 3 novembre au jeudi 5 novembre" in lire(
        maison.nadia, f"/mes-deplacements/demande/{sienne.uuid}"
    )


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"debut": ""}, "Choisissez le premier jour."),
        ({"debut": "2026-10-01"}, "se prête à partir du"),
        ({"canal": ""}, "Dites si elle a appelé ou si elle est venue."),
        ({"jours": "366"}, "Choisissez combien de jours : de 1 à 365."),
        ({"jours": "-3"}, "Choisissez combien de jours"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    maison: Maison, champs: dict[str, str], phrase: str
) -> None:
    refus = reserver(maison, **champs)
    page = unescape(refus.text)
    assert refus.status_code == 422
    assert phrase in page
    if "debut" not in champs:
        assert 'value="2026-11-03"' in page
    if "canal" not in champs:
        assert re.search(r'value="telephone" checked', page)
    assert les_siennes(maison) == []


@pytest.mark.parametrize("jours", ["4", "90", "365"])
def test_the_adviser_types_as_many_days_as_it_takes(maison: Maison, jours: str) -> None:
    debut = "2026-11-12"
    calendrier = lire(maison.claire, f"{pour_elle(maison)}?jours={jours}&debut={debut}")
    assert f"Jours libres pour {jours} jours" in calendrier
    assert "jeudi 12 novembre : libre, choisir ces jours" in calendrier
    assert reserver(maison, debut=debut, jours=jours).status_code == 303
    [sienne] = les_siennes(maison)
    assert (sienne.fin - sienne.debut).days == int(jours)


def test_when_the_days_are_taken_a_button_fills_the_form_with_others_and_asks_for_nothing(
    maison: Maison,
) -> None:
    refus = reserver(maison, debut="2026-11-10", canal="guichet")
    assert refus.status_code == 409
    page = unescape(refus.text)
    # What is free is said once, by the buttons, which know what suits her.
    assert "Ce n'est pas libre tous ces jours-là." in page
    assert "Prochaine date libre" not in page
    bouton = re.search(r'name="choix" value="([^"]+)" formaction="([^"]+)"', page)
    assert bouton is not None, page
    champs = {
        "csrf_token": valeur_de(page),
        "cle": valeur_de(page, "cle"),
        "debut": "2026-11-10",
        "jours": "3",
        "canal": "guichet",
        "choix": bouton[1],
    }
    rempli = maison.claire.post(bouton[2], data=champs)
    assert rempli.status_code == 200
    assert 'value="2026-11-12"' in rempli.text
    assert re.search(r'value="guichet" checked', rempli.text)
    assert les_siennes(maison) == []


def test_a_vehicle_that_is_refused_to_her_leads_the_adviser_to_those_she_may_ask_for(maison: Maison) -> None:
    with maison.app.app_context(), transaction() as session:
        session.scalars(select(Personne).where(Personne.prenom == "Nadia")).one().permis = {"type": "aucun"}
    reponse = maison.claire.get(pour_elle(maison))
    assert (reponse.status_code, reponse.location) == (303, f"{maison.dossier}/reserver")
    assert "La loi ou l’offre ne permet pas ce véhicule pour elle" in lire(maison.claire, reponse.location)


def test_a_request_moves_to_other_days_and_its_own_days_are_not_in_its_way(maison: Maison) -> None:
    reserver(maison)
    [avant] = les_siennes(maison)
    adresse = f"/mes-deplacements/demande/{avant.uuid}/jours"
    page = lire(maison.nadia, adresse)
    assert "mercredi 4 novembre : libre" in lire(maison.nadia, f"{adresse}?mois=2026-11&jours=3")
    champs = {"csrf_token": valeur_de(page), "cle": valeur_de(page, "cle"), "jours": "3"}
    # One day later overlaps itself: allowed. Rose's days: refused, and nothing moves.
    assert maison.nadia.post(adresse, data=champs | {"debut": "2026-11-04"}).status_code == 303
    refus = maison.nadia.post(adresse, data=champs | {"debut": "2026-11-10"})
    assert refus.status_code == 409
    assert "Votre demande reste comme avant." in refus.text
    [apres] = les_siennes(maison)
    assert apres.debut == minuit(date(2026, 11, 4))
    assert (apres.id, apres.vehicule_id) == (avant.id, avant.vehicule_id)


def test_giving_up_says_why_and_frees_the_days(maison: Maison) -> None:
    reserver(maison)
    [sienne] = les_siennes(maison)
    jeton = valeur_de(maison.claire.get("/conseiller/").text)
    adresse = f"{maison.dossier}/reservations/{sienne.uuid}/annuler"
    assert maison.claire.post(adresse, data={"csrf_token": jeton, "motif": "transport"}).status_code == 303
    [annulee] = les_siennes(maison)
    assert (annulee.statut, annulee.motif) == (StatutReservation.ANNULEE, MotifSansSuite.TRANSPORT)


def test_the_partner_reads_first_names_and_an_adviser_only_those_of_the_people_she_follows(
    maison: Maison,
) -> None:
    reserver(maison)
    mois = lire(maison.partenaire, "/partenaire/calendrier?mois=2026-11")
    assert "Du mardi 3 novembre au jeudi 5 novembre, Nadia" in mois
    assert "Du mardi 10 novembre au mercredi 11 novembre, Rose" in mois
    assert "Ailleurs" not in mois
    # A place only offered to somebody of the waiting list is shown without her name.
    with maison.app.app_context(), transaction() as session:
        for reservation in session.scalars(select(Reservation).where(Reservation.debut > LE)):
            if reservation.personne is not None and reservation.personne.prenom == "Rose":
                reservation.statut = StatutReservation.PROPOSEE
    mois = lire(maison.partenaire, "/partenaire/calendrier?mois=2026-11")
    assert "Du mardi 10 novembre au mercredi 11 novembre : proposée" in mois
    assert "Rose" not in mois
    chez_claire = lire(maison.claire, pour_elle(maison))
    assert "<strong>Nadia</strong>" in chez_claire
    assert "Rose" not in chez_claire
    assert "<strong>Rose Ailleurs</strong>" in lire(maison.autre, pour_elle(maison))


@pytest.mark.parametrize("mois", ["9999-12", "0001-01", "2026-13", "demain"])
def test_a_month_that_cannot_be_shown_is_this_month(maison: Maison, mois: str) -> None:
    assert "octobre 2026" in lire(maison.partenaire, f"/partenaire/calendrier?mois={mois}").casefold()


def test_when_all_is_taken_the_adviser_puts_her_on_the_list_for_the_days_already_typed(
    maison: Maison,
) -> None:
    with maison.app.app_context(), transaction() as session:
        for vehicule in session.scalars(select(Vehicule)):
            with suppress(IntegrityError), session.begin_nested():
                session.add(
                    Reservation(
                        vehicule_id=vehicule.id,
                        demandee_par=CONSEILLERE.id,
                        debut=minuit(date(2026, 11, 3)),
                        fin=minuit(date(2026, 11, 6)),
                        expire_le=minuit(date(2026, 11, 3)),
                        cle_idempotence=f"prise-{vehicule.id}",
                    )
                )
    assert "Mettre en liste d’attente" not in lire(maison.claire, pour_elle(maison))
    refus = reserver(maison)
    assert refus.status_code == 409
    page = unescape(refus.text)
    bouton = re.search(r'formaction="([^"]+)">Mettre en liste d’attente', page)
    assert bouton is not None
    assert 'name="debut" type="date" value="2026-11-03"' in page
    champs = {nom: valeur_de(page, nom) for nom in ("csrf_token", "cle")}
    champs |= {"debut": "2026-11-03", "jours": "3"}
    for _ in range(2):
        suite = maison.claire.post(bouton[1], data=champs)
        assert suite.status_code == 303
    assert "Nadia" in lire(maison.claire, suite.headers["Location"])
    with maison.app.app_context(), lecture() as session:
        attente = session.scalars(select(Attente)).one()
        assert (attente.personne.prenom, attente.jours) == ("Nadia", (date(2026, 11, 3), date(2026, 11, 5)))
