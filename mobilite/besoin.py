"""What a person needs and has, as frozen anonymous values: all that the engine ever sees of her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from mobilite.lieux import Lieu

Minute = int
"""An hour of the day, in minutes since midnight (0 to 1439)."""

Valeur = bool | float | str | frozenset[str] | None
"""An answer as stored; ``None`` is « préfère ne pas répondre », which no rule ever counts."""


class Jour(StrEnum):
    """A day of the week, in order."""

    LUN = "lun"
    MAR = "mar"
    MER = "mer"
    JEU = "jeu"
    VEN = "ven"
    SAM = "sam"
    DIM = "dim"

    @property
    def rang(self) -> int:
        """0 for Monday, like ``date.weekday()``."""
        return _RANGS[self]

    @property
    def libelle(self) -> str:
        """The day in full."""
        return ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")[self.rang]

    @classmethod
    def de(cls, jour: date) -> Jour:
        """The day of the week of a date."""
        return SEMAINE[jour.weekday()]


_RANGS = {jour: rang for rang, jour in enumerate(Jour)}
SEMAINE = tuple(Jour)
"""The days in order: ``SEMAINE[date.weekday()]``."""


class MotifDeplacement(StrEnum):
    """Why the person needs to go there."""

    EMPLOI = "emploi"
    ENTRETIEN = "entretien"
    FORMATION = "formation"
    STAGE = "stage"
    SANTE = "sante"
    ADMINISTRATIF = "administratif"
    FAMILLE = "famille"
    COURSES = "courses"
    VIE_SOCIALE = "vie_sociale"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The reason in French."""
        return {
            "emploi": "emploi",
            "entretien": "entretien d'embauche",
            "formation": "formation",
            "stage": "stage",
            "sante": "santé",
            "administratif": "démarche administrative",
            "famille": "famille",
            "courses": "courses",
            "vie_sociale": "vie sociale, loisirs",
            "autre": "autre motif",
        }[self.value]


class TypeMoyen(StrEnum):
    """A means the person already has."""

    MARCHE = "marche"
    VELO = "velo"
    VAE = "vae"
    SCOOTER = "scooter"
    VOITURE = "voiture"
    PASSAGER = "passager"


class EtatMoyen(StrEnum):
    """Whether that means works today."""

    ROULANT = "roulant"
    EN_PANNE = "en_panne"
    A_VERIFIER = "a_verifier"


class CategoriePermis(StrEnum):
    """What the person holds, or where she stands on the way to it."""

    AUCUN = "aucun"
    CODE_EN_COURS = "code_en_cours"
    CODE_OBTENU = "code_obtenu"
    AM = "AM"
    A1 = "A1"
    A2 = "A2"
    A = "A"
    B = "B"
    B78 = "B78"
    ETRANGER_EEE = "etranger_eee"
    ETRANGER_HORS_EEE = "etranger_hors_eee"


class EtatPermis(StrEnum):
    """Suspended, cancelled and invalid are three different things in law."""

    VALIDE = "valide"
    SUSPENDU = "suspendu"
    ANNULE = "annule"
    INVALIDE = "invalide"
    A_VERIFIER = "a_verifier"


@dataclass(frozen=True, slots=True)
class Permis:
    """The licence: its categories, its state, and when it was obtained if that is known."""

    categories: frozenset[CategoriePermis]
    etat: EtatPermis = EtatPermis.VALIDE
    obtenu_le: date | None = None
    obtenu_en: int | None = None


@dataclass(frozen=True, slots=True)
class Plage:
    """A window of hours on some days: « lundi à vendredi, 4 h 15–13 h 45 »; ``a`` < ``de`` ends next day."""

    jours: frozenset[Jour]
    de: Minute
    a: Minute


@dataclass(frozen=True, slots=True)
class Moyen:
    """A means she has and when it is free; ``disponible=None``: nobody has said when."""

    type: TypeMoyen
    etat: EtatMoyen = EtatMoyen.A_VERIFIER
    disponible: tuple[Plage, ...] | None = None


@dataclass(frozen=True, slots=True)
class Depart:
    """A place she leaves from, for a time: « chez sa sœur, jusqu'au 15 décembre »."""

    lieu: Lieu
    du: date | None = None
    au: date | None = None

    def vaut_le(self, jour: date) -> bool:
        """Whether she leaves from here on that day."""
        return (self.du is None or self.du <= jour) and (self.au is None or jour <= self.au)


@dataclass(frozen=True, slots=True)
class LieuLibre:
    """A destination outside the known communes, with the minutes somebody typed in (or none)."""

    nom: str
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One going and coming back: a day (of a numbered week, or a date) and its hours.

    ``arrivee`` is the hour to be there, ``retour`` the hour she can leave; ``None`` when nobody
    said. ``retour`` earlier than ``arrivee`` is the next morning (night shift).
    """

    jour: Jour
    arrivee: Minute | None = None
    retour: Minute | None = None
    semaine: int | None = None
    date: date | None = None

    @property
    def nuits(self) -> int:
        """1 when she comes back the next morning, else 0."""
        return int(self.arrivee is not None and self.retour is not None and self.retour < self.arrivee)


@dataclass(frozen=True, slots=True)
class Besoin:
    """A need to move: where, why, when, with whom."""

    id: str
    destination: Lieu | LieuLibre
    motif: MotifDeplacement | None
    passages: tuple[Passage, ...]
    premier_jour: date | None = None
    connu_le: date | None = None
    avec: tuple[str, ...] = ()
    aujourdhui: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """One person, without her identity. ``None`` means « nobody has said », everywhere.

    ``moyens=()`` means none at all; ``reponses`` maps questionnaire codes to answers.
    """

    annee_naissance: int | None = None
    rattachement: str | None = None
    departs: tuple[Depart, ...] = ()
    permis: Permis | None = None
    moyens: tuple[Moyen, ...] | None = None
    reponses: Mapping[str, Valeur] = field(default_factory=lambda: MappingProxyType({}))
    besoins: tuple[Besoin, ...] = ()

    def depart_le(self, jour: date) -> Lieu | None:
        """The place she leaves from on a day: the most recently started one that holds, if any."""
        valables = [d for d in self.departs if d.vaut_le(jour)]
        return max(valables, key=lambda d: d.du or date.min).lieu if valables else None


def en_heure(minute: Minute) -> str:
    """« 7 h 05 », as people write it."""
    heures, minutes = divmod(minute % 1440, 60)
    return f"{heures} h {minutes:02d}" if minutes else f"{heures} h"
