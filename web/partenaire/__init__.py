"""The pages of the partner: requests to answer, offers, vehicles."""

from web.partenaire import demandes, offres, vehicules
from web.partenaire.espace import partenaire

__all__ = ["demandes", "offres", "partenaire", "vehicules"]
