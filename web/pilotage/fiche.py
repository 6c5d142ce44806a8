"""An offer in French sentences: what it asks, when, where, for how much, with which papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mobilite.besoin import MotifDeplacement, Plage
from mobilite.candidate import Candidate, Course, Prix, VehiculeDecrit
from mobilite.conditions import Condition, Exige, Sauf, Tous, UnDe
from mobilite.horaires import dire_jours
from mobilite.territoire import Territoire
from web.formats import euros, heure

_VEHICULES = {
    "voiture": "Voiture",
    "voiturette": "Voiturette (sans permis B)",
    "scooter50": "Scooter 50 cm³",
    "scooter125": "Scooter 125 cm³",
    "vae": "Vélo à assistance électrique",
    "velo": "Vélo",
}


@dataclass(frozen=True, slots=True)
class Ligne:
    """One condition as it is read, the paper that shows it, and what hangs under it."""

    phrase: str
    preuve: str = ""
    dessous: tuple[Ligne, ...] = ()


def conditions_en_lignes(condition: Condition) -> tuple[Ligne, ...]:
    """The tree of conditions as nested sentences; what must all hold is one flat list."""
    match condition:
        case Exige():
            return (Ligne(condition.phrase, condition.preuve),)
        case Tous(enfants):
            return tuple(ligne for enfant in enfants for ligne in conditions_en_lignes(enfant))
        case UnDe(enfants):
            branches = tuple(_ensemble(conditions_en_lignes(enfant)) for enfant in enfants)
            return (
                branches if len(branches) == 1 else (Ligne("L'une de ces conditions suffit :", "", branches),)
            )
        case Sauf(enfant):
            return (Ligne("Ne pas être dans ce cas :", "", conditions_en_lignes(enfant)),)


def _ensemble(lignes: tuple[Ligne, ...]) -> Ligne:
    return lignes[0] if len(lignes) == 1 else Ligne("Tout ceci à la fois :", "", lignes)


def prix_en_phrases(prix: Prix) -> list[str]:
    """The price grid; what nobody has said is said to be unknown."""
    phrases = [
        f"{euros(montant)} {par}"
        for montant, par in (
            (prix.forfait, "au forfait"),
            (prix.trajet, "le trajet"),
            (prix.km, "le kilomètre"),
            (prix.jour, "par jour"),
            (prix.semaine, "par semaine"),
            (prix.mois, "par mois"),
        )
        if montant is not None
    ]
    if not prix.connu:
        phrases = ["Prix à demander à la structure."]
    elif not phrases:
        phrases = ["Gratuit"]
    if prix.caution:
        phrases.append(f"caution {euros(prix.caution)}")
    if prix.adhesion:
        phrases.append(f"adhésion {euros(prix.adhesion)}")
    return phrases


def horaires_en_phrases(offre: Candidate) -> list[str]:
    """When it can be used, as far as anybody has said."""
    phrases = []
    if offre.permanent:
        phrases.append("À toute heure, tous les jours")
    phrases += [plage_en_phrase(plage) for plage in offre.horaires or ()]
    if not phrases and not offre.courses:
        phrases.append("Horaires à demander à la structure.")
    if offre.jours_feries is not None:
        phrases.append("Aussi les jours fériés" if offre.jours_feries else "Rien les jours fériés")
    return phrases


def plage_en_phrase(plage: Plage) -> str:
    """« lundi à vendredi, de 8 h à 18 h »."""
    lendemain = " le lendemain" if plage.a < plage.de else ""
    return f"{dire_jours(plage.jours)}, de {heure(plage.de)} à {heure(plage.a)}{lendemain}"


def course_en_cellules(course: Course, nom: Callable[[str], str]) -> tuple[str, str, str]:
    """The days, where and when it leaves, where and when it arrives."""
    return (
        dire_jours(course.jours),
        f"{nom(course.de)}, {heure(course.depart)}",
        f"{nom(course.a)}, {heure(course.arrivee)}",
    )


def limites_en_phrases(offre: Candidate) -> list[str]:
    """How early to ask, how long it lasts, how far it goes, whom it takes."""
    phrases = []
    if offre.preavis_heures:
        phrases.append(f"Prévenir {_nombre(offre.preavis_heures)} h avant")
    if offre.delai_jours:
        phrases.append(f"Compter {_pluriel(offre.delai_jours, 'jour')} avant de commencer")
    if offre.duree_max_jours:
        phrases.append(f"{_pluriel(offre.duree_max_jours, 'jour')} au plus")
    if offre.km_max_jour:
        phrases.append(f"{_nombre(offre.km_max_jour)} km par jour au plus")
    if offre.km_max_trajet:
        phrases.append(f"Trajets de {_nombre(offre.km_max_trajet)} km au plus")
    if offre.places is not None:
        phrases.append(f"{_pluriel(offre.places, 'place')}")
    if offre.fauteuil is not None:
        phrases.append(
            "Accessible en fauteuil roulant" if offre.fauteuil else "Pas accessible en fauteuil roulant"
        )
    return phrases


def vehicule_en_phrase(vehicule: VehiculeDecrit | None) -> str:
    """« Voiture, boîte manuelle, 5 places »; empty without a vehicle."""
    if vehicule is None:
        return ""
    details = [_VEHICULES[vehicule.categorie.value]]
    if vehicule.boite is not None:
        details.append(f"boîte {vehicule.boite.value}")
    if vehicule.places is not None:
        details.append(_pluriel(vehicule.places, "place"))
    return ", ".join(details)


def motifs_en_mots(offre: Candidate) -> str:
    """« formation, travail »; empty when it is for any reason."""
    return ", ".join(sorted(MotifDeplacement(motif).libelle for motif in offre.motifs))


def zone_en_phrase(zone: Any, territoire: Territoire) -> str:
    """A zone as the sheet says it, from its document: « à 35 km autour de Verdun, à vol d'oiseau »."""
    if zone is None:
        return "Aucune limite de lieu n'est dite."
    if not isinstance(zone, Mapping):
        return "Toute la France"
    morceaux = []
    if "departement" in zone:
        meuse = zone["departement"] == territoire.departement
        morceaux.append("toute la Meuse" if meuse else f"tout le département {zone['departement']}")
    if "epci" in zone:
        sirens = zone["epci"] if isinstance(zone["epci"], list) else [zone["epci"]]
        morceaux += [_epci(siren, territoire) for siren in sirens]
    if "autour" in zone:
        rayon = _nombre(zone["rayon_km"])
        morceaux.append(f"à {rayon} km à vol d'oiseau autour de {_commune(zone['autour'], territoire)}")
    morceaux += [_commune(insee, territoire) for insee in zone.get("communes", [])]
    phrase = ", ".join(morceaux)
    return phrase[:1].upper() + phrase[1:]


def _epci(siren: str, territoire: Territoire) -> str:
    communes = territoire.epci(siren)
    return communes[0].epci_nom if communes else siren


def _commune(insee: str, territoire: Territoire) -> str:
    commune = territoire.commune(insee)
    return commune.nom if commune else insee


def _nombre(valeur: float) -> str:
    return f"{valeur:g}".replace(".", ",")


def _pluriel(nombre: float, mot: str) -> str:
    return f"{_nombre(nombre)} {mot}{'s' if nombre >= 2 else ''}"
