"""What every answer carries, and what a refusal looks like."""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
from pathlib import Path

import pytest
from flask import Blueprint, request
from flask.testing import FlaskClient
from sqlalchemy.exc import NoResultFound

from mobilite.acteur import RoleActeur
from mobilite.erreurs import DonneeRefusee, RegleMetier
from tests.conftest import Construire, Entrer
from web.acces import ouvrir
from web.app import Application
from web.config import Config, Mode
from web.statiques import DOSSIER
from web.traces import LigneJson

PAGES = ["/", "/connexion", "/ma-carte", "/accessibilite", "/donnees-personnelles", "/introuvable"]
GABARITS = Path(__file__).parents[2] / "web" / "templates"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_confined_and_kept_by_nobody(client: FlaskClient, page: str) -> None:
    entetes = client.get(page).headers
    assert entetes["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert entetes["Referrer-Policy"] == "no-referrer"
    assert entetes["X-Content-Type-Options"] == "nosniff"
    assert entetes["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "gabarit", sorted(GABARITS.rglob("*.html")), ids=lambda g: str(g.relative_to(GABARITS))
)
def test_no_template_holds_a_style_or_a_script_that_the_policy_would_refuse(gabarit: Path) -> None:
    texte = gabarit.read_text(encoding="utf-8")
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", texte, re.IGNORECASE
    )
    assert "|safe" not in texte.replace(" ", "")


def test_files_are_kept_for_ever_under_a_name_that_changes_with_them(client: FlaskClient) -> None:
    adresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(adresses) >= 5
    for adresse in adresses:
        assert re.search(r"\?v=[0-9a-f]{10}$", adresse)
        with client.get(adresse) as reponse:
            assert reponse.status_code == 200
            assert "immutable" in reponse.headers["Cache-Control"]
            assert "Access-Control-Allow-Origin" not in reponse.headers


@pytest.mark.parametrize("page", ["/", "/connexion", "/ma-carte"])
def test_the_style_sheets_of_a_first_page_stay_light(client: FlaskClient, page: str) -> None:
    """On an old phone the whole first page fits in 50 kB; each audience loads its own sheets only."""
    noms = re.findall(r'href="/static/(css/[^"?]+)', client.get(page).text)
    assert len(noms) >= 3
    assert sum(len(gzip.compress((DOSSIER / nom).read_bytes())) for nom in noms) < 15_000


def test_production_cookies_travel_over_https_only(config: Config, construire: Construire) -> None:
    production = Config(
        mode=Mode.PRODUCTION, cle_secrete=config.cle_secrete, base=config.base, hotes=("localhost",)
    )
    client = construire(production).test_client()
    reponse = client.get("/connexion", base_url="https://localhost")
    cookie = reponse.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mobilite=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "max-age=31536000" in reponse.headers["Strict-Transport-Security"]
    assert "démonstration" not in reponse.text.casefold()
    assert client.get("/", base_url="https://autre.example").status_code == 400


@pytest.fixture
def app_a_pannes(config: Config, construire: Construire) -> Application:
    """The application with one page for each way to fail."""
    pannes = Blueprint("pannes", __name__, url_prefix="/pannes")

    @pannes.get("/<genre>")
    def page(genre: str) -> str:
        raise {
            "regle": RegleMetier("Le véhicule est déjà pris mardi."),
            "donnee": DonneeRefusee("prenom", "il manque."),
            "phrase": DonneeRefusee("debut", "Choisissez le premier jour."),
            "absent": NoResultFound(),
            "bug": ZeroDivisionError("Nadia habite rue des Lilas"),
        }[genre]

    @pannes.post("/lire")
    def lire() -> str:
        return str(len(request.form))

    ouvrir(pannes, "page", "lire")
    app = construire(config, pannes)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.mark.parametrize(
    ("genre", "statut", "code", "phrase"),
    [
        ("regle", 409, "regle_metier", "Le véhicule est déjà pris mardi."),
        ("donnee", 422, "donnee_refusee", "prenom : il manque."),
        ("absent", 404, "introuvable", "Cette page n'existe pas"),
        ("bug", 500, "panne", "Elle vient de la plateforme, pas de vous."),
    ],
)
def test_a_refusal_says_one_sentence_as_a_page_or_as_json(
    app_a_pannes: Application, genre: str, statut: int, code: str, phrase: str
) -> None:
    client = app_a_pannes.test_client()
    page = client.get(f"/pannes/{genre}")
    assert page.status_code == statut
    assert phrase in page.text.replace("&#39;", "'")
    objet = client.get(f"/pannes/{genre}", headers={"Accept": "application/json"})
    assert objet.status_code == statut
    corps = json.loads(objet.text)
    assert corps["code"] == code
    assert phrase in corps["phrase"]


def test_a_whole_sentence_is_shown_without_the_name_of_its_field(app_a_pannes: Application) -> None:
    client = app_a_pannes.test_client()
    page = client.get("/pannes/phrase")
    assert page.status_code == 422
    assert "Choisissez le premier jour." in page.text
    assert "debut" not in page.text
    objet = client.get("/pannes/phrase", headers={"Accept": "application/json"})
    assert json.loads(objet.text)["phrase"] == "debut : Choisissez le premier jour."


def test_what_is_not_yours_looks_like_what_does_not_exist(app_a_pannes: Application) -> None:
    client = app_a_pannes.test_client()
    assert client.get("/pannes/absent").data == client.get("/n-existe-pas").data


def test_a_bug_gives_a_number_to_quote_and_logs_no_word_of_anybody(
    app_a_pannes: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    ecrit = io.StringIO()
    poignee = logging.StreamHandler(ecrit)
    poignee.setFormatter(LigneJson())
    journal = logging.getLogger("mobilite.web")
    journal.addHandler(poignee)
    try:
        reponse = app_a_pannes.test_client().get("/pannes/bug?nom=Nadia", headers={"User-Agent": "Nadia"})
    finally:
        journal.removeHandler(poignee)
    panne, requete = [json.loads(ligne) for ligne in ecrit.getvalue().splitlines()]
    assert panne["genre"] == "ZeroDivisionError"
    assert panne["demande"] == requete["demande"]
    assert panne["demande"] in reponse.text
    assert requete["route"] == "/pannes/<genre>"
    assert requete["statut"] == 500
    partout = ecrit.getvalue() + reponse.text + "".join(capsys.readouterr())
    assert "Nadia" not in partout
    assert "Lilas" not in partout


def test_an_oversized_form_is_refused_before_it_is_read(app_a_pannes: Application) -> None:
    reponse = app_a_pannes.test_client().post("/pannes/lire", data={"texte": "x" * 1_100_000})
    assert reponse.status_code == 413
    assert "1 Mo au plus" in reponse.text


def test_a_page_of_somebody_signed_in_names_the_account_and_offers_the_way_out(entrer: Entrer) -> None:
    page = entrer(RoleActeur.DEPARTEMENT).get("/").text
    assert "Compte departement" in page
    assert 'action="/deconnexion"' in page
