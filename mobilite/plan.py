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
    Index,
    Select,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.actions_types import ActionType, FamilleAction, Responsable
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.personnes import Personne, visible_par
from mobilite.prealables import AIDE, GENRE, Lien, Prealables


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


_OUVERTE = "statut IN ('gardee', 'en_cours')"


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
        # What falls due is read for everybody at once, and what is done or dropped never falls due.
        Index(
            "ix_action_echeance_ouverte",
            "echeance",
            sqlite_where=text(_OUVERTE),
            postgresql_where=text(_OUVERTE),
        ),
        Index("ix_action_le_ouverte", "le", sqlite_where=text(_OUVERTE), postgresql_where=text(_OUVERTE)),
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

    @property
    def notion(self) -> str:
        """What the rules of ``prealables`` know this step by; "" for free words."""
        if self.genre is GenreAction.TYPE:
            return self.code
        if self.genre is GenreAction.AIDE:
            return AIDE + self.code
        genre = (self.instantane or {}).get("genre")
        return f"{GENRE}{genre}" if isinstance(genre, str) else ""

    @property
    def famille_dite(self) -> FamilleAction | None:
        """Bridging or lasting: what the adviser said, else what the offer was when it was decided."""
        if self.famille is not None:
            return self.famille
        vue = (self.instantane or {}).get("famille")
        return next((f for f in FamilleAction if f.value == vue), None)

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

    def ajouter_etape(self, intitule: str, par: Acteur, *, cle: str | None = None) -> Action:
        """Add a step in free words at the end of the plan; one form, sent twice, adds one."""
        return self.envoyee(cle) or self._ajouter(GenreAction.ETAPE, intitule, par, cle=cle)

    def ajouter_type(self, modele: ActionType, par: Acteur, *, cle: str | None = None) -> Action:
        """Add a typical action with what it usually is; one already open in the plan is not added twice."""
        deja = self.envoyee(cle) or self.ouverte_de(GenreAction.TYPE, modele.code)
        if deja is not None:
            return deja
        action = self._ajouter(GenreAction.TYPE, modele.intitule, par, cle=cle)
        action.code, action.objectif, action.famille = modele.code, modele.objectif or None, modele.famille
        action.responsable, action.apporter = modele.qui, list(modele.apporter)
        action.heures_semaine, action.semaines = modele.heures, modele.semaines
        return action

    def ajouter_aide(self, code: str, nom: str, par: Acteur, *, cle: str | None = None) -> Action:
        """Add the asking of an aid; one already open in the plan is not added twice."""
        deja = self.envoyee(cle) or self.ouverte_de(GenreAction.AIDE, code)
        if deja is not None:
            return deja
        action = self._ajouter(GenreAction.AIDE, nom, par, cle=cle)
        action.code = code
        return action

    def envoyee(self, cle: str | None) -> Action | None:
        """The line that a form already added."""
        return next((a for a in self.actions if cle and a.cle == cle), None)

    def ouverte_de(self, genre: GenreAction, code: str) -> Action | None:
        """The open line of one typical action or aid."""
        return next(
            (a for a in self.actions if a.genre is genre and a.code == code and a.statut.ouverte), None
        )

    def _ajouter(self, genre: GenreAction, intitule: str, par: Acteur, *, cle: str | None = None) -> Action:
        rang = max((a.rang for a in self.actions), default=0) + 1
        action = Action(rang=rang, genre=genre, intitule=intitule, decidee_par=par.id, cle=cle or None)
        self.actions.append(action)
        return action

    def ranger(self, prealables: Prealables, *, meme_garde: bool = False) -> bool:
        """Put first what had better come first, unless the adviser holds to her order; whether it moved.

        ``meme_garde``: follow the rules again even so.
        """
        if self.ordre_garde_le is not None and not meme_garde:
            return False
        self.ordre_garde_le = None
        ouvertes = self.ouvertes()
        ordre = prealables.ordonner([a.notion for a in ouvertes])
        if ordre == list(range(len(ouvertes))):
            return False
        self.reordonner([ouvertes[place].uuid for place in ordre])
        return True

    def garder_l_ordre(self) -> None:
        """Hold to the order as it is: nothing moves by itself any more."""
        self.ordre_garde_le = self.ordre_garde_le or maintenant()

    def conseils(self, prealables: Prealables) -> list[tuple[Action, Action, str]]:
        """The advice that the order does not follow: (what, before what, because)."""
        ouvertes = self.ouvertes()
        liens: list[Lien] = prealables.contraires([a.notion for a in ouvertes])
        return [(ouvertes[x.avant], ouvertes[x.apres], x.regle.parce_que) for x in liens]

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
