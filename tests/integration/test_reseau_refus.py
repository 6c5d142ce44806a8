"""What may go wrong with an import: a wrong file, a full disk, a power cut. The network in service stays."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from geo.importation import importer
from geo.reseau import reseaux_en_service
from tests.integration.commandes_reseau import lancer, refuse, village

RACINE = Path(__file__).parents[2]
ANDORRE = RACINE.parent / "shared" / "data" / "osm" / "andorra.osm.pbf"
avec_les_extraits = pytest.mark.skipif(
    not ANDORRE.exists() and os.environ.get("CI") != "true",
    reason="../shared/data/osm/andorra.osm.pbf is not here",
)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own, empty."""
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def pbf(genre: bytes, deplie: bytes, annonce: int | None = None) -> bytes:
    """One block of a PBF file."""

    def champ(numero: int, valeur: bytes | int) -> bytes:
        if isinstance(valeur, int):
            return varint(numero << 3) + varint(valeur)
        return varint(numero << 3 | 2) + varint(len(valeur)) + valeur

    bloc = champ(2, len(deplie) if annonce is None else annonce) + champ(3, zlib.compress(deplie))
    entete = champ(1, genre) + champ(3, len(bloc))
    return struct.pack(">I", len(entete)) + entete + bloc


def varint(valeur: int) -> bytes:
    """A number as protocol buffers write it."""
    octets = bytearray()
    while True:
        octets.append(valeur & 127 | (128 if valeur > 127 else 0))
        valeur >>= 7
        if not valeur:
            return bytes(octets)


ENTETE = pbf(b"OSMHeader", b"\x22\x0eOsmSchema-V0.6\x22\x0aDenseNodes")
SANS_ROUTE = '<osm version="0.6"><node id="1" version="1" lon="5.3" lat="49"/></osm>'
SANS_POINT = (
    '<osm version="0.6"><way id="1" version="1"><nd ref="1"/><nd ref="2"/>'
    '<tag k="highway" v="residential"/></way></osm>'
)


MILLIARD_DE_RIRES = (
    b"<!DOCTYPE osm [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b']><osm version="0.6"><node id="1" version="1" lon="5" lat="49"><tag k="name" v="&a9;"/></node></osm>'
)


def mauvais_fichiers(dossier: Path) -> dict[str, Path]:
    """Everything somebody may give by mistake or by malice."""
    contenus: dict[str, bytes] = {
        "vide.osm.pbf": b"",
        "page.osm.pbf": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        "page.osm": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        "entete.osm.pbf": ENTETE,
        "coupe.osm.pbf": ENTETE + pbf(b"OSMData", bytes(5000))[:-20],
        "charabia.osm.pbf": ENTETE + pbf(b"OSMData", bytes(range(256)) * 20),
        "bombe.osm.pbf": ENTETE + pbf(b"OSMData", bytes(200 << 20)),
        "bombe_menteuse.osm.pbf": ENTETE + pbf(b"OSMData", bytes(64 << 20), annonce=1000),
        "bombes.osm.pbf": ENTETE + pbf(b"OSMData", bytes(30 << 20)) * 40,
        "bombe.osm.gz": gzip.compress(b'<osm version="0.6">' + bytes(64 << 20)),
        "coupe.osm.gz": gzip.compress(SANS_ROUTE.encode() * 400)[:-9],
        "pas_un.osm.gz": b"PK\x03\x04 une archive",
        "sans_route.osm": SANS_ROUTE.encode(),
        "sans_point.osm": SANS_POINT.encode(),
        "coupe.osm": b'<osm version="0.6"><way id="1"><nd ref="1"/>',
        "entites.osm": b'<!DOCTYPE osm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><osm version="0.6">&b;</osm>',
        "bombe.osm": MILLIARD_DE_RIRES,
        "exterieur.osm": b'<!DOCTYPE osm [<!ENTITY a SYSTEM "file:///etc/passwd">]><osm version="0.6">&a;</osm>',
        "changements.osm": b'<osmChange version="0.6"><create/></osmChange>',
        "trace.osm": b'<gpx version="1.1"><trk/></gpx>',
        "utf16.osm": SANS_ROUTE.encode("utf-16"),
        "accents_sans_le_dire.osm": b'<osm version="0.6"><node id="1" version="1" lon="5" lat="49">'
        b'<tag k="name" v="B\xe9nivaux"/></node></osm>',
        "page.osm.gz": gzip.compress(b"<!DOCTYPE html><html></html>"),
        "bombe_lente.osm.gz": gzip.compress(b'<osm version="0.6">' + b"<node/>" * (10 << 20)),
        "carte.shp": b"\x00\x00\x27\x0a",
    }
    for nom, contenu in contenus.items():
        (dossier / nom).write_bytes(contenu)
    with (dossier / "enorme.osm.pbf").open("wb") as sortie:
        sortie.truncate(2 << 30)
    (dossier / "dossier.osm.pbf").mkdir()
    os.mkfifo(dossier / "tube.osm.pbf")
    long = "long" * 80 + ".osm"
    return {
        nom: dossier / nom
        for nom in (*contenus, "enorme.osm.pbf", "absent.osm.pbf", "dossier.osm.pbf", "tube.osm.pbf", long)
    }


def test_a_bad_file_is_refused_in_french_and_the_network_in_service_stays(instance: Path) -> None:
    assert lancer("reseau", "importer", str(village(instance))).exit_code == 0
    avant = json.loads(lancer("reseau", "info", "--json").stdout)
    (instance / "mauvais").mkdir()
    for nom, fichier in mauvais_fichiers(instance / "mauvais").items():
        assert nom in refuse(lancer("reseau", "importer", str(fichier))), nom
    assert json.loads(lancer("reseau", "info", "--json").stdout) == avant
    assert len(list((instance / "instance" / "reseau").iterdir())) == 3  # the word, the version, the lock


def test_a_damaged_network_is_not_served(tmp_path: Path) -> None:
    service = importer(village(tmp_path), tmp_path / "reseau")
    fichier = service.dossier / "velo.reseau"
    fichier.write_bytes(fichier.read_bytes()[:-4000])
    assert reseaux_en_service(tmp_path / "reseau") is None


@pytest.mark.parametrize("nom", ["plan.osm.gz", "PLAN.OSM"])
def test_a_compressed_extract_and_one_in_another_alphabet_are_read(tmp_path: Path, nom: str) -> None:
    texte = village(tmp_path).read_text(encoding="utf-8").replace("UTF-8", "ISO-8859-1")
    octets = texte.replace('k="highway"', 'k="name" v="Bénivaux"/><tag k="highway"').encode("latin-1")
    (tmp_path / nom).write_bytes(gzip.compress(octets) if nom.endswith(".gz") else octets)
    assert importer(tmp_path / nom, tmp_path / "reseau").profils["voiture"].entete["km"] > 2


def lancer_a_part(instance: Path, *mots: str, taille_max: int | None = None) -> subprocess.Popen[str]:
    """The command in a process of its own, which can be killed, or whose files are bounded."""

    def borner() -> None:
        if taille_max is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (taille_max, taille_max))

    programme = "from web.commandes import mobilite; mobilite()"
    return subprocess.Popen(
        [sys.executable, "-c", programme, *mots], cwd=RACINE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "MOBILITE_INSTANCE": str(instance / "instance")}, preexec_fn=borner,  # noqa: PLW1509
    )  # fmt: skip


@avec_les_extraits
def test_a_full_disk_is_said_and_the_network_in_service_stays(instance: Path) -> None:
    assert lancer("reseau", "importer", str(village(instance))).exit_code == 0
    avant = lancer("reseau", "info", "--json").stdout
    processus = lancer_a_part(instance, "reseau", "importer", str(ANDORRE), taille_max=100_000)
    _, erreurs = processus.communicate(timeout=120)
    assert processus.returncode == 2 and "le disque est plein" in erreurs and "Traceback" not in erreurs
    assert lancer("reseau", "info", "--json").stdout == avant
    assert len(list((instance / "instance" / "reseau").iterdir())) == 3


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "reseau").write_text("un fichier", encoding="utf-8")
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))
    assert "dossier" in refuse(lancer("reseau", "importer", str(village(tmp_path))))


@avec_les_extraits
def test_an_import_that_is_killed_leaves_the_former_network_and_the_next_one_sweeps(instance: Path) -> None:
    assert lancer("reseau", "importer", str(village(instance))).exit_code == 0
    avant = lancer("reseau", "info", "--json").stdout
    dossier = instance / "instance" / "reseau"
    processus = lancer_a_part(instance, "reseau", "importer", str(ANDORRE))
    fin = time.monotonic() + 120
    while not list(dossier.glob(".import-*/*.reseau")) and processus.poll() is None:
        assert time.monotonic() < fin
        time.sleep(0.002)
    processus.send_signal(signal.SIGKILL)
    processus.communicate()
    assert processus.returncode == -signal.SIGKILL and list(dossier.glob(".import-*/*.reseau"))
    assert lancer("reseau", "info", "--json").stdout == avant
    # A version whole but never put in service, and a word half written: killed a little later.
    (dossier / "v20200101T000000-x").mkdir()
    (dossier / ".courant").write_text("v2020", encoding="ascii")
    assert lancer("reseau", "importer", str(village(instance, x=20))).exit_code == 0
    assert lancer("reseau", "info", "--json").stdout != avant
    assert len(list(dossier.iterdir())) == 3
