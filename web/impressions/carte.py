"""The paper card: a code, an address, a telephone. It never says whose it is, nor what for."""

from __future__ import annotations

import io
from typing import Any

import segno

from web.comptes import en_groupes
from web.formats import telephone
from web.impressions import guichet


def contenu_carte(code: str, adresse: str) -> dict[str, Any]:
    """What the card shows. The QR code holds ``adresse`` alone: a photograph of it opens nothing.

    ``code`` is the 8 signs just given; ``adresse`` the page where they are typed.
    """
    dessin = io.BytesIO()
    segno.make(adresse, error="m", micro=False).save(dessin, kind="svg", border=0, dark="#1d2733")
    return {
        "titre": f"Carte « {guichet.SITE} »",
        "site": guichet.SITE,
        "mot_code": "Votre code",
        "code": en_groupes(code),
        "mot_adresse": "Sur un téléphone ou un ordinateur, allez sur",
        "adresse": adresse.removeprefix("https://").removeprefix("http://"),
        "appeler": f"Carte perdue ? Appelez {guichet.NOM}",
        "telephone": telephone(guichet.TELEPHONE),
        "qr": dessin.getvalue().decode(),
        "qr_dit": f"Code à photographier : il ouvre {adresse}",
        "plier": "Découpez le long du trait. Pliez en deux.",
        "conseils_titre": "Avant de donner la carte",
        "conseils": [
            "Ce code ouvre sa page. Il remplace le code de la carte d'avant.",
            "Il n'est écrit nulle part ailleurs : perdu, on en donne un autre.",
            "Essayez-le ensemble une fois, sur son téléphone.",
        ],
    }
