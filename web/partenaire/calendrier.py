"""The month of the fleet, vehicle by vehicle: what is out, what is asked, what is off the road; and its address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session, selectinload

from mobilite.agenda import AdresseAgenda, adresse_en_service
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import en_retard
from mobilite.flotte import Vehicule, dernier_jour, immobilisations
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from mobilite.structure import Structure
from web.acces import acteur_courant
from web.agenda import en_ics, en_reponse, nom_du_fichier, pour_la_flotte, revisions_de
from web.calendrier import UN_JOUR, lire_mois, minuit, plus_de_mois
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_reservation, sa_structure
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Calendrier", "calendrier", rang=2)

_FINIES = (StatutReservation.RENDUE, StatutReservation.CLOTUREE)


@dataclass(frozen=True, slots=True)
class Inscription:
    """One booking as the partner reads it on the calendar: a first name, days, where it stands.

    Not back when it should be, it goes on until today, and ``en_retard_depuis`` says since when.
    """

    uuid: UUID
    prenom: str
    du: date
    au: date
    etat: StatutReservation
    a_nouveau_libre: datetime | None
    en_retard_depuis: date | None = None

    @property
    def incertaine(self) -> bool:
        """Whether nobody has confirmed it yet."""
        return self.etat in (StatutReservation.PROPOSEE, StatutReservation.DEMANDEE)

    @property
    def ouvrable(self) -> bool:
        """Whether the structure has a page for it: not while it is only offered."""
        return self.etat is not StatutReservation.PROPOSEE

    @property
    def finie(self) -> bool:
        """Whether the vehicle has come back."""
        return self.etat in _FINIES


@dataclass(frozen=True, slots=True)
class Bande:
    """Days of one line in a row: a booking (``inscription``), or days on which nobody has the vehicle."""

    du: date
    au: date
    inscription: Inscription | None = None
    hors_service: bool = False

    @property
    def jours(self) -> int:
        """How many columns it takes."""
        return (self.au - self.du).days + 1


@dataclass(frozen=True, slots=True)
class Ligne:
    """One vehicle and its month. ``arrets``: days off the road, both included, and why if it was said."""

    vehicule: Vehicule
    bandes: tuple[Bande, ...]
    inscriptions: tuple[Inscription, ...]
    arrets: tuple[tuple[date, date], ...]


@partenaire.get("/calendrier")
def calendrier() -> str:
    """Who has what this month; a line a vehicle, a bar a booking, and the same in words."""
    aujourdhui = jour_local(maintenant())
    premier = lire_mois(request.args.get("mois", "")) or aujourdhui.replace(day=1)
    with lecture() as session:
        structure = sa_structure(session)
        return render_template(
            "partenaire/calendrier.html",
            structure=structure,
            premier=premier,
            jours=_jours(premier),
            lignes=lignes_du_mois(session, structure, premier, maintenant()),
            avant=plus_de_mois(premier, -1),
            apres=plus_de_mois(premier, 1),
            aujourdhui=aujourdhui,
        )


def lignes_du_mois(session: Session, structure: Structure, premier: date, instant: datetime) -> list[Ligne]:
    """The vehicles of a structure and what happens to each in a month: five queries in all."""
    debut, fin = minuit(premier), minuit(plus_de_mois(premier, 1))
    vehicules = session.scalars(
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.structure_id == structure.id)
        .order_by(Offre.nom, Vehicule.libelle, Vehicule.id)
    ).all()
    inscrites: defaultdict[int, list[Inscription]] = defaultdict(list)
    montrees = select(Reservation).where(
        Reservation.vehicule_id.in_([v.id for v in vehicules]),
        Reservation.debut < fin,
        or_(Reservation.libre_le > debut, en_retard(instant) if debut <= instant else false()),
        Reservation.statut.in_((*OCCUPENT, *_FINIES)),
    )
    en_retards = set(session.scalars(montrees.with_only_columns(Reservation.id).where(en_retard(instant))))
    for reservation in session.scalars(
        montrees.options(
            selectinload(Reservation.personne).load_only(Personne.prenom, Personne.contact_discret)
        ).order_by(Reservation.debut, Reservation.id)
    ):
        if reservation.etat(instant) is not StatutReservation.EXPIREE:
            retard = reservation.id in en_retards
            inscrites[reservation.vehicule_id].append(_inscription(reservation, instant, retard=retard))
    arrets: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    for vehicule_id, de, a, _ in session.execute(immobilisations([v.id for v in vehicules], debut, fin)):
        arrets[vehicule_id].append((jour_local(max(de, debut)), dernier_jour(min(a or fin, fin))))
    return [_ligne(v, premier, inscrites[v.id], arrets[v.id]) for v in vehicules]


def _inscription(reservation: Reservation, instant: datetime, *, retard: bool) -> Inscription:
    personne = reservation.personne
    plus_tard = reservation.libre_le > reservation.fin and not retard
    # Given back early, the days left are free at once.
    au = dernier_jour(max(reservation.debut + UN_JOUR, min(reservation.fin, reservation.libre_le)))
    proposee = reservation.statut is StatutReservation.PROPOSEE
    return Inscription(
        uuid=reservation.uuid,
        # Only offered to somebody of the waiting list: she has not said yes, her name is not told.
        prenom=personne.prenom if personne and not proposee else "Une personne",
        du=jour_local(reservation.debut),
        au=jour_local(instant) if retard else au,
        etat=reservation.etat(instant),
        a_nouveau_libre=reservation.libre_le if plus_tard else None,
        en_retard_depuis=jour_local(reservation.fin) if retard else None,
    )


def _ligne(
    vehicule: Vehicule,
    premier: date,
    inscriptions: Sequence[Inscription],
    arrets: Sequence[tuple[date, date]],
) -> Ligne:
    jours = _jours(premier)
    # Two people may share a day, one bringing back and one leaving: the bar goes to the one who leaves.
    qui: dict[date, Inscription] = {}
    for inscription in sorted(inscriptions, key=lambda i: (not i.finie, i.du)):
        jour = max(inscription.du, jours[0])
        while jour <= min(inscription.au, jours[-1]):
            qui[jour] = inscription
            jour += UN_JOUR
    arretes = {jour for jour in jours if _arrete(vehicule, jour, arrets)}
    return Ligne(
        vehicule=vehicule,
        bandes=tuple(_bandes(jours, qui, arretes)),
        inscriptions=tuple(inscriptions),
        arrets=tuple(arrets),
    )


def _arrete(vehicule: Vehicule, jour: date, arrets: Sequence[tuple[date, date]]) -> bool:
    limite = vehicule.dernier_jour_sur_la_route
    return (
        not vehicule.en_service
        or (limite is not None and limite[0] < jour)
        or (vehicule.entre_le is not None and jour < vehicule.entre_le)
        or any(du <= jour <= au for du, au in arrets)
    )


def _bandes(jours: Sequence[date], qui: dict[date, Inscription], arretes: set[date]) -> Iterator[Bande]:
    """The month as cells: a booking in one piece, every other day on its own."""
    rang = 0
    while rang < len(jours):
        jour, inscription = jours[rang], qui.get(jours[rang])
        fin = rang
        while inscription is not None and fin + 1 < len(jours) and qui.get(jours[fin + 1]) is inscription:
            fin += 1
        yield Bande(jour, jours[fin], inscription, hors_service=inscription is None and jour in arretes)
        rang = fin + 1


def _jours(premier: date) -> list[date]:
    combien = (plus_de_mois(premier, 1) - premier).days
    return [premier + rang * UN_JOUR for rang in range(combien)]


@partenaire.get("/demande/<uuid:uuid>/agenda.ics")
def mettre_a_l_agenda(uuid: UUID) -> Response:
    """One booking as a file for the structure's calendar: the vehicle and an initial."""
    instant = maintenant()
    with lecture() as session:
        reservation = sa_reservation(session, uuid)
        revision = revisions_de(session, [reservation])[reservation.id]
        texte = en_ics([pour_la_flotte(reservation, revision, instant)])
        return en_reponse(texte, nom_du_fichier(jour_local(reservation.debut)))


@partenaire.get("/calendrier/adresse")
def adresse_agenda() -> str:
    """Whether an address works, since when; how to have one, change it, or stop it."""
    with lecture() as session:
        return _page_adresse(session)


@partenaire.post("/calendrier/adresse")
def donner_adresse_agenda() -> str:
    """A new address, shown once; the former one stops at once."""
    secret = _donner()
    with lecture() as session:
        return _page_adresse(session, url_for("agenda.flux", secret=secret, _external=True))


@partenaire.post("/calendrier/adresse/retirer")
def retirer_adresse_agenda() -> ResponseReturnValue:
    """No address works any more."""
    _retirer()
    flash("L’adresse ne marche plus. Les agendas qui la lisaient ne recevront plus rien.")
    return redirect(url_for("partenaire.adresse_agenda"), 303)


def _page_adresse(session: Session, adresse: str = "") -> str:
    structure = sa_structure(session)
    return render_template(
        "partenaire/agenda.html",
        structure=structure,
        en_service=session.scalars(adresse_en_service(structure.id)).one_or_none(),
        adresse=adresse,
    )


@reessayer
def _donner() -> str:
    with transaction() as session:
        structure = _la_structure(session)
        _arreter(session, structure)
        nouvelle, secret = AdresseAgenda.donner(structure.id, acteur_courant())
        session.add(nouvelle)
        session.flush()
        session.add(consigner(acteur_courant(), Evenement.AGENDA_OUVERT, nouvelle, structure=structure.id))
        return secret


@reessayer
def _retirer() -> None:
    with transaction() as session:
        _arreter(session, _la_structure(session))


def _la_structure(session: Session) -> Structure:
    """The structure, held until the end: two hands do not give two addresses."""
    return session.get_one(Structure, acteur_courant().structure_id, with_for_update=True)


def _arreter(session: Session, structure: Structure) -> None:
    ancienne = session.scalars(adresse_en_service(structure.id)).one_or_none()
    if ancienne is not None:
        ancienne.retiree_le = maintenant()
        session.flush()
        session.add(consigner(acteur_courant(), Evenement.AGENDA_RETIRE, ancienne, structure=structure.id))
