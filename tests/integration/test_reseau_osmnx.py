"""The drivable network beside the one osmnx makes of the same extract: every difference has a known cause.

MOBILITE_PREUVE=1 adds Heidelberg. ``python -m tests.integration.test_reseau_osmnx FILE.osm.pbf`` prints
the table of the decision « reseau-routier ».
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osmium
import pytest

from geo.profils import lire_profil

osmnx = pytest.importorskip("osmnx", reason="osmnx (extra « reseau ») is not installed")

EXTRAITS = Path(__file__).parents[3] / "shared" / "data" / "osm"
LESQUELS = ("andorra", *(("heidelberg",) if os.environ.get("MOBILITE_PREUVE") else ()))
Tags = Mapping[str, str]
Sens = frozenset[int]
"""+1 along the way, −1 against it."""

PROFIL = lire_profil("voiture")
_FERMES = frozenset({"no", "private", "agricultural", "forestry", "agricultural;forestry", "emergency", "psv", "bus", "military",
    "delivery", "permit", "residents", "use_sidepath", "bicycle", "foot", "hgv"})  # fmt: skip


def _acces(tags: Tags) -> str:
    return next((tags[c] for c in ("motorcar", "motor_vehicle", "vehicle", "access") if c in tags), "")


ICI_SEULEMENT: dict[str, Callable[[Tags], bool]] = {
    "service road, which leads to doors": lambda t: t["highway"] == "service",
    "track opened to cars by a tag": lambda t: t["highway"] == "track" and bool(_acces(t)),
    "pedestrian street opened to cars by a tag": lambda t: t["highway"] == "pedestrian" and bool(_acces(t)),
    "private or closed, but open to cars by a more particular tag": lambda t: bool(_acces(t)) and _acces(t) not in _FERMES,
    "a service tag on another kind of road": lambda t: "service" in t,
}  # fmt: skip
OSMNX_SEULEMENT: dict[str, Callable[[Tags], bool]] = {
    "closed to cars by a tag that osmnx's filter does not read": lambda t: _acces(t) in _FERMES,
    "a kind of way that the profile does not know": lambda t: t["highway"] not in PROFIL.rangs,
    "impassable": lambda t: t.get("smoothness") == "impassable",
    "open one way or the other according to the hour": lambda t: t.get("oneway") == "reversible",
}
AUTRE_SENS: dict[str, Callable[[Tags], bool]] = {
    "one way for motor vehicles only": lambda t: "oneway:motor_vehicle" in t or "oneway:motorcar" in t,
    "a direction closed by its own tag": lambda t: any(c.endswith((":forward", ":backward")) for c in t),
    "motorway, one way without a word": lambda t: t["highway"] == "motorway" and "oneway" not in t,
    "circular junction": lambda t: t.get("junction") == "circular",
}


def les_chemins(fichier: Path) -> Iterator[Any]:
    """The ways of an extract that say ``highway``."""
    objets: Iterable[Any] = osmium.FileProcessor(str(fichier), osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    yield from objets


def par_osmnx(fichier: Path, dossier: Path) -> dict[int, Sens]:
    """The ways that osmnx keeps for « drive », and their directions. Its filter is made for Overpass: it is applied here to the tags."""
    filtre = osmnx._overpass._get_network_filter("drive")
    refus = {cle: re.compile(mots) for cle, mots in re.findall(r'\["(\w+)"!~"([^"]+)"\]', filtre)}
    retenus: dict[int, list[int]] = {}
    for chemin in les_chemins(fichier):
        if not any(cle in chemin.tags and mots.search(chemin.tags[cle]) for cle, mots in refus.items()):
            retenus[chemin.id] = [n.ref for n in chemin.nodes]
    extrait = dossier / "conduite.osm"
    utiles = {ref for refs in retenus.values() for ref in refs}
    with osmium.SimpleWriter(str(extrait)) as sortie:
        objets: Iterable[Any] = osmium.FileProcessor(str(fichier), osmium.osm.NODE | osmium.osm.WAY)
        for objet in objets:
            if objet.id in (utiles if objet.is_node() else retenus):
                sortie.add(objet)
    graphe = osmnx.graph_from_xml(extrait, bidirectional=False, simplify=False, retain_all=True)
    sens: dict[int, set[int]] = {}
    suites = {ref: set(pairwise(refs)) for ref, refs in retenus.items()}
    for u, v, donnees in graphe.edges(data=True):
        le_long, contre = (u, v) in suites[donnees["osmid"]], (v, u) in suites[donnees["osmid"]]
        sens.setdefault(donnees["osmid"], set()).update(
            {1} if le_long and not contre else {-1} if not le_long else ()
        )
    return {ref: frozenset(s) for ref, s in sens.items()}


def ici(fichier: Path) -> dict[int, tuple[Sens, dict[str, str]]]:
    """The ways that cars use here, their directions and their tags; the directions are empty for the others."""
    chemins = {}
    for chemin in les_chemins(fichier):
        tags = {t.k: t.v for t in chemin.tags}
        # A way cut down to one point by the edge of the extract goes nowhere.
        passage = PROFIL.passage(tags) if len({noeud.ref for noeud in chemin.nodes}) > 1 else None
        sens = {1: passage.aller_kmh, -1: passage.retour_kmh} if passage else {}
        chemins[chemin.id] = frozenset(s for s, kmh in sens.items() if kmh), tags
    return chemins


def comparer(fichier: Path, dossier: Path) -> tuple[Counter[str], list[tuple[int, str, dict[str, str]]]]:
    """How many ways by cause, and those that no cause explains."""
    la_bas, nous = par_osmnx(fichier, dossier), ici(fichier)
    nombres: Counter[str] = Counter({"kept by osmnx": len(la_bas)})
    inexpliques = []
    for ref, (sens, tags) in nous.items():
        nombres["kept here"] += bool(sens)
        if not sens and ref not in la_bas:
            continue
        if sens and ref in la_bas:
            causes, ou = (
                ({"": lambda t: True} if sens == la_bas[ref] else AUTRE_SENS),
                "kept by both, other direction",
            )
            ou = "kept by both, same direction" if sens == la_bas[ref] else ou
        else:
            causes, ou = (ICI_SEULEMENT, "only here") if sens else (OSMNX_SEULEMENT, "only osmnx")
        cause = next((nom for nom, vaut in causes.items() if vaut(tags)), None)
        nombres[f"{ou}: {cause}" if cause else ou] += 1
        if cause is None:
            inexpliques.append((ref, ou, tags))
    return nombres, inexpliques


@pytest.mark.skipif(
    not EXTRAITS.exists() and os.environ.get("CI") != "true", reason="../shared/data/osm is not here"
)
@pytest.mark.parametrize("nom", LESQUELS)
def test_every_difference_with_the_network_of_osmnx_has_a_known_cause(nom: str, tmp_path: Path) -> None:
    nombres, inexpliques = comparer(EXTRAITS / f"{nom}.osm.pbf", tmp_path)
    assert not inexpliques
    assert nombres["kept by both, same direction"] > 0.99 * nombres["kept by osmnx"]


if __name__ == "__main__":
    for chemin in sys.argv[1:]:
        with TemporaryDirectory() as temporaire:
            tous, sans_cause = comparer(Path(chemin), Path(temporaire))
        lignes = [f"{combien:7} {quoi}" for quoi, combien in sorted(tous.items())]
        lignes += [f"    {ref} {ou} {tags}" for ref, ou, tags in sans_cause]
        sys.stdout.write("\n".join([f"{chemin}, osmnx {osmnx.__version__}", *lignes, ""]))
