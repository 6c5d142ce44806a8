"""The pages of the partner: requests to answer, offers, vehicles and their sharing, volunteers who drive, the yearly report."""

from web.partenaire import (
    apparier,
    benevoles,
    covoiturages,
    demandes,
    etat_des_lieux,
    fin_de_sejour,
    messages,
    offres,
    rapport_prefet,
    repartition,
    semaine,
    trajets,
    transports,
    vehicules,
)
from web.partenaire.espace import partenaire

__all__ = [
    "apparier",
    "benevoles",
    "covoiturages",
    "demandes",
    "etat_des_lieux",
    "fin_de_sejour",
    "messages",
    "offres",
    "partenaire",
    "rapport_prefet",
    "repartition",
    "semaine",
    "trajets",
    "transports",
    "vehicules",
]
