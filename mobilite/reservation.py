"""Booking a vehicle: who has which one, from when to when, and never two people at once.

A range is half-open, ``debut`` included and ``fin`` excluded, in UTC. ``libre_le`` is ``fin`` and the
time the fleet needs before the next person: the vehicle is hers in [debut, libre_le), and that is the
range everything judges. The guard against overlaps is in the database, on INSERT and UPDATE alike; the
statements here only make its refusal rare and its reasons clear.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
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
from mobilite.base import Base, Document, Identifie, garder, jour_local, maintenant
from mobilite.flotte import Vehicule
from mobilite.motif_reservation import CanalDemande, MotifRefus, MotifSansSuite, SansCaution
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.refus_reservation import (
    DatesRefusees,
    PapiersNonVus,
    PlaceDejaConfirmee,
    ReservationDejaTraitee,
)
from mobilite.regles_de_flotte import SANS_REGLE, Regles
from mobilite.statut_reservation import LIMITEES, MOBILES, SUITES, StatutReservation

DUREE_MAX = timedelta(days=366)
"""Longer is a typing mistake that would lock a vehicle away."""


_A_LA_FIN = datetime.min.replace(tzinfo=UTC)
_SANS_CHEVAUCHEMENT = "ex_reservation_sans_chevauchement"


class Reservation(Identifie, Base, kw_only=True):
    """One request for one vehicle, and what became of it.

    ``demandee_par`` is an account number, ``personne`` the dossier it is for (absent once erased).
    ``place_confirmee_par`` is the name of the human who said yes. ``documents_vus`` says the day each
    document was seen (``{text: ISO day}``): never a copy. ``renouvelle_id`` is the booking this one
    continues. ``motif`` is why it was given up, or why she did not come. The transition methods check the
    object in memory, raise the refusal if need be, and return the compare-and-swap statement: run
    it and make sure exactly one row changed.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("debut < fin", name="dans_l_ordre"),
        # Returned early, it is free before the end that was asked.
        CheckConstraint(
            "debut <= libre_le"
            " AND (statut NOT IN ('proposee', 'demandee', 'confirmee', 'remise') OR fin <= libre_le)",
            name="libre_apres",
        ),
        CheckConstraint(
            "statut NOT IN ('proposee', 'demandee') OR expire_le IS NOT NULL", name="demande_limitee"
        ),
        CheckConstraint(
            "statut NOT IN ('confirmee', 'remise', 'rendue', 'cloturee', 'absente')"
            " OR (COALESCE(place_confirmee_par, '') <> '' AND place_confirmee_le IS NOT NULL)",
            name="place_confirmee",
        ),
        UniqueConstraint("demandee_par", "cle_idempotence"),
        CheckConstraint("statut <> 'absente' OR motif IS NOT NULL", name="absence_dite"),
        Index(None, "vehicule_id", "libre_le"),
        # The lists of the day: an adviser's by status, a fleet's by vehicle. Never partial: SQLite does not use
        # a partial index for a status that comes as a parameter.
        Index(None, "statut", "expire_le"),
        Index(None, "statut", "fin"),
        Index(None, "vehicule_id", "statut", "fin"),
        ExcludeConstraint(
            (text("int8range(vehicule_id, vehicule_id, '[]')"), "&&"),
            (text("tstzrange(debut, libre_le, '[)')"), "&&"),
            where=text("statut IN ('proposee', 'demandee', 'confirmee', 'remise')"),
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
    libre_le: Mapped[datetime] = mapped_column(default=_A_LA_FIN)
    statut: Mapped[StatutReservation] = mapped_column(default=StatutReservation.DEMANDEE)
    expire_le: Mapped[datetime | None] = mapped_column(default=None)
    papiers_vus_le: Mapped[date | None] = mapped_column(default=None)
    documents_vus: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    caution_vue_le: Mapped[date | None] = mapped_column(default=None)
    sans_caution: Mapped[SansCaution | None] = mapped_column(default=None)
    sans_caution_mot: Mapped[str] = mapped_column(default="")
    prescrite_par: Mapped[str] = mapped_column(default="")
    prescrite_le: Mapped[date | None] = mapped_column(default=None)
    place_confirmee_par: Mapped[str | None] = mapped_column(default=None)
    place_confirmee_le: Mapped[datetime | None] = mapped_column(default=None)
    remise_le: Mapped[datetime | None] = mapped_column(default=None)
    rendue_le: Mapped[datetime | None] = mapped_column(default=None)
    code_refus: Mapped[MotifRefus | None] = mapped_column(default=None)
    motif_refus: Mapped[str] = mapped_column(default="")
    motif: Mapped[MotifSansSuite | None] = mapped_column(default=None)
    recontactee_le: Mapped[date | None] = mapped_column(default=None)
    canal: Mapped[CanalDemande] = mapped_column(default=CanalDemande.EN_LIGNE)
    renouvelle_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), default=None, index=True)
    cle_idempotence: Mapped[str]

    def __post_init__(self) -> None:
        """Without a word from the fleet, the vehicle is free at the end."""
        if self.libre_le == _A_LA_FIN:
            self.libre_le = self.fin

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
        regles: Regles = SANS_REGLE,
        canal: CanalDemande = CanalDemande.EN_LIGNE,
        prescrite_par: str = "",
        prescrite_le: date | None = None,
        renouvelle: Reservation | None = None,
        le: datetime | None = None,
    ) -> Reservation:
        """A request that keeps the vehicle until it is answered or the fleet's time has passed.

        ``renouvelle``: the booking it continues, whose papers need not be shown again. Raises ``DatesRefusees`` or ``VehiculeIndisponible``.
        """
        instant = le or maintenant()
        verifier_dates(debut, fin, instant)
        vehicule.refuser_si_indisponible(fin, debut)
        return cls(
            vehicule_id=vehicule.id,
            personne_id=personne_id,
            demandee_par=par.id,
            demandee_le=instant,
            debut=debut,
            fin=fin,
            libre_le=regles.libre_le(fin),
            expire_le=regles.expire_le(instant, debut),
            canal=canal,
            prescrite_par=prescrite_par.strip(),
            prescrite_le=prescrite_le,
            documents_vus=dict(renouvelle.documents_vus) if renouvelle else {},
            renouvelle_id=renouvelle.id if renouvelle else None,
            cle_idempotence=cle,
        )

    def proposer(self, jusqu_au: datetime) -> None:
        """Before it is stored: it is held for her yes, until then; who confirms is not asked yet."""
        self.statut, self.expire_le = StatutReservation.PROPOSEE, jusqu_au

    def accepter(self, expire_le: datetime, *, le: datetime | None = None) -> Update:
        """She says yes to what was held for her: a request like any other, to be answered by then."""
        instant = le or maintenant()
        if self.statut is not StatutReservation.PROPOSEE:
            raise ReservationDejaTraitee(self.etat(instant))
        self._verifier_suite(StatutReservation.DEMANDEE, instant)
        return self._passer(StatutReservation.DEMANDEE, demandee_le=instant, expire_le=expire_le)

    def confirmer(
        self,
        place_confirmee_par: str,
        *,
        papiers_vus_le: date | None,
        caution_vue_le: date | None,
        caution_demandee: bool = True,
        documents: Sequence[str] = (),
        documents_vus: Mapping[str, date] = MappingProxyType({}),
        regles: Regles = SANS_REGLE,
        prescrite_par: str = "",
        prescrite_le: date | None = None,
        sans_caution: SansCaution | None = None,
        sans_caution_mot: str = "",
        le: datetime | None = None,
    ) -> Update:
        """Say yes, by name, papers and deposit seen. Raises ``PapiersNonVus`` or the refusals below.

        ``documents`` are those that must be shown; what was seen before counts. ``caution_demandee=False``
        when the offer asks for no deposit. ``sans_caution`` is why none was seen; to go without one that is
        asked, ``sans_caution_mot`` says why.
        """
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.CONFIRMEE, instant)
        vus = self.documents_vus | {quoi: jour.isoformat() for quoi, jour in documents_vus.items()}
        par, prescrite = prescrite_par.strip() or self.prescrite_par, prescrite_le or self.prescrite_le
        renonce = sans_caution is SansCaution.RENONCEE and caution_demandee
        manquent = [
            quoi
            for quoi, vu in (
                ("le nom de la personne qui confirme", place_confirmee_par.strip()),
                ("les papiers vus", papiers_vus_le),
                *((f"« {document} », vu le …", document in vus) for document in documents),
                (
                    "la fiche d'orientation : qui l'a faite, quel jour",
                    not regles.prescription_requise or (par and prescrite),
                ),
                ("la caution vue", caution_vue_le or not caution_demandee or sans_caution is not None),
                ("la caution : cette flotte la demande toujours", regles.caution_dispensable or not renonce),
                ("pourquoi la structure renonce à la caution", not renonce or sans_caution_mot.strip()),
            )
            if not vu
        ]
        if manquent:
            raise PapiersNonVus(manquent)
        self.vehicule.refuser_si_indisponible(self.fin, self.debut)
        return self._passer(
            StatutReservation.CONFIRMEE,
            place_confirmee_par=place_confirmee_par.strip(),
            place_confirmee_le=instant,
            papiers_vus_le=papiers_vus_le,
            documents_vus=vus,
            caution_vue_le=caution_vue_le,
            sans_caution=sans_caution,
            sans_caution_mot=sans_caution_mot.strip(),
            prescrite_par=par,
            prescrite_le=prescrite,
        )

    def noter_papiers(self, vus: Mapping[str, date], *, le: datetime | None = None) -> Update:
        """Some papers were seen while the request waits; never a copy of them."""
        instant = le or maintenant()
        if self.etat(instant) is not StatutReservation.DEMANDEE:
            raise ReservationDejaTraitee(self.etat(instant))
        ensemble = self.documents_vus | {quoi: jour.isoformat() for quoi, jour in vus.items()}
        return self._si_inchangee().values(documents_vus=ensemble)

    def refuser(self, motif: str, *, code: MotifRefus | None = None, le: datetime | None = None) -> Update:
        """Say no, and why, in words for the person."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.REFUSEE, instant)
        return self._passer(StatutReservation.REFUSEE, motif_refus=motif.strip(), code_refus=code)

    def annuler(self, *, motif: MotifSansSuite | None = None, le: datetime | None = None) -> Update:
        """Give the vehicle back before having it, and why if it was said."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.ANNULEE, instant)
        return self._passer(StatutReservation.ANNULEE, motif=motif)

    def remettre(self, *, le: datetime | None = None) -> Update:
        """The keys were handed over."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.REMISE, instant)
        return self._passer(StatutReservation.REMISE, remise_le=instant)

    def rendre(self, *, tampon: timedelta = timedelta(0), le: datetime | None = None) -> Update:
        """The vehicle came back; the days left are free once ``tampon`` has passed, never later than said."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.RENDUE, instant)
        libre_le = max(self.debut, min(self.libre_le, instant + tampon))
        return self._passer(StatutReservation.RENDUE, rendue_le=instant, libre_le=libre_le)

    def clore(self, *, le: datetime | None = None) -> Update:
        """Everything is settled: papers, deposit, price."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.CLOTUREE, instant)
        return self._passer(StatutReservation.CLOTUREE)

    def noter_absente(self, motif: MotifSansSuite, *, le: datetime | None = None) -> Update:
        """She did not come for the keys; the vehicle is free at once. Never before the hour agreed."""
        instant = le or maintenant()
        self._verifier_suite(StatutReservation.ABSENTE, instant)
        if instant < self.debut:
            raise DatesRefusees("L'heure du rendez-vous n'est pas encore passée. Attendez, ou annulez.")
        return self._passer(StatutReservation.ABSENTE, motif=motif)

    def deplacer(
        self,
        debut: datetime,
        fin: datetime,
        *,
        regles: Regles = SANS_REGLE,
        accord: bool = False,
        le: datetime | None = None,
    ) -> Update:
        """Other days for the same vehicle; the database refuses an overlap.

        A request moves as long as nobody has answered; a confirmed place only with her ``accord``.
        """
        instant = le or maintenant()
        etat = self.etat(instant)
        if etat not in MOBILES:
            raise ReservationDejaTraitee(etat)
        if etat is StatutReservation.CONFIRMEE and not accord:
            raise PlaceDejaConfirmee
        verifier_dates(debut, fin, instant)
        self.vehicule.refuser_si_indisponible(fin, debut)
        # The deadline never moves back: by moving, nobody could keep a vehicle for ever.
        expire_le = min(self.expire_le, debut) if etat in LIMITEES and self.expire_le else self.expire_le
        return self._si_inchangee().values(
            debut=debut, fin=fin, libre_le=regles.libre_le(fin), expire_le=expire_le
        )

    def changer_vehicule(
        self, vehicule: Vehicule, *, regles: Regles = SANS_REGLE, le: datetime | None = None
    ) -> Update:
        """Another vehicle, same days and deadline; a confirmed place stays confirmed, by the same name.

        ``regles`` are those of the fleet of the new vehicle. Once the keys are out, it is refused.
        """
        self.refuser_si_fixe(le or maintenant())
        vehicule.refuser_si_indisponible(self.fin, self.debut)
        return self._si_inchangee().values(vehicule_id=vehicule.id, libre_le=regles.libre_le(self.fin))

    def mettre_de_cote(self) -> Update:
        """For the length of one transaction, leave its vehicle to another booking that gives its own back."""
        return self._passer(StatutReservation.ANNULEE)

    def refuser_si_fixe(self, instant: datetime) -> None:
        """Raise ``ReservationDejaTraitee`` unless it may still change vehicles."""
        if self.etat(instant) not in MOBILES:
            raise ReservationDejaTraitee(self.etat(instant))

    def etat(self, instant: datetime) -> StatutReservation:
        """The status at an instant: a request whose time has passed is expired, written or not."""
        if self.statut in LIMITEES and self.expire_le and self.expire_le <= instant:
            return StatutReservation.EXPIREE
        return self.statut

    @property
    def vus_le(self) -> dict[str, date]:
        """The day each document was seen."""
        return {quoi: date.fromisoformat(jour) for quoi, jour in self.documents_vus.items()}

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
        if jour_local(debut) == jour_local(instant):
            raise DatesRefusees("C'est trop tard pour partir aujourd'hui : choisissez demain, ou après.")
        raise DatesRefusees("Le départ est déjà passé : choisissez une date à venir.")
    if fin - debut > DUREE_MAX or debut - instant > DUREE_MAX:
        raise DatesRefusees("Ces dates sont trop lointaines : un an au plus.")


def expirer_demandes(instant: datetime, vehicules: Collection[int] | None = None) -> Update:
    """Let go of the requests nobody answered in time, ``RETURNING`` their numbers.

    The transaction that wants a vehicle runs it first: no scheduler is needed for a vehicle to be
    free again. ``vehicules`` limits it to those (``None``: all).
    """
    ordre = update(Reservation).where(Reservation.statut.in_(LIMITEES), Reservation.expire_le <= instant)
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
WHEN NEW.statut IN ('proposee', 'demandee', 'confirmee', 'remise') AND EXISTS (
    SELECT 1 FROM reservation AS autre
    WHERE autre.vehicule_id = NEW.vehicule_id AND autre.id IS NOT {moi}
      AND autre.statut IN ('proposee', 'demandee', 'confirmee', 'remise')
      AND autre.debut < NEW.libre_le AND NEW.debut < autre.libre_le)
BEGIN SELECT RAISE(ABORT, 'ex_reservation_sans_chevauchement'); END"""

GARDES_SQLITE = (
    _GARDE_SQLITE.format(nom="reservation_sans_chevauchement_insert", quand="INSERT", moi="NEW.id"),
    _GARDE_SQLITE.format(nom="reservation_sans_chevauchement_update", quand="UPDATE", moi="OLD.id"),
)
garder(Reservation.__table__, sqlite=GARDES_SQLITE)
