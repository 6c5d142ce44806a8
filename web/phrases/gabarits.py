"""The sentences of a Jinja page: its text, what is read aloud, and the words its expressions may say."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment

from web.phrases.phrase import SUITE, Phrase, est_une_phrase, nettoyer

_EN_LIGNE = frozenset({"a", "abbr", "b", "em", "i", "kbd", "small", "span", "strong", "time"})
_MUETS = frozenset({"script", "style"})
_LUS = ("aria-label", "title", "alt", "placeholder")
_CHOIX = frozenset({"else", "elif"})
_FIN_DE_MOT = 2
_HABILLAGE = frozenset({"corps", "largeur"})
"""Blocks that hold the names of styles, not words."""


def phrases_du_gabarit(source: str, ou: str) -> Iterator[Phrase]:
    """Every sentence of a template, with its line. Alternatives stand side by side, with « / »."""
    page, dites = _sans_jinja(source)
    lecteur = _Lecteur(ou)
    lecteur.feed(page)
    lecteur.close()
    lecteur.finir()
    vues = {phrase.texte for phrase in lecteur.phrases}
    yield from lecteur.phrases
    for rang, texte in dites:
        if est_une_phrase(texte) and nettoyer(texte) not in vues:
            yield Phrase(ou, rang, nettoyer(texte))


def _sans_jinja(source: str) -> tuple[str, list[tuple[int, str]]]:
    """The page with its expressions as placeholders, line for line; and the strings they hold."""
    page: list[str] = []
    dites: list[tuple[int, str]] = []
    bloc: list[tuple[int, str, str]] = []
    habille = False
    for ligne, genre, valeur in Environment(autoescape=True).lex(source):
        if genre == "data":
            page.append("\n" * valeur.count("\n") if habille else valeur)
        elif genre in ("variable_begin", "block_begin"):
            bloc = []
            page.append("\n" * valeur.count("\n"))
        elif genre in ("variable_end", "block_end"):
            noms = [v for _, g, v in bloc if g == "name"]
            habille = noms[:1] == ["block"] and not _HABILLAGE.isdisjoint(noms)
            textes = [v[1:-1] for _, g, v in bloc if g == "string"]
            dites += [(n, v[1:-1]) for n, g, v in bloc if g == "string"]
            page.append(" / " if noms[:1] and noms[0] in _CHOIX else _a_la_place(genre, bloc, textes))
            page.append("\n" * valeur.count("\n"))
        else:
            page.append("\n" * valeur.count("\n"))
            bloc.append((ligne, genre, valeur))
    return "".join(page), dites


def _a_la_place(genre: str, bloc: list[tuple[int, str, str]], textes: list[str]) -> str:
    """What stands for a tag: nothing for an order, the words of a choice between words, else « … »."""
    if genre == "block_end":
        return ""
    premier = next((g for _, g, _ in bloc if g != "whitespace"), "")
    entre_des_mots = any(g == "name" and v == "if" for _, g, v in bloc)
    mots = [texte for texte in textes if texte]
    if premier == "string" and mots and (entre_des_mots or len(bloc) == 1):
        # « s » or nothing is the end of a word, not a choice between words.
        return " / ".join(mots) if all(len(mot) > _FIN_DE_MOT for mot in mots) else SUITE
    return SUITE


class _Lecteur(HTMLParser):
    """Reads a page as somebody does: one sentence for what stands on one line of it."""

    def __init__(self, ou: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ou = ou
        self.phrases: list[Phrase] = []
        self._texte: list[str] = []
        self._ligne = 1
        self._muet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block ends the sentence before it; an attribute that is read is a sentence."""
        if tag not in _EN_LIGNE:
            self.finir()
        self._muet += tag in _MUETS
        for nom, valeur in attrs:
            if nom in _LUS and valeur:
                self._garder(valeur, self.getpos()[0])

    def handle_endtag(self, tag: str) -> None:
        """The end of a block ends its sentence."""
        if tag not in _EN_LIGNE:
            self.finir()
        self._muet -= tag in _MUETS

    def handle_data(self, data: str) -> None:
        """Text, joined to what stands before it on the same line of the page."""
        if not self._muet:
            if not "".join(self._texte).strip():
                self._ligne = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
            self._texte.append(data)

    def finir(self) -> None:
        """Keep the sentence being read, if it is one."""
        self._garder("".join(self._texte), self._ligne)
        self._texte = []

    def _garder(self, texte: str, ligne: int) -> None:
        propre = nettoyer(texte).strip("/ ")
        if est_une_phrase(propre):
            self.phrases.append(Phrase(self.ou, ligne, propre))
