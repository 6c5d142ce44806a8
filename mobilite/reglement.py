"""The rules a fleet sets for its vehicles: kept once an offer, judged as one frozen value.

What the sheet of the offer already says (notice, longest duration, kilometres a day, deposit, documents)
stays there, where the engine reads it: it is not kept twice. ``Regles`` is both together. An offer without
a row has no rule, and a request keeps its vehicle for ``TENUE_HEURES``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.base import Base, Identifie, maintenant
from mobilite.offre import Offre

TENUE_HEURES = 48
"""How long a request keeps its vehicle while the partner answers (hypothesis, never past its start)."""


class Reglement(Identifie, Base, kw_only=True):
    """The rules of one offer with vehicles. ``None`` is no limit; hours and days are whole.

    ``tampon_heures``: between a return and the next departure. ``ouvertures``: when keys are handed over
    and taken back, in the writing of ``mobilite.horaires``; empty: nobody has said. ``fermetures``: days
    closed, ``[{"du": ISO day, "au": ISO day}]``, both included. ``tenue_heures``: how long a request
    keeps its vehicle, papers and deposit included. ``anciennete_permis_mois``: what the insurer asks.
    """

    __tablename__ = "reglement"
    __table_args__ = (
        CheckConstraint("tampon_heures BETWEEN 0 AND 336", name="tampon"),
        CheckConstraint("tenue_heures BETWEEN 1 AND 720", name="tenue"),
    )

    offre_id: Mapped[int] = mapped_column(ForeignKey("offre.id"), init=False, unique=True)
    offre: Mapped[Offre] = relationship()
    tampon_heures: Mapped[int] = mapped_column(default=0)
    tenue_heures: Mapped[int] = mapped_column(default=TENUE_HEURES)
    renouvellements_max: Mapped[int | None] = mapped_column(default=None)
    reservations_par_mois: Mapped[int | None] = mapped_column(default=None)
    jours_par_30_jours: Mapped[int | None] = mapped_column(default=None)
    ouvertures: Mapped[str] = mapped_column(default="")
    fermetures: Mapped[list[Any]] = mapped_column(default_factory=list)
    prescription_requise: Mapped[bool] = mapped_column(default=False)
    caution_dispensable: Mapped[bool] = mapped_column(default=True)
    anciennete_permis_mois: Mapped[int | None] = mapped_column(default=None)
    modifie_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
