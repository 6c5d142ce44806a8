"""The network from extract to answer: exact against networkx, refused in French, swapped whole."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.accroche import Accrocheur
from geo.importation import importer
from geo.isochrone import isochrones
from geo.itineraire import itineraires, ligne
from geo.reseau import Reseaux, reseaux_en_service
from geo.trajets import durees_entre
from mobilite.lieux import Lieu, Mode, Position
from mobilite.verdict import Verdict
from tests.integration.commandes_reseau import lancer, refuse, village
from tests.unit.petit_reseau import au_hasard
from web.referentiel import referentiel

EXTRAITS = Path(__file__).parents[3] / "shared" / "data" / "osm"
ANDORRE = EXTRAITS / "andorra.osm.pbf"
LE = date(2026, 3, 11)
# Where continuous integration runs the extracts are there: without them its tests fail, they are not skipped.
avec_les_extraits = pytest.mark.skipif(
    not ANDORRE.exists() and os.environ.get("CI") != "true",
    reason="../shared/data/osm/andorra.osm.pbf is not here",
)


@pytest.fixture(scope="module")
def andorre(tmp_path_factory: pytest.TempPathFactory) -> Reseaux:
    """Andorra, imported once."""
    return importer(ANDORRE, tmp_path_factory.mktemp("andorre") / "reseau")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own, empty."""
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@avec_les_extraits
@pytest.mark.parametrize("profil", ["voiture", "velo", "marche"])
def test_the_line_of_a_route_is_as_long_as_its_metres(andorre: Reseaux, profil: str) -> None:
    reseau = andorre.profils[profil]
    places = au_hasard(andorre, reseau, 40)
    routes = itineraires(reseau, places, places.choisir(np.arange(len(places))[::-1].copy()))
    for i in range(len(places)):
        points = np.radians(np.array(ligne(reseau, routes, i)))
        dlon, dlat = np.diff(points[:, 0]) * np.cos(points[:-1, 1]), np.diff(points[:, 1])
        long = 6_371_008.8 * np.hypot(dlon, dlat).sum()
        a_pied = routes.origines.ecart_m[i] + routes.destinations.ecart_m[i]
        assert routes.metres[i] - a_pied == pytest.approx(long, rel=2e-3, abs=2)


@avec_les_extraits
def test_an_area_holds_the_places_within_its_minutes_and_grows_with_them(andorre: Reseaux) -> None:
    reseau = andorre.profils["voiture"]
    lieu = Accrocheur(reseau).exiger(1.5218, 42.5075)
    surfaces = isochrones(reseau, lieu, (10.0, 20.0, 30.0), maille_m=100)
    assert surfaces[30.0].contains(surfaces[10.0].buffer(-0.002))
    places = au_hasard(andorre, reseau, 300)
    secondes = durees_entre(reseau, places, lieu)[:, 0] / 1000
    for minutes, surface in surfaces.items():
        assert surface.is_valid
        dedans = shapely.contains_xy(surface, places.lon, places.lat)
        # On the street itself, a minute away from the edge of the area, there is no doubt.
        assert dedans[secondes + places.acces / 1000 < 60 * (minutes - 2)].mean() > 0.97
        assert dedans[secondes - places.acces / 1000 > 60 * (minutes + 2)].mean() < 0.03


@avec_les_extraits
def test_an_extract_is_described_with_its_date_licence_and_kilometres(
    instance: Path, andorre: Reseaux
) -> None:
    assert "aucun réseau n'est chargé" in refuse(lancer("reseau", "info"))
    fait = lancer("reseau", "importer", str(ANDORRE))
    assert fait.exit_code == 0 and "© contributeurs OpenStreetMap" in fait.stdout
    info = json.loads(lancer("reseau", "info", "--json").stdout)
    assert info["licence"].startswith("ODbL") and info["date_source"].startswith("2013-05-28")
    for code, profil in info["profils"].items():
        assert profil["noeuds"] > 0 and profil["arcs"] > 0, code
        assert sum(profil["km_par_classe"].values()) == pytest.approx(profil["km"], abs=1)


def test_a_matrix_is_written_in_seconds_and_a_place_off_the_network_is_left_empty(instance: Path) -> None:
    assert lancer("reseau", "importer", str(village(instance))).exit_code == 0
    (instance / "a.csv").write_text("id,lon,lat\nA,5.38,49.0\nloin,6.5,48.0\n", encoding="utf-8")
    (instance / "b.csv").write_text("id,lon,lat\nB,5.388,49.0\n", encoding="utf-8")
    mots = ["--origines", str(instance / "a.csv"), "--destinations", str(instance / "b.csv")]
    resultat = lancer("reseau", "matrice", *mots, "--profil", "marche", "--sortie", str(instance / "m.csv"))
    assert resultat.exit_code == 0 and "loin" in resultat.stderr
    lignes = (instance / "m.csv").read_text(encoding="utf-8").splitlines()
    assert lignes[0] == "origine,destination,secondes" and lignes[2] == "loin,B,"
    assert int(lignes[1].split(",")[2]) == pytest.approx(584 / 1.25, abs=1)


@pytest.mark.parametrize(
    "contenu",
    ["", "nom,x,y\na,1,2\n", "id,lon,lat\n", "id,lon,lat\na,5.38,\n", "id,lon,lat\na,538,49\n",
     "id,lon,lat\na,5,49\na,5,49\n", "id,lon,lat\n,5,49\n", "id,lon,lat\na,nan,49\n", 'id,lon,lat\n"a,5,49\n'],
)  # fmt: skip
def test_a_list_of_places_that_cannot_be_read_is_refused(instance: Path, contenu: str) -> None:
    lancer("reseau", "importer", str(village(instance)))
    (instance / "a.csv").write_text(contenu, encoding="utf-8")
    mots = ["--origines", str(instance / "a.csv"), "--destinations", str(instance / "a.csv")]
    assert "--origines" in refuse(lancer("reseau", "matrice", *mots, "--sortie", str(instance / "m.csv")))
    assert not (instance / "m.csv").exists()


def test_an_isochrone_is_geojson_with_its_attribution_and_a_far_place_is_refused(instance: Path) -> None:
    lancer("reseau", "importer", str(village(instance)))
    mots = ["--profil", "marche", "--minutes", "5", "--minutes", "10"]
    sortie = instance / "iso.geojson"
    ici = ["--lon", "5.384", "--lat", "49.0", *mots, "--sortie", str(sortie)]
    assert lancer("reseau", "isochrone", *ici).exit_code == 0
    document = json.loads(sortie.read_text(encoding="utf-8"))
    assert [f["properties"]["minutes"] for f in document["features"]] == [10, 5]
    assert all("OpenStreetMap" in f["properties"]["attribution"] for f in document["features"])
    loin = ["--lon", "6.5", "--lat", "48.0", *mots, "--sortie", str(instance / "non.geojson")]
    assert "1 km" in refuse(lancer("reseau", "isochrone", *loin))


@pytest.mark.parametrize(
    "territoire",
    [
        "{}",
        "pas du json",
        '{"type": "Polygon", "coordinates": []}',
        '{"type": "Point", "coordinates": [5.38, 49.0]}',
        '{"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}',
    ],
)
def test_an_empty_territory_is_refused(instance: Path, territoire: str) -> None:
    (instance / "t.geojson").write_text(territoire, encoding="utf-8")
    extrait = str(village(instance))
    assert "--territoire" in refuse(
        lancer("reseau", "importer", extrait, "--territoire", str(instance / "t.geojson"))
    )


def test_a_territory_keeps_the_roads_inside_it(instance: Path) -> None:
    boite = shapely.geometry.mapping(shapely.box(5.379, 48.999, 5.3845, 49.006))
    (instance / "t.geojson").write_text(json.dumps(boite), encoding="utf-8")
    extrait = str(village(instance))
    lancer("reseau", "importer", extrait, "--territoire", str(instance / "t.geojson"))
    info = json.loads(lancer("reseau", "info", "--json").stdout)
    assert info["territoire"] and info["bbox"][2] <= 5.3845


def test_a_second_import_takes_the_place_of_the_first_while_it_is_read(tmp_path: Path) -> None:
    un = importer(village(tmp_path), tmp_path / "reseau")
    avant = un.profils["voiture"].tableaux["lon"].tolist()
    importer(village(tmp_path, x=20), tmp_path / "reseau")
    assert un.profils["voiture"].tableaux["lon"].tolist() == avant
    nouveau = reseaux_en_service(tmp_path / "reseau")
    assert nouveau is not None and nouveau.profils["voiture"].tableaux["lon"].tolist() != avant


def _accueil(*mots: str) -> dict[str, Any]:
    resultat = lancer("accueil", "--json", *mots)
    assert resultat.exit_code == 0, resultat.stderr
    document: dict[str, Any] = json.loads(resultat.stdout)
    return document


def test_the_welcome_report_becomes_firm_where_the_network_is_and_says_where_it_is_not(
    instance: Path,
) -> None:
    estime = _accueil()
    assert estime["ferme"] is False
    # Bar-le-Duc: a commune with a demonstration Maison; the map is drawn round its town hall.
    plan_x, plan_y = _autour_de("55029")
    assert lancer("reseau", "importer", str(village(instance, x=plan_x, y=plan_y))).exit_code == 0
    ferme = _accueil()
    assert ferme["ferme"] is True and "OpenStreetMap" in ferme["methode"] and "estimation" in ferme["methode"]
    par_code = {c["insee"]: c for c in ferme["communes"]}
    assert par_code["55029"]["ferme"] is True and par_code["55029"]["verdict"] == Verdict.OUI
    assert par_code["55545"] == {c["insee"]: c for c in estime["communes"]}["55545"] | {"ferme": False}


def test_two_placed_points_have_one_time_and_another_means_keeps_its_estimate(instance: Path) -> None:
    lancer("reseau", "importer", str(village(instance)))
    acces = referentiel().accessibilite(LE)
    a, b = Lieu("55029", Position(5.38, 49.0)), Lieu("55029", Position(5.388, 49.0))
    assert acces.ferme
    trajet = acces.trajets([(a, b)], Mode.MARCHE)[a, b]
    assert trajet.duree.ferme and trajet.duree.min == pytest.approx(584 / 75, abs=0.1)
    assert trajet.km_min == trajet.km_max == pytest.approx(0.6)
    assert "estimation" in acces.trajets([(a, b)], Mode.SCOOTER)[a, b].duree.methode


def test_a_commune_without_address_gives_the_range_over_its_streets(instance: Path) -> None:
    plan_x, plan_y = _autour_de("55029")
    lancer("reseau", "importer", str(village(instance, x=plan_x, y=plan_y)))
    acces = referentiel().accessibilite(LE)
    barleduc = referentiel().territoire.communes["55029"]
    placee = Lieu("55029", Position(5.38 + 0.001 * plan_x, 49.0 + 0.001 * plan_y))
    etendue = acces.trajets([(barleduc.lieu, placee)], Mode.MARCHE)[barleduc.lieu, placee].duree
    assert 1 <= etendue.min < etendue.max
    # From the far corner of the square: both sides, on foot.
    assert etendue.max >= (584 + 556) / 75 - 1
    chez_soi = acces.trajets([(barleduc.lieu, barleduc.lieu)], Mode.MARCHE)
    assert chez_soi[barleduc.lieu, barleduc.lieu].duree.min >= 1


def _autour_de(insee: str) -> tuple[float, float]:
    mairie = referentiel().territoire.communes[insee].position
    return (mairie.lon - 5.38) / 0.001 - 4, (mairie.lat - 49.0) / 0.001 - 2
