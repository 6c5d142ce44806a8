"""What the documents tell to type does what they say: the page of the commands, and the backup of SQLite."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.lecture import RACINE
from tests.unit.test_documents import blocs, commandes_en_bloc, lire
from web.commandes import mobilite

COMMANDES = lire(RACINE / "docs" / "commandes.md")
EXPLOITATION = lire(RACINE / "docs" / "exploitation.md")
SITUATION = '{"depart": "55181", "besoins": [{"destination": "55545"}]}'
PHRASE = "une phrase qui se retient bien\n"


@pytest.fixture(autouse=True)
def ici(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder where the files that the page names are."""
    monkeypatch.chdir(tmp_path)
    for cle in ("MOBILITE_INSTANCE", "DATABASE_URL", "MOBILITE_MODE"):
        monkeypatch.delenv(cle, raising=False)
    (tmp_path / "situation.json").write_text(SITUATION, encoding="utf-8")
    (tmp_path / "offres.json").write_text(
        blocs(lire(RACINE / "docs" / "offre.md"), "json")[1], encoding="utf-8"
    )
    for rang, nom in enumerate(("maisons.csv", "trajets.csv")):
        (tmp_path / nom).write_text(blocs(COMMANDES, "csv")[rang], encoding="utf-8")
    return tmp_path


def lancer(ligne: str) -> str:
    """Type one line of a page; the refusals of ``mobilite`` fail the test."""
    entree = SITUATION if ligne.startswith("mobilite proposer -") else PHRASE * 2
    resultat = CliRunner().invoke(mobilite, shlex.split(ligne, comments=True)[1:], input=entree)
    assert resultat.exit_code == 0, f"{ligne}: {resultat.exception!r} {resultat.stderr}"
    return resultat.stdout


def test_the_page_of_the_commands_works_from_top_to_bottom() -> None:
    # A server never ends, and a road network needs an extract: tests/integration/test_reseau.py runs those.
    ailleurs = ("mobilite servir", "mobilite reseau")
    lignes = [ligne for ligne in commandes_en_bloc(COMMANDES) if not ligne.startswith(ailleurs)]
    assert len(lignes) > 15
    sorties = {ligne: lancer(ligne) for ligne in lignes}
    assert "Maison d'exemple" in lancer("mobilite maisons lister")
    assert "garage@example.org" in sorties["mobilite comptes lister"]


def test_the_backup_of_the_page_holds_what_is_still_in_the_journal_of_sqlite(
    ici: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lancer("mobilite maisons importer maisons.csv")
    vivante = sqlite3.connect(ici / "instance" / "mobilite.sqlite")
    vivante.execute("UPDATE maison_solidarite SET nom = 'Encore dans le WAL'")
    vivante.commit()  # and not closed: a copy of the file alone would miss it
    script = EXPLOITATION.split("<<'FIN'\n", 1)[1].split("FIN\n", 1)[0]
    exec(compile(script, "exploitation.md", "exec"), {})
    copie, dit = capsys.readouterr().out.split()
    assert dit == "ok"
    assert sqlite3.connect(copie).execute("SELECT nom FROM maison_solidarite").fetchone() == (
        "Encore dans le WAL",
    )
    vivante.close()
