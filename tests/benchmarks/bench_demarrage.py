"""How long the web application takes to start and answer: `python -m tests.benchmarks.bench_demarrage`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

LOURDES = ("osmnx", "pandas", "ortools", "scipy", "networkx", "typst", "shapely", "numpy")
DEMARRAGE = """
import sys, time
debut = time.perf_counter()
from web.app import create_app
from web.config import lire_config
importe = time.perf_counter()
app = create_app(lire_config())
reponse = app.test_client().get("/connexion")
assert reponse.status_code == 200, reponse.status
fin = time.perf_counter()
lourdes = [nom for nom in {lourdes!r} if nom in sys.modules]
print(importe - debut, fin - importe, ",".join(lourdes) or "none")
"""


def demarrer(dossier: str) -> tuple[tuple[float, float, float], str]:
    """Seconds of import, of creation and first page, of the whole process; then the heavy libraries loaded."""
    environnement = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environnement |= {"MOBILITE_MODE": "demonstration", "MOBILITE_INSTANCE": dossier}
    debut = time.perf_counter()
    sortie = subprocess.run(
        [sys.executable, "-c", DEMARRAGE.format(lourdes=LOURDES)],
        env=environnement,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout.split()
    return (float(sortie[0]), float(sortie[1]), time.perf_counter() - debut), sortie[2]


def principal() -> None:
    """Start seven times; the first one, which compiles, is shown apart."""
    with tempfile.TemporaryDirectory() as dossier:
        froid, *chauds = [demarrer(dossier) for _ in range(7)]
    print(f"first start, modules maybe not compiled yet      {froid[0][2]:6.2f} s")
    for rang, quoi in enumerate(("import", "creation and first page", "whole process")):
        print(
            f"{quoi:<48} {statistics.median(chaud[0][rang] for chaud in chauds):6.2f} s (median of 6, goal 1.5)"
        )
    print(f"heavy libraries loaded: {chauds[0][1]}")


if __name__ == "__main__":
    principal()
