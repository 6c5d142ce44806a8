"""The words of the desk for what a situation says: licence, means, reasons, company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from mobilite.besoin import (
    CategoriePermis,
    EtatMoyen,
    EtatPermis,
    MotifDeplacement,
    Moyen,
    Permis,
    TypeMoyen,
)
from web.formats import jour_annee
from web.horaires import dire_plage

PERMIS: Mapping[CategoriePermis, str] = {
    CategoriePermis.AUCUN: "Pas de permis",
    CategoriePermis.CODE_EN_COURS: "Code en cours",
    CategoriePermis.CODE_OBTENU: "Code obtenu",
    CategoriePermis.AM: "AM (cyclomoteur, voiturette)",
    CategoriePermis.A1: "A1",
    CategoriePermis.A2: "A2",
    CategoriePermis.A: "A",
    CategoriePermis.B: "B",
    CategoriePermis.B78: "B, boîte automatique seulement (78)",
    CategoriePermis.ETRANGER_EEE: "Permis d'un pays de l'Union européenne ou de l'EEE",
    CategoriePermis.ETRANGER_HORS_EEE: "Permis d'un autre pays",
}
ETATS_PERMIS: Mapping[EtatPermis, str] = {
    EtatPermis.VALIDE: "Valide",
    EtatPermis.SUSPENDU: "Suspendu (rendu à la fin de la suspension)",
    EtatPermis.ANNULE: "Annulé (par un juge)",
    EtatPermis.INVALIDE: "Invalidé (plus de points)",
    EtatPermis.A_VERIFIER: "À vérifier",
}
MOYENS: Mapping[TypeMoyen, str] = {
    TypeMoyen.MARCHE: "Marche",
    TypeMoyen.VELO: "Vélo",
    TypeMoyen.VAE: "Vélo électrique",
    TypeMoyen.SCOOTER: "Scooter",
    TypeMoyen.VOITURE: "Voiture",
    TypeMoyen.PASSAGER: "Quelqu'un la conduit",
}
ETATS_MOYEN: Mapping[EtatMoyen, str] = {
    EtatMoyen.ROULANT: "En état de marche",
    EtatMoyen.EN_PANNE: "En panne",
    EtatMoyen.A_VERIFIER: "À vérifier",
}
ACCOMPAGNANTS: Mapping[str, tuple[str, str]] = {
    "enfant": ("enfant", "enfants"),
    "bebe": ("bébé", "bébés"),
    "adulte": ("adulte", "adultes"),
    "poussette": ("poussette", "poussettes"),
    "fauteuil": ("fauteuil roulant", "fauteuils roulants"),
    "animal": ("animal", "animaux"),
}
_SANS_ETAT = frozenset({TypeMoyen.MARCHE, TypeMoyen.PASSAGER})
_COURTS = {
    EtatPermis.SUSPENDU: "suspendu",
    EtatPermis.ANNULE: "annulé",
    EtatPermis.INVALIDE: "invalidé",
    EtatPermis.A_VERIFIER: "à vérifier",
}


def dire_age(annee_naissance: int | None, le: date) -> str:
    """« 28 ou 29 ans »: only the year of birth is kept. Empty when it is unknown."""
    if annee_naissance is None:
        return ""
    ans = le.year - annee_naissance
    return f"{ans - 1} ou {ans} ans" if ans > 0 else "moins d'un an"


def dire_permis(permis: Permis | None) -> str:
    """« permis B suspendu, obtenu en 2002 »; empty when nobody asked."""
    if permis is None:
        return ""
    tenus = [c for c in CategoriePermis if c in permis.categories]
    if permis.categories <= {
        CategoriePermis.AUCUN,
        CategoriePermis.CODE_EN_COURS,
        CategoriePermis.CODE_OBTENU,
    }:
        return ", ".join(PERMIS[c].lower() for c in tenus)
    noms = [
        PERMIS[c].removeprefix("Permis ") if c.value.startswith("etranger") else c.value
        for c in tenus
        if c is not CategoriePermis.B78
    ]
    if CategoriePermis.B78 in permis.categories:
        noms.append("B boîte automatique")
    morceaux = [f"permis {', '.join(noms)}"]
    if permis.etat in _COURTS:
        morceaux.append(_COURTS[permis.etat])
    phrase = " ".join(morceaux)
    if permis.obtenu_le is not None:
        return f"{phrase}, obtenu le {jour_annee(permis.obtenu_le).partition(' ')[2]}"
    return f"{phrase}, obtenu en {permis.obtenu_en}" if permis.obtenu_en else phrase


def dire_moyen(moyen: Moyen) -> str:
    """« Voiture, en état de marche : lundi à vendredi, 4 h 15–13 h 45 »."""
    phrase = MOYENS[moyen.type]
    if moyen.type not in _SANS_ETAT:
        phrase += f", {ETATS_MOYEN[moyen.etat].lower() if moyen.etat is not EtatMoyen.A_VERIFIER else 'état à vérifier'}"
    if moyen.disponible:
        return f"{phrase} : {' ; '.join(dire_plage(p) for p in moyen.disponible)}"
    if moyen.type in (TypeMoyen.VOITURE, TypeMoyen.PASSAGER) and moyen.etat is not EtatMoyen.EN_PANNE:
        return f"{phrase} : libre quand ? à demander"
    return phrase


def dire_motif(motif: MotifDeplacement | None) -> str:
    """« formation »; empty when nobody said why."""
    return motif.libelle if motif else ""


def dire_avec(avec: Sequence[str]) -> str:
    """« avec 2 enfants et une poussette » without articles: « 2 enfants, poussette »."""
    compte = Counter(avec)
    return ", ".join(
        ACCOMPAGNANTS[qui][0] if n == 1 else f"{n} {ACCOMPAGNANTS[qui][1]}" for qui, n in compte.items()
    )
