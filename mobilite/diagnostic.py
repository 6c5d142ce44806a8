"""The diagnostic de mobilité of one person: answers kept as they come, and the adviser's corrections."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Enum,
    ForeignKey,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.bilan import Niveau
from mobilite.erreurs import RegleMetier
from mobilite.issue import Issue
from mobilite.personnes import Personne
from mobilite.question import Axe


class TypeDiagnostic(StrEnum):
    """At which moment of the accompaniment it is made."""

    ENTREE = "entree"
    INTERMEDIAIRE = "intermediaire"
    SORTIE = "sortie"

    @property
    def libelle(self) -> str:
        """The moment in French."""
        return {"entree": "À l'entrée", "intermediaire": "En cours de route", "sortie": "À la sortie"}[
            self.value
        ]


class OrigineReponse(StrEnum):
    """How an answer came in: said together, by her alone beforehand, or written by her on the paper form."""

    ENTRETIEN = "entretien"
    SEULE = "seule"
    PAPIER = "papier"

    @property
    def libelle(self) -> str:
        """How, as the adviser reads it before a day; empty for what was said together."""
        return {
            "entretien": "",
            "seule": "Dit par elle, seule,",
            "papier": "Écrit par elle sur papier, saisi",
        }[self.value]


class RaisonManquante(RegleMetier):
    """A correction without its reason."""

    code = "raison_manquante"

    def __init__(self) -> None:
        super().__init__("Dites en quelques mots pourquoi : la raison reste à côté du résultat calculé.")


class ReponseChangee(RegleMetier):
    """Somebody answered, or erased, after the page that now answers was shown."""

    code = "reponse_changee"

    def __init__(self, question: str) -> None:
        super().__init__(
            "Cette réponse a changé depuis que vous avez ouvert la page. Choisissez laquelle garder."
        )
        self.question = question


class Reponse(Base, kw_only=True):
    """The answer to one question. ``valeur=None`` is « préfère ne pas répondre », never counted."""

    __tablename__ = "reponse"
    __table_args__ = (UniqueConstraint("diagnostic_id", "code"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    diagnostic_id: Mapped[int] = mapped_column(ForeignKey("diagnostic.id", ondelete="CASCADE"), init=False)
    code: Mapped[str]
    valeur: Mapped[Any] = mapped_column(Document, nullable=True)
    par: Mapped[int]
    repondu_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    # Added to a table already full: without a CHECK, which SQLite could only add by copying it whole.
    origine: Mapped[OrigineReponse] = mapped_column(
        Enum(
            OrigineReponse,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda origines: [origine.value for origine in origines],
        ),
        default=OrigineReponse.ENTRETIEN,
        server_default=OrigineReponse.ENTRETIEN.value,
    )


class FreinCorrige(Base, kw_only=True):
    """The adviser's level for one axis, beside the computed one, and why. Earlier ones are kept."""

    __tablename__ = "frein_corrige"
    __table_args__ = (CheckConstraint("raison <> ''", name="raison"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    diagnostic_id: Mapped[int] = mapped_column(
        ForeignKey("diagnostic.id", ondelete="CASCADE"), init=False, index=True
    )
    axe: Mapped[Axe]
    niveau: Mapped[Niveau]
    niveau_calcule: Mapped[str]
    raison: Mapped[str]
    par: Mapped[int]
    le: Mapped[datetime] = mapped_column(default_factory=maintenant)


class IssueRetenue(Base, kw_only=True):
    """The adviser's outcome, beside the computed one (empty: to be completed), and why. Earlier ones are kept."""

    __tablename__ = "issue_retenue"
    __table_args__ = (CheckConstraint("raison <> ''", name="raison"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    diagnostic_id: Mapped[int] = mapped_column(
        ForeignKey("diagnostic.id", ondelete="CASCADE"), init=False, index=True
    )
    issue: Mapped[Issue]
    issue_calculee: Mapped[str]
    raison: Mapped[str]
    par: Mapped[int]
    le: Mapped[datetime] = mapped_column(default_factory=maintenant)


class Diagnostic(Identifie, Base, kw_only=True):
    """One diagnostic, over as many sittings as needed. ``questionnaire`` is the version it was asked with."""

    __tablename__ = "diagnostic"

    personne_id: Mapped[int] = mapped_column(
        ForeignKey("personne.id", ondelete="CASCADE"), init=False, index=True
    )
    personne: Mapped[Personne] = relationship(back_populates="diagnostics")
    questionnaire: Mapped[str]
    type: Mapped[TypeDiagnostic] = mapped_column(default=TypeDiagnostic.ENTREE)
    commence_par: Mapped[int]
    commence_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    reponses: Mapped[dict[str, Reponse]] = relationship(
        init=False,
        collection_class=attribute_keyed_dict("code"),
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )
    corrections: Mapped[list[FreinCorrige]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(FreinCorrige.le, FreinCorrige.id),
        lazy="selectin",
    )

    issues: Mapped[list[IssueRetenue]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by=(IssueRetenue.le, IssueRetenue.id),
        lazy="selectin",
    )

    def repondre(
        self,
        code: str,
        valeur: Any,
        par: Acteur,
        le: datetime | None = None,
        *,
        origine: OrigineReponse = OrigineReponse.ENTRETIEN,
    ) -> Reponse:
        """Note or replace one answer; ``valeur`` has already been read by the questionnaire (JSON)."""
        reponse = self.reponses.get(code)
        if reponse is None:
            reponse = Reponse(
                code=code, valeur=valeur, par=par.id, repondu_le=le or maintenant(), origine=origine
            )
            self.reponses[code] = reponse
        else:
            reponse.valeur, reponse.par, reponse.repondu_le = valeur, par.id, le or maintenant()
            reponse.origine = origine
        return reponse

    def marque(self, code: str) -> str:
        """Which answer a page shows, to send back with the next one; empty when there is none."""
        reponse = self.reponses.get(code)
        return reponse.repondu_le.isoformat() if reponse else ""

    def effacer(self, code: str) -> None:
        """Forget an answer: the question is open again, which is not a refusal to answer."""
        self.reponses.pop(code, None)

    def corriger(
        self, axe: Axe, niveau: Niveau, raison: str, par: Acteur, *, niveau_calcule: Niveau
    ) -> FreinCorrige:
        """Say another level than the computed one, and why; raises ``RaisonManquante`` without a reason."""
        if not raison.strip():
            raise RaisonManquante
        correction = FreinCorrige(
            axe=axe, niveau=niveau, niveau_calcule=niveau_calcule.value, raison=raison.strip(), par=par.id
        )
        self.corrections.append(correction)
        return correction

    def correction(self, axe: Axe) -> FreinCorrige | None:
        """The adviser's latest word on an axis, if any."""
        return next((c for c in reversed(self.corrections) if c.axe is axe), None)

    def retenir_issue(
        self, issue: Issue, raison: str, par: Acteur, *, calculee: Issue | None
    ) -> IssueRetenue:
        """Say another outcome than the computed one, and why; raises ``RaisonManquante`` without a reason."""
        if not raison.strip():
            raise RaisonManquante
        retenue = IssueRetenue(
            issue=issue, issue_calculee=calculee.value if calculee else "", raison=raison.strip(), par=par.id
        )
        self.issues.append(retenue)
        return retenue

    @property
    def issue_retenue(self) -> IssueRetenue | None:
        """The adviser's latest word on the outcome, if any."""
        return self.issues[-1] if self.issues else None

    def gardees(self) -> dict[str, Any]:
        """The answers as they are stored, by code."""
        return {code: reponse.valeur for code, reponse in self.reponses.items()}
