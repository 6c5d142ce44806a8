"""The waiting list: who would like a vehicle on days when none is free.

A line is served by a booking like any other, made by the partner from the draft of the sharing; it
never holds a vehicle by itself.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, Update, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, jour_local, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.flotte import dernier_jour
from mobilite.offre import Offre
from mobilite.parametres import Parametres
from mobilite.personnes import Personne
from mobilite.priorite import Priorite, RaisonPriorite, priorite
from mobilite.reservation import Reservation, verifier_dates


class StatutAttente(StrEnum):
    """Where a line stands. The last two are final."""

    ATTEND = "attend"
    SERVIE = "servie"
    RETIREE = "retiree"


class AttenteDejaTraitee(RegleMetier):
    """Somebody was first: the line is served, or she waits no more."""

    code = "attente_deja_traitee"

    def __init__(self) -> None:
        super().__init__("Cette personne n'attend plus : elle a eu un véhicule, ou n'en a plus besoin.")


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
        """How urgent it is now, and why."""
        raisons = [RaisonPriorite(raison) for raison in self.raisons]
        return priorite(raisons, (instant - self.demandee_le) // timedelta(days=1), parametres)

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


def attentes_ouvertes(instant: datetime) -> Select[Attente]:
    """Those who still wait, for days that have not begun, first come first."""
    return (
        select(Attente)
        .where(Attente.statut == StatutAttente.ATTEND, Attente.debut > instant)
        .order_by(Attente.demandee_le, Attente.id)
    )


def attentes_de_la_structure(structure_id: int, instant: datetime) -> Select[Attente]:
    """Those who wait for a vehicle of a structure."""
    return attentes_ouvertes(instant).join(Attente.offre).where(Offre.structure_id == structure_id)


def attentes_de_la_personne(personne_id: int, instant: datetime) -> Select[Attente]:
    """What one person waits for."""
    return attentes_ouvertes(instant).where(Attente.personne_id == personne_id)
