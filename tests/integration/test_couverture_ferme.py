"""The coverage on a road network, a day of the week, two lists side by side: pages and commands say the same."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import select

from geo.habitants import habitants
from mobilite.acteur import RoleActeur
from mobilite.base import Base, ce_jour
from mobilite.besoin import Jour
from mobilite.lieux import Mode
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.verdict import Verdict
from tests.conftest import Entrer, valeur_de
from tests.fabriques import une_maison
from tests.reseau_fictif import ecrire_reseau_fictif
from web.app import Application
from web.catalogue import maisons_d_accueil
from web.commandes import mobilite
from web.formats import entier
from web.pilotage import couverture as pages
from web.pilotage.couverture import Question
from web.referentiel import referentiel
from web.transaction import lecture, transaction

ENTETE = "nom;adresse;insee;lon;lat;source;date;horaires\n"
VERDUN = 'Verdun;1 rue;55545;5,385;49,160;Département;21/11/2026;"lun-ven 9:00-12:00 ; sam 9:00-12:00"\n'
BAR = "Bar;1 rue;55029;5,162;48,771;Département;21/11/2026;lun-ven 9h-12h 13h30-17h\n"
COMMERCY = "Commercy;1 rue;55122;5,591;48,764;Département;21/11/2026;\n"


@pytest.fixture(scope="module")
def reseau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An instance whose made-up network covers the Meuse, imported once."""
    dossier = tmp_path_factory.mktemp("ferme")
    extrait = ecrire_reseau_fictif(referentiel().territoire, dossier / "meuse.osm")
    with pytest.MonkeyPatch.context() as milieu:
        milieu.setenv("MOBILITE_INSTANCE", str(dossier / "instance"))
        milieu.delenv("DATABASE_URL", raising=False)
        assert lancer("reseau", "importer", str(extrait)).exit_code == 0
        yield dossier / "instance"


@pytest.fixture
def departement(entrer: Entrer) -> FlaskClient:
    return entrer(RoleActeur.DEPARTEMENT)


def lancer(*mots: str) -> Result:
    """Run one command; a bug comes out as a bug."""
    resultat = CliRunner().invoke(mobilite, list(mots))
    if resultat.exception is not None and not isinstance(resultat.exception, SystemExit):
        raise resultat.exception
    return resultat


def documents(*mots: str) -> Any:
    resultat = lancer(*mots, "--json")
    assert resultat.exit_code == 0, resultat.stderr
    return json.loads(resultat.stdout)


def enregistrer(app: Application, *objets: Base) -> None:
    with app.app_context(), transaction() as session:
        session.add_all(objets)


def question(app: Application, mode: Mode, jour: Jour | None = None) -> Question:
    with app.app_context(), lecture() as session:
        return Question(maisons_d_accueil(session), mode, ce_jour(), jour)


def comparer(client: FlaskClient, adresse: str = "/pilotage/comparer", **champs: Any) -> Any:
    jeton = valeur_de(client.get("/pilotage/comparer").text)
    return client.post(adresse, data={"csrf_token": jeton, **champs})


def lignes(octets: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))


def test_on_a_network_every_mode_is_computed_and_the_page_says_so_with_its_source(
    reseau: Path, app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom="Verdun", lon=5.385, lat=49.160))
    page = departement.get("/pilotage/?sans=velo").text
    assert page.count("Calculé sur le réseau du") == 4
    assert "≈" not in page and "OpenStreetMap" in page
    assert page.count('class="zone"') == 2, "the area is drawn over the communes"
    for mode in (Mode.VOITURE, Mode.VELO):
        compte = pages.habitants_de(question(app, mode))
        assert compte is not None and compte.estimes > compte.surs
        ligne = page.partition(f'id="habitants-{mode.value}"')[2].partition("</p>")[0]
        assert entier(compte.estimes) in ligne and entier(compte.surs) in ligne and "estimation" in ligne


def test_without_a_network_the_page_says_estimate_and_draws_no_area(
    app: Application, departement: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "sans"))
    enregistrer(app, une_maison())
    page = departement.get("/pilotage/").text
    assert "Calculé sur" not in page and page.count("</span> Estimation</span>") == 4
    assert 'class="zone"' not in page and "geojson" not in page
    assert departement.get("/pilotage/surfaces-voiture.geojson").status_code == 404


def test_the_inhabitants_of_the_streets_lie_between_those_who_are_sure_and_those_who_may_be(
    reseau: Path, app: Application
) -> None:
    enregistrer(app, une_maison(lon=5.385, lat=49.160))
    for mode in (Mode.VOITURE, Mode.VELO, Mode.MARCHE):
        posee = question(app, mode)
        du_jour, dessinees = pages.couverture(posee), pages.surfaces(posee)
        assert dessinees is not None
        population = du_jour.population()
        compte = habitants(du_jour, dessinees.parts[30.0])
        assert compte.surs == population[Verdict.OUI] and compte.inconnus == 0
        assert compte.surs <= compte.estimes <= compte.surs + population[Verdict.A_VERIFIER]
        for a in du_jour.communes:
            if a.verdict is Verdict.OUI:
                assert dessinees.parts[30.0][a.commune.insee] == pytest.approx(1, abs=1e-6), a.commune.nom


def test_the_areas_of_the_page_are_those_of_the_command_and_hold_the_maison(
    reseau: Path, app: Application, departement: FlaskClient
) -> None:
    maison = une_maison(lon=5.385, lat=49.160)
    enregistrer(app, maison)
    reponse = departement.get("/pilotage/surfaces-velo.geojson")
    document = json.loads(reponse.data)
    assert [e["properties"]["minutes"] for e in document["features"]] == [45, 30, 20, 10]
    assert all("OpenStreetMap" in e["properties"]["attribution"] for e in document["features"])
    surfaces = [shapely.geometry.shape(e["geometry"]) for e in document["features"]]
    assert all(s.is_valid and s.contains(shapely.Point(5.385, 49.160)) for s in surfaces)
    assert [s.area for s in surfaces] == sorted((s.area for s in surfaces), reverse=True)
    une = departement.get(f"/pilotage/surfaces-velo.geojson?maison={maison.uuid}")
    assert json.loads(une.data)["features"][0]["geometry"] == document["features"][0]["geometry"]
    assert departement.get("/pilotage/surfaces-velo.geojson?maison=autre").status_code == 404


def test_a_page_seen_again_computes_nothing_until_the_maisons_change(
    reseau: Path, app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom="Premier calcul"))
    departement.get("/pilotage/?jour=lun")
    avant = (pages._couvrir.cache_info().misses, pages._dessiner.cache_info().misses)
    departement.get("/pilotage/?jour=lun")
    assert (pages._couvrir.cache_info().misses, pages._dessiner.cache_info().misses) == avant
    with app.app_context(), transaction() as session:
        session.scalars(select(MaisonSolidarite)).one().horaires = "lun-ven 09:00-12:00"
    departement.get("/pilotage/?jour=lun")
    assert pages._couvrir.cache_info().misses == avant[0] + 2, "the hours count in the answer"


def test_on_a_day_a_closed_maison_does_not_count_and_unknown_hours_are_never_a_silent_yes(
    reseau: Path, app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom="Verdun", lon=5.385, lat=49.160, horaires="lun-ven 09:00-12:00"))
    samedi = lignes(departement.get("/pilotage/communes.csv?jour=sam").data)
    assert {ligne["verdict"] for ligne in samedi} == {"NON"}
    assert {ligne["jour"] for ligne in samedi} == {"samedi"}
    lundi = departement.get("/pilotage/communes.csv?jour=lun").data
    tous = departement.get("/pilotage/communes.csv").data
    reponses = ("insee", "verdict", "minutes_max")
    assert [[x[c] for c in reponses] for x in lignes(lundi)] == [
        [x[c] for c in reponses] for x in lignes(tous)
    ]
    enregistrer(app, une_maison(nom="Bar", insee="55029", lon=5.162, lat=48.771))
    par_code = {x["insee"]: x for x in lignes(departement.get("/pilotage/communes.csv?jour=sam").data)}
    assert par_code["55029"]["verdict"] == "A_VERIFIER" and par_code["55545"]["verdict"] == "NON"
    page = departement.get("/pilotage/?jour=sam").text
    assert "0 Maison sûrement ouverte, 1 fermée, 1 dont on ne connaît pas les horaires" in page
    assert 'class="zone"' not in page and "Maison fermée ce jour-là" in page


def test_comparing_a_file_shows_what_changes_and_keeps_nothing(
    reseau: Path, app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom="Verdun", lon=5.385, lat=49.160))
    fichier = (io.BytesIO((ENTETE + BAR + COMMERCY).encode()), "essai.csv")
    reponse = comparer(departement, depuis="fichier", fichier=fichier, mode="velo")
    assert reponse.status_code == 200
    page = reponse.text
    assert page.count('class="zone"') == 2 and len(set(re.findall(r' id="([^"]+)"', page))) == len(
        re.findall(r' id="([^"]+)"', page)
    )
    liste = html.unescape(valeur_de(page, "liste"))
    tableau = lignes(comparer(departement, "/pilotage/comparer.csv", liste=liste, mode="velo").data)
    changent = {x["insee"] for x in tableau if x["change"] == "oui"}
    assert changent == set(re.findall(r'<tr id="change-(\d+)">', page)) and {"55545", "55029"} <= changent
    gagnes = sum(
        int(x["habitants"]) for x in tableau if x["verdict_apres"] == "OUI" and x["verdict_avant"] != "OUI"
    )
    assert f'<strong class="grand-nombre">{entier(gagnes)}</strong>' in page.partition('id="gagnes"')[2][:200]
    with app.app_context(), lecture() as session:
        assert [m.nom for m in session.scalars(select(MaisonSolidarite))] == ["Verdun"]


def test_a_maison_dropped_moved_or_added_is_tried_at_the_town_hall(
    app: Application, departement: FlaskClient
) -> None:
    verdun, bar = une_maison(nom="Verdun"), une_maison(nom="Bar", insee="55029", lon=5.162, lat=48.771)
    enregistrer(app, verdun, bar)
    gardee: dict[str, Any] = {"depuis": "maisons", "garder": [str(verdun.uuid)]}
    page = comparer(departement, **gardee, ajouter="Commercy").text
    assert "<strong>Partent :</strong> Bar. <strong>Arrivent :</strong> Commercy (à l&#39;essai)." in page
    page = comparer(departement, **gardee, deplacer=str(bar.uuid), vers="Stenay").text
    assert "<strong>Partent :</strong> Bar. <strong>Arrivent :</strong> Stenay (à l&#39;essai)." in page


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"depuis": "fichier"}, "Choisissez un fichier CSV"),
        ({"depuis": "maisons"}, "Gardez au moins une Maison"),
        ({"depuis": "maisons", "deplacer": "moi", "vers": ""}, "Dites dans quelle commune"),
        ({"depuis": "maisons", "garder": "moi", "vers": "Stenay"}, "Dites quelle Maison changerait"),
        ({"depuis": "maisons", "garder": "moi", "ajouter": "Nancy"}, "commune"),
        ({"liste": ENTETE + BAR.replace("lun-ven", "lumdi")}, "n&#39;est pas un jour"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    app: Application, departement: FlaskClient, champs: dict[str, str], phrase: str
) -> None:
    maison = une_maison()
    enregistrer(app, maison)
    envoyes = {nom: str(maison.uuid) if valeur == "moi" else valeur for nom, valeur in champs.items()}
    reponse = comparer(departement, **envoyes)
    assert reponse.status_code == 422 and phrase in reponse.text
    assert not champs.get("vers") or f'value="{champs["vers"]}"' in reponse.text


def test_imported_hours_are_shown_exported_and_read_again(
    app: Application, departement: FlaskClient, entrer: Entrer
) -> None:
    jeton = valeur_de(departement.get("/pilotage/maisons").text)
    fichier = (io.BytesIO((ENTETE + VERDUN + COMMERCY).encode()), "maisons.csv")
    envoi = {"csrf_token": jeton, "fichier": fichier}
    assert departement.post("/pilotage/maisons", data=envoi).status_code == 303
    texte = departement.get("/pilotage/maisons").text.replace("\xa0", " ")
    assert "lundi à samedi, 9 h–12 h" in texte and "horaires non connus" in texte
    exportees = lignes(departement.get("/pilotage/maisons.csv").data)
    assert [x["horaires"] for x in exportees] == ["", "lun-sam 09:00-12:00"]


def test_the_command_compares_welcomes_and_asks_about_a_day(reseau: Path, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(ENTETE + VERDUN + BAR, encoding="utf-8")
    compare = documents("accueil", "--comparer", str(tmp_path / "m.csv"), "--jour", "sam", "--mode", "velo")
    assert compare["avant"]["population"]["OUI"] == 0, "nobody knows when the demonstration Maisons open"
    assert compare["apres"]["population"]["OUI"] == compare["gagnes"] > 0
    situation = {"depart": "55545", "permis": "B", "moyens": [{"type": "voiture", "etat": "roulant"}]}
    (tmp_path / "s.json").write_text(json.dumps(situation), encoding="utf-8")
    accueil = documents("accueil", "--situation", str(tmp_path / "s.json"))
    assert (accueil["verdict"], accueil["mode"], accueil["ferme"]) == ("OUI", "voiture", True)
    assert [m["mode"] for m in accueil["moyens"]] == ["voiture", "marche"]
    refus = lancer("accueil", "--situation", str(tmp_path / "s.json"), "--jour", "sam")
    assert refus.exit_code == 2 and "--situation" in refus.stderr


def test_the_command_draws_the_areas_of_the_maisons_and_counts_who_lives_there(
    reseau: Path, tmp_path: Path
) -> None:
    sortie, compte = tmp_path / "s.geojson", tmp_path / "h.csv"
    fait = lancer("reseau", "isochrone", "--maisons", "--chacune", "--profil", "velo", "--minutes", "30",
                  "--habitants", str(compte), "--sortie", str(sortie))  # fmt: skip
    assert fait.exit_code == 0, fait.stderr
    entites = json.loads(sortie.read_text(encoding="utf-8"))["features"]
    assert len(entites) == 12 and [e["properties"]["maison"] is None for e in entites] == [True] + 11 * [
        False
    ]
    ensemble = entites[0]["properties"]
    accueil = documents("accueil", "--mode", "velo")
    assert ensemble["habitants_surs"] == accueil["population"]["OUI"]
    par_commune = list(csv.DictReader(io.StringIO(compte.read_text(encoding="utf-8"))))
    assert len(par_commune) == 499
    # One rounding a commune.
    assert sum(int(x["habitants"]) for x in par_commune) == pytest.approx(
        ensemble["habitants_estimes"], abs=60
    )
    assert "(estimation), dont" in fait.stdout
    une = lancer("reseau", "isochrone", "--maison", "verdun", "--sortie", str(tmp_path / "v.svg"))
    assert une.exit_code == 0
    dessin = (tmp_path / "v.svg").read_text(encoding="utf-8")
    assert "© contributeurs OpenStreetMap" in dessin.partition("<text")[2] and "démonstration" in dessin
    for mots in (("--maison", "nulle"), ("--maison", "b"), (), ("--lon", "5.4"), ("--maisons", "--depuis")):
        assert lancer("reseau", "isochrone", *mots, "--sortie", str(tmp_path / "n.svg")).exit_code == 2
