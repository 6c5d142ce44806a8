"""One process of the proof that nothing confirmed is lost: it books, confirms, and says each time it was told yes.

A line goes out after the commit only: « d 12 » for a request stored, « c 12 » once confirmed.
Killed by ``epreuve_coupure``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mobilite import tables
from mobilite.acteur import Acteur, RoleActeur
from mobilite.flotte import Vehicule
from mobilite.reservation import Reservation
from tests.fabriques import AVANT, LUNDI, VUS
from web import reservations
from web.base_de_donnees import creer_moteur
from web.transaction import est_un_verrou

R = TypeVar("R")

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

    def a_son_tour(faire: Callable[[Session], R]) -> R:
        """One transaction, tried again when four who never pause kept it from its turn."""
        while True:
            try:
                with Session(moteur) as session, session.begin():
                    return faire(session)
            except DBAPIError as erreur:
                if not est_un_verrou(erreur):
                    raise

    for heure in count(choix.depuis):
        demandee = a_son_tour(partial(_demander, numero=choix.vehicule, heure=heure, par=quelqu_un))
        _dire(f"d {demandee}")
        a_son_tour(partial(_confirmer, numero=demandee, par=quelqu_un))
        _dire(f"c {demandee}")


def _demander(session: Session, numero: int, heure: int, par: Acteur) -> int:
    vehicule = session.get_one(Vehicule, numero)
    debut = LUNDI + timedelta(hours=heure)
    return reservations.demander(
        session,
        acteur=par,
        offre=vehicule.offre,
        vehicule=vehicule,
        debut=debut,
        fin=debut + timedelta(hours=1),
        cle=uuid4().hex,
        le=AVANT,
    ).id


def _confirmer(session: Session, numero: int, par: Acteur) -> None:
    reservation = session.get_one(Reservation, numero)
    reservations.confirmer(session, reservation, par=par, le=AVANT, **VUS)


def _dire(ligne: str) -> None:
    """At once, in one piece: what is in the pipe survives us."""
    os.write(sys.stdout.fileno(), f"{ligne}\n".encode())


if __name__ == "__main__":
    main()
