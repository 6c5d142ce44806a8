"""The parcours of one person: from being sent to us to six months after she left, and who goes with her.

A person may come back: each accompaniment is one ``Parcours``, one open at a time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.intensite import Intensite, plus_mois, prochaine_revue
from mobilite.parametres import Parametres
from mobilite.personnes import Personne


class AccordManquant(RegleMetier):
    """Something that belongs to her was about to be decided without her."""

    code = "accord_manquant"

    def __init__(self) -> None:
        super().__init__("Notez d'abord son accord : cela se choisit avec elle.")


class RaisonDuChangement(RegleMetier):
    """A change that has to say why."""

    code = "raison_du_changement"

    def __init__(self) -> None:
        super().__init__("Dites en quelques mots pourquoi cela change.")


class DejaOuverte(RegleMetier):
    """A re-orientation is already being decided."""

    code = "reorientation_ouverte"

    def __init__(self) -> None:
        super().__init__("Une réorientation est déjà en cours : donnez d'abord sa suite.")


class ParcoursTermine(RegleMetier):
    """Nothing is added to a parcours that ended."""

    code = "parcours_termine"

    def __init__(self) -> None:
        super().__init__("Ce parcours est terminé. Ouvrez-en un nouveau si elle revient.")


class GenreEntretien(StrEnum):
    """What two or three people met for."""

    REVUE = "revue"
    TRIPARTITE = "tripartite"

    @property
    def libelle(self) -> str:
        """The meeting in French."""
        return {"revue": "Point d'étape", "tripartite": "Entretien à trois"}[self.value]


class IssueReorientation(StrEnum):
    """How a re-orientation ended."""

    ACCEPTEE = "acceptee"
    REFUSEE = "refusee"
    ABANDONNEE = "abandonnee"

    @property
    def libelle(self) -> str:
        """The outcome in French."""
        return {
            "acceptee": "Acceptée",
            "refusee": "Refusée, elle reste avec nous",
            "abandonnee": "Plus demandée",
        }[self.value]


class ReferentParcours(Base, kw_only=True):
    """A référent, chosen with her: ``accord_le`` is the day she said yes. Earlier ones are kept."""

    __tablename__ = "referent_parcours"
    __table_args__ = (
        CheckConstraint("nom <> ''", name="nom"),
        CheckConstraint("jusqu_au >= du", name="dans_l_ordre"),
        Index(
            "uq_referent_parcours_actuel",
            "parcours_id",
            unique=True,
            sqlite_where=text("jusqu_au IS NULL"),
            postgresql_where=text("jusqu_au IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    parcours_id: Mapped[int] = mapped_column(
        ForeignKey("parcours.id", ondelete="CASCADE"), init=False, index=True
    )
    nom: Mapped[str]
    structure: Mapped[str] = mapped_column(default="")
    telephone: Mapped[str] = mapped_column(default="")
    du: Mapped[date]
    accord_le: Mapped[date]
    note_par: Mapped[int]
    jusqu_au: Mapped[date | None] = mapped_column(default=None)
    raison_fin: Mapped[str] = mapped_column(default="")


class EntretienParcours(Identifie, Base, kw_only=True):
    """A meeting about the parcours: the day, who was there, what was decided."""

    __tablename__ = "entretien_parcours"
    __table_args__ = (UniqueConstraint("parcours_id", "cle"),)

    parcours_id: Mapped[int] = mapped_column(
        ForeignKey("parcours.id", ondelete="CASCADE"), init=False, index=True
    )
    genre: Mapped[GenreEntretien]
    le: Mapped[date]
    presents: Mapped[list[Any]] = mapped_column(Document, default_factory=list)
    decision: Mapped[str] = mapped_column(default="")
    note_par: Mapped[int]
    note_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    cle: Mapped[str | None] = mapped_column(default=None)


class Reorientation(Identifie, Base, kw_only=True):
    """Somebody else should take over: to be decided by ``echeance``."""

    __tablename__ = "reorientation"
    __table_args__ = (
        CheckConstraint("(close_le IS NULL) = (issue IS NULL)", name="close_avec_son_issue"),
        CheckConstraint("close_le >= demandee_le", name="dans_l_ordre"),
        Index(
            "uq_reorientation_ouverte",
            "parcours_id",
            unique=True,
            sqlite_where=text("close_le IS NULL"),
            postgresql_where=text("close_le IS NULL"),
        ),
    )

    parcours_id: Mapped[int] = mapped_column(
        ForeignKey("parcours.id", ondelete="CASCADE"), init=False, index=True
    )
    demandee_le: Mapped[date]
    echeance: Mapped[date]
    vers: Mapped[str]
    motif: Mapped[str] = mapped_column(default="")
    note_par: Mapped[int]
    close_le: Mapped[date | None] = mapped_column(default=None)
    issue: Mapped[IssueReorientation | None] = mapped_column(default=None)
    decision: Mapped[str] = mapped_column(default="")


class Parcours(Identifie, Base, kw_only=True):
    """One accompaniment, open until ``sortie_le``.

    ``oriente_le``/``oriente_par``: who sent her, when. ``sortie_cause`` and ``contact_situation`` are
    codes of ``seeds/plan/sorties.toml``. ``contact_prevu`` is the day of the 6-month contact.
    """

    __tablename__ = "parcours"
    __table_args__ = (
        CheckConstraint("(sortie_le IS NULL) = (sortie_cause = '')", name="sortie_avec_sa_cause"),
        CheckConstraint("sortie_le >= ouvert_le", name="dans_l_ordre"),
        CheckConstraint("(contact_le IS NULL) = (contact_situation = '')", name="contact_avec_situation"),
        Index(
            "uq_parcours_ouvert",
            "personne_id",
            unique=True,
            sqlite_where=text("sortie_le IS NULL"),
            postgresql_where=text("sortie_le IS NULL"),
        ),
    )

    personne_id: Mapped[int] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), init=False, index=True
    )
    personne: Mapped[Personne] = relationship()
    ouvert_le: Mapped[date]
    oriente_le: Mapped[date | None] = mapped_column(default=None)
    oriente_par: Mapped[str] = mapped_column(default="")
    premier_rendez_vous: Mapped[date | None] = mapped_column(default=None)
    intensite: Mapped[Intensite | None] = mapped_column(default=None)
    intensite_proposee: Mapped[str] = mapped_column(default="")
    intensite_raison: Mapped[str] = mapped_column(default="")
    prochaine_revue: Mapped[date | None] = mapped_column(default=None, index=True)
    sortie_le: Mapped[date | None] = mapped_column(default=None)
    sortie_cause: Mapped[str] = mapped_column(default="")
    bilan_atteint: Mapped[str] = mapped_column(default="")
    bilan_reste: Mapped[str] = mapped_column(default="")
    bilan_ses_mots: Mapped[str] = mapped_column(default="")
    contact_prevu: Mapped[date | None] = mapped_column(default=None, index=True)
    contact_le: Mapped[date | None] = mapped_column(default=None)
    contact_situation: Mapped[str] = mapped_column(default="")
    referents: Mapped[list[ReferentParcours]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(ReferentParcours.du, ReferentParcours.id),
        lazy="selectin",
    )
    entretiens: Mapped[list[EntretienParcours]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(EntretienParcours.le, EntretienParcours.id),
        lazy="selectin",
    )
    reorientations: Mapped[list[Reorientation]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(Reorientation.demandee_le, Reorientation.id),
        lazy="selectin",
    )

    @property
    def termine(self) -> bool:
        """Whether she left."""
        return self.sortie_le is not None

    @property
    def referent(self) -> ReferentParcours | None:
        """Her référent today, if one was chosen."""
        return next((r for r in self.referents if r.jusqu_au is None), None)

    @property
    def reorientation(self) -> Reorientation | None:
        """The re-orientation that waits for its decision, if any."""
        return next((r for r in self.reorientations if r.close_le is None), None)

    def choisir_referent(
        self,
        nom: str,
        par: Acteur,
        le: date,
        *,
        accord: bool,
        structure: str = "",
        telephone: str = "",
        raison: str = "",
    ) -> ReferentParcours:
        """Name her référent with her; the one before ends the same day, with the reason of the change.

        Raises ``AccordManquant`` without her agreement and ``RaisonDuChangement`` for a change that
        does not say why. Naming the same one again changes nothing.
        """
        self._encore_ouvert()
        if not accord:
            raise AccordManquant
        actuel = self.referent
        if actuel is not None:
            if (actuel.nom, actuel.structure, actuel.telephone) == (nom, structure, telephone):
                return actuel
            if not raison.strip():
                raise RaisonDuChangement
            actuel.jusqu_au, actuel.raison_fin = max(le, actuel.du), raison.strip()
        choisi = ReferentParcours(
            nom=nom, structure=structure, telephone=telephone, du=le, accord_le=le, note_par=par.id
        )
        self.referents.append(choisi)
        return choisi

    def choisir_intensite(
        self, intensite: Intensite, le: date, p: Parametres, *, proposee: str = "", raison: str = ""
    ) -> None:
        """Set how closely she is accompanied, and so the next review.

        ``proposee`` is what the index proposes (or ""): choosing something else says why, else
        ``RaisonDuChangement``.
        """
        self._encore_ouvert()
        if proposee and intensite.value != proposee and not raison.strip():
            raise RaisonDuChangement
        self.intensite, self.intensite_proposee, self.intensite_raison = intensite, proposee, raison.strip()
        self.prochaine_revue = prochaine_revue(intensite, self._derniere_revue() or le, p)

    def _derniere_revue(self) -> date | None:
        return max((e.le for e in self.entretiens), default=None)

    def noter_entretien(
        self,
        genre: GenreEntretien,
        le: date,
        par: Acteur,
        p: Parametres,
        *,
        presents: list[str],
        decision: str,
        cle: str | None = None,
    ) -> EntretienParcours:
        """Write a meeting down; the next review is counted from it. One form, sent twice, is one meeting."""
        self._encore_ouvert()
        deja = next((e for e in self.entretiens if cle is not None and e.cle == cle), None)
        if deja is not None:
            return deja
        entretien = EntretienParcours(
            genre=genre, le=le, presents=presents, decision=decision, note_par=par.id, cle=cle
        )
        self.entretiens.append(entretien)
        if self.intensite is not None:
            self.prochaine_revue = prochaine_revue(self.intensite, self._derniere_revue() or le, p)
        return entretien

    def demander_reorientation(
        self, vers: str, motif: str, le: date, par: Acteur, p: Parametres
    ) -> Reorientation:
        """Start the clock of a re-orientation. The same one asked again is the same; another is refused."""
        self._encore_ouvert()
        ouverte = self.reorientation
        if ouverte is not None:
            if (ouverte.vers, ouverte.motif) == (vers, motif):
                return ouverte
            raise DejaOuverte
        delai = timedelta(days=int(p["suivi.reorientation_jours"]))
        demande = Reorientation(demandee_le=le, echeance=le + delai, vers=vers, motif=motif, note_par=par.id)
        self.reorientations.append(demande)
        return demande

    def clore_reorientation(
        self, issue: IssueReorientation, le: date, decision: str = ""
    ) -> Reorientation | None:
        """Stop the clock; ``None`` when no re-orientation was open."""
        ouverte = self.reorientation
        if ouverte is not None:
            ouverte.close_le, ouverte.issue, ouverte.decision = max(le, ouverte.demandee_le), issue, decision
        return ouverte

    def sortir(
        self,
        cause: str,
        le: date,
        p: Parametres,
        *,
        atteint: str = "",
        reste: str = "",
        ses_mots: str = "",
    ) -> None:
        """End the parcours with its cause and its bilan; the 6-month contact is due from then on."""
        self._encore_ouvert()
        self.sortie_le, self.sortie_cause = max(le, self.ouvert_le), cause
        self.bilan_atteint, self.bilan_reste, self.bilan_ses_mots = atteint, reste, ses_mots
        self.prochaine_revue = None
        self.contact_prevu = plus_mois(self.sortie_le, int(p["suivi.contact_apres_sortie_mois"]))
        self.clore_reorientation(IssueReorientation.ABANDONNEE, self.sortie_le)

    def noter_contact(self, situation: str, le: date) -> None:
        """Write down where she stands six months later."""
        self.contact_le, self.contact_situation = le, situation

    def _encore_ouvert(self) -> None:
        if self.termine:
            raise ParcoursTermine
