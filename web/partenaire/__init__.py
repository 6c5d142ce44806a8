"""The pages of the partner: requests to answer, offers, vehicles."""

from web.partenaire import demandes, offres, rapport_prefet, vehicules
from web.partenaire.espace import partenaire

__all__ = ["demandes", "offres", "partenaire", "rapport_prefet", "vehicules"]
