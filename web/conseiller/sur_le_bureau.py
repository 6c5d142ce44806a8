"""A need and its propositions as they stand on the desk: what leads, what completes, what is folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from matching.combinaisons import MONTREES
from matching.jugement import Part
from matching.plan_b import PlanB, plan_b
from matching.proposition import BesoinExamine, Famille, Proposition
from matching.troncons import Combinaison
from matching.voyage import Case
from mobilite.besoin import Passage
from mobilite.plan import PlanActions, StatutAction
from mobilite.verdict import Verdict, tous
from web.conseiller.grille import Rang, rangs

EN_AVANT = 5
"""How many propositions of a list stand open; the others are one click away."""

_FAMILLES_DE_REGLES = (
    ("droit.", "la loi ne le permet pas"),
    ("condition.", "une condition n'est pas remplie"),
    ("zone", "ne dessert pas ce trajet"),
    ("desserte", "ne dessert pas ce trajet"),
    ("horaires", "pas à ces heures"),
    ("jour_ferie", "pas ce jour-là"),
    ("preavis", "trop tard pour réserver"),
    ("place", "complet"),
    ("motif", "réservé à un autre motif"),
    ("distance", "trop loin"),
    ("duree", "trop loin"),
    ("nuit_hiver", "elle ne veut pas y aller de nuit ou l'hiver"),
    ("velo", "elle ne fait pas de vélo"),
    ("fauteuil", "pas adapté à un fauteuil roulant"),
    ("date", "la date est passée"),
)


@dataclass(frozen=True, slots=True)
class Carte:
    """One proposition as it stands on the desk, with what was already decided about it."""

    proposition: Proposition
    decision: StatutAction | None
    raison: str

    @property
    def semaines(self) -> list[tuple[str, list[tuple[str, Verdict]]]]:
        """One line a week, named when there are several; one square a day: (label, verdict)."""
        return semaines(self.proposition.cases)

    @property
    def rangs(self) -> list[Rang]:
        """Day by day, out and back."""
        return rangs(self.proposition.cases)


@dataclass(frozen=True, slots=True)
class CarteCombinee:
    """One combination as it stands on the desk. ``gardee``: every offer of it is in the plan."""

    combinaison: Combinaison
    gardee: bool

    @property
    def semaines(self) -> list[tuple[str, list[tuple[str, Verdict]]]]:
        """The squares of its days."""
        return semaines(self.combinaison.cases)


def semaines(cases: Sequence[Case]) -> list[tuple[str, list[tuple[str, Verdict]]]]:
    """One line a week, named when there are several; one square a day: (label, verdict)."""
    lignes: dict[int, list[tuple[str, Verdict]]] = {}
    for aller, retour in zip(cases[::2], cases[1::2], strict=True):
        verdict = tous([aller.verdict, retour.verdict])
        lignes.setdefault(aller.passage.semaine or 1, []).append((_libelle_du_jour(aller.passage), verdict))
    return [(f"Semaine {n}" if len(lignes) > 1 else "", jours) for n, jours in sorted(lignes.items())]


def _libelle_du_jour(passage: Passage) -> str:
    if passage.date is not None:
        return f"{passage.jour.libelle} {passage.date:%d/%m}"
    return passage.jour.libelle


@dataclass(frozen=True, slots=True)
class BesoinSurLeBureau:
    """A need and its propositions, sorted as the adviser reads them. Nothing is left out.

    ``depannage`` and ``durable`` are ranked apart; ``partielles`` serve some whole days;
    ``complements`` serve none, they only complete something else.
    """

    examine: BesoinExamine
    depannage: list[Carte]
    durable: list[Carte]
    combinaisons: list[CarteCombinee]
    partielles: list[Carte]
    complements: list[Carte]
    appuis: list[Carte]
    repliees: list[Carte]
    refus: list[tuple[str, list[Carte]]]
    plan_b: PlanB | None

    @property
    def regardees(self) -> int:
        """How many offers were looked at."""
        return len(self.examine.propositions)

    @property
    def impossibles(self) -> int:
        """How many are not possible."""
        return sum(len(cartes) for _, cartes in self.refus)

    @property
    def rien_ne_fait_le_trajet(self) -> bool:
        """Whether no offer makes the trip, even in part."""
        return not (self.depannage or self.durable or self.combinaisons or self.partielles)


def poser(examine: BesoinExamine, plan: PlanActions | None, codes: Mapping[UUID, str]) -> BesoinSurLeBureau:
    """Sort a need for the desk. ``codes``: the code of each offer, by its uuid."""
    decisions = {
        codes.get(action.offre): (action.statut, action.raison)
        for action in (plan.actions if plan else [])
        if action.offre is not None and str(action.besoin) == examine.besoin.id
    }
    gardees = {code for code, (statut, _) in decisions.items() if not statut.demande_une_raison}
    cartes = [Carte(p, *decisions.get(p.offre.id, (None, ""))) for p in examine.propositions]
    possibles = [c for c in cartes if c.proposition.verdict is not Verdict.NON]
    ouvertes: list[Carte] = []
    repliees: list[Carte] = []
    for carte in possibles:
        replie = carte.proposition.dominee_par or (
            carte.decision is not None and carte.decision.demande_une_raison
        )
        (repliees if replie else ouvertes).append(carte)
    parts = {part: [c for c in ouvertes if c.proposition.part is part] for part in Part}
    entieres = parts[Part.TOUT] + parts[Part.INCERTAINE]
    return BesoinSurLeBureau(
        examine,
        [c for c in entieres if c.proposition.famille is Famille.DEPANNAGE],
        [c for c in entieres if c.proposition.famille is Famille.DURABLE],
        [
            CarteCombinee(c, bool(c.offres) and {o.id for o in c.offres} <= gardees)
            for c in examine.combinaisons[:MONTREES]
        ],
        parts[Part.DES_JOURS],
        parts[Part.COMPLEMENT],
        parts[Part.APPUI],
        repliees,
        _par_raison([c for c in cartes if c.proposition.verdict is Verdict.NON]),
        plan_b(examine),
    )


def _par_raison(cartes: Sequence[Carte]) -> list[tuple[str, list[Carte]]]:
    """What is not possible, under the reason why, the commonest reason first."""
    groupes: dict[str, list[Carte]] = {}
    for carte in cartes:
        groupes.setdefault(_raison(carte.proposition.regle), []).append(carte)
    return sorted(groupes.items(), key=lambda groupe: (-len(groupe[1]), groupe[0]))


def _raison(regle: str) -> str:
    return next((phrase for debut, phrase in _FAMILLES_DE_REGLES if regle.startswith(debut)), "autre raison")
