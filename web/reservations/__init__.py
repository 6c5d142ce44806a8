"""Booking a vehicle within a transaction: every function runs inside that of its caller, which commits."""

from __future__ import annotations

from web.occupation import calendriers
from web.reservations.alternatives import HORIZON, PROPOSEES, alternatives
from web.reservations.changements import changer_vehicule, deplacer, echanger
from web.reservations.conclusion import liberer_les_demandes_expirees, regles_de
from web.reservations.demandes import accepter, decliner, demander
from web.reservations.prolongations import (
    PROLONGEABLES,
    Ensuite,
    ProlongationImpossible,
    ce_qui_suit,
    fins_possibles,
    renouveler,
    suite_vivante,
)
from web.reservations.remises import clore, remettre, rendre
from web.reservations.reponses import (
    absences_a_suivre,
    annuler,
    confirmer,
    noter_absente,
    noter_papiers,
    noter_recontactee,
    refuser,
)

__all__ = [
    "HORIZON",
    "PROLONGEABLES",
    "PROPOSEES",
    "Ensuite",
    "ProlongationImpossible",
    "absences_a_suivre",
    "accepter",
    "alternatives",
    "annuler",
    "calendriers",
    "ce_qui_suit",
    "changer_vehicule",
    "clore",
    "confirmer",
    "decliner",
    "demander",
    "deplacer",
    "echanger",
    "fins_possibles",
    "liberer_les_demandes_expirees",
    "noter_absente",
    "noter_papiers",
    "noter_recontactee",
    "refuser",
    "regles_de",
    "remettre",
    "rendre",
    "renouveler",
    "suite_vivante",
]
