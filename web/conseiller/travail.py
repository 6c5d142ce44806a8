"""What waits for an adviser, from every room of the house, as one list.

Each source is a small function that reads one kind of thing with an indexed query and says it in a sentence;
a new one is added to ``SOURCES``, in one line. A source gives its ``AU_PLUS`` most pressing things at most:
the number of queries and of rows does not grow with the dossiers.

The order, said on the page: what has a day first, the oldest day on top; on one day, by kind, in the order of
``GenreTravail``; then what has no day, whoever has waited longest on top.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from mobilite.acteur import Acteur
from mobilite.base import jour_local
from mobilite.course_solidaire import CourseSolidaire, StatutCourse
from mobilite.covoiturage import DemandeCovoiturage, StatutCovoiturage
from mobilite.demande_transport import DemandeDeTransport, StatutDemande
from mobilite.flotte import dernier_jour
from mobilite.liste_attente import Attente, PlaceProposee, places_ouvertes
from mobilite.notification import Canal, GenreMessage, Message
from mobilite.parametres import parametres
from mobilite.parcours import MembreCercle
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions, StatutAction
from mobilite.prescription import Prescription, Urgence, a_repondre
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.structure import Structure
from web.conseiller.messages import messages_a_faire
from web.formats import heure
from web.parcours import GenrePoint, points_a_faire
from web.relogement import reservations_a_reloger
from web.reservations import absences_a_suivre

AU_PLUS = 200
"""Lines of one source: beyond, the most pressing ones are done first, and the others come after them."""


class GenreTravail(StrEnum):
    """What is to be done, the most pressing kind first."""

    RELOGEMENT = "relogement"
    ABSENCE = "absence"
    APPEL = "appel"
    ORIENTATION = "orientation"
    REPONSE = "reponse"
    ETAPE = "etape"
    FIN = "fin"
    POINT = "point"
    A_PRENDRE = "a_prendre"

    @property
    def rang(self) -> int:
        """Its place on one day."""
        return list(GenreTravail).index(self)

    @property
    def libelle(self) -> str:
        """The kind, as the name of a filter."""
        return _LIBELLES[self][1]

    def compte(self, nombre: int) -> str:
        """« 1 appel à faire », « 3 appels à faire », « plus de 200 … » when the list is cut."""
        combien = f"plus de {AU_PLUS}" if nombre >= AU_PLUS else str(nombre)
        return f"{combien} {_LIBELLES[self][nombre > 1]}"


_LIBELLES: dict[GenreTravail, tuple[str, str]] = {
    GenreTravail.RELOGEMENT: ("véhicule arrêté", "véhicules arrêtés"),
    GenreTravail.ABSENCE: ("personne à rappeler", "personnes à rappeler"),
    GenreTravail.APPEL: ("appel à faire", "appels à faire"),
    GenreTravail.ORIENTATION: ("orientation à répondre", "orientations à répondre"),
    GenreTravail.REPONSE: ("réponse attendue", "réponses attendues"),
    GenreTravail.ETAPE: ("étape à échéance", "étapes à échéance"),
    GenreTravail.FIN: ("fin proche", "fins proches"),
    GenreTravail.POINT: ("point à faire", "points à faire"),
    GenreTravail.A_PRENDRE: ("dossier sans conseiller", "dossiers sans conseiller"),
}


@dataclass(frozen=True, slots=True)
class Travail:
    """One thing to do.

    ``numero`` is the number of what it hangs on; ``avant`` its last day, ``depuis`` since when it waits when
    it has none; ``repere`` says what that day is. ``endpoint`` is the page where it is done, ``ancre`` the place
    on it; ``dossier``: it is a page of her dossier, otherwise ``objet`` is what it is about, if anything. ``geste``: the address of what is done from the list itself.
    """

    genre: GenreTravail
    numero: int
    pourquoi: str
    personne_id: int | None = None
    qui: str = ""
    avant: date | None = None
    depuis: date | None = None
    endpoint: str = "conseiller.dossier"
    dossier: bool = True
    objet: UUID | None = None
    ancre: str = ""
    repere: str = "avant le"
    geste: str = ""

    @property
    def ordre(self) -> tuple[date, int, date, int, int]:
        """The one order of the list: nothing else decides."""
        return (
            self.avant or date.max,
            self.genre.rang,
            self.depuis or date.max,
            self.personne_id or 0,
            self.numero,
        )


@dataclass(frozen=True, slots=True)
class LigneTravail:
    """One line as it is shown: who, why, by when, where it is done."""

    travail: Travail
    uuid: UUID | None
    qui: str
    pourquoi: str
    discret: bool
    adresse: str

    def en_retard(self, le: date) -> bool:
        """Whether its day has gone by."""
        return self.travail.avant is not None and self.travail.avant < le


@dataclass(frozen=True, slots=True)
class FileDeTravail:
    """One page of the list, and how many there are of each kind."""

    lignes: list[LigneTravail]
    comptes: dict[GenreTravail, int]
    genre: GenreTravail | None
    page: int
    pages: int

    @property
    def total(self) -> int:
        """Every kind together."""
        return sum(self.comptes.values())


Source = Callable[[Session, Acteur, datetime], Iterable[Travail]]


def file_de_travail(
    session: Session,
    acteur: Acteur,
    instant: datetime,
    *,
    genre: GenreTravail | None,
    page: int,
    par_page: int,
) -> FileDeTravail:
    """What waits for this adviser at an instant, a page at a time, all kinds or only one."""
    tout = sorted((t for source in SOURCES for t in source(session, acteur, instant)), key=lambda t: t.ordre)
    comptes = Counter(t.genre for t in tout)
    voulu = [t for t in tout if genre is None or t.genre is genre]
    pages = max(1, -(-len(voulu) // par_page))
    page = min(max(1, page), pages)
    return FileDeTravail(
        lignes=_lignes(session, voulu[(page - 1) * par_page : page * par_page]),
        comptes={g: comptes[g] for g in GenreTravail if comptes[g]},
        genre=genre,
        page=page,
        pages=pages,
    )


def _lignes(session: Session, travaux: list[Travail]) -> list[LigneTravail]:
    """Names are read for the lines of the page only, all at once."""
    numeros = {t.personne_id for t in travaux if t.personne_id is not None}
    elles = {
        p.id: p
        for p in session.execute(
            select(
                Personne.id,
                Personne.uuid,
                Personne.prenom,
                Personne.nom,
                Personne.contact_discret,
                Personne.en_attente,
            ).where(Personne.id.in_(numeros))
        )
    }
    lignes = []
    for t in travaux:
        elle = elles.get(t.personne_id) if t.personne_id is not None else None
        uuid = elle.uuid if elle is not None and t.dossier else t.objet
        valeurs: dict[str, Any] = {} if uuid is None else {"uuid": uuid}
        en_attente = elle is not None and elle.en_attente
        lignes.append(
            LigneTravail(
                travail=t,
                uuid=elle.uuid if elle is not None else None,
                qui=f"{elle.prenom} {elle.nom}".strip() if elle is not None else t.qui,
                # What was put aside stays aside: somebody else may be sitting at the desk.
                pourquoi="Son dossier est en attente : reprenez-le pour lire pourquoi."
                if en_attente
                else t.pourquoi,
                discret=elle is not None and elle.contact_discret,
                adresse=url_for(t.endpoint, _anchor=t.ancre or None, **valeurs),
            )
        )
    return lignes


def suivie_par(acteur: Acteur) -> ColumnElement[bool]:
    """The people whose work is hers: those she follows, and those nobody does."""
    return or_(Personne.conseiller_id == acteur.id, Personne.conseiller_id.is_(None))


def _horizon(le: date) -> date:
    return le + timedelta(days=int(parametres(le)["suivi.annonce_jours"]))


def _fin_du_jour(le: date, instant: datetime) -> datetime:
    """An instant by which every instant of the day ``le`` is over, daylight saving included."""
    return instant + timedelta(days=(le - jour_local(instant)).days + 1)


def vehicules_arretes(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Bookings whose vehicle cannot serve them: another has to be found with her."""
    siennes = Reservation.personne_id.in_(select(Personne.id).where(suivie_par(acteur)))
    for reservation, raison in reservations_a_reloger(session, instant, seulement=siennes)[:AU_PLUS]:
        yield Travail(
            GenreTravail.RELOGEMENT,
            reservation.id,
            f"« {reservation.vehicule.libelle} » {raison} : une autre solution est à voir avec elle.",
            reservation.personne_id,
            avant=jour_local(reservation.debut),
            ancre="reservations",
        )


def absences(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Those who could not come to the vehicle: to be called, for another way of coming."""
    siennes = absences_a_suivre().join(Personne, Personne.id == Reservation.personne_id)
    for r in session.scalars(siennes.where(suivie_par(acteur)).limit(AU_PLUS)):
        motif = r.motif.libelle if r.motif else ""
        yield Travail(
            GenreTravail.ABSENCE,
            r.id,
            f"Elle n'a pas pu venir chercher « {r.vehicule.libelle} ». {motif}.",
            r.personne_id,
            avant=jour_local(r.debut),
            repere="le",
            ancre="reservations",
            geste=url_for("conseiller.recontactee", reservation_uuid=r.uuid),
        )


def appels(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The calls that replace a message."""
    requete = (
        messages_a_faire(acteur, Canal.APPEL, instant)
        .outerjoin(Structure, Structure.id == Message.structure_id)
        .with_only_columns(
            Message.id,
            Message.uuid,
            Message.genre,
            Message.personne_id,
            Message.a_partir_du,
            Message.jusqu_au,
            Structure.nom,
        )
        .limit(AU_PLUS)
    )
    for numero, uuid, genre, personne_id, a_partir_du, jusqu_au, structure in session.execute(requete):
        a_qui = f"Appeler {structure}" if structure else "L'appeler"
        quand = f" avant {heure(jusqu_au)}" if jusqu_au is not None else ""
        yield Travail(
            GenreTravail.APPEL,
            numero,
            f"{a_qui}{quand} : {GenreMessage(genre).libelle.lower()}.",
            personne_id,
            qui=structure or "",
            avant=jour_local(jusqu_au) if jusqu_au else None,
            depuis=jour_local(a_partir_du),
            endpoint="conseiller.messages",
            dossier=False,
            ancre=f"message-{uuid}",
        )


def orientations(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The fiches that wait for their answer: of people nobody follows yet, or whom she follows."""
    siennes = select(Personne.id).where(suivie_par(acteur))
    requete = (
        a_repondre()
        .where(or_(Prescription.personne_id.is_(None), Prescription.personne_id.in_(siennes)))
        .options(selectinload(Prescription.structure))
        .limit(AU_PLUS)
    )
    for fiche in session.scalars(requete):
        urgence = "" if fiche.urgence is Urgence.ORDINAIRE else f" {fiche.urgence.libelle}."
        yield Travail(
            GenreTravail.ORIENTATION,
            fiche.id,
            f"Envoyée par {fiche.de_qui} : une réponse lui est due.{urgence}",
            fiche.personne_id,
            qui=fiche.nom_complet,
            avant=fiche.relance_le,
            endpoint="conseiller.orientation",
            dossier=False,
            objet=fiche.uuid,
        )


def demandes_de_vehicules(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """What a fleet has not answered yet."""
    requete = (
        select(Reservation)
        .join(Personne, Personne.id == Reservation.personne_id)
        .where(
            Reservation.statut == StatutReservation.DEMANDEE,
            Reservation.expire_le > instant,
            suivie_par(acteur),
        )
        .order_by(Reservation.expire_le, Reservation.id)
        .limit(AU_PLUS)
    )
    for r in session.scalars(requete):
        limite = f", au plus tard à {heure(r.expire_le)}" if r.expire_le else ""
        yield Travail(
            GenreTravail.REPONSE,
            r.id,
            f"Réponse attendue de {r.vehicule.offre.structure.nom} pour « {r.vehicule.libelle} »{limite}.",
            r.personne_id,
            avant=jour_local(r.expire_le) if r.expire_le else None,
            ancre="reservations",
        )


def places_tenues(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Vehicles kept for somebody of the waiting list until she says yes or no."""
    requete = (
        places_ouvertes(instant)
        .join(Attente)
        .join(Personne, Personne.id == Attente.personne_id)
        .where(suivie_par(acteur))
        .limit(AU_PLUS)
        .options(selectinload(PlaceProposee.attente), selectinload(PlaceProposee.reservation))
    )
    for place in session.scalars(requete):
        yield Travail(
            GenreTravail.REPONSE,
            place.id,
            f"« {place.reservation.vehicule.libelle} » est gardé pour elle jusqu'à {heure(place.jusqu_au)} :"
            " elle dit oui ou non.",
            place.attente.personne_id,
            avant=jour_local(place.jusqu_au),
            endpoint="conseiller.vehicules_attendus",
            dossier=False,
        )


def transports_sans_benevole(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Solidarity trips nobody has accepted yet."""
    acceptee = exists().where(
        CourseSolidaire.demande_id == DemandeDeTransport.id,
        CourseSolidaire.statut.in_((StatutCourse.ACCEPTEE, StatutCourse.CONDUITE)),
    )
    requete = (
        select(DemandeDeTransport)
        .join(Personne, Personne.id == DemandeDeTransport.personne_id)
        .where(
            DemandeDeTransport.statut == StatutDemande.OUVERTE,
            DemandeDeTransport.jour >= jour_local(instant),
            ~acceptee,
            suivie_par(acteur),
        )
        .order_by(DemandeDeTransport.jour, DemandeDeTransport.id)
        .limit(AU_PLUS)
    )
    for demande in session.scalars(requete):
        yield Travail(
            GenreTravail.REPONSE,
            demande.id,
            f"Pas encore de bénévole : {demande.structure.nom} n'a pas répondu.",
            demande.personne_id,
            avant=demande.jour,
            repere="pour le",
            ancre="transports",
        )


def covoiturages_sans_reponse(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Rides no driver has answered yet."""
    requete = (
        select(DemandeCovoiturage)
        .join(Personne, Personne.id == DemandeCovoiturage.personne_id)
        .where(DemandeCovoiturage.statut == StatutCovoiturage.DEMANDEE, suivie_par(acteur))
        .order_by(DemandeCovoiturage.demandee_le, DemandeCovoiturage.id)
        .limit(AU_PLUS)
    )
    for demande in session.scalars(requete):
        yield Travail(
            GenreTravail.REPONSE,
            demande.id,
            f"{demande.trajet.structure.nom} n'a pas encore la réponse du conducteur.",
            demande.personne_id,
            depuis=jour_local(demande.demandee_le),
            endpoint="conseiller.conducteurs",
        )


_OUVERTES = [statut for statut in StatutAction if statut.ouverte]


def etapes(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The steps of the plans whose last day comes, and the rendez-vous whose day has gone by."""
    le = jour_local(instant)
    vues: set[int] = set()
    siennes = select(Personne.id).where(suivie_par(acteur))
    for colonne, au, repere, phrase in (
        (Action.echeance, _horizon(le), "avant le", "« {} » est à faire."),
        (Action.le, le - timedelta(days=1), "le", "« {} » : le jour est passé, est-ce fait ?"),
    ):
        requete: Select[int, UUID, str, date | None, int] = (
            select(Action.id, Action.uuid, Action.intitule, colonne, PlanActions.personne_id)
            .join(PlanActions, PlanActions.id == Action.plan_id)
            .where(Action.statut.in_(_OUVERTES), colonne <= au, PlanActions.personne_id.in_(siennes))
            .order_by(colonne, Action.id)
            .limit(AU_PLUS)
        )
        for numero, uuid, intitule, jour, personne_id in session.execute(requete):
            if numero not in vues:
                vues.add(numero)
                yield Travail(
                    GenreTravail.ETAPE,
                    numero,
                    phrase.format(intitule),
                    personne_id,
                    avant=jour,
                    repere=repere,
                    endpoint="conseiller.plan",
                    ancre=f"action-{uuid}",
                )


def locations_qui_finissent(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Vehicles that are out and come back soon, or should be back already."""
    le = jour_local(instant)
    requete = (
        select(Reservation)
        .join(Personne, Personne.id == Reservation.personne_id)
        .where(
            Reservation.statut == StatutReservation.REMISE,
            Reservation.fin <= _fin_du_jour(_horizon(le), instant),
            suivie_par(acteur),
        )
        .order_by(Reservation.fin, Reservation.id)
        .limit(AU_PLUS)
    )
    for r in session.scalars(requete):
        jour = dernier_jour(r.fin)
        phrase = (
            "devait être rendu : appelez-la."
            if jour < le
            else "est à rendre : prolonger, ou préparer la suite."
        )
        yield Travail(
            GenreTravail.FIN,
            r.id,
            f"« {r.vehicule.libelle} » {phrase}",
            r.personne_id,
            avant=jour,
            repere="le",
            ancre="reservations",
        )


def accords_qui_finissent(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Her agreements with the professionals of her circle, before they end by themselves."""
    le = jour_local(instant)
    requete = (
        select(MembreCercle)
        .join(Personne, Personne.id == MembreCercle.personne_id)
        .where(
            MembreCercle.retire_le.is_(None),
            MembreCercle.jusqu_au >= le,
            MembreCercle.jusqu_au <= _horizon(le),
            suivie_par(acteur),
        )
        .order_by(MembreCercle.jusqu_au, MembreCercle.id)
        .limit(AU_PLUS)
    )
    for membre in session.scalars(requete):
        yield Travail(
            GenreTravail.FIN,
            membre.id,
            f"Son accord avec {membre.nom or membre.structure} se termine : à redire avec elle.",
            membre.personne_id,
            avant=membre.jusqu_au,
            endpoint="conseiller.parcours",
            ancre="cercle",
        )


_ANCRES = {
    GenrePoint.REVUE: "entretien",
    GenrePoint.REORIENTATION: "reorientation",
    GenrePoint.CONTACT: "contact",
}


def points(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """Reviews, re-orientations to decide, news to take six months after."""
    dus = points_a_faire(session, jour_local(instant), suivies=suivie_par(acteur), au_plus=AU_PLUS)
    for point in dus:
        yield Travail(
            GenreTravail.POINT,
            point.objet_id,
            f"{point.genre.libelle}.",
            point.personne_id,
            avant=point.avant,
            endpoint="conseiller.parcours",
            ancre=_ANCRES[point.genre],
        )


def sans_conseiller(session: Session, acteur: Acteur, instant: datetime) -> Iterator[Travail]:
    """The people nobody follows: every adviser sees them, and takes one in one click."""
    requete = (
        select(Personne.id, Personne.uuid, Personne.creee_le)
        .where(Personne.conseiller_id.is_(None))
        .order_by(Personne.creee_le, Personne.id)
        .limit(AU_PLUS)
    )
    for numero, uuid, creee_le in session.execute(requete):
        yield Travail(
            GenreTravail.A_PRENDRE,
            numero,
            "Personne ne la suit.",
            numero,
            depuis=jour_local(creee_le),
            geste=url_for("conseiller.prendre", uuid=uuid),
        )


SOURCES: tuple[Source, ...] = (
    vehicules_arretes,
    absences,
    appels,
    orientations,
    demandes_de_vehicules,
    places_tenues,
    transports_sans_benevole,
    covoiturages_sans_reponse,
    etapes,
    locations_qui_finissent,
    accords_qui_finissent,
    points,
    sans_conseiller,
)
