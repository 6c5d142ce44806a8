"""Where her bookings stand, and what else is free when one came to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.disponibilite import Alternatives
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import MOBILES, SUITES, StatutReservation
from web import reservations
from web.affiche import caution_a_apporter, papiers_a_apporter
from web.cle import nouvelle_cle
from web.etats_des_lieux import candidate_de
from web.personne.vehicules import VehiculePossible, vehicules_possibles
from web.prix_prevu import prix_prevu

SANS_SUITE = (StatutReservation.REFUSEE, StatutReservation.EXPIREE)
"""Those that came to nothing without her."""


@dataclass(frozen=True, slots=True)
class Choix:
    """Something else that is free, one tap away: what it is, and the form that asks for it."""

    titre: str
    detail: str
    offre: UUID
    debut: date
    jours: int
    cle: str
    prix: str
    vehicule: UUID | None = None


@dataclass(frozen=True, slots=True)
class DemandeSuivie:
    """One booking as she reads it: ``etat`` is its status now, ``fin`` its last day, ``choix`` what else is free.

    ``apporter``: what is still to be shown before she leaves.
    ``arret``: why its vehicle cannot serve it (« est en panne »); empty when it can. ``suite``: the booking
    that continues it, if she asked for one; ``prolongeable``: she still may.
    """

    reservation: Reservation
    etat: StatutReservation
    debut: date
    fin: date
    annulable: bool
    deplacable: bool
    apporter: tuple[str, ...]
    choix: tuple[Choix, ...] = ()
    arret: str = ""
    suite: Reservation | None = None
    prolongeable: bool = False

    @property
    def suite_au(self) -> date | None:
        """The last day of the continuation."""
        return dernier_jour(self.suite.fin) if self.suite else None


def suivre(session: Session, qui: Personne, reservation: Reservation) -> DemandeSuivie:
    """Where a booking stands, and what else is free when it was refused or never answered."""
    instant = maintenant()
    etat = reservation.etat(instant)
    debut, fin = jour_local(reservation.debut), dernier_jour(reservation.fin)
    choix: tuple[Choix, ...] = ()
    arret = ""
    if etat in MOBILES:
        arret = reservation.vehicule.raison_d_arret(reservation.debut, reservation.fin)
    if (etat in SANS_SUITE or arret) and reservation.debut > instant:
        choix = autre_chose(session, qui, reservation, instant)
    annulable = StatutReservation.ANNULEE in SUITES.get(etat, ())
    en_cours = etat in reservations.PROLONGEABLES
    suite = reservations.suite_vivante(session, reservation, le=instant) if en_cours else None
    return DemandeSuivie(
        reservation,
        etat,
        debut,
        fin,
        annulable=annulable,
        deplacable=etat is StatutReservation.DEMANDEE,
        apporter=reste_a_montrer(reservation) if annulable else (),
        choix=choix,
        arret=arret,
        suite=suite,
        prolongeable=en_cours and reservation.fin > instant and not arret,
    )


def reste_a_montrer(reservation: Reservation) -> tuple[str, ...]:
    """What she still has to bring: not the papers that were seen, nor a deposit that was seen or waived."""
    candidate = candidate_de(reservation.vehicule.offre)
    papiers: tuple[str, ...] = ()
    if reservation.papiers_vus_le is None:
        papiers = tuple(p for p in papiers_a_apporter(candidate) if p not in reservation.documents_vus)
    sans_caution = reservation.caution_vue_le is not None or reservation.sans_caution is not None
    return papiers if sans_caution else (*papiers, *caution_a_apporter(candidate))


def autre_chose(
    session: Session, qui: Personne, reservation: Reservation, instant: datetime
) -> tuple[Choix, ...]:
    """What she may have instead of a booking that was refused, never answered, or whose vehicle has stopped."""
    refuse = reservation.vehicule if reservation.etat(instant) is StatutReservation.REFUSEE else None
    offre, debut = reservation.vehicule.offre, jour_local(reservation.debut)
    jours = (dernier_jour(reservation.fin) - debut).days + 1
    autres = reservations.alternatives(
        session, offre, reservation.debut, reservation.fin, sauf=refuse, le=instant
    )
    return tuple(choix_libres(session, qui, offre, debut, jours, autres))


def choix_libres(
    session: Session, qui: Personne, offre: Offre, debut: date, jours: int, autres: Alternatives
) -> Iterator[Choix]:
    """The alternatives she may really have: same days elsewhere, then other days here."""
    meme = _possible(session, qui, offre, debut)
    if meme is not None and _se_peut(meme, debut, jours):
        for libre in autres.vehicules:
            vehicule = session.get_one(Vehicule, libre.vehicule_id)
            yield _choix(meme, "aux mêmes dates", debut, jours, vehicule)
    ailleurs = [
        possible
        for libre in autres.autres_offres
        if (possible := _possible(session, qui, session.get_one(Offre, libre.offre_id), debut)) is not None
        and _se_peut(possible, debut, jours)
    ]
    for possible in sorted(ailleurs, key=lambda p: (not p.sur, p.km, p.offre.code))[: reservations.PROPOSEES]:
        yield _choix(possible, "aux mêmes dates", debut, jours)
    if meme is not None:
        for nouveau in sorted({jour_local(periode.debut) for periode in autres.prochaines_dates}):
            if _se_peut(meme, nouveau, jours):
                yield _choix(meme, "à d’autres dates", nouveau, jours)


def _possible(session: Session, qui: Personne, offre: Offre, depart: date) -> VehiculePossible | None:
    return next(iter(vehicules_possibles(session, qui, ce_jour(), offre, depart=depart)), None)


def _se_peut(possible: VehiculePossible, debut: date, jours: int) -> bool:
    return possible.permet(jours) and debut >= possible.premier_jour


def _choix(
    possible: VehiculePossible, detail: str, debut: date, jours: int, vehicule: Vehicule | None = None
) -> Choix:
    titre = f"{possible.quoi} à {possible.ou}" if possible.ou else possible.quoi
    return Choix(
        vehicule.libelle if vehicule else titre,
        detail,
        possible.offre.uuid,
        debut,
        jours,
        nouvelle_cle(),
        prix_prevu(possible.grille, debut, jours).montant,
        vehicule.uuid if vehicule else None,
    )
