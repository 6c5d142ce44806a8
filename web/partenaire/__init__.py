"""The pages of the partner: requests to answer, offers, vehicles, volunteers who drive, the yearly report."""

from web.partenaire import benevoles, demandes, offres, rapport_prefet, semaine, transports, vehicules
from web.partenaire.espace import partenaire

__all__ = [
    "benevoles",
    "demandes",
    "offres",
    "partenaire",
    "rapport_prefet",
    "semaine",
    "transports",
    "vehicules",
]
