"""The waiting list: who would like a vehicle on days when none is free.

A line is served by a booking like any other. Two doors lead to it, in one order: the partner books from
the draft of the sharing, or a vehicle becomes free and is held for the next one, who says yes or no.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    Update,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, jour_local, maintenant
from mobilite.besoin import MotifDeplacement
from mobilite.erreurs import RegleMetier
from mobilite.flotte import dernier_jour
from mobilite.offre import Offre
from mobilite.parametres import Parametres
from mobilite.personnes import Personne
from mobilite.priorite import Priorite, RaisonPriorite, priorite
from mobilite.reservation import Reservation, verifier_dates

_BIENTOT = timedelta(days=31)
_TRAVAIL = frozenset(
    {
        MotifDeplacement.EMPLOI,
        MotifDeplacement.ENTRETIEN,
        MotifDeplacement.FORMATION,
        MotifDeplacement.STAGE,
    }
)
_ENFANTS = frozenset({"enfant", "bebe"})


class StatutAttente(StrEnum):
    """Where a line stands. The last two are final."""

    ATTEND = "attend"
    SERVIE = "servie"
    RETIREE = "retiree"


class ReponsePlace(StrEnum):
    """What became of a place that was offered. No answer is not a no: both keep her rank."""

    OUI = "oui"
    NON = "non"
    SANS_REPONSE = "sans_reponse"
    RETIREE = "retiree"

    @property
    def libelle(self) -> str:
        """The answer in French."""
        return {
            "oui": "Elle a dit oui",
            "non": "Elle a dit non",
            "sans_reponse": "Pas de réponse à temps",
            "retiree": "La place a été retirée",
        }[self.value]


class AttenteDejaTraitee(RegleMetier):
    """Somebody was first: the line is served, or she waits no more."""

    code = "attente_deja_traitee"

    def __init__(self) -> None:
        super().__init__("Cette personne n'attend plus : elle a eu un véhicule, ou n'en a plus besoin.")


class PlaceDejaRepondue(RegleMetier):
    """The place is no longer kept for her: the time is over, or somebody answered."""

    code = "place_deja_repondue"

    def __init__(self) -> None:
        super().__init__("Cette place n'est plus gardée. Rien n'est perdu : la liste d'attente continue.")


class Attente(Identifie, Base, kw_only=True):
    """She waits for a vehicle of this offer, or one like it of the same structure, for these days."""

    __tablename__ = "attente"
    __table_args__ = (
        CheckConstraint("debut < fin", name="dans_l_ordre"),
        CheckConstraint("(statut = 'servie') = (reservation_id IS NOT NULL)", name="servie_par"),
        UniqueConstraint("demandee_par", "cle_idempotence"),
    )

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    personne: Mapped[Personne] = relationship(init=False)
    offre_id: Mapped[int] = mapped_column(ForeignKey("offre.id"), index=True)
    offre: Mapped[Offre] = relationship(init=False)
    debut: Mapped[datetime]
    fin: Mapped[datetime]
    raisons: Mapped[list[str]] = mapped_column(Document, default_factory=list)
    demandee_par: Mapped[int]
    demandee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    statut: Mapped[StatutAttente] = mapped_column(default=StatutAttente.ATTEND)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"), default=None)
    cle_idempotence: Mapped[str]

    @classmethod
    def inscrire(
        cls,
        personne: Personne,
        offre: Offre,
        *,
        par: Acteur,
        debut: datetime,
        fin: datetime,
        raisons: set[RaisonPriorite],
        cle: str,
        le: datetime,
    ) -> Attente:
        """A line of the list. Raises ``DatesRefusees``."""
        verifier_dates(debut, fin, le)
        return cls(
            personne_id=personne.id,
            offre_id=offre.id,
            debut=debut,
            fin=fin,
            raisons=sorted(raisons),
            demandee_par=par.id,
            demandee_le=le,
            cle_idempotence=cle,
        )

    @property
    def jours(self) -> tuple[date, date]:
        """First and last day, in France."""
        return jour_local(self.debut), dernier_jour(self.fin)

    def priorite(self, parametres: Parametres, instant: datetime) -> Priorite:
        """How urgent it is now, and why: what was noted when she asked, and what has come near since."""
        raisons = {RaisonPriorite(raison) for raison in self.raisons}
        if self.personne is not None:
            raisons |= raisons_de(self.personne, instant)
        return priorite(raisons, (instant - self.demandee_le) // timedelta(days=1), parametres)

    def preciser(self, raisons: set[RaisonPriorite]) -> Update:
        """Other reasons: the compare-and-swap statement, to run and count."""
        return self._si_elle_attend().values(raisons=sorted(raisons))

    def retirer(self) -> Update:
        """She waits no more: the compare-and-swap statement, to run and count."""
        return self._si_elle_attend().values(statut=StatutAttente.RETIREE)

    def servir(self, reservation: Reservation) -> Update:
        """A booking serves her: the compare-and-swap statement, to run and count."""
        return self._si_elle_attend().values(statut=StatutAttente.SERVIE, reservation_id=reservation.id)

    def _si_elle_attend(self) -> Update:
        if self.statut is not StatutAttente.ATTEND:
            raise AttenteDejaTraitee
        return (
            update(Attente)
            .where(Attente.id == self.id, Attente.statut == StatutAttente.ATTEND)
            .execution_options(synchronize_session=False)
        )


class PlaceProposee(Identifie, Base, kw_only=True):
    """A vehicle that became free, held for one line until ``jusqu_au`` by a booking that she has to accept.

    ``points``: her priority then, as the structure reads it. Open while ``reponse`` is absent; a line has
    one open place at most.
    """

    __tablename__ = "place_proposee"
    __table_args__ = (
        CheckConstraint("(reponse IS NULL) = (repondue_le IS NULL)", name="repondue"),
        Index(
            "ix_place_proposee_une_a_la_fois",
            "attente_id",
            unique=True,
            sqlite_where=text("reponse IS NULL"),
            postgresql_where=text("reponse IS NULL"),
        ),
    )

    attente_id: Mapped[int] = mapped_column(ForeignKey("attente.id", ondelete="CASCADE"), index=True)
    attente: Mapped[Attente] = relationship(init=False)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"), unique=True)
    reservation: Mapped[Reservation] = relationship(init=False)
    vehicule_id: Mapped[int] = mapped_column(ForeignKey("vehicule.id"))
    points: Mapped[float]
    proposee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    jusqu_au: Mapped[datetime]
    reponse: Mapped[ReponsePlace | None] = mapped_column(default=None)
    repondue_le: Mapped[datetime | None] = mapped_column(default=None)
    repondue_par: Mapped[int | None] = mapped_column(default=None)

    def ouverte(self, instant: datetime) -> bool:
        """Whether she may still answer."""
        return self.reponse is None and instant < self.jusqu_au

    def repondre(self, reponse: ReponsePlace, le: datetime, par: int | None = None) -> Update:
        """Write what became of it: the compare-and-swap statement, to run and count."""
        return (
            update(PlaceProposee)
            .where(PlaceProposee.id == self.id, PlaceProposee.reponse.is_(None))
            .values(reponse=reponse, repondue_le=le, repondue_par=par)
            .execution_options(synchronize_session=False)
        )


def places_ouvertes(instant: datetime) -> Select[PlaceProposee]:
    """The places that somebody may still say yes to, the first to end first."""
    return (
        select(PlaceProposee)
        .where(PlaceProposee.reponse.is_(None), PlaceProposee.jusqu_au > instant)
        .order_by(PlaceProposee.jusqu_au, PlaceProposee.id)
    )


def vehicules_deja_repondus(attente: Attente) -> Select[int]:
    """The vehicles this line is not offered again: she said no, or nothing."""
    return select(PlaceProposee.vehicule_id).where(
        PlaceProposee.attente_id == attente.id,
        PlaceProposee.reponse.in_((ReponsePlace.NON, ReponsePlace.SANS_REPONSE)),
    )


def sans_les_places_passees() -> ColumnElement[bool]:
    """Among bookings, leaves out the places that were never accepted: for her and the structure they are nothing."""
    return Reservation.id.not_in(
        select(PlaceProposee.reservation_id).where(
            PlaceProposee.reponse.is_(None) | (PlaceProposee.reponse != ReponsePlace.OUI)
        )
    )


def places_de_la_personne(personne_id: int, instant: datetime) -> Select[PlaceProposee]:
    """What is kept for one person."""
    return places_ouvertes(instant).join(PlaceProposee.attente).where(Attente.personne_id == personne_id)


def places_de_la_structure(structure_id: int, instant: datetime) -> Select[PlaceProposee]:
    """What a structure's vehicles are kept for."""
    siennes = select(Offre.id).where(Offre.structure_id == structure_id)
    return places_ouvertes(instant).join(PlaceProposee.attente).where(Attente.offre_id.in_(siennes))


def raisons_de(personne: Personne, instant: datetime) -> set[RaisonPriorite]:
    """What her needs and answers say, at an instant, of how urgent it is; nothing is asked again."""
    raisons = set()
    for besoin in personne.besoins:
        if besoin.motif is MotifDeplacement.SANTE:
            raisons.add(RaisonPriorite.SANTE)
        if besoin.motif in _TRAVAIL and _commence_bientot(besoin.premier_jour, instant):
            raisons.add(RaisonPriorite.EMPLOI)
        if _ENFANTS & {str(q.get("type", "")) if isinstance(q, dict) else str(q) for q in besoin.avec}:
            raisons.add(RaisonPriorite.ENFANT)
    if personne.reponses().get("D0_prescripteur"):
        raisons.add(RaisonPriorite.PRESCRIPTION)
    return raisons


def raisons_de_la_reservation(reservation: Reservation, instant: datetime) -> set[RaisonPriorite]:
    """What makes a booking urgent: her needs, and the professional who sent her for it."""
    raisons = raisons_de(reservation.personne, instant) if reservation.personne is not None else set()
    return raisons | {RaisonPriorite.PRESCRIPTION} if reservation.prescrite_par else raisons


def _commence_bientot(premier_jour: date | None, instant: datetime) -> bool:
    return premier_jour is not None and timedelta(0) <= premier_jour - jour_local(instant) <= _BIENTOT


def dans_l_ordre(
    attentes: Collection[Attente], parametres: Parametres, instant: datetime
) -> list[tuple[Attente, Priorite]]:
    """Who is next: the most points, then who asked first. Nobody's answer to a place changes it."""
    juges = [(attente, attente.priorite(parametres, instant)) for attente in attentes]
    return sorted(juges, key=lambda juge: (-juge[1].points, juge[0].demandee_le, juge[0].id))


def attentes_ouvertes(instant: datetime) -> Select[Attente]:
    """Those who still wait, for days that have not begun, first come first."""
    return (
        select(Attente)
        .where(Attente.statut == StatutAttente.ATTEND, Attente.debut > instant)
        .order_by(Attente.demandee_le, Attente.id)
        .options(
            selectinload(Attente.personne).options(
                selectinload(Personne.besoins), selectinload(Personne.diagnostics)
            )
        )
    )


def attentes_de_la_structure(structure_id: int, instant: datetime) -> Select[Attente]:
    """Those who wait for a vehicle of a structure."""
    return attentes_ouvertes(instant).join(Attente.offre).where(Offre.structure_id == structure_id)


def attentes_de_la_personne(personne_id: int, instant: datetime) -> Select[Attente]:
    """What one person waits for."""
    return attentes_ouvertes(instant).where(Attente.personne_id == personne_id)
