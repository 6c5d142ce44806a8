"""Each kind of thing that waits for an adviser, made for one person; and what is done so that it waits no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from mobilite.besoin import MotifDeplacement
from mobilite.cercle import MembreCercle, Portee
from mobilite.demande_transport import StatutDemande
from mobilite.liste_attente import Attente, PlaceProposee, ReponsePlace
from mobilite.motif_reservation import MotifSansSuite
from mobilite.notification import Canal, EtatMessage, GenreMessage, Message
from mobilite.parcours import Parcours
from mobilite.personnes import Personne
from mobilite.plan import PlanActions, StatutAction
from mobilite.prescription import FormeAccord, GenrePrescripteur, Prescription
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import (
    CONSEILLERE,
    LUNDI,
    VUS,
    un_vehicule,
    une_demande_de_transport,
    une_offre,
    une_structure,
)
from web.conseiller.travail.a_faire import GenreTravail

JOUR = LUNDI.date()
_rangs = count(1)


def une_reservation(session: Session, elle: Personne, **choix: Any) -> Reservation:
    """Her booking of a car of its own, to come unless said otherwise."""
    vehicule = un_vehicule(une_offre())
    session.add(vehicule)
    session.flush()
    defauts: dict[str, Any] = {
        "vehicule_id": vehicule.id,
        "personne_id": elle.id,
        "demandee_par": CONSEILLERE.id,
        "debut": LUNDI + timedelta(days=2),
        "fin": LUNDI + timedelta(days=4),
        "cle_idempotence": f"cle-{next(_rangs)}",
        "place_confirmee_par": VUS["place_confirmee_par"],
        "place_confirmee_le": LUNDI,
    }
    reservation = Reservation(**(defauts | choix))
    session.add(reservation)
    session.flush()
    return reservation


@dataclass(frozen=True)
class Fini:
    """What makes something done: these values on this row."""

    objet: Any
    valeurs: dict[str, Any]

    def ecrire(self, session: Session) -> None:
        table = type(self.objet)
        session.execute(update(table).where(table.id == self.objet.id).values(**self.valeurs))


Faire = Callable[[Session, Personne], Fini]
"""Makes something due for somebody; gives back what makes it done."""


def poser(objet: object, **valeurs: Any) -> Fini:
    """What sets these fields once it is done."""
    return Fini(objet, valeurs)


def un_vehicule_arrete(session: Session, elle: Personne) -> Fini:
    reservation = une_reservation(session, elle, statut=StatutReservation.CONFIRMEE)
    session.refresh(reservation)
    reservation.vehicule.en_service = False
    return poser(reservation.vehicule, en_service=True)


def une_absence(session: Session, elle: Personne) -> Fini:
    reservation = une_reservation(
        session,
        elle,
        statut=StatutReservation.ABSENTE,
        motif=MotifSansSuite.TRANSPORT,
        debut=LUNDI - timedelta(days=3),
        fin=LUNDI - timedelta(days=1),
    )
    return poser(reservation, recontactee_le=JOUR)


def un_appel(session: Session, elle: Personne) -> Fini:
    message = Message(
        genre=GenreMessage.PLACE_CONFIRMEE,
        canal=Canal.APPEL,
        personne_id=elle.id,
        texte="Votre place est confirmée.",
        cle=f"fait-{next(_rangs)}",
        objet_type="reservation",
        objet_id=1,
        a_partir_du=LUNDI - timedelta(hours=1),
        jusqu_au=LUNDI + timedelta(days=1),
    )
    session.add(message)
    return poser(message, etat=EtatMessage.FAIT, parti_le=LUNDI)


def une_orientation(session: Session, elle: Personne) -> Fini:
    fiche = Prescription(
        genre=GenrePrescripteur.CCAS,
        prescripteur="Awa",
        envoyee_par=CONSEILLERE.id,
        cle=f"fiche-{next(_rangs)}",
        prenom=elle.prenom,
        motif=MotifDeplacement.EMPLOI,
        accord_comment=FormeAccord.ORAL,
        accord_le=JOUR,
        relance_le=JOUR + timedelta(days=10),
        expire_le=JOUR + timedelta(days=30),
        personne_id=elle.id,
    )
    session.add(fiche)
    return poser(fiche, retiree_le=LUNDI)


def une_demande(session: Session, elle: Personne) -> Fini:
    reservation = une_reservation(session, elle, expire_le=LUNDI + timedelta(days=1))
    return poser(reservation, statut=StatutReservation.REFUSEE)


def une_demande_sans_reponse(session: Session, elle: Personne) -> Fini:
    """Nobody answered, written or not; then she has something else."""
    hier = LUNDI - timedelta(days=1)
    une_reservation(session, elle, expire_le=hier, demandee_le=hier - timedelta(days=2))
    autre = une_reservation(session, elle, statut=StatutReservation.ANNULEE)
    return poser(autre, statut=StatutReservation.CONFIRMEE)


def une_place_gardee(session: Session, elle: Personne) -> Fini:
    reservation = une_reservation(
        session, elle, statut=StatutReservation.PROPOSEE, expire_le=LUNDI + timedelta(days=1)
    )
    session.refresh(reservation)
    attente = Attente(
        personne_id=elle.id,
        offre_id=reservation.vehicule.offre_id,
        debut=reservation.debut,
        fin=reservation.fin,
        demandee_par=CONSEILLERE.id,
        cle_idempotence=f"attente-{next(_rangs)}",
    )
    session.add(attente)
    session.flush()
    place = PlaceProposee(
        attente_id=attente.id,
        reservation_id=reservation.id,
        vehicule_id=reservation.vehicule_id,
        points=1.0,
        jusqu_au=LUNDI + timedelta(days=1),
    )
    session.add(place)
    return poser(place, reponse=ReponsePlace.NON, repondue_le=LUNDI)


def un_transport(session: Session, elle: Personne) -> Fini:
    structure = une_structure()
    session.add(structure)
    session.flush()
    demande = une_demande_de_transport(structure, elle)
    session.add(demande)
    return poser(demande, statut=StatutDemande.ANNULEE)


def une_etape(session: Session, elle: Personne, *, champ: str = "echeance", jours: int = 7) -> Fini:
    plan = PlanActions(personne=elle)
    etape = plan.ajouter_etape("Appeler le garage", CONSEILLERE)
    setattr(etape, champ, JOUR + timedelta(days=jours))
    session.add(plan)
    return poser(etape, statut=StatutAction.FAITE)


def un_rendez_vous_passe(session: Session, elle: Personne) -> Fini:
    return une_etape(session, elle, champ="le", jours=-1)


def une_location_qui_finit(session: Session, elle: Personne) -> Fini:
    reservation = une_reservation(
        session,
        elle,
        statut=StatutReservation.REMISE,
        debut=LUNDI - timedelta(days=20),
        fin=LUNDI + timedelta(days=3),
    )
    return poser(reservation, statut=StatutReservation.RENDUE)


def un_accord_qui_finit(session: Session, elle: Personne) -> Fini:
    membre = MembreCercle(
        personne_id=elle.id,
        nom="Awa Diallo",
        portee=Portee.PLAN,
        du=JOUR - timedelta(days=30),
        jusqu_au=JOUR + timedelta(days=2),
        accord_le=JOUR - timedelta(days=30),
        note_par=CONSEILLERE.id,
    )
    session.add(membre)
    return poser(membre, retire_le=LUNDI)


def un_point(session: Session, elle: Personne) -> Fini:
    parcours = Parcours(personne=elle, ouvert_le=JOUR, prochaine_revue=JOUR + timedelta(days=1))
    session.add(parcours)
    return poser(parcours, prochaine_revue=JOUR + timedelta(days=42))


def personne_ne_la_suit(session: Session, elle: Personne) -> Fini:
    elle.conseiller_id = None
    return poser(elle, conseiller_id=CONSEILLERE.id)


SOURCES: dict[Faire, GenreTravail] = {
    un_vehicule_arrete: GenreTravail.RELOGEMENT,
    une_absence: GenreTravail.ABSENCE,
    un_appel: GenreTravail.APPEL,
    une_orientation: GenreTravail.ORIENTATION,
    une_demande: GenreTravail.REPONSE,
    une_demande_sans_reponse: GenreTravail.SANS_REPONSE,
    une_place_gardee: GenreTravail.REPONSE,
    un_transport: GenreTravail.REPONSE,
    une_etape: GenreTravail.ETAPE,
    un_rendez_vous_passe: GenreTravail.ETAPE,
    une_location_qui_finit: GenreTravail.FIN,
    un_accord_qui_finit: GenreTravail.FIN,
    un_point: GenreTravail.POINT,
    personne_ne_la_suit: GenreTravail.A_PRENDRE,
}
