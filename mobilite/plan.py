"""The plan d'actions of one person: what is kept, under way, dropped or done, in her order, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Select,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.personnes import Personne, visible_par


class GenreAction(StrEnum):
    """Where a line comes from: an offer, free words, an aid, or the référentiel of typical actions."""

    PROPOSITION = "proposition"
    ETAPE = "etape"
    AIDE = "aide"
    TYPE = "type"


class StatutAction(StrEnum):
    """What was decided about it: set aside before it began, or given up on the way, is not the same."""

    GARDEE = "gardee"
    EN_COURS = "en_cours"
    FAITE = "faite"
    ECARTEE = "ecartee"
    ABANDONNEE = "abandonnee"

    @property
    def libelle(self) -> str:
        """The decision in French (« écartée » never reaches the person)."""
        return {
            "gardee": "À faire",
            "en_cours": "En cours",
            "faite": "Faite",
            "ecartee": "Écartée",
            "abandonnee": "Abandonnée",
        }[self.value]

    @property
    def ouverte(self) -> bool:
        """Whether it is still to do, or being done."""
        return self in (StatutAction.GARDEE, StatutAction.EN_COURS)

    @property
    def demande_une_raison(self) -> bool:
        """Whether the reason has to be said."""
        return self in (StatutAction.ECARTEE, StatutAction.ABANDONNEE)


class FamilleAction(StrEnum):
    """Bridging now, or a solution that lasts: both have their place in the same plan."""

    DEPANNAGE = "depannage"
    DURABLE = "durable"

    @property
    def libelle(self) -> str:
        """The heading over the lines of one kind."""
        return {"depannage": "Pour dépanner", "durable": "Pour durer"}[self.value]


class Responsable(StrEnum):
    """Who makes the step happen."""

    ELLE = "elle"
    CONSEILLER = "conseiller"
    PARTENAIRE = "partenaire"
    PRESCRIPTEUR = "prescripteur"

    @property
    def libelle(self) -> str:
        """Who, as the adviser reads it."""
        return {
            "elle": "La personne",
            "conseiller": "Le conseil en mobilité",
            "partenaire": "Un partenaire",
            "prescripteur": "Qui l'oriente",
        }[self.value]


class Action(Identifie, Base, kw_only=True):
    """One line of the plan.

    ``le``/``heure``/``lieu``/``telephone``/``apporter`` make the person's next step; ``pas_sur`` says
    what is not sure yet; ``raison`` is the adviser's why; ``instantane`` the proposition as shown on
    the day it was decided, so that later changes of the catalogue rewrite nothing. ``besoin`` is the
    uuid of the need it answers. ``code`` names the aid or the typical action it comes from,
    ``objectif`` the number of the France Travail objective. ``echeance`` is the last day to have it
    done; ``heures_semaine`` over ``semaines`` from ``commence_le`` count toward the contract. ``cle``
    is the key of the form that added it: sent twice, it adds one line.
    """

    __tablename__ = "action"
    __table_args__ = (
        UniqueConstraint("plan_id", "offre", "besoin"),
        UniqueConstraint("plan_id", "cle"),
        CheckConstraint("intitule <> ''", name="intitule"),
        CheckConstraint("heures_semaine > 0 AND semaines > 0", name="heures"),
    )

    plan_id: Mapped[int] = mapped_column(
        ForeignKey("plan_actions.id", ondelete="CASCADE"), init=False, index=True
    )
    rang: Mapped[int]
    genre: Mapped[GenreAction]
    intitule: Mapped[str]
    offre: Mapped[UUID | None] = mapped_column(default=None)
    besoin: Mapped[UUID | None] = mapped_column(default=None)
    le: Mapped[date | None] = mapped_column(default=None)
    heure: Mapped[time | None] = mapped_column(default=None)
    lieu: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str] = mapped_column(default="")
    apporter: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    pas_sur: Mapped[str] = mapped_column(default="")
    statut: Mapped[StatutAction] = mapped_column(default=StatutAction.GARDEE)
    raison: Mapped[str] = mapped_column(default="")
    instantane: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    code: Mapped[str] = mapped_column(default="")
    objectif: Mapped[int | None] = mapped_column(default=None)
    famille: Mapped[FamilleAction | None] = mapped_column(default=None)
    responsable: Mapped[Responsable | None] = mapped_column(default=None)
    responsable_nom: Mapped[str] = mapped_column(default="")
    echeance: Mapped[date | None] = mapped_column(default=None)
    commence_le: Mapped[date | None] = mapped_column(default=None)
    heures_semaine: Mapped[float | None] = mapped_column(default=None)
    semaines: Mapped[int | None] = mapped_column(default=None)
    cle: Mapped[str | None] = mapped_column(default=None)
    ajoutee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    decidee_par: Mapped[int]
    decidee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)

    def decider(self, statut: StatutAction, par: Acteur, raison: str = "") -> None:
        """Keep, drop or finish it, and say why."""
        self.statut, self.raison = statut, raison.strip()
        self.decidee_par, self.decidee_le = par.id, maintenant()


class PlanActions(Identifie, Base, kw_only=True):
    """The plan of one person (in law « plan d'action commun » is territorial: another thing).

    ``ordre_garde_le``: since when the adviser holds to her own order: nothing moves by itself any more.
    """

    __tablename__ = "plan_actions"

    personne_id: Mapped[int] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), init=False, unique=True
    )
    personne: Mapped[Personne] = relationship()
    etabli_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    ordre_garde_le: Mapped[datetime | None] = mapped_column(default=None)
    actions: Mapped[list[Action]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(Action.rang, Action.id),
        lazy="selectin",
    )

    def action_de(self, offre: UUID, besoin: UUID | None) -> Action | None:
        """The line already decided for an offer and a need, if any."""
        return next((a for a in self.actions if a.offre == offre and a.besoin == besoin), None)

    def retenir(
        self,
        offre: UUID,
        besoin: UUID | None,
        intitule: str,
        statut: StatutAction,
        par: Acteur,
        *,
        raison: str = "",
        instantane: dict[str, Any] | None = None,
    ) -> Action:
        """Decide about a proposition: one line for an offer and a need, however often one decides."""
        action = self.action_de(offre, besoin)
        if action is None:
            action = self._ajouter(GenreAction.PROPOSITION, intitule, par)
            action.offre, action.besoin = offre, besoin
        action.decider(statut, par, raison)
        if instantane is not None:
            action.instantane = instantane
        return action

    def ajouter_etape(self, intitule: str, par: Acteur) -> Action:
        """Add a step in free words at the end of the plan."""
        return self._ajouter(GenreAction.ETAPE, intitule, par)

    def _ajouter(self, genre: GenreAction, intitule: str, par: Acteur) -> Action:
        rang = max((a.rang for a in self.actions), default=0) + 1
        action = Action(rang=rang, genre=genre, intitule=intitule, decidee_par=par.id)
        self.actions.append(action)
        return action

    def reordonner(self, ordre: Sequence[UUID]) -> None:
        """Put the named lines first, in that order; the others follow as they were."""
        voulu = {uuid: rang for rang, uuid in enumerate(ordre)}
        self.actions.sort(key=lambda a: (voulu.get(a.uuid, len(voulu)), a.rang))
        for rang, action in enumerate(self.actions, start=1):
            action.rang = rang

    def prochaines_etapes(self, au_plus: int = 3) -> list[Action]:
        """What comes next for her: to do or being done, in her order."""
        return self.ouvertes()[:au_plus]

    def ouvertes(self) -> list[Action]:
        """Every line to do or being done, in order."""
        return sorted((a for a in self.actions if a.statut.ouverte), key=lambda a: a.rang)


def plans_visibles_par(acteur: Acteur) -> Select[PlanActions]:
    """The plans somebody may open: all for advisers, her own for a person, none for the others."""
    return select(PlanActions).where(visible_par(acteur, PlanActions.personne_id)).order_by(PlanActions.id)
