"""The pages of the Département on a real database: figures, files, the list of Maisons, the catalogue."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from geo.couverture import couvrir
from mobilite.acteur import RoleActeur
from mobilite.base import Base
from mobilite.candidate import Genre
from mobilite.journal import Evenement, LigneJournal
from mobilite.lieux import Mode
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.offre import StatutOffre
from mobilite.verdict import Verdict
from tests.conftest import Entrer, valeur_de
from tests.fabriques import une_maison, une_offre
from web.app import Application
from web.catalogue import maisons_d_accueil
from web.formats import entier
from web.pilotage.couverture import aujourd_hui
from web.referentiel import referentiel
from web.transaction import lecture, transaction

ENTETE = "nom;adresse;insee;lon;lat;source;date\n"
BAR = "Maison de Bar;1 place Reggio;55029;5,162;48,771;Département;21/11/2026\n"


@pytest.fixture
def departement(entrer: Entrer) -> FlaskClient:
    return entrer(RoleActeur.DEPARTEMENT)


def enregistrer(app: Application, *objets: Base) -> None:
    with app.app_context(), transaction() as session:
        session.add_all(objets)


def population(app: Application, mode: Mode) -> dict[Verdict, int]:
    """The answer asked of the estimate itself, without the pages nor what they remember."""
    connu, le = referentiel(), aujourd_hui()
    with app.app_context(), lecture() as session:
        maisons = maisons_d_accueil(session)
    return couvrir(connu.territoire, maisons, connu.accessibilite(le), mode, 30).population()


def course(de: str, a: str) -> dict[str, str]:
    return {"de": de, "depart": "07:00", "a": a, "arrivee": "08:00"}


def importer(client: FlaskClient, contenu: str | bytes) -> Any:
    page = client.get("/pilotage/maisons").text
    octets = contenu.encode() if isinstance(contenu, str) else contenu
    return client.post(
        "/pilotage/maisons",
        data={"csrf_token": valeur_de(page), "fichier": (io.BytesIO(octets), "maisons.csv")},
    )


def lignes_csv(client: FlaskClient, adresse: str) -> list[dict[str, str]]:
    reponse = client.get(adresse)
    assert reponse.data.startswith(b"\xef\xbb\xbf"), "French Excel needs the mark to read accents"
    return list(csv.DictReader(io.StringIO(reponse.data.decode("utf-8-sig")), delimiter=";"))


def somme(lignes: Sequence[dict[str, str]], verdict: Verdict) -> int:
    return sum(int(ligne["habitants"]) for ligne in lignes if ligne["verdict"] == verdict.value)


@pytest.mark.parametrize("role", [RoleActeur.DEPARTEMENT, RoleActeur.CONSEILLER])
def test_the_maps_show_the_population_of_the_estimate_and_say_that_it_is_one(
    app: Application, entrer: Entrer, role: RoleActeur
) -> None:
    enregistrer(app, une_maison(nom="Verdun"))
    page = entrer(role).get("/pilotage/?sans=marche").text
    for mode in (Mode.VOITURE, Mode.MARCHE):
        for habitants in population(app, mode).values():
            assert f'<span class="part-nombre">{entier(habitants)}</span>' in page
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" class="carte"') == 2
    assert "estimation, sans réseau routier" in page
    assert 'id="demonstration-maisons"' in page


def test_without_any_maison_everything_is_to_be_checked_and_the_page_warns(departement: FlaskClient) -> None:
    page = departement.get("/pilotage/").text
    assert 'id="aucune-maison"' in page
    for mode in ("voiture", "velo", "marche"):
        lignes = lignes_csv(departement, f"/pilotage/communes.csv?mode={mode}")
        assert len(lignes) == 499
        assert {ligne["verdict"] for ligne in lignes} == {"A_VERIFIER"}


def test_figures_follow_the_maisons_as_soon_as_the_list_changes(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom="Verdun"))
    avant = lignes_csv(departement, "/pilotage/communes.csv")
    assert somme(avant, Verdict.OUI) == population(app, Mode.VOITURE)[Verdict.OUI]
    assert importer(departement, ENTETE + BAR).status_code == 303
    apres = lignes_csv(departement, "/pilotage/communes.csv")
    assert somme(apres, Verdict.OUI) == population(app, Mode.VOITURE)[Verdict.OUI]
    assert {ligne["maison"] for ligne in avant} == {"Verdun"}
    assert {ligne["maison"] for ligne in apres} == {"Maison de Bar"}
    # Written by somebody else than this process's pages: another worker, or the command.
    with app.app_context(), transaction() as session:
        session.scalars(select(MaisonSolidarite)).one().insee = "55545"
        session.flush()
    encore = lignes_csv(departement, "/pilotage/communes.csv")
    assert encore != apres


def test_real_maisons_make_the_demonstration_leave_and_the_journal_says_who(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(), une_maison())
    assert importer(departement, ENTETE + BAR).status_code == 303
    page = departement.get("/pilotage/").text
    assert 'id="demonstration-maisons"' not in page
    with app.app_context(), lecture() as session:
        assert [m.nom for m in session.scalars(select(MaisonSolidarite))] == ["Maison de Bar"]
        fait = session.scalars(
            select(LigneJournal).where(LigneJournal.quoi == Evenement.MAISONS_IMPORTEES)
        ).one()
        assert (fait.acteur_role, fait.details) == (RoleActeur.DEPARTEMENT, {"avant": 2, "apres": 1})


def test_one_refused_line_imports_nothing_and_every_refused_line_is_shown(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom="En place"))
    fichier = ENTETE + BAR + "\nX;rue;99999;5;49;s;2026-11-21\n" + "Y;rue;55545;49,1;5,3;s;2026-11-21\n"
    reponse = importer(departement, fichier)
    assert reponse.status_code == 422
    refusees = re.findall(r'<th scope="row" class="nombre">(\d+)</th><td>([^<]+)</td>', reponse.text)
    assert [numero for numero, _ in refusees] == ["4", "5"], "as a spreadsheet numbers them"
    assert "pas dans le département" in refusees[0][1]
    assert "inversés" in refusees[1][1]
    with app.app_context(), lecture() as session:
        assert [m.nom for m in session.scalars(select(MaisonSolidarite))] == ["En place"]


def test_the_exported_demonstration_cannot_come_back_as_the_truth(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison())
    reponse = importer(departement, departement.get("/pilotage/maisons.csv").data)
    assert reponse.status_code == 422
    assert "emplacement de démonstration, pas une Maison" in reponse.text


def test_an_exported_list_of_real_maisons_can_be_imported_again(departement: FlaskClient) -> None:
    importer(departement, ENTETE + BAR)
    liste = departement.get("/pilotage/maisons.csv").data
    assert importer(departement, liste).status_code == 303
    assert departement.get("/pilotage/maisons.csv").data == liste


def test_the_totals_of_cantons_and_epci_are_the_sums_of_their_communes(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison())
    totaux = lignes_csv(departement, "/pilotage/territoires.csv?mode=velo")
    assert {total["maille"] for total in totaux} == {"canton", "epci"}
    for total in totaux[::7]:
        lignes = lignes_csv(
            departement, f"/pilotage/communes.csv?mode=velo&{total['maille']}={total['code']}"
        )
        for colonne, verdict in (("oui", "OUI"), ("a_verifier", "A_VERIFIER"), ("non", "NON")):
            assert int(total[colonne]) == somme(lignes, Verdict(verdict))


def test_the_table_is_filtered_sorted_and_its_file_holds_the_same_rows(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison())
    demande = "mode=velo&verdict=OUI&tri=habitants&sens=desc"
    page = departement.get(f"/pilotage/communes?{demande}").text
    lignes = lignes_csv(departement, f"/pilotage/communes.csv?{demande}")
    assert re.findall(r'<tr id="commune-(\d+)">', page) == [ligne["insee"] for ligne in lignes]
    habitants = [int(ligne["habitants"]) for ligne in lignes]
    assert habitants == sorted(habitants, reverse=True)
    assert sum(habitants) == population(app, Mode.VELO)[Verdict.OUI]
    assert 'aria-sort="descending"' in page


def test_a_name_that_begins_like_a_formula_does_not_run_in_a_spreadsheet(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison(nom='=HYPERLINK("http://x.invalid")', adresse="@SUM(A1)"))
    (maison,) = lignes_csv(departement, "/pilotage/maisons.csv")
    assert maison["nom"].startswith("'=")
    assert maison["adresse"].startswith("'@")
    assert {ligne["maison"][:2] for ligne in lignes_csv(departement, "/pilotage/communes.csv")} == {"'="}


def test_the_map_taken_away_carries_its_date_its_method_and_its_label(
    app: Application, departement: FlaskClient
) -> None:
    enregistrer(app, une_maison())
    reponse = departement.get("/pilotage/carte-velo.svg")
    assert "attachment" in reponse.headers["Content-Disposition"]
    dessin = reponse.text.partition('<g class="cartouche"')[2]
    for attendu in (
        f"{aujourd_hui():%d/%m/%Y}",
        "estimation, sans réseau routier",
        "démonstration",
        "IGN",
        "INSEE",
    ):
        assert attendu in dessin


def test_the_catalogue_shows_open_offers_only_and_says_when_each_was_checked(
    app: Application, entrer: Entrer
) -> None:
    enregistrer(
        app,
        une_offre(code="ouverte", nom="Voiture à prêter", verifiee_le=aujourd_hui()),
        une_offre(code="ancienne", nom="Vélo oublié", verifiee_le=aujourd_hui().replace(year=2020)),
        une_offre(code="brouillon", nom="Brouillon", statut=StatutOffre.BROUILLON),
    )
    client = entrer(RoleActeur.CONSEILLER)
    page = client.get("/pilotage/catalogue").text
    assert re.findall(r'id="offre-([a-z]+)"', page) == ["ancienne", "ouverte"]
    assert f"vérifiée le {aujourd_hui():%d/%m/%Y}" in page
    assert page.count("à revérifier</span>") == 1
    assert client.get("/pilotage/catalogue/brouillon").status_code == 404


def test_the_catalogue_of_a_commune_keeps_what_serves_it(app: Application, entrer: Entrer) -> None:
    enregistrer(
        app,
        une_offre(code="verdun", fiche={"zone": {"communes": ["55545"]}}),
        une_offre(code="bar", fiche={"zone": {"communes": ["55029"]}}),
        une_offre(code="partout"),
        une_offre(code="ligne", genre=Genre.CAR_REGULIER, fiche={"courses": [course("55545", "55490")]}),
        une_offre(code="car", genre=Genre.CAR_REGULIER, fiche={"courses": [course("55545", "55029")]}),
    )
    client = entrer(RoleActeur.CONSEILLER)
    page = client.get("/pilotage/catalogue?commune=Bar-le-Duc").text
    assert set(re.findall(r'id="offre-([a-z]+)"', page)) == {"bar", "partout", "car"}
    doute = client.get("/pilotage/catalogue?commune=saint").text
    assert 'id="commune-inconnue"' in doute
    assert set(re.findall(r'id="offre-([a-z]+)"', doute)) == {"verdun", "bar", "partout", "ligne", "car"}


def test_a_sheet_says_its_conditions_price_hours_and_papers_in_french(
    app: Application, entrer: Entrer
) -> None:
    fiche = {
        "conditions": {
            "tous": [
                {"fait": "age", "au_moins": 18, "phrase": "Avoir 18 ans.", "preuve": "pièce d'identité"},
                {
                    "un_de": [
                        {"fait": "statuts", "parmi": ["rsa"], "phrase": "Toucher le RSA."},
                        {"sauf": {"fait": "c2s", "est": True, "phrase": "Avoir la C2S."}},
                    ]
                },
            ]
        },
        "prix": {"jour": 4.5, "caution": 150},
        "horaires": [{"jours": ["lun", "mar", "mer", "jeu", "ven"], "de": "21:00", "a": "05:30"}],
        "zone": {"autour": "55545", "rayon_km": 35},
        "documents": ["permis de conduire"],
    }
    enregistrer(app, une_offre(code="voiture", fiche=fiche))
    page = entrer(RoleActeur.CONSEILLER).get("/pilotage/catalogue/voiture").text
    texte = " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").replace("&nbsp;", " ").split())
    for attendu in (
        "Avoir 18 ans. À montrer : pièce d&#39;identité.",
        "L&#39;une de ces conditions suffit : Toucher le RSA. Ne pas être dans ce cas : Avoir la C2S.",
        "4,50 € par jour Caution 150 €",
        "Lundi à vendredi, de 21 h à 5 h 30 le lendemain",
        "À 35 km à vol d&#39;oiseau autour de Verdun",
        "Permis de conduire",
    ):
        assert attendu in texte


def test_a_sheet_that_cannot_be_read_does_not_close_the_catalogue(app: Application, entrer: Entrer) -> None:
    enregistrer(app, une_offre(code="abimee", fiche={"zone": "la lune"}), une_offre(code="saine"))
    client = entrer(RoleActeur.CONSEILLER)
    page = client.get("/pilotage/catalogue")
    assert page.status_code == 200
    assert "Fiche à corriger" in page.text
    assert "Cette fiche ne se lit pas" in client.get("/pilotage/catalogue/abimee").text
