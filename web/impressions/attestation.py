"""The attestation that nothing makes a trip: for her to show, with nothing about her but her name.

It says what was looked for and that nothing was found, on a day. Neither her health, nor her
diagnostic, nor where she lives, nor any absence is on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from web.formats import jour_annee, telephone
from web.impressions import guichet


def contenu_attestation(
    *,
    nom: str,
    ou: str,
    quand: Sequence[str],
    regardees: int,
    le: date,
    conseiller: str,
    demonstration: bool,
) -> dict[str, Any]:
    """What the sheet says. ``ou`` is where she has to go, ``quand`` when, one sentence a line."""
    return {
        "titre": "Attestation : aucun transport trouvé",
        "phrases": [
            f"Le {jour_annee(le)}, le conseil en mobilité a cherché comment {nom} peut aller à {ou}.",
            f"Offres de transport et de véhicules regardées : {regardees}.",
            "À cette date, rien ne permet de faire ce trajet aux jours et heures demandés.",
        ],
        "quand_titre": "Le trajet demandé",
        "quand": list(quand),
        "suite": "La recherche continue. Cette attestation peut être refaite si la situation change.",
        "remise": "Remise à la personne, à sa demande. Elle choisit à qui la montrer.",
        "signe": conseiller,
        "guichet": f"{guichet.NOM}, {telephone(guichet.TELEPHONE)}",
        "mention": "Document de démonstration, sans valeur." if demonstration else "",
    }
