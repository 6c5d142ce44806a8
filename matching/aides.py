"""The aids that may pay for the trips of one need."""

from __future__ import annotations

from matching.cout import rythme_de
from matching.voyage import Examen
from mobilite.droit.aide import Aide
from mobilite.droit.aides import aides_pour
from mobilite.droit.aides_trajet import Deplacement
from mobilite.lieux import Mode


def aides_du_besoin(examen: Examen) -> tuple[Aide, ...]:
    """Every aid, weighed for this person and this need, by the road from where she leaves first."""
    besoin, p = examen.besoin, examen.contexte.parametres
    voyage = examen.trajets[0][0]
    trajet = examen.trajet(voyage, Mode.VOITURE)
    deplacement = Deplacement(
        motif=besoin.motif,
        km=(trajet.km_min, trajet.km_max) if trajet else None,
        minutes=(trajet.duree.min, trajet.duree.max) if trajet else None,
        allers_retours=rythme_de(besoin, p).trajets,
        premier_jour=besoin.premier_jour,
    )
    return aides_pour(examen.faits, [deplacement], p)
