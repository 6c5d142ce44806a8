"""The plan with what surrounds it: the typical actions, the rules of order, what the dossier suggests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from matching.proposition import BesoinExamine, Couvre, Proposition, Reponse
from mobilite.actions_types import FamilleAction, ReferentielPlan, lire_referentiel_plan
from mobilite.plan import PlanActions
from mobilite.prealables import Prealables, lire_prealables
from mobilite.suggestion import OffreRetenue
from web.referentiel import dossier_des_graines

OFFRES_PAR_BESOIN = 2
"""How many offers of each family are brought to the suggestions: the first, and one to fall back on."""


@dataclass(frozen=True, slots=True)
class DonneesDuPlan:
    """The data every plan is made with."""

    referentiel: ReferentielPlan
    prealables: Prealables


@cache
def donnees_du_plan() -> DonneesDuPlan:
    """Read once a process; a broken file is refused by its name at the first plan opened."""
    dossier = dossier_des_graines() / "plan"
    referentiel = lire_referentiel_plan(dossier)
    return DonneesDuPlan(referentiel, lire_prealables(dossier / "prealables.toml", referentiel.par_code))


def offres_retenues(reponse: Reponse, uuids: Mapping[str, UUID]) -> list[OffreRetenue]:
    """For each need, the first offers of each family that transport or build; ``uuids``: by offer code."""
    retenues: list[OffreRetenue] = []
    for examine in reponse.besoins:
        restantes = dict.fromkeys(FamilleAction, OFFRES_PAR_BESOIN)
        for proposition in examine.propositions:
            famille = FamilleAction(proposition.famille.value)
            if not restantes[famille] or not _se_propose(proposition) or proposition.offre.id not in uuids:
                continue
            restantes[famille] -= 1
            retenues.append(
                OffreRetenue(
                    uuids[proposition.offre.id],
                    proposition.offre.id,
                    proposition.offre.nom,
                    proposition.offre.genre.value,
                    famille,
                    proposition.verdict,
                    UUID(examine.besoin.id),
                    proposition.decisif.phrase,
                )
            )
    return retenues


def _se_propose(proposition: Proposition) -> bool:
    return proposition.verdict.value != "NON" and not proposition.dominee_par


def sans_aucune_reponse(reponse: Reponse) -> list[BesoinExamine]:
    """The needs whose every day was looked at, and that nothing serves."""
    return [e for e in reponse.besoins if e.besoin.passages and e.couvre is Couvre.RIEN]


def ranger_le_plan(plan: PlanActions) -> bool:
    """Order a plan by the rules unless the adviser holds to hers; whether a line moved."""
    return plan.ranger(donnees_du_plan().prealables)
