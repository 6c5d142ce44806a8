"""The calendar of vehicles: the days it calls free are those a request is given, and it tells nobody who."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.disponibilite import vehicules_libres
from mobilite.flotte import Vehicule
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.liste_attente import Attente
from mobilite.motif_reservation import CanalDemande, MotifSansSuite
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reglement import Reglement
from mobilite.regles_de_flotte import RegleDeFlotte, Regles
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, cles, un_vehicule, une_offre, une_personne, une_structure
from web import reservations
from web.app import Application
from web.calendrier import (
    EtatJour,
    Jour,
    RegleDesJours,
    VehiculeDuCalendrier,
    calendrier,
    jours_entiers,
    minuit,
    n_importe_lequel,
    regle_de,
)
from web.transaction import lecture, transaction

LE = datetime(2026, 10, 20, 9, tzinfo=PARIS)
UN_JOUR = timedelta(days=1)
DEPART = date(2026, 10, 21)
JOURS = [DEPART + rang * UN_JOUR for rang in range(45)]  # over the night of October


def instants(des: int = 0, au: int = 50 * 24) -> st.SearchStrategy[datetime]:
    """Instants on the hour, from the first day on."""
    debut = minuit(DEPART).astimezone(UTC)
    return st.integers(des, au).map(lambda heures: debut + timedelta(hours=heures))


@st.composite
def vehicules(tirer: st.DrawFn) -> VehiculeDuCalendrier:
    """A vehicle with bookings that do not overlap, stops that may, and papers that may end."""
    bornes = sorted(set(tirer(st.lists(instants(), max_size=16))))
    prises = tuple(zip(bornes[::2], bornes[1::2], strict=False))
    arrets = tuple(
        (debut, None if sans_fin else debut + timedelta(hours=heures))
        for debut, heures, sans_fin in tirer(
            st.lists(
                st.tuples(instants(), st.integers(1, 90), st.integers(0, 9).map(lambda n: n == 0)), max_size=2
            )
        )
    )
    return VehiculeDuCalendrier(
        uuid=uuid4(),
        libelle="Voiture",
        en_service=tirer(st.integers(0, 9)) > 0,
        roule_des_le=tirer(st.none() | st.sampled_from(JOURS)),
        roule_jusqu_au=tirer(st.none() | st.sampled_from(JOURS)),
        arrets=arrets,
        prises=prises,
    )


@st.composite
def regles(tirer: st.DrawFn) -> RegleDesJours:
    """Notice, buffer, and days of the week without handover or return."""
    remet = tirer(st.sets(st.integers(0, 6), max_size=3))
    reprend = tirer(st.sets(st.integers(0, 6), max_size=3))
    return RegleDesJours(
        premier_depart=tirer(st.sampled_from(JOURS[:12])),
        tampon=timedelta(hours=tirer(st.integers(0, 30))),
        remet=lambda jour: jour.weekday() not in remet,
        reprend=lambda jour: jour.weekday() not in reprend,
    )


def couvre(prises: tuple[tuple[datetime, datetime], ...], debut: datetime, fin: datetime) -> bool:
    """Whether any of these ranges touches this one, asked of each."""
    return any(de < fin and debut < a for de, a in prises)


def en_fin_de_jour(vehicule: VehiculeDuCalendrier, jour: date) -> bool:
    """Whether somebody has it on both sides of midnight."""
    minuit_suivant = minuit(jour + UN_JOUR)
    return any(de < minuit_suivant < a for de, a in vehicule.prises)


def force_brute(vehicule: VehiculeDuCalendrier, jour: date, duree: int, regle: RegleDesJours) -> EtatJour:
    """The state of a day, from its definition alone: every booking is looked at, every time."""
    debut, fin = jours_entiers(jour, duree)
    _, soir = jours_entiers(jour, 1)
    jours = [jour + rang * UN_JOUR for rang in range(duree)]

    def roule(le: date) -> bool:
        matin, nuit = jours_entiers(le, 1)
        assez_tot = vehicule.roule_des_le is None or vehicule.roule_des_le <= le
        assez_tard = vehicule.roule_jusqu_au is None or le <= vehicule.roule_jusqu_au
        arret = any(de < nuit and (a is None or matin < a) for de, a in vehicule.arrets)
        return vehicule.en_service and assez_tot and assez_tard and not arret

    if not roule(jour):
        return EtatJour.HORS_SERVICE
    if couvre(vehicule.prises, debut, soir):
        return EtatJour.PRIS if en_fin_de_jour(vehicule, jour) else EtatJour.A_RENDRE
    if jour < regle.premier_depart:
        return EtatJour.TROP_PROCHE
    if not regle.remet(jour):
        return EtatJour.FERME
    entier = all(roule(le) for le in jours) and not couvre(vehicule.prises, debut, fin + regle.tampon)
    return EtatJour.LIBRE if entier and regle.reprend(jours[-1]) else EtatJour.TROP_COURT


@given(parc=st.lists(vehicules(), min_size=1, max_size=4), regle=regles(), duree=st.integers(1, 9))
@settings(max_examples=60)
def test_each_day_is_what_looking_at_every_booking_says(
    parc: list[VehiculeDuCalendrier], regle: RegleDesJours, duree: int
) -> None:
    rangs = list(EtatJour)
    for jour in n_importe_lequel(parc, JOURS, duree, regle):
        etats = {v.uuid: force_brute(v, jour.le, duree, regle) for v in parc}
        assert jour.etat is min(etats.values(), key=rangs.index), jour
        # The vehicle named on a free day is one that is free for the whole stay.
        if jour.etat is EtatJour.LIBRE:
            assert jour.vehicule is not None
            assert etats[jour.vehicule] is EtatJour.LIBRE


@given(
    plages=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 60 * 24), st.integers(6, 200), st.booleans()), max_size=14
    ),
    duree=st.sampled_from([1, 2, 3, 7, 14]),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_day_is_free_exactly_when_the_booking_core_finds_a_vehicle_for_the_stay(
    moteur_sqlite: Engine, plages: list[tuple[int, int, int, bool]], duree: int
) -> None:
    with Session(moteur_sqlite) as session:
        offre = une_offre()
        parc = [un_vehicule(offre) for _ in range(3)]
        regle = Reglement(
            offre=offre,
            tampon_heures=5,
            ouvertures="lun-ven 8:00-18:00",
            fermetures=[{"du": "2026-11-11", "au": "2026-11-13"}],
        )
        parc[1].ct_valable_au = DEPART + 20 * UN_JOUR
        parc[2].en_service = False
        session.add_all([*parc, regle])
        session.flush()
        session.add(
            Immobilisation(
                vehicule_id=parc[0].id,
                motif=MotifImmobilisation.ENTRETIEN,
                debut=minuit(date(2026, 11, 17)) + timedelta(hours=10),
                fin=minuit(date(2026, 11, 18)),
                declaree_par=CONSEILLERE.id,
                cle_idempotence="arret",
            )
        )
        for rang, (lequel, heures, longueur, confirmee) in enumerate(plages):
            debut = LE + timedelta(hours=24 + heures)
            reservation = Reservation(
                vehicule_id=parc[lequel].id,
                demandee_par=CONSEILLERE.id,
                demandee_le=LE,
                debut=debut,
                fin=debut + timedelta(hours=longueur),
                libre_le=debut + timedelta(hours=longueur + 5),
                statut=StatutReservation.CONFIRMEE if confirmee else StatutReservation.DEMANDEE,
                expire_le=None if confirmee else LE + timedelta(hours=(rang % 3) - 1),
                place_confirmee_par="Paul" if confirmee else None,
                place_confirmee_le=LE if confirmee else None,
                cle_idempotence=f"cle-{rang}",
            )
            with suppress(IntegrityError), session.begin_nested():
                session.add(reservation)
                session.flush()
        regles = regle.regles()
        des_jours = regle_de(session, offre, DEPART)
        montre = calendrier(session, offre, duree=duree, regle=des_jours, combien=2, le=LE)
        for mois in montre.mois:
            for jour in mois.jours:
                debut, fin = jours_entiers(jour.le, duree)
                libre_le = regles.libre_le(fin)
                libres = session.scalars(
                    vehicules_libres(offre.id, debut, fin, libre_le=libre_le, le=LE)
                ).all()
                attendu = bool(libres) and jour.le >= DEPART and _la_flotte_accepte(regles, debut, fin)
                assert (jour.etat is EtatJour.LIBRE) is attendu, jour
        session.rollback()


def _la_flotte_accepte(regles: Regles, debut: datetime, fin: datetime) -> bool:
    try:
        regles.verifier_les_dates(debut, fin, LE)
    except RegleDeFlotte:
        return False
    return True


def test_a_bigger_fleet_with_more_bookings_asks_the_database_no_more_questions(moteur_sqlite: Engine) -> None:
    questions: list[str] = []
    combien = []
    with Session(moteur_sqlite) as session:
        for taille in (1, 12):
            offre = une_offre()
            parc = [un_vehicule(offre) for _ in range(taille)]
            session.add_all(parc)
            session.flush()
            session.add_all(
                _une_reservation(v.id, LE + (2 + 3 * rang) * UN_JOUR) for v in parc for rang in range(30)
            )
            session.flush()
            noter = lambda *args: questions.append(args[2])  # noqa: E731
            event.listen(moteur_sqlite, "before_cursor_execute", noter)
            montre = calendrier(session, offre, duree=3, regle=RegleDesJours(DEPART), combien=2, le=LE)
            event.remove(moteur_sqlite, "before_cursor_execute", noter)
            assert len(montre.vehicules) == taille
            combien.append(len(questions))
            questions.clear()
        session.rollback()
    assert combien[0] == combien[1] <= 3


def _une_reservation(vehicule_id: int, debut: datetime) -> Reservation:
    return Reservation(
        vehicule_id=vehicule_id,
        demandee_par=CONSEILLERE.id,
        debut=debut,
        fin=debut + timedelta(days=2),
        libre_le=debut + timedelta(days=2),
        statut=StatutReservation.CONFIRMEE,
        place_confirmee_par="Paul",
        place_confirmee_le=LE,
        cle_idempotence=uuid4().hex,
    )


def test_nothing_is_free_without_a_vehicle() -> None:
    [jour] = n_importe_lequel([], [DEPART], 1, RegleDesJours(DEPART))
    assert jour == Jour(DEPART, EtatJour.HORS_SERVICE)


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
    assert "mercredi 11 novembre : à rendre" in page
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
        ({"jours": "4"}, "Choisissez combien de jours."),
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


def test_when_the_days_are_taken_a_button_fills_the_form_with_others_and_asks_for_nothing(
    maison: Maison,
) -> None:
    refus = reserver(maison, debut="2026-11-10", canal="guichet")
    assert refus.status_code == 409
    page = unescape(refus.text)
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
