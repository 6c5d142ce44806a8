"""Technical logs: one JSON line a request, that names a route and never a person."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, request

from web.acces import acteur_ou_personne

_RACINE = Path(__file__).resolve().parents[1]
_journal = logging.getLogger("mobilite.web")


class LigneJson(logging.Formatter):
    """One record, one line: JSON escapes what would forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's fields; ``exc_info`` is never printed."""
        faits: dict[str, Any] = record.__dict__.get("faits", {})
        le = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps(
            {"le": le, "niveau": record.levelname, "quoi": record.getMessage()} | faits, ensure_ascii=False
        )


def preparer_traces(app: Flask) -> None:
    """Write the line of each request: its number, route template, status, milliseconds, role."""
    if not _journal.handlers:
        sortie = logging.StreamHandler(sys.stderr)
        sortie.setFormatter(LigneJson())
        _journal.addHandler(sortie)
        _journal.setLevel(logging.INFO)

    @app.before_request
    def chronometrer() -> None:
        g.debut = time.perf_counter()

    @app.after_request
    def tracer(reponse: Response) -> Response:
        acteur = acteur_ou_personne()
        faits = {
            "demande": g.get("demande", ""),
            "methode": request.method if request.method.isalpha() else "?",
            # The template (/dossiers/<uuid>), never the path: a path names a person.
            "route": str(request.url_rule) if request.url_rule else "(inconnue)",
            "statut": reponse.status_code,
            "ms": round((time.perf_counter() - g.debut) * 1000, 1) if "debut" in g else None,
            "role": str(acteur.role) if acteur else None,
        }
        _journal.info("requete", extra={"faits": faits})
        return reponse


def tracer_panne(
    panne: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    """Write where a bug happened: types and lines of code, no message, no value, no local."""
    genre, _, trace = panne
    faits = {
        "demande": g.get("demande", ""),
        "genre": genre.__name__ if genre else "?",
        "lignes": [
            f"{_court(appel.filename)}:{appel.lineno} {appel.name}" for appel in traceback.extract_tb(trace)
        ],
    }
    _journal.error("panne", extra={"faits": faits})


def _court(fichier: str) -> str:
    chemin = Path(fichier)
    return str(chemin.relative_to(_RACINE)) if chemin.is_relative_to(_RACINE) else chemin.name
