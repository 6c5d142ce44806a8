"""The form of an offer and its documented sheet (``docs/offre.md``): one written from the other.

What the form cannot say (the hours of a line, a condition on resources…) stays as it was in the sheet
one edits or copies; each such condition is shown with its sentence and may be dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict

from mobilite.besoin import SEMAINE, Jour, MotifDeplacement
from mobilite.candidate import CategorieVehicule, Genre
from mobilite.erreurs import DonneeRefusee
from mobilite.flotte import Vehicule
from web.communes import commune_dite
from web.formulaire import Formulaire
from web.referentiel import referentiel

FLOTTES: Mapping[Genre, CategorieVehicule] = MappingProxyType(
    {
        Genre.LOCATION_VOITURE: CategorieVehicule.VOITURE,
        Genre.LOCATION_VOITURETTE: CategorieVehicule.VOITURETTE,
        Genre.LOCATION_SCOOTER: CategorieVehicule.SCOOTER50,
        Genre.LOCATION_VAE: CategorieVehicule.VAE,
        Genre.LOCATION_VELO: CategorieVehicule.VELO,
        Genre.AUTOPARTAGE: CategorieVehicule.VOITURE,
    }
)
"""The kinds whose vehicles are kept here, and what each vehicle is unless somebody says otherwise."""

_ORIENTEURS = ["france_travail", "mission_locale", "departement", "ccas", "cap_emploi", "association"]
_PRIX = ("jour", "semaine", "mois", "trajet", "km", "forfait", "caution", "adhesion")
_NOMBRES = MappingProxyType(
    {
        "preavis_heures": (0, 2000),
        "delai_jours": (0, 730),
        "duree_max_jours": (1, 3650),
        "km_max_jour": (1, 2000),
    }
)
_ENTIERS = frozenset({"duree_max_jours"})


def saisie_de(nom: str, genre: Genre, fiche: Mapping[str, Any]) -> MultiDict[str, str]:
    """The form filled from a sheet."""
    saisie: MultiDict[str, str] = MultiDict({"nom": nom, "genre": genre.value})
    saisie["description"] = fiche.get("description", "")
    saisie["lieu"] = nom_sur(fiche["lieu"]) if "lieu" in fiche else ""
    saisie["documents"] = "\n".join(fiche.get("documents", ()))
    for cle in _NOMBRES:
        saisie[cle] = _ecrit(fiche.get(cle))
    prix = fiche.get("prix", {})
    for cle in _PRIX:
        saisie[f"prix_{cle}"] = _ecrit(prix.get(cle))
    saisie["gratuit"] = "oui" if prix.get("gratuit") else ""
    saisie["categorie"] = fiche.get("vehicule", {}).get("categorie", "")
    saisie.setlist("motifs", list(fiche.get("motifs", ())))
    _saisir_la_zone(saisie, fiche.get("zone"))
    _saisir_les_heures(saisie, fiche)
    for condition in _conditions(fiche):
        if champ := _champ_de(condition):
            saisie[champ] = "oui" if champ == "orientation" else _ecrit(condition["au_moins"])
    saisie.setlist("garder", [str(rang) for rang, _ in enumerate(autres_conditions(fiche))])
    return saisie


def lire_fiche(f: Formulaire, genre: Genre, base: Mapping[str, Any]) -> dict[str, Any]:
    """The sheet a form says, on top of what it cannot say in ``base``; errors are left in ``f``."""
    fiche = dict(base)
    neuve = genre in FLOTTES and not base
    _poser(fiche, "description", f.texte("description", 2000))
    _poser(fiche, "lieu", _commune(f, "lieu", "Dites dans quelle commune." if neuve else ""))
    _poser(fiche, "zone", _zone(f, base.get("zone")))
    _poser(fiche, "documents", f.lignes("documents", 20) or None)
    _poser(fiche, "motifs", [m.value for m in MotifDeplacement if m.value in f.plusieurs("motifs")] or None)
    for cle, (au_moins, au_plus) in _NOMBRES.items():
        lire = f.entier if cle in _ENTIERS else f.nombre
        _poser(fiche, cle, lire(cle, au_moins, au_plus))
    _poser(fiche, "prix", _prix(f))
    _poser(fiche, "conditions", _lire_conditions(f, base))
    _lire_heures(f, fiche)
    if genre in FLOTTES:
        categorie = f.parmi("categorie", CategorieVehicule) or FLOTTES[genre]
        fiche["vehicule"] = dict(base.get("vehicule", {})) | {"categorie": categorie.value}
    return fiche


def decrire(fiche: Mapping[str, Any], vehicules: Sequence[Vehicule]) -> dict[str, Any]:
    """The sheet once it describes its fleet: only what all the vehicles in service have in common."""
    en_service = [v for v in vehicules if v.en_service]
    if not en_service or "vehicule" not in fiche:
        return dict(fiche)
    decrit = {cle: v for cle, v in fiche["vehicule"].items() if cle not in ("boite", "places")}
    boites = {v.boite for v in en_service}
    places = {v.places for v in en_service}
    if len(boites) == 1 and (boite := boites.pop()) is not None:
        decrit["boite"] = boite.value
    if len(places) == 1 and (nombre := places.pop()) is not None:
        decrit["places"] = nombre
    return dict(fiche) | {"vehicule": decrit}


def autres_conditions(fiche: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The conditions the form has no field for: kept as they are, or dropped."""
    return [c for c in _conditions(fiche) if not _champ_de(c)]


def phrase_de(condition: Mapping[str, Any]) -> str:
    """What a condition says, whatever its shape."""
    if "phrase" in condition:
        return str(condition["phrase"])
    for forme, lien in (("tous", " Et : "), ("un_de", " Ou : ")):
        if forme in condition:
            return lien.join(phrase_de(c) for c in condition[forme])
    if "sauf" in condition:
        return f"Sauf : {phrase_de(condition['sauf'])}"
    return f"Une condition sur « {condition.get('fait', '?')} »."


def nom_sur(insee: str) -> str:
    """The name under which a commune is read back as itself; its code when the name says two."""
    nom = referentiel().nom(insee)
    try:
        return nom if commune_dite(nom).insee == insee else insee
    except DonneeRefusee:
        return insee


def _ecrit(valeur: float | None) -> str:
    return "" if valeur is None else f"{valeur:.10g}".replace(".", ",")


def _poser(fiche: dict[str, Any], cle: str, valeur: object) -> None:
    """Write what was said; what was left empty is unknown, and absent from the sheet."""
    fiche.pop(cle, None)
    if valeur is not None:
        fiche[cle] = valeur


def _commune(f: Formulaire, nom: str, requise: str = "") -> str | None:
    if not (dite := f.brut(nom)):
        if requise:
            f.erreur(nom, requise)
        return None
    commune = f.lire(nom, lambda: commune_dite(dite, nom))
    return commune.insee if commune else None


def _zone(f: Formulaire, base: Any) -> Any:
    match f.brut("zone"):
        case "departement":
            return {"departement": referentiel().territoire.departement}
        case "epci":
            if not (sirens := f.plusieurs("zone_epci")):
                f.erreur("zone_epci", "Cochez au moins une intercommunalité.")
            return {"epci": sirens}
        case "communes":
            noms = f.lignes("zone_communes", 60)
            if not noms:
                f.erreur("zone_communes", "Écrivez au moins une commune, une par ligne.")
            communes = [f.lire("zone_communes", partial(commune_dite, n, "zone_communes")) for n in noms]
            return {"communes": [c.insee for c in communes if c is not None]}
        case "autour":
            rayon = f.nombre("zone_rayon_km", 1, 200)
            if rayon is None:
                f.erreur("zone_rayon_km", "Dites combien de kilomètres.")
            return {
                "autour": _commune(f, "zone_autour", "Dites autour de quelle commune."),
                "rayon_km": rayon,
            }
        case "gardee":
            return base
        case _:
            return None


def _saisir_la_zone(saisie: MultiDict[str, str], zone: Any) -> None:
    cles = set(zone) if isinstance(zone, dict) else set()
    saisie["zone"] = "partout"
    if cles == {"departement"}:
        saisie["zone"] = "departement"
    elif cles == {"epci"}:
        saisie["zone"] = "epci"
        saisie.setlist("zone_epci", zone["epci"] if isinstance(zone["epci"], list) else [zone["epci"]])
    elif cles == {"communes"}:
        saisie["zone"] = "communes"
        saisie["zone_communes"] = "\n".join(nom_sur(insee) for insee in zone["communes"])
    elif cles == {"autour", "rayon_km"}:
        saisie["zone"] = "autour"
        saisie["zone_autour"] = nom_sur(zone["autour"])
        saisie["zone_rayon_km"] = _ecrit(zone["rayon_km"])
    elif cles:
        saisie["zone"] = "gardee"


def _prix(f: Formulaire) -> dict[str, Any] | None:
    prix: dict[str, Any] = {
        cle: montant for cle in _PRIX if (montant := f.nombre(f"prix_{cle}", 0, 50_000)) is not None
    }
    tarifs = [cle for cle in prix if cle not in ("caution", "adhesion")]
    if f.coche("gratuit"):
        if tarifs:
            f.erreur("gratuit", "« Gratuit » ne va pas avec un prix : gardez l’un des deux.")
        prix["gratuit"] = True
    return prix or None


def _conditions(fiche: Mapping[str, Any]) -> list[dict[str, Any]]:
    conditions: dict[str, Any] = fiche.get("conditions") or {}
    if "tous" in conditions:
        return list(conditions["tous"])
    return [conditions] if conditions else []


def _champ_de(condition: Mapping[str, Any]) -> str:
    """The field of the form that says this condition, if there is one."""
    match condition:
        case {"fait": "age", "au_moins": _}:
            return "age_min"
        case {"fait": "permis_anciennete_ans", "au_moins": _}:
            return "permis_ans"
        case {"fait": "prescripteur", "parmi": _}:
            return "orientation"
        case _:
            return ""


def _lire_conditions(f: Formulaire, base: Mapping[str, Any]) -> dict[str, Any] | None:
    dites: list[dict[str, Any]] = []
    if (age := f.entier("age_min", 14, 99)) is not None:
        dites.append({"fait": "age", "au_moins": age, "phrase": f"Avoir {age} ans ou plus."})
    if (ans := f.nombre("permis_ans", 0, 50)) is not None:
        dites.append(
            {
                "fait": "permis_anciennete_ans",
                "au_moins": ans,
                "phrase": f"Avoir le permis depuis {_ecrit(ans)} an{'s' if ans >= 2 else ''} au moins.",
                "preuve": "permis de conduire",
            }
        )
    if f.coche("orientation"):
        dites.append(
            {
                "fait": "prescripteur",
                "parmi": _ORIENTEURS,
                "phrase": "Être orienté par un professionnel : France Travail, mission locale, Département, "
                "CCAS, Cap emploi ou association.",
                "preuve": "fiche d'orientation",
            }
        )
    # A condition that did not change keeps its own sentence and proof.
    conditions = [next((c for c in _conditions(base) if _meme(c, dite)), dite) for dite in dites]
    gardees = set(f.plusieurs("garder"))
    conditions += [c for rang, c in enumerate(autres_conditions(base)) if str(rang) in gardees]
    return {"tous": conditions} if conditions else None


def _meme(ancienne: Mapping[str, Any], dite: Mapping[str, Any]) -> bool:
    champ = _champ_de(ancienne)
    return champ == _champ_de(dite) and ancienne.get("au_moins") == dite.get("au_moins") and champ != ""


def _lire_heures(f: Formulaire, fiche: dict[str, Any]) -> None:
    choix = f.brut("heures")
    if choix == "gardees":
        return
    fiche.pop("permanent", None)
    fiche.pop("horaires", None)
    if choix == "permanent":
        fiche["permanent"] = True
    elif choix == "plage":
        jours = [jour.value for jour in SEMAINE if jour.value in f.plusieurs("jours")]
        if not jours:
            f.erreur("jours", "Cochez au moins un jour.")
        de, a = f.heure("de", "Dites à partir de quelle heure."), f.heure("a", "Dites jusqu’à quelle heure.")
        fiche["horaires"] = [{"jours": jours, "de": de, "a": a}]


def _saisir_les_heures(saisie: MultiDict[str, str], fiche: Mapping[str, Any]) -> None:
    horaires = fiche.get("horaires")
    saisie["heures"] = "permanent" if fiche.get("permanent") else ""
    if horaires is None or fiche.get("permanent"):
        return
    if len(horaires) == 1 and {"de", "a"} <= set(horaires[0]):
        saisie["heures"] = "plage"
        jours = horaires[0].get("jours") or [jour.value for jour in Jour]
        saisie.setlist("jours", [jours] if isinstance(jours, str) else list(jours))
        saisie["de"], saisie["a"] = horaires[0]["de"], horaires[0]["a"]
    else:
        saisie["heures"] = "gardees"
