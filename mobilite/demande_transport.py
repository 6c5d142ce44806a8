"""A request for a volunteer to drive somebody: when, from where to where, with what help, by which right."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

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
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import Base, Identifie, maintenant
from mobilite.besoin import MotifDeplacement
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.erreurs import RegleMetier
from mobilite.lieux import Lieu
from mobilite.personnes import Personne
from mobilite.structure import Structure
from mobilite.transport_solidaire import Aide, CourseAFaire, Fauteuil, Retour, Sens
from mobilite.verdict import Motif, Verdict


class StatutDemande(StrEnum):
    """What was decided about the request itself; where it stands also depends on its trips."""

    OUVERTE = "ouverte"
    SANS_BENEVOLE = "sans_benevole"
    ANNULEE = "annulee"


class DemandeClose(RegleMetier):
    """The request is not open any more."""

    code = "demande_close"

    def __init__(self) -> None:
        super().__init__("Cette demande de transport n'est plus ouverte.")


class TransportInterdit(RegleMetier):
    """The law does not let volunteers make this trip: nobody can be asked."""

    code = "transport_interdit"


class DemandeDeTransport(Identifie, Base, kw_only=True):
    """One day, one way there and perhaps back, for one person. Hours are minutes of the local day.

    ``arriver_a`` or ``partir_a`` (exactly one); ``repart_a`` when she comes back. ``lieu_depart``,
    ``lieu_arrivee`` are exact places: like her name and telephone they are shown once a volunteer has
    said yes. ``droit_*`` is what the law said on the day of the request; ``critere`` what opened it.
    ``besoin`` is the uuid of the need it answers, ``offre_nom`` the offer it was asked from.
    """

    __tablename__ = "demande_transport"
    __table_args__ = (
        CheckConstraint("(arriver_a IS NULL) <> (partir_a IS NULL)", name="une_heure"),
        CheckConstraint("(retour = 'sans') = (repart_a IS NULL)", name="heure_du_retour"),
        CheckConstraint("repart_a > COALESCE(arriver_a, partir_a)", name="dans_l_ordre"),
        CheckConstraint("passagers BETWEEN 1 AND 8", name="passagers"),
        CheckConstraint("sieges_enfant BETWEEN 0 AND 8", name="sieges_enfant"),
        UniqueConstraint("demandee_par", "cle_idempotence"),
        Index(None, "structure_id", "jour"),
    )

    structure_id: Mapped[int] = mapped_column(ForeignKey("structure.id"))
    structure: Mapped[Structure] = relationship(init=False, lazy="joined", innerjoin=True)
    personne_id: Mapped[int | None] = mapped_column(
        ForeignKey("personne.id", ondelete="SET NULL"), default=None, index=True
    )
    personne: Mapped[Personne | None] = relationship(init=False)
    besoin: Mapped[UUID | None] = mapped_column(default=None)
    offre_nom: Mapped[str] = mapped_column(default="")
    motif: Mapped[MotifDeplacement | None] = mapped_column(default=None)
    demandee_par: Mapped[int]
    demandee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    jour: Mapped[date]
    depart: Mapped[str]
    arrivee: Mapped[str]
    lieu_depart: Mapped[str] = mapped_column(default="")
    lieu_arrivee: Mapped[str] = mapped_column(default="")
    arriver_a: Mapped[int | None] = mapped_column(default=None)
    partir_a: Mapped[int | None] = mapped_column(default=None)
    retour: Mapped[Retour] = mapped_column(default=Retour.SANS)
    repart_a: Mapped[int | None] = mapped_column(default=None)
    passagers: Mapped[int] = mapped_column(default=1)
    fauteuil: Mapped[Fauteuil | None] = mapped_column(default=None)
    sieges_enfant: Mapped[int] = mapped_column(default=0)
    accompagnement: Mapped[bool] = mapped_column(default=False)
    critere: Mapped[CritereTransport] = mapped_column(default=CritereTransport.A_VERIFIER)
    droit_verdict: Mapped[Verdict] = mapped_column(default=Verdict.A_VERIFIER)
    droit_phrase: Mapped[str] = mapped_column(default="")
    critere_verifie_le: Mapped[date | None] = mapped_column(default=None)
    statut: Mapped[StatutDemande] = mapped_column(default=StatutDemande.OUVERTE)
    reponse: Mapped[str] = mapped_column(default="")
    demonstration: Mapped[bool] = mapped_column(default=False)
    cle_idempotence: Mapped[str]

    @property
    def droit(self) -> Motif:
        """What the law said of it."""
        return Motif("droit.transport_utilite_sociale", self.droit_verdict, self.droit_phrase)

    @property
    def aide(self) -> Aide:
        """What it asks of the car and of the volunteer."""
        return Aide(self.passagers, self.fauteuil, self.sieges_enfant, self.accompagnement)

    def course_a_faire(self, sens: Sens) -> CourseAFaire:
        """One of its trips as the engine decides on it."""
        depart, arrivee = Lieu(self.depart), Lieu(self.arrivee)
        numero = f"{self.uuid}:{sens.value}"
        if sens is Sens.RETOUR:
            return CourseAFaire(
                numero, self.jour, arrivee, depart, self.droit, partir_a=self.repart_a, aide=self.aide
            )
        return CourseAFaire(
            numero,
            self.jour,
            depart,
            arrivee,
            self.droit,
            arriver_a=self.arriver_a,
            partir_a=self.partir_a,
            repart_a=self.repart_a if sens is Sens.ALLER_RETOUR else None,
            aide=self.aide,
        )

    def clore(self, statut: StatutDemande, reponse: str = "") -> Update:
        """Give it up, or say that nobody can: compare-and-swap; raises ``DemandeClose``."""
        if self.statut is not StatutDemande.OUVERTE:
            raise DemandeClose
        return self._si_ouverte().values(statut=statut, reponse=reponse.strip())

    def verifier_critere(self, critere: CritereTransport, phrase: str, le: date) -> Update:
        """Somebody has seen what opens the transport to her: the law now says yes."""
        if self.statut is not StatutDemande.OUVERTE:
            raise DemandeClose
        if self.droit_verdict is Verdict.NON:
            raise TransportInterdit(self.droit_phrase)
        return self._si_ouverte().values(
            critere=critere, droit_verdict=Verdict.OUI, droit_phrase=phrase, critere_verifie_le=le
        )

    def _si_ouverte(self) -> Update:
        return (
            update(DemandeDeTransport)
            .where(
                DemandeDeTransport.id == self.id,
                DemandeDeTransport.statut == StatutDemande.OUVERTE,
            )
            .execution_options(synchronize_session=False)
        )


def demandes_de_transport_visibles_par(acteur: Acteur) -> Select[DemandeDeTransport]:
    """The requests somebody may open: all for advisers, her own, or those asked of a partner's structure."""
    visible: ColumnElement[bool]
    match acteur.role:
        case RoleActeur.CONSEILLER | RoleActeur.SYSTEME:
            visible = true()
        case RoleActeur.PERSONNE if acteur.personne_id is not None:
            visible = DemandeDeTransport.personne_id == acteur.personne_id
        case RoleActeur.PARTENAIRE if acteur.structure_id is not None:
            visible = DemandeDeTransport.structure_id == acteur.structure_id
        case _:
            visible = false()
    return select(DemandeDeTransport).where(visible).order_by(DemandeDeTransport.jour, DemandeDeTransport.id)
