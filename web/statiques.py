"""Style sheets, scripts and images: served before Flask, kept for ever, renamed when they change."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise

DOSSIER = Path(__file__).parent / "static"


def preparer_statiques(app: Flask) -> None:
    """Serve ``static/`` and stamp each address with the content of its file."""
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(DOSSIER),
        prefix="static/",
        allow_all_origins=False,
        immutable_file_test=lambda _chemin, _adresse: True,
        add_headers_function=lambda entetes, _chemin, _adresse: entetes.add_header(
            "X-Content-Type-Options", "nosniff"
        ),
    )

    @app.url_defaults
    def dater(endpoint: str, valeurs: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in valeurs:
            valeurs.setdefault("v", _empreinte(valeurs["filename"]))


@cache
def _empreinte(nom: str) -> str:
    """Ten signs of the hash of a file. Raises ``FileNotFoundError``: a page must not name a missing file."""
    return hashlib.sha256((DOSSIER / nom).read_bytes()).hexdigest()[:10]
