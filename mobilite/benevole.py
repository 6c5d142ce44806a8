"""The volunteers of an association: when they can drive, with which car, how far; papers seen, never copied."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Select, false, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.besoin import Plage
from mobilite.document import Champ
from mobilite.lieux import Lieu
from mobilite.situation import lire_plage
from mobilite.structure import Structure
from mobilite.transport_solidaire import AccueilFauteuil, BenevoleConnu, Engagement


class Absence(Base, kw_only=True):
    """Days on which a volunteer does not drive, both included."""

    __tablename__ = "absence_benevole"
    __table_args__ = (CheckConstraint("du <= au", name="dans_l_ordre"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    benevole_id: Mapped[int] = mapped_column(
        ForeignKey("benevole.id", ondelete="CASCADE"), init=False, index=True
    )
    du: Mapped[date]
    au: Mapped[date]


class Benevole(Identifie, Base, kw_only=True):
    """Somebody who drives for an association, with her own car or the association's.

    ``commune`` is where she starts from; ``telephone`` is E.164. ``disponibilites`` are windows of
    the situation document (days, hours), ``None`` when nobody asked. ``zone`` are intercommunalities
    (SIREN), empty for anywhere. ``places`` are seats for passengers. ``permis_vu_le`` and
    ``assurance_vue_le``: somebody looked on that day; no copy is kept.
    """

    __tablename__ = "benevole"
    __table_args__ = (
        CheckConstraint("prenom <> ''", name="prenom"),
        CheckConstraint("places BETWEEN 1 AND 8", name="places"),
        CheckConstraint("sieges_enfant BETWEEN 0 AND 8", name="sieges_enfant"),
        CheckConstraint("km_max_mois > 0", name="km_max_mois"),
    )

    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"), init=False, index=True)
    structure: Mapped[Structure] = relationship()
    prenom: Mapped[str]
    nom: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str | None] = mapped_column(default=None)
    commune: Mapped[str]
    disponibilites: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    places: Mapped[int | None] = mapped_column(default=None)
    accueil_fauteuil: Mapped[AccueilFauteuil | None] = mapped_column(default=None)
    sieges_enfant: Mapped[int | None] = mapped_column(default=None)
    accompagne: Mapped[bool | None] = mapped_column(default=None)
    zone: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    km_max_mois: Mapped[int | None] = mapped_column(default=None)
    actif: Mapped[bool] = mapped_column(default=True)
    jusqu_au: Mapped[date | None] = mapped_column(default=None)
    permis_vu_le: Mapped[date | None] = mapped_column(default=None)
    assurance_vue_le: Mapped[date | None] = mapped_column(default=None)
    demonstration: Mapped[bool] = mapped_column(default=False)
    inscrit_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    absences: Mapped[list[Absence]] = relationship(
        default_factory=list,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(Absence.du, Absence.id),
        lazy="selectin",
    )

    @property
    def nom_complet(self) -> str:
        """What to call her on the association's screens."""
        return f"{self.prenom} {self.nom}".strip()

    def plages(self) -> tuple[Plage, ...] | None:
        """When she can drive, ``None`` when nobody has said."""
        if self.disponibilites is None:
            return None
        return tuple(lire_plage(plage) for plage in Champ(self.disponibilites).liste())

    def connu(
        self,
        zone: Collection[str] | None,
        km_du_mois: Mapping[tuple[int, int], float],
        engagements: Sequence[Engagement],
    ) -> BenevoleConnu:
        """The value the engine decides on; ``zone`` are the communes of her intercommunalities."""
        return BenevoleConnu(
            id=str(self.uuid),
            domicile=Lieu(self.commune),
            plages=self.plages(),
            absences=tuple((absence.du, absence.au) for absence in self.absences),
            places=self.places,
            accueil_fauteuil=self.accueil_fauteuil,
            sieges_enfant=self.sieges_enfant,
            accompagne=self.accompagne,
            zone=None if zone is None else frozenset(zone),
            km_max_mois=self.km_max_mois,
            jusqu_au=self.jusqu_au,
            permis_vu_le=self.permis_vu_le,
            assurance_vue_le=self.assurance_vue_le,
            km_du_mois=dict(km_du_mois),
            engagements=tuple(engagements),
        )


def benevoles_visibles_par(acteur: Acteur) -> Select[Benevole]:
    """The volunteers somebody may open: those of her association for a partner, nobody else's."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = Benevole.structure_id == acteur.structure_id
        case _:
            visible = false()
    return select(Benevole).where(visible).order_by(Benevole.prenom, Benevole.nom, Benevole.id)
