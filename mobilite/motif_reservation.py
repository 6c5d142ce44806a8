"""How a booking was asked, and why it was refused, given up, missed, or confirmed without a deposit."""

from __future__ import annotations

from enum import StrEnum


class CanalDemande(StrEnum):
    """How a request reached us."""

    EN_LIGNE = "en_ligne"
    TELEPHONE = "telephone"
    GUICHET = "guichet"

    @property
    def libelle(self) -> str:
        """The way in French."""
        return {"en_ligne": "En ligne", "telephone": "Par téléphone", "guichet": "Au guichet"}[self.value]


class MotifRefus(StrEnum):
    """Why a partner says no; the phrase is what she reads."""

    PLUS_LIBRE = "plus_libre"
    PAPIERS = "papiers"
    CONDITIONS = "conditions"
    ENTRETIEN = "entretien"
    AUTRE = "autre"

    @property
    def phrase(self) -> str:
        """The reason as she reads it; empty when it must be written."""
        return {
            "plus_libre": "Le véhicule n’est pas disponible ces jours-là.",
            "papiers": "Il manque des papiers que l’assurance demande.",
            "conditions": "Les conditions de l’offre ne sont pas réunies.",
            "entretien": "Le véhicule est en réparation.",
            "autre": "",
        }[self.value]


class MotifSansSuite(StrEnum):
    """Why a booking was given up, or why she did not come: to help next time, never to punish."""

    TRANSPORT = "transport"
    SANTE = "sante"
    EMPLOI = "emploi"
    AUTRE_SOLUTION = "autre_solution"
    DATES = "dates"
    AVIS_CHANGE = "avis_change"
    PAS_PREVENUE = "pas_prevenue"
    PAPIERS = "papiers"
    VEHICULE = "vehicule"
    AUTRE = "autre"
    NON_DIT = "non_dit"

    @property
    def libelle(self) -> str:
        """The reason in French, fit for the person."""
        return {
            "transport": "Pas de moyen de venir chercher le véhicule",
            "sante": "Un problème de santé",
            "emploi": "Le travail ou la formation s’est arrêté",
            "autre_solution": "Une autre solution a été trouvée",
            "dates": "Les jours ne convenaient plus",
            "avis_change": "Un changement d’avis",
            "pas_prevenue": "La réponse n’est pas arrivée jusqu’à elle",
            "papiers": "Il manquait des papiers ou la caution",
            "vehicule": "Le véhicule n’était plus en état",
            "autre": "Une autre raison",
            "non_dit": "La raison n’est pas connue",
        }[self.value]

    @property
    def pour_la_flotte(self) -> str:
        """The reason as a structure reads it: her health is said in the same words as any other reason."""
        if self in (MotifSansSuite.SANTE, MotifSansSuite.AUTRE):
            return "Une raison personnelle, ou une autre raison"
        return self.libelle

    @property
    def de_mobilite(self) -> bool:
        """Whether the reason is itself a lack of mobility: her adviser looks for another way with her."""
        return self in (MotifSansSuite.TRANSPORT, MotifSansSuite.PAS_PREVENUE)


class SansCaution(StrEnum):
    """Why a place is confirmed although nobody saw a deposit."""

    NON_DEMANDEE = "non_demandee"
    AVANCEE = "avancee"
    RENONCEE = "renoncee"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "non_demandee": "L'offre n'en demande pas",
            "avancee": "Un fonds d'aide ou un prescripteur la garantit",
            "renoncee": "La structure y renonce pour cette personne",
        }[self.value]
