"""What the clock says: each function lists the messages that should be there at an instant.

To add one: a sentence in ``redaction``, a kind in ``GenreMessage``, a function here, a line in
``ECHEANCES``. It is written once, and withdrawn by itself when the function lists it no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from mobilite.base import jour_local
from mobilite.course_solidaire import CourseSolidaire, StatutCourse
from mobilite.disponibilite import garde_les_cles, vehicules_libres
from mobilite.flotte import Vehicule
from mobilite.heures_calmes import HeuresDeMessage
from mobilite.liste_attente import PlaceProposee, ReponsePlace, attentes_ouvertes
from mobilite.notification import GenreMessage
from mobilite.offre import Offre, StatutOffre, offres_ouvertes
from mobilite.parametres import Parametres, parametres
from mobilite.parcours import Parcours
from mobilite.prescription import EtatPrescription, Prescription, a_relancer
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web.contact import contact_de
from web.messages import redaction
from web.messages.boite import Brouillon, accorder
from web.parc import echeances_du_parc
from web.parcours import GenrePoint, points_a_faire
from web.passages import Passage
from web.referentiel import heures_de_message


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, its numbers and its hours."""

    instant: datetime
    en_vigueur: Parametres
    heures: HeuresDeMessage

    @property
    def jour(self) -> date:
        """The day it is in France."""
        return jour_local(self.instant)

    def rappel(self, debut: datetime, depuis: datetime | None) -> int | None:
        """Which reminder it is time for, in days before ``debut``: the last one whose moment has come.

        None whose moment came before ``depuis``, when it was agreed: she has just been told.
        """
        jour, heure = jour_local(debut), int(self.en_vigueur["message.rappel_heure"])
        moments = {
            jours: self.heures.jours_avant(jour, jours, heure)
            for jours in (self._jours("rappel_premier"), self._jours("rappel_dernier"))
        }
        venus = [
            jours
            for jours, moment in moments.items()
            if moment <= self.instant and (depuis is None or depuis < moment)
        ]
        return min(venus, default=None)

    def echeance(self, valable_au: date) -> int | None:
        """Which notice it is time for, in days before the last valid day."""
        reste = (valable_au - self.jour).days
        a_temps = [
            j for j in (self._jours("echeance_premiere"), self._jours("echeance_derniere")) if reste <= j
        ]
        return min(a_temps, default=None) if reste >= 0 else None

    def _jours(self, quoi: str) -> int:
        return int(self.en_vigueur[f"message.{quoi}_jours"])


def moment(instant: datetime) -> Moment:
    """The numbers and hours in force at an instant."""
    jour = jour_local(instant)
    return Moment(instant, parametres(jour), heures_de_message(jour))


def rappels_de_vehicules(session: Session, m: Moment) -> Iterator[Brouillon]:
    """Three days, then one day before she takes a vehicle that was confirmed; none to who has it already."""
    proches = select(Reservation).where(
        Reservation.statut == StatutReservation.CONFIRMEE,
        Reservation.debut > m.instant,
        Reservation.debut < m.instant + timedelta(days=15),
        Reservation.personne_id.is_not(None),
        ~garde_les_cles(),
    )
    ordre = proches.options(selectinload(Reservation.personne)).order_by(Reservation.id)
    for reservation in session.scalars(ordre):
        if (jours := m.rappel(reservation.debut, reservation.place_confirmee_le)) is None:
            continue
        if reservation.vehicule.raison_d_arret(reservation.debut, reservation.fin):
            continue  # told otherwise: nobody is sent to a vehicle that has stopped
        yield Brouillon(
            GenreMessage.RAPPEL_VEHICULE,
            f"rappel:reservation:{reservation.id}:vehicule:{reservation.vehicule_id}"
            f":{reservation.debut.isoformat()}:j-{jours}",
            reservation,
            redaction.rappel_vehicule(reservation),
            personne=reservation.personne,
            jusqu_au=reservation.debut,
        )


def rappels_de_trajets(session: Session, m: Moment) -> Iterator[Brouillon]:
    """Three days, then one day before a volunteer picks her up."""
    proches = select(CourseSolidaire).where(
        CourseSolidaire.statut == StatutCourse.ACCEPTEE,
        CourseSolidaire.prise_en_charge > m.instant,
        CourseSolidaire.prise_en_charge < m.instant + timedelta(days=15),
    )
    for course in session.scalars(proches.order_by(CourseSolidaire.id)):
        jours = m.rappel(course.prise_en_charge, None)
        if jours is None or course.demande.personne is None:
            continue
        yield Brouillon(
            GenreMessage.RAPPEL_TRAJET,
            f"rappel:course:{course.id}:{course.prise_en_charge.isoformat()}:j-{jours}",
            course,
            redaction.rappel_trajet(course),
            personne=course.demande.personne,
            jusqu_au=course.prise_en_charge,
        )


def demandes_sans_reponse(session: Session, m: Moment) -> Iterator[Brouillon]:
    """Some hours before a request closes by itself, or before the last evening it can still be told."""
    ouvertes = select(Reservation).where(
        Reservation.statut == StatutReservation.DEMANDEE, Reservation.expire_le > m.instant
    )
    avant = timedelta(hours=m.en_vigueur["message.demande_avant_heures"])
    ordre = ouvertes.options(selectinload(Reservation.personne)).order_by(Reservation.id)
    for reservation in session.scalars(ordre):
        fin = reservation.expire_le
        if fin is None or m.instant < m.heures.derniere(fin - avant):
            continue
        titre, texte = redaction.demande_a_repondre(reservation)
        yield Brouillon(
            GenreMessage.DEMANDE_A_REPONDRE,
            f"sans-reponse:reservation:{reservation.id}:{fin.isoformat()}",
            reservation,
            texte,
            titre,
            personne=reservation.personne,
            structure=reservation.vehicule.offre.structure,
            jusqu_au=fin,
        )


def vehicules_liberes(session: Session, m: Moment) -> Iterator[Brouillon]:
    """A vehicle is free for the days somebody waits for, and cannot be offered to her by itself any more.

    There is no time left for her to answer, or she did not answer: the structure does as it thinks best.
    """
    trop_tard = m.heures.apres(m.instant, timedelta(hours=m.en_vigueur["attente.reponse_min_heures"]))
    for attente in session.scalars(attentes_ouvertes(m.instant)):
        muettes = session.scalars(
            select(PlaceProposee.vehicule_id).where(
                PlaceProposee.attente_id == attente.id, PlaceProposee.reponse == ReponsePlace.SANS_REPONSE
            )
        ).all()
        if attente.debut > trop_tard and not muettes:
            continue
        soeurs = session.scalars(
            select(Offre.id).where(
                Offre.structure_id == attente.offre.structure_id,
                Offre.genre == attente.offre.genre,
                Offre.statut == StatutOffre.OUVERTE,
            )
        ).all()
        libres = vehicules_libres(soeurs, attente.debut, attente.fin, le=m.instant)
        if attente.debut > trop_tard:
            libres = libres.where(Vehicule.id.in_(muettes))
        libre = session.scalars(libres.limit(1)).first()
        if libre is None:
            continue
        titre, texte = redaction.vehicule_libere(libre, *attente.jours)
        yield Brouillon(
            GenreMessage.VEHICULE_LIBERE,
            f"libere:attente:{attente.id}:vehicule:{libre.id}",
            attente,
            texte,
            titre,
            personne=attente.personne,
            structure=attente.offre.structure,
            jusqu_au=attente.debut,
        )


def echeances_des_vehicules(session: Session, m: Moment) -> Iterator[Brouillon]:
    """An inspection or an insurance ends in a month, in a week."""
    fin = m.jour + timedelta(days=366)
    ordre = select(Vehicule).where(
        Vehicule.en_service,
        or_(Vehicule.ct_valable_au.between(m.jour, fin), Vehicule.assurance_valable_au.between(m.jour, fin)),
    )
    for vehicule in session.scalars(ordre.order_by(Vehicule.id)):
        for quoi, valable_au in (
            ("Contrôle technique", vehicule.ct_valable_au),
            ("Assurance", vehicule.assurance_valable_au),
        ):
            jours = None if valable_au is None else m.echeance(valable_au)
            if valable_au is None or jours is None:
                continue
            titre, texte = redaction.echeance_vehicule(vehicule, quoi, valable_au)
            yield Brouillon(
                GenreMessage.ECHEANCE_VEHICULE,
                f"echeance:vehicule:{vehicule.id}:{quoi.split()[0].casefold()}:{valable_au}:j-{jours}",
                vehicule,
                texte,
                titre,
                structure=vehicule.offre.structure,
            )


def entretiens_a_faire(session: Session, m: Moment) -> Iterator[Brouillon]:
    """What the maintenance plan of a vehicle asks: a month before, a week before, then once when it is late."""
    for echeance in echeances_du_parc(session, m.jour, jours=31):
        if echeance.bloque:
            continue  # inspection and insurance have their own notices
        jours = None if echeance.le is None else m.echeance(echeance.le)
        if jours is None and not echeance.en_retard:
            continue
        vehicule = echeance.vehicule
        # A day that is projected moves with each reading; the kilometres it is due at do not.
        du = echeance.km if echeance.km is not None else echeance.le
        titre, texte = redaction.entretien_a_faire(
            vehicule, echeance.quoi, None if echeance.en_retard else echeance.le, echeance.estime
        )
        yield Brouillon(
            GenreMessage.ENTRETIEN_A_FAIRE,
            f"entretien:vehicule:{vehicule.id}:{echeance.quoi.casefold()[:40]}:{du}"
            f":{'retard' if echeance.en_retard else f'j-{jours}'}",
            vehicule,
            texte,
            titre,
            structure=vehicule.offre.structure,
        )


def points_du_parcours(session: Session, m: Moment) -> Iterator[Brouillon]:
    """A review with her is due, or news are to be taken. What is decided without her is no message."""
    for point in points_a_faire(session, m.jour):
        if point.genre not in _DITS_A_ELLE or point.en_retard(m.jour):
            continue
        parcours = session.get_one(Parcours, point.objet_id)
        telephone = contact_de(session, parcours.personne).telephone
        texte = (
            redaction.faire_le_point(point.avant, telephone)
            if point.genre is GenrePoint.REVUE
            else redaction.prendre_des_nouvelles(telephone)
        )
        yield Brouillon(
            GenreMessage.POINT_A_FAIRE,
            f"point:{point.genre.value}:{point.objet_id}:{point.avant}",
            parcours,
            texte,
            personne=parcours.personne,
        )


_DITS_A_ELLE = frozenset({GenrePoint.REVUE, GenrePoint.CONTACT})


def prescriptions_a_relancer(session: Session, m: Moment) -> Iterator[Brouillon]:
    """Who sent somebody is told at the tenth day that nobody answered yet, then at the thirtieth."""
    sans_reponse = a_relancer(m.jour).options(selectinload(Prescription.structure))
    for prescription in session.scalars(sans_reponse):
        if prescription.structure is None:
            continue  # it came by telephone: the adviser's list alone says it is late
        expiree = prescription.etat(m.jour) is EtatPrescription.EXPIREE
        titre, texte = redaction.orientation_sans_reponse(jour_local(prescription.envoyee_le), expiree)
        yield Brouillon(
            GenreMessage.ORIENTATION_SANS_REPONSE,
            f"orientation:{prescription.id}:{'expiree' if expiree else 'relance'}",
            prescription,
            texte,
            titre,
            structure=prescription.structure,
        )


def offres_anciennes(session: Session, m: Moment) -> Iterator[Brouillon]:
    """Once a month, to each structure, the offers nobody has looked at for long."""
    limite = m.jour - timedelta(days=m.en_vigueur["confiance.offre_ancienne_jours"])
    anciennes = offres_ouvertes().where(or_(Offre.verifiee_le.is_(None), Offre.verifiee_le < limite))
    par_structure: defaultdict[int, list[Offre]] = defaultdict(list)
    for offre in session.scalars(anciennes):
        par_structure[offre.structure_id].append(offre)
    for structure_id, offres in sorted(par_structure.items()):
        titre, texte = redaction.offres_a_verifier(offres)
        yield Brouillon(
            GenreMessage.OFFRES_A_VERIFIER,
            f"offres:structure:{structure_id}:{m.jour:%Y-%m}",
            offres[0].structure,
            texte,
            titre,
            structure=offres[0].structure,
        )


ECHEANCES: Mapping[GenreMessage, Callable[[Session, Moment], Iterable[Brouillon]]] = {
    GenreMessage.RAPPEL_VEHICULE: rappels_de_vehicules,
    GenreMessage.RAPPEL_TRAJET: rappels_de_trajets,
    GenreMessage.DEMANDE_A_REPONDRE: demandes_sans_reponse,
    GenreMessage.VEHICULE_LIBERE: vehicules_liberes,
    GenreMessage.ECHEANCE_VEHICULE: echeances_des_vehicules,
    GenreMessage.ENTRETIEN_A_FAIRE: entretiens_a_faire,
    GenreMessage.OFFRES_A_VERIFIER: offres_anciennes,
    GenreMessage.POINT_A_FAIRE: points_du_parcours,
    GenreMessage.ORIENTATION_SANS_REPONSE: prescriptions_a_relancer,
}


def ecrire_les_echeances(session: Session, passage: Passage, *, genres: Collection[GenreMessage]) -> int:
    """The work of a task: make the outbox say what the clock says of these kinds."""
    m = moment(passage.instant)
    return sum(accorder(session, genre, ECHEANCES[genre](session, m), passage.instant) for genre in genres)
