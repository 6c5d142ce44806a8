"""The Maison nearest to each commune, by car, for the lists that advisers share by territory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from mobilite.lieux import Lieu, Mode
from mobilite.territoire import MaisonAccueil
from web.referentiel import referentiel


def maisons_proches(
    insees: Collection[str], maisons: Sequence[MaisonAccueil], le: date
) -> Mapping[str, MaisonAccueil]:
    """The nearest Maison of each commune; a commune nobody can reach from one is absent. One question asked."""
    lieux = {insee: Lieu(insee) for insee in insees}
    trajets = (
        referentiel()
        .accessibilite(le)
        .trajets([(lieu, m.lieu) for lieu in lieux.values() for m in maisons], Mode.VOITURE)
    )
    proches: dict[str, MaisonAccueil] = {}
    for insee, lieu in lieux.items():
        durees = [
            (trajet.duree.max, m.nom, m)
            for m in maisons
            if (trajet := trajets.get((lieu, m.lieu))) is not None
        ]
        if durees:
            proches[insee] = min(durees, key=lambda duree: duree[:2])[2]
    return proches
