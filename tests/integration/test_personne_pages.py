"""Her pages: words that never reach her, vehicles the law and the offers allow, requests sent once."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import URL, func, select
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, LigneJournal
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.plan import PlanActions, StatutAction
from mobilite.reglement import Reglement, reglement_de
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from seeds.charger import charger
from tests.conftest import CLE, Peupler, client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre
from web.app import Application
from web.config import Config, Mode
from web.lecture_maisons import lire_maisons
from web.referentiel import dossier_des_graines, referentiel
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 21, 9, tzinfo=PARIS)
INTERDITS = re.compile(r"\b(freins?|verdicts?|écartée?s?|scores?|co2|bénéficiaires?)\b", re.IGNORECASE)
ETAIN = "loc-vae-etain"


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@pytest.fixture(scope="module")
def base_chargee(peupler: Peupler) -> Path:
    """The fictional département, loaded once for the whole file."""
    graines = dossier_des_graines()
    maisons = (graines / "meuse" / "maisons_demonstration.csv").read_bytes()
    return peupler(
        lambda session: charger(
            session,
            graines / "demonstration",
            lire_maisons(maisons, referentiel().territoire, demonstration=True),
            le=LE.date(),
            conseiller_id=CONSEILLERE.id,
            version_questionnaire=referentiel().questionnaire.version,
        )
    )


@pytest.fixture
def config(base_chargee: Path, tmp_path: Path) -> Config:
    base = shutil.copy(base_chargee, tmp_path / "base.sqlite")
    return Config(mode=Mode.DEMONSTRATION, cle_secrete=CLE, base=URL.create("sqlite", database=str(base)))


def entrer(app: Application, prenom: str) -> FlaskClient:
    """Somebody of the demonstration, on her phone."""
    with app.app_context(), transaction() as session:
        qui = session.scalars(select(Personne).where(Personne.prenom == prenom)).one()
        compte = compte_de(session, RoleActeur.PERSONNE, personne_id=qui.id)
    return client_de(app, compte.jeton_session)


@pytest.fixture
def nadia(app: Application) -> FlaskClient:
    return entrer(app, "Nadia")


def lire(client: FlaskClient, adresse: str) -> str:
    reponse = client.get(adresse)
    assert reponse.status_code == 200, adresse
    return reponse.text


def adresse_de(app: Application, code: str) -> str:
    with app.app_context(), lecture() as session:
        uuid = session.scalars(select(Offre.uuid).where(Offre.code == code)).one()
    return f"/mes-deplacements/vehicule/{uuid}"


def demander(client: FlaskClient, adresse: str, **autres: str) -> TestResponse:
    """Fill the form of a vehicle as it is shown, first day offered, three days."""
    page = lire(client, adresse)
    champs = {
        "csrf_token": valeur_de(page, "csrf_token"),
        "cle": valeur_de(page, "cle"),
        "debut": re.findall(r'<option value="([^"]+)"', page)[0],
        "jours": "3",
    }
    return client.post(adresse, data=champs | autres)


def les_reservations(app: Application) -> list[Reservation]:
    """What was asked here: the stay of the demonstration that is over does not count."""
    demandees = select(Reservation).where(Reservation.cle_idempotence.not_like("demonstration-%"))
    with app.app_context(), lecture() as session:
        return list(session.scalars(demandees.order_by(Reservation.id)))


def test_no_forbidden_word_reaches_anybody_of_the_demonstration(app: Application) -> None:
    with app.app_context(), lecture() as session:
        prenoms = session.scalars(select(Personne.prenom).order_by(Personne.id)).all()
    assert len(prenoms) >= 12
    for prenom in prenoms:
        with app.app_context(), transaction() as session:
            qui = session.scalars(select(Personne).where(Personne.prenom == prenom)).one()
            plan = PlanActions(personne=qui)
            session.add(plan)
            garde = plan.ajouter_etape("Essayer le trajet en car", CONSEILLERE)
            garde.pas_sur, garde.le = "Le car de 6 h 45 : on vérifie.", date(2026, 11, 23)
            ecarte = plan.ajouter_etape("Louer un scooter", CONSEILLERE)
            ecarte.decider(StatutAction.ECARTEE, CONSEILLERE, "Écartée : trop de CO2.")
        client = entrer(app, prenom)
        pages = [lire(client, "/mes-deplacements/"), lire(client, "/mes-deplacements/vehicule")]
        pages += [
            lire(client, lien)
            for lien in re.findall(r'href="(/mes-deplacements/vehicule/[^"]+)"', pages[1])[:2]
        ]
        assert "Essayer le trajet en car" in pages[0]
        assert "Louer un scooter" not in pages[0]
        assert "Vous pouvez refuser" in pages[0]
        for page in pages:
            vu = re.sub(r"<[^>]+>", " ", page)
            assert not INTERDITS.search(vu), (prenom, INTERDITS.search(vu))
            assert 'href="tel:' in page


def test_the_goal_is_in_her_words_and_without_a_plan_she_is_told_whom_to_call(nadia: FlaskClient) -> None:
    page = lire(nadia, "/mes-deplacements/")
    assert re.search(r"<h1>Nadia, votre but&nbsp;: «&nbsp;Aller à ma formation et, plus tard, conduire", page)
    assert "Votre plan n’est pas encore écrit" in page
    # Fictional people call a fictional number.
    assert 'href="tel:+33353011019"' in page
    assert "+33329753230" not in page


def test_the_first_page_weighs_less_than_50_kb_with_all_it_loads(nadia: FlaskClient) -> None:
    page = lire(nadia, "/mes-deplacements/")
    fichiers = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert any("css/personne.css" in fichier for fichier in fichiers)
    poids = len(gzip.compress(page.encode()))
    for fichier in fichiers:
        with nadia.get(fichier) as reponse:
            assert reponse.status_code == 200
            poids += len(gzip.compress(reponse.data))
    assert poids <= 50_000


def test_nothing_the_law_or_an_offer_refuses_is_shown_nor_given_to_a_forged_form(
    app: Application, nadia: FlaskClient
) -> None:
    page = lire(nadia, "/mes-deplacements/vehicule")
    assert adresse_de(app, ETAIN) in page
    # Doubt is shown, with what would settle it: she has to get back on a bike first.
    assert "savoir faire du vélo" in page
    for code in ("loc-voiture-verdun", "loc-scooter-verdun", "loc-vae-bar"):
        assert adresse_de(app, code) not in page
    jeton = valeur_de(lire(nadia, adresse_de(app, ETAIN)), "csrf_token")
    forge = {"csrf_token": jeton, "cle": "x" * 20, "debut": "2026-12-07", "jours": "3"}
    refus = nadia.post(adresse_de(app, "loc-voiture-verdun"), data=forge)
    assert refus.status_code == 409
    assert les_reservations(app) == []


def test_a_request_is_for_whole_days_and_the_same_form_sent_twice_is_one_request(
    app: Application, nadia: FlaskClient
) -> None:
    premiere = demander(nadia, adresse_de(app, ETAIN), cle="une-seule-cle-pour-deux-envois")
    seconde = demander(nadia, adresse_de(app, ETAIN), cle="une-seule-cle-pour-deux-envois")
    assert premiere.status_code == seconde.status_code == 303
    assert premiere.location == seconde.location
    [reservation] = les_reservations(app)
    # Ten days of notice at Étain, then three days from midnight to midnight, in France.
    assert reservation.debut.astimezone(PARIS) == datetime(2026, 12, 1, tzinfo=PARIS)
    assert reservation.fin.astimezone(PARIS) == datetime(2026, 12, 4, tzinfo=PARIS)
    page = lire(nadia, premiere.location)
    assert "<h1>Demande envoyée</h1>" in page
    assert "du mardi 1er\u00a0décembre au jeudi 3\u00a0décembre" in page
    assert "On vous répond avant lundi 23\u00a0novembre" in lire(nadia, "/mes-deplacements/")


@pytest.mark.parametrize(
    ("champ", "valeur", "phrase"),
    [
        ("debut", "2026-11-23", "se prête à partir du 01/12/2026"),
        ("debut", "demain", "Choisissez le premier jour"),
        ("debut", "2029-01-01", "trop lointaines"),
        ("jours", "0", "Choisissez combien de jours : de 1 à "),
        ("jours", "4000", "Choisissez combien de jours"),
        ("jours", "4,5", "Choisissez combien de jours"),
        ("jours", "", "Choisissez combien de jours"),
        ("jours", "9" * 5000, "Choisissez combien de jours"),
        ("vehicule", "0b8d3f8a-8d8a-4c4e-9d0a-2f0f3c0a9b11", "Choisissez un véhicule de la liste"),
        ("vehicule", "la-clio", "Choisissez un véhicule de la liste"),
    ],
)
def test_days_that_do_not_fit_are_said_plainly_and_nothing_is_asked(
    app: Application, nadia: FlaskClient, champ: str, valeur: str, phrase: str
) -> None:
    reponse = demander(nadia, adresse_de(app, ETAIN), **{champ: valeur})
    assert reponse.status_code == 422
    assert phrase in reponse.text
    assert les_reservations(app) == []


def test_the_first_days_she_may_choose_are_those_when_keys_are_given(
    app: Application, nadia: FlaskClient
) -> None:
    with app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre).where(Offre.code == ETAIN)).one()
        reglement = session.scalars(reglement_de(offre.id)).one_or_none() or Reglement(offre=offre)
        reglement.fermetures = [{"du": "2026-12-24", "au": "2027-01-02"}]
        session.add(reglement)
    jours = re.findall(r'<option value="(2026-12-[0-9]+)"', lire(nadia, adresse_de(app, ETAIN)))
    assert jours[0] == "2026-12-01"
    assert jours[-1] == "2026-12-23"


def test_when_all_is_taken_she_is_told_what_else_is_free_and_has_it_in_one_tap(
    app: Application, nadia: FlaskClient
) -> None:
    adresse = adresse_de(app, ETAIN)
    with app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre).where(Offre.code == ETAIN)).one()
        voisine = une_offre(
            nom="Vélos de la gare", genre=offre.genre, structure=offre.structure, fiche={"lieu": "55181"}
        )
        interdite = une_offre(
            nom="Vélos des jeunes",
            genre=offre.genre,
            structure=offre.structure,
            fiche={"conditions": {"fait": "age", "au_plus": 20}},
        )
        for autre in (voisine, interdite):
            session.add(un_vehicule(autre, libelle="Vélo bleu", categorie="vae"))
        for vehicule in session.scalars(select(Vehicule).where(Vehicule.offre_id == offre.id)):
            session.add(
                Reservation(
                    vehicule_id=vehicule.id,
                    demandee_par=999,
                    debut=datetime(2026, 12, 1, tzinfo=PARIS),
                    fin=datetime(2026, 12, 3, tzinfo=PARIS),
                    expire_le=datetime(2026, 11, 24, tzinfo=PARIS),
                    cle_idempotence=f"autre-{vehicule.id}",
                )
            )
    reponse = demander(nadia, adresse)
    assert reponse.status_code == 409
    assert "Ce n’est pas libre" in reponse.text
    formulaires = re.findall(
        r'<form method="post" action="(/mes-d[^"]+)"(.*?)</form>', reponse.text, re.DOTALL
    )
    offres = [action for action, _ in formulaires]
    assert f"/mes-deplacements/vehicule/{voisine.uuid}" in offres
    # What she may not have is not held out to her.
    assert f"/mes-deplacements/vehicule/{interdite.uuid}" not in offres
    autres_dates = next(corps for action, corps in formulaires if action == adresse)
    assert 'name="debut" value="2026-12-03"' in autres_dates
    champs = dict(re.findall(r'name="(\w+)" value="([^"]*)"', autres_dates))
    assert nadia.post(adresse, data=champs).status_code == 303
    assert les_reservations(app)[-1].debut.astimezone(PARIS).date() == date(2026, 12, 3)


def test_she_gives_up_her_request_and_nobody_else_can_see_or_touch_it(
    app: Application, nadia: FlaskClient
) -> None:
    demande = demander(nadia, adresse_de(app, ETAIN)).location.split("?")[0]
    karim = entrer(app, "Karim")
    absente = f"/mes-deplacements/demande/{UUID(int=5)}"
    assert karim.get(demande).status_code == 404
    assert karim.get(demande).text == karim.get(absente).text
    jeton = valeur_de(lire(karim, "/mes-deplacements/"), "csrf_token")
    assert karim.post(f"{demande}/annuler", data={"csrf_token": jeton}).status_code == 404
    assert les_reservations(app)[0].statut is StatutReservation.DEMANDEE
    jeton = valeur_de(lire(nadia, demande), "csrf_token")
    assert nadia.post(f"{demande}/annuler", data={"csrf_token": jeton}).status_code == 303
    assert les_reservations(app)[0].statut is StatutReservation.ANNULEE
    with app.app_context(), lecture() as session:
        faits = select(func.count()).where(LigneJournal.quoi == Evenement.RESERVATION_ANNULEE.value)
        assert session.scalar(faits) == 1


@pytest.mark.parametrize("jours", ["3", "5", "11"])
def test_a_refused_request_says_why_and_what_else_is_free_for_as_many_days(
    app: Application, nadia: FlaskClient, jours: str
) -> None:
    demande = demander(nadia, adresse_de(app, ETAIN), jours=jours).location.split("?")[0]
    with app.app_context(), transaction() as session:
        en_attente = Reservation.statut == StatutReservation.DEMANDEE
        reservation = session.scalars(select(Reservation).where(en_attente)).one()
        reservation.statut = StatutReservation.REFUSEE
        reservation.motif_refus = "Le vélo est en réparation."
    for page in (lire(nadia, demande), lire(nadia, "/mes-deplacements/")):
        assert "Pas possible cette fois" in page
        assert "Le vélo est en réparation." in page
        assert "Autre chose est libre" in page
        assert "<strong>Vélo électrique n° 2</strong>" in page
        assert f'name="jours" value="{jours}"' in page


def test_her_list_is_short_and_keeps_the_days_already_chosen(app: Application, nadia: FlaskClient) -> None:
    adresse = adresse_de(app, ETAIN)
    with app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre).where(Offre.code == ETAIN)).one()
        offre.fiche = offre.fiche | {"duree_max_jours": 60}

    def durees(page: str) -> list[str]:
        return re.findall(r'name="jours" value="([0-9]+)"', page)

    assert durees(lire(nadia, adresse)) == ["1", "2", "3", "5", "7", "14", "30", "60"]
    assert durees(lire(nadia, f"{adresse}?jours=45")) == ["1", "2", "3", "5", "7", "14", "30", "45", "60"]
    # More than the offer lends is not a choice, whatever the address says.
    assert "61" not in durees(lire(nadia, f"{adresse}?jours=61"))
    assert demander(nadia, adresse, jours="61").status_code == 422
    assert demander(nadia, adresse, jours="45").status_code == 303
    [reservation] = les_reservations(app)
    assert (reservation.fin - reservation.debut).days == 45


def test_a_request_nobody_answered_is_said_so_without_waiting_for_a_clock(
    app: Application, nadia: FlaskClient
) -> None:
    demande = demander(nadia, adresse_de(app, ETAIN)).location.split("?")[0]
    with time_machine.travel(LE + timedelta(hours=49), tick=True):
        nadia = entrer(app, "Nadia")
        assert "Pas de réponse à temps" in lire(nadia, demande)
