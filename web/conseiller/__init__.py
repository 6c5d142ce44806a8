"""The pages of the adviser: the queue, the dossier, what is possible, the diagnostic, the plan."""

from web.conseiller import (
    attente,
    besoins,
    bilan,
    combinaisons,
    communes,
    diagnostic,
    dossiers,
    file,
    identite,
    impressions,
    moyens,
    plan,
    poids,
    pourquoi,
    propositions,
    sans_reponse,
    transports,
)
from web.conseiller.bureau import conseiller

__all__ = [
    "attente",
    "besoins",
    "bilan",
    "combinaisons",
    "communes",
    "conseiller",
    "diagnostic",
    "dossiers",
    "file",
    "identite",
    "impressions",
    "moyens",
    "plan",
    "poids",
    "pourquoi",
    "propositions",
    "sans_reponse",
    "transports",
]
