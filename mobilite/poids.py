"""The weights an adviser chose for one person, instead of those of the house."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from mobilite.acteur import Acteur
from mobilite.base import Base, Document, maintenant
from mobilite.erreurs import DonneeRefusee
from mobilite.personnes import Personne, visible_par

POIDS_MAX = 100
"""The heaviest a criterion may be: more says nothing more."""


class PoidsDuDossier(Base, kw_only=True):
    """What counts more, or less, for this person: ``valeurs`` maps a criterion to its weight in points."""

    __tablename__ = "poids_dossier"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), unique=True)
    valeurs: Mapped[dict[str, Any]] = mapped_column(Document, default_factory=dict)
    choisis_par: Mapped[int]
    choisis_le: Mapped[datetime] = mapped_column(default_factory=maintenant)

    def choisir(self, valeurs: Mapping[str, float], par: Acteur) -> None:
        """Replace the weights."""
        self.valeurs = dict(valeurs)
        self.choisis_par, self.choisis_le = par.id, maintenant()


def lire_poids(saisie: Mapping[str, str], en_vigueur: Mapping[str, float]) -> dict[str, float]:
    """The weights typed, the others as they are; raises ``DonneeRefusee`` naming the criterion."""
    return {
        critere: _lire(critere, saisie[critere].strip()) if saisie.get(critere, "").strip() else poids
        for critere, poids in en_vigueur.items()
    }


def _lire(critere: str, texte: str) -> float:
    if not (texte.isascii() and texte.isdecimal() and len(texte) <= 3 and int(texte) <= POIDS_MAX):
        raise DonneeRefusee(critere, f"Un nombre entier de 0 à {POIDS_MAX} est attendu.")
    return float(texte)


def poids_de_la_personne(acteur: Acteur, personne: Personne) -> Select[PoidsDuDossier]:
    """The weights of one dossier, for whoever may open it."""
    return select(PoidsDuDossier).where(
        PoidsDuDossier.personne_id == personne.id, visible_par(acteur, PoidsDuDossier.personne_id)
    )
