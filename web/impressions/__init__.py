"""What is printed: the person's page, the adviser's copy, the card. Text first, as values; then the PDF."""

from web.impressions.attestation import contenu_attestation
from web.impressions.carte import contenu_carte
from web.impressions.composition import composer
from web.impressions.copie import contenu_copie
from web.impressions.fiche import contenu_fiche
from web.impressions.questionnaire import contenu_questionnaire
from web.impressions.synthese import contenu_synthese

__all__ = [
    "composer",
    "contenu_attestation",
    "contenu_carte",
    "contenu_copie",
    "contenu_fiche",
    "contenu_questionnaire",
    "contenu_synthese",
]
