"""What is looked at on a vehicle at the keys, whichever it is: its gauge, equipment, where damage can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mobilite.candidate import CategorieVehicule
from mobilite.flotte import Energie, Vehicule


class Jauge(StrEnum):
    """How what is left to drive is read."""

    HUITIEMES = "huitiemes"
    POURCENT = "pourcent"

    @property
    def libelle(self) -> str:
        """What the needle or the screen shows."""
        return {"huitiemes": "Carburant", "pourcent": "Batterie"}[self.value]

    @property
    def plein(self) -> int:
        """The reading when it is full."""
        return {"huitiemes": 8, "pourcent": 100}[self.value]

    def dire(self, niveau: int) -> str:
        """« 5/8 », « plein », « 80 % »."""
        if self is Jauge.POURCENT:
            return f"{niveau} %"
        return {0: "vide", 4: "la moitié", 8: "plein"}.get(niveau, f"{niveau}/8")


class Proprete(StrEnum):
    """How clean it is."""

    PROPRE = "propre"
    A_NETTOYER = "a_nettoyer"
    SALE = "sale"

    @property
    def libelle(self) -> str:
        """The word on the sheet."""
        return {"propre": "Propre", "a_nettoyer": "À nettoyer un peu", "sale": "Sale"}[self.value]


class Equipement(StrEnum):
    """What goes with a vehicle, and is counted at both moments."""

    PAPIERS = "papiers"
    CONSTAT = "constat"
    GILET = "gilet"
    TRIANGLE = "triangle"
    ROUE_DE_SECOURS = "roue_de_secours"
    SIEGE_ENFANT = "siege_enfant"
    CHARGEUR = "chargeur"
    CASQUE = "casque"
    GANTS = "gants"
    ANTIVOL = "antivol"
    ECLAIRAGE = "eclairage"
    POMPE = "pompe"

    @property
    def libelle(self) -> str:
        """The thing in French."""
        return {
            "papiers": "Carte grise et assurance",
            "constat": "Constat amiable",
            "gilet": "Gilet jaune",
            "triangle": "Triangle",
            "roue_de_secours": "Roue de secours ou kit",
            "siege_enfant": "Siège enfant",
            "chargeur": "Chargeur ou câble",
            "casque": "Casque",
            "gants": "Gants",
            "antivol": "Antivol et sa clé",
            "eclairage": "Éclairage",
            "pompe": "Pompe",
        }[self.value]


_VOITURE = (
    Equipement.PAPIERS,
    Equipement.CONSTAT,
    Equipement.GILET,
    Equipement.TRIANGLE,
    Equipement.ROUE_DE_SECOURS,
    Equipement.SIEGE_ENFANT,
)
_SCOOTER = (
    Equipement.PAPIERS,
    Equipement.CONSTAT,
    Equipement.CASQUE,
    Equipement.GANTS,
    Equipement.GILET,
    Equipement.ANTIVOL,
)
_EQUIPEMENTS: Mapping[CategorieVehicule, tuple[Equipement, ...]] = {
    CategorieVehicule.VOITURE: _VOITURE,
    CategorieVehicule.VOITURETTE: _VOITURE[:-1],
    CategorieVehicule.SCOOTER50: _SCOOTER,
    CategorieVehicule.SCOOTER125: _SCOOTER,
    CategorieVehicule.VAE: (
        Equipement.CHARGEUR,
        Equipement.ANTIVOL,
        Equipement.CASQUE,
        Equipement.GILET,
        Equipement.ECLAIRAGE,
        Equipement.SIEGE_ENFANT,
    ),
    CategorieVehicule.VELO: (
        Equipement.ANTIVOL,
        Equipement.CASQUE,
        Equipement.GILET,
        Equipement.ECLAIRAGE,
        Equipement.POMPE,
        Equipement.SIEGE_ENFANT,
    ),
}


class Endroit(StrEnum):
    """Where on the vehicle a damage is."""

    AVANT = "avant"
    ARRIERE = "arriere"
    COTE_GAUCHE = "cote_gauche"
    COTE_DROIT = "cote_droit"
    TOIT = "toit"
    VITRES = "vitres"
    ROUES = "roues"
    INTERIEUR = "interieur"
    COFFRE = "coffre"
    CADRE = "cadre"
    GUIDON = "guidon"
    FREINS = "freins"
    SELLE = "selle"
    BATTERIE = "batterie"
    ECLAIRAGE = "eclairage"
    MECANIQUE = "mecanique"
    AUTRE = "autre"

    @property
    def libelle(self) -> str:
        """The place in French."""
        return {
            "avant": "Avant",
            "arriere": "Arrière",
            "cote_gauche": "Côté gauche",
            "cote_droit": "Côté droit",
            "toit": "Toit",
            "vitres": "Pare-brise et vitres",
            "roues": "Roues et pneus",
            "interieur": "Intérieur",
            "coffre": "Coffre",
            "cadre": "Cadre",
            "guidon": "Guidon",
            "freins": "Freins",
            "selle": "Selle",
            "batterie": "Batterie",
            "eclairage": "Éclairage",
            "mecanique": "Mécanique",
            "autre": "Ailleurs",
        }[self.value]


_A_QUATRE_ROUES = (
    Endroit.AVANT,
    Endroit.ARRIERE,
    Endroit.COTE_GAUCHE,
    Endroit.COTE_DROIT,
    Endroit.TOIT,
    Endroit.VITRES,
    Endroit.ROUES,
    Endroit.INTERIEUR,
    Endroit.COFFRE,
    Endroit.MECANIQUE,
    Endroit.AUTRE,
)
_A_DEUX_ROUES = (
    Endroit.AVANT,
    Endroit.ARRIERE,
    Endroit.CADRE,
    Endroit.ROUES,
    Endroit.GUIDON,
    Endroit.FREINS,
    Endroit.SELLE,
    Endroit.BATTERIE,
    Endroit.ECLAIRAGE,
    Endroit.MECANIQUE,
    Endroit.AUTRE,
)


def jauge_de(vehicule: Vehicule) -> Jauge | None:
    """How its level is read; ``None`` for what runs on legs alone."""
    if vehicule.categorie is CategorieVehicule.VAE:
        return Jauge.POURCENT
    if not vehicule.categorie.moteur or vehicule.energie is Energie.MUSCULAIRE:
        return None
    return Jauge.POURCENT if vehicule.energie is Energie.ELECTRIQUE else Jauge.HUITIEMES


def a_un_compteur(vehicule: Vehicule) -> bool:
    """Whether kilometres must be read on it (a bicycle may have none)."""
    return vehicule.categorie.moteur


def equipements_de(vehicule: Vehicule) -> tuple[Equipement, ...]:
    """What to look for with this vehicle, in the order it is looked for."""
    attendus = _EQUIPEMENTS[vehicule.categorie]
    branche = vehicule.energie is Energie.ELECTRIQUE and Equipement.CHARGEUR not in attendus
    return (*attendus, Equipement.CHARGEUR) if branche else attendus


def endroits_de(vehicule: Vehicule) -> tuple[Endroit, ...]:
    """Where a damage can be on this vehicle."""
    quatre = vehicule.categorie in (CategorieVehicule.VOITURE, CategorieVehicule.VOITURETTE)
    return _A_QUATRE_ROUES if quatre else _A_DEUX_ROUES


@dataclass(frozen=True, slots=True)
class Dommage:
    """One damage: ``cle`` is drawn with its form, so that sent twice it counts once."""

    cle: str
    endroit: Endroit
    mots: str

    @property
    def phrase(self) -> str:
        """« Côté gauche : rayure de dix centimètres »."""
        return f"{self.endroit.libelle} : {self.mots}"
