"""Technical logs: one JSON line a request, that names a route and never a person."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

import structlog
from flask import Flask, Response, g, request

from web.acces import acteur_ou_personne

_RACINE = Path(__file__).resolve().parents[1]

_traces: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
    structlog.PrintLogger(sys.stderr),
    processors=[
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="le"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    wrapper_class=structlog.make_filtering_bound_logger(20),
)


def preparer_traces(app: Flask) -> None:
    """Write the line of each request: its number, route template, status, milliseconds, role."""

    @app.before_request
    def chronometrer() -> None:
        g.debut = time.perf_counter()

    @app.after_request
    def tracer(reponse: Response) -> Response:
        acteur = acteur_ou_personne()
        _traces.info(
            "requete",
            demande=g.get("demande", ""),
            methode=request.method if request.method.isalpha() else "?",
            # The template (/dossiers/<uuid>), never the path: a path names a person.
            route=str(request.url_rule) if request.url_rule else "(inconnue)",
            statut=reponse.status_code,
            ms=round((time.perf_counter() - g.debut) * 1000, 1) if "debut" in g else None,
            role=str(acteur.role) if acteur else None,
        )
        return reponse


def tracer_panne(
    panne: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    """Write where a bug happened: types and lines of our code, no message, no value, no local."""
    genre, _, trace = panne
    _traces.error(
        "panne",
        demande=g.get("demande", ""),
        genre=genre.__name__ if genre else "?",
        lignes=[
            f"{_court(appel.filename)}:{appel.lineno} {appel.name}" for appel in traceback.extract_tb(trace)
        ],
    )


def _court(fichier: str) -> str:
    chemin = Path(fichier)
    return str(chemin.relative_to(_RACINE)) if chemin.is_relative_to(_RACINE) else chemin.name
