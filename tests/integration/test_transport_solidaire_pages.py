"""From the adviser's dossier to the volunteer's road: who sees what, when, and what is kept."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.benevole import Benevole
from mobilite.course_solidaire import StatutCourse
from mobilite.demande_transport import DemandeDeTransport, StatutDemande
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.journal import LigneJournal
from mobilite.personnes import Personne
from mobilite.transport_solidaire import Fauteuil, Retour
from mobilite.verdict import Verdict
from tests.conftest import client_de, compte_de, sans_jeton, valeur_de
from tests.fabriques import un_benevole, une_demande_de_transport, une_structure
from tests.integration.entraide import MARDI, Entraide, une_entraide, vu
from web.app import Application
from web.rapport_prefet import trajets_tenus_ici
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 20, 9, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@pytest.fixture
def entraide(app: Application) -> Entraide:
    return une_entraide(app)


def test_a_request_is_filled_in_from_the_need_and_the_law_is_asked(entraide: Entraide) -> None:
    assert entraide.demander().status_code == 303
    demande = entraide.demande()
    assert (demande.jour, demande.depart, demande.arrivee) == (MARDI, "55181", "55545")
    assert (demande.arriver_a, demande.retour, demande.repart_a) == (600, Retour.ATTENTE, 720)
    assert (demande.passagers, demande.sieges_enfant, demande.accompagnement) == (2, 1, True)
    assert (demande.critere, demande.droit_verdict) == (CritereTransport.RESSOURCES, Verdict.OUI)
    assert (demande.fauteuil, demande.besoin) == (Fauteuil.AUCUN, entraide.besoin)


def test_the_same_form_sent_twice_asks_once_and_weeks_are_asked_one_by_one(entraide: Entraide) -> None:
    for _ in range(2):
        assert entraide.demander(cle="une-cle-de-formulaire", semaines="3").status_code == 303
    with entraide.app.app_context(), lecture() as session:
        jours = session.scalars(select(DemandeDeTransport.jour).order_by(DemandeDeTransport.jour)).all()
    assert jours == [MARDI + timedelta(weeks=n) for n in range(3)]


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"jour": ""}, "Dites quel jour."),
        ({"jour": "2026-11-19"}, "Ce jour est passé."),
        ({"heure": ""}, "Dites à quelle heure."),
        ({"repart_a": "09:00"}, "Le retour vient après l’aller"),
        ({"arrivee": "Nullepart"}, "Nullepart"),
        ({"passagers": "12"}, "entre 1 et 8"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_typed_is_lost(
    entraide: Entraide, change: dict[str, str], phrase: str
) -> None:
    reponse = entraide.demander(**change)
    assert reponse.status_code == 422
    assert phrase in vu(reponse)
    assert "3 rue des Lilas" in html.unescape(reponse.text)
    assert entraide.demande() is None


def test_a_trip_the_law_refuses_is_not_sent_and_says_why(entraide: Entraide) -> None:
    reponse = entraide.demander(depart="Montmédy", arrivee="Montiers-sur-Saulx")
    assert reponse.status_code == 422
    assert "Un transport solidaire ne dépasse pas 100 km" in vu(reponse)
    assert entraide.demande() is None


def test_needs_show_before_a_yes_and_who_she_is_only_after(entraide: Entraide) -> None:
    entraide.demander()
    adresse = f"/partenaire/transports/{entraide.demande().uuid}"
    secrets = ("Odette", "Lilas", "39 98 01 10")
    for lieu in ("/partenaire/transports", adresse):
        page = vu(entraide.association.get(lieu)).replace("\u00a0", " ")
        assert "Accompagner à pied" in page
        assert "1 siège enfant" in page
        assert not [s for s in secrets if s in page]
    chez_elle = vu(entraide.odette_chez_elle.get("/mes-deplacements/"))
    assert "cherche quelqu’un pour vous conduire" in chez_elle

    entraide.proposer()
    assert "Odette" not in vu(entraide.association.get(adresse))
    assert "Paul" not in vu(entraide.odette_chez_elle.get("/mes-deplacements/"))

    entraide.repondre("accepter")
    page = vu(entraide.association.get(adresse)).replace("\u00a0", " ")
    assert not [s for s in secrets if s not in page]
    chez_elle = vu(entraide.odette_chez_elle.get("/mes-deplacements/")).replace("\u00a0", " ")
    assert re.search(r"Paul vient vous chercher à \d+ h( \d\d)?, vous attend et vous ramène\.", chez_elle)
    assert "06 39 98 02 01" in chez_elle
    dossier = vu(entraide.claire.get(f"/conseiller/dossiers/{entraide.odette.uuid}"))
    assert "Transports solidaires" in dossier
    assert "acceptée" in dossier


def test_the_number_of_somebody_discreet_is_never_given_to_the_association(entraide: Entraide) -> None:
    entraide.demander()
    with entraide.app.app_context(), transaction() as session:
        odette = session.get_one(Personne, entraide.odette.id)
        odette.conseiller_id, odette.contact_discret = 101, True
    entraide.proposer("oui")
    page = vu(entraide.association.get(f"/partenaire/transports/{entraide.demande().uuid}"))
    assert "Numéro non communiqué" in page
    assert "98 01 10" not in page.replace("\u00a0", " ")


def test_a_refusal_frees_the_trip_for_somebody_else_and_the_reason_stays_with_the_association(
    entraide: Entraide,
) -> None:
    entraide.demander()
    entraide.proposer()
    entraide.repondre("refuser", motif="trop_loin")
    assert entraide.course().motif == "Trop loin"
    assert "Trop loin" not in entraide.odette_chez_elle.get("/mes-deplacements/").text
    assert entraide.proposer("oui").status_code == 303
    assert entraide.course().statut is StatutCourse.ACCEPTEE


def test_driven_km_and_participation_enter_the_report_and_the_cap_is_kept(entraide: Entraide) -> None:
    entraide.demander()
    entraide.proposer("oui")
    faits = {"km_avec_elle": "44", "km_total": "50", "participation": "14,09"}
    trop_tot = entraide.repondre("conduite", **faits)
    assert (trop_tot.status_code, "n'a pas encore eu lieu" in vu(trop_tot)) == (422, True)
    with time_machine.travel(datetime(2026, 11, 24, 18, tzinfo=PARIS), tick=True):
        entraide.association = client_de(entraide.app, entraide.jeton)  # signed in again that evening
        trop = entraide.repondre("conduite", **(faits | {"participation": "99"}))
        assert (trop.status_code, "0,32" in vu(trop)) == (422, True)
        assert 'value="99"' in trop.text
        assert entraide.repondre("conduite", **(faits | {"km_avec_elle": "60"})).status_code == 422
        assert entraide.repondre("conduite", **faits).status_code == 303
        assert entraide.repondre("conduite", **faits).status_code == 409
    with entraide.app.app_context(), lecture() as session:
        aller, retour = trajets_tenus_ici(session, entraide.structure.id, 2026)
        assert trajets_tenus_ici(session, entraide.structure.id, 2025) == []
    assert (aller.depart_insee, aller.arrivee_insee) == (retour.arrivee_insee, retour.depart_insee)
    assert (aller.km, retour.km, aller.passagers) == (22, 22, 2)
    assert (aller.participation_centimes, retour.participation_centimes) == (705, 704)
    assert (aller.critere, aller.places) == (CritereTransport.RESSOURCES, 5)
    assert aller.benevole_numero == str(entraide.paul.id)


def test_nobody_can_is_told_in_words_to_her_and_to_the_adviser(entraide: Entraide) -> None:
    entraide.demander()
    adresse = f"/partenaire/transports/{entraide.demande().uuid}/sans-benevole"
    assert entraide.poster(adresse, {"reponse": "Tout le monde est en vacances."}).status_code == 303
    chez_elle = vu(entraide.odette_chez_elle.get("/mes-deplacements/"))
    assert "Pas possible cette fois. Tout le monde est en vacances." in chez_elle
    assert "pas de bénévole cette fois" in vu(
        entraide.claire.get(f"/conseiller/dossiers/{entraide.odette.uuid}")
    )
    assert entraide.proposer().status_code == 409


@pytest.mark.parametrize("qui", ["personne", "conseillere"])
def test_giving_the_trip_up_frees_the_volunteer(entraide: Entraide, qui: str) -> None:
    entraide.demander()
    entraide.proposer("oui")
    demande = entraide.demande().uuid
    client, adresse = {
        "personne": (entraide.odette_chez_elle, f"/mes-deplacements/trajet/{demande}/annuler"),
        "conseillere": (
            entraide.claire,
            f"/conseiller/dossiers/{entraide.odette.uuid}/transports/{demande}/annuler",
        ),
    }[qui]
    page = client.get("/mes-deplacements/" if qui == "personne" else "/conseiller/").text
    assert client.post(adresse, data={"csrf_token": valeur_de(page)}).status_code == 303
    assert entraide.demande().statut is StatutDemande.ANNULEE
    assert entraide.course().statut is StatutCourse.ANNULEE
    assert "Paul" not in entraide.odette_chez_elle.get("/mes-deplacements/").text


def test_a_volunteer_may_agree_for_once_to_her_own_limits_never_to_the_cars(entraide: Entraide) -> None:
    entraide.demander()
    with entraide.app.app_context(), transaction() as session:
        session.get_one(Benevole, entraide.paul.id).km_max_mois = 1
    assert entraide.proposer().status_code == 409
    assert entraide.proposer(son_accord="oui").status_code == 303
    entraide.repondre("annuler")
    with entraide.app.app_context(), transaction() as session:
        session.get_one(Benevole, entraide.paul.id).places = 1
    reponse = entraide.proposer(son_accord="oui")
    assert (reponse.status_code, "1 place pour 2 personnes" in vu(reponse)) == (409, True)


def test_the_criterion_seen_by_the_association_opens_the_transport(entraide: Entraide) -> None:
    with entraide.app.app_context(), transaction() as session:
        demande = une_demande_de_transport(
            entraide.structure,
            entraide.odette,
            critere=CritereTransport.A_VERIFIER,
            droit_verdict=Verdict.A_VERIFIER,
            jour=MARDI,
        )
        session.add(demande)
    adresse = f"/partenaire/transports/{entraide.demande().uuid}/critere"
    assert entraide.poster(adresse, {"critere": "a_verifier"}).status_code == 422
    assert entraide.poster(adresse, {"critere": "residence"}).status_code == 303
    demande = entraide.demande()
    assert (demande.critere, demande.droit_verdict) == (CritereTransport.RESIDENCE, Verdict.OUI)
    assert demande.critere_verifie_le == LE.date()


def test_the_week_is_a_draft_until_it_is_sent(entraide: Entraide) -> None:
    entraide.demander()
    page = entraide.association.get("/partenaire/transports/semaine?jour=2026-11-24").text
    assert entraide.course() is None
    trajets = re.findall(r'name="trajet" value="([^"]+)"', page)
    assert len(trajets) == 1
    assert entraide.poster("/partenaire/transports/semaine", {"trajet": trajets}).status_code == 303
    assert entraide.course().statut is StatutCourse.PROPOSEE
    encore = entraide.poster("/partenaire/transports/semaine", {"trajet": trajets})
    assert encore.status_code == 303
    page = vu(entraide.association.get("/partenaire/transports"))
    assert "n’a pas pu être proposé" in page


FICHE = {
    "prenom": "Marie",
    "telephone": "06 39 98 02 10",
    "commune": "Étain",
    "plage1_jours": ["lun", "mar"],
    "plage1_de": "08:00",
    "plage1_a": "12:00",
    "places": "3",
    "absence1_du": "2026-12-20",
    "absence1_au": "2027-01-03",
    "permis_vu_le": "2026-11-20",
}


def test_a_volunteer_is_registered_in_one_form_and_reads_back_the_same(entraide: Entraide) -> None:
    assert entraide.poster("/partenaire/benevoles/nouveau", FICHE).status_code == 303
    with entraide.app.app_context(), lecture() as session:
        marie = session.scalars(select(Benevole).where(Benevole.prenom == "Marie")).one()
        assert (marie.telephone, marie.commune, marie.places) == ("+33639980210", "55181", 3)
        assert marie.accueil_fauteuil is None
        assert [(a.du, a.au) for a in marie.absences] == [(date(2026, 12, 20), date(2027, 1, 3))]
    page = entraide.association.get(f"/partenaire/benevoles/{marie.uuid}").text
    assert 'name="plage1_de" type="time" value="08:00"' in page
    assert 'name="absence1_au" type="date" value="2027-01-03"' in page
    assert "Marie" in entraide.association.get("/partenaire/benevoles").text


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"prenom": ""}, "Donnez un prénom."),
        ({"commune": "Nullepart"}, "Nullepart"),
        ({"telephone": "12"}, "Il manque des chiffres"),
        ({"plage1_a": "07:00"}, "L’heure de fin vient après"),
        ({"plage1_jours": []}, "Cochez au moins un jour."),
        ({"absence1_au": "2026-12-01"}, "Le dernier jour vient après"),
        ({"permis_vu_le": "2026-11-21"}, "Ce jour n’est pas encore venu."),
        ({"places": "9"}, "entre 1 et 8"),
    ],
)
def test_a_volunteers_form_names_what_does_not_fit(
    entraide: Entraide, change: dict[str, Any], phrase: str
) -> None:
    reponse = entraide.poster("/partenaire/benevoles/nouveau", FICHE | change)
    assert reponse.status_code == 422
    assert phrase in vu(reponse)
    with entraide.app.app_context(), lecture() as session:
        assert session.scalars(select(Benevole.prenom)).all() == ["Paul"]


def test_nothing_of_another_association_can_be_seen_or_touched(entraide: Entraide) -> None:
    entraide.demander()
    entraide.proposer("oui")
    with entraide.app.app_context(), transaction() as session:
        rivale = une_structure()
        session.add(rivale)
        session.flush()
        leur = un_benevole(rivale)
        session.add(leur)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=rivale.id)
    rival, absent = client_de(entraide.app, compte.jeton_session), UUID(int=7)
    transport = [
        (f"/partenaire/transports/{{}}{suite}", entraide.demande().uuid)
        for suite in ("", "/proposer", "/sans-benevole", "/critere")
    ]
    courses = [
        (f"/partenaire/courses/{{}}/{suite}", entraide.course().uuid)
        for suite in ("accepter", "refuser", "annuler", "conduite")
    ]
    champs = FICHE | {"benevole": str(leur.uuid), "sens": "aller_retour", "critere": "residence"}
    for gabarit, uuid in [*transport, *courses, ("/partenaire/benevoles/{}", entraide.paul.uuid)]:
        for essai in ("get", "post"):
            reponses = [
                rival.get(gabarit.format(x))
                if essai == "get"
                else entraide.poster(gabarit.format(x), champs, rival)
                for x in (uuid, absent)
            ]
            assert reponses[0].status_code == reponses[1].status_code in (404, 405), (gabarit, essai)
            if reponses[0].status_code == 404:
                assert sans_jeton(reponses[0].text) == sans_jeton(reponses[1].text)
    # Nor may one's own request be given to somebody else's volunteer.
    entraide.repondre("annuler")
    assert entraide.proposer(benevole=str(leur.uuid)).status_code == 404
    for adresse in (
        "/partenaire/transports",
        "/partenaire/benevoles",
        "/partenaire/transports/semaine?jour=2026-11-24",
    ):
        page = rival.get(adresse).text
        assert "Paul" not in page
        assert "Étain →" not in page
    assert entraide.course().statut is StatutCourse.ANNULEE


def test_each_step_is_a_fact_without_a_name(entraide: Entraide) -> None:
    entraide.demander()
    entraide.proposer()
    entraide.repondre("accepter")
    with entraide.app.app_context(), lecture() as session:
        lignes = session.scalars(select(LigneJournal).order_by(LigneJournal.id)).all()
    faits = [ligne.quoi for ligne in lignes if ligne.quoi.startswith(("Transport", "Course"))]
    assert faits == ["TransportDemande", "CourseProposee", "CourseAcceptee"]
    assert "Paul" not in str([ligne.details for ligne in lignes])
