"""« Mes déplacements »: her next steps, who drives her, and asking for a vehicle, on a phone."""

from web.personne import accueil, attente, calendrier, contrat, demande, messages, transports
from web.personne.espace import personne

__all__ = ["accueil", "attente", "calendrier", "contrat", "demande", "messages", "personne", "transports"]
