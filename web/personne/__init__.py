"""« Mes déplacements »: her next steps, and asking for a vehicle, on a phone."""

from web.personne import accueil, demande
from web.personne.espace import personne

__all__ = ["accueil", "demande", "personne"]
