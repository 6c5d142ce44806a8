"""The pages of the partner: requests to answer, offers, vehicles and their sharing, volunteers who drive, the yearly report."""

from web.partenaire import (
    benevoles,
    demandes,
    offres,
    rapport_prefet,
    repartition,
    semaine,
    transports,
    vehicules,
)
from web.partenaire.espace import partenaire

__all__ = [
    "benevoles",
    "demandes",
    "offres",
    "partenaire",
    "rapport_prefet",
    "repartition",
    "semaine",
    "transports",
    "vehicules",
]
