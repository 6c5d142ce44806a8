"""One process of the proof of messages: the real sending, towards a service that counts. Killed by ``epreuve_messages``."""

from __future__ import annotations

import argparse
import sys
import time
import urllib.request
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import make_url

from mobilite import tables
from mobilite.notification import Canal
from web.base_de_donnees import creer_moteur
from web.config import Envois
from web.messages.envoi import envoyer_les_messages
from web.messages.expedition import Expediteur, expediteurs

assert "message" in tables.metadata.tables  # every table must be known before the first query


class ParHttp:
    """The shortest way to the same service, for the short form: apprise takes a second to load."""

    def __init__(self, adresse: str) -> None:
        self.adresse = adresse

    def __call__(self, destinations: Sequence[str], titre: str, texte: str) -> bool:
        requete = urllib.request.Request(
            f"{self.adresse}/{quote(destinations[0])}", texte.encode(), method="POST"
        )
        with urllib.request.urlopen(requete, timeout=10) as reponse:
            return bool(reponse.status == 200)


def main() -> int:
    """Send until killed. The clock says a working morning."""
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("base")
    lecteur.add_argument("--service", required=True)
    lecteur.add_argument("--depuis", type=datetime.fromisoformat, required=True)
    lecteur.add_argument("--zero", type=float, required=True)
    lecteur.add_argument("--bail", type=float, default=1.0)
    lecteur.add_argument("--apprise", action="store_true")
    choix = lecteur.parse_args()
    moteur = creer_moteur(make_url(choix.base))
    sms: Expediteur
    if choix.apprise:
        envois = Envois(sms=f"json://{choix.service}/{{destination}}")
        sms = expediteurs(envois)[Canal.SMS]
    else:
        sms = ParHttp(f"http://{choix.service}")

    def horloge() -> datetime:
        instant: datetime = choix.depuis + timedelta(seconds=time.time() - choix.zero)
        return instant

    while True:
        envoyer_les_messages(moteur, {Canal.SMS: sms}, bail=timedelta(seconds=choix.bail), horloge=horloge)
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
