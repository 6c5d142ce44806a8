"""One question of the diagnostic: its words, what it accepts, what an answer is worth and says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from mobilite.besoin import Valeur
from mobilite.document import Champ
from mobilite.faits import FAITS, GenreFait, ValeurFait

NE_SAIT_PAS = "ne_sait_pas"
"""An answer that is kept and shown, and like ``None`` never counted."""

PREFERE_NE_PAS_REPONDRE = "prefere_ne_pas_repondre"
"""How a form, which cannot post ``null``, says « préfère ne pas répondre »."""

TEXTE_MAX = 500
POINTS_MAX = 3


class GenreQuestion(StrEnum):
    """What kind of answer a question takes."""

    OUI_NON = "oui_non"
    ECHELLE = "echelle"
    CHOIX = "choix"
    PLUSIEURS = "plusieurs"
    NOMBRE = "nombre"
    TEXTE = "texte"
    DATE = "date"


class Axe(StrEnum):
    """The four axes of the Meuse, and what surrounds them."""

    PSYCHOLOGIQUE = "psychologique"
    PHYSIQUE = "physique"
    MATERIELLE = "materielle"
    COGNITIVE = "cognitive"
    CONTEXTE = "contexte"

    @property
    def libelle(self) -> str:
        """The axis as the adviser says it."""
        return "matérielle" if self is Axe.MATERIELLE else self.value


class Cle(StrEnum):
    """The three reading keys of mobility work: being able to, knowing how to, daring to."""

    POUVOIR = "pouvoir"
    SAVOIR = "savoir"
    OSER = "oser"

    @property
    def libelle(self) -> str:
        """« pouvoir bouger »…"""
        return f"{self.value} bouger"


class Visibilite(StrEnum):
    """Who may read the answer, from the widest to the narrowest circle."""

    PARTAGEABLE = "partageable"
    EQUIPE = "equipe"
    CONSEILLER = "conseiller"

    @property
    def libelle(self) -> str:
        """What is told to the person about this answer."""
        return {
            "partageable": "peut être transmise à un partenaire, avec votre accord",
            "equipe": "reste dans l'équipe du guichet",
            "conseiller": "reste entre vous et la personne qui vous suit",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Choix:
    """One possible answer.

    ``points``: 0 to 3, 3 is at ease; ``None`` never counts. ``vaut``: the fact this answer
    establishes, when it is not the value itself. ``exclusif``: cannot go with another (« aucun »).
    """

    valeur: str
    libelle: str
    points: int | None = None
    vaut: ValeurFait | None = None
    exclusif: bool = False


@dataclass(frozen=True, slots=True)
class Branche:
    """The question is asked only when question ``code`` was answered by one of ``parmi``."""

    code: str
    parmi: frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``texte`` is said by the adviser, ``simple`` is read by the person.

    ``choix`` is filled for yes/no (« oui », « non ») and scales (« 0 » to « 3 ») as well.
    ``poids`` 0: the answer is never counted, but its best answer can still be an atout.
    ``au_moins`` and ``au_plus`` bound a number, in ``unite``.
    """

    code: str
    dimension: str
    axe: Axe
    cle: Cle | None
    texte: str
    simple: str
    relance: str
    genre: GenreQuestion
    choix: tuple[Choix, ...] = ()
    poids: float = 1.0
    ne_sait_pas: bool = True
    fait: str = ""
    sensible: bool = False
    replie: bool = False
    visibilite: Visibilite = Visibilite.EQUIPE
    atout: str = ""
    frein: str = ""
    si: Branche | None = None
    au_moins: float = 0
    au_plus: float = 0
    entier: bool = True
    unite: str = ""

    @property
    def compte(self) -> bool:
        """Whether an answer can weigh in a level."""
        return self.poids > 0 and any(choix.points is not None for choix in self.choix)

    def connue(self, valeur: Valeur) -> bool:
        """Whether a value says something: neither « préfère ne pas répondre » nor « ne sait pas »."""
        return valeur is not None and (self.genre is GenreQuestion.TEXTE or valeur != NE_SAIT_PAS)

    def lire(self, champ: Champ) -> Valeur:
        """Validate one answer of a document. ``null`` is « préfère ne pas répondre ».

        Returns bool (yes/no), int (scale), number, text, ISO date text, choice value, or frozenset
        of choice values. Raises ``DonneeRefusee`` naming the field.
        """
        if champ.valeur is None:
            return None
        if self.ne_sait_pas and champ.valeur == NE_SAIT_PAS and self.genre is not GenreQuestion.TEXTE:
            return NE_SAIT_PAS
        match self.genre:
            case GenreQuestion.OUI_NON:
                return champ.booleen()
            case GenreQuestion.ECHELLE:
                return champ.entier(0, POINTS_MAX)
            case GenreQuestion.NOMBRE:
                lire = champ.entier if self.entier else champ.nombre
                return lire(self.au_moins, self.au_plus)  # type: ignore[arg-type]
            case GenreQuestion.TEXTE:
                return champ.texte(TEXTE_MAX)
            case GenreQuestion.DATE:
                return champ.date().isoformat()
            case GenreQuestion.CHOIX:
                return self._lire_choix(champ)
            case GenreQuestion.PLUSIEURS:
                return self._lire_plusieurs(champ)

    def _lire_choix(self, champ: Champ) -> str:
        valeur = champ.valeur
        # Amounts such as a deposit of 150 are choices that people naturally write as numbers.
        if isinstance(valeur, int) and not isinstance(valeur, bool):
            valeur = str(valeur)
        if not isinstance(valeur, str) or self._choix(valeur) is None:
            champ.refuser(f"choisir parmi {', '.join(choix.valeur for choix in self.choix)}.")
        return valeur

    def _lire_plusieurs(self, champ: Champ) -> frozenset[str]:
        champs = champ.liste(au_plus=len(self.choix)) if isinstance(champ.valeur, list) else [champ]
        valeurs = frozenset(self._lire_choix(element) for element in champs)
        if not valeurs:
            champ.refuser("choisir au moins une réponse, ou null pour « préfère ne pas répondre ».")
        seuls = [c.libelle for c in self.choix if c.exclusif and c.valeur in valeurs]
        if seuls and len(valeurs) > 1:
            champ.refuser(f"« {seuls[0]} » ne va pas avec une autre réponse.")
        return valeurs

    def lire_formulaire(self, postees: Sequence[str], chemin: str = "") -> Valeur:
        """Validate what a form posted for this question (see ``PREFERE_NE_PAS_REPONDRE``).

        Raises ``DonneeRefusee``, also when nothing was posted: silence is not an answer to store.
        """
        # Browsers end the lines of a text area with CR LF, whatever was typed.
        textes = [texte.replace("\r\n", "\n").strip() for texte in postees if texte.strip()]
        champ = Champ(_en_valeur_json(self.genre, textes), chemin or self.code)
        if not textes:
            champ.refuser("aucune réponse n'a été donnée.")
        if len(textes) > 1:
            for seul, dit in (
                (PREFERE_NE_PAS_REPONDRE, "préfère ne pas répondre"),
                (NE_SAIT_PAS, "ne sait pas"),
            ):
                if seul in textes:
                    champ.refuser(f"une réponse, ou « {dit} », mais pas les deux.")
        return self.lire(champ)

    def en_formulaire(self, valeur: Valeur) -> tuple[str, ...]:
        """What a form shows as chosen or typed for an answer; ``lire_formulaire`` reads it back."""
        if valeur is None:
            return (PREFERE_NE_PAS_REPONDRE,)
        if isinstance(valeur, bool):
            return ("oui" if valeur else "non",)
        if isinstance(valeur, frozenset):
            return tuple(sorted(valeur))
        # repr, not :g, which would round a long amount.
        return (valeur if isinstance(valeur, str) else repr(valeur).removesuffix(".0").replace(".", ","),)

    def choix_de(self, valeur: Valeur) -> Choix | None:
        """The single choice an answer stands for, if it is one of today's choices."""
        if not self.connue(valeur):
            return None
        if isinstance(valeur, bool):
            return self._choix("oui" if valeur else "non")
        if isinstance(valeur, int | float):
            return self._choix(f"{valeur:g}")
        return self._choix(valeur) if isinstance(valeur, str) else None

    def _choix(self, valeur: str) -> Choix | None:
        return next((choix for choix in self.choix if choix.valeur == valeur), None)

    def points(self, valeur: Valeur) -> int | None:
        """0 to 3, or ``None`` for what is never counted."""
        choix = self.choix_de(valeur)
        return choix.points if choix else None

    def libelle(self, valeur: Valeur) -> str:
        """The answer as people read it."""
        if valeur is None:
            return "préfère ne pas répondre"
        if not self.connue(valeur):
            return "ne sait pas"
        if isinstance(valeur, frozenset):
            return ", ".join(choix.libelle for choix in self.choix if choix.valeur in valeur)
        choix = self.choix_de(valeur)
        if choix:
            return choix.libelle
        if self.genre is GenreQuestion.DATE and isinstance(valeur, str):
            return date.fromisoformat(valeur).strftime("%d/%m/%Y")
        if isinstance(valeur, int | float):
            return f"{valeur:g} {self.unite}".strip().replace(".", ",")
        return str(valeur)

    def fait_de(self, valeur: Valeur) -> ValeurFait | None:
        """The fact an answer establishes; ``None`` when it establishes none."""
        if not self.fait or not self.connue(valeur):
            return None
        if self.genre is GenreQuestion.OUI_NON:
            return valeur if isinstance(valeur, bool) else None
        if self.genre in (GenreQuestion.NOMBRE, GenreQuestion.ECHELLE):
            return (float(valeur), float(valeur)) if isinstance(valeur, int | float) else None
        if isinstance(valeur, frozenset):
            return valeur
        choix = self.choix_de(valeur)
        if choix is None or choix.vaut is not None:
            return choix.vaut if choix else None
        genre = FAITS[self.fait].genre
        if genre is GenreFait.ENSEMBLE:
            return frozenset({choix.valeur})
        return choix.valeur if genre is GenreFait.CHOIX else None

    def ouverte(self, valeur_du_parent: str | frozenset[str]) -> bool:
        """Whether the branch opens, given the choice value(s) of the question it hangs on."""
        if self.si is None:
            return True
        valeurs = {valeur_du_parent} if isinstance(valeur_du_parent, str) else valeur_du_parent
        return bool(self.si.parmi & valeurs)

    def en_document(self) -> dict[str, Any]:
        """The question as JSON-able values, for ``mobilite questionnaire --json``."""
        document: dict[str, Any] = {
            "code": self.code,
            "dimension": self.dimension,
            "axe": self.axe.value,
            "cle": self.cle.value if self.cle else None,
            "texte": self.texte,
            "simple": self.simple,
            "relance": self.relance,
            "genre": self.genre.value,
            "choix": [
                {
                    "valeur": _valeur_json(self.genre, choix.valeur),
                    "libelle": choix.libelle,
                    "points": choix.points,
                    "exclusif": choix.exclusif,
                }
                for choix in self.choix
            ],
            "ne_sait_pas": NE_SAIT_PAS if self.ne_sait_pas else None,
            "poids": self.poids,
            "compte": self.compte,
            "fait": self.fait or None,
            "sensible": self.sensible,
            "replie": self.replie,
            "visibilite": self.visibilite.value,
            "atout": self.atout or None,
            "frein": self.frein or None,
            "si": {"code": self.si.code, "parmi": sorted(self.si.parmi)} if self.si else None,
        }
        if self.genre is GenreQuestion.NOMBRE:
            document |= {"au_moins": self.au_moins, "au_plus": self.au_plus, "unite": self.unite}
        return document


def en_json(valeur: Valeur) -> Any:
    """An answer as JSON stores it; ``Item.lire`` reads it back."""
    return sorted(valeur) if isinstance(valeur, frozenset) else valeur


def _valeur_json(genre: GenreQuestion, valeur: str) -> bool | int | str:
    if genre is GenreQuestion.OUI_NON:
        return valeur == "oui"
    return int(valeur) if genre is GenreQuestion.ECHELLE else valeur


def _en_valeur_json(genre: GenreQuestion, textes: list[str]) -> Any:
    """What the posted texts would be in a document; what does not fit is left for ``lire`` to refuse."""
    if textes == [PREFERE_NE_PAS_REPONDRE]:
        return None
    if genre is GenreQuestion.PLUSIEURS and textes != [NE_SAIT_PAS]:
        return textes
    if len(textes) != 1:
        return textes
    texte = textes[0]
    if genre is GenreQuestion.OUI_NON:
        return {"oui": True, "non": False}.get(texte, texte)
    if genre in (GenreQuestion.ECHELLE, GenreQuestion.NOMBRE):
        try:
            nombre = float(texte.replace(",", ".").replace(" ", "").replace("\u202f", "").replace("\xa0", ""))
        except ValueError:
            return texte
        return int(nombre) if math.isfinite(nombre) and nombre == int(nombre) else nombre
    return texte
