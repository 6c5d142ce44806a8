"""What is printed, as it comes out of the printer: tagged, readable, short, for the right eyes only."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mobilite.acteur import RoleActeur
from mobilite.journal import Evenement, LigneJournal
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.plan import PlanActions
from mobilite.verdict import Verdict
from seeds.charger import charger
from tests.conftest import Entrer, client_de, compte_de, valeur_de
from tests.fabriques import CONSEILLERE, une_personne
from web.app import Application
from web.comptes import Compte
from web.impressions import composer, contenu_carte, contenu_fiche
from web.impressions.fiche import MOTS_INTERDITS, MOTS_MAX
from web.lecture_maisons import lire_maisons
from web.propositions import proposer_pour
from web.referentiel import dossier_des_graines, referentiel
from web.transaction import lecture, transaction

SYNTAXE = 'Zoé #import $x^2$ [b] "c" \\d *e* _f_ <g> @h `i` // j'
LE = date(2026, 11, 23)


def lire(reponse: TestResponse | bytes) -> PdfReader:
    """The PDF of an answer."""
    if isinstance(reponse, bytes):
        return PdfReader(io.BytesIO(reponse))
    assert reponse.status_code == 200, reponse.text
    assert reponse.mimetype == "application/pdf"
    return PdfReader(io.BytesIO(reponse.data))


def texte(pdf: PdfReader) -> str:
    """Its text in reading order, white space made plain."""
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def enregistrer(app: Application, *personnes: Personne) -> list[UUID]:
    """Store people; returns the addresses of their dossiers."""
    with app.app_context(), transaction() as session:
        session.add_all(personnes)
        session.flush()
        return [p.uuid for p in personnes]


def avec_un_plan(
    app: Application, personne: Personne, intitule: str = "Appeler le garage", lieu: str = ""
) -> UUID:
    """Store somebody whose plan holds one dated step."""
    with app.app_context(), transaction() as session:
        plan = PlanActions(personne=personne)
        action = plan.ajouter_etape(intitule, CONSEILLERE)
        action.le, action.heure, action.lieu, action.telephone = LE, time(8), lieu, "0353011013"
        session.add(plan)
        session.flush()
        return personne.uuid


def charger_la_demonstration(session: Session) -> None:
    """Everybody and everything of the demonstration."""
    graines, connu = dossier_des_graines(), referentiel()
    charger(
        session,
        graines / "demonstration",
        lire_maisons(
            (graines / "meuse" / "maisons_demonstration.csv").read_bytes(),
            connu.territoire,
            demonstration=True,
        ),
        le=LE,
        conseiller_id=CONSEILLERE.id,
        version_questionnaire=connu.questionnaire.version,
    )


@pytest.fixture
def claire(entrer: Entrer) -> FlaskClient:
    """An adviser, signed in."""
    return entrer(RoleActeur.CONSEILLER)


def test_every_sheet_is_tagged_in_french_and_has_a_title(app: Application, claire: FlaskClient) -> None:
    uuid = avec_un_plan(app, une_personne(prenom="Élise"))
    sheets = [
        lire(claire.get(f"/conseiller/dossiers/{uuid}/fiche.pdf")),
        lire(claire.get(f"/conseiller/dossiers/{uuid}/synthese.pdf")),
        lire(composer("carte", contenu_carte("AAAA2222", "https://exemple.invalid/ma-carte"))),
    ]
    for pdf in sheets:
        racine = pdf.root_object
        marques = racine["/MarkInfo"].get_object()
        assert isinstance(marques, DictionaryObject)
        assert str(marques["/Marked"]) == "True"
        assert str(racine["/Lang"]).startswith("fr")
        assert pdf.metadata is not None and pdf.metadata.title
        assert "/StructTreeRoot" in racine
        metadonnees = racine["/Metadata"].get_object()
        assert isinstance(metadonnees, StreamObject)
        assert re.search(r'pdfuaid:part(="|>)1["<]', metadonnees.get_data().decode())


def test_the_page_reads_from_the_goal_to_the_telephone(app: Application, claire: FlaskClient) -> None:
    personne = une_personne(prenom="Nadia", nom="Bernard", objectif="Aller à l'hôpital, et revenir.")
    uuid = avec_un_plan(app, personne, "Appeler le garage d'Étain", "Place de l'Église")
    pdf = lire(claire.get(f"/conseiller/dossiers/{uuid}/fiche.pdf"))
    lu = texte(pdf)
    attendus = (
        "Nadia, votre but",
        "Aller à l’hôpital, et revenir.",
        "Lundi 23 novembre, 8 h",
        "Appeler le garage d’Étain",
        "Place de l’Église",
        "03.53.01.10.13",
        "Vous pouvez refuser.",
        "Roul’en Meuse",
        "03.29.75.32.30",
    )
    places = [lu.find(attendu) for attendu in attendus]
    assert -1 not in places and places == sorted(places), lu
    assert len(pdf.pages) == 1
    assert "Bernard" not in lu


def test_what_looks_like_a_program_is_printed_as_it_was_typed(app: Application, claire: FlaskClient) -> None:
    personne = une_personne(prenom="Zoé", nom=SYNTAXE, objectif=SYNTAXE, demonstration=False)
    uuid = avec_un_plan(app, personne, "#sys.inputs")
    assert SYNTAXE in texte(lire(claire.get(f"/conseiller/dossiers/{uuid}/fiche.pdf")))
    pdf = lire(claire.get(f"/conseiller/dossiers/{uuid}/synthese.pdf"))
    assert SYNTAXE in texte(pdf) and "#sys.inputs" in texte(pdf)
    assert pdf.metadata is not None and SYNTAXE in str(pdf.metadata.title)


@pytest.mark.parametrize("prenom", ["Olena Ольга", "محمد", "漢字", "Zoé 😀", "a\u202eb\x00c", "ẹ́ọ̀"])
def test_a_name_from_anywhere_prints_and_a_sign_without_a_font_is_seen_to_be_missing(prenom: str) -> None:
    pdf = lire(composer("fiche", contenu_fiche(une_personne(prenom=prenom), None)))
    assert len(pdf.pages) == 1
    assert "Vous pouvez refuser." in texte(pdf)
    assert ("□" in texte(pdf)) == (prenom in ("漢字", "Zoé 😀"))


def test_two_sheets_are_drawn_at_once_without_mixing() -> None:
    prenoms = [f"Personne{rang}" for rang in range(16)]
    with ThreadPoolExecutor(4) as ouvriers:
        pdfs = list(
            ouvriers.map(lambda p: composer("fiche", contenu_fiche(une_personne(prenom=p), None)), prenoms)
        )
    for prenom, pdf in zip(prenoms, pdfs, strict=True):
        assert re.findall(r"Personne\d+", texte(lire(pdf))) == [prenom]


def test_every_person_of_the_demonstration_gets_a_page_of_ninety_words(app: Application) -> None:
    with app.app_context(), transaction() as session:
        charger_la_demonstration(session)
    with app.app_context(), lecture() as session:
        personnes = session.scalars(select(Personne)).all()
        assert len(personnes) >= 12
        for personne in personnes:
            plan = PlanActions(personne=personne)
            examine = proposer_pour(session, personne, LE).besoins[0]
            for p in [p for p in examine.propositions if p.verdict is not Verdict.NON][:3]:
                action = plan.ajouter_etape(p.offre.nom, CONSEILLERE)
                action.le, action.heure, action.lieu = LE, time(14, 30), "Devant la mairie"
                action.telephone, action.apporter = p.offre.telephone, list(p.offre.documents)
                action.pas_sur = f"Pas encore sûr : {p.manques[0].quoi}." if p.manques else ""
            pdf = lire(composer("fiche", contenu_fiche(personne, plan)))
            lu = texte(pdf)
            assert len(lu.split()) <= MOTS_MAX, lu
            assert len(pdf.pages) == 1
            assert not MOTS_INTERDITS.search(lu), lu
            assert not personne.nom or personne.nom not in lu


def test_the_longest_page_still_holds_on_one_sheet() -> None:
    personne = une_personne(prenom="W" * 90, objectif="W" * 90 + " très" * 90)
    plan = PlanActions(personne=personne)
    for _ in range(4):
        action = plan.ajouter_etape("W" * 120, CONSEILLERE)
        action.le, action.heure, action.lieu = date(2026, 12, 30), time(23, 59), "W" * 60 + " W" * 60
        action.telephone, action.apporter, action.pas_sur = (
            "+33 3 53 01 10 13",
            ["W" * 90] * 20,
            "peut-être " * 60,
        )
    pdf = lire(composer("fiche", contenu_fiche(personne, plan)))
    assert len(pdf.pages) == 1
    assert len(texte(pdf).split()) <= MOTS_MAX
    assert "03.29.75.32.30" in texte(pdf)


def test_another_adviser_prints_neither_the_places_nor_the_telephone_of_a_discreet_person(
    app: Application, claire: FlaskClient
) -> None:
    personne = une_personne(
        prenom="Inès",
        nom="Roussel",
        telephone="+33639980112",
        contact_discret=True,
        conseiller_id=999,
        departs=[Depart(insee="55181", chez="sa sœur")],
        besoins=[
            BesoinExprime(destination="55545", passages={"cycle": [{"jours": ["lun"], "arrivee": "08:00"}]})
        ],
    )
    uuid = avec_un_plan(app, personne, lieu="12 rue du Refuge")
    for feuille in ("fiche", "synthese"):
        lu = texte(lire(claire.get(f"/conseiller/dossiers/{uuid}/{feuille}.pdf")))
        assert "Inès" in lu
        assert not [s for s in ("Étain", "sœur", "39 98", "39.98", "Refuge") if s in lu], lu


def test_the_copy_shows_the_header_cells_of_its_tables(app: Application, claire: FlaskClient) -> None:
    uuid = avec_un_plan(app, une_personne(prenom="Nadia"))
    pdf = lire(claire.get(f"/conseiller/dossiers/{uuid}/synthese.pdf"))
    objets = [pdf.get_object(numero) for numero in range(1, len(pdf.xref[0]) + 1)]
    etiquettes = [objet.get("/S") for objet in objets if isinstance(objet, DictionaryObject)]
    assert etiquettes.count("/TH") >= 4
    assert "Page 1 sur" in texte(pdf)


def test_printing_is_written_in_the_log_of_who_read_the_dossier(
    app: Application, claire: FlaskClient
) -> None:
    [uuid] = enregistrer(app, une_personne())
    claire.get(f"/conseiller/dossiers/{uuid}/fiche.pdf")
    with app.app_context(), lecture() as session:
        assert session.scalars(select(LigneJournal.quoi)).all() == [Evenement.DOSSIER_CONSULTE]


def test_only_an_adviser_prints(app: Application, entrer: Entrer) -> None:
    personne = une_personne()
    [uuid] = enregistrer(app, personne)
    with app.app_context(), transaction() as session:
        elle = compte_de(session, RoleActeur.PERSONNE, personne_id=personne.id).jeton_session
    clients = [client_de(app, elle), entrer(RoleActeur.PARTENAIRE), entrer(RoleActeur.DEPARTEMENT)]
    for client in clients:
        for feuille in ("fiche.pdf", "synthese.pdf", "carte", "carte.pdf"):
            assert client.get(f"/conseiller/dossiers/{uuid}/{feuille}").status_code == 403


def test_a_dossier_put_aside_does_not_print(app: Application, claire: FlaskClient) -> None:
    [uuid] = enregistrer(app, une_personne(en_attente=True))
    for feuille in ("fiche.pdf", "synthese.pdf", "carte"):
        assert claire.get(f"/conseiller/dossiers/{uuid}/{feuille}").status_code == 303


def donner(client: FlaskClient, uuid: UUID) -> tuple[TestResponse, str]:
    """Give a card: the answer, and the code it shows."""
    adresse = f"/conseiller/dossiers/{uuid}/carte"
    reponse = client.post(adresse, data={"csrf_token": valeur_de(client.get(adresse).text)})
    trouve = re.search(r'id="code-carte">([^<]+)<', reponse.text)
    assert trouve, reponse.text
    return reponse, trouve[1]


def test_a_card_opens_her_page_is_shown_once_and_never_travels_in_an_address(
    app: Application, claire: FlaskClient
) -> None:
    [uuid] = enregistrer(app, une_personne(prenom="Karim"))
    reponse, code = donner(claire, uuid)
    assert reponse.status_code == 200 and "Location" not in reponse.headers
    assert reponse.headers["Cache-Control"] == "no-store"
    assert code not in claire.get(f"/conseiller/dossiers/{uuid}/carte").text
    pdf = claire.post(
        f"/conseiller/dossiers/{uuid}/carte.pdf", data={"csrf_token": valeur_de(reponse.text), "code": code}
    )
    lu = texte(lire(pdf))
    assert code in lu and "localhost/ma-carte" in lu
    assert "Karim" not in lu
    telephone = app.test_client()
    entree = telephone.post(
        "/ma-carte", data={"csrf_token": valeur_de(telephone.get("/ma-carte").text), "code": code}
    )
    assert entree.status_code == 303 and entree.location != "/ma-carte"


def test_a_new_card_ends_the_former_one_on_the_same_account(app: Application, claire: FlaskClient) -> None:
    [uuid] = enregistrer(app, une_personne())
    reponse, ancien = donner(claire, uuid)
    _, nouveau = donner(claire, uuid)
    assert nouveau != ancien
    champs = {"csrf_token": valeur_de(reponse.text), "code": ancien}
    assert claire.post(f"/conseiller/dossiers/{uuid}/carte.pdf", data=champs).status_code == 409
    with app.app_context(), lecture() as session:
        comptes = session.scalars(select(Compte).where(Compte.role == RoleActeur.PERSONNE)).all()
        donnees = session.scalars(
            select(LigneJournal).where(LigneJournal.quoi == Evenement.CARTE_DONNEE)
        ).all()
    assert len(comptes) == 1
    assert [fait.details for fait in donnees] == [{}, {}]


def test_the_synthesis_holds_on_two_pages_for_everybody_of_the_demonstration_and_for_the_fullest_dossier(
    app: Application, claire: FlaskClient
) -> None:
    with app.app_context(), transaction() as session:
        charger_la_demonstration(session)
        personnes = session.scalars(select(Personne)).all()
        pleine = max(personnes, key=lambda p: len(str(p.reponses())))
        pleine.objectif, pleine.referent = "aller " * 30, "Assistante sociale " * 10
        for n in range(5):
            pleine.besoins.append(
                BesoinExprime(
                    destination="55545",
                    passages={"cycle": [{"jours": ["lun", "mar"], "arrivee": "08:00", "retour": "17:00"}]},
                    aujourdhui=f"une phrase {n} " * 20,
                )
            )
        plan = PlanActions(personne=pleine)
        for n in range(20):
            etape = plan.ajouter_etape(f"Une étape très longue à dire {n} " * 6, CONSEILLERE)
            etape.le, etape.pas_sur = LE, "Ce qui n'est pas sûr " * 12
        session.add(plan)
        session.flush()
        uuids = [pleine.uuid, *(p.uuid for p in personnes[:3])]
    textes = []
    for uuid in uuids:
        pdf = lire(claire.get(f"/conseiller/dossiers/{uuid}/synthese.pdf"))
        assert len(pdf.pages) <= 2
        textes.append(texte(pdf))
    for titre in ("Ce qui ressort", "Préconisations et plan", "Faisabilité des solutions", "À vérifier"):
        assert titre in textes[0]
    assert "Et 12 autres lignes au plan." in textes[0], "what is left out is counted"
    assert len(lire(claire.get(f"/conseiller/dossiers/{uuids[0]}/copie.pdf")).pages) > 2
