"""The documents: every link, command, variable, label and word they name exists, and nothing of one machine."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest

from mobilite.parametres import parametres
from tests.unit.lecture import RACINE, questionnaire
from web.commandes import mobilite

_HORS = {".venv", ".git", "build", "node_modules", "instance"}
DOCUMENTS = sorted(p for p in RACINE.rglob("*.md") if not _HORS & set(p.relative_to(RACINE).parts))
GUIDES = [
    RACINE / "docs" / f"guide-{qui}.md" for qui in ("conseiller", "partenaire", "prescripteur", "departement")
]
DECISIONS = sorted((RACINE / "docs" / "decisions").glob("*.md"))
GLOSSAIRE = RACINE / "docs" / "glossaire.md"


def lire(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def nom(document: Path) -> str:
    return document.relative_to(RACINE).as_posix()


def blocs(texte: str, langue: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{langue}\n(.*?)^```", texte, re.MULTILINE | re.DOTALL)


def commandes_en_bloc(texte: str) -> list[str]:
    """The lines of the shell blocks that call ``mobilite``, as they would be typed."""
    lignes = [ligne for bloc in blocs(texte, "sh") for ligne in bloc.splitlines()]
    return [trouve[1] for ligne in lignes if (trouve := re.match(r"(?:.*\| )?(mobilite .*)", ligne))]


def commandes_en_ligne(texte: str) -> list[str]:
    return re.findall(r"`(mobilite [^`\n]+)`", texte)


def suivre(mots: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words lead to, and what is left for it. Raises ``KeyError``."""
    commande: click.Command = mobilite
    while isinstance(commande, click.Group) and mots and not mots[0].startswith("-"):
        commande = commande.commands[mots[0]]
        mots = mots[1:]
    return commande, mots


@pytest.mark.parametrize("document", DOCUMENTS, ids=nom)
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    hors_code = re.sub(r"```.*?```", "", lire(document), flags=re.DOTALL)
    cibles = [
        c for c in re.findall(r"\]\(([^)\s]+)\)", hors_code) if "://" not in c and not c.startswith("#")
    ]
    assert [c for c in cibles if not (document.parent / c.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=nom)
def test_every_command_shown_is_one_that_can_be_typed(document: Path) -> None:
    texte = lire(document)
    for ligne in commandes_en_bloc(texte):
        commande, reste = suivre(shlex.split(ligne, comments=True)[1:])
        assert not isinstance(commande, click.Group), ligne
        commande.make_context("mobilite", reste)  # raises for an unknown option, choice or missing argument
    for ligne in commandes_en_ligne(texte):
        commande, reste = suivre(shlex.split(ligne)[1:])
        connues = {option for parametre in commande.params for option in parametre.opts} | {"--help"}
        assert {mot for mot in reste if mot.startswith("--")} <= connues, ligne


def test_every_command_of_the_tree_is_on_the_page_of_the_commands() -> None:
    def feuilles(commande: click.Command, chemin: str) -> list[str]:
        if isinstance(commande, click.Group):
            return [f for n, c in commande.commands.items() for f in feuilles(c, f"{chemin} {n}")]
        return [chemin]

    page = "\n".join(commandes_en_bloc(lire(RACINE / "docs" / "commandes.md")))
    assert [f for f in feuilles(mobilite, "mobilite") if not re.search(rf"^{f}\b", page, re.MULTILINE)] == []


def test_the_variables_of_the_documents_are_those_the_configuration_reads() -> None:
    lues = set(re.findall(r'env\.get\(\s*"([A-Z_]+)"', lire(RACINE / "web" / "config.py"))) - {"FLASK_DEBUG"}
    assert len(lues) > 5
    exploitation, readme = lire(RACINE / "docs" / "exploitation.md"), lire(RACINE / "README.md")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", exploitation, re.MULTILINE)) == lues
    dites = set(re.findall(r"^export ([A-Z_]+)=", readme, re.MULTILINE)) | set(
        re.findall(r"`([A-Z]+_[A-Z_]+)`", readme)
    )
    assert dites
    assert dites <= lues


MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|tmp|work|Users|mnt|opt)/|\b[A-Z]:\\|(?:pypi|pythonhosted|npmjs|yarnpkg|proxy\.golang)\.\w+"
)


def test_nothing_names_one_machine_or_one_registry() -> None:
    racine = [RACINE / n for n in ("Makefile", ".ci/run", "pyproject.toml", "setup.cfg")]
    fautes = {
        nom(fichier): trouve
        for fichier in [*DOCUMENTS, *racine, *RACINE.glob("*.lock")]
        if (trouve := MACHINE.findall(lire(fichier)))
    }
    assert fautes == {}


def mots_du_glossaire() -> list[tuple[str, str, str, str]]:
    """word, definition, origin, names in the code."""
    lignes = [ligne for ligne in lire(GLOSSAIRE).splitlines() if ligne.startswith("| ")]
    rangs = [tuple(case.strip() for case in ligne.strip("|").split("|")) for ligne in lignes]
    return [(r[0], r[1], r[2], r[3]) for r in rangs if r[0] != "Mot" and len(r) == 4]


def existe(identifiant: str) -> bool:
    """Whether a name of the glossary is in the code: an object, a parameter or a question."""
    if identifiant in parametres(date(2026, 11, 21)):
        return True
    if any(item.code == identifiant for item in questionnaire().items):
        return True
    morceaux = identifiant.split(".")
    for fin in range(len(morceaux), 0, -1):
        try:
            objet: Any = importlib.import_module(".".join(morceaux[:fin]))
        except ModuleNotFoundError:
            continue
        for attribut in morceaux[fin:]:
            if not hasattr(objet, attribut):
                return False
            objet = getattr(objet, attribut)
        return fin < len(morceaux)
    return False


def test_every_name_of_the_glossary_is_in_the_code() -> None:
    noms = [n for *_, code in mots_du_glossaire() for n in re.findall(r"`([^`]+)`", code)]
    assert len(noms) > 60
    assert [n for n in noms if not existe(n)] == []


@pytest.mark.parametrize(
    "absent", ["mobilite.verdict.Verdit", "mobilite.verdict", "tus.rien", "mobilit.Verdict"]
)
def test_a_name_that_is_not_in_the_code_is_seen(absent: str) -> None:
    assert not existe(absent)


def test_a_word_has_one_definition_and_says_where_it_lives() -> None:
    rangs = mots_du_glossaire()
    mots = [mot for mot, *_ in rangs]
    assert len(mots) >= 45
    assert [m for m in mots if mots.count(m) > 1] == []
    assert [r[0] for r in rangs if not all(r) or not (r[3] == "—" or "`" in r[3])] == []


def a_plat(texte: str) -> str:
    """One apostrophe, one kind of space, no markup between the words of a label."""
    sans_balises = re.sub(r"<kbd>|</kbd>|&nbsp;", " ", texte)
    return re.sub(r"[\s\u00a0\u202f]+", " ", sans_balises.replace("’", "'"))


# Between « » in the guides without being a label: what one types.
_MOTS_DITS = {"nadia"}


def guides() -> list[tuple[str, str]]:
    """The pages that lead somebody through screens: the guides, and the tour of README."""
    tour = lire(RACINE / "README.md").split("\n## A tour", 1)[1].split("\n## ", 1)[0]
    return [("README", tour), *((g.stem, lire(g)) for g in GUIDES)]


@pytest.mark.parametrize(("guide", "texte"), guides(), ids=[g for g, _ in guides()])
def test_every_label_a_guide_quotes_is_on_a_screen(guide: str, texte: str) -> None:
    salles = [
        (RACINE / salle, genre) for salle in ("web", "mobilite", "matching") for genre in ("*.html", "*.py")
    ]
    ecrans = a_plat("\n".join(lire(p) for salle, genre in salles for p in salle.rglob(genre))).casefold()
    dits = {dit.strip(" .…") for dit in re.findall(r"«(.+?)»", a_plat(texte))}
    assert len(dits) > 10, guide
    assert sorted(dit for dit in dits - _MOTS_DITS if dit.casefold() not in ecrans) == []


def test_the_licence_declared_is_the_licence_joined() -> None:
    declaree = tomllib.loads(lire(RACINE / "pyproject.toml"))["project"]["license"]
    assert declaree == "AGPL-3.0-or-later"
    debut = " ".join(lire(RACINE / "LICENSE").split())
    assert debut.startswith(
        "GNU AFFERO GENERAL PUBLIC LICENSE Version 3, 19 November 2007 Copyright (C) 2007 Free"
    )
    assert "13. Remote Network Interaction" in debut


@pytest.mark.parametrize("decision", DECISIONS, ids=nom)
def test_a_decision_says_its_day_its_status_and_what_it_costs(decision: Path) -> None:
    texte = lire(decision)
    assert f"Date: {decision.name[:10]}. Status: " in texte
    assert re.findall(r"^## (.+)$", texte, re.MULTILINE) == ["Context", "Decision", "Consequences"]
