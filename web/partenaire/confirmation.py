"""The yes of a structure: papers and deposit seen, or why not, and the referral, as the form says them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, maintenant
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, lignes_de
from mobilite.motif_reservation import SansCaution
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.regles_de_flotte import Regles
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web import reservations
from web.acces import acteur_courant
from web.partenaire.demandes import DemandeRecue, recue

VU_AU_PLUS_TOT = timedelta(days=366)
"""Earlier is a typing mistake, or something to look at again."""


def confirmer(session: Session, reservation: Reservation) -> None:
    """Confirm it as the form says; ``DonneeRefusee`` names what is missing."""
    if reservation.etat(maintenant()) is not StatutReservation.DEMANDEE:
        raise ReservationDejaTraitee(reservation.etat(maintenant()))
    formulaire = request.form
    nom = ligne_dite(formulaire, "place_confirmee_par", 80, "Dites votre prénom : c’est vous qui confirmez.")
    demande = recue(session, reservation, maintenant())
    vus = _documents_vus(formulaire, demande)
    if not demande.documents and "papiers_vus" not in formulaire:
        raise DonneeRefusee("papiers_vus", "Cochez quand vous avez vu les papiers.")
    papiers_vus_le = _jour_vu(formulaire, "papiers_vus_le")
    vue, sans = _caution(formulaire, demande.caution)
    prescripteur, prescrite_le = _prescription(formulaire, demande)
    reservations.confirmer(
        session,
        reservation,
        par=acteur_courant(),
        place_confirmee_par=nom,
        papiers_vus_le=papiers_vus_le,
        caution_vue_le=vue,
        documents=demande.documents,
        documents_vus=vus,
        sans_caution=sans,
        sans_caution_mot=_mot_de_la_caution(formulaire, demande, sans),
        prescrite_par=prescripteur,
        prescrite_le=prescrite_le,
    )


def noter_papiers(session: Session, reservation: Reservation) -> None:
    """Note the papers seen so far; the place is confirmed later."""
    vus = _documents_vus(request.form, recue(session, reservation, maintenant()), tous=False)
    if not vus:
        raise DonneeRefusee("documents", "Cochez ce que vous avez vu.")
    reservations.noter_papiers(session, reservation, par=acteur_courant(), vus=vus)


def _documents_vus(
    formulaire: MultiDict[str, str], demande: DemandeRecue, *, tous: bool = True
) -> dict[str, date]:
    """The documents ticked, with the day; those noted before need no tick. ``tous``: none may be missing."""
    coches = [document for document in demande.documents if document in formulaire.getlist("documents")]
    manquent = set(demande.documents) - set(coches) - set(demande.reservation.documents_vus)
    if tous and manquent:
        dits = ", ".join(sorted(manquent))
        raise DonneeRefusee("documents", f"Il reste à voir : {dits}.")
    return dict.fromkeys(coches, _jour_vu(formulaire, "papiers_vus_le")) if coches else {}


def _prescription(formulaire: Mapping[str, str], demande: DemandeRecue) -> tuple[str, date | None]:
    """Who wrote the referral and when, if the fleet asks for one and nobody has noted it yet."""
    r = demande.reservation
    if not demande.regles.prescription_requise or (r.prescrite_par and r.prescrite_le):
        return "", None
    par = ligne_dite(formulaire, "prescrite_par", 120, "Dites qui a fait la fiche d’orientation.")
    return par, _jour_vu(formulaire, "prescrite_le")


def _mot_de_la_caution(formulaire: Mapping[str, str], demande: DemandeRecue, sans: SansCaution | None) -> str:
    """Why the structure goes without a deposit that is asked."""
    if sans is not SansCaution.RENONCEE:
        return ""
    if not demande.regles.caution_dispensable:
        raise DonneeRefusee("caution", "D’après vos règles, la caution est toujours demandée.")
    return ligne_dite(formulaire, "sans_caution_mot", 200, "Dites pourquoi vous y renoncez.")


def _caution(formulaire: Mapping[str, str], demandee: float) -> tuple[date | None, SansCaution | None]:
    """The day the deposit was seen, or why there is none."""
    if not demandee:
        return None, SansCaution.NON_DEMANDEE
    choix = formulaire.get("caution", "")
    if choix == "vue":
        return _jour_vu(formulaire, "caution_vue_le"), None
    for sans in (SansCaution.AVANCEE, SansCaution.RENONCEE):
        if choix == sans.value:
            return None, sans
    raise DonneeRefusee("caution", "Dites si la caution est vue, ou pourquoi il n’y en a pas.")


def _jour_vu(formulaire: Mapping[str, str], nom: str) -> date:
    try:
        vu_le = Champ(formulaire.get(nom, ""), nom).date()
    except DonneeRefusee:
        raise DonneeRefusee(nom, "Dites quel jour.") from None
    if vu_le > ce_jour():
        raise DonneeRefusee(nom, "Ce jour n’est pas encore venu.")
    if vu_le < ce_jour() - VU_AU_PLUS_TOT:
        raise DonneeRefusee(nom, "C’est il y a plus d’un an. Vérifiez la date.")
    return vu_le


def ligne_dite(formulaire: Mapping[str, str], nom: str, au_plus: int, absent: str) -> str:
    """One line of text; ``absent`` is what is said when it is empty."""
    texte = " ".join(formulaire.get(nom, "").split())
    if not texte:
        raise DonneeRefusee(nom, absent)
    return Champ(texte, nom).texte(au_plus)


def sans_caution(session: Session, reservation: Reservation) -> str:
    """Why no deposit was seen: on the row, or in the journal for those confirmed before it was kept there."""
    if reservation.sans_caution is not None:
        mot = f" : {reservation.sans_caution_mot}" if reservation.sans_caution_mot else ""
        return f"{reservation.sans_caution.libelle}{mot}"
    for fait in session.scalars(lignes_de(reservation)):
        if fait.quoi == Evenement.RESERVATION_CONFIRMEE.value and "sans_caution" in fait.details:
            return SansCaution(fait.details["sans_caution"]).libelle
    return ""


def dispenses_possibles(regles: Regles) -> list[SansCaution]:
    """Why a deposit that is asked for may not be there, as the rules of the fleet allow it."""
    possibles = [SansCaution.AVANCEE]
    return [*possibles, SansCaution.RENONCEE] if regles.caution_dispensable else possibles
