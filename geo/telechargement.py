"""The roads of a place, asked by name of OpenStreetMap's servers through osmnx, as an ``.osm`` file.

osmnx finds the outline of the place and cuts the question into pieces; its answers are kept as they
came, with every tag, rather than as the graph osmnx would make of them. They hold no relation, so no
turn restriction: an extract is better, and for more than a département it is the only polite way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osmium

from mobilite.erreurs import DonneeRefusee

_ROUTES = ['["highway"]["area"!~"yes"]', '["route"="ferry"]']


def telecharger_routes(lieu: str, sortie: Path) -> None:
    """Write the roads of ``lieu``. Raises ``DonneeRefusee`` when nobody answers or nothing is there."""
    try:
        import osmnx  # noqa: PLC0415  an optional library, a hundred megabytes
    except ImportError:
        raise DonneeRefusee(
            "telecharger",
            "le paquet « osmnx » manque. L'installer : pip install 'mobilite-solidaire[reseau]'",
        ) from None
    if sortie.exists():
        raise DonneeRefusee(sortie.name, "ce fichier existe déjà.")
    with TemporaryDirectory(prefix="mobilite-") as dossier:
        avant = osmnx.settings.cache_folder, osmnx.settings.cache_only_mode, osmnx.settings.use_cache
        osmnx.settings.cache_folder, osmnx.settings.use_cache = dossier, True
        osmnx.settings.cache_only_mode = True
        try:
            osmnx.graph_from_place(lieu, custom_filter=_ROUTES)
        except Exception as erreur:  # osmnx lets through what requests, geopandas and the servers raise
            if type(erreur).__name__ != "CacheOnlyInterruptError":
                raise DonneeRefusee("telecharger", f"« {lieu[:60]} » : {_raison(erreur)}") from None
        finally:
            (
                osmnx.settings.cache_folder,
                osmnx.settings.cache_only_mode,
                osmnx.settings.use_cache,
            ) = avant
        ecrire_osm(map(_lire, sorted(Path(dossier).glob("*.json"))), sortie)


def ecrire_osm(reponses: Iterable[Any], sortie: Path) -> None:
    """Merge answers of Overpass (JSON) into one file, points first, each object once."""
    points: dict[int, dict[str, Any]] = {}
    chemins: dict[int, dict[str, Any]] = {}
    for reponse in reponses:
        elements = reponse.get("elements", ()) if isinstance(reponse, dict) else ()
        for element in elements:
            if element.get("type") == "node":
                points[int(element["id"])] = element
            elif element.get("type") == "way":
                chemins[int(element["id"])] = element
    if not chemins:
        raise DonneeRefusee("telecharger", "aucune route dans la réponse d'OpenStreetMap.")
    with osmium.SimpleWriter(str(sortie)) as fichier:
        for ref in sorted(points):
            p = points[ref]
            fichier.add_node(
                osmium.osm.mutable.Node(
                    id=ref, location=(float(p["lon"]), float(p["lat"])), tags=p.get("tags", {})
                )
            )
        for ref in sorted(chemins):
            c = chemins[ref]
            fichier.add_way(osmium.osm.mutable.Way(id=ref, nodes=c["nodes"], tags=c.get("tags", {})))


def _lire(fichier: Path) -> Any:
    return json.loads(fichier.read_text(encoding="utf-8"))


def _raison(erreur: Exception) -> str:
    nom = type(erreur).__name__
    if "Connection" in nom or "Timeout" in nom or "Socket" in nom:
        return "OpenStreetMap ne répond pas : vérifier la connexion, ou importer un extrait."
    if "InsufficientResponse" in nom:
        return "OpenStreetMap ne trouve pas ce lieu, ou aucune route."
    return f"le téléchargement a échoué ({nom})."
