"""The rules a fleet sets for its vehicles, kept once an offer.

What the sheet of the offer already says (notice, longest duration, kilometres a day, deposit, documents,
age of the licence) stays there, where the engine reads it: it is not kept twice. ``Reglement.regles`` is
both together, as the frozen value that judges. An offer without a row has no rule: ``SANS_REGLE``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.base import Base, Identifie, maintenant
from mobilite.horaires import lire_horaires
from mobilite.offre import Offre
from mobilite.regles_de_flotte import TENUE, Regles


class Reglement(Identifie, Base, kw_only=True):
    """The rules of one offer with vehicles. ``None`` is no limit; hours and days are whole.

    ``tampon_heures``: between a return and the next departure. ``ouvertures``: when keys are handed over
    and taken back, in the writing of ``mobilite.horaires``; empty: nobody has said. ``fermetures``: days
    closed, ``[{"du": ISO day, "au": ISO day}]``, both included. ``tenue_heures``: how long a request
    keeps its vehicle, papers and deposit included.
    """

    __tablename__ = "reglement"
    __table_args__ = (
        CheckConstraint("tampon_heures BETWEEN 0 AND 336", name="tampon"),
        CheckConstraint("tenue_heures BETWEEN 1 AND 720", name="tenue"),
    )

    offre_id: Mapped[int] = mapped_column(ForeignKey("offre.id"), init=False, unique=True)
    offre: Mapped[Offre] = relationship()
    tampon_heures: Mapped[int] = mapped_column(default=0)
    tenue_heures: Mapped[int] = mapped_column(default=round(TENUE / timedelta(hours=1)))
    renouvellements_max: Mapped[int | None] = mapped_column(default=None)
    reservations_par_mois: Mapped[int | None] = mapped_column(default=None)
    jours_par_30_jours: Mapped[int | None] = mapped_column(default=None)
    ouvertures: Mapped[str] = mapped_column(default="")
    fermetures: Mapped[list[Any]] = mapped_column(default_factory=list)
    prescription_requise: Mapped[bool] = mapped_column(default=False)
    caution_dispensable: Mapped[bool] = mapped_column(default=True)
    modifie_le: Mapped[datetime] = mapped_column(default_factory=maintenant)

    def regles(self) -> Regles:
        """These rules and those of the sheet, ready to judge."""
        fiche = self.offre.fiche
        return Regles(
            tampon=timedelta(hours=self.tampon_heures),
            tenue=timedelta(hours=self.tenue_heures),
            preavis=timedelta(
                days=float(fiche.get("delai_jours") or 0), hours=float(fiche.get("preavis_heures") or 0)
            ),
            duree_max_jours=fiche.get("duree_max_jours"),
            renouvellements_max=self.renouvellements_max,
            reservations_par_mois=self.reservations_par_mois,
            jours_par_30_jours=self.jours_par_30_jours,
            ouvertures=lire_horaires(self.ouvertures),
            fermetures=tuple(periodes(self.fermetures)),
            prescription_requise=self.prescription_requise,
            caution=float((fiche.get("prix") or {}).get("caution") or 0),
            caution_dispensable=self.caution_dispensable,
            km_max_jour=fiche.get("km_max_jour"),
            ecrites=True,
        )


def periodes(fermetures: Iterable[Any]) -> Iterable[tuple[date, date]]:
    """The closed periods of a stored document, as days."""
    return (
        (date.fromisoformat(fermeture["du"]), date.fromisoformat(fermeture["au"])) for fermeture in fermetures
    )


def reglement_de(offre_id: int) -> Select[Reglement]:
    """The rules of an offer, if it has some."""
    return select(Reglement).where(Reglement.offre_id == offre_id)
