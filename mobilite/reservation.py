"""Booking a vehicle: who has which one, from when to when, and never two people at once.

A range is half-open, ``debut`` included and ``fin`` excluded, in UTC; the time to clean or hand over
a vehicle belongs inside it. The guard against overlaps is in the database, on INSERT and UPDATE
alike; the statements here only make its refusal rare and its reasons clear.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    Update,
    false,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Identifie, garder, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.offre import Offre
from mobilite.personnes import Personne

DELAI_DE_REPONSE = timedelta(hours=48)
"""How long a request keeps its vehicle while the partner answers (hypothesis, never past its start)."""

DUREE_MAX = timedelta(days=366)
"""Longer is a typing mistake that would lock a vehicle away."""


class StatutReservation(StrEnum):
    """Where a booking stands. The first three keep the vehicle."""

    DEMANDEE = "demandee"
    CONFIRMEE = "confirmee"
    REMISE = "remise"
    RENDUE = "rendue"
    REFUSEE = "refusee"
    ANNULEE = "annulee"
    EXPIREE = "expiree"

    @property
    def libelle(self) -> str:
        """The status in French, fit for the person."""
        return {
            "demandee": "Demandée, en attente de réponse",
            "confirmee": "Confirmée",
            "remise": "Véhicule remis",
            "rendue": "Véhicule rendu",
            "refusee": "Pas possible cette fois",
            "annulee": "Annulée",
            "expiree": "Sans réponse à temps",
        }[self.value]


OCCUPENT = (StatutReservation.DEMANDEE, StatutReservation.CONFIRMEE, StatutReservation.REMISE)
"""The statuses that keep a vehicle."""


class SansCaution(StrEnum):
    """Why a place is confirmed although nobody saw a deposit."""

    NON_DEMANDEE = "non_demandee"
    AVANCEE = "avancee"
    RENONCEE = "renoncee"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "non_demandee": "L'offre n'en demande pas",
            "avancee": "Un fonds d'aide ou un prescripteur la garantit",
            "renoncee": "La structure y renonce pour cette personne",
        }[self.value]


SUITES: Mapping[StatutReservation, frozenset[StatutReservation]] = {
    StatutReservation.DEMANDEE: frozenset(
        {
            StatutReservation.CONFIRMEE,
            StatutReservation.REFUSEE,
            StatutReservation.ANNULEE,
            StatutReservation.EXPIREE,
        }
    ),
    StatutReservation.CONFIRMEE: frozenset({StatutReservation.REMISE, StatutReservation.ANNULEE}),
    StatutReservation.REMISE: frozenset({StatutReservation.RENDUE}),
}
"""What each status may become; the others are final."""


class DatesRefusees(RegleMetier):
    """The range makes no sense."""

    code = "dates_refusees"


class ReservationDejaTraitee(RegleMetier):
    """Somebody, or the clock, was first: the booking is no longer what the screen showed."""

    code = "reservation_deja_traitee"

    def __init__(self, statut: StatutReservation) -> None:
        super().__init__(
            f"Cette demande a changé entre-temps. Elle est maintenant : {statut.libelle.lower()}."
        )
        self.statut = statut


class PapiersNonVus(RegleMetier):
    """A place is confirmed by somebody who has a name and has seen the papers and the deposit."""

    code = "papiers_non_vus"

    def __init__(self, manquent: Sequence[str]) -> None:
        super().__init__(f"Avant de confirmer, il manque : {', '.join(manquent)}.")


class CleDejaUtilisee(RegleMetier):
    """The same form key came back with another request."""

    code = "cle_deja_utilisee"

    def __init__(self) -> None:
        super().__init__(
            "Cette demande a déjà été envoyée avec d'autres dates. Ouvrez le formulaire à nouveau."
        )


_SANS_CHEVAUCHEMENT = "ex_reservation_sans_chevauchement"


class Reservation(Identifie, Base, kw_only=True):
    """One request for one vehicle, and what became of it.

    ``demandee_par`` is an account number, ``personne`` the dossier it is for (absent once erased).
    ``place_confirmee_par`` is the name of the human who said yes. The transition methods check the
    object in memory, raise the refusal if need be, and return the compare-and-swap statement: run
    it and make sure exactly one row changed.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("debut < fin", name="dans_l_ordre"),
        CheckConstraint("statut <> 'demandee' OR expire_le IS NOT NULL", name="demande_limitee"),
        CheckConstraint(
            "statut NOT IN ('confirmee', 'remise', 'rendue')"
            " OR (COALESCE(place_confirmee_par, '') <> '' AND place_confirmee_le IS NOT NULL)",
            name="place_confirmee",
        ),
        UniqueConstraint("demandee_par", "cle_idempotence"),
        Index(None, "vehicule_id", "debut"),
        ExcludeConstraint(
            (text("int8range(vehicule_id, vehicule_id, '[]')"), "&&"),
            (text("tstzrange(debut, fin, '[)')"), "&&"),
            where=text("statut IN ('demandee', 'confirmee', 'remise')"),
            using="gist",
            name=_SANS_CHEVAUCHEMENT,
        ).ddl_if(dialect="postgresql"),
    )

    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"))
    vehicule: Mapped[Vehicule] = relationship(init=False, lazy="joined", innerjoin=True)
    personne_id: Mapped[int | None] = mapped_column(
        ForeignKey("personne.id", ondelete="SET NULL"), default=None, index=True
    )
    personne: Mapped[Personne | None] = relationship(init=False)
    demandee_par: Mapped[int]
    demandee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    debut: Mapped[datetime]
    fin: Mapped[datetime]
    statut: Mapped[StatutReservation] = mapped_column(default=StatutReservation.DEMANDEE)
    expire_le: Mapped[datetime | None] = mapped_column(default=None)
    papiers_vus_le: Mapped[date | None] = mapped_column(default=None)
    caution_vue_le: Mapped[date | None] = mapped_column(default=None)
    place_confirmee_par: Mapped[str | None] = mapped_column(default=None)
    place_confirmee_le: Mapped[datetime | None] = mapped_column(default=None)
    motif_refus: Mapped[str] = mapped_column(default="")
    cle_idempotence: Mapped[str]

    @classmethod
    def demander(
        cls,
        vehicule: Vehicule,
        *,
        par: Acteur,
        personne_id: int | None,
        debut: datetime,
        fin: datetime,
        cle: str,
        le: datetime | None = None,
    ) -> Reservation:
        """A request that keeps the vehicle until it is answered or ``DELAI_DE_REPONSE`` has passed.

        Raises ``DatesRefusees`` or ``VehiculeIndisponible``.
        """
        instant = le or maintenant()
        verifier_dates(debut, fin, instant)
        vehicule.refuser_si_indisponible(fin)
        return cls(
            vehicule_id=vehicule.id,
            personne_id=personne_id,
            demandee_par=par.id,
            demandee_le=instant,
            debut=debut,
            fin=fin,
            expire_le=min(instant + DELAI_DE_REPONSE, debut),
            cle_idempotence=cle,
        )

    def confirmer(
        self,
        place_confirmee_par: str,
        *,
        papiers_vus_le: date | None,
        caution_vue_le: date | None,
        caution_demandee: bool = True,
        le: datetime | None = None,
    ) -> Update:
        """Say yes, by name, papers and deposit seen. Raises ``PapiersNonVus`` or the refusals below.

        ``caution_demandee=False`` when the offer asks for no deposit.
        """
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.CONFIRMEE, instant)
        manquent = [
            quoi
            for quoi, vu in (
                ("le nom de la personne qui confirme", place_confirmee_par.strip()),
                ("les papiers vus", papiers_vus_le),
                ("la caution vue", caution_vue_le or not caution_demandee),
            )
            if not vu
        ]
        if manquent:
            raise PapiersNonVus(manquent)
        self.vehicule.refuser_si_indisponible(self.fin)
        return self._passer(
            StatutReservation.CONFIRMEE,
            place_confirmee_par=place_confirmee_par.strip(),
            place_confirmee_le=instant,
            papiers_vus_le=papiers_vus_le,
            caution_vue_le=caution_vue_le,
        )

    def refuser(self, motif: str, *, le: datetime | None = None) -> Update:
        """Say no, and why, in words for the person."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.REFUSEE, instant)
        return self._passer(StatutReservation.REFUSEE, motif_refus=motif.strip())

    def annuler(self, *, le: datetime | None = None) -> Update:
        """Give the vehicle back before having it."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.ANNULEE, instant)
        return self._passer(StatutReservation.ANNULEE)

    def remettre(self, *, le: datetime | None = None) -> Update:
        """The keys were handed over."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.REMISE, instant)
        return self._passer(StatutReservation.REMISE)

    def rendre(self, *, le: datetime | None = None) -> Update:
        """The vehicle came back; the days left are free at once."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.RENDUE, instant)
        return self._passer(StatutReservation.RENDUE)

    def deplacer(self, debut: datetime, fin: datetime, *, le: datetime | None = None) -> Update:
        """Ask for other days while nobody has answered; the database refuses an overlap."""
        instant = le or maintenant()
        if self.etat(instant) is not StatutReservation.DEMANDEE:
            raise ReservationDejaTraitee(self.etat(instant))
        verifier_dates(debut, fin, instant)
        self.vehicule.refuser_si_indisponible(fin)
        return self._si_inchangee().values(
            debut=debut, fin=fin, expire_le=min(instant + DELAI_DE_REPONSE, debut)
        )

    def changer_vehicule(self, vehicule: Vehicule, *, le: datetime | None = None) -> Update:
        """Another vehicle of the same structure while nobody has answered; same days, same deadline."""
        instant = le or maintenant()
        if self.etat(instant) is not StatutReservation.DEMANDEE:
            raise ReservationDejaTraitee(self.etat(instant))
        vehicule.refuser_si_indisponible(self.fin)
        return self._si_inchangee().values(vehicule_id=vehicule.id)

    def etat(self, instant: datetime) -> StatutReservation:
        """The status at an instant: a request whose time has passed is expired, written or not."""
        if self.statut is StatutReservation.DEMANDEE and self.expire_le and self.expire_le <= instant:
            return StatutReservation.EXPIREE
        return self.statut

    def telephone_pour(self, acteur: Acteur) -> str | None:
        """Her telephone for somebody: for a partner, only while a place is confirmed, never if discreet."""
        if self.personne is None:
            return None
        if acteur.role is RoleActeur.PARTENAIRE:
            donne = self.statut in (StatutReservation.CONFIRMEE, StatutReservation.REMISE)
            return self.personne.telephone if donne and not self.personne.contact_discret else None
        return self.personne.telephone_pour(acteur)

    def _verifier_suite(self, suite: StatutReservation, instant: datetime) -> None:
        etat = self.etat(instant)
        if suite not in SUITES.get(etat, frozenset()):
            raise ReservationDejaTraitee(etat)

    def _passer(self, suite: StatutReservation, **valeurs: Any) -> Update:
        return self._si_inchangee().values(statut=suite, **valeurs)

    def _si_inchangee(self) -> Update:
        """Compare-and-swap: the update of this row as long as it still says what we read and judged."""
        return (
            update(Reservation)
            .where(
                Reservation.id == self.id,
                Reservation.statut == self.statut,
                Reservation.vehicule_id == self.vehicule_id,
                Reservation.debut == self.debut,
                Reservation.fin == self.fin,
            )
            .execution_options(synchronize_session=False)
        )


def verifier_dates(debut: datetime, fin: datetime, instant: datetime) -> None:
    """Raise ``DatesRefusees`` for a range that is reversed, past, or beyond ``DUREE_MAX``."""
    if debut >= fin:
        raise DatesRefusees("Le retour doit venir après le départ.")
    if debut <= instant:
        raise DatesRefusees("Le départ est déjà passé : choisissez une date à venir.")
    if fin - debut > DUREE_MAX or debut - instant > DUREE_MAX:
        raise DatesRefusees("Ces dates sont trop lointaines : un an au plus.")


def expirer_demandes(instant: datetime, vehicules: Collection[int] | None = None) -> Update:
    """Let go of the requests nobody answered in time, ``RETURNING`` their numbers.

    The transaction that wants a vehicle runs it first: no scheduler is needed for a vehicle to be
    free again. ``vehicules`` limits it to those (``None``: all).
    """
    ordre = update(Reservation).where(
        Reservation.statut == StatutReservation.DEMANDEE, Reservation.expire_le <= instant
    )
    if vehicules is not None:
        ordre = ordre.where(Reservation.vehicule_id.in_(vehicules))
    return (
        ordre.values(statut=StatutReservation.EXPIREE)
        .returning(Reservation.id)
        .execution_options(synchronize_session=False)
    )


def reservations_visibles_par(acteur: Acteur) -> Select[Reservation]:
    """The bookings somebody may open: all for advisers, her own, or those of a partner's vehicles."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.CONSEILLER | RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PERSONNE if acteur.personne_id is not None:
            visible = Reservation.personne_id == acteur.personne_id
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = Reservation.vehicule_id.in_(
                select(Vehicule.id).join(Vehicule.offre).where(Offre.structure_id == acteur.structure_id)
            )
        case _:
            visible = false()
    return select(Reservation).where(visible).order_by(Reservation.debut, Reservation.id)


def est_un_chevauchement(erreur: IntegrityError) -> bool:
    """Whether the database refused two bookings of one vehicle at the same time."""
    return _SANS_CHEVAUCHEMENT in str(erreur.orig)


_GARDE_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON reservation
WHEN NEW.statut IN ('demandee', 'confirmee', 'remise') AND EXISTS (
    SELECT 1 FROM reservation AS autre
    WHERE autre.vehicule_id = NEW.vehicule_id AND autre.id IS NOT {moi}
      AND autre.statut IN ('demandee', 'confirmee', 'remise')
      AND autre.debut < NEW.fin AND NEW.debut < autre.fin)
BEGIN SELECT RAISE(ABORT, 'ex_reservation_sans_chevauchement'); END"""

GARDES_SQLITE = (
    _GARDE_SQLITE.format(nom="reservation_sans_chevauchement_insert", quand="INSERT", moi="NEW.id"),
    _GARDE_SQLITE.format(nom="reservation_sans_chevauchement_update", quand="UPDATE", moi="OLD.id"),
)
garder(Reservation.__table__, sqlite=GARDES_SQLITE)
