"""The application: configuration in, a WSGI application out. Nothing here knows a subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any

from flask import Blueprint, Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy import inspect, select
from werkzeug.middleware.proxy_fix import ProxyFix

from mobilite.base import jour_local, maintenant
from web.acces import preparer_acces
from web.agenda import agenda
from web.comptes import Compte
from web.config import Config, ConfigurationDangereuse
from web.conseiller import conseiller
from web.debits import debits
from web.entetes import preparer_entetes
from web.erreurs import preparer_erreurs
from web.formats import preparer_formats
from web.menu import preparer_menu
from web.partenaire import partenaire
from web.personne import personne
from web.pilotage import pilotage
from web.portail import portail
from web.prescripteur import prescripteur
from web.referentiel import preparer_les_durees
from web.statiques import preparer_statiques
from web.traces import preparer_traces, tracer_panne
from web.transaction import bd, lecture, options_du_moteur, preparer_moteur

BLUEPRINTS: Sequence[Blueprint] = (portail, conseiller, personne, partenaire, prescripteur, pilotage, agenda)


class Application(Flask):
    """Flask, whose bugs are logged without a message: an exception often quotes what somebody typed."""

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Write where, not what."""
        tracer_panne(exc_info)


def create_app(config: Config, blueprints: Sequence[Blueprint] = BLUEPRINTS) -> Application:
    """Build the application. Raises ``ConfigurationDangereuse`` when production finds demonstration accounts."""
    app = Application("web", static_folder="static", template_folder="templates")
    app.config.update(_reglages(config))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["demonstration"] = config.demonstration
    app.jinja_env.globals["code_source"] = config.code_source
    bd.init_app(app)
    with app.app_context():
        preparer_moteur(bd.engine)
        if not config.demonstration:
            _refuser_les_comptes_de_demonstration()
    # The order is the order of the guards: number the request, time it, know who asks, then the form token.
    preparer_erreurs(app)
    preparer_traces(app)
    preparer_acces(app)
    CSRFProtect(app)
    debits.init_app(app)
    preparer_entetes(app, https=not config.demonstration)
    preparer_formats(app)
    preparer_menu(app)
    preparer_statiques(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    if config.proxys:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxys, x_proto=config.proxys, x_host=config.proxys
        )
    preparer_les_durees(jour_local(maintenant()))
    return app


def _reglages(config: Config) -> dict[str, Any]:
    """Flask's own defaults are unsafe: no size limit, sessions of 31 days, cookies over HTTP."""
    return {
        "SECRET_KEY": config.cle_secrete,
        "SECRET_KEY_FALLBACKS": list(config.cles_anterieures) or None,
        "SQLALCHEMY_ENGINES": {"default": options_du_moteur(config.base)},
        "TRUSTED_HOSTS": list(config.hotes) or None,
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1_000,
        # The prefix makes browsers refuse the cookie unless it is Secure, for this host, for the whole site.
        "SESSION_COOKIE_NAME": "mobilite" if config.demonstration else "__Host-mobilite",
        "SESSION_COOKIE_SECURE": not config.demonstration,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=2),
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        # We send no Referer at all; `_controler` looks at Sec-Fetch-Site instead.
        "WTF_CSRF_SSL_STRICT": False,
        "ENVOIS": config.envois,
        "PREFERRED_URL_SCHEME": "http" if config.demonstration else "https",
    }


def _refuser_les_comptes_de_demonstration() -> None:
    with lecture() as session:
        if not inspect(session.connection()).has_table(Compte.__tablename__):
            return
        if session.scalar(select(Compte.id).where(Compte.demonstration, Compte.actif).limit(1)):
            raise ConfigurationDangereuse(
                [
                    "DATABASE_URL : cette base contient des comptes de démonstration, dont chacun connaît les clés."
                ]
            )
