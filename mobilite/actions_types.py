"""The référentiel of typical actions, and the words of the parcours: data of ``seeds/plan``.

A typical action carries the number of the France Travail objective it serves, so that a plan can be
told in their codes; its hours are what it usually takes, to be changed in the plan of each person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from mobilite.candidate import Genre
from mobilite.toml import TableToml, lire_toml

OBJECTIFS = (4, 5, 6, 7, 29, 30)
"""The objectives of « Développer sa mobilité » (constraint 23) in the référentiel of France Travail."""

HORS_CONTRAINTE = 0
"""What serves her mobility but belongs to another constraint: papers, childcare, a bank account."""

_HEURES_MAX = 60
_SEMAINES_MAX = 104


class FamilleAction(StrEnum):
    """Bridging now, or a solution that lasts: both have their place in the same plan."""

    DEPANNAGE = "depannage"
    DURABLE = "durable"

    @property
    def libelle(self) -> str:
        """The heading over the lines of one kind."""
        return {"depannage": "Pour dépanner", "durable": "Pour durer"}[self.value]


class Responsable(StrEnum):
    """Who makes the step happen."""

    ELLE = "elle"
    CONSEILLER = "conseiller"
    PARTENAIRE = "partenaire"
    PRESCRIPTEUR = "prescripteur"

    @property
    def libelle(self) -> str:
        """Who, as the adviser reads it."""
        return {
            "elle": "La personne",
            "conseiller": "Le conseil en mobilité",
            "partenaire": "Un partenaire",
            "prescripteur": "Qui l'oriente",
        }[self.value]


@dataclass(frozen=True, slots=True)
class ActionType:
    """One typical action.

    ``objectif`` is a France Travail number, or ``HORS_CONTRAINTE``. ``heures`` a week over
    ``semaines``, ``None`` when nothing is counted beforehand. ``pense_a``: names of axes, dimensions
    or keys of the diagnostic; ``remede``: consequences of its alerts. ``gratuit``: it costs her
    nothing; else its price is not known.
    """

    code: str
    intitule: str
    objectif: int
    famille: FamilleAction
    qui: Responsable
    heures: float | None
    semaines: int | None
    apporter: tuple[str, ...]
    pense_a: frozenset[str]
    remede: frozenset[str]
    gratuit: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a parcours ends, or where she stands later; ``fse`` is the FSE+ result, "" for none."""

    code: str
    libelle: str
    fse: str
    positive: bool = False


@dataclass(frozen=True)
class ReferentielPlan:
    """The typical actions, the objectives, the causes of leaving, the name of the contract.

    ``genres``: the objective that an offer of this kind serves, by kind; some kinds serve none.
    """

    actions: tuple[ActionType, ...]
    objectifs: Mapping[int, str]
    genres: Mapping[str, int]
    causes: tuple[Cause, ...]
    situations: tuple[Cause, ...]
    contrat: str

    @cached_property
    def par_code(self) -> Mapping[str, ActionType]:
        """The typical actions by their code."""
        return {action.code: action for action in self.actions}

    def par_objectif(self) -> list[tuple[str, list[ActionType]]]:
        """The typical actions under the label of their objective, in the order of the file."""
        groupes = [
            (libelle, [a for a in self.actions if a.objectif == numero])
            for numero, libelle in [*self.objectifs.items(), (HORS_CONTRAINTE, "Avant tout")]
        ]
        return [(libelle, actions) for libelle, actions in groupes if actions]

    def cause(self, code: str) -> Cause | None:
        """A cause of leaving by its code."""
        return next((c for c in self.causes if c.code == code), None)

    def situation(self, code: str) -> Cause | None:
        """A situation at six months by its code."""
        return next((c for c in self.situations if c.code == code), None)


def lire_referentiel_plan(dossier: Path) -> ReferentielPlan:
    """Read ``actions.toml``, ``sorties.toml`` and ``contrat.toml``; raises ``FichierRefuse``."""
    objectifs, genres, actions = _lire_actions(dossier / "actions.toml")
    causes, situations = _lire_sorties(dossier / "sorties.toml")
    contrat = TableToml(lire_toml(dossier / "contrat.toml"), "contrat.toml")
    libelle = contrat.texte("libelle")
    contrat.texte("source")
    contrat.jour("verifie_le")
    contrat.finir()
    return ReferentielPlan(actions, objectifs, genres, causes, situations, libelle)


def _lire_actions(chemin: Path) -> tuple[dict[int, str], dict[str, int], tuple[ActionType, ...]]:
    racine = TableToml(lire_toml(chemin), chemin.name)
    objectifs: dict[int, str] = {}
    genres: dict[str, int] = {}
    for table in racine.tables("objectif"):
        numero = int(table.nombre("numero"))
        if numero not in OBJECTIFS or numero in objectifs:
            table.refuser("numero", f"{numero} n'est pas un objectif, ou il est écrit deux fois.")
        objectifs[numero] = table.texte("libelle")
        for genre in textes(table, "genres"):
            if genre not in set(Genre) or genre in genres:
                table.refuser("genres", f"« {genre} » n'est pas un genre d'offre, ou il a deux objectifs.")
            genres[genre] = numero
        table.finir()
    actions = tuple(_lire_action(table, objectifs) for table in racine.tables("action", par_code=True))
    racine.finir()
    _sans_double(chemin.name, actions)
    return objectifs, genres, actions


def _lire_action(table: TableToml, objectifs: Mapping[int, str]) -> ActionType:
    objectif = int(table.nombre("objectif"))
    if objectif != HORS_CONTRAINTE and objectif not in objectifs:
        table.refuser("objectif", f"{objectif} n'est pas l'un des objectifs du fichier.")
    heures = table.nombre("heures") if table.present("heures") else None
    semaines = int(table.nombre("semaines")) if table.present("semaines") else None
    if (heures is None) != (semaines is None):
        table.refuser("semaines", "les heures par semaine vont avec un nombre de semaines.")
    if heures is not None and not 0 < heures <= _HEURES_MAX:
        table.refuser("heures", f"un nombre au-dessus de 0, {_HEURES_MAX} au plus, est attendu.")
    if semaines is not None and not 0 < semaines <= _SEMAINES_MAX:
        table.refuser("semaines", f"un nombre de 1 à {_SEMAINES_MAX} est attendu.")
    action = ActionType(
        code=table.texte("code"),
        intitule=table.texte("intitule"),
        objectif=objectif,
        famille=table.parmi("famille", FamilleAction),
        qui=table.parmi("qui", Responsable),
        heures=heures,
        semaines=semaines,
        apporter=tuple(textes(table, "apporter")),
        pense_a=frozenset(textes(table, "pense_a")),
        remede=frozenset(textes(table, "remede")),
        gratuit=table.booleen("gratuit", False),
    )
    table.finir()
    return action


def textes(table: TableToml, champ: str) -> list[str]:
    """A list of texts, empty when the field is not there."""
    if not table.present(champ):
        return []
    valeurs = table.prendre(champ)
    if not isinstance(valeurs, list) or not all(isinstance(v, str) and v.strip() for v in valeurs):
        table.refuser(champ, "une liste de textes est attendue.")
    return [v.strip() for v in valeurs]


def _lire_sorties(chemin: Path) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    racine = TableToml(lire_toml(chemin), chemin.name)
    racine.texte("statut")
    racine.texte("source")
    racine.jour("verifie_le")
    causes = tuple(_lire_cause(t) for t in racine.tables("cause", par_code=True))
    situations = tuple(_lire_cause(t) for t in racine.tables("situation", par_code=True))
    racine.finir()
    _sans_double(chemin.name, causes)
    _sans_double(chemin.name, situations)
    return causes, situations


def _lire_cause(table: TableToml) -> Cause:
    cause = Cause(
        table.texte("code"), table.texte("libelle"), table.texte("fse", ""), table.booleen("positive", False)
    )
    table.finir()
    return cause


C = TypeVar("C", ActionType, Cause)


def _sans_double(fichier: str, entrees: tuple[C, ...]) -> None:
    vus: set[str] = set()
    for entree in entrees:
        if entree.code in vus:
            TableToml({}, fichier, entree.code).refuser("code", "ce code est écrit deux fois.")
        vus.add(entree.code)
