"""The recorded diagnostics of the fictional people: ``demonstration/diagnostics``, one file a person.

A file adds answers to those of ``personnes.json``, dates each moment, and says what the rules must
find in it and why (``attendu``, for the tests).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mobilite.diagnostic import TypeDiagnostic
from mobilite.question import PREFERE_NE_PAS_REPONDRE
from seeds.dates import resoudre


@dataclass(frozen=True, slots=True)
class DiagnosticEcrit:
    """One moment: its version, its day, and its answers as JSON."""

    type: TypeDiagnostic
    questionnaire: str
    le: date
    reponses: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DossierEcrit:
    """One person: her moments, oldest first; why, and what is expected."""

    personne: str
    pourquoi: str
    diagnostics: tuple[DiagnosticEcrit, ...]
    attendu: Mapping[str, Any]


def lire_diagnostics(dossier: Path, le: date) -> dict[str, DossierEcrit]:
    """Every file of a folder, by first name, its relative days resolved from ``le``."""
    return {lu.personne: lu for chemin in sorted(dossier.glob("*.toml")) for lu in [_lire(chemin, le)]}


def _lire(chemin: Path, le: date) -> DossierEcrit:
    document = resoudre(tomllib.loads(chemin.read_text(encoding="utf-8")), le)
    return DossierEcrit(
        personne=document["personne"],
        pourquoi=document["pourquoi"],
        diagnostics=tuple(
            DiagnosticEcrit(
                type=TypeDiagnostic(d["type"]),
                questionnaire=d["questionnaire"],
                le=date.fromisoformat(d["le"]),
                # TOML has no null: « préfère ne pas répondre » is written as a form says it.
                reponses={c: None if v == PREFERE_NE_PAS_REPONDRE else v for c, v in d["reponses"].items()},
            )
            for d in document["diagnostics"]
        ),
        attendu=document["attendu"],
    )
