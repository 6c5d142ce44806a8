"""The questionnaire as data: read strictly from TOML files, one per dimension, and asked for facts.

A broken file is refused whole, with its name, the item's code and the field: an adviser edits
these files, and a silent mistake would change what is proposed to somebody.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mobilite.besoin import Valeur
from mobilite.document import Champ, montrable
from mobilite.erreurs import DonneeRefusee
from mobilite.faits import FAITS, GenreFait, ValeurFait
from mobilite.question import (
    NE_SAIT_PAS,
    POINTS_MAX,
    Axe,
    Branche,
    Choix,
    Cle,
    GenreQuestion,
    Item,
    Visibilite,
)
from mobilite.toml import FichierRefuse, TableToml, lire_toml

__all__ = ["Choix", "Dimension", "FichierRefuse", "Item", "Questionnaire", "lire_questionnaire"]

ENTETE = "questionnaire.toml"
MOTS_PAR_PHRASE = 12

_CODE_DIMENSION = re.compile(r"D\d{1,2}")
_CODE_ITEM = re.compile(r"[A-Za-z0-9_]{3,40}")
_LIBELLES_ECHELLE = ("pas du tout", "difficilement", "plutôt bien", "sans difficulté")
_GENRES_DU_FAIT = {
    GenreFait.BOOLEEN: (GenreQuestion.OUI_NON, GenreQuestion.CHOIX),
    GenreFait.NOMBRE: (GenreQuestion.NOMBRE, GenreQuestion.ECHELLE, GenreQuestion.CHOIX),
    GenreFait.CHOIX: (GenreQuestion.CHOIX,),
    GenreFait.ENSEMBLE: (GenreQuestion.PLUSIEURS, GenreQuestion.CHOIX),
}


@dataclass(frozen=True, slots=True)
class Dimension:
    """A section of the questionnaire (D0 to D12): title, axis, and whether it opens folded."""

    code: str
    titre: str
    axe: Axe
    replie: bool = False
    presentation: str = ""


@dataclass(frozen=True)
class Questionnaire:
    """All the questions of one version, in the order they are shown."""

    version: str
    date: date
    titre: str
    dimensions: tuple[Dimension, ...]
    items: tuple[Item, ...]

    @cached_property
    def par_code(self) -> Mapping[str, Item]:
        """Items by code."""
        return MappingProxyType({item.code: item for item in self.items})

    @cached_property
    def _par_fait(self) -> Mapping[str, Item]:
        return {item.fait: item for item in self.items if item.fait}

    def item_du_fait(self, nom: str) -> Item | None:
        """The question that settles a fact; ``None`` when the situation itself says it."""
        return self._par_fait.get(nom)

    def de_la_dimension(self, code: str) -> tuple[Item, ...]:
        """The questions of one dimension, in order."""
        return tuple(item for item in self.items if item.dimension == code)

    def lire_reponses(self, champ: Champ) -> Mapping[str, Valeur]:
        """Validate an object of answers ``{code: value}``; ``null`` values are kept.

        Raises ``DonneeRefusee`` naming the first code or value that does not fit.
        """
        if not isinstance(champ.valeur, dict):
            champ.refuser("un objet { code : réponse } est attendu.")
        lues: dict[str, Valeur] = {}
        for code, valeur in champ.valeur.items():
            chemin = f"{champ.chemin}.{montrable(code)}" if champ.chemin else montrable(code)
            item = self.par_code.get(code)
            if item is None:
                raise DonneeRefusee(chemin, f"cette question n'existe pas{self._proche(code)}.")
            lues[code] = item.lire(Champ(valeur, chemin, champ.ignores))
        return MappingProxyType(lues)

    def relire(self, gardees: Mapping[str, Any]) -> dict[str, Valeur]:
        """Stored answers (JSON) read again; one that this version cannot read is left out, never an error."""
        lues: dict[str, Valeur] = {}
        for code, valeur in gardees.items():
            if code in self.par_code:
                with suppress(DonneeRefusee):
                    lues[code] = self.par_code[code].lire(Champ(valeur, code))
        return lues

    def _proche(self, code: str) -> str:
        proches = difflib.get_close_matches(code[:60], self.par_code, n=1)
        return f" ; vouliez-vous dire « {proches[0]} » ?" if proches else " dans ce questionnaire"

    def faits(self, reponses: Mapping[str, Valeur]) -> dict[str, ValeurFait]:
        """What the answers establish; an answer of an older version that means nothing now is skipped.

        Branches do not matter here: what was said was said.
        """
        connus: dict[str, ValeurFait] = {}
        for code, valeur in reponses.items():
            item = self.par_code.get(code)
            fait = item.fait_de(valeur) if item else None
            if item and fait is not None:
                connus[item.fait] = fait
        return connus

    def posees(self, reponses: Mapping[str, Valeur]) -> tuple[Item, ...]:
        """The questions to ask, given the answers so far: those whose branch is open."""
        ouvertes: dict[str, Item] = {}
        for item in self.items:  # a branch always hangs on an earlier item: one pass is enough
            if item.si is None or (item.si.code in ouvertes and self._branche_ouverte(item, reponses)):
                ouvertes[item.code] = item
        return tuple(ouvertes.values())

    def _branche_ouverte(self, item: Item, reponses: Mapping[str, Valeur]) -> bool:
        if item.si is None:
            return True
        valeur = reponses.get(item.si.code)
        if isinstance(valeur, frozenset):
            return item.ouverte(valeur)
        choix = self.par_code[item.si.code].choix_de(valeur)
        return choix is not None and item.ouverte(choix.valeur)

    def en_document(self) -> list[dict[str, Any]]:
        """The questions as JSON-able values."""
        return [item.en_document() for item in self.items]


def lire_questionnaire(dossier: Path) -> Questionnaire:
    """Read ``questionnaire.toml`` (the header) and every ``D*.toml`` of a directory.

    Raises ``FichierRefuse`` (a ``ValueError``) at the first thing that does not fit.
    """
    entete = TableToml(lire_toml(dossier / ENTETE), f"{dossier.name}/{ENTETE}")
    version, du, titre = entete.texte("version"), entete.jour("date"), entete.texte("titre")
    entete.finir()
    dimensions: list[Dimension] = []
    items: dict[str, Item] = {}
    for chemin in sorted(dossier.glob("D*.toml")):
        table = TableToml(lire_toml(chemin), f"{dossier.name}/{chemin.name}")
        dimension, cle = _lire_dimension(table.table("dimension"))
        if any(autre.code == dimension.code for autre in dimensions):
            table.refuser("dimension", f"la dimension {dimension.code} est déjà dans un autre fichier.")
        dimensions.append(dimension)
        for sous_table in table.tables("items", par_code=True):
            item = _lire_item(sous_table, dimension, cle, items)
            items[item.code] = item
        table.finir()
    if not items:
        raise FichierRefuse(str(dossier.name), "", "", "aucune question n'a été trouvée.")
    return Questionnaire(version, du, titre, tuple(dimensions), tuple(items.values()))


def _lire_dimension(table: TableToml) -> tuple[Dimension, Cle | None]:
    code = table.texte("code")
    if not _CODE_DIMENSION.fullmatch(code):
        table.refuser("code", "un code comme « D3 » est attendu.")
    dimension = Dimension(
        code=code,
        titre=table.texte("titre"),
        axe=table.parmi("axe", Axe),
        replie=table.booleen("replie", False),
        presentation=table.texte("presentation", ""),
    )
    cle = table.parmi("cle", Cle) if table.present("cle") else None
    table.finir()
    return dimension, cle


def _lire_item(table: TableToml, dimension: Dimension, cle: Cle | None, deja: Mapping[str, Item]) -> Item:
    code = table.texte("code")
    if not _CODE_ITEM.fullmatch(code) or not code.startswith(f"{dimension.code}_"):
        table.refuser("code", f"un code comme « {dimension.code}_mot » est attendu (lettres, chiffres, _).")
    if code in deja:
        table.refuser("code", f"le code {code} est déjà pris.")
    genre = table.parmi("genre", GenreQuestion)
    fait = _lire_fait(table, genre, deja)
    nombre = genre is GenreQuestion.NOMBRE
    item = Item(
        code=code,
        dimension=dimension.code,
        axe=dimension.axe,
        cle=table.parmi("cle", Cle) if table.present("cle") else cle,
        texte=table.texte("texte"),
        simple=_lire_simple(table),
        relance=table.texte("relance", ""),
        genre=genre,
        choix=_lire_choix(table, genre, fait),
        poids=table.nombre("poids", 1.0),
        ne_sait_pas=table.booleen("ne_sait_pas", genre not in (GenreQuestion.ECHELLE, GenreQuestion.TEXTE)),
        fait=fait,
        sensible=table.booleen("sensible", dimension.replie),
        replie=table.booleen("replie", dimension.replie),
        visibilite=table.parmi("visibilite", Visibilite, Visibilite.EQUIPE),
        atout=table.texte("atout", ""),
        frein=table.texte("frein", ""),
        si=_lire_branche(table.table("si"), deja) if table.present("si") else None,
        au_moins=table.nombre("au_moins", 0) if nombre else 0,
        au_plus=table.nombre("au_plus") if nombre else 0,
        entier=table.booleen("entier", True) if nombre else True,
        unite=table.texte("unite", "") if nombre else "",
    )
    table.finir()
    _verifier_item(table, item)
    return item


def _verifier_item(table: TableToml, item: Item) -> None:
    points = {choix.points for choix in item.choix if choix.points is not None}
    if item.poids < 0:
        table.refuser("poids", "un poids est un nombre positif, ou 0 pour ne jamais compter.")
    if item.atout and POINTS_MAX not in points:
        table.refuser(
            "atout", f"aucune réponse ne vaut {POINTS_MAX} points : cet atout ne se verrait jamais."
        )
    if item.frein and not (item.compte and points & {0, 1}):
        table.refuser("frein", "aucune réponse comptée ne vaut 0 ou 1 point : ce frein ne se verrait jamais.")
    if item.genre is GenreQuestion.NOMBRE and item.au_moins >= item.au_plus:
        table.refuser("au_plus", "la borne haute doit dépasser la borne basse.")


def _lire_simple(table: TableToml) -> str:
    simple = table.texte("simple")
    for phrase in phrases(simple):
        if len(mots(phrase)) > MOTS_PAR_PHRASE:
            table.refuser("simple", f"« {phrase} » a plus de {MOTS_PAR_PHRASE} mots.")
    return simple


def phrases(texte: str) -> list[str]:
    """The sentences of a text."""
    return [phrase.strip() for phrase in re.split(r"[.?!…]+", texte) if phrase.strip()]


def mots(phrase: str) -> list[str]:
    """The words of a sentence: what is between spaces and holds a letter or a digit."""
    return [mot for mot in phrase.split() if any(signe.isalnum() for signe in mot)]


def _lire_choix(table: TableToml, genre: GenreQuestion, fait: str) -> tuple[Choix, ...]:
    if genre is GenreQuestion.OUI_NON:
        notes = table.table("points") if table.present("points") else TableToml({}, table.fichier, table.code)
        lus = tuple(
            Choix(valeur, valeur, _lire_points(notes, valeur) if notes.present(valeur) else None)
            for valeur in ("oui", "non")
        )
        notes.finir()
        return lus
    if genre is GenreQuestion.ECHELLE:
        libelles = table.prendre("libelles") if table.present("libelles") else list(_LIBELLES_ECHELLE)
        if (
            not isinstance(libelles, list)
            or len(libelles) != 4
            or not all(isinstance(x, str) for x in libelles)
        ):
            table.refuser("libelles", "quatre textes sont attendus, de 0 (le plus difficile) à 3.")
        return tuple(Choix(str(rang), libelle, rang) for rang, libelle in enumerate(libelles))
    if genre not in (GenreQuestion.CHOIX, GenreQuestion.PLUSIEURS):
        return ()
    choix = tuple(_lire_un_choix(sous, genre, fait) for sous in table.tables("choix"))
    valeurs = [c.valeur for c in choix]
    for valeur in valeurs:
        if valeurs.count(valeur) > 1:
            table.refuser("choix", f"la valeur « {valeur} » est écrite deux fois.")
    return choix


def _lire_un_choix(table: TableToml, genre: GenreQuestion, fait: str) -> Choix:
    plusieurs = genre is GenreQuestion.PLUSIEURS
    valeur = table.texte("valeur")
    if valeur == NE_SAIT_PAS:
        table.refuser("valeur", "« ne sait pas » est déjà proposé : voir le champ ne_sait_pas.")
    if plusieurs and table.present("points"):
        table.refuser("points", "une question à plusieurs réponses ne se compte pas.")
    choix = Choix(
        valeur=valeur,
        libelle=table.texte("libelle"),
        points=_lire_points(table, "points") if table.present("points") else None,
        vaut=_lire_vaut(table, fait) if table.present("vaut") else None,
        exclusif=table.booleen("exclusif", False) if plusieurs else False,
    )
    table.finir()
    return choix


def _lire_points(table: TableToml, champ: str) -> int:
    valeur = table.prendre(champ)
    if isinstance(valeur, bool) or not isinstance(valeur, int) or not 0 <= valeur <= POINTS_MAX:
        table.refuser(champ, f"les points vont de 0 à {POINTS_MAX}, en nombre entier.")
    return valeur


def _lire_vaut(table: TableToml, fait: str) -> ValeurFait:
    """``true``/``false`` for a yes/no fact; ``[min, max]`` or ``[min]`` (and more) for a number.

    Without a fact it is a number too: a bracket that only the rules of the diagnostic read.
    """
    valeur = table.prendre("vaut")
    genre = FAITS[fait].genre if fait else GenreFait.NOMBRE
    if genre is GenreFait.BOOLEEN and isinstance(valeur, bool):
        return valeur
    if genre is GenreFait.NOMBRE and isinstance(valeur, list) and 1 <= len(valeur) <= 2:
        bornes = [float(b) for b in valeur if isinstance(b, int | float) and not isinstance(b, bool)]
        if len(bornes) == len(valeur) and bornes == sorted(bornes):
            return bornes[0], bornes[1] if len(bornes) == 2 else math.inf
    return table.refuser("vaut", "true ou false (fait oui/non), ou [min, max] (fait en nombre), est attendu.")


def _lire_fait(table: TableToml, genre: GenreQuestion, deja: Mapping[str, Item]) -> str:
    nom = table.texte("fait", "")
    if not nom:
        return ""
    fait = FAITS.get(nom)
    if fait is None:
        proches = difflib.get_close_matches(nom, FAITS, n=1)
        table.refuser(
            "fait", f"le fait « {nom} » n'est pas connu{f' ; est-ce {proches[0]} ?' if proches else '.'}"
        )
    if fait.code:
        table.refuser("fait", f"« {nom} » est déjà dit par la situation ({fait.code}).")
    autre = next((item.code for item in deja.values() if item.fait == nom), "")
    if autre:
        table.refuser("fait", f"« {nom} » est déjà donné par {autre}.")
    if genre not in _GENRES_DU_FAIT[fait.genre]:
        table.refuser("fait", f"« {nom} » demande le genre {' ou '.join(_GENRES_DU_FAIT[fait.genre])}.")
    return nom


def _lire_branche(table: TableToml, deja: Mapping[str, Item]) -> Branche:
    code, parmi = table.texte("code"), table.prendre("parmi")
    table.finir()
    parent = deja.get(code)
    if parent is None:
        table.refuser("code", f"la question {code} n'existe pas avant celle-ci.")
    if not isinstance(parmi, list) or not parmi:
        table.refuser("parmi", "une liste de réponses est attendue.")
    connues = {choix.valeur for choix in parent.choix}
    for valeur in parmi:
        if not isinstance(valeur, str) or valeur not in connues:
            table.refuser("parmi", f"« {valeur} » n'est pas une réponse de {code}.")
    return Branche(code, frozenset(parmi))
