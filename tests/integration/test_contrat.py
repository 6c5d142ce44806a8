"""The contract of a stay: tagged, complete, true about what is not known, and for the right eyes only."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from pypdf import PdfReader
from pypdf.generic import StreamObject
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.motif_reservation import SansCaution
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.structure import Structure
from tests.conftest import Entrer, client_de, compte_de
from tests.integration.sejour import DEPART, Sejour, un_sejour, vu
from web.app import Application
from web.transaction import lecture, transaction


@pytest.fixture(autouse=True)
def horloge() -> Iterator[None]:
    with time_machine.travel(DEPART, tick=True):
        yield


@pytest.fixture
def sejour(app: Application) -> Sejour:
    return un_sejour(app, km_max_jour=60, documents=["permis de conduire original"])


def lu(reponse: TestResponse) -> str:
    assert reponse.status_code == 200, reponse.text
    assert reponse.mimetype == "application/pdf"
    pdf = PdfReader(io.BytesIO(reponse.data))
    assert str(pdf.root_object["/Lang"]).startswith("fr")
    metadonnees = pdf.root_object["/Metadata"].get_object()
    assert isinstance(metadonnees, StreamObject)
    assert re.search(r'pdfuaid:part(="|>)1["<]', metadonnees.get_data().decode())
    assert pdf.metadata is not None
    assert pdf.metadata.title
    texte = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    return texte.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


def la_personne(app: Application, sejour: Sejour) -> FlaskClient:
    with app.app_context(), transaction() as session:
        personne = session.scalars(
            select(Reservation.personne_id).where(Reservation.uuid == sejour.reservation)
        ).one()
        assert personne is not None
        return client_de(app, compte_de(session, RoleActeur.PERSONNE, personne_id=personne).jeton_session)


def test_before_the_keys_it_says_everything_agreed_and_leaves_lines_to_sign(sejour: Sejour) -> None:
    texte = lu(sejour.client.get(sejour.adresse("contrat.pdf")))
    for dit in (
        "Nadia Bernard",
        "Clio grise",
        "lundi 30 novembre 2026",
        "mercredi 2 décembre 2026",
        "4 € par jour ou 20 € par semaine",
        "150 €, vue le",
        "60 km par jour prévus",
        "permis de conduire original",
        "En cas de panne ou d'accident : 01 99 00 12 34",
        "Immatriculation : à vérifier",
        "Pas encore signé.",
        "Pour la structure, nom et « lu et approuvé » :",
        "Démonstration : personnes, véhicules et prix inventés, sans valeur.",
    ):
        assert dit in texte, dit
    assert "À payer" not in texte


def test_after_the_return_it_shows_the_two_sheets_and_every_line_of_the_price(sejour: Sejour) -> None:
    sejour.remettre()
    sejour.poster("retour/prix", adhesion="a_payer", aide="aucune")
    sejour.rendre(km="45 250")
    texte = lu(sejour.client.get(sejour.adresse("contrat.pdf")))
    for dit in ("45 210 km", "45 250 km", "40 kilomètres.", "À payer 9 €", "Paul : « Lu et approuvé »"):
        assert dit in texte, dit
    assert "Grille signée au départ, lundi 30 novembre 2026" in texte


def test_a_true_contract_carries_no_mark_of_demonstration(app: Application, sejour: Sejour) -> None:
    with app.app_context(), transaction() as session:
        for table in (Structure, Offre):
            session.execute(update(table).values(demonstration=False))
    assert "Démonstration" not in lu(sejour.client.get(sejour.adresse("contrat.pdf")))


def test_a_deposit_that_a_fund_guarantees_is_not_said_to_be_asked_of_nobody(
    app: Application, sejour: Sejour
) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Reservation).values(caution_vue_le=None, sans_caution=SansCaution.AVANCEE))
    texte = lu(sejour.client.get(sejour.adresse("contrat.pdf")))
    assert "150 €, garantie par un fonds d'aide ou un prescripteur" in texte
    assert "pas demandée" not in texte


def test_nobody_signs_what_is_not_confirmed(app: Application, sejour: Sejour) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Reservation).values(statut=StatutReservation.DEMANDEE))
    reponse = sejour.client.get(sejour.adresse("contrat.pdf"))
    assert reponse.status_code == 409
    assert "une fois la place confirmée" in vu(reponse)


def test_somebody_discreet_has_a_first_name_and_no_number_for_the_structure(
    app: Application, sejour: Sejour
) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Personne).values(contact_discret=True, conseiller_id=1))
    texte = lu(sejour.client.get(sejour.adresse("contrat.pdf")))
    assert "Nadia" in texte
    assert "Bernard" not in texte
    assert "06 39 98 01 01" not in texte


def test_she_and_the_adviser_read_hers_and_nobody_elses(
    app: Application, sejour: Sejour, entrer: Entrer
) -> None:
    adresse = f"/mes-deplacements/demande/{sejour.reservation}/contrat.pdf"
    assert "Nadia Bernard" in lu(la_personne(app, sejour).get(adresse))
    with app.app_context(), lecture() as session:
        dossier: UUID = session.scalars(select(Personne.uuid)).one()
    conseillere = entrer(RoleActeur.CONSEILLER)
    suite = f"reservations/{sejour.reservation}/contrat.pdf"
    assert "Nadia Bernard" in lu(conseillere.get(f"/conseiller/dossiers/{dossier}/{suite}"))
    with app.app_context(), transaction() as session:
        autre = Personne(prenom="Aline", demonstration=True)
        session.add(autre)
        session.flush()
        numero, ailleurs = autre.id, autre.uuid
        jeton = compte_de(session, RoleActeur.PERSONNE, personne_id=numero).jeton_session
    assert client_de(app, jeton).get(adresse).status_code == 404
    assert conseillere.get(f"/conseiller/dossiers/{ailleurs}/{suite}").status_code == 404
