"""Roads asked by name: osmnx is real, the servers' answers are written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mobilite.erreurs import DonneeRefusee
from web.commandes import mobilite

osmnx = pytest.importorskip("osmnx", reason="osmnx (extra « reseau ») is not installed")
requests = pytest.importorskip("requests")

CARRE = {"type": "Polygon", "coordinates": [[[5.37, 48.99], [5.4, 48.99], [5.4, 49.02], [5.37, 48.99]]]}
LIEU = [
    {
        "place_id": 1, "osm_type": "relation", "osm_id": 1, "lat": "49", "lon": "5.38", "class": "boundary",
        "type": "administrative", "place_rank": 12, "importance": 0.5, "addresstype": "county", "name": "Essai",
        "display_name": "Essai", "boundingbox": ["48.99", "49.02", "5.37", "5.4"], "geojson": CARRE,
    }
]  # fmt: skip
ROUTES = {
    "elements": [
        *(
            {"type": "node", "id": i, "lat": lat, "lon": lon}
            for i, (lon, lat) in enumerate([(5.38, 49.0), (5.39, 49.0), (5.39, 49.01), (5.38, 49.01)], 1)
        ),
        {"type": "way", "id": 1, "nodes": [1, 2, 3, 4, 1], "tags": {"highway": "residential"}},
    ]
}


class Serveurs:
    """What the two servers would say, and what they were asked."""

    def __init__(self, lieu: Any = LIEU, routes: Any = ROUTES) -> None:
        self.lieu, self.routes = lieu, routes
        self.questions: list[str] = []

    def repondre(self, url: str, **options: Any) -> Any:
        """Stands for ``requests.get`` and ``requests.post``."""
        self.questions.append(url)
        reponse = requests.Response()
        reponse.status_code, reponse.url = 200, url
        corps: Any = self.lieu if "search" in url else self.routes
        reponse._content = json.dumps(corps).encode()
        if "status" in url:
            reponse._content = b"Connected as: 1\nCurrent time: now\nRate limit: 0\n2 slots available now.\n"
        return reponse


@pytest.fixture
def branches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``branches(serveurs)`` puts the servers in the place of the network."""
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))

    def brancher(serveurs: Serveurs) -> Serveurs:
        monkeypatch.setattr(requests, "get", serveurs.repondre)
        monkeypatch.setattr(requests, "post", serveurs.repondre)
        monkeypatch.setattr("osmnx._http._config_dns", lambda url: None)
        monkeypatch.setattr("time.sleep", lambda secondes: None)
        return serveurs

    return brancher


def test_the_roads_of_a_named_place_are_downloaded_and_put_in_service(branches: Any, tmp_path: Path) -> None:
    branches(Serveurs())
    resultat = CliRunner().invoke(mobilite, ["reseau", "telecharger", "Essai, France"])
    assert resultat.exit_code == 0, resultat.stderr
    info = json.loads(CliRunner().invoke(mobilite, ["reseau", "info", "--json"]).stdout)
    assert info["profils"]["voiture"]["km"] == pytest.approx(3.7, abs=0.1)


def test_a_place_nobody_knows_is_refused_in_french(branches: Any) -> None:
    branches(Serveurs(lieu=[]))
    resultat = CliRunner().invoke(mobilite, ["reseau", "telecharger", "Nulle part"])
    assert resultat.exit_code == 2 and "ne trouve pas" in resultat.stderr


def test_without_a_connection_the_sentence_says_so(branches: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    serveurs = branches(Serveurs())

    def couper(url: str, **options: Any) -> Any:
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "get", couper)
    resultat = CliRunner().invoke(mobilite, ["reseau", "telecharger", "Essai, France"])
    assert resultat.exit_code == 2 and "connexion" in resultat.stderr and serveurs.questions == []


def test_an_answer_without_roads_is_refused(branches: Any) -> None:
    from geo.telechargement import ecrire_osm  # noqa: PLC0415

    with pytest.raises(DonneeRefusee, match="aucune route"):
        ecrire_osm([{"elements": []}, []], Path("jamais.osm"))
