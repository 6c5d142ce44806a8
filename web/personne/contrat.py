"""Her contract, to read or to print: her own bookings and no other."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from mobilite.reservation import Reservation, reservations_visibles_par
from web.acces import acteur_courant
from web.contrat import repondre_contrat
from web.personne.espace import personne
from web.transaction import lecture


@personne.get("/demande/<uuid:uuid>/contrat.pdf")
def contrat_pdf(uuid: UUID) -> Response:
    """The contract of one of her bookings."""
    with lecture() as session:
        siennes = reservations_visibles_par(acteur_courant()).where(Reservation.uuid == uuid)
        return repondre_contrat(session, session.scalars(siennes).one(), acteur_courant())
