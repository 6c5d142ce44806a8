"""The sentences of Python sources, read in their syntax tree: whole modules, refusals, what is missing."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from web.phrases.phrase import SUITE, Phrase, est_une_phrase, nettoyer

_PAS_LUS = frozenset({"url_for", "render_template", "route", "get", "post", "getattr", "compile", "strftime"})
"""Calls whose words are addresses and names, not sentences."""


def phrases_du_module(source: str, ou: str, noms: frozenset[str] | None = None) -> Iterator[Phrase]:
    """Every sentence of a module; only inside the functions, classes and constants of ``noms`` if given."""
    arbre = ast.parse(source)
    noeuds: list[ast.AST] = [arbre] if noms is None else [n for n in arbre.body if _nom(n) in noms]
    for noeud in noeuds:
        yield from _phrases(noeud, ou)


def noms_du_module(source: str) -> frozenset[str]:
    """The functions, classes and constants a module defines."""
    return frozenset(nom for noeud in ast.parse(source).body if (nom := _nom(noeud)))


def _nom(noeud: ast.AST) -> str:
    match noeud:
        case ast.FunctionDef(name=nom) | ast.ClassDef(name=nom):
            return nom
        case ast.Assign(targets=[ast.Name(id=nom)]) | ast.AnnAssign(target=ast.Name(id=nom)):
            return nom
        case _:
            return ""


def refus_du_module(source: str, ou: str) -> Iterator[Phrase]:
    """The sentences of the refusals of the trade that a module declares or raises."""
    for noeud in ast.walk(ast.parse(source)):
        declare = isinstance(noeud, ast.ClassDef) and any(map(_est_un_refus, noeud.bases))
        if declare or (isinstance(noeud, ast.Raise) and not _est_une_panne(noeud)):
            yield from _phrases(noeud, ou)


def _est_un_refus(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id in ("RegleMetier", "DonneeRefusee")


def _est_une_panne(leve: ast.Raise) -> bool:
    """Whether what is raised is a bug, which nobody reads: an error of Python itself."""
    appel = leve.exc.func if isinstance(leve.exc, ast.Call) else leve.exc
    return isinstance(appel, ast.Name) and hasattr(builtins, appel.id)


def manques_du_module(source: str, ou: str) -> Iterator[Phrase]:
    """What the engine says is missing: it reaches her page as « Pas encore sûr »."""
    for noeud in ast.walk(ast.parse(source)):
        if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Name) and noeud.func.id == "Manque":
            yield from _phrases(noeud.args[0], ou)
        elif isinstance(noeud, ast.Assign) and _nom(noeud) == "quoi":
            yield from _phrases(noeud.value, ou)
        elif isinstance(noeud, ast.FunctionDef) and noeud.name == "_quoi":
            yield from _phrases(noeud, ou)


def modules_lus(source: str) -> Iterator[str]:
    """The modules a source imports."""
    for noeud in ast.walk(ast.parse(source)):
        if isinstance(noeud, ast.ImportFrom) and noeud.module and not noeud.level:
            yield noeud.module


def _phrases(noeud: ast.AST, ou: str) -> Iterator[Phrase]:
    """The sentences under a node; what is written for developers (docstrings) is left out."""
    match noeud:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Constant(value=str(texte)):
            yield from _si_phrase(texte, noeud, ou)
        case ast.JoinedStr(values=morceaux):
            textes = (str(m.value) if isinstance(m, ast.Constant) else SUITE for m in morceaux)
            yield from _si_phrase("".join(textes), noeud, ou)
            for morceau in morceaux:
                if isinstance(morceau, ast.FormattedValue):
                    yield from _phrases(morceau.value, ou)
        case ast.Compare():
            return
        case ast.Call(func=ast.Name(id=nom) | ast.Attribute(attr=nom)) if nom in _PAS_LUS:
            return
        case _:
            for enfant in ast.iter_child_nodes(noeud):
                yield from _phrases(enfant, ou)


def _si_phrase(texte: str, noeud: ast.expr | ast.Constant, ou: str) -> Iterator[Phrase]:
    propre = nettoyer(texte)
    if est_une_phrase(propre):
        yield Phrase(ou, noeud.lineno, propre)
