"""The drivers of the demonstration. Running it again adds what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.covoiturage import TrajetInscrit
from mobilite.document import Champ
from mobilite.structure import Structure


def charger_conducteurs(
    session: Session, lignes: Sequence[Mapping[str, Any]], structures: Mapping[str, Structure]
) -> int:
    """Add the trips that are not there; how many."""
    connus = {(t.structure_id, t.conducteur) for t in session.scalars(select(TrajetInscrit))}
    nouvelles = [x for x in lignes if (structures[x["structure"]].id, x["conducteur"]) not in connus]
    session.add_all(_trajet(structures[ligne["structure"]], ligne) for ligne in nouvelles)
    session.flush()
    return len(nouvelles)


def _trajet(structure: Structure, ligne: Mapping[str, Any]) -> TrajetInscrit:
    return TrajetInscrit(
        structure=structure,
        conducteur=ligne["conducteur"],
        telephone=ligne.get("telephone"),
        depart=ligne["depart"],
        arrivee=ligne["arrivee"],
        jours=list(ligne["jours"]),
        heure=Champ(ligne["heure"]).heure(),
        heure_retour=Champ(ligne["retour"]).heure() if "retour" in ligne else None,
        souplesse=ligne.get("souplesse", 15),
        places=ligne.get("places"),
        detour_max=ligne.get("detour_max"),
        a_bord=dict(ligne.get("a_bord", {})),
        demonstration=True,
    )
