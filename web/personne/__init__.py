"""« Mes déplacements »: her next steps, who drives her, and asking for a vehicle, on a phone."""

from web.personne import (
    accueil,
    attente,
    autres_jours,
    calendrier,
    cercle,
    contrat,
    demande,
    messages,
    point,
    prolongation,
    transports,
)
from web.personne.espace import personne

__all__ = [
    "accueil",
    "attente",
    "autres_jours",
    "calendrier",
    "cercle",
    "contrat",
    "demande",
    "messages",
    "personne",
    "point",
    "prolongation",
    "transports",
]
