"""Bookings as other calendars read them (RFC 5545): one in a file, a whole fleet at a secret address.

A calendar program copies what it reads to other machines: a file says no more than its reader needs.
``SEQUENCE`` and ``DTSTAMP`` come from the journal, so that the same booking is the same event until
something happens to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from mobilite.agenda import adresse_de
from mobilite.base import PARIS, maintenant
from mobilite.flotte import Vehicule
from mobilite.journal import LigneJournal
from mobilite.liste_attente import sans_les_places_passees
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from web.acces import ouvrir
from web.debits import debits, par_adresse
from web.formats import jour, telephone
from web.referentiel import referentiel
from web.transaction import lecture

if TYPE_CHECKING:
    from icalendar import Timezone

agenda = Blueprint("agenda", __name__, url_prefix="/agenda")
ouvrir(agenda, "flux")

PASSE = timedelta(days=30)
A_VENIR = timedelta(days=366)
FUSEAU = "Europe/Paris"
_PRODUIT = "-//Mobilite solidaire//Reservations//FR"
_SANS_SUITE = (
    StatutReservation.REFUSEE,
    StatutReservation.ANNULEE,
    StatutReservation.EXPIREE,
    StatutReservation.ABSENTE,
)

_INCERTAINES = (StatutReservation.PROPOSEE, StatutReservation.DEMANDEE)


@dataclass(frozen=True, slots=True)
class Revision:
    """How many times a booking has changed, and when last."""

    rang: int
    le: datetime


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """One event, before it is written: what its reader may know of a booking."""

    uid: str
    revision: Revision
    debut: datetime
    fin: datetime
    etat: StatutReservation
    titre: str
    lieu: str
    texte: str = ""
    adresse: str = ""

    @property
    def statut(self) -> str:
        """What calendars understand: asked, sure, or over."""
        if self.etat in _SANS_SUITE:
            return "CANCELLED"
        return "TENTATIVE" if self.etat in _INCERTAINES else "CONFIRMED"


@agenda.get("/<secret>.ics")
@debits.limit("120 per hour", key_func=par_adresse)
def flux(secret: str) -> Response:
    """The bookings of a structure, for whoever holds its address; 404 for any other."""
    instant = maintenant()
    with lecture() as session:
        structure_id = session.scalars(adresse_de(secret)).one().structure_id
        reservations = session.scalars(
            select(Reservation)
            .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
            .join(Offre, Offre.id == Vehicule.offre_id)
            .where(
                Offre.structure_id == structure_id,
                Reservation.fin > instant - PASSE,
                Reservation.debut < instant + A_VENIR,
                # Only offered to somebody, and never accepted: once over, the structure reads nothing of it.
                or_(Reservation.statut == StatutReservation.PROPOSEE, sans_les_places_passees()),
            )
            .options(selectinload(Reservation.personne).load_only(Personne.prenom, Personne.contact_discret))
            .order_by(Reservation.debut, Reservation.id)
        ).all()
        revisions = revisions_de(session, reservations)
        texte = en_ics(
            [pour_la_flotte(r, revisions[r.id], instant) for r in reservations], "Véhicules réservés"
        )
    reponse = en_reponse(texte, "vehicules.ics")
    reponse.headers["X-Robots-Tag"] = "noindex"
    return reponse


def revisions_de(session: Session, reservations: Collection[Reservation]) -> Mapping[int, Revision]:
    """The revision of each booking, by its number, from the journal: one query."""
    lignes = session.execute(
        select(LigneJournal.objet_id, func.count(), func.max(LigneJournal.survenu_le))
        .where(
            LigneJournal.objet_type == Reservation.__tablename__,
            LigneJournal.objet_id.in_([r.id for r in reservations]),
        )
        .group_by(LigneJournal.objet_id)
    )
    ecrites = {numero: Revision(combien - 1, le) for numero, combien, le in lignes}
    return {r.id: ecrites.get(r.id) or Revision(0, r.demandee_le) for r in reservations}


def pour_elle(
    reservation: Reservation, revision: Revision, apporter: Iterable[str], instant: datetime
) -> Rendezvous:
    """Her own: what, where, what to bring, whom to call."""
    structure = reservation.vehicule.offre.structure
    lignes = [f"Véhicule prêté par {structure.nom}."]
    if choses := list(apporter):
        lignes.append(f"À apporter : {' ; '.join(choses)}.")
    if structure.telephone:
        lignes.append(f"Une question ? Appelez le {telephone(structure.telephone)}.")
    return _rendezvous(reservation, revision, instant, reservation.vehicule.libelle, "\n".join(lignes))


def pour_la_conseillere(
    reservation: Reservation, revision: Revision, adresse: str, instant: datetime
) -> Rendezvous:
    """The adviser's: the vehicle and initials; the dossier says the rest."""
    titre = f"{reservation.vehicule.libelle}, {initiales(reservation.personne, avec_le_nom=True)}"
    return _rendezvous(reservation, revision, instant, titre, "", adresse)


def pour_la_flotte(reservation: Reservation, revision: Revision, instant: datetime) -> Rendezvous:
    """The partner's: the vehicle and one initial; when the vehicle may leave again."""
    proposee = reservation.statut is StatutReservation.PROPOSEE
    titre = reservation.vehicule.libelle
    if reservation.etat(instant) not in _SANS_SUITE:
        # Only offered to somebody of the waiting list: not even her initial, and no page to answer on.
        titre = f"{titre}, {'proposé' if proposee else initiales(reservation.personne)}"
    texte = ""
    if reservation.libre_le > reservation.fin:
        texte = f"Véhicule à nouveau prêt {jour(reservation.libre_le)}."
    page = url_for("partenaire.voir_demande", uuid=reservation.uuid, _external=True)
    adresse = "" if proposee else page
    return _rendezvous(reservation, revision, instant, titre, texte, adresse)


def initiales(personne: Personne | None, *, avec_le_nom: bool = False) -> str:
    """« N. » or « N. B. »; « réservé » for somebody erased, or who hides from somebody."""
    if personne is None or personne.contact_discret:
        return "réservé"
    mots = [personne.prenom, personne.nom if avec_le_nom else ""]
    return " ".join(f"{mot[0].upper()}." for mot in mots if mot)


def commune_du_vehicule(offre: Offre) -> str:
    """Where the vehicles of an offer are fetched: what its sheet says, else the commune of its structure."""
    insee = offre.fiche.get("lieu") or offre.structure.commune
    return referentiel().nom(str(insee)) if insee else ""


def _rendezvous(
    reservation: Reservation,
    revision: Revision,
    instant: datetime,
    titre: str,
    texte: str,
    adresse: str = "",
) -> Rendezvous:
    etat = reservation.etat(instant)
    # A request whose time has passed is over, written or not: the line to come counts already.
    passee = etat is not reservation.statut
    if passee and reservation.expire_le is not None:
        revision = Revision(revision.rang + 1, reservation.expire_le)
    if etat in _INCERTAINES:
        titre = f"{titre} (pas encore confirmé)"
    elif etat in _SANS_SUITE:
        titre = f"{titre} (annulé)"
    offre = reservation.vehicule.offre
    return Rendezvous(
        uid=str(reservation.uuid),
        revision=revision,
        debut=reservation.debut,
        fin=reservation.fin,
        etat=etat,
        titre=titre,
        lieu=", ".join(mot for mot in (offre.structure.nom, commune_du_vehicule(offre)) if mot),
        texte=texte,
        adresse=adresse,
    )


def en_ics(rendezvous: Sequence[Rendezvous], nom: str = "") -> bytes:
    """The calendar of these events, with the time zone they are told in."""
    from icalendar import Calendar, Event  # noqa: PLC0415  (heavy: no other page needs it)

    calendrier = Calendar()
    calendrier.add("prodid", _PRODUIT)
    calendrier.add("version", "2.0")
    calendrier.add("calscale", "GREGORIAN")
    if nom:
        calendrier.add("x-wr-calname", nom)
        calendrier.add("x-wr-timezone", FUSEAU)
    calendrier.add_component(_fuseau())
    for r in rendezvous:
        evenement = Event()
        evenement.add("uid", r.uid)
        evenement.add("dtstamp", r.revision.le)
        evenement.add("last-modified", r.revision.le)
        evenement.add("sequence", r.revision.rang)
        evenement.add("dtstart", r.debut.astimezone(PARIS))
        evenement.add("dtend", r.fin.astimezone(PARIS))
        evenement.add("summary", r.titre)
        evenement.add("status", r.statut)
        # A vehicle at hand keeps nobody from a meeting.
        evenement.add("transp", "TRANSPARENT")
        evenement.add("class", "PRIVATE")
        for propriete, valeur in (("location", r.lieu), ("description", r.texte), ("url", r.adresse)):
            if valeur:
                evenement.add(propriete, valeur)
        calendrier.add_component(evenement)
    return bytes(calendrier.to_ical())


def _fuseau() -> Timezone:
    """The clocks of France, by the rule of the European Union since 1996 (directive 2000/84/CE).

    Written here because what the library draws from the time zone puts the night of March one hour late.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard  # noqa: PLC0415

    fuseau = Timezone()
    fuseau.add("tzid", FUSEAU)
    hiver, ete = timedelta(hours=1), timedelta(hours=2)
    for saison, nom, depuis, mois, avant, apres in (
        # The clock on the wall before it changes: it has no zone.
        (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), 3, hiver, ete),  # noqa: DTZ001
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, ete, hiver),  # noqa: DTZ001
    ):
        saison.add("tzname", nom)
        saison.add("dtstart", depuis)
        saison.add("tzoffsetfrom", avant)
        saison.add("tzoffsetto", apres)
        saison.add("rrule", {"freq": "yearly", "bymonth": mois, "byday": "-1su"})
        fuseau.add_component(saison)
    return fuseau


def en_reponse(texte: bytes, nom: str) -> Response:
    """A calendar to download; ``nom`` is its file name."""
    reponse = Response(texte, mimetype="text/calendar")
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


def nom_du_fichier(debut: date) -> str:
    """« vehicule-2026-12-01.ics »: a day, and nothing of anybody."""
    return f"vehicule-{debut.isoformat()}.ics"
