"""The figures of ``geo/profils/*.toml``, which are data, read a second time: what they say of tags."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROFILS = Path(__file__).parents[2] / "geo" / "profils"
Tags = Mapping[str, str]
_MOTS = frozenset(
    [
        "highway",
        "route",
        "junction",
        "area",
        "motorroad",
        "service",
        "surface",
        "tracktype",
        "smoothness",
        "oneway",
        "foot",
        "bicycle",
        "motorcar",
        "motor_vehicle",
        "vehicle",
        "access",
        "maxspeed",
        "source",
        "zone",
        "cycleway",
    ]
)


class Code:
    """What a profile's file says of tags."""

    def __init__(self, profil: str) -> None:
        self.nom = profil
        self._connues: dict[tuple[tuple[str, str], ...], tuple[float, float]] = {}
        self.p: dict[str, Any] = tomllib.loads((PROFILS / f"{profil}.toml").read_text(encoding="utf-8"))
        droit = tomllib.loads((PROFILS / "limites.toml").read_text(encoding="utf-8"))
        self.mots = {**droit["mots"], "rural": droit["rural_kmh"]}

    def _permission(self, tags: Tags, suffixe: str = "") -> str | None:
        for cle in self.p["acces"]:
            if cle + suffixe in tags:
                return tags[cle + suffixe]
        return None

    def _refuse(self, valeur: str) -> bool:
        return {mot.strip() for mot in valeur.split(";")} <= set(self.p["interdit"])

    def arrete(self, tags: Tags) -> bool:
        """Whether a point with these tags is closed."""
        valeur = self._permission(tags)
        if valeur is not None:
            return self._refuse(valeur)
        if "barrier" not in tags:
            return False
        if tags.get("locked") == "yes":
            return True
        return tags["barrier"] in self.p["barrieres_fermees"] and not (
            tags["barrier"] == "bollard" and tags.get("bollard") == "rising"
        )

    def vitesses(self, tags: Tags) -> tuple[float, float]:
        """km/h along the way and against it; 0: closed."""
        cle = tuple(sorted((k, v) for k, v in tags.items() if k.split(":")[0] in _MOTS))
        if cle not in self._connues:
            self._connues[cle] = self._calculer(dict(cle))
        return self._connues[cle]

    def _calculer(self, tags: Tags) -> tuple[float, float]:
        genre, valeur = tags.get("highway"), self._permission(tags)
        ouvert = valeur in self.p["permis"]
        if tags.get("area") == "yes" or (valeur is not None and self._refuse(valeur)):
            return 0.0, 0.0
        a_pied = tags.get("bicycle") == "dismount" and self.p.get("a_la_main_kmh", 0)
        if genre is None:
            propres = [tags[cle] for cle in self.p["acces"] if cle in tags and cle != "access"]
            if tags.get("route") != "ferry" or not propres or propres[0] not in self.p["permis"]:
                return 0.0, 0.0
            base: float = self.p["bac_kmh"]
            vitesses = {"forward": base, "backward": base}
            classe: dict[str, Any] = {}
        elif genre not in self.p["classes"] or genre == "ferry":
            return 0.0, 0.0
        else:
            classe = self.p["classes"][genre]
            if classe.get("reserve") and not ouvert and not a_pied:
                return 0.0, 0.0
            if tags.get("motorroad") == "yes" and self.nom != "voiture":
                return 0.0, 0.0
            vitesses = {s: self._vitesse(classe, tags, s) for s in ("forward", "backward")}
            if a_pied:
                return a_pied, a_pied
        interdits = self._sens_interdits(tags, bool(classe.get("sens_unique")))
        for sens in ("forward", "backward"):
            propre = self._permission(tags, f":{sens}")
            if (propre is None and sens in interdits) or (
                propre is not None
                and (self._refuse(propre) or (sens in interdits and propre not in self.p["permis"]))
            ):
                vitesses[sens] = 0.0
        return vitesses["forward"], vitesses["backward"]

    def _sens_interdits(self, tags: Tags, sens_unique: bool) -> set[str]:
        if self.nom == "velo" and "oneway:bicycle" not in tags:
            cotes = [tags.get(f"cycleway{cote}", "") for cote in ("", ":left", ":right", ":both")]
            sens = [tags.get(f"cycleway:{cote}:oneway") for cote in ("left", "right", "both")]
            if any(c.startswith("opposite") for c in cotes) or {"no", "-1", "reverse"} & set(sens):
                return set()
        propres = [cle for cle in self.p["sens"] if cle in tags and cle != "oneway"]
        if self.nom != "marche" and tags.get("junction") == "roundabout" and not propres:
            return {"forward"} if tags.get("oneway") in ("-1", "reverse") else {"backward"}
        for cle in self.p["sens"]:
            if cle in tags:
                return {
                    "yes": {"backward"},
                    "true": {"backward"},
                    "1": {"backward"},
                    "-1": {"forward"},
                    "reverse": {"forward"},
                    "reversible": {"forward", "backward"},
                }.get(tags[cle], set())
        if self.nom == "marche":
            return set()
        return {"backward"} if sens_unique or tags.get("junction") == "circular" else set()

    def _vitesse(self, classe: Mapping[str, Any], tags: Tags, sens: str) -> float:
        v: float = classe["kmh"]
        if self.p["respecte_la_limite"]:
            for cle in (
                f"maxspeed:{sens}",
                "maxspeed",
                "zone:maxspeed",
                "maxspeed:type",
                "source:maxspeed",
                "zone:traffic",
            ):
                limites = self._limites(tags.get(cle, ""))
                if limites:
                    part = classe.get("part", self.p["part_de_la_limite"])
                    v = min(limites) * part if self.nom == "voiture" else min(v, *limites)
                    break
            for cle in (f"maxspeed:advisory:{sens}", "maxspeed:advisory"):
                limites = self._limites(tags.get(cle, ""))
                if limites:
                    v = min(v, *limites)
                    break
        for cle, table in (
            ("service", "services"),
            ("surface", "surfaces"),
            ("tracktype", "revetements_de_piste"),
            ("smoothness", "usures"),
        ):
            v = min(v, self.p[table].get(tags.get(cle, ""), math.inf))
        v = min(v, self.p["kmh_max"])
        return max(v, self.p["kmh_min"]) if v > 0 else 0.0

    def _limites(self, valeur: str) -> list[float]:
        trouvees = []
        for mot in (m.strip().lower() for m in valeur.split(";")):
            nombre = (
                mot.removesuffix("mph").removesuffix("km/h").removesuffix("kmh").removesuffix("kph").strip()
            )
            if nombre.replace(".", "", 1).isdigit():
                trouvees.append(float(nombre) * (1.609344 if mot.endswith("mph") else 1))
                continue
            morceaux = mot.split(":")
            if morceaux[-1].isdigit() and (morceaux[0] == "fr" or morceaux[-2] == "zone"):
                trouvees.append(float(morceaux[-1]))
            elif morceaux[-1] in self.mots:
                trouvees.append(float(self.mots[morceaux[-1]]))
        return [v for v in trouvees if v >= 1]
