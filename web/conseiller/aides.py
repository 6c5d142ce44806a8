"""« Aides possibles »: each aid with its conditions one by one, its amount, whom to ask, its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, url_for

from mobilite.base import ce_jour
from mobilite.droit.aide import Objet
from mobilite.droit.aides import apres_aides
from mobilite.droit.montant import Montant
from mobilite.droit.transport_utilite_sociale import AUTRES_VOIES
from mobilite.faits import FAITS
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.plan import PlanActions
from web.aides import AidesDuDossier, aides_de
from web.conseiller.bureau import conseiller, consulter
from web.conseiller.propositions import lire_plan
from web.propositions import situation_de
from web.referentiel import referentiel
from web.transaction import bd

EN_BREF = 4
"""How many aids stand in the panel of the plan; the page has them all."""


@dataclass(frozen=True, slots=True)
class Reste:
    """What a kept solution costs her each month, and what is left once aids have come."""

    intitule: str
    mensuel: float
    apres: Montant


@conseiller.get("/dossiers/<uuid:uuid>/aides")
def aides(uuid: UUID) -> str:
    """Every aid, those that are possible first; the others with what excludes them."""
    personne = consulter(uuid)
    le = ce_jour()
    dossier = aides_de(situation_de(personne), le)
    p = parametres(le)
    return render_template(
        "conseiller/aides.html",
        personne=personne,
        dossier=dossier,
        objets=list(Objet),
        restes=restes_du_plan(dossier, lire_plan(bd.session, personne)),
        prix_permis=(p["aide.formation_permis_min"], p["aide.formation_permis_max"]),
        autres_voies=AUTRES_VOIES,
        adresses=_adresses(personne),
        le=le,
    )


def panneau_aides(dossier: AidesDuDossier, plan: PlanActions | None, le: date) -> dict[str, Any]:
    """What the panel of the plan shows (``conseiller/_aides.html``)."""
    return {
        "aides_en_bref": dossier.possibles[:EN_BREF],
        "aides_de_plus": max(0, len(dossier.possibles) - EN_BREF),
        "restes": restes_du_plan(dossier, plan),
        "le": le,
    }


def restes_du_plan(dossier: AidesDuDossier, plan: PlanActions | None) -> Sequence[Reste]:
    """For each kept solution that costs something each month: what is left after the aids of its need."""
    restes = []
    for action in plan.actions if plan else []:
        mensuel = (action.instantane or {}).get("cout_mensuel_eur")
        if not action.statut.ouverte or not mensuel:
            continue
        siennes = dossier.par_besoin.get(str(action.besoin), dossier.aides)
        restes.append(Reste(action.intitule, mensuel, apres_aides(mensuel, siennes)))
    return restes


def _adresses(personne: Personne) -> dict[str, str]:
    """Where the question of a missing fact is asked, by the name of the fact."""
    moyens = url_for("conseiller.moyens", uuid=personne.uuid)
    identite = url_for("conseiller.identite", uuid=personne.uuid)
    adresses = {
        "annee_naissance": f"{moyens}#champ-annee_naissance",
        "permis": f"{moyens}#champ-permis",
        "permis.obtenu_le": f"{moyens}#champ-obtenu",
        "rattachement": f"{identite}#champ-rattachement",
    }
    questionnaire = referentiel().questionnaire
    for nom in FAITS:
        if item := questionnaire.item_du_fait(nom):
            adresses[nom] = (
                url_for("conseiller.diagnostic", uuid=personne.uuid, section=item.dimension) + f"#{item.code}"
            )
    return adresses
