"""What the rules of the diagnostic say of a dossier: alerts, outcome, index, with the facts they read.

The engine's answer and the plan bring what no question asks: whether a car comes at her hours, what
the cheapest solution costs. Nothing is read from the database here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import inf

from matching.proposition import BesoinExamine, Proposition, Reponse
from mobilite.alerte import Alerte, AlerteJugee, examiner_alertes, lire_alertes
from mobilite.autonomie import Indice, indice_d_autonomie, intensite_proposee
from mobilite.besoin import CategoriePermis, Situation
from mobilite.bilan import Bilan, Niveau
from mobilite.candidate import Genre
from mobilite.conditions import exigences
from mobilite.faits import ValeurFait
from mobilite.intensite import Intensite
from mobilite.issue import Issue, IssueProposee, RegleIssue, lire_issues, proposer_issue
from mobilite.parametres import parametres
from mobilite.plan import Action, PlanActions
from mobilite.question import Axe
from mobilite.regle_visible import faits_des_reponses, faits_du_bilan, vocabulaire
from mobilite.verdict import Verdict
from web.referentiel import dossier_des_graines, referentiel

ECHEANCE, URGENCE, RESTE_A_VIVRE = "D0_echeance", "D0_urgence", "D3_reste_a_vivre"
_AILLEURS = ("zone", "desserte", "motif")
"""A line refused for these does not go there at all: its hours say nothing."""


@dataclass(frozen=True, slots=True)
class ReglesDuDiagnostic:
    """The rules in force, in the order they are read."""

    alertes: tuple[Alerte, ...]
    issues: tuple[RegleIssue, ...]


@dataclass(frozen=True, slots=True)
class Constats:
    """What the rules say. ``intensite`` is a proposal for the adviser, ``None`` when too little is known."""

    alertes: tuple[AlerteJugee, ...]
    issue: IssueProposee
    indice: Indice
    intensite: Intensite | None


@cache
def regles_du_diagnostic() -> ReglesDuDiagnostic:
    """Read once a process; a broken file is refused by its name."""
    dossier = dossier_des_graines() / "questionnaire"
    mots = vocabulaire(referentiel().questionnaire)
    return ReglesDuDiagnostic(
        lire_alertes(dossier / "alertes.toml", mots), lire_issues(dossier / "issues.toml", mots)
    )


def constater(
    situation: Situation,
    bilan: Bilan,
    niveaux: Mapping[Axe, Niveau],
    reponse: Reponse,
    plan: PlanActions | None,
    le: date,
    retenue: Issue | None = None,
) -> Constats:
    """Judge every rule. ``niveaux`` are those in force; ``retenue`` the outcome the adviser retained."""
    regles = regles_du_diagnostic()
    faits = faits_du_dossier(situation, reponse, plan, le) | faits_du_bilan(bilan, niveaux)
    issue = proposer_issue(regles.issues, faits)
    indice = indice_d_autonomie(bilan, parametres(le))
    return Constats(
        alertes=examiner_alertes(regles.alertes, faits),
        issue=issue,
        indice=indice,
        intensite=intensite_proposee(indice, retenue or issue.issue, parametres(le)),
    )


def faits_du_dossier(
    situation: Situation, reponse: Reponse, plan: PlanActions | None, le: date
) -> dict[str, ValeurFait]:
    """Everything the rules may ask for, levels apart; what nobody knows is absent."""
    dits = faits_des_reponses(referentiel().questionnaire, situation.reponses)
    gardees = plan.ouvertes() if plan else []
    faits = referentiel().faits(situation, le) | dits
    faits["envisage"] = frozenset(str(genre) for action in gardees if (genre := _vue(action, "genre")))
    if situation.permis is not None:
        faits["permis_hors_eee"] = CategoriePermis.ETRANGER_HORS_EEE in situation.permis.categories
    faits |= _jours_avant_le_debut(situation, dits.get(URGENCE), le)
    faits |= _car_a_l_heure(reponse)
    faits["smartphone_demande"] = any(
        _demande_un_smartphone(p) for examine in reponse.besoins for p in examine.propositions
    )
    return faits | _cout_et_reste(reponse, gardees, dits.get(RESTE_A_VIVRE))


def _vue(action: Action, champ: str) -> object:
    return (action.instantane or {}).get(champ)


def _jours_avant_le_debut(
    situation: Situation, urgence: ValeurFait | None, le: date
) -> dict[str, ValeurFait]:
    """Days to the first start still to come, by its date, else by how soon she says it is.

    Endless when every date said is behind; absent when nothing was said.
    """
    dits = [besoin.premier_jour for besoin in situation.besoins if besoin.premier_jour is not None]
    echeance = situation.reponses.get(ECHEANCE)
    if isinstance(echeance, str) and echeance[:1].isdigit():
        dits.append(date.fromisoformat(echeance))
    if not dits:
        return {} if urgence is None else {"jours_avant_le_debut": urgence}
    jours = float(min(((jour - le).days for jour in dits if jour >= le), default=inf))
    return {"jours_avant_le_debut": (jours, jours)}


def _car_a_l_heure(reponse: Reponse) -> dict[str, ValeurFait]:
    """Whether some line makes every trip of some need; absent when no known line goes there."""
    lignes = [
        p
        for examine in reponse.besoins
        if any(passage.arrivee is not None for passage in examine.besoin.passages)
        for p in examine.propositions
        if p.offre.genre is Genre.CAR_REGULIER and p.regle not in _AILLEURS
    ]
    if not lignes:
        return {}
    return {"car_a_l_heure": any(p.servis and all(p.servis) for p in lignes)}


def _demande_un_smartphone(p: Proposition) -> bool:
    """Whether an offer she could otherwise have asks for a smartphone."""
    if p.verdict is Verdict.NON and p.regle != "condition.telephone":
        return False
    return any(e.fait.nom == "telephone" and e.parmi == {"smartphone"} for e in exigences(p.offre.conditions))


def _cout_et_reste(
    reponse: Reponse, gardees: Sequence[Action], reste: ValeurFait | None
) -> dict[str, ValeurFait]:
    """The cost by month, before aids, against the bracket she said; absent when it cannot be told."""
    cout = _cout_du_plan(gardees)
    if cout is None:
        cout = _cout_le_plus_bas(reponse)
    if cout is None or not isinstance(reste, tuple):
        return {}
    if cout > reste[1]:
        return {"cout_depasse_le_reste": True}
    return {"cout_depasse_le_reste": False} if cout <= reste[0] else {}


def _cout_du_plan(gardees: Sequence[Action]) -> float | None:
    couts = [cout for a in gardees if isinstance(cout := _vue(a, "cout_mensuel_eur"), int | float)]
    return float(sum(couts)) if couts else None


def _cout_le_plus_bas(reponse: Reponse) -> float | None:
    """The cheapest solution of each need, together; ``None`` when a need has no known cost."""
    bas = [_moins_cher(examine) for examine in reponse.besoins]
    connus = [cout for cout in bas if cout is not None]
    return sum(connus) if connus and len(connus) == len(bas) else None


def _moins_cher(examine: BesoinExamine) -> float | None:
    couts = [
        p.cout.mensuel
        for p in examine.propositions
        if p.verdict is not Verdict.NON and p.offre.genre.transporte and p.cout.mensuel is not None
    ]
    return min(couts, default=None)
