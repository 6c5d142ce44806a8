"""Where the sentences a person may read live, and all of them in one list."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from web.catalogue import documents_de_demonstration
from web.phrases.gabarits import phrases_du_gabarit
from web.phrases.phrase import Phrase, est_une_phrase, nettoyer
from web.phrases.sources import (
    manques_du_module,
    modules_lus,
    phrases_du_module,
    refus_du_module,
)

GABARITS = ("personne", "portail", "erreurs")
"""The folders of templates that she may open."""

CADRES = ("base.html", "base_personne.html")
PAPIERS = ("fiche", "carte")
"""What is printed and given to her."""

SES_PAGES = ("web/personne", "web/portail")
AUTRES_MODULES = (
    "web/affiche.py",
    "web/erreurs.py",
    "web/impressions/guichet.py",
    "web/messages/redaction.py",
)
SES_ACTES = ("web.reservations", "web.attentes", "web.transports", "web.comptes")
"""What her pages ask for, which may be refused: these modules, and those of the domain they read."""

_JAMAIS_LUS = frozenset({"mobilite.document", "mobilite.journal", "mobilite.territoire"})
"""Her forms say these refusals in other words."""

ECRITES_POUR_ELLE = {
    "web/conseiller/combinaisons.py": frozenset({"_POUR_ELLE", "_intitule"}),
    "web/conseiller/propositions.py": frozenset({"_ce_qui_n_est_pas_sur"}),
}
"""What the adviser's pages write into her plan, and she reads as it is."""

_ANNEXES_DU_MOTEUR = ("matching", "mobilite.droit")
_CROCHETS = re.compile(r"\[([^\[\]#]{3,})\]")


def racine() -> Path:
    """Where the packages stand."""
    return Path(str(files("web"))).parent


def recueillir(racine_lue: Path | None = None) -> list[Phrase]:
    """Every sentence, by where it lives, each once at one place. Raises ``OSError`` for a source that is gone."""
    base = racine_lue or racine()
    return sorted(set(_toutes(base)))


def _toutes(base: Path) -> Iterator[Phrase]:
    for chemin in _gabarits(base):
        yield from phrases_du_gabarit(chemin.read_text("utf-8"), _ou(chemin, base))
    for chemin in _modules(base, (*SES_PAGES, *AUTRES_MODULES)):
        yield from phrases_du_module(chemin.read_text("utf-8"), _ou(chemin, base))
    for nom in PAPIERS:
        papier = base / "web" / "impressions" / f"{nom}.py"
        yield from phrases_du_module(papier.read_text("utf-8"), _ou(papier, base))
        yield from _du_papier(papier.with_suffix(".typ"), base)
    for chemin in _actes(base):
        yield from refus_du_module(chemin.read_text("utf-8"), _ou(chemin, base))
    for ou, noms in ECRITES_POUR_ELLE.items():
        yield from phrases_du_module((base / ou).read_text("utf-8"), ou, noms)
    for chemin in _moteur(base):
        yield from manques_du_module(chemin.read_text("utf-8"), _ou(chemin, base))
    yield from _du_questionnaire(base)
    yield from _des_offres()


def _gabarits(base: Path) -> list[Path]:
    dossier = base / "web" / "templates"
    pages = [page for nom in GABARITS for page in sorted((dossier / nom).glob("*.html"))]
    return [*pages, *(dossier / nom for nom in CADRES)]


def _modules(base: Path, lieux: Iterable[str]) -> Iterator[Path]:
    for lieu in lieux:
        chemin = base / lieu
        yield from sorted(chemin.rglob("*.py")) if chemin.is_dir() else [chemin] if chemin.exists() else []


def _actes(base: Path) -> list[Path]:
    """The modules whose refusals she may read."""
    actes = [chemin for module in SES_ACTES for chemin in _fichiers(base, module)]
    sources = [*_modules(base, SES_PAGES), *actes]
    lus = {m for chemin in sources for m in modules_lus(chemin.read_text("utf-8"))}
    du_domaine = {m for m in lus if m.startswith("mobilite.")} - _JAMAIS_LUS
    return [*actes, *(base / _fichier(module) for module in sorted(du_domaine))]


def _fichiers(base: Path, module: str) -> list[Path]:
    """The file of a module, or those of a package."""
    dossier = base / module.replace(".", "/")
    return sorted(dossier.glob("*.py")) if dossier.is_dir() else [base / _fichier(module)]


def _fichier(module: str) -> str:
    return module.replace(".", "/") + ".py"


def _moteur(base: Path) -> list[Path]:
    """The modules the engine is made of: those that ``matching.moteur`` reads, and those they read."""
    vus: dict[str, Path] = {}
    a_lire = ["matching.moteur"]
    while a_lire:
        module = a_lire.pop()
        chemin = base / _fichier(module)
        if module in vus or not module.startswith(_ANNEXES_DU_MOTEUR) or not chemin.exists():
            continue
        vus[module] = chemin
        a_lire += modules_lus(chemin.read_text("utf-8"))
    return [vus[module] for module in sorted(vus)]


def _du_papier(chemin: Path, base: Path) -> Iterator[Phrase]:
    """The words a Typst page says by itself."""
    for rang, ligne in enumerate(chemin.read_text("utf-8").splitlines(), start=1):
        for texte in _CROCHETS.findall(ligne.partition("//")[0]):
            if est_une_phrase(nettoyer(texte)):
                yield Phrase(_ou(chemin, base), rang, nettoyer(texte))


def _du_questionnaire(base: Path) -> Iterator[Phrase]:
    """The plain wording of each question, and the answers offered."""
    for chemin in sorted((base / "seeds" / "questionnaire").glob("*/D*.toml")):
        for item in tomllib.loads(chemin.read_text("utf-8")).get("items", []):
            ou = f"{_ou(chemin, base)}#{item['code']}"
            textes: list[Any] = [item.get("simple"), *item.get("libelles", [])]
            textes += [choix["libelle"] for choix in item.get("choix", [])]
            yield from (Phrase(ou, 0, nettoyer(texte)) for texte in textes if texte)


def _des_offres() -> Iterator[Phrase]:
    """What an offer asks, as its partner wrote it: conditions, papers to bring."""
    for offre in documents_de_demonstration():
        ou = f"seeds/demonstration/offres#{offre['id']}"
        textes = [*_phrases_des_conditions(offre.get("conditions")), *offre.get("documents", [])]
        yield from (Phrase(ou, 0, nettoyer(texte)) for texte in textes)


def _phrases_des_conditions(condition: Any) -> Iterator[str]:
    if isinstance(condition, dict):
        for cle, valeur in condition.items():
            if cle in ("phrase", "preuve"):
                yield str(valeur)
            else:
                yield from _phrases_des_conditions(valeur)
    elif isinstance(condition, list):
        for element in condition:
            yield from _phrases_des_conditions(element)


def _ou(chemin: Path, base: Path) -> str:
    return chemin.relative_to(base).as_posix()
