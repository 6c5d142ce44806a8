"""The page of proofs: each part writes its own figures into docs/preuves.md, with the date, the commit, the machine.

The words around them are written by hand; figures stand between two marks that name the part.
"""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from mobilite.base import ce_jour
from web.formats import jour_annee

PAGE = Path(__file__).resolve().parents[2] / "docs" / "preuves.md"
EN_ATTENTE = "Pas encore essayé sur cette version."


def tableau(colonnes: Sequence[str], lignes: Mapping[str, tuple[str, Sequence[object]]]) -> list[str]:
    """A Markdown table: what is counted, what is promised, then one column a database."""
    return [
        f"| | promis | {' | '.join(colonnes)} |",
        "|" + "---|" * (len(colonnes) + 2),
        *(
            f"| {quoi} | {promis} | {' | '.join(nombre(v) for v in valeurs)} |"
            for quoi, (promis, valeurs) in lignes.items()
        ),
    ]


def ecrire(partie: str, commande: str, lignes: Sequence[str], *, page: Path = PAGE) -> None:
    """Put the figures of a part in place of the former ones. Raises ``ValueError`` without its marks."""
    texte = page.read_text(encoding="utf-8")
    marques = re.compile(rf"(<!-- {partie} -->\n).*?(\n<!-- fin de {partie} -->)", re.DOTALL)
    corps = "\n".join([f"{_circonstances()}, `{commande}` :", "", *lignes])
    nouveau, places = marques.subn(lambda trouve: trouve[1] + corps + trouve[2], texte)
    if places != 1:
        raise ValueError(f"the page of proofs has no place for « {partie} »")
    page.write_text(nouveau, encoding="utf-8")


def _circonstances() -> str:
    modele = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memoire = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PAGE.parent, capture_output=True, text=True, check=False
    ).stdout.strip()
    machine = " ".join((modele[1] if modele else platform.machine()).split()[:2])
    return (
        f"Le {jour_annee(ce_jour())}, machine de {os.cpu_count()} cœurs ({machine}, {memoire:.0f} Go), Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}, commit {commit or 'inconnu'}"
    )


def nombre(valeur: object) -> str:
    """A number as it is read in French; anything else as it is."""
    return f"{valeur:,}".replace(",", " ") if isinstance(valeur, int) else str(valeur)
