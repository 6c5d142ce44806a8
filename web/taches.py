"""What happens by the clock, in a process of its own: the inventory, and what each job does.

A dead scheduler blocks nothing: an expired request frees its vehicle by itself, in the transaction
of whoever asks next. Jobs only keep the house in order, so running one twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.base import maintenant
from web.besoins_non_couverts import relever
from web.reservations import liberer_les_demandes_expirees


@dataclass(frozen=True, slots=True)
class Tache:
    """One job: a stable id, its period in minutes, what it does, and the function that does it.

    The function takes a session inside a write transaction and says how many things it changed.
    """

    id: str
    minutes: int
    libelle: str
    faire: Callable[[Session], int]


def liberer_les_demandes(session: Session) -> int:
    """Close the requests for a vehicle that nobody answered in time."""
    return len(liberer_les_demandes_expirees(session, None, maintenant()))


TACHES = (
    Tache(
        "liberer-les-demandes",
        5,
        "Ferme les demandes de véhicule restées sans réponse et rend les véhicules libres.",
        liberer_les_demandes,
    ),
    Tache(
        "relever-les-besoins",
        1440,
        "Regarde à nouveau chaque besoin : compte ceux que rien ne sert, clôt ceux qui ont une réponse.",
        relever,
    ),
)


def executer(tache: Tache, moteur: Engine) -> int:
    """Run one job in one write transaction; how many things changed."""
    with Session(moteur) as session, session.begin():
        return tache.faire(session)
