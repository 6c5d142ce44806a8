"""What had better come before what: rules as data, an order that follows them, and never a block.

A step is known by its *notion*: the code of a typical action, ``genre.<genre>`` for an offer,
``aide.<code>`` for an aid, "" for free words, that no rule speaks of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilite.actions_types import textes
from mobilite.candidate import Genre
from mobilite.toml import TableToml, lire_toml

GENRE, AIDE = "genre.", "aide."


@dataclass(frozen=True, slots=True)
class Regle:
    """Each notion of ``avant`` had better come before each of ``apres``, « parce que … »."""

    code: str
    avant: tuple[str, ...]
    apres: tuple[str, ...]
    parce_que: str


@dataclass(frozen=True, slots=True)
class Lien:
    """The step at place ``avant`` had better come before the one at place ``apres``, by this rule."""

    avant: int
    apres: int
    regle: Regle


@dataclass(frozen=True, slots=True)
class Prealables:
    """Every rule. No chain of them comes back to where it began: ``lire_prealables`` refuses it."""

    regles: tuple[Regle, ...]

    def liens(self, notions: Sequence[str]) -> list[Lien]:
        """Which places are bound to which, in the order of the rules, then of the steps."""
        places: dict[str, list[int]] = {}
        for place, notion in enumerate(notions):
            places.setdefault(notion, []).append(place)
        return [
            Lien(avant, apres, regle)
            for regle in self.regles
            for apres in sorted(p for notion in regle.apres for p in places.get(notion, ()))
            for avant in sorted(p for notion in regle.avant for p in places.get(notion, ()))
        ]

    def contraires(self, notions: Sequence[str]) -> list[Lien]:
        """The advice that the present order does not follow."""
        return [lien for lien in self.liens(notions) if lien.avant > lien.apres]

    def ordonner(self, notions: Sequence[str]) -> list[int]:
        """The places in an order that follows every rule: what has to come before is pulled up, no more.

        Steps that nothing waits for keep the order they had; an order that already follows the rules
        does not change.
        """
        avant: dict[int, list[int]] = {}
        for lien in self.liens(notions):
            avant.setdefault(lien.apres, []).append(lien.avant)
        ordre: list[int] = []
        poses: set[int] = set()

        def poser(place: int) -> None:
            if place in poses:
                return
            poses.add(place)
            for autre in sorted(avant.get(place, ())):
                poser(autre)
            ordre.append(place)

        for place in range(len(notions)):
            poser(place)
        return ordre


def lire_prealables(chemin: Path, codes: Collection[str]) -> Prealables:
    """Read the rules; ``codes`` are those of the typical actions.

    Raises ``FichierRefuse`` naming the file, the rule and the field: an unknown notion, a rule that
    ties a thing to itself, rules that turn in a circle.
    """
    racine = TableToml(lire_toml(chemin), chemin.name)
    regles = tuple(_lire_regle(table, codes) for table in racine.tables("regle", par_code=True))
    racine.finir()
    _refuser_les_cercles(chemin.name, regles)
    return Prealables(regles)


def _lire_regle(table: TableToml, codes: Collection[str]) -> Regle:
    regle = Regle(
        table.texte("code"),
        _notions(table, "avant", codes),
        _notions(table, "apres", codes),
        table.texte("parce_que"),
    )
    table.finir()
    return regle


def _notions(table: TableToml, champ: str, codes: Collection[str]) -> tuple[str, ...]:
    notions = tuple(textes(table, champ))
    if not notions:
        table.refuser(champ, "au moins une étape est attendue.")
    for notion in notions:
        genre = notion.removeprefix(GENRE)
        connue = (
            notion in codes
            or (notion.startswith(AIDE) and notion != AIDE)
            or (notion.startswith(GENRE) and genre in set(Genre))
        )
        if not connue:
            table.refuser(champ, f"« {notion} » n'est ni une action type, ni un genre d'offre, ni une aide.")
    return notions


def _refuser_les_cercles(fichier: str, regles: Sequence[Regle]) -> None:
    suites: dict[str, dict[str, Regle]] = {}
    for regle in regles:
        for avant in regle.avant:
            suites.setdefault(avant, {}).update(dict.fromkeys(regle.apres, regle))
    finies: set[str] = set()
    for notion in suites:
        _parcourir(notion, suites, [], finies, fichier)


def _parcourir(
    notion: str,
    suites: Mapping[str, Mapping[str, Regle]],
    chemin: list[str],
    finies: set[str],
    fichier: str,
) -> None:
    if notion in finies:
        return
    chemin.append(notion)
    for suivante, regle in suites.get(notion, {}).items():
        if suivante in chemin:
            boucle = " → ".join([*chemin[chemin.index(suivante) :], suivante])
            TableToml({}, fichier, regle.code).refuser("apres", f"les règles tournent en rond : {boucle}.")
        _parcourir(suivante, suites, chemin, finies, fichier)
    chemin.pop()
    finies.add(notion)
