"""Keeping a vehicle longer: a booking that follows another at once, on the same vehicle, by the same person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.base import PARIS, jour_local, maintenant
from mobilite.disponibilite import occupe
from mobilite.erreurs import RegleMetier
from mobilite.flotte import dernier_jour
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import Attente, StatutAttente
from mobilite.motif_reservation import CanalDemande
from mobilite.refus_reservation import CleDejaUtilisee, DatesRefusees, ReservationDejaTraitee
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from web.aptitude import refuser_si_elle_ne_peut_pas_conduire
from web.reservations.conclusion import ecrire, liberer_les_demandes_expirees, regles_de, verrouiller
from web.reservations.demandes import deja_demandee, inserer, refuser_un_deuxieme, verifier_les_quotas

JOURS_PROPOSES = 31
"""How many last days are shown: longer is agreed again a month later."""

PROLONGEABLES = (StatutReservation.CONFIRMEE, StatutReservation.REMISE)


class ProlongationImpossible(RegleMetier):
    """Somebody has the vehicle next; ``jusqu_au`` is the end that remains possible, if any."""

    code = "prolongation_impossible"

    def __init__(self, jusqu_au: datetime | None) -> None:
        if jusqu_au is None:
            phrase = "La personne suivante attend ce véhicule : rendez-le le jour prévu."
        else:
            phrase = (
                "La personne suivante attend ce véhicule. Vous pouvez le garder jusqu'au "
                f"{dernier_jour(jusqu_au):%d/%m/%Y}, pas plus."
            )
        super().__init__(phrase)
        self.jusqu_au = jusqu_au


@dataclass(frozen=True, slots=True)
class Ensuite:
    """What comes after a booking: until when its vehicle is free (``None``: nobody has it), who waits."""

    libre_jusqu_a: datetime | None
    attendent: int


def renouveler(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    fin: datetime,
    cle: str,
    canal: CanalDemande = CanalDemande.EN_LIGNE,
    le: datetime | None = None,
) -> Reservation:
    """Ask to keep the vehicle until ``fin``, as a request of its own that follows this booking at once.

    No buffer is needed between the two. Raises ``ProlongationImpossible``, ``RegleDeFlotte`` (longest
    duration, number of renewals, quota, closed day) or ``ReservationDejaTraitee``.
    """
    instant = le or maintenant()
    vehicule = reservation.vehicule
    flotte = verrouiller(session, vehicule.offre)
    session.refresh(reservation)
    if (deja := deja_demandee(session, par, cle)) is not None:
        if (deja.renouvelle_id, deja.fin) != (reservation.id, fin):
            raise CleDejaUtilisee
        return deja
    if reservation.etat(instant) not in PROLONGEABLES:
        raise ReservationDejaTraitee(reservation.etat(instant))
    if reservation.fin <= instant:
        raise DatesRefusees("Le jour du retour est passé : on ne peut plus prolonger. Convenez du retour.")
    liberer_les_demandes_expirees(session, flotte, instant)
    if (suite := suite_vivante(session, reservation, le=instant)) is not None:
        raise ReservationDejaTraitee(suite.etat(instant))
    debut = reservation.fin
    regles = regles_de(session, vehicule.offre)
    regles.verifier_la_prolongation(_deja_prolongee(session, reservation))
    regles.verifier_la_duree(debut, fin)
    regles.verifier_l_ouverture(fin, "retour")
    refuser_un_deuxieme(session, par, vehicule.offre, debut, fin, instant)
    verifier_les_quotas(session, regles, vehicule.offre, reservation.personne_id, debut, fin, suite=True)
    refuser_si_elle_ne_peut_pas_conduire(session, reservation.personne_id, vehicule, par, jour_local(debut))
    ensuite = ce_qui_suit(session, reservation, le=instant)
    suivante = Reservation.demander(
        vehicule,
        par=par,
        personne_id=reservation.personne_id,
        debut=debut,
        fin=fin,
        cle=cle,
        regles=regles,
        canal=canal,
        prescrite_par=reservation.prescrite_par,
        prescrite_le=reservation.prescrite_le,
        renouvelle=reservation,
        le=instant,
    )
    if ensuite.libre_jusqu_a is not None and suivante.libre_le > ensuite.libre_jusqu_a:
        raise _trop_loin(regles.retour_au_plus_tard(ensuite.libre_jusqu_a), debut)
    _sans_tampon(session, reservation, instant)
    if not inserer(session, suivante):
        raise _trop_loin(debut, debut)
    session.add(
        consigner(
            par,
            Evenement.RESERVATION_PROLONGEE,
            suivante,
            le=instant,
            suit=reservation.id,
            vehicule=vehicule.id,
            debut=debut,
            fin=fin,
        )
    )
    return suivante


def fins_possibles(
    session: Session, reservation: Reservation, *, le: datetime | None = None
) -> tuple[list[datetime], str]:
    """The ends until which it may be kept, the nearest first; when there is none, the sentence that says why.

    What is only judged when it is asked (her licence, her quota) is not judged here.
    """
    instant = le or maintenant()
    if reservation.etat(instant) not in PROLONGEABLES:
        return [], ReservationDejaTraitee(reservation.etat(instant)).phrase
    if reservation.fin <= instant:
        return [], "Le jour du retour est passé : on ne peut plus prolonger. Convenez du retour."
    if (suite := suite_vivante(session, reservation, le=instant)) is not None:
        return [], f"La suite est déjà demandée, jusqu’au {dernier_jour(suite.fin):%d/%m/%Y}."
    regles = regles_de(session, reservation.vehicule.offre)
    ensuite = ce_qui_suit(session, reservation, le=instant)
    mur = reservation.fin.astimezone(PARIS)
    fins, refus = [], ""
    try:
        regles.verifier_la_prolongation(_deja_prolongee(session, reservation))
    except RegleMetier as regle:
        return [], regle.phrase
    for rang in range(1, JOURS_PROPOSES + 1):
        fin = (mur + timedelta(days=rang)).astimezone(reservation.fin.tzinfo)
        try:
            if ensuite.libre_jusqu_a is not None and regles.libre_le(fin) > ensuite.libre_jusqu_a:
                raise _trop_loin(reservation.fin, reservation.fin)
            regles.verifier_la_duree(reservation.fin, fin)
            regles.verifier_l_ouverture(fin, "retour")
            reservation.vehicule.refuser_si_indisponible(fin, reservation.fin)
        except RegleMetier as regle:
            refus = refus or regle.phrase
        else:
            fins.append(fin)
    return fins, "" if fins else refus


def ce_qui_suit(session: Session, reservation: Reservation, *, le: datetime | None = None) -> Ensuite:
    """Whether somebody has the vehicle next, and how many wait for one of its offer from the end on."""
    instant = le or maintenant()
    prochaine = session.scalar(
        select(Reservation.debut)
        .where(
            Reservation.vehicule_id == reservation.vehicule_id,
            Reservation.id != reservation.id,
            Reservation.debut >= reservation.fin,
            occupe(instant),
        )
        .order_by(Reservation.debut)
        .limit(1)
    )
    attendent = session.scalars(
        select(Attente.id).where(
            Attente.offre_id == reservation.vehicule.offre_id,
            Attente.statut == StatutAttente.ATTEND,
            Attente.fin > reservation.fin,
            Attente.personne_id != (reservation.personne_id or 0),
        )
    ).all()
    return Ensuite(prochaine, len(attendent))


def suite_vivante(
    session: Session, reservation: Reservation, *, le: datetime | None = None
) -> Reservation | None:
    """The booking that continues this one, while it holds the vehicle: one whose time has passed does not."""
    return session.scalar(
        select(Reservation).where(
            Reservation.renouvelle_id == reservation.id,
            Reservation.statut.in_(OCCUPENT),
            occupe(le or maintenant()),
        )
    )


def _deja_prolongee(session: Session, reservation: Reservation) -> int:
    """How many times it was continued to get here."""
    nombre, precedente = 0, reservation.renouvelle_id
    while precedente is not None:
        nombre += 1
        precedente = session.scalar(select(Reservation.renouvelle_id).where(Reservation.id == precedente))
    return nombre


def _sans_tampon(session: Session, reservation: Reservation, instant: datetime) -> None:
    """The same hands keep it: what follows may start at the end itself. Given up meanwhile, it is over."""
    ordre = (
        update(Reservation)
        .where(Reservation.id == reservation.id, Reservation.statut.in_(PROLONGEABLES))
        .values(libre_le=Reservation.fin)
    )
    ecrire(session, reservation, ordre.execution_options(synchronize_session=False), instant)


def _trop_loin(jusqu_au: datetime, debut: datetime) -> ProlongationImpossible:
    """Only whole days that remain are worth telling."""
    reste = dernier_jour(jusqu_au) >= jour_local(debut) if jusqu_au > debut else False
    return ProlongationImpossible(jusqu_au if reste else None)
