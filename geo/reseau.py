"""The road network that is served, mapped from its files: opening it reads next to nothing.

A folder holds versions, one file per profile, and the word ``courant`` that names the one in service.
Whatever happens to an import, that word changes last and in one move.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.graphe import Graphe
from geo.hierarchie import Hierarchie
from geo.tableaux import lire_tableaux

LICENCE = "ODbL 1.0"
ATTRIBUTION = "© contributeurs OpenStreetMap"
FORMAT = 1
COURANT = "courant"
HIERARCHIE = "hierarchie."


@dataclass(frozen=True, eq=False)
class Reseau:
    """The network of one profile, mapped from its file.

    ``rues_*``: r streets and their points, see ``geo.rues``; ``course``, ``sortie``, ``entree_*``:
    how they hang onto ``graphe``, see ``geo.virages``. A course is 2 × street, + 1 backwards.
    """

    code: str
    entete: Mapping[str, Any]
    tableaux: Mapping[str, NDArray[Any]]

    @cached_property
    def graphe(self) -> Graphe:
        """The graph that is searched."""
        t = self.tableaux
        return Graphe(t["graphe_debut"], t["graphe_vers"], t["graphe_ms"])

    @cached_property
    def hierarchie(self) -> Hierarchie:
        """The same graph, prepared at import."""
        longueur = len(HIERARCHIE)
        return Hierarchie.depuis_tableaux(
            {nom[longueur:]: t for nom, t in self.tableaux.items() if nom.startswith(HIERARCHIE)}
        )

    @property
    def rues(self) -> int:
        """How many streets."""
        return self.tableaux["sens"].size

    @cached_property
    def classes_accroche(self) -> NDArray[np.bool_]:
        """bool[r]: whether a place may open onto each street."""
        return self._par_classe("accroche")

    @cached_property
    def classes_habitees(self) -> NDArray[np.bool_]:
        """bool[r]: whether people live along each street."""
        return self._par_classe("habite")

    def _par_classe(self, champ: str) -> NDArray[np.bool_]:
        oui = np.array([classe[champ] for classe in self.entete["classes"]], np.bool_)
        return np.asarray(oui[self.tableaux["classe"]])

    def en_document(self) -> dict[str, Any]:
        """What ``mobilite reseau info`` says of this profile."""
        return {cle: self.entete[cle] for cle in ("noeuds", "arcs", "rues", "km", "km_par_classe", "km_hors")}


@dataclass(frozen=True, eq=False)
class Reseaux:
    """The version in service: one network per profile, and where it comes from."""

    dossier: Path
    entete: Mapping[str, Any]

    @cached_property
    def profils(self) -> Mapping[str, Reseau]:
        """The networks, by code of profile."""
        ouverts = {}
        for code in self.entete["profils"]:
            entete, tableaux = lire_tableaux(self.dossier / f"{code}.reseau")
            ouverts[code] = Reseau(code, entete, MappingProxyType(tableaux))
        return MappingProxyType(ouverts)

    @property
    def date(self) -> str:
        """The day the data stand for (ISO), or the day of the import when the extract does not say."""
        return str(self.entete["date_source"] or self.entete["importe_le"])[:10]

    def en_document(self) -> dict[str, Any]:
        """What ``mobilite reseau info --json`` prints."""
        return {**self.entete, "profils": {code: r.en_document() for code, r in self.profils.items()}}


def reseaux_en_service(dossier: Path) -> Reseaux | None:
    """The version in service; ``None`` when there is none, or when its files cannot be read."""
    try:
        nom = (dossier / COURANT).read_text(encoding="ascii").strip()
        version = dossier / nom
        entete = json.loads((version / "reseau.json").read_text(encoding="utf-8"))
        if entete["format"] != FORMAT:
            return None
        reseaux = Reseaux(version, MappingProxyType(entete))
        return reseaux if reseaux.profils else None
    except (OSError, ValueError, KeyError):
        return None
