"""The contract of one booking for whoever may open it: read, then drawn once nothing is held any more."""

from __future__ import annotations

from flask import Response, make_response
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import maintenant
from mobilite.candidate import Prix
from mobilite.erreurs import RegleMetier
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web.etats_des_lieux import convenu, lire_etats, phrases_du_retour
from web.impressions import composer
from web.impressions.contrat import Sejour, contenu_contrat

_CONCLUES = (
    StatutReservation.CONFIRMEE,
    StatutReservation.REMISE,
    StatutReservation.RENDUE,
    StatutReservation.CLOTUREE,
)


class ContratPasEncore(RegleMetier):
    """Nothing was agreed on yet, or any more."""

    code = "contrat_pas_encore"

    def __init__(self) -> None:
        super().__init__("Le contrat s'imprime une fois la place confirmée.")


def repondre_contrat(session: Session, reservation: Reservation, acteur: Acteur) -> Response:
    """The PDF of a confirmed booking, with what this reader may see. Raises ``ContratPasEncore``."""
    contenu = contenu_contrat(sejour_de(session, reservation, acteur), etabli_le=maintenant())
    # Everything has been read: nothing is held while the sheet is drawn.
    session.rollback()
    reponse = make_response(composer("contrat", contenu))
    reponse.mimetype = "application/pdf"
    # Names stay out of file names: they end up in folders and mailboxes that others see.
    reponse.headers["Content-Disposition"] = f'inline; filename="contrat-{str(reservation.uuid)[:8]}.pdf"'
    return reponse


def sejour_de(session: Session, reservation: Reservation, acteur: Acteur) -> Sejour:
    """What the contract says of a booking, to this reader."""
    if reservation.etat(maintenant()) not in _CONCLUES:
        raise ContratPasEncore
    etats = lire_etats(session, reservation)
    dit = convenu(session, reservation, etats.depart)
    return Sejour(
        reservation=reservation,
        emprunteur=_emprunteur(reservation, acteur),
        joindre=reservation.telephone_pour(acteur) or "",
        prix=Prix(**dit["prix"]),
        km_max_jour=dit["km_max_jour"],
        regles=dit["regles"],
        depart=etats.depart,
        retour=etats.retour,
        phrases=phrases_du_retour(session, reservation, etats),
        decompte=etats.decompte,
        caution=etats.caution,
    )


def _emprunteur(reservation: Reservation, acteur: Acteur) -> str:
    """Her name; for a structure, only the first name of somebody discreet."""
    personne = reservation.personne
    if personne is None:
        return "Nom :"
    if acteur.role is RoleActeur.PARTENAIRE and personne.contact_discret:
        return personne.prenom
    return personne.nom_complet
