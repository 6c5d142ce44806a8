"""The report to the préfet, from a register: by the command and by the button, nothing kept."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.structure import GenreStructure
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import une_structure
from web.app import Application
from web.commandes import mobilite
from web.transaction import transaction

REGISTRE = """date;depart;arrivee;km;passagers;critere;participation;vehicule;benevole;places;personnes
05/01/2026;Étain;55545;21,5;1;ressources;6,88;Clio grise;B1;5;12
2026-02-10;55181;Bar-le-Duc;82;2;residence;20;Kangoo;B2;9;13 14
2026-02-11;55181;Bar-le-Duc;82;2;residence;60;Kangoo;B2;9;13 14
2025-12-31;55181;55545;21;1;;0;Clio grise;B1;5;12
"""


@pytest.fixture
def registre(tmp_path: Path) -> Path:
    chemin = tmp_path / "trajets.csv"
    chemin.write_text(REGISTRE, encoding="utf-8")
    return chemin


def test_la_commande_fait_le_rapport_de_l_annee_et_dit_ce_qui_manque(registre: Path) -> None:
    lignes = ["rapport-prefet", "--annee", "2026", "--trajets", str(registre), "--structure", "Les Trajets"]
    resultat = CliRunner().invoke(mobilite, [*lignes, "--json"])
    assert resultat.exit_code == 0, resultat.output
    rapport = json.loads(resultat.stdout)
    assert (rapport["trajets"], rapport["km_moyen"], rapport["avant_le"]) == (3, 61.83, "2027-02-28")
    assert rapport["personnes"] == 3
    assert rapport["criteres"]["residence"]["transports"] == 4
    assert rapport["vehicules"]["tous"] == {"nombre": 2, "capacite_moyenne": 7.0}
    assert "son numéro RNA" in rapport["a_completer"]
    assert [alerte[:10] for alerte in rapport["alertes"]] == ["11/02/2026"]
    csv = CliRunner().invoke(mobilite, [*lignes, "--csv"]).stdout
    assert csv.splitlines()[0] == "rubrique;intitule;valeur"
    assert "Trajets;Nombre de trajets;3" in csv


def test_un_registre_fautif_est_refuse_ligne_par_ligne(registre: Path) -> None:
    registre.write_text(REGISTRE.replace("82;2;residence;60", "deux;9;amis;60"), encoding="utf-8")
    resultat = CliRunner().invoke(mobilite, ["rapport-prefet", "--annee", "2026", "--trajets", str(registre)])
    assert resultat.exit_code == 2
    assert not resultat.stdout
    assert "ligne 4" in resultat.stderr


@pytest.fixture
def association(app: Application) -> FlaskClient:
    with app.app_context(), transaction() as session:
        return _partenaire(app, session, GenreStructure.ASSOCIATION)


def _partenaire(app: Application, session: Session, genre: GenreStructure) -> FlaskClient:
    structure = une_structure(nom=f"Les Trajets {genre.value}", genre=genre)
    session.add(structure)
    session.flush()
    compte = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
    return client_de(app, compte.jeton_session)


def test_le_bouton_de_l_association_donne_la_page_le_tableau_et_le_pdf(association: FlaskClient) -> None:
    assert 'id="rapport-prefet"' in association.get("/partenaire/offres").text
    page = association.get("/partenaire/rapport-prefet").text

    def poster(format_: str) -> bytes:
        reponse = association.post(
            "/partenaire/rapport-prefet",
            data={
                "csrf_token": valeur_de(page),
                "annee": "2026",
                "rna": "W551000000",
                "benevoles": "12",
                "vehicules_propres": "Kangoo",
                "format": format_,
                "fichier": (io.BytesIO(REGISTRE.encode()), "trajets.csv"),
            },
            content_type="multipart/form-data",
        )
        assert reponse.status_code == 200
        corps: bytes = reponse.data
        return corps

    ecran = poster("ecran").decode()
    assert 'id="alertes"' in ecran
    assert "W551000000" in ecran
    assert "Véhicules de l&#39;association;Nombre" not in ecran
    tableau = poster("csv").decode("utf-8-sig")
    assert "Véhicules de l'association;Nombre;1" in tableau
    assert "Véhicules prêtés sans but lucratif;Nombre;1" in tableau
    assert poster("pdf").startswith(b"%PDF")


def test_un_garage_qui_ne_transporte_personne_n_a_pas_de_rapport_a_faire(app: Application) -> None:
    with app.app_context(), transaction() as session:
        client = _partenaire(app, session, GenreStructure.GARAGE_SOLIDAIRE)
    assert 'id="rapport-prefet"' not in client.get("/partenaire/offres").text


def test_sans_annee_ou_avec_un_mauvais_registre_la_page_dit_quoi_et_garde_la_saisie(
    association: FlaskClient,
) -> None:
    page = association.get("/partenaire/rapport-prefet").text
    reponse = association.post(
        "/partenaire/rapport-prefet",
        data={
            "csrf_token": valeur_de(page),
            "annee": "",
            "rna": "W551000000",
            "fichier": (io.BytesIO(b"a;b\n1;2\n"), "trajets.csv"),
        },
        content_type="multipart/form-data",
    )
    assert reponse.status_code == 422
    assert "Il manque des colonnes" in reponse.text
    assert "Dites l&#39;année des trajets." in reponse.text
    assert 'value="W551000000"' in reponse.text
