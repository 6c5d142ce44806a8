"""How closely somebody is accompanied, and when the two of them look at it again."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from mobilite.parametres import Parametres

MOIS_DE_L_AN = 12


class Intensite(StrEnum):
    """Three intensities: what changes is how often adviser and person meet on the plan."""

    LEGER = "leger"
    MOYEN = "moyen"
    RENFORCE = "renforce"

    @property
    def libelle(self) -> str:
        """The intensity in French."""
        return {"leger": "léger", "moyen": "moyen", "renforce": "renforcé"}[self.value]


def prochaine_revue(intensite: Intensite, depuis: date, p: Parametres) -> date:
    """The day to look at the plan again: the weeks of ``suivi.revue_<intensite>_semaines`` later."""
    return depuis + timedelta(weeks=int(p[f"suivi.revue_{intensite.value}_semaines"]))


def plus_mois(jour: date, mois: int) -> date:
    """The same day some months later; the last day of the month when there is no such day."""
    annee, rang = divmod(jour.year * MOIS_DE_L_AN + jour.month - 1 + mois, MOIS_DE_L_AN)
    return date(annee, rang + 1, min(jour.day, monthrange(annee, rang + 1)[1]))
