"""Deny by default: these laws hold for every route there is, and for those that will come."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from mobilite.acteur import RoleActeur
from tests.conftest import Construire, Entrer
from web.acces import acteur_courant, exiger, ouvrir, regles_de, suite_sure
from web.app import Application
from web.config import Config

ROLES = [role for role in RoleActeur if role is not RoleActeur.SYSTEME]
_VALEURS = {
    "IntegerConverter": "999999",
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "UnicodeConverter": "absent",
    "PathConverter": "absent",
    "AnyConverter": "absent",
}


def routes(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule with one of its methods, static files apart."""
    return [
        (regle, methode)
        for regle in app.url_map.iter_rules()
        if regle.endpoint != "static"
        for methode in sorted((regle.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def adresse(app: Flask, regle: Rule) -> str:
    """An address that matches a rule and names nothing that exists."""
    valeurs = {}
    for nom, convertisseur in regle._converters.items():
        genre = type(convertisseur).__name__
        # `any(a,b)` only takes what it lists.
        valeurs[nom] = next(iter(getattr(convertisseur, "items", ())), _VALEURS[genre])
    with app.test_request_context():
        return app.url_map.bind("localhost").build(regle.endpoint, valeurs, append_unknown=False)


def test_every_route_has_a_declared_rule(app: Application) -> None:
    sans_regle = [r.endpoint for r in app.url_map.iter_rules() if regles_de(app).de(r.endpoint) is None]
    assert not sans_regle, f"declare them with exiger() or ouvrir(): {sans_regle}"


def test_nobody_enters_a_reserved_page_without_signing_in(app: Application, client: FlaskClient) -> None:
    for regle, methode in routes(app):
        if regles_de(app).de(regle.endpoint).tous:  # type: ignore[union-attr]
            continue
        reponse = client.open(adresse(app, regle), method=methode)
        assert reponse.status_code == 302, (regle, methode)
        assert reponse.location.split("?")[0] in ("/connexion", "/ma-carte"), (regle, methode)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_at_every_door_that_is_not_its_own(
    app: Application, entrer: Entrer, role: RoleActeur
) -> None:
    client = entrer(role)
    for regle, methode in routes(app):
        autorisation = regles_de(app).de(regle.endpoint)
        assert autorisation is not None
        if autorisation.tous or role in autorisation.roles:
            continue
        assert client.open(adresse(app, regle), method=methode).status_code == 403, (regle, methode)


def test_every_form_of_somebody_signed_in_is_refused_without_its_token(
    app: Application, entrer: Entrer
) -> None:
    clients: dict[RoleActeur, FlaskClient] = {role: entrer(role) for role in ROLES}
    for regle, methode in routes(app):
        if methode == "GET":
            continue
        autorisation = regles_de(app).de(regle.endpoint)
        assert autorisation is not None
        role = next(iter(autorisation.roles), RoleActeur.CONSEILLER)
        reponse = clients[role].open(adresse(app, regle), method=methode)
        assert reponse.status_code == 400, (regle, methode)
        assert "restée ouverte trop longtemps" in reponse.text


@pytest.fixture
def app_a_portes(config: Config, construire: Construire) -> Application:
    """The application with a door for conseillers, a public one and one that nobody declared."""
    bureau = Blueprint("bureau", __name__, url_prefix="/bureau")
    bureau.add_url_rule("/qui", "qui", lambda: acteur_courant().role.value)
    bureau.add_url_rule("/ouvert", "ouvert", lambda: "ouvert")
    exiger(bureau, RoleActeur.CONSEILLER)
    ouvrir(bureau, "ouvert")
    oublie = Blueprint("oublie", __name__, url_prefix="/oublie")
    oublie.add_url_rule("/", "page", lambda: "secret")
    return construire(config, bureau, oublie)


def test_what_nobody_declared_is_closed_even_to_those_signed_in(
    app_a_portes: Application, entrer: Entrer
) -> None:
    client = entrer(RoleActeur.CONSEILLER)
    client.application = app_a_portes
    assert client.get("/oublie/").status_code == 403
    assert app_a_portes.test_client().get("/oublie/").status_code == 403


def test_an_endpoint_may_be_opened_within_a_reserved_blueprint(app_a_portes: Application) -> None:
    client = app_a_portes.test_client()
    assert client.get("/bureau/ouvert").text == "ouvert"
    reponse = client.get("/bureau/qui?page=2")
    assert reponse.location == "/connexion?suite=/bureau/qui?page%3D2"


def test_the_role_of_the_account_opens_its_door_and_no_other(
    app_a_portes: Application, entrer: Entrer
) -> None:
    client = entrer(RoleActeur.CONSEILLER)
    client.application = app_a_portes
    assert client.get("/bureau/qui").text == "conseiller"
    partenaire = entrer(RoleActeur.PARTENAIRE)
    partenaire.application = app_a_portes
    assert partenaire.get("/bureau/qui").status_code == 403


def test_a_form_sent_by_another_site_is_refused(app: Application, client: FlaskClient) -> None:
    reponse = client.post("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"})
    assert reponse.status_code == 400
    assert "pas lisible" in reponse.text


@pytest.mark.parametrize(
    "suite",
    [
        "https://ailleurs.example/connexion",
        "//ailleurs.example/connexion",
        "/\\ailleurs.example",
        "\\\\ailleurs.example",
        "javascript:alert(1)",
        "/connexion\nSet-Cookie: a=b",
        "/deconnexion",
        "/n-existe-pas",
        "connexion",
        "",
        None,
    ],
)
def test_signing_in_never_leads_out_of_the_site(app: Application, suite: str | None) -> None:
    with app.test_request_context():
        assert suite_sure(suite) is None


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app: Application) -> None:
    with app.test_request_context():
        assert suite_sure("/accessibilite?a=1") == "/accessibilite?a=1"
