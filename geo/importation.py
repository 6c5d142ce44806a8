"""From an extract to the network in service: built beside the one that serves, then swapped whole."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.chemins import prechauffer
from geo.graphe import Graphe
from geo.hierarchie import contracter
from geo.osm import Avancement, Extrait, lire_extrait
from geo.profils import NOMS, Profil, lire_profil
from geo.reseau import ATTRIBUTION, COURANT, FORMAT, HIERARCHIE, LICENCE, Reseaux
from geo.rues import Rues, tracer
from geo.tableaux import ecrire_tableaux
from geo.virages import Maillage, mailler
from mobilite.erreurs import DonneeRefusee

_CAUSES = {
    "le disque est plein": (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    "l'écriture y est interdite": (errno.EACCES, errno.EPERM, errno.EROFS),
    "ce n'est pas un dossier": (errno.ENOTDIR, errno.EEXIST),
}


def importer(
    fichier: Path,
    dossier: Path,
    *,
    territoire: shapely.Geometry | None = None,
    rural_kmh: float | None = None,
    avancement: Avancement = lambda etape, fait: None,
) -> Reseaux:
    """Build every profile from an extract and put it in service; the former version leaves.

    Raises ``DonneeRefusee`` when the extract cannot be used: nothing has changed then.
    """
    try:
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _seul(dossier):
            chantier = Path(mkdtemp(prefix=".import-", dir=dossier))
            try:
                _batir(fichier, chantier, territoire, rural_kmh, avancement)
                avancement("Mise en service", 0)
                prechauffer()  # compiled here once and kept on disk, so that no request ever waits for it
                return _mettre_en_service(chantier, dossier)
            finally:
                shutil.rmtree(chantier, ignore_errors=True)
    except OSError as erreur:
        pourquoi = next(
            (mots for mots, numeros in _CAUSES.items() if erreur.errno in numeros), "erreur du disque"
        )
        raise DonneeRefusee(str(dossier), f"le réseau ne s'écrit pas ici : {pourquoi}.") from None


def construire(extrait: Extrait, profil: Profil) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """The header and the arrays of a profile, without its preparation; ``None``: no road for it."""
    rues = tracer(extrait, profil)
    if not rues.de.size:
        return None
    maillage = mailler(rues, profil, extrait)
    if not maillage.ms.size:
        return None
    garde = np.asarray((maillage.sortie.reshape(-1, 2) >= 0).any(axis=1))
    km_hors = float(rues.longueurs[~garde].sum()) / 1000
    rues, maillage = _reduire(rues, maillage, garde)
    km = np.bincount(rues.classe, rues.longueurs / 1000, minlength=len(profil.classes))
    debut = np.zeros(maillage.n + 1, np.int64)
    np.cumsum(np.bincount(maillage.de, minlength=maillage.n), out=debut[1:])
    entete: dict[str, Any] = {
        "format": FORMAT,
        "profil": profil.code,
        "profil_du": profil.verifie_le.isoformat(),
        "noeuds": maillage.n,
        "arcs": int(maillage.ms.size),
        "rues": int(rues.de.size),
        "km": round(float(km.sum()), 1),
        "km_hors": round(km_hors, 1),
        "km_par_classe": {
            classe.nom: round(float(k), 1) for classe, k in zip(profil.classes, km, strict=True) if k > 0
        },
        "classes": [{"nom": c.nom, "accroche": c.accroche, "habite": c.habite} for c in profil.classes],
        "lon": [int(rues.lon.min()), int(rues.lon.max())],
        "lat": [int(rues.lat.min()), int(rues.lat.max())],
    }
    tableaux: dict[str, NDArray[Any]] = {
        "graphe_debut": debut,
        "graphe_vers": maillage.vers,
        "graphe_ms": maillage.ms,
        "course": maillage.course,
        "sortie": maillage.sortie,
        "entree_debut": maillage.entree_debut,
        "entree_noeud": maillage.entree_noeud,
        "entree_ms": maillage.entree_ms,
        "debut": rues.debut,
        "lon": rues.lon,
        "lat": rues.lat,
        "aller": rues.aller,
        "retour": rues.retour,
        "metres": rues.metres,
        "sens": rues.sens,
        "classe": rues.classe,
    }
    return entete, tableaux


def _reduire(rues: Rues, maillage: Maillage, garde: NDArray[np.bool_]) -> tuple[Rues, Maillage]:
    """Only the streets of the graph, renumbered."""
    rang = np.cumsum(garde) - 1
    sortie = maillage.sortie.reshape(-1, 2)[garde]
    course = 2 * rang[maillage.course >> 1] + (maillage.course & 1)
    debut = np.append(maillage.entree_debut[:-1].reshape(-1, 2)[garde].ravel(), maillage.entree_debut[-1])
    rues = replace(rues.garder(garde), sens=((sortie[:, 0] >= 0) + 2 * (sortie[:, 1] >= 0)).astype(np.uint8))
    return rues, replace(maillage, sortie=sortie.ravel(), course=course.astype(np.int32), entree_debut=debut)


def _batir(
    fichier: Path,
    chantier: Path,
    territoire: shapely.Geometry | None,
    rural_kmh: float | None,
    avancement: Avancement,
) -> None:
    profils = [lire_profil(nom, rural_kmh) for nom in NOMS]
    extrait = lire_extrait(
        fichier,
        lambda tags: any(profil.passage(tags) for profil in profils),
        territoire=territoire,
        avancement=avancement,
    )
    faits: list[str] = []
    cadre = np.array([[2**31 - 1] * 2, [-(2**31)] * 2], np.int64)
    for profil in profils:
        avancement(f"Construction du réseau {profil.libelle}", 0)
        construit = construire(extrait, profil)
        if construit is None:
            continue
        entete, tableaux = construit
        avancement(f"Préparation des calculs {profil.libelle}", entete["noeuds"])
        prepare = contracter(Graphe(*(tableaux[f"graphe_{nom}"] for nom in ("debut", "vers", "ms"))))
        tableaux |= {f"{HIERARCHIE}{nom}": t for nom, t in prepare.tableaux().items()}
        ecrire_tableaux(chantier / f"{profil.code}.reseau", entete, tableaux)
        cadre[0] = np.minimum(cadre[0], [entete["lon"][0], entete["lat"][0]])
        cadre[1] = np.maximum(cadre[1], [entete["lon"][1], entete["lat"][1]])
        faits.append(profil.code)
    if not faits:
        raise DonneeRefusee(fichier.name, "aucune route de cet extrait ne peut servir.")
    document = {
        "format": FORMAT,
        "source": fichier.name,
        "date_source": extrait.date.isoformat() if extrait.date else None,
        "importe_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "bbox": [round(float(x) / 1e7, 5) for x in cadre.ravel()],
        "territoire": territoire is not None,
        "rural_kmh": profils[0].rural_kmh,
        "interdictions_de_tourner": len(extrait.restrictions),
        "interdictions_par_un_chemin": sum(r.par_un_chemin for r in extrait.restrictions),
        "interdictions_selon_l_heure": extrait.releve.selon_l_heure,
        "interdictions_non_comprises": extrait.releve.non_comprises,
        "chemins_selon_l_heure": extrait.a_l_heure,
        "profils": faits,
    }
    with (chantier / "reseau.json").open("x", encoding="utf-8") as sortie:
        json.dump(document, sortie, ensure_ascii=False, indent=1)
        sortie.flush()
        os.fsync(sortie.fileno())


def _mettre_en_service(chantier: Path, dossier: Path) -> Reseaux:
    nom = f"v{datetime.now(UTC):%Y%m%dT%H%M%S}-{chantier.name.removeprefix('.import-')}"
    chantier.rename(dossier / nom)
    reseaux = Reseaux(dossier / nom, json.loads((dossier / nom / "reseau.json").read_text(encoding="utf-8")))
    if set(reseaux.profils) != set(reseaux.entete["profils"]):
        raise ValueError("a network that was just written cannot be read back")
    mot = dossier / f".{COURANT}"
    with mot.open("w", encoding="ascii") as sortie:
        sortie.write(nom)
        sortie.flush()
        os.fsync(sortie.fileno())
    mot.replace(dossier / COURANT)
    for version in dossier.glob("v*"):
        # A process that still serves the former version keeps its files until it lets them go.
        if version.name != nom and version.is_dir():
            shutil.rmtree(version, ignore_errors=True)
    return reseaux


@contextmanager
def _seul(dossier: Path) -> Iterator[None]:
    """One import at a time; what an interrupted one left behind is swept away."""
    with (dossier / ".verrou").open("w") as verrou:
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DonneeRefusee("reseau", "un import est déjà en cours.") from None
        for reste in dossier.glob(".import-*"):
            shutil.rmtree(reste, ignore_errors=True)
        yield
