"""What a stay comes to: the days that count, the grid, the membership, and what somebody else pays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from matching.cout import prix_du_sejour
from mobilite.base import jour_local
from mobilite.candidate import Prix
from mobilite.comparaison_etats import Garde
from mobilite.decompte import Decompte, Ligne, en_centimes
from mobilite.etat_des_lieux import EtatDesLieux
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web.formats import euros

_UNITES = {"jour": "jour", "semaine": "semaine", "mois": "mois", "km": "kilomètre"}
ADHESION = ("a_payer", "deja_payee", "a_verifier")
AIDE = ("a_verifier", "aucune", "accordee")
_PARTIES = (StatutReservation.REMISE, StatutReservation.RENDUE, StatutReservation.CLOTUREE)
_TENUES = (StatutReservation.CONFIRMEE, *_PARTIES)


def garde_de(
    session: Session,
    reservation: Reservation,
    depart: EtatDesLieux | None,
    retour: EtatDesLieux | None,
    le: datetime,
) -> Garde | None:
    """When she had the vehicle, as noted with the keys; at ``le`` it comes back. ``None``: nobody noted it left."""
    remis_le = reservation.remise_le or (depart.signe_le if depart is not None else None)
    if remis_le is None:
        return None
    avant, suite = _sejours_voisins(session, reservation)
    ensuite: tuple[date, date] | None = None
    if suite is not None:
        du = jour_local(suite.debut)
        # On another vehicle, only the day of the exchange belongs to both.
        ensuite = (du, date.max if suite.vehicule_id == reservation.vehicule_id else du)
    return Garde(
        debut=reservation.debut,
        fin=reservation.fin,
        remis_le=remis_le,
        rendu_le=reservation.rendue_le or (retour.signe_le if retour is not None else None) or le,
        deja_la=avant is not None
        and avant.vehicule_id == reservation.vehicule_id
        and (avant.rendue_le is None or avant.rendue_le >= reservation.debut),
        suite=ensuite,
    )


def _sejours_voisins(
    session: Session, reservation: Reservation
) -> tuple[Reservation | None, Reservation | None]:
    """Her stays that end where this one begins, and begin where it ends: on this vehicle, or one that continues."""
    sienne = and_(
        # Whose dossier was erased is nobody any more, not the same person.
        Reservation.personne_id.is_not(None),
        Reservation.personne_id == reservation.personne_id,
        Reservation.vehicule_id == reservation.vehicule_id,
    )
    avant = or_(
        Reservation.id == reservation.renouvelle_id, and_(sienne, Reservation.fin == reservation.debut)
    )
    suite = or_(
        Reservation.renouvelle_id == reservation.id, and_(sienne, Reservation.debut == reservation.fin)
    )
    return (
        session.scalars(select(Reservation).where(avant, Reservation.statut.in_(_PARTIES)).limit(1)).first(),
        session.scalars(select(Reservation).where(suite, Reservation.statut.in_(_TENUES)).limit(1)).first(),
    )


def compter(
    prix: Prix, jours: tuple[date, ...], km: int | None, choix: Mapping[str, Any], origine: str
) -> Decompte:
    """Every line of a stay of these days. ``choix``: what was said of the membership and of an aid.

    ``origine`` says where the grid comes from.
    """
    lignes = [_sejour(prix, jours, km, origine)]
    if prix.forfait:
        lignes.append(Ligne("Forfait", "une fois", en_centimes(prix.forfait), origine))
    if prix.adhesion:
        lignes.append(_adhesion(prix.adhesion, choix.get("adhesion", "a_verifier"), origine))
    reste = sum(ligne.centimes or 0 for ligne in lignes)
    lignes += _aides(choix, reste, tout_connu=all(ligne.centimes is not None for ligne in lignes))
    return Decompte(tuple(lignes))


def _sejour(prix: Prix, jours: tuple[date, ...], km: int | None, origine: str) -> Ligne:
    if not prix.connu:
        return Ligne("Location", "à vérifier : l'offre ne dit pas son prix", None, origine)
    if not jours:
        return Ligne("Location", "à vérifier : les jours ne sont pas notés", None, origine)
    paye = prix_du_sejour(prix, jours, km)
    combien = f"{len(jours)} jour{'s' if len(jours) > 1 else ''}"
    if paye is None:
        return Ligne("Location", f"à vérifier : {combien}, kilomètres ou tarif non connus", None, origine)
    if not paye.tarif:
        return Ligne("Location", "gratuite" if not prix.forfait else "comprise dans le forfait", 0, origine)
    unite = _UNITES[paye.tarif]
    fois = f"{paye.fois:g}".replace(".", ",")
    pluriel = "s" if paye.fois >= 2 and not unite.endswith("s") else ""
    detail = f"{fois} {unite}{pluriel} à {euros(paye.unitaire)}"
    if paye.tarif != "jour":
        detail += f", pour {combien}"
    return Ligne("Location", detail, en_centimes(paye.montant), origine)


def _adhesion(montant: float, choix: str, origine: str) -> Ligne:
    if choix == "deja_payee":
        return Ligne("Adhésion", "déjà payée", 0, "Dit par la structure au retour")
    if choix == "a_payer":
        return Ligne("Adhésion", "à payer avec ce séjour", en_centimes(montant), origine)
    return Ligne("Adhésion", f"à vérifier : {euros(montant)} si elle n'est pas déjà payée", None, origine)


def _aides(choix: Mapping[str, Any], reste: int, *, tout_connu: bool) -> list[Ligne]:
    """What somebody else pays: never more than the rest, never guessed."""
    match choix.get("aide", "a_verifier"):
        case "aucune":
            return []
        case "accordee":
            accordee = int(choix["aide_centimes"])
            return [
                Ligne(
                    "Aide",
                    f"{euros(accordee / 100)} accordés par {choix['aide_payeur']}",
                    -min(accordee, reste) if tout_connu else -accordee,
                    "Accord vu par la structure",
                )
            ]
        case _:
            if not reste and tout_connu:
                return []
            return [Ligne("Aide", "à vérifier avec le guichet mobilité", None, "Aucun accord vu")]
