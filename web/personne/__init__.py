"""« Mes déplacements »: her next steps, who drives her, and asking for a vehicle, on a phone."""

from web.personne import accueil, attente, calendrier, demande, messages, transports
from web.personne.espace import personne

__all__ = ["accueil", "attente", "calendrier", "demande", "messages", "personne", "transports"]
