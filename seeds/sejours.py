"""A finished stay of the demonstration: two signed sheets and a deposit given back. Running it again adds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import PARIS
from mobilite.etat_des_lieux import MENTION, CautionConclue, EtatDesLieux, Moment, SortCaution
from mobilite.flotte import Vehicule
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.points_de_controle import Proprete, jauge_de
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation


def charger_sejours(session: Session, lignes: Sequence[Mapping[str, Any]], conseiller_id: int) -> int:
    """Add the finished stays that are not there, by their form key; how many."""
    connus = set(session.scalars(select(Reservation.cle_idempotence)))
    ajoutes = 0
    for rang, ligne in enumerate(lignes):
        cle = f"demonstration-sejour-{rang}"
        if cle in connus:
            continue
        _sejour(session, ligne, cle, conseiller_id)
        ajoutes += 1
    return ajoutes


def _sejour(session: Session, ligne: Mapping[str, Any], cle: str, conseiller_id: int) -> None:
    vehicule = session.scalars(
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.code == ligne["offre"], Vehicule.libelle == ligne["vehicule"])
    ).one()
    personne = session.scalars(
        select(Personne).where(Personne.demonstration, Personne.prenom == ligne["personne"])
    ).one()
    du, au = date.fromisoformat(ligne["du"]), date.fromisoformat(ligne["au"])
    debut, fin = _heure(du, 0), _heure(au + timedelta(days=1), 0)
    reservation = Reservation(
        vehicule_id=vehicule.id,
        personne_id=personne.id,
        demandee_par=conseiller_id,
        demandee_le=_heure(du - timedelta(days=3), 10),
        debut=debut,
        fin=fin,
        expire_le=debut,
        statut=StatutReservation.CLOTUREE,
        papiers_vus_le=du,
        caution_vue_le=du,
        place_confirmee_par=ligne["place_confirmee_par"],
        place_confirmee_le=_heure(du - timedelta(days=2), 9),
        cle_idempotence=cle,
    )
    session.add(reservation)
    session.flush()
    prix = vehicule.offre.fiche.get("prix", {})
    convenu = {
        "offre": vehicule.offre.nom,
        "vehicule": vehicule.libelle,
        "immatriculation": vehicule.immatriculation or "",
        "debut": debut.isoformat(),
        "fin": fin.isoformat(),
        "prix": {"connu": bool(prix)} | prix,
        "km_max_jour": vehicule.offre.fiche.get("km_max_jour"),
        "caution_vue_le": du.isoformat(),
        "regles": [],
    }
    _feuille(session, reservation, vehicule, personne, Moment.REMISE, ligne, convenu, _heure(du, 9))
    compte = {"adhesion": "deja_payee", "aide": "aucune", "lignes": ligne["lignes"]}
    _feuille(session, reservation, vehicule, personne, Moment.RETOUR, ligne, compte, _heure(au, 17))
    session.add(
        CautionConclue(
            reservation_id=reservation.id,
            sort=SortCaution.RENDUE,
            notee_par=conseiller_id,
            notee_le=_heure(au, 17),
        )
    )
    vehicule.km = max(vehicule.km or 0, int(ligne["retour"]["km"]))


def _feuille(
    session: Session,
    reservation: Reservation,
    vehicule: Vehicule,
    personne: Personne,
    moment: Moment,
    ligne: Mapping[str, Any],
    convenu: Mapping[str, Any],
    le: datetime,
) -> None:
    dite = ligne["depart" if moment is Moment.REMISE else "retour"]
    etat = EtatDesLieux(
        reservation_id=reservation.id,
        vehicule_id=vehicule.id,
        moment=moment,
        commence_par=reservation.demandee_par,
        commence_le=le,
        km=dite["km"],
        jauge=jauge_de(vehicule),
        niveau=dite["niveau"],
        proprete=Proprete(dite["proprete"]),
        equipements=dict(dite["equipements"]),
        dommages=list(dite["dommages"]),
    )
    etat.vehicule = vehicule
    etat.signer(
        nom_structure=ligne["place_confirmee_par"],
        mention_structure=MENTION,
        nom_personne=personne.nom_complet,
        mention_personne=MENTION,
        convenu=convenu,
        le=le,
    )
    session.add(etat)
    session.flush()


def _heure(jour: date, heure: int) -> datetime:
    return datetime.combine(jour, time(heure), PARIS)
