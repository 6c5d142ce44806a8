"""A bilan de mobilité that somebody else already made: what it says in codes, so that nothing is asked twice.

The document itself is never copied: it was seen, on a day. Its answers are suggestions until the adviser
confirms them with her, one by one or together; what came of each is kept beside the diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, Identifie, maintenant
from mobilite.bilan import Niveau
from mobilite.diagnostic import Diagnostic
from mobilite.erreurs import RegleMetier
from mobilite.intensite import plus_mois
from mobilite.parametres import Parametres
from mobilite.personnes import visible_par
from mobilite.prescription import FormeAccord
from mobilite.question import Axe


class BilanRetire(RegleMetier):
    """Nothing more is taken from a bilan she no longer wants used."""

    code = "bilan_retire"

    def __init__(self) -> None:
        super().__init__("Son accord a été retiré : ce bilan ne sert plus.")


class OrganismeBilan(StrEnum):
    """Who made it."""

    FRANCE_TRAVAIL = "france_travail"
    WIMOOV = "wimoov"
    MISSION_LOCALE = "mission_locale"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The maker in French."""
        return {
            "france_travail": "Bilan mobilité France Travail",
            "wimoov": "Test mobilité Wimoov",
            "mission_locale": "Bilan de la mission locale",
            "autre": "Autre bilan",
        }[self.value]


class RemisPar(StrEnum):
    """Who brought it to us."""

    PERSONNE = "personne"
    ORGANISME = "organisme"
    PRESCRIPTEUR = "prescripteur"

    @property
    def libelle(self) -> str:
        """The bringer in French."""
        return {
            "personne": "La personne",
            "organisme": "L'organisme qui l'a fait",
            "prescripteur": "Qui l'oriente vers nous",
        }[self.value]


class Suite(StrEnum):
    """What came of one suggestion."""

    CONFIRMEE = "confirmee"
    ECARTEE = "ecartee"


class BilanExterne(Identifie, Base, kw_only=True):
    """One bilan made elsewhere.

    ``vu_le``: the day its paper was seen, ``None`` when it was only told. ``niveaux`` gives a level by
    axis, ``reponses`` an answer by code of the version ``questionnaire``, both as coded values. Once
    ``retire_le`` is set, both are empty. ``cle`` is the key of the form: sent twice, it is one bilan.
    """

    __tablename__ = "bilan_externe"
    __table_args__ = (
        UniqueConstraint("personne_id", "cle"),
        CheckConstraint("organisme <> 'autre' OR organisme_nom <> ''", name="nomme"),
        CheckConstraint("vu_le >= fait_le", name="vu_apres"),
        CheckConstraint("accord_le >= fait_le", name="accord_apres"),
        CheckConstraint("(retire_le IS NULL) = (retire_par IS NULL)", name="retire_par_quelqu_un"),
    )

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    organisme: Mapped[OrganismeBilan]
    organisme_nom: Mapped[str] = mapped_column(default="")
    fait_le: Mapped[date]
    remis_par: Mapped[RemisPar]
    vu_le: Mapped[date | None] = mapped_column(default=None)
    accord_le: Mapped[date]
    accord_comment: Mapped[FormeAccord]
    questionnaire: Mapped[str]
    niveaux: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    reponses: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    note_par: Mapped[int]
    note_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    retire_le: Mapped[datetime | None] = mapped_column(default=None)
    retire_par: Mapped[int | None] = mapped_column(default=None)
    cle: Mapped[str | None] = mapped_column(default=None)
    reprises: Mapped[list[ReponseReprise]] = relationship(
        init=False,
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="ReponseReprise.id",
        lazy="selectin",
    )

    @property
    def nom(self) -> str:
        """What to call it on screen."""
        return self.organisme_nom or self.organisme.libelle

    @property
    def retire(self) -> bool:
        """Whether she took her agreement back."""
        return self.retire_le is not None

    def niveau(self, axe: Axe) -> Niveau | None:
        """The level it gives to an axis, if it speaks of it."""
        dit = self.niveaux.get(axe.value)
        return Niveau(dit) if dit else None

    def a_revoir(self, le: date, p: Parametres) -> bool:
        """Whether it is old enough to be looked at again with her before it is used."""
        return plus_mois(self.fait_le, int(p["bilan_externe.a_revoir_apres_mois"])) <= le

    def suite(self, diagnostic: Diagnostic, code: str) -> ReponseReprise | None:
        """What came of the suggestion for one question of a diagnostic, if anything yet."""
        return next((r for r in self.reprises if r.diagnostic_id == diagnostic.id and r.code == code), None)

    def noter_suite(
        self, diagnostic: Diagnostic, code: str, suite: Suite, par: Acteur, *, marque: datetime | None = None
    ) -> ReponseReprise:
        """Keep what came of one suggestion; raises ``BilanRetire`` once her agreement is taken back."""
        if self.retire:
            raise BilanRetire
        ligne = self.suite(diagnostic, code)
        if ligne is None:
            ligne = ReponseReprise(
                diagnostic_id=diagnostic.id, code=code, suite=suite, marque=marque, par=par.id
            )
            self.reprises.append(ligne)
        else:
            ligne.suite, ligne.marque, ligne.par, ligne.le = suite, marque, par.id, maintenant()
        return ligne

    def retirer(self, par: Acteur) -> bool:
        """Forget what it says, at once; whether anything changed. Confirmed answers are hers and stay."""
        if self.retire:
            return False
        self.retire_le, self.retire_par = maintenant(), par.id
        self.niveaux, self.reponses = {}, {}
        return True


class ReponseReprise(Base, kw_only=True):
    """What came of one suggestion: confirmed into the diagnostic, or put aside.

    ``marque`` is the instant of the answer it made: answered again since, the source no longer holds.
    """

    __tablename__ = "reponse_reprise"
    __table_args__ = (
        UniqueConstraint("bilan_id", "diagnostic_id", "code"),
        CheckConstraint("(suite = 'confirmee') = (marque IS NOT NULL)", name="confirmee_avec_sa_marque"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    bilan_id: Mapped[int] = mapped_column(ForeignKey("bilan_externe.id", ondelete="CASCADE"), init=False)
    diagnostic_id: Mapped[int] = mapped_column(ForeignKey("diagnostic.id", ondelete="CASCADE"), index=True)
    code: Mapped[str]
    suite: Mapped[Suite]
    marque: Mapped[datetime | None] = mapped_column(default=None)
    par: Mapped[int]
    le: Mapped[datetime] = mapped_column(default_factory=maintenant)


def bilans_visibles_par(acteur: Acteur, personne_id: int) -> Select[BilanExterne]:
    """The bilans of one person that somebody may read, latest first; what was taken back is not there."""
    return (
        select(BilanExterne)
        .where(
            BilanExterne.personne_id == personne_id,
            BilanExterne.retire_le.is_(None),
            visible_par(acteur, BilanExterne.personne_id),
        )
        .order_by(BilanExterne.fait_le.desc(), BilanExterne.id.desc())
    )


def sources(bilans: Iterable[BilanExterne], diagnostic: Diagnostic) -> Mapping[str, BilanExterne]:
    """By code, the bilan that each answer of a diagnostic was taken from and has not left since."""
    return {
        ligne.code: bilan
        for bilan in bilans
        for ligne in bilan.reprises
        if ligne.suite is Suite.CONFIRMEE
        and ligne.diagnostic_id == diagnostic.id
        and (reponse := diagnostic.reponses.get(ligne.code)) is not None
        and reponse.repondu_le == ligne.marque
    }
