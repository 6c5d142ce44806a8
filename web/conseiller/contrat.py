"""The contract of a booking on the adviser's side."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from mobilite.reservation import Reservation, reservations_visibles_par
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, consulter
from web.contrat import repondre_contrat
from web.transaction import lecture


@conseiller.get("/dossiers/<uuid:uuid>/reservations/<uuid:reservation>/contrat.pdf")
def contrat_pdf(uuid: UUID, reservation: UUID) -> Response:
    """The contract of one booking of this dossier, whose reading is logged."""
    qui = consulter(uuid)
    with lecture() as session:
        siennes = reservations_visibles_par(acteur_courant()).where(
            Reservation.uuid == reservation, Reservation.personne_id == qui.id
        )
        return repondre_contrat(session, session.scalars(siennes).one(), acteur_courant())
