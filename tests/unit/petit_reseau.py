"""A small hand-written map: each test draws the few streets that its rule needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from geo.accroche import Accroches, Accrocheur
from geo.importation import importer
from geo.reseau import Reseau, Reseaux
from geo.trajets import durees_entre

PAS = 0.001
"""Degrees between two neighbours of the grid: about 111 m north, 73 m east."""
ORIGINE = (5.38, 49.0)


@dataclass
class Plan:
    """Points are letters at (column, row); ways join letters. ``ecrire`` makes the ``.osm`` file."""

    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    etiquettes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    chemins: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    interdictions: list[tuple[list[tuple[str, str | int]], Mapping[str, str]]] = field(default_factory=list)

    def point(self, nom: str, x: float, y: float, **tags: str) -> Plan:
        """A point, with its tags."""
        self.points[nom] = (x, y)
        self.etiquettes[nom] = tags
        return self

    def chemin(self, lettres: str, tags: Mapping[str, str] | None = None, **mots: str) -> int:
        """A way through these points; residential unless told. Its number."""
        self.chemins.append((lettres, {"highway": "residential", **(tags or {}), **mots}))
        return len(self.chemins)

    def interdire(self, regle: str, de: int, via: str | int, vers: int, **tags: str) -> None:
        """A turn restriction through a point (a letter) or a way (a number)."""
        self.interdire_par([("from", de), ("via", via), ("to", vers)], restriction=regle, **tags)

    def interdire_par(self, membres: Sequence[tuple[str, str | int]], **tags: str) -> None:
        """A turn restriction with these members, in this order: (role, point or way)."""
        self.interdictions.append((list(membres), tags))

    def lieu(self, nom: str) -> tuple[float, float]:
        """Longitude and latitude of a point."""
        x, y = self.points[nom]
        return ORIGINE[0] + PAS * x, ORIGINE[1] + PAS * y

    def ecrire(self, fichier: Path) -> Path:
        """The map as OpenStreetMap XML."""
        rangs = {nom: rang for rang, nom in enumerate(self.points, 1)}
        lignes = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="essai">']
        for nom, rang in rangs.items():
            lon, lat = self.lieu(nom)
            dedans = _tags(self.etiquettes[nom])
            lignes.append(f'<node id="{rang}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">{dedans}</node>')
        for rang, (lettres, tags) in enumerate(self.chemins, 1):
            refs = "".join(f'<nd ref="{rangs[lettre]}"/>' for lettre in lettres)
            lignes.append(f'<way id="{rang}" version="1">{refs}{_tags(tags)}</way>')
        for rang, (membres, tags) in enumerate(self.interdictions, 1):
            dedans = "".join(
                f'<member type="{"way" if isinstance(qui, int) else "node"}"'
                f' ref="{qui if isinstance(qui, int) else rangs[qui]}" role="{role}"/>'
                for role, qui in membres
            )
            toutes = _tags({"type": "restriction", **tags})
            lignes.append(f'<relation id="{rang}" version="1">{dedans}{toutes}</relation>')
        fichier.write_text("\n".join([*lignes, "</osm>"]), encoding="utf-8")
        return fichier


@dataclass
class Carte:
    """An imported map, asked by letters."""

    plan: Plan
    reseaux: Reseaux

    def secondes(self, de: str, vers: str, profil: str = "voiture") -> float | None:
        """Seconds between two points; ``None``: no way."""
        reseau = self.reseaux.profils[profil]
        ms = durees_entre(reseau, self.accrocher(de, profil), self.accrocher(vers, profil))[0, 0]
        return None if ms < 0 else float(ms) / 1000

    def accrocher(self, noms: Sequence[str], profil: str = "voiture") -> Accroches:
        """Where points stand."""
        lieux = [self.plan.lieu(nom) for nom in noms]
        return Accrocheur(self.reseaux.profils[profil]).accrocher(*zip(*lieux, strict=True))


def importer_plan(plan: Plan, dossier: Path) -> Carte:
    """Write and import a map."""
    return Carte(plan, importer(plan.ecrire(dossier / "plan.osm"), dossier / "reseau"))


def au_hasard(reseaux: Reseaux, reseau: Reseau, combien: int) -> Accroches:
    """Places drawn in the frame of the network, those that are on it."""
    ouest, sud, est, nord = reseaux.entete["bbox"]
    tirage = np.random.default_rng(55)
    a = Accrocheur(reseau).accrocher(
        tirage.uniform(ouest, est, 8 * combien), tirage.uniform(sud, nord, 8 * combien)
    )
    return a.choisir(np.flatnonzero(a.posees)[:combien])


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(cle)} v={quoteattr(valeur)}/>" for cle, valeur in tags.items())
