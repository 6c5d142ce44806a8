"""Where a diagnostic leads: one of five outcomes, by visible rules that the adviser can overrule.

The rules are those of ``seeds/questionnaire/issues.toml``, read in order: the first that speaks
proposes. Too little known proposes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mobilite.conditions import Vocabulaire
from mobilite.faits import Faits
from mobilite.regle_visible import Jugement, Regle, juger_regle, lire_regle
from mobilite.toml import TableToml, lire_toml
from mobilite.verdict import Verdict


class Issue(StrEnum):
    """The five outcomes, in the order they are looked for."""

    FREINS_PREALABLES = "freins_prealables"
    ACCOMPAGNEMENT_RENFORCE = "accompagnement_renforce"
    APPRENTISSAGE = "apprentissage"
    DEPANNAGE_MATERIEL = "depannage_materiel"
    CONSEIL_RAPIDE = "conseil_rapide"

    @property
    def libelle(self) -> str:
        """The words the adviser uses."""
        return {
            "freins_prealables": "freins préalables d'abord",
            "accompagnement_renforce": "accompagnement renforcé",
            "apprentissage": "apprentissage (savoir, oser)",
            "depannage_materiel": "dépannage matériel",
            "conseil_rapide": "conseil rapide",
        }[self.value]


@dataclass(frozen=True, slots=True)
class RegleIssue:
    """One rule and the outcome it proposes."""

    regle: Regle
    issue: Issue


@dataclass(frozen=True, slots=True)
class IssueJugee:
    """A rule and what it says."""

    regle: RegleIssue
    jugement: Jugement


@dataclass(frozen=True, slots=True)
class IssueProposee:
    """The rule that proposes (``None``: to be completed), and those above it that could still speak."""

    retenue: IssueJugee | None
    possibles: tuple[IssueJugee, ...]

    @property
    def issue(self) -> Issue | None:
        """The outcome proposed."""
        return self.retenue.regle.issue if self.retenue else None


def lire_issues(chemin: Path, mots: Vocabulaire) -> tuple[RegleIssue, ...]:
    """Read the rules, in order. Raises ``FichierRefuse`` naming the file, the rule and the field."""
    table = TableToml(lire_toml(chemin), chemin.name)
    lues = []
    for sous in table.tables("issues", par_code=True):
        lues.append(RegleIssue(lire_regle(sous, mots), sous.parmi("issue", Issue)))
        sous.finir()
    table.finir()
    sans = [issue.value for issue in Issue if issue not in {r.issue for r in lues}]
    if sans:
        table.refuser("issues", f"aucune règle ne mène à : {', '.join(sans)}.")
    return tuple(lues)


def proposer_issue(regles: Sequence[RegleIssue], faits: Faits) -> IssueProposee:
    """The first rule that speaks; those before it that nobody can settle yet are said beside."""
    possibles: list[IssueJugee] = []
    for regle in regles:
        jugee = IssueJugee(regle, juger_regle(regle.regle, faits))
        if jugee.jugement.verdict is Verdict.OUI:
            return IssueProposee(jugee, tuple(possibles))
        if jugee.jugement.verdict is Verdict.A_VERIFIER:
            possibles.append(jugee)
    return IssueProposee(None, tuple(possibles))
