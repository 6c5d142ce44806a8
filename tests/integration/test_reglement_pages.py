"""The rules of a fleet, written by its structure on a page, and what they change on the page of a request."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.journal import LigneJournal
from mobilite.motif_reservation import MotifRefus, MotifSansSuite, SansCaution
from mobilite.reglement import Reglement
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, le_partenaire, un_vehicule, une_offre, une_personne, une_structure
from web import reservations
from web.app import Application
from web.calendrier import jours_entiers
from web.transaction import lecture, transaction

LE = datetime(2026, 11, 20, 9, tzinfo=PARIS)
REGLES = {
    "ouvertures": "lun-ven 9:00-12:00 13:30-17:00",
    "fermetures": "24/12/2026 - 02/01/2027\n11/11/2027",
    "tampon_heures": "4",
    "tenue_heures": "96",
    "prescription_requise": "oui",
    "reservations_par_mois": "2",
    "renouvellements_max": "1",
}
OUI: dict[str, Any] = {
    "documents": ["permis de conduire", "pièce d'identité"],
    "papiers_vus_le": "2026-11-20",
    "caution": "renoncee",
    "sans_caution_mot": "Décision de l'atelier",
    "prescrite_par": "Mission locale de Verdun",
    "prescrite_le": "2026-11-18",
    "place_confirmee_par": "Paul",
}


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=True):
        yield


@dataclass
class Parc:
    """A structure with an offer that asks two papers and a deposit, its partner signed in, one request."""

    app: Application
    client: FlaskClient
    offre: UUID
    demande: UUID
    jeton: str

    @property
    def regles(self) -> str:
        return f"/partenaire/offres/{self.offre}/regles"

    def adresse(self, suite: str = "") -> str:
        return f"/partenaire/demande/{self.demande}{suite}"

    def poster(self, adresse: str, champs: Any, client: FlaskClient | None = None) -> TestResponse:
        client = client or self.client
        donnees = MultiDict(champs)
        donnees["csrf_token"] = valeur_de(
            client.get("/partenaire/offres/nouvelle?genre=location_voiture").text
        )
        return client.post(adresse, data=donnees)

    def reservation(self) -> Reservation:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(Reservation).where(Reservation.uuid == self.demande)).one()

    def reglement(self) -> Reglement | None:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(Reglement)).one_or_none()


@pytest.fixture
def parc(app: Application) -> Parc:
    with app.app_context(), transaction() as session:
        structure = une_structure()
        offre = une_offre(
            structure=structure,
            fiche={
                "documents": ["permis de conduire", "pièce d'identité"],
                "prix": {"jour": 4, "caution": 150},
                "preavis_heures": 24,
            },
        )
        clio = un_vehicule(offre, libelle="Clio grise")
        nadia = une_personne(prenom="Nadia", telephone="+33639980101")
        session.add_all([clio, nadia])
        session.flush()
        debut, fin = jours_entiers(LE.date().replace(day=23), 3)
        demande = reservations.demander(
            session,
            acteur=le_partenaire(structure),
            offre=offre,
            debut=debut,
            fin=fin,
            cle="une",
            personne_id=nadia.id,
        )
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return Parc(app, client_de(app, compte.jeton_session), offre.uuid, demande.uuid, compte.jeton_session)


def vu(reponse: TestResponse) -> str:
    return html.unescape(reponse.text)


def test_rules_are_written_read_back_and_said_in_words(parc: Parc) -> None:
    assert "Pas encore de règles" in vu(parc.client.get(parc.regles))
    assert parc.poster(parc.regles, REGLES).status_code == 303
    page = vu(parc.client.get(parc.regles))
    for dit in (
        "À demander 24 heures avant.",
        "Clés remises et reprises : lundi à vendredi de 9\u00a0h à 12\u00a0h et de 13\u00a0h\u00a030 à 17\u00a0h.",
        "Fermé du 24/12/2026 au 02/01/2027.",
        "Il faut une fiche d’orientation",
        "Le lendemain d’un retour, le véhicule ne repart pas",
        "24/12/2026 - 02/01/2027",
        "150",
    ):
        assert dit in page
    reglement = parc.reglement()
    assert reglement is not None
    assert (reglement.tampon_heures, reglement.tenue_heures, reglement.jours_par_30_jours) == (4, 96, None)
    assert parc.poster(parc.regles, REGLES | {"reservations_par_mois": ""}).status_code == 303
    with parc.app.app_context(), lecture() as session:
        assert session.scalars(select(LigneJournal.quoi)).all().count("ReglementEcrit") == 2


@pytest.mark.parametrize(
    ("champ", "saisi", "mots"),
    [
        ("ouvertures", "quand on veut", "il manque les heures"),
        ("fermetures", "Noël", "30/11/2026"),
        ("fermetures", "02/01/2027 - 24/12/2026", "avant le premier"),
        ("tampon_heures", "3000", "336"),
        ("jours_par_30_jours", "45", "30"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named_and_nothing_typed_is_lost(
    parc: Parc, champ: str, saisi: str, mots: str
) -> None:
    reponse = parc.poster(parc.regles, REGLES | {champ: saisi})
    assert reponse.status_code == 422
    page = vu(reponse)
    assert mots in page
    assert saisi in page
    assert "lun-ven 9:00-12:00 13:30-17:00" in page or champ == "ouvertures"
    assert parc.reglement() is None


def test_the_rules_of_another_structure_do_not_exist(parc: Parc) -> None:
    with parc.app.app_context(), transaction() as session:
        voisine = une_structure()
        session.add(voisine)
        session.flush()
        compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=voisine.id)
    voisin = client_de(parc.app, compte.jeton_session)
    assert voisin.get(parc.regles).status_code == 404
    assert parc.poster(parc.regles, REGLES, voisin).status_code == 404
    for suite in ("/absente", "/annuler", "/prolonger", "/autres-jours"):
        assert parc.poster(parc.adresse(suite), {}, voisin).status_code == 404


def test_with_rules_every_paper_is_seen_by_itself_and_some_may_be_noted_first(parc: Parc) -> None:
    parc.poster(parc.regles, REGLES)
    un_papier = {"geste": "papiers", "documents": "permis de conduire", "papiers_vus_le": "2026-11-20"}
    assert parc.poster(parc.adresse("/confirmer"), un_papier).status_code == 303
    assert "Permis de conduire : déjà vu le vendredi 20" in vu(parc.client.get(parc.adresse()))
    for change, mots in (
        ({"documents": []}, "Il reste à voir : pièce d'identité"),
        ({"prescrite_par": ""}, "Dites qui a fait la fiche"),
        ({"sans_caution_mot": ""}, "Dites pourquoi vous y renoncez"),
    ):
        reponse = parc.poster(parc.adresse("/confirmer"), OUI | change)
        assert reponse.status_code == 422
        assert mots in vu(reponse)
        assert "Paul" in vu(reponse)
    assert parc.poster(parc.adresse("/confirmer"), OUI).status_code == 303
    r = parc.reservation()
    assert (r.statut, r.sans_caution, r.sans_caution_mot, r.prescrite_par, set(r.vus_le)) == (
        StatutReservation.CONFIRMEE,
        SansCaution.RENONCEE,
        "Décision de l'atelier",
        "Mission locale de Verdun",
        {"permis de conduire", "pièce d'identité"},
    )


def test_what_nobody_knows_of_the_licence_is_said_before_confirming(parc: Parc) -> None:
    page = vu(parc.client.get(parc.adresse()))
    assert "À vérifier avant de confirmer" in page
    assert "Le permis est valide, et permet de conduire ce véhicule" in page


def confirmee(parc: Parc) -> None:
    parc.poster(parc.adresse("/confirmer"), OUI | {"papiers_vus": "oui"})
    assert parc.reservation().statut is StatutReservation.CONFIRMEE


def test_confirmed_days_change_with_her_agreement_and_bad_days_come_back(parc: Parc) -> None:
    confirmee(parc)
    jours = {"debut": "2026-11-25", "fin": "2026-11-27"}
    sans = parc.poster(parc.adresse("/autres-jours"), jours)
    assert sans.status_code == 422
    assert "avec son accord" in vu(sans)
    faux = parc.poster(
        parc.adresse("/autres-jours"), {"debut": "2026-11-27", "fin": "2026-11-25", "accord": "oui"}
    )
    assert faux.status_code == 422
    assert "Le retour doit venir après le départ." in vu(faux)
    assert 'value="2026-11-27"' in faux.text
    assert parc.poster(parc.adresse("/autres-jours"), jours | {"accord": "oui"}).status_code == 303
    r = parc.reservation()
    assert (r.debut.astimezone(PARIS).day, r.statut) == (25, StatutReservation.CONFIRMEE)


def test_a_longer_stay_becomes_a_request_and_who_did_not_come_is_noted_with_a_reason(parc: Parc) -> None:
    confirmee(parc)
    assert "Personne n’a réservé ce véhicule ensuite" in vu(parc.client.get(parc.adresse()))
    cle = {"cle": "suite-de-la-demande"}
    assert parc.poster(parc.adresse("/prolonger"), {"jusqu_au": "2026-11-20"} | cle).status_code == 422
    sans_cle = parc.poster(parc.adresse("/prolonger"), {"jusqu_au": "2026-11-28"})
    assert (sans_cle.status_code, "La page n’est plus à jour" in vu(sans_cle)) == (422, True)
    assert parc.poster(parc.adresse("/prolonger"), {"jusqu_au": "2026-11-28"} | cle).status_code == 303
    with parc.app.app_context(), lecture() as session:
        suite = session.scalars(select(Reservation).where(Reservation.renouvelle_id.is_not(None))).one()
        assert (suite.statut, suite.fin.astimezone(PARIS).day) == (StatutReservation.DEMANDEE, 29)
    absence = {"absence": "transport"}
    assert parc.poster(parc.adresse("/absente"), absence).status_code == 409
    with time_machine.travel(datetime(2026, 11, 23, 18, tzinfo=PARIS), tick=True):
        parc.client = client_de(parc.app, parc.jeton)
        assert parc.poster(parc.adresse("/absente"), {}).status_code == 422
        assert parc.poster(parc.adresse("/absente"), absence).status_code == 303
    assert (parc.reservation().statut, parc.reservation().motif) == (
        StatutReservation.ABSENTE,
        MotifSansSuite.TRANSPORT,
    )


def test_what_was_seen_for_a_stay_is_not_asked_again_for_its_continuation(parc: Parc) -> None:
    parc.poster(parc.regles, REGLES)
    confirmee(parc)
    parc.poster(parc.adresse("/prolonger"), {"jusqu_au": "2026-11-27", "cle": "suite-de-la-demande"})
    with parc.app.app_context(), lecture() as session:
        suite = session.scalars(select(Reservation).where(Reservation.renouvelle_id.is_not(None))).one()
        assert set(suite.vus_le) == {"permis de conduire", "pièce d'identité"}
    parc.demande = suite.uuid
    page = parc.client.get(parc.adresse())
    assert "sans rendre les clés" in vu(page)
    assert re.search(r'value="renoncee"[^>]* checked', page.text)
    montres = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page.text))
    comme_montre = {"caution": "renoncee"} | {
        nom: html.unescape(montres[nom])
        for nom in ("sans_caution_mot", "papiers_vus_le", "place_confirmee_par")
    }
    assert comme_montre["sans_caution_mot"] == OUI["sans_caution_mot"]
    assert parc.poster(parc.adresse("/confirmer"), comme_montre).status_code == 303


def test_a_refusal_keeps_its_code(parc: Parc) -> None:
    parc.poster(parc.adresse("/refuser"), {"motif": "conditions"})
    assert parc.reservation().code_refus is MotifRefus.CONDITIONS


def test_the_structure_neither_notes_nor_reads_a_reason_of_health(parc: Parc) -> None:
    """What she told her adviser reads like any other reason; a form made by hand is refused."""
    confirmee(parc)
    page = vu(parc.client.get(parc.adresse()))
    assert "Une raison personnelle, ou une autre raison" in page
    assert "santé" not in page
    for suite, champ in (("/annuler", "annulation"), ("/absente", "absence")):
        assert parc.poster(parc.adresse(suite), {champ: "sante"}).status_code == 422
    with parc.app.app_context(), transaction() as session:
        sienne = session.scalars(select(Reservation).where(Reservation.uuid == parc.demande)).one()
        reservations.annuler(session, sienne, par=CONSEILLERE, motif=MotifSansSuite.SANTE)
    page = vu(parc.client.get(parc.adresse()))
    assert "<dd>Une raison personnelle, ou une autre raison</dd>" in page
    assert "santé" not in page
