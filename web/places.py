"""What becomes free goes to the next who waits: held for her until a deadline, then for the one after.

One order, two doors. The draft of the sharing (`web.repartition`) looks at everybody at once and waits
for the partner's click. This is the other door: a vehicle that nobody planned on is free, and whoever
is first in the same order, and is not refused it by the law or by its offer, is asked. What is held here
does not move in the draft; who holds a place is not in it.

A place is a booking that waits for her yes: the guard of the database keeps it like any other.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME, Acteur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import vehicules_libres
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.liste_attente import (
    Attente,
    PlaceDejaRepondue,
    PlaceProposee,
    ReponsePlace,
    attentes_de_la_structure,
    attentes_ouvertes,
    dans_l_ordre,
    vehicules_deja_repondus,
)
from mobilite.notification import GenreMessage
from mobilite.offre import Offre, StatutOffre
from mobilite.parametres import parametres
from mobilite.priorite import Priorite
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from web import attentes, reservations
from web.contact import contact_de
from web.messages import redaction
from web.messages.boite import Brouillon, ecrire, retirer
from web.personne.vehicules import vehicules_possibles
from web.referentiel import heures_de_message

HEURE = timedelta(hours=1)


def proposer_les_places(
    session: Session, le: datetime | None = None, *, structure_id: int | None = None
) -> list[PlaceProposee]:
    """Hold what is free for those who wait, the most urgent first: one place each at most.

    Running it again changes nothing. ``structure_id`` looks at one structure only: where something was
    just freed. Whoever is offered nothing keeps her rank.
    """
    instant = le or maintenant()
    reservations.liberer_les_demandes_expirees(session, None, instant)
    clore_les_places(session, instant)
    ouvertes = (
        attentes_ouvertes(instant)
        if structure_id is None
        else attentes_de_la_structure(structure_id, instant)
    )
    if not (attendent := session.scalars(ouvertes).all()):
        return []
    tour = _Tour(session, instant)
    places = [tour.proposer(a, p) for a, p in dans_l_ordre(attendent, tour.en_vigueur, instant)]
    return [place for place in places if place is not None]


def clore_les_places(session: Session, instant: datetime) -> None:
    """Write the end of the places whose booking is over; give back those whose vehicle may not run any more."""
    restees = select(PlaceProposee).where(PlaceProposee.reponse.is_(None)).order_by(PlaceProposee.id)
    for place in session.scalars(restees).all():
        etat = place.reservation.etat(instant)
        try:
            if etat is StatutReservation.PROPOSEE:
                if not _roule(place.reservation):
                    attentes.rendre(session, place, ReponsePlace.RETIREE, instant, par=PLATEFORME)
                continue
            expiree = etat is StatutReservation.EXPIREE
            reponse = ReponsePlace.SANS_REPONSE if expiree else ReponsePlace.RETIREE
            attentes.noter(session, place, reponse, instant, par=PLATEFORME)
            retirer(session, place.reservation, (GenreMessage.PLACE_PROPOSEE,))
        except PlaceDejaRepondue:
            continue  # somebody wrote it meanwhile


def decliner(session: Session, place: PlaceProposee, *, par: Acteur, le: datetime | None = None) -> None:
    """She says no and keeps her rank; the next one is asked at once. Raises ``PlaceDejaRepondue``."""
    instant = le or maintenant()
    attentes.decliner(session, place, par=par, le=instant)
    proposer_les_places(session, instant, structure_id=place.attente.offre.structure_id)


def _roule(reservation: Reservation) -> bool:
    try:
        reservation.vehicule.refuser_si_indisponible(reservation.fin, reservation.debut)
    except RegleMetier:
        return False
    return True


class _Tour:
    """One look at the list: what is asked of the engine once is not asked again."""

    def __init__(self, session: Session, instant: datetime) -> None:
        jour = jour_local(instant)
        self.session, self.instant, self.jour = session, instant, jour
        self.en_vigueur = parametres(jour)
        heures = heures_de_message(jour)
        self._au_plus_tot = heures.apres(instant, HEURE * self.en_vigueur["attente.reponse_min_heures"])
        self._delai = _heure_pleine(heures.apres(instant, HEURE * self.en_vigueur["attente.reponse_heures"]))
        self._convient: dict[tuple[int, int, date], bool] = {}

    def proposer(self, attente: Attente, priorite: Priorite) -> PlaceProposee | None:
        """The place held for one line, if there is one to hold."""
        if attente.debut <= self._au_plus_tot or self._a_deja(attente):
            return None
        for vehicule in self._libres(attente):
            if self._lui_convient(attente, vehicule.offre):
                try:
                    with self.session.begin_nested():
                        return self._tenir(attente, vehicule, priorite)
                except (RegleMetier, IntegrityError):
                    continue  # a rule of the fleet, or somebody who was faster
        return None

    def _a_deja(self, attente: Attente) -> bool:
        """Whether she has a vehicle that rolls on those days, or a place to answer."""
        siennes = select(Reservation).where(
            Reservation.personne_id == attente.personne_id,
            Reservation.statut.in_(OCCUPENT),
            Reservation.debut < attente.fin,
            Reservation.fin > attente.debut,
        )
        return any(
            sienne.statut is StatutReservation.REMISE
            or not sienne.vehicule.raison_d_arret(sienne.debut, sienne.fin)
            for sienne in self.session.scalars(siennes)
        )

    def _libres(self, attente: Attente) -> list[Vehicule]:
        """The free vehicles of the kind she wants, in this structure, that she has not answered: hers first."""
        soeurs = self.session.scalars(
            select(Offre.id).where(
                Offre.structure_id == attente.offre.structure_id,
                Offre.genre == attente.offre.genre,
                Offre.statut == StatutOffre.OUVERTE,
            )
        ).all()
        libres = vehicules_libres(soeurs, attente.debut, attente.fin, le=self.instant)
        repondus = vehicules_deja_repondus(attente)
        trouves = self.session.scalars(libres.where(Vehicule.id.not_in(repondus))).all()
        return sorted(trouves, key=lambda v: (v.offre_id != attente.offre_id, v.offre_id, v.id))

    def _lui_convient(self, attente: Attente, offre: Offre) -> bool:
        depart = jour_local(attente.debut)
        cle = (attente.personne_id, offre.id, depart)
        if cle not in self._convient:
            possibles = vehicules_possibles(
                self.session, attente.personne, self.jour, offre, depart=depart, anonyme=True
            )
            self._convient[cle] = bool(possibles)
        return self._convient[cle]

    def _tenir(self, attente: Attente, vehicule: Vehicule, priorite: Priorite) -> PlaceProposee:
        jusqu_au = min(self._delai, attente.debut)
        reservation = reservations.demander(
            self.session,
            acteur=PLATEFORME,
            offre=vehicule.offre,
            vehicule=vehicule,
            debut=attente.debut,
            fin=attente.fin,
            cle=f"place-{attente.uuid}-{self._rang(attente)}",
            personne_id=attente.personne_id,
            proposee_jusqu_au=jusqu_au,
            le=self.instant,
        )
        place = PlaceProposee(
            attente_id=attente.id,
            reservation_id=reservation.id,
            vehicule_id=vehicule.id,
            points=priorite.points_dits,
            proposee_le=self.instant,
            jusqu_au=jusqu_au,
        )
        self.session.add(place)
        self.session.flush()
        self._dire(attente, reservation, jusqu_au)
        return place

    def _rang(self, attente: Attente) -> int:
        """How many places this line was offered before."""
        dites = select(func.count()).where(PlaceProposee.attente_id == attente.id)
        return self.session.scalars(dites).one()

    def _dire(self, attente: Attente, reservation: Reservation, jusqu_au: datetime) -> None:
        telephone = contact_de(self.session, attente.personne).telephone
        ecrire(
            self.session,
            Brouillon(
                GenreMessage.PLACE_PROPOSEE,
                f"place:reservation:{reservation.id}",
                reservation,
                redaction.place_proposee(reservation, jusqu_au, telephone),
                personne=attente.personne,
                jusqu_au=jusqu_au,
            ),
            self.instant,
        )


def _heure_pleine(instant: datetime) -> datetime:
    """The next whole hour: what is said and heard without mistake."""
    plancher = instant.replace(minute=0, second=0, microsecond=0)
    return plancher if plancher == instant else plancher + HEURE
