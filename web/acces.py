"""Who may enter where: deny by default, one declared rule for every endpoint, the actor of a request."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import urlsplit

import flask
from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.sansio.app import App
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_user, logout_user
from flask_login import current_user as _utilisateur
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from mobilite.acteur import Acteur, RoleActeur
from web.comptes import Compte
from web.transaction import METHODES_DE_LECTURE, lecture

DUREE_MAX_SESSION_S = 12 * 3600
_CLE = "acces"


@dataclass(frozen=True, slots=True)
class Regle:
    """Who may call an endpoint: some roles, or everybody (``tous``)."""

    roles: frozenset[RoleActeur] = frozenset()
    tous: bool = False

    def admet(self, acteur: Acteur | None) -> bool:
        """Whether this actor may enter."""
        return self.tous or (acteur is not None and acteur.role in self.roles)


@dataclass(slots=True)
class Regles:
    """The rules of one application: by endpoint, else by blueprint. What has no rule is closed."""

    endpoints: dict[str, Regle] = field(default_factory=lambda: {"static": Regle(tous=True)})
    blueprints: dict[str, Regle] = field(default_factory=dict)

    def de(self, endpoint: str) -> Regle | None:
        """The rule of an endpoint, ``None`` when nobody declared one."""
        return self.endpoints.get(endpoint) or self.blueprints.get(endpoint.rpartition(".")[0])


@dataclass(frozen=True, slots=True)
class Connecte:
    """Somebody signed in, as Flask-Login wants it: a value, so that no page reloads the account."""

    acteur: Acteur
    libelle: str
    jeton: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the session cookie names: a random token that the account can renew."""
        return self.jeton


def exiger(blueprint: Blueprint, *roles: RoleActeur, endpoints: tuple[str, ...] = ()) -> None:
    """Reserve a blueprint, or only some of its endpoints, to these roles."""
    if not roles:
        raise ValueError("at least one role is required; what is public is declared with `ouvrir`")
    _declarer(blueprint, Regle(roles=frozenset(roles)), endpoints)


def ouvrir(blueprint: Blueprint, *endpoints: str) -> None:
    """Open these endpoints of a blueprint to everybody. There is no way to open a whole blueprint."""
    if not endpoints:
        raise ValueError("public endpoints are named one by one")
    _declarer(blueprint, Regle(tous=True), endpoints)


def _declarer(blueprint: Blueprint, regle: Regle, endpoints: tuple[str, ...]) -> None:
    def noter(etat: BlueprintSetupState) -> None:
        regles = regles_de(etat.app)
        nom = f"{etat.name_prefix}.{etat.name}".lstrip(".")
        if not endpoints:
            regles.blueprints[nom] = regle
        for endpoint in endpoints:
            regles.endpoints[f"{nom}.{endpoint}"] = regle

    blueprint.record(noter)


def regles_de(app: App) -> Regles:
    """The rules declared by the blueprints of an application."""
    regles: Regles = app.extensions.setdefault(_CLE, Regles())
    return regles


def preparer_acces(app: Flask) -> None:
    """Install the sign-in session and the control of every request."""
    regles_de(app)
    gestion = LoginManager()
    gestion.session_protection = None  # the address of a phone changes all day
    gestion.init_app(app, add_context_processor=False)
    gestion.user_loader(_charger)
    app.before_request(_controler)
    app.context_processor(lambda: {"acteur": acteur_ou_personne(), "libelle_acteur": _libelle()})


def _charger(jeton: str) -> Connecte | None:
    """Read the account at each request: a role withdrawn or an account closed acts at once."""
    if time.time() - flask.session.get("ouverte", 0) > DUREE_MAX_SESSION_S:
        return None
    with lecture() as session:
        compte = session.scalar(select(Compte).where(Compte.jeton_session == jeton))
        if compte is None or not compte.actif:
            return None
        return Connecte(acteur=compte.acteur(), libelle=compte.libelle, jeton=compte.jeton_session)


def _controler() -> ResponseReturnValue | None:
    """Before each request: refuse what has no rule, what another site sent, what the role may not."""
    if request.endpoint == "static":
        return None
    g.acteur = _utilisateur.acteur if _utilisateur.is_authenticated else None
    if request.endpoint is None:
        return None
    if request.method not in METHODES_DE_LECTURE and request.headers.get("Sec-Fetch-Site") in (
        "cross-site",
        "same-site",
    ):
        abort(400)
    regle = regles_de(current_app).de(request.endpoint)
    if regle is None:
        abort(403)
    if regle.admet(g.acteur):
        if _porte_un_nul():
            abort(400)
        return None
    if g.acteur is not None:
        abort(403)
    if veut_json():
        abort(401)
    porte = "portail.ma_carte" if regle.roles == {RoleActeur.PERSONNE} else "portail.connexion"
    suite = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(porte, suite=suite))


def _porte_un_nul() -> bool:
    """Whether a NUL came in: nobody types one, and PostgreSQL refuses it where SQLite does not."""
    recus = chain([request.path], *(valeurs for _, valeurs in request.values.lists()))
    return any("\0" in recu for recu in recus)


def acteur_ou_personne() -> Acteur | None:
    """The actor of this request, or nobody. Never asks the database: error pages use it too."""
    acteur: Acteur | None = g.get("acteur")
    return acteur


def acteur_courant() -> Acteur:
    """The actor of this request. To be called where a role is required."""
    acteur = acteur_ou_personne()
    if acteur is None:
        abort(401)
    return acteur


def _libelle() -> str:
    return str(_utilisateur.libelle) if acteur_ou_personne() is not None else ""


def veut_json() -> bool:
    """Whether a script asks, rather than somebody who reads pages."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def ouvrir_session(compte: Compte) -> None:
    """Sign in: a new session (nothing of the anonymous one survives), dated, that names the account."""
    flask.session.clear()
    flask.session.permanent = True
    flask.session["ouverte"] = int(time.time())
    login_user(Connecte(acteur=compte.acteur(), libelle=compte.libelle, jeton=compte.jeton_session))


def fermer_session() -> None:
    """Sign out of this browser and forget everything the session held."""
    logout_user()
    flask.session.clear()
    g.acteur = None


def suite_sure(suite: str | None) -> str | None:
    """Where to go after signing in: only a page of ours, reached by GET; else ``None``."""
    if not suite or len(suite) > 500 or not suite.isprintable() or "\\" in suite:
        return None
    adresse = urlsplit(suite)
    if adresse.scheme or adresse.netloc or not adresse.path.startswith("/") or suite.startswith("//"):
        return None
    try:
        endpoint, _ = current_app.url_map.bind("").match(adresse.path, method="GET")
    except HTTPException:
        return None
    return suite if regles_de(current_app).de(endpoint) else None
