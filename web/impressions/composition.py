"""From content to PDF: Typst, its embedded fonts, tagged for screen readers (PDF/UA-1).

Templates never meet text: content travels as one JSON string in ``sys.inputs`` and is shown as it
is, so that « # », « $ » or « [ » typed by somebody are letters, not instructions.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

_ABSENT = "□"
"""What stands for a sign that no embedded font can draw: seen to be missing, never silently gone."""

_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_CONTROLES = frozenset({"Cc", "Cs", "Co", "Cn"})
_DESSINES = frozenset("–—‘’“”•…€→●■▲□−\u00a0\u202f\u2009 ")


def composer(modele: str, contenu: Mapping[str, Any]) -> bytes:
    """The PDF of a template (``"fiche"``) filled with JSON-able content, whose ``titre`` is its title.

    Signs that the embedded fonts lack are shown as « □ ». Takes about ten milliseconds a page; to be
    called outside any transaction.
    """
    # Typst is 40 MB of compiled code: kept out of the start of the application.
    import typst  # noqa: PLC0415

    propre = _ecrire(contenu, _nettoyer)
    try:
        return _compiler(modele, propre)
    except typst.TypstError as erreur:
        if "could not be displayed" not in str(erreur):
            raise
    return _compiler(modele, _ecrire(propre, _remplacer_absents))


def _compiler(modele: str, contenu: Any) -> bytes:
    import typst  # noqa: PLC0415

    dossier = Path(str(files("web.impressions")))
    return typst.compile(
        dossier / f"{modele}.typ",
        root=dossier,
        font_paths=_polices(),
        ignore_system_fonts=True,
        sys_inputs={"contenu": json.dumps(contenu, ensure_ascii=False)},
        pdf_standards="ua-1",
    )


@cache
def _polices() -> typst.Fonts:
    """The fonts inside Typst itself: the same sheet on every machine."""
    import typst  # noqa: PLC0415

    return typst.Fonts(include_system_fonts=False)


def _ecrire(valeur: Any, changer: Callable[[str], str]) -> Any:
    """The same content with every text changed; keys stay."""
    if isinstance(valeur, str):
        return changer(valeur)
    if isinstance(valeur, Mapping):
        return {cle: _ecrire(v, changer) for cle, v in valeur.items()}
    if isinstance(valeur, list | tuple):
        return [_ecrire(v, changer) for v in valeur]
    return valeur


def _nettoyer(texte: str) -> str:
    """Composed letters, the apostrophe of print, and no invisible instruction (line ends become spaces)."""
    visible = "".join(
        " " if signe in "\n\r\t" else signe
        for signe in unicodedata.normalize("NFC", texte)
        if signe in "\n\r\t" or (unicodedata.category(signe) not in _CONTROLES and not _oriente(signe))
    )
    return _APOSTROPHE.sub("’", visible)


def _oriente(signe: str) -> bool:
    """Whether a sign only turns the reading direction of the others around."""
    return "\u202a" <= signe <= "\u202e" or "\u2066" <= signe <= "\u2069"


def _remplacer_absents(texte: str) -> str:
    return "".join(signe if _dessinable(signe) else _ABSENT for signe in texte)


def _dessinable(signe: str) -> bool:
    return signe < "\u0250" or signe in _DESSINES or _essayer(signe)


@cache
def _essayer(signe: str) -> bool:
    """Ask Typst itself whether its fonts hold a sign: the answer never changes while we run."""
    import typst  # noqa: PLC0415

    try:
        _compiler("signe", {"titre": "Essai", "signe": signe})
    except typst.TypstError:
        return False
    return True
