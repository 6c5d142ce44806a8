"""One process of the proof that nothing confirmed is lost: it books, confirms, and says each time it was told yes.

A line goes out after the commit only: « d 12 » for a request stored, « c 12 » once confirmed.
Killed by ``epreuve_coupure``.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta
from itertools import count
from uuid import uuid4

from sqlalchemy import event, make_url
from sqlalchemy.orm import Session

from mobilite import tables
from mobilite.acteur import Acteur, RoleActeur
from mobilite.flotte import Vehicule
from mobilite.reservation import Reservation
from tests.fabriques import AVANT, LUNDI, VUS
from web import reservations
from web.base_de_donnees import creer_moteur

assert "reservation" in tables.metadata.tables  # every table must be known before the first query


def main() -> None:
    """Book hour after hour of one vehicle until killed."""
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("base")
    lecteur.add_argument("--vehicule", type=int, required=True)
    lecteur.add_argument("--depuis", type=int, required=True, help="the first hour nobody has asked for yet")
    lecteur.add_argument(
        "--sans-attendre", action="store_true", help="the control: the disk is not waited for"
    )
    choix = lecteur.parse_args()
    moteur = creer_moteur(make_url(choix.base), connexions=1)
    if choix.sans_attendre:
        ordre = "PRAGMA synchronous=OFF" if moteur.dialect.name == "sqlite" else "SET synchronous_commit=off"
        event.listen(moteur, "connect", lambda connexion, _fiche: connexion.execute(ordre))
    quelqu_un = Acteur(id=1000 + choix.vehicule, role=RoleActeur.CONSEILLER)
    for heure in count(choix.depuis):
        debut = LUNDI + timedelta(hours=heure)
        with Session(moteur) as session, session.begin():
            vehicule = session.get_one(Vehicule, choix.vehicule)
            demandee = reservations.demander(
                session,
                acteur=quelqu_un,
                offre=vehicule.offre,
                vehicule=vehicule,
                debut=debut,
                fin=debut + timedelta(hours=1),
                cle=uuid4().hex,
                le=AVANT,
            ).id
        _dire(f"d {demandee}")
        with Session(moteur) as session, session.begin():
            reservation = session.get_one(Reservation, demandee)
            reservations.confirmer(session, reservation, par=quelqu_un, le=AVANT, **VUS)
        _dire(f"c {demandee}")


def _dire(ligne: str) -> None:
    """At once, in one piece: what is in the pipe survives us."""
    os.write(sys.stdout.fileno(), f"{ligne}\n".encode())


if __name__ == "__main__":
    main()
