"""How long the web application takes to start and answer: `python -m tests.benchmarks.bench_demarrage [EXTRAIT]`.

With an OpenStreetMap extract, also what serving its road network adds: seconds to the first firm answer,
and private memory once the three ways of moving have been asked about.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOURDES = (
    "apprise",
    "apscheduler",
    "osmnx",
    "pandas",
    "ortools",
    "scipy",
    "networkx",
    "typst",
    "shapely",
    "numpy",
    "numba",
)
TOURS = 7
DEMARRAGE = """
import json, sys, time
from datetime import date
from pathlib import Path

bibliotheques, couple = json.loads(sys.argv[1])

def memoire():
    lignes = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    ko = {ligne.split(":")[0]: int(ligne.split()[1]) for ligne in lignes}
    return (ko["Private_Clean"] + ko["Private_Dirty"]) / 1000, ko["Anonymous"] / 1000

debut, debut_cpu = time.perf_counter(), time.process_time()
from web.app import create_app
from web.config import lire_config
importe = time.perf_counter()
app = create_app(lire_config())
reponse = app.test_client().get("/connexion")
assert reponse.status_code == 200, reponse.status
page = time.perf_counter()
lourdes = [nom for nom in bibliotheques if nom in sys.modules]
ferme = []
if couple:
    from mobilite.lieux import Lieu, Mode, Position
    from web.referentiel import referentiel
    acces = referentiel().accessibilite(date.today())
    de, vers = (Lieu("", Position(*ou)) for ou in couple)
    for mode in (Mode.VOITURE, Mode.VELO, Mode.MARCHE):
        ferme.append("réseau" in acces.trajets([(de, vers)], mode)[de, vers].duree.methode)
        if mode is Mode.VOITURE:
            premier, premier_cpu = time.perf_counter() - debut, time.process_time() - debut_cpu
else:
    premier, premier_cpu = page - debut, time.process_time() - debut_cpu
prive, anonyme = memoire()
print(json.dumps(dict(
    importe=importe - debut, page=page - importe, premier=premier, premier_cpu=premier_cpu,
    prive=prive, anonyme=anonyme, lourdes=lourdes, ferme=ferme)))
"""

IMPORTER = "from web.commandes import mobilite; mobilite()"

Couple = list[tuple[float, float]]


def _environnement(dossier: str) -> dict[str, str]:
    environnement = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return environnement | {"MOBILITE_MODE": "demonstration", "MOBILITE_INSTANCE": dossier}


def demarrer(dossier: str, couple: Couple | None = None) -> dict[str, Any]:
    """Start, show the first page and, between two places of the network, answer by each way of moving."""
    sortie = subprocess.run(
        [sys.executable, "-c", DEMARRAGE, json.dumps([LOURDES, couple])],
        env=_environnement(dossier),
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout
    mesures: dict[str, Any] = json.loads(sortie.splitlines()[-1])
    return mesures


def avec_reseau(dossier: str, extrait: Path) -> Couple:
    """Put the network of an extract in service; two places along its streets, a quarter of its width apart."""
    subprocess.run(
        [sys.executable, "-c", IMPORTER, "reseau", "importer", str(extrait)],
        env=_environnement(dossier),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    from geo.reseau import reseaux_en_service  # noqa: PLC0415  numba, for this only

    reseaux = reseaux_en_service(Path(dossier) / "reseau")
    if reseaux is None:
        raise SystemExit(f"{extrait}: not in service")
    # Along streets that one may walk, of which each has its share of the answer.
    t = reseaux.profils["marche"].tableaux
    ordre = t["lon"].argsort(kind="stable")
    choisis = [int(ordre[ordre.size * k // 8]) for k in (3, 5)]
    return [(float(t["lon"][i]) / 1e7, float(t["lat"][i]) / 1e7) for i in choisis]


def principal(extraits: list[Path]) -> None:
    """Start without and with a network, in turn; the first time, which compiles, is shown apart."""
    with tempfile.TemporaryDirectory() as sans, tempfile.TemporaryDirectory() as avec:
        couple = avec_reseau(avec, extraits[0]) if extraits else None
        froid = demarrer(sans)
        chauds, serveurs = [], []
        for _ in range(TOURS):
            chauds.append(demarrer(sans))
            if couple:
                serveurs.append(demarrer(avec, couple))

    def mediane(mesures: list[dict[str, Any]], quoi: str) -> float:
        return statistics.median([float(mesure[quoi]) for mesure in mesures])

    def secondes(quoi: str, s: float, but: str = "") -> None:
        print(f"{quoi:<58} {s:7.2f} s{but}")

    secondes("first start, modules maybe not compiled yet", froid["premier"])
    secondes("import", mediane(chauds, "importe"))
    secondes("creation and first page", mediane(chauds, "page"))
    secondes("until the first page", mediane(chauds, "premier"), f"  (median of {TOURS}, goal 1.5)")
    print(f"heavy libraries loaded: {', '.join(chauds[0]['lourdes']) or 'none'}")
    if not serveurs:
        print("road network: not measured, no extract given")
        return
    if not all(all(mesure["ferme"]) for mesure in serveurs):
        raise AssertionError("a way of moving was not answered by the network")
    print(f"\nwith the road network of {extraits[0].name}, until a firm answer, added:")
    # The machine has other work: processor time is compared, both are shown.
    for nom, quoi in (("elapsed", "premier"), ("processor", "premier_cpu")):
        ajoute = mediane(serveurs, quoi) - mediane(chauds, quoi)
        secondes(nom, ajoute, f"  (goal < 1{', held' if ajoute < 1 else ', NOT HELD'})")
    for nom, quoi in (("private memory, three profiles used", "prive"), ("of which anonymous", "anonyme")):
        ajoute = mediane(serveurs, quoi) - mediane(chauds, quoi)
        but = f"  (goal < 150{', held' if ajoute < 150 else ', NOT HELD'})" if quoi == "prive" else ""
        print(f"{nom:<58} {ajoute:6.0f} MB{but}")


if __name__ == "__main__":
    principal([Path(argument) for argument in sys.argv[1:]])
