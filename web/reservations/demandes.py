"""Asking for a vehicle: one is served, the others are told what else is free."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME, Acteur, RoleActeur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import VehiculeDejaReserve, occupe, vehicules_libres
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule, VehiculeIndisponible, dernier_jour
from mobilite.journal import Evenement, consigner
from mobilite.motif_reservation import CanalDemande
from mobilite.offre import Offre, OffreRetiree, StatutOffre
from mobilite.personnes import Personne
from mobilite.refus_reservation import CleDejaUtilisee, ReservationDejaTraitee
from mobilite.regles_de_flotte import Regles
from mobilite.reservation import Reservation, est_un_chevauchement, verifier_dates
from mobilite.statut_reservation import MOBILES, StatutReservation
from web.aptitude import ConduiteRefusee, refuser_si_elle_ne_peut_pas_conduire
from web.reservations.alternatives import quand_on_lira
from web.reservations.choix import les_mieux_d_abord
from web.reservations.conclusion import conclure, liberer_les_demandes_expirees, regles_de, verrouiller


class DejaUnVehicule(RegleMetier):
    """She has one of the same kind on some of these days: two screens, or a click too many."""

    code = "deja_un_vehicule"

    def __init__(self, autre: Reservation) -> None:
        super().__init__(
            f"Vous avez déjà « {autre.vehicule.libelle} » du {jour_local(autre.debut):%d/%m/%Y} au"
            f" {dernier_jour(autre.fin):%d/%m/%Y}. Pour en changer, ouvrez cette demande sur votre page,"
            " ou appelez votre conseillère."
        )
        self.autre = autre


_COMPTENT = (
    StatutReservation.DEMANDEE,
    StatutReservation.CONFIRMEE,
    StatutReservation.REMISE,
    StatutReservation.RENDUE,
    StatutReservation.CLOTUREE,
)
_QUOTAS = timedelta(days=400)


def demander(
    session: Session,
    *,
    acteur: Acteur,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    cle: str,
    personne_id: int | None = None,
    vehicule: Vehicule | None = None,
    canal: CanalDemande = CanalDemande.EN_LIGNE,
    prescrite_par: str = "",
    prescrite_le: date | None = None,
    proposee_jusqu_au: datetime | None = None,
    le: datetime | None = None,
) -> Reservation:
    """Request a vehicle of an offer (any free one, or the one named) from ``debut`` to ``fin``.

    ``proposee_jusqu_au``: it is only held for her until then, in case she says yes (``accepter``).

    ``cle`` is drawn once per form: sent again, the first request is given back. A person asks for
    herself, whatever ``personne_id`` says. Raises ``VehiculeDejaReserve`` with what else is free,
    ``VehiculeIndisponible``, ``DatesRefusees``, ``RegleDeFlotte``, ``ConduiteRefusee``, ``OffreRetiree``,
    ``CleDejaUtilisee`` or ``DejaUnVehicule``.
    """
    instant = le or maintenant()
    if acteur.role is RoleActeur.PERSONNE:
        personne_id = acteur.personne_id
    flotte = verrouiller(session, offre)
    if (deja := deja_demandee(session, acteur, cle)) is not None:
        memes = (debut, fin, offre.id, personne_id, deja.vehicule_id if vehicule is None else vehicule.id)
        if (deja.debut, deja.fin, deja.vehicule.offre_id, deja.personne_id, deja.vehicule_id) != memes:
            raise CleDejaUtilisee
        return deja
    regles = _verifier(session, offre, vehicule, flotte, debut, fin, instant)
    refuser_un_deuxieme(session, acteur, offre, debut, fin, instant)
    liberer_les_demandes_expirees(session, flotte, instant)
    verifier_les_quotas(session, regles, offre, personne_id, debut, fin)
    refus: ConduiteRefusee | None = None
    libres = session.scalars(
        vehicules_libres(offre.id, debut, fin, libre_le=regles.libre_le(fin), le=instant)
    ).all()
    if vehicule is not None:
        libres = [libre for libre in libres if libre.id == vehicule.id]
    elif len(libres) > 1 and personne_id is not None:
        libres = les_mieux_d_abord(libres, session.get(Personne, personne_id), jour_local(instant))
    for libre in libres:
        try:
            refuser_si_elle_ne_peut_pas_conduire(session, personne_id, libre, acteur, jour_local(debut))
        except ConduiteRefusee as non:
            refus = non
            continue
        reservation = Reservation.demander(
            libre,
            par=acteur,
            personne_id=personne_id,
            debut=debut,
            fin=fin,
            cle=cle,
            regles=regles,
            canal=canal,
            prescrite_par=prescrite_par,
            prescrite_le=prescrite_le,
            le=instant,
        )
        if proposee_jusqu_au is not None:
            reservation.proposer(proposee_jusqu_au)
        if inserer(session, reservation):
            session.add(
                consigner(
                    acteur,
                    Evenement.RESERVATION_DEMANDEE if proposee_jusqu_au is None else Evenement.PLACE_PROPOSEE,
                    reservation,
                    le=instant,
                    vehicule=libre.id,
                    debut=debut,
                    fin=fin,
                )
            )
            return reservation
    if refus is not None:
        raise refus
    raise VehiculeDejaReserve(quand_on_lira(session, offre, debut, fin, sauf=vehicule, le=instant))


def refuser_si_tout_est_pris(
    session: Session,
    *,
    acteur: Acteur,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    cle: str,
    vehicule: Vehicule | None = None,
    le: datetime | None = None,
) -> None:
    """Refuse, before waiting for our turn, what somebody has already: what else is free is long to find.

    Reads only, and decides nothing for good: ``demander`` looks again. A form sent twice is not refused
    because of its own first time. Raises what ``demander`` does.
    """
    instant = le or maintenant()
    if deja_demandee(session, acteur, cle) is not None:
        return
    flotte = list(session.scalars(select(Vehicule.id).where(Vehicule.offre_id == offre.id)))
    regles = _verifier(session, offre, vehicule, flotte, debut, fin, instant)
    refuser_un_deuxieme(session, acteur, offre, debut, fin, instant, verrou=False)
    verifier_les_quotas(session, regles, offre, acteur.personne_id, debut, fin)
    libres = vehicules_libres(offre.id, debut, fin, libre_le=regles.libre_le(fin), le=instant)
    if not any(vehicule is None or libre.id == vehicule.id for libre in session.scalars(libres)):
        raise VehiculeDejaReserve(quand_on_lira(session, offre, debut, fin, sauf=vehicule, le=instant))


def refuser_un_deuxieme(
    session: Session,
    acteur: Acteur,
    offre: Offre,
    debut: datetime,
    fin: datetime,
    instant: datetime,
    *,
    sauf: int | None = None,
    verrou: bool = True,
) -> None:
    """One vehicle of a kind at a time for who asks alone; an adviser, or a partner, knows what she does.

    A vehicle that has stopped does not count: her page offers her what else is free. ``sauf``: the booking
    being moved. ``verrou``: her own requests wait for each other, for two forms on two offers at the same
    instant; without it, it only reads. Raises ``DejaUnVehicule``.
    """
    if acteur.role is not RoleActeur.PERSONNE:
        return
    if verrou:
        # Not her key: whatever refers to her (a message, a booking made for her) does not wait.
        elle = select(Personne.id).where(Personne.id == acteur.personne_id)
        session.execute(elle.with_for_update(key_share=True))
    siens = session.scalars(
        select(Reservation)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(
            Reservation.personne_id == acteur.personne_id,
            Reservation.id != (sauf or 0),
            Reservation.statut.in_((*MOBILES, StatutReservation.REMISE)),
            occupe(instant),
            Reservation.debut < fin,
            Reservation.fin > debut,
            Offre.genre == offre.genre,
        )
        .order_by(Reservation.debut, Reservation.id)
    )
    for sien in siens:
        if not sien.vehicule.raison_d_arret(sien.debut, sien.fin):
            raise DejaUnVehicule(sien)


def _verifier(
    session: Session,
    offre: Offre,
    vehicule: Vehicule | None,
    flotte: Collection[int],
    debut: datetime,
    fin: datetime,
    instant: datetime,
) -> Regles:
    """What refuses a request whoever has the vehicles: the dates, the offer, the rules of the fleet."""
    verifier_dates(debut, fin, instant)
    if offre.statut is not StatutOffre.OUVERTE:
        raise OffreRetiree
    if vehicule is not None:
        vehicule.refuser_si_indisponible(fin, debut)
    if not flotte:
        raise VehiculeIndisponible("Cette offre se réserve par téléphone : appelez la structure.")
    regles = regles_de(session, offre)
    regles.verifier_les_dates(debut, fin, instant)
    return regles


def accepter(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """She says yes to what was held for her: the structure is asked, as for any request.

    Raises ``ReservationDejaTraitee`` when the time is over.
    """
    instant = le or maintenant()
    regles = regles_de(session, reservation.vehicule.offre)
    ordre = reservation.accepter(regles.expire_le(instant, reservation.debut), le=instant)
    conclure(session, reservation, ordre, par, Evenement.PLACE_ACCEPTEE, instant)


def decliner(session: Session, reservation: Reservation, *, par: Acteur, le: datetime | None = None) -> None:
    """Let go of what was held for her. Raises ``ReservationDejaTraitee`` when she took it, or the time is over."""
    instant = le or maintenant()
    if reservation.statut is not StatutReservation.PROPOSEE:
        raise ReservationDejaTraitee(reservation.etat(instant))
    quoi = Evenement.PLACE_RETIREE if par is PLATEFORME else Evenement.PLACE_DECLINEE
    conclure(session, reservation, reservation.annuler(le=instant), par, quoi, instant)


def verifier_les_quotas(
    session: Session,
    regles: Regles,
    offre: Offre,
    personne_id: int | None,
    debut: datetime,
    fin: datetime,
    *,
    sauf: int | None = None,
    suite: bool = False,
) -> None:
    """Count her other stays in this fleet, under the lock of its vehicles. Raises ``RegleDeFlotte``.

    What was refused, given up, lapsed or missed does not count: a quota is no punishment. ``suite``: this
    one continues another; those never count as one more in the month.
    """
    if personne_id is None or (regles.reservations_par_mois, regles.jours_par_30_jours) == (None, None):
        return
    siennes = select(Reservation.debut, Reservation.fin, Reservation.renouvelle_id).where(
        Reservation.personne_id == personne_id,
        Reservation.vehicule_id.in_(select(Vehicule.id).where(Vehicule.offre_id == offre.id)),
        Reservation.statut.in_(_COMPTENT),
        Reservation.debut > debut - _QUOTAS,
        Reservation.debut < fin + _QUOTAS,
        Reservation.id != (sauf or 0),
    )
    regles.verifier_les_quotas(
        debut,
        fin,
        [(du, au, continue_ is None) for du, au, continue_ in session.execute(siennes)],
        suite=suite,
    )


def deja_demandee(session: Session, acteur: Acteur, cle: str) -> Reservation | None:
    """What the same form asked before, if it was sent already."""
    return session.scalar(
        select(Reservation).where(Reservation.demandee_par == acteur.id, Reservation.cle_idempotence == cle)
    )


def inserer(session: Session, reservation: Reservation) -> bool:
    """Whether the database took it; ``False`` when somebody else has these days after all."""
    try:
        with session.begin_nested():
            session.add(reservation)
            session.flush()
    except IntegrityError as erreur:
        if not est_un_chevauchement(erreur):
            raise
        return False
    return True
