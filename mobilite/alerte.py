"""Contradictions and alerts of a diagnostic: what to look at before going further, and why.

Each is a rule of ``seeds/questionnaire/alertes.toml``. It warns; it never closes anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mobilite.conditions import Vocabulaire
from mobilite.faits import Faits
from mobilite.regle_visible import Jugement, Regle, juger_regle, lire_regle
from mobilite.toml import TableToml, lire_toml
from mobilite.verdict import Verdict


class Consequence(StrEnum):
    """What an alert asks to do: the codes that the plan reads."""

    CODE_FLE_D_ABORD = "code_fle_d_abord"
    PERMIS_A_REGLER = "permis_a_regler"
    AM_D_ABORD = "am_d_abord"
    AUTRE_QUE_LE_CAR = "autre_que_le_car"
    COUT_A_REVOIR = "cout_a_revoir"
    AVIS_MEDICAL_D_ABORD = "avis_medical_d_abord"
    GARAGE_D_ABORD = "garage_d_abord"
    TRANSPORT_ACCOMPAGNE = "transport_accompagne"
    SANS_SMARTPHONE = "sans_smartphone"
    DEPANNAGE_ET_DURABLE = "depannage_et_durable"

    @property
    def libelle(self) -> str:
        """What to do, to the adviser."""
        return {
            "code_fle_d_abord": "Proposer le code en français facile avant l'inscription au permis.",
            "permis_a_regler": "Régler le permis avant toute location ou tout autopartage.",
            "am_d_abord": "Passer l'attestation AM (BSR) avant le scooter ou la voiturette.",
            "autre_que_le_car": "Chercher autre chose que le car pour ces heures-là.",
            "cout_a_revoir": "Revoir le coût avec elle : aides, autre solution, point budget.",
            "avis_medical_d_abord": "Voir le médecin ou contrôler la vue avant de payer le permis.",
            "garage_d_abord": "Passer par le garage solidaire avant de louer.",
            "transport_accompagne": "Un transport accompagné plutôt que l'auto-stop.",
            "sans_smartphone": "Une réservation par téléphone, ou quelqu'un qui réserve pour elle.",
            "depannage_et_durable": "Dépanner tout de suite, et préparer la suite durable en même temps.",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Alerte:
    """One rule and what it asks to do."""

    regle: Regle
    consequence: Consequence

    @property
    def code(self) -> str:
        """Its name."""
        return self.regle.code


@dataclass(frozen=True, slots=True)
class AlerteJugee:
    """An alert and what it says of somebody today."""

    alerte: Alerte
    jugement: Jugement

    @property
    def verdict(self) -> Verdict:
        """OUI: it speaks; À VÉRIFIER: something is missing to know."""
        return self.jugement.verdict


def lire_alertes(chemin: Path, mots: Vocabulaire) -> tuple[Alerte, ...]:
    """Read every alert. Raises ``FichierRefuse`` naming the file, the alert and the field."""
    table = TableToml(lire_toml(chemin), chemin.name)
    lues: dict[str, Alerte] = {}
    for sous in table.tables("alertes", par_code=True):
        alerte = Alerte(lire_regle(sous, mots), sous.parmi("consequence", Consequence))
        if alerte.code in lues:
            sous.refuser("code", "ce code est déjà pris.")
        sous.finir()
        lues[alerte.code] = alerte
    table.finir()
    return tuple(lues.values())


def examiner_alertes(alertes: Sequence[Alerte], faits: Faits) -> tuple[AlerteJugee, ...]:
    """What each alert says, those that speak first; those that do not are left out."""
    jugees = [AlerteJugee(alerte, juger_regle(alerte.regle, faits)) for alerte in alertes]
    return tuple(
        jugee for voulu in (Verdict.OUI, Verdict.A_VERIFIER) for jugee in jugees if jugee.verdict is voulu
    )


def consequences(jugees: Sequence[AlerteJugee]) -> frozenset[Consequence]:
    """What the alerts that speak ask to do."""
    return frozenset(jugee.alerte.consequence for jugee in jugees if jugee.verdict is Verdict.OUI)
