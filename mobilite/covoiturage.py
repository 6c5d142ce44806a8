"""The trips drivers make anyway, registered by a structure, and the requests to ride with them.

Who drives and how to reach him is shown to nobody else before he said yes; what a person needs is
shown to him before he answers; her telephone after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    UniqueConstraint,
    false,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.besoin import Jour
from mobilite.conducteur import Agenda, BesoinABord, TrajetConducteur
from mobilite.erreurs import RegleMetier
from mobilite.lieux import Lieu, Position
from mobilite.personnes import Personne
from mobilite.structure import Structure


class StatutTrajet(StrEnum):
    """Whether a trip is proposed."""

    OUVERT = "ouvert"
    RETIRE = "retire"

    @property
    def libelle(self) -> str:
        """The status in French."""
        return {"ouvert": "Proposé", "retire": "Retiré"}[self.value]


class StatutCovoiturage(StrEnum):
    """Where a request to ride stands."""

    DEMANDEE = "demandee"
    ACCEPTEE = "acceptee"
    REFUSEE = "refusee"
    ANNULEE = "annulee"

    @property
    def libelle(self) -> str:
        """The status in French, fit for the person."""
        return {
            "demandee": "En attente de réponse",
            "acceptee": "D'accord",
            "refusee": "Pas possible cette fois",
            "annulee": "Annulée",
        }[self.value]


class CovoiturageDejaTraite(RegleMetier):
    """Somebody answered this request before."""

    code = "covoiturage_deja_traite"

    def __init__(self) -> None:
        super().__init__("Cette demande a déjà reçu une réponse.")


class PlusDePlace(RegleMetier):
    """The seats of the car are taken."""

    code = "covoiturage_plus_de_place"

    def __init__(self) -> None:
        super().__init__("Il n'y a plus assez de places dans cette voiture.")


class TrajetInscrit(Identifie, Base, kw_only=True):
    """One driver's trip, there and perhaps back. Hours are minutes of the local day.

    ``conducteur`` and ``telephone`` (E.164) stay within the structure until he accepts. ``jours`` are
    codes of days within ``du``–``au``, ``dates`` single days (ISO). ``places`` for passengers,
    ``detour_max`` in minutes: ``None`` when he has not said. ``a_bord``: need → yes or no.
    """

    __tablename__ = "trajet_conducteur"
    __table_args__ = (
        CheckConstraint("conducteur <> ''", name="conducteur"),
        CheckConstraint("heure BETWEEN 0 AND 1439", name="heure"),
        CheckConstraint("heure_retour BETWEEN 0 AND 1439", name="heure_retour"),
        CheckConstraint("arrivee_max BETWEEN 0 AND 1439", name="arrivee_max"),
        CheckConstraint("souplesse BETWEEN 0 AND 120", name="souplesse"),
        CheckConstraint("places BETWEEN 1 AND 8", name="places"),
        CheckConstraint("detour_max BETWEEN 0 AND 120", name="detour_max"),
        CheckConstraint("du <= au", name="dans_l_ordre"),
        UniqueConstraint("structure_id", "cle_idempotence"),
    )

    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"), init=False, index=True)
    structure: Mapped[Structure] = relationship(lazy="joined", innerjoin=True)
    conducteur: Mapped[str]
    telephone: Mapped[str | None] = mapped_column(default=None)
    depart: Mapped[str]
    depart_lon: Mapped[float | None] = mapped_column(default=None)
    depart_lat: Mapped[float | None] = mapped_column(default=None)
    arrivee: Mapped[str]
    arrivee_lon: Mapped[float | None] = mapped_column(default=None)
    arrivee_lat: Mapped[float | None] = mapped_column(default=None)
    jours: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    dates: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    du: Mapped[date | None] = mapped_column(default=None)
    au: Mapped[date | None] = mapped_column(default=None)
    heure: Mapped[int]
    arrivee_max: Mapped[int | None] = mapped_column(default=None)
    heure_retour: Mapped[int | None] = mapped_column(default=None)
    souplesse: Mapped[int] = mapped_column(default=15)
    places: Mapped[int | None] = mapped_column(default=None)
    detour_max: Mapped[int | None] = mapped_column(default=None)
    a_bord: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    statut: Mapped[StatutTrajet] = mapped_column(default=StatutTrajet.OUVERT)
    demonstration: Mapped[bool] = mapped_column(default=False)
    cle_idempotence: Mapped[str | None] = mapped_column(default=None)
    inscrit_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    version: Mapped[int] = mapped_column(init=False, default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def lieu_depart(self) -> Lieu:
        """Where he leaves from."""
        return _lieu(self.depart, self.depart_lon, self.depart_lat)

    def lieu_arrivee(self) -> Lieu:
        """Where he goes."""
        return _lieu(self.arrivee, self.arrivee_lon, self.arrivee_lat)

    def trajets(self, places_prises: int = 0) -> tuple[TrajetConducteur, ...]:
        """The values the engine decides on: the way there, then the way back if he said one."""
        places = None if self.places is None else max(0, self.places - places_prises)
        ici, la = self.lieu_depart(), self.lieu_arrivee()
        commun: dict[str, Any] = {
            "agenda": Agenda(
                frozenset(Jour(j) for j in self.jours),
                frozenset(date.fromisoformat(d) for d in self.dates),
                self.du,
                self.au,
            ),
            "souplesse": self.souplesse,
            "places": places,
            "detour_max": self.detour_max,
            "prend": frozenset(BesoinABord(b) for b, oui in self.a_bord.items() if oui),
            "refuse": frozenset(BesoinABord(b) for b, oui in self.a_bord.items() if not oui),
            "conducteur": str(self.uuid),
            "structure": self.structure.nom,
        }
        aller = TrajetConducteur(
            f"{self.uuid}/aller", ici, la, heure=self.heure, arrivee_max=self.arrivee_max, **commun
        )
        if self.heure_retour is None:
            return (aller,)
        return aller, TrajetConducteur(f"{self.uuid}/retour", la, ici, heure=self.heure_retour, **commun)

    def retirer(self) -> None:
        """Stop proposing it; what was agreed stays agreed."""
        self.statut = StatutTrajet.RETIRE

    def rouvrir(self) -> None:
        """Propose it again."""
        self.statut = StatutTrajet.OUVERT


class DemandeCovoiturage(Identifie, Base, kw_only=True):
    """Somebody asks to ride with a driver. Gone with the dossier.

    ``resume`` is what the driver reads before he answers: ways, days, hours, places, needs; no name,
    no telephone. ``besoin`` is the uuid of the need. ``places`` seats, hers included.
    """

    __tablename__ = "demande_covoiturage"
    __table_args__ = (
        CheckConstraint("places BETWEEN 1 AND 8", name="places"),
        CheckConstraint(
            "statut NOT IN ('acceptee', 'refusee') OR (repondue_le IS NOT NULL AND repondue_par <> '')",
            name="reponse",
        ),
        UniqueConstraint("demandee_par", "cle_idempotence"),
    )

    trajet_id: Mapped[int] = mapped_column(ForeignKey("trajet_conducteur.id"), init=False, index=True)
    trajet: Mapped[TrajetInscrit] = relationship(lazy="joined", innerjoin=True)
    personne_id: Mapped[int] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), init=False, index=True
    )
    personne: Mapped[Personne] = relationship()
    besoin: Mapped[UUID]
    resume: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    places: Mapped[int] = mapped_column(default=1)
    statut: Mapped[StatutCovoiturage] = mapped_column(default=StatutCovoiturage.DEMANDEE)
    demandee_par: Mapped[int]
    demandee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    repondue_le: Mapped[datetime | None] = mapped_column(default=None)
    repondue_par: Mapped[str] = mapped_column(default="")
    motif_refus: Mapped[str] = mapped_column(default="")
    cle_idempotence: Mapped[str]
    version: Mapped[int] = mapped_column(init=False, default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def accepter(self, par: str, places_prises: int, *, le: datetime | None = None) -> None:
        """The driver says yes; somebody named noted it. Raises when the seats are taken."""
        if self.trajet.places is not None and places_prises + self.places > self.trajet.places:
            raise PlusDePlace
        self._repondre(StatutCovoiturage.ACCEPTEE, par, le)

    def refuser(self, par: str, motif: str, *, le: datetime | None = None) -> None:
        """The driver says no, and why."""
        self._repondre(StatutCovoiturage.REFUSEE, par, le)
        self.motif_refus = motif

    def annuler(self) -> None:
        """Give it up, before or after the answer."""
        if self.statut not in (StatutCovoiturage.DEMANDEE, StatutCovoiturage.ACCEPTEE):
            raise CovoiturageDejaTraite
        self.statut = StatutCovoiturage.ANNULEE

    def telephone_pour(self, acteur: Acteur) -> str | None:
        """Her telephone: for the driver's structure once he said yes."""
        sien = acteur.structure_id is not None and acteur.structure_id == self.trajet.structure_id
        if sien and (self.statut is not StatutCovoiturage.ACCEPTEE or self.personne.contact_discret):
            return None
        return self.personne.telephone if sien else self.personne.telephone_pour(acteur)

    def _repondre(self, statut: StatutCovoiturage, par: str, le: datetime | None) -> None:
        if self.statut is not StatutCovoiturage.DEMANDEE:
            raise CovoiturageDejaTraite
        self.statut, self.repondue_par, self.repondue_le = statut, par, le or maintenant()


def trajets_ouverts() -> Select[TrajetInscrit]:
    """What can be proposed now, in a stable order."""
    return (
        select(TrajetInscrit)
        .where(TrajetInscrit.statut == StatutTrajet.OUVERT)
        .order_by(TrajetInscrit.structure_id, TrajetInscrit.id)
    )


def trajets_visibles_par(acteur: Acteur) -> Select[TrajetInscrit]:
    """The trips whose driver somebody may see: those of her structure for a partner, nobody else's."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = TrajetInscrit.structure_id == acteur.structure_id
        case _:
            visible = false()
    return (
        select(TrajetInscrit)
        .where(visible)
        .order_by(TrajetInscrit.statut, TrajetInscrit.heure, TrajetInscrit.id)
    )


def covoiturages_visibles_par(acteur: Acteur) -> Select[DemandeCovoiturage]:
    """The requests somebody may open: all for advisers, her own, those to her structure's drivers."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.CONSEILLER | RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = DemandeCovoiturage.trajet_id.in_(
                select(TrajetInscrit.id).where(TrajetInscrit.structure_id == acteur.structure_id)
            )
        case RoleActeur.PERSONNE if acteur.personne_id is not None:
            visible = DemandeCovoiturage.personne_id == acteur.personne_id
        case _:
            visible = false()
    return (
        select(DemandeCovoiturage)
        .where(visible)
        .order_by(DemandeCovoiturage.demandee_le, DemandeCovoiturage.id)
    )


def places_prises(demandes: Sequence[DemandeCovoiturage]) -> Mapping[int, int]:
    """Seats agreed on, by trip."""
    prises: dict[int, int] = {}
    for demande in demandes:
        if demande.statut is StatutCovoiturage.ACCEPTEE:
            prises[demande.trajet_id] = prises.get(demande.trajet_id, 0) + demande.places
    return prises


def _lieu(insee: str, lon: float | None, lat: float | None) -> Lieu:
    return Lieu(insee, None if lon is None or lat is None else Position(lon, lat))
