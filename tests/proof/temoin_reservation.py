"""What booking software usually does: look, hesitate, write, with nothing in the database to save it.

The control of ``epreuve_reservation``: the guard is dropped, and overlaps must be seen in nearly every
run, or seeing none elsewhere would prove nothing. The look and the write are two plain transactions:
on SQLite one that read first could not write any more, which is safe and of no use.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT
from tests.fabriques import AVANT, LUNDI, un_vehicule, une_offre

HESITATION_S = 0.05
PERSONNES = 4
SANS_GARDE = {
    "sqlite": (
        "DROP TRIGGER reservation_sans_chevauchement_insert",
        "DROP TRIGGER reservation_sans_chevauchement_update",
    ),
    "postgresql": ("ALTER TABLE reservation DROP CONSTRAINT ex_reservation_sans_chevauchement",),
}


def essais_qui_doublent(moteur: Engine, essais: int) -> int:
    """Of so many runs on an up-to-date database of its own, how many gave one vehicle to two people."""
    with moteur.begin() as connexion:
        for ordre in SANS_GARDE[moteur.dialect.name]:
            connexion.execute(text(ordre))
    return sum(_double(moteur) for _ in range(essais))


def _double(moteur: Engine) -> bool:
    with Session(moteur) as session, session.begin():
        vehicule = un_vehicule(une_offre())
        session.add(vehicule)
        session.flush()
        vehicule_id = vehicule.id
    depart = threading.Barrier(PERSONNES)

    def reserver(rang: int) -> bool:
        depart.wait(timeout=30)
        with Session(moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            prise = select(Reservation.id).where(
                Reservation.vehicule_id == vehicule_id, Reservation.statut.in_(OCCUPENT)
            )
            if session.scalar(prise) is not None:
                return False
        time.sleep(HESITATION_S)
        with Session(moteur) as session, session.begin():
            session.add(
                Reservation(
                    vehicule_id=vehicule_id,
                    demandee_par=rang,
                    cle_idempotence=f"temoin-{vehicule_id}",
                    expire_le=AVANT,
                    debut=LUNDI,
                    fin=LUNDI + timedelta(days=1),
                )
            )
        return True

    with ThreadPoolExecutor(PERSONNES) as fils:
        return sum(fils.map(reserver, range(PERSONNES))) > 1
