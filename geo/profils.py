"""How each way of moving reads OpenStreetMap tags: where it may go, which way, how fast in fact.

The rules are here, the words and the figures in ``profils/*.toml``. Speeds are km/h, realistic
rather than free-flow: what is lost at junctions is counted apart (``geo.virages``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mobilite.toml import TableToml, lire_toml

DOSSIER = Path(__file__).with_name("profils")
NOMS = ("voiture", "velo", "marche")
MARCHE_KMH = 4.5
"""The pace from a front door to the road, whatever comes after."""

_OUI = frozenset({"yes", "true", "1"})
_ENVERS = frozenset({"-1", "reverse"})
_MPH = 1.609344
_NOMBRE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?")
_CONTRESENS = frozenset({"opposite", "opposite_lane", "opposite_track", "opposite_share_busway"})
_SENS_PISTE = ("cycleway:left:oneway", "cycleway:right:oneway", "cycleway:both:oneway")


class Passage(NamedTuple):
    """What a way is to a profile: km/h forwards and backwards (0: forbidden) and its class."""

    aller_kmh: float
    retour_kmh: float
    classe: int


@dataclass(frozen=True, slots=True)
class Classe:
    """A kind of way. ``reserve``: only where a tag says yes; ``accroche``: a place may open onto it;
    ``habite``: people live along it; ``part``: share of the legal limit held."""

    nom: str
    kmh: float
    part: float
    reserve: bool
    accroche: bool
    habite: bool
    sens_unique: bool


@dataclass(frozen=True, slots=True)
class Virages:
    """The cost of a turn, seconds: see ``geo.virages``. Without ``plafond_s`` turns cost nothing."""

    plafond_s: float
    raideur: float
    pivot_droite_deg: float
    pivot_gauche_deg: float
    demi_tour_s: float
    feu_s: float


@dataclass(frozen=True)
class Profil:
    """A way of moving, as data. ``rural_kmh``: what « FR:rural » is worth at this import."""

    code: str
    libelle: str
    verifie_le: date
    source: str
    acces: tuple[str, ...]
    interdit: frozenset[str]
    permis: frozenset[str]
    sens: tuple[str, ...]
    exceptions: frozenset[str]
    contresens_cyclable: bool
    a_double_sens: bool
    kmh_min: float
    kmh_max: float
    respecte_la_limite: bool
    a_la_main_kmh: float
    bac_kmh: float
    barrieres_fermees: frozenset[str]
    classes: tuple[Classe, ...]
    services: Mapping[str, float]
    surfaces: Mapping[str, float]
    revetements_de_piste: Mapping[str, float]
    usures: Mapping[str, float]
    virages: Virages
    limites: Mapping[str, float]
    rural_kmh: float

    @property
    def rangs(self) -> Mapping[str, int]:
        """The number of each class, by its name."""
        return {classe.nom: rang for rang, classe in enumerate(self.classes)}

    @property
    def par_virages(self) -> bool:
        """Whether turns count, so that the graph is made of streets and turns."""
        return self.virages.plafond_s > 0

    def passage(self, tags: Mapping[str, str]) -> Passage | None:
        """What these tags of a way mean; ``None`` when the profile does not use it at all."""
        if tags.get("area") == "yes":
            return None
        if tags.get("route") == "ferry" and "highway" not in tags:
            return self._bac(tags)
        rang = self._rang(tags.get("highway", ""))
        if rang is None:
            return None
        classe = self.classes[rang]
        ouvert, certain = self._ouvert(tags)
        a_la_main = self.a_la_main_kmh > 0 and tags.get("bicycle") == "dismount"
        if not ouvert or (classe.reserve and not certain and not a_la_main):
            return None
        if tags.get("motorroad") == "yes" and classe.nom != "motorway" and self.code != "voiture":
            return None
        aller = self._kmh(classe, tags, "forward")
        retour = self._kmh(classe, tags, "backward")
        if a_la_main:
            aller = retour = self.a_la_main_kmh
        va, revient = (True, True) if a_la_main else self._sens(classe, tags)
        passage = Passage(aller if va else 0.0, retour if revient else 0.0, rang)
        return passage if passage.aller_kmh or passage.retour_kmh else None

    def ferme(self, tags: Mapping[str, str]) -> bool:
        """Whether a node stops this way of moving: a barrier, or access refused at that very point."""
        acces = self._acces(tags)
        if acces is not None:
            return self._est_interdit(acces)
        barriere = tags.get("barrier", "")
        if tags.get("locked") == "yes" and barriere:
            return True
        if barriere == "bollard" and tags.get("bollard") == "rising":
            return False
        return barriere in self.barrieres_fermees

    def concerne(self, restriction: Mapping[str, str]) -> str:
        """The rule (« no_left_turn ») that a restriction relation lays on this profile, or ""."""
        if not self.par_virages or self.exceptions & set(morceaux(restriction.get("except", ""))):
            return ""
        for mode in self.acces:
            if f"restriction:{mode}" in restriction:
                return restriction[f"restriction:{mode}"]
        return restriction.get("restriction", "")

    def _acces(self, tags: Mapping[str, str]) -> str | None:
        return next((tags[cle] for cle in self.acces if cle in tags), None)

    def _est_interdit(self, valeur: str) -> bool:
        return all(morceau in self.interdit for morceau in morceaux(valeur))

    def _ouvert(self, tags: Mapping[str, str]) -> tuple[bool, bool]:
        """Whether one may enter, and whether a tag says so of this very way of moving or of all."""
        acces = self._acces(tags)
        if acces is None:
            return True, False
        return not self._est_interdit(acces), acces in self.permis

    def _bac(self, tags: Mapping[str, str]) -> Passage | None:
        """A ferry counts only when a tag of its own says that this way of moving boards."""
        propre = next((tags[cle] for cle in self.acces[:-1] if cle in tags), None)
        if propre not in self.permis or "ferry" not in self.rangs:
            return None
        va, revient = self._sens(self.classes[self.rangs["ferry"]], tags)
        return Passage(self.bac_kmh * va, self.bac_kmh * revient, self.rangs["ferry"])

    def _rang(self, highway: str) -> int | None:
        return self.rangs.get(highway) if highway != "ferry" else None

    def _sens(self, classe: Classe, tags: Mapping[str, str]) -> tuple[bool, bool]:
        va, revient = self._sens_unique(classe, tags)
        return self._ouvert_vers(tags, "forward", va), self._ouvert_vers(tags, "backward", revient)

    def _ouvert_vers(self, tags: Mapping[str, str], sens: str, ouvert: bool) -> bool:
        """``ouvert``, unless a tag allows or forbids this very direction (« bicycle:backward »)."""
        acces = next((tags[cle] for mode in self.acces if (cle := f"{mode}:{sens}") in tags), None)
        if acces is None:
            return ouvert
        return not self._est_interdit(acces) and (ouvert or acces in self.permis)

    def _sens_unique(self, classe: Classe, tags: Mapping[str, str]) -> tuple[bool, bool]:
        valeur = next((tags[cle] for cle in self.sens if cle in tags), None)
        if self.contresens_cyclable and "oneway:bicycle" not in tags and _contresens(tags):
            return True, True
        if valeur == "reversible":
            return False, False  # open one way or the other according to the hour: nobody can tell
        if valeur in _OUI:
            return True, False
        if valeur in _ENVERS:
            return False, True
        if self.a_double_sens:
            return True, True
        if tags.get("junction") == "roundabout" and not any(cle in tags for cle in self.sens[:-1]):
            return True, False  # by definition (R110-2), even where somebody wrote « oneway=no »
        return True, valeur is not None or not (tags.get("junction") == "circular" or classe.sens_unique)

    def _kmh(self, classe: Classe, tags: Mapping[str, str], sens: str) -> float:
        kmh = classe.kmh
        limite = self.limite(tags, sens)
        if limite is not None and self.respecte_la_limite:
            # A limit says how fast a car may go, but nothing of how fast legs can.
            kmh = limite * classe.part if self.par_virages else min(kmh, limite)
        conseil = self._lue(tags, f"maxspeed:advisory:{sens}", "maxspeed:advisory")
        if conseil is not None and self.respecte_la_limite:
            kmh = min(kmh, conseil)
        plafonds = [
            table[tags[cle]]
            for cle, table in (
                ("service", self.services),
                ("surface", self.surfaces),
                ("tracktype", self.revetements_de_piste),
                ("smoothness", self.usures),
            )
            if tags.get(cle) in table
        ]
        kmh = min([kmh, self.kmh_max, *plafonds])
        return max(kmh, self.kmh_min) if kmh > 0 else 0.0

    def limite(self, tags: Mapping[str, str], sens: str) -> float | None:
        """The legal limit in km/h that the tags write, the lowest of a list; ``None``: not written."""
        return self._lue(
            tags,
            f"maxspeed:{sens}",
            "maxspeed",
            "zone:maxspeed",
            "maxspeed:type",
            "source:maxspeed",
            "zone:traffic",
        )

    def _lue(self, tags: Mapping[str, str], *cles: str) -> float | None:
        for cle in cles:
            valeurs = [
                limite for mot in morceaux(tags.get(cle, "")) if (limite := self._limite(mot)) is not None
            ]
            if valeurs:
                return min(valeurs)
        return None

    def _limite(self, mot: str) -> float | None:
        mot = mot.strip().lower()
        nombre = _NOMBRE.fullmatch(mot)
        if nombre:
            kmh = float(nombre[1]) * (_MPH if nombre[2] == "mph" else 1.0)
            return kmh if kmh >= 1 else None
        pays, _, mot = mot.rpartition(":")
        if pays == "fr:zone" or (pays == "fr" and mot.isdigit()) or pays.endswith(":zone"):
            return float(mot) if _NOMBRE.fullmatch(mot) else None
        if mot == "rural":
            return self.rural_kmh
        return self.limites.get(mot)


def _contresens(tags: Mapping[str, str]) -> bool:
    """Whether a lane or a sign lets bicycles ride against the cars."""
    if any(
        tags.get(cle) in _CONTRESENS
        for cle in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    ):
        return True
    return any(tags.get(cle) in (*_ENVERS, "no") for cle in _SENS_PISTE)


def morceaux(valeur: str) -> list[str]:
    """The words of a list such as « 50;30 »."""
    return [morceau.strip() for morceau in valeur.split(";")]


@cache
def lire_profil(nom: str, rural_kmh: float | None = None) -> Profil:
    """The profile of one of ``NOMS``. Raises ``FichierRefuse`` naming the field that is wrong."""
    droit = TableToml(lire_toml(DOSSIER / "limites.toml"), "limites.toml")
    droit.jour("verifie_le"), droit.texte("source")
    usuel = droit.nombre("rural_kmh")
    limites = _nombres(droit, "mots")
    droit.finir()
    t = TableToml(lire_toml(DOSSIER / f"{nom}.toml"), f"{nom}.toml")
    part = t.nombre("part_de_la_limite")
    profil = Profil(
        code=t.texte("code"),
        libelle=t.texte("libelle"),
        verifie_le=t.jour("verifie_le"),
        source=t.texte("source"),
        acces=_mots(t, "acces"),
        interdit=frozenset(_mots(t, "interdit")),
        permis=frozenset(_mots(t, "permis")),
        sens=_mots(t, "sens"),
        exceptions=frozenset(_mots(t, "exceptions")),
        contresens_cyclable=t.booleen("contresens_cyclable", False),
        a_double_sens=t.booleen("a_double_sens", False),
        kmh_min=t.nombre("kmh_min"),
        kmh_max=t.nombre("kmh_max"),
        respecte_la_limite=t.booleen("respecte_la_limite", True),
        a_la_main_kmh=t.nombre("a_la_main_kmh", 0),
        bac_kmh=t.nombre("bac_kmh"),
        barrieres_fermees=frozenset(_mots(t, "barrieres_fermees")),
        classes=_classes(t, part),
        services=_nombres(t, "services"),
        surfaces=_nombres(t, "surfaces"),
        revetements_de_piste=_nombres(t, "revetements_de_piste"),
        usures=_nombres(t, "usures"),
        virages=_virages(t.table("virages")),
        limites=limites,
        rural_kmh=usuel if rural_kmh is None else rural_kmh,
    )
    t.finir()
    return profil


def _mots(t: TableToml, champ: str) -> tuple[str, ...]:
    mots = t.prendre(champ)
    if not isinstance(mots, list) or not all(isinstance(mot, str) for mot in mots):
        t.refuser(champ, "une liste de mots est attendue.")
    return tuple(mots)


def _nombres(t: TableToml, champ: str) -> Mapping[str, float]:
    table = t.prendre(champ)
    if not isinstance(table, dict) or not all(
        isinstance(v, int | float) and math.isfinite(v) and v >= 0 for v in table.values()
    ):
        t.refuser(champ, "une table de nombres positifs est attendue.")
    return MappingProxyType({str(cle): float(valeur) for cle, valeur in table.items()})


def _classes(t: TableToml, part: float) -> tuple[Classe, ...]:
    contenu = t.prendre("classes")
    if not isinstance(contenu, dict) or not all(isinstance(v, dict) for v in contenu.values()):
        t.refuser("classes", "une table par classe est attendue.")
    classes = []
    for nom, champs in contenu.items():
        c = TableToml(champs, t.fichier, nom, "classes.")
        classes.append(
            Classe(
                nom,
                kmh=c.nombre("kmh"),
                part=c.nombre("part", part),
                reserve=c.booleen("reserve", False),
                accroche=c.booleen("accroche", True),
                habite=c.booleen("habite", True),
                sens_unique=c.booleen("sens_unique", False),
            )
        )
        c.finir()
    bac = Classe("ferry", 0.0, part, reserve=True, accroche=False, habite=False, sens_unique=False)
    return (*classes, bac)


def _virages(t: TableToml) -> Virages:
    virages = Virages(
        plafond_s=t.nombre("plafond_s", 0),
        raideur=t.nombre("raideur", 0),
        pivot_droite_deg=t.nombre("pivot_droite_deg", 90),
        pivot_gauche_deg=t.nombre("pivot_gauche_deg", 90),
        demi_tour_s=t.nombre("demi_tour_s", 0),
        feu_s=t.nombre("feu_s", 0),
    )
    t.finir()
    return virages
