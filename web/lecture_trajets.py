"""The register of an association, as a table (CSV): each line a trip made, read or refused by name.

Columns: ``date;depart;arrivee;km;passagers;critere;participation;vehicule;benevole``, then if known
``places;personnes;numero``. ``critere``: ``residence``, ``ressources`` or empty. ``personnes``: opaque numbers between spaces, never names.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from mobilite.document import Champ
from mobilite.droit.rapport_prefet import CritereTransport, TrajetRealise
from mobilite.erreurs import DonneeRefusee
from web.communes import commune_dite
from web.jours import lire_jour
from web.lecture_csv import lire_lignes

COLONNES = (
    "date",
    "depart",
    "arrivee",
    "km",
    "passagers",
    "critere",
    "participation",
    "vehicule",
    "benevole",
)
COLONNES_FACULTATIVES = ("places", "personnes", "numero")
TAILLE_MAX_OCTETS = 5_000_000
_LIGNES_MAX = 50_000
_REFUS_MONTRES = 20
_EUROS_MAX = 1000


class RegistreRefuse(DonneeRefusee):
    """A register with at least one line that cannot be read: no report is drawn up from a part of it."""

    code = "registre_refuse"

    def __init__(self, lignes: list[tuple[int, str]]) -> None:
        montrees = [f"  ligne {numero} : {raison}" for numero, raison in lignes[:_REFUS_MONTRES]]
        if len(lignes) > _REFUS_MONTRES:
            montrees.append(f"  et {len(lignes) - _REFUS_MONTRES} autres.")
        super().__init__("", f"{len(lignes)} ligne(s) à corriger :\n" + "\n".join(montrees))
        self.lignes = tuple(lignes)


def lire_registre(octets: bytes) -> list[TrajetRealise]:
    """Every trip of the register; a commune is read by its name or its code, as anywhere a person types it.

    Raises ``RegistreRefuse`` with each line and its reason, ``DonneeRefusee`` when the file as a
    whole cannot be read.
    """
    trajets: list[TrajetRealise] = []
    refusees: list[tuple[int, str]] = []
    commune = cache(_commune)
    for numero, brute in lire_lignes(
        octets,
        COLONNES,
        octets_max=TAILLE_MAX_OCTETS,
        lignes_max=_LIGNES_MAX,
        vide="Le fichier ne contient aucun trajet.",
    ):
        ligne = {c: (brute.get(c) or "").strip() for c in COLONNES + COLONNES_FACULTATIVES}
        try:
            trajets.append(_lire_ligne(ligne, commune))
        except DonneeRefusee as refus:
            refusees.append((numero, f"« {refus.champ} » : {refus.raison}"))
    if refusees:
        raise RegistreRefuse(refusees)
    return trajets


def _lire_ligne(ligne: dict[str, str], commune: Callable[[str, str], str]) -> TrajetRealise:
    euros = _nombre(ligne, "participation", 0, _EUROS_MAX) if ligne["participation"] else 0
    passagers = int(_nombre(ligne, "passagers", 1, 8, entier=True))
    personnes = frozenset(_texte(n, "personnes") for n in ligne["personnes"].split())
    if len(personnes) > passagers:
        raise DonneeRefusee("personnes", "il y a plus de numéros que de passagers.")
    return TrajetRealise(
        date=lire_jour(ligne["date"], "date"),
        depart_insee=commune(ligne["depart"], "depart"),
        arrivee_insee=commune(ligne["arrivee"], "arrivee"),
        km=_nombre(ligne, "km", 0.1, 2000),
        passagers=passagers,
        critere=Champ(ligne["critere"], "critere").parmi(CritereTransport)
        if ligne["critere"]
        else CritereTransport.A_VERIFIER,
        participation_centimes=round(euros * 100),
        vehicule=_texte(ligne["vehicule"], "vehicule"),
        benevole_numero=_texte(ligne["benevole"], "benevole"),
        places=int(_nombre(ligne, "places", 2, 100, entier=True)) if ligne["places"] else None,
        personnes=personnes,
        numero=_texte(ligne["numero"], "numero"),
    )


def _texte(valeur: str, nom: str) -> str:
    return Champ(valeur, nom).texte(80) if valeur else ""


def _commune(texte: str, champ: str) -> str:
    """The INSEE code; empty when nobody wrote the commune down."""
    return commune_dite(texte, champ).insee if texte else ""


def _nombre(
    ligne: dict[str, str], nom: str, au_moins: float, au_plus: float, *, entier: bool = False
) -> float:
    try:
        valeur = float(ligne[nom].replace(",", ".").rstrip("€ \u00a0\u202f"))
    except ValueError:
        raise DonneeRefusee(nom, "un nombre est attendu.") from None
    if not math.isfinite(valeur) or not au_moins <= valeur <= au_plus:
        raise DonneeRefusee(nom, f"un nombre de {au_moins:g} à {au_plus:g} est attendu.")
    if entier and valeur != int(valeur):
        raise DonneeRefusee(nom, "un nombre entier est attendu.")
    return valeur
