"""Small exercises on things of here: a timetable, a map, an hour to leave. What they showed is kept, never graded.

A result only suggests an answer of the diagnostic, that somebody has to confirm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.base import Base, maintenant
from mobilite.diagnostic import Diagnostic


class Exercice(StrEnum):
    """What is tried. The value is also what stands in addresses."""

    HORAIRE = "horaire"
    CARTE = "carte"
    DEPART = "depart"

    @property
    def libelle(self) -> str:
        """The exercise as the adviser says it."""
        return {
            "horaire": "Lire une fiche horaire",
            "carte": "Se placer sur une carte",
            "depart": "Trouver à quelle heure partir",
        }[self.value]

    @property
    def question(self) -> str:
        """The code of the question it speaks to."""
        return {"horaire": "D6_horaires", "carte": "D6_plan", "depart": "D6_heure_depart"}[self.value]


class ResultatExercice(StrEnum):
    """How it went. None of them is a failure."""

    REUSSI = "reussi"
    AVEC_AIDE = "avec_aide"
    PAS_ENCORE = "pas_encore"
    PASSE = "passe"

    @property
    def libelle(self) -> str:
        """The result as the adviser reads it."""
        return {
            "reussi": "réussi",
            "avec_aide": "réussi avec de l'aide",
            "pas_encore": "pas encore",
            "passe": "passé",
        }[self.value]


_SUGGERE: Mapping[Exercice, Mapping[ResultatExercice, Any]] = MappingProxyType(
    {
        Exercice.HORAIRE: {
            ResultatExercice.REUSSI: "seul",
            ResultatExercice.AVEC_AIDE: "avec_aide",
            ResultatExercice.PAS_ENCORE: "pas_encore",
        },
        # One exercise missed says « with difficulty », never « not at all ».
        Exercice.CARTE: {
            ResultatExercice.REUSSI: 3,
            ResultatExercice.AVEC_AIDE: 2,
            ResultatExercice.PAS_ENCORE: 1,
        },
        Exercice.DEPART: {
            ResultatExercice.REUSSI: 3,
            ResultatExercice.AVEC_AIDE: 2,
            ResultatExercice.PAS_ENCORE: 1,
        },
    }
)


class ExerciceFait(Base, kw_only=True):
    """One exercise tried, or passed over, within a diagnostic. Earlier ones are kept; the last one counts.

    ``cle`` is the mark of the form that said so: sent twice, it is one exercise. ``seule``: she was alone.
    """

    __tablename__ = "exercice_fait"
    __table_args__ = (UniqueConstraint("diagnostic_id", "cle"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    diagnostic_id: Mapped[int] = mapped_column(ForeignKey("diagnostic.id", ondelete="CASCADE"))
    exercice: Mapped[Exercice]
    resultat: Mapped[ResultatExercice]
    seule: Mapped[bool]
    cle: Mapped[str]
    par: Mapped[int]
    le: Mapped[datetime] = mapped_column(default_factory=maintenant)

    @property
    def suggere(self) -> Any:
        """The answer it suggests to the question of this exercise, as JSON; ``None`` for none."""
        return _SUGGERE[self.exercice].get(self.resultat)


def exercices_de(diagnostic: Diagnostic | None) -> Select[ExerciceFait]:
    """The exercises of a diagnostic, oldest first; none without a diagnostic."""
    numero = diagnostic.id if diagnostic is not None else None
    return (
        select(ExerciceFait)
        .where(ExerciceFait.diagnostic_id == numero)
        .order_by(ExerciceFait.le, ExerciceFait.id)
    )


def derniers(faits: Iterable[ExerciceFait]) -> dict[Exercice, ExerciceFait]:
    """The latest of each exercise, given them oldest first."""
    return {fait.exercice: fait for fait in faits}
