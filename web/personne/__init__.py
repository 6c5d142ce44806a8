"""« Mes déplacements »: her next steps, and asking for a vehicle, on a phone."""

from web.personne.espace import personne

__all__ = ["personne"]
