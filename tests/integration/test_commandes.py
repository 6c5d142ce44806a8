"""The console: the documented answers, one French sentence for bad input, nothing written by accident."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from web.commandes import mobilite

COMMUNES, HABITANTS = 499, 180_290
SITUATION: dict[str, Any] = {
    "annee_naissance": 1992,
    "depart": [{"insee": "55181"}],
    "permis": {"type": "code_en_cours"},
    "moyens": [],
    "besoins": [
        {
            "id": "travail",
            "destination": "55545",
            "motif": "formation",
            "cycle": [{"jours": ["lun", "mar"], "arrivee": "08:00", "retour": "16:30"}],
        }
    ],
}


@pytest.fixture(autouse=True)
def ailleurs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own; no database yet."""
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def lancer(*mots: str, entree: str | None = None) -> Result:
    """Run one command; a bug comes out as a bug, never as an exit code."""
    resultat = CliRunner().invoke(mobilite, list(mots), input=entree)
    if resultat.exception is not None and not isinstance(resultat.exception, SystemExit):
        raise resultat.exception
    return resultat


def ecrire(dossier: Path, document: Any, nom: str = "situation.json") -> str:
    """A file to give to a command."""
    chemin = dossier / nom
    chemin.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(chemin)


def proposer(dossier: Path, document: Any, *mots: str) -> dict[str, Any]:
    """``proposer --json``, parsed."""
    resultat = lancer("proposer", ecrire(dossier, document), "--json", *mots)
    assert resultat.exit_code == 0, resultat.stderr
    reponse: dict[str, Any] = json.loads(resultat.stdout)
    return reponse


def test_proposer_rend_le_document_promis(ailleurs: Path) -> None:
    reponse = proposer(ailleurs, SITUATION)
    assert {"freins", "atouts", "questions", "besoins", "propositions", "prochaine_etape", "accueil"} <= set(
        reponse
    )
    assert {"code", "texte", "debloque"} == set(reponse["questions"][0])
    assert [q["debloque"] for q in reponse["questions"]] == sorted(
        (q["debloque"] for q in reponse["questions"]), reverse=True
    )
    (besoin,) = reponse["besoins"]
    assert besoin["id"] == "travail"
    assert besoin["couvre"] in ("total", "partiel", "rien")
    assert [(j["semaine"], j["jour"]) for j in besoin["jours"]] == [(1, "lun"), (1, "mar")]
    attendu = {
        "offre", "genre", "verdict", "regle", "rang", "besoin", "minutes", "cout_mensuel_eur", "a_avancer_eur",
        "co2_kg_mois", "raisons", "manque",
    }  # fmt: skip
    assert all(attendu <= set(p) for p in reponse["propositions"])
    assert reponse["accueil"]["methode"] == "estimation, sans réseau routier"
    assert reponse["accueil"]["demonstration"] is True


def test_proposer_dit_les_prix_et_les_minutes_en_francais(ailleurs: Path) -> None:
    """A comma for the cents; minutes typed by hand are one number, not a range."""
    loin = {"lieu_libre": {"nom": "Luxembourg", "minutes": 65}}
    regulier = SITUATION["besoins"][0]["cycle"]
    besoins = [SITUATION["besoins"][0], {"id": "loin", "cycle": regulier} | loin]
    minibus = {"id": "v", "nom": "Minibus", "genre": "transport_a_la_demande", "prix": {"trajet": 1.15}}
    dit = lancer(
        "proposer",
        ecrire(ailleurs, SITUATION | {"besoins": besoins}),
        "--offres",
        ecrire(ailleurs, [minibus], "offres.json"),
    ).stdout
    assert "19,92\u00a0€/mois" in dit
    assert "· 65 min ·" in dit


def test_proposer_n_ecrit_rien(ailleurs: Path) -> None:
    proposer(ailleurs, SITUATION)
    assert [p.name for p in ailleurs.iterdir()] == ["situation.json"]


def test_le_catalogue_d_un_fichier_remplace_l_autre(ailleurs: Path) -> None:
    fiche = {"id": "x", "nom": "Un car", "genre": "car_regulier", "champ_d_un_autre": 1}
    offres = ecrire(ailleurs, {"offres": [fiche]}, "offres.json")
    reponse = proposer(ailleurs, SITUATION, "--offres", offres)
    assert [p["offre"] for p in reponse["propositions"]] == ["x"]
    assert any("champ_d_un_autre" in chemin for chemin in reponse["non_utilises"])


def test_ce_qui_ne_sert_pas_encore_est_dit(ailleurs: Path) -> None:
    reponse = proposer(ailleurs, SITUATION | {"permis_moto": "A2"})
    assert reponse["non_utilises"] == ["permis_moto"]


def test_une_situation_vide_a_une_prochaine_etape_et_aucune_certitude(ailleurs: Path) -> None:
    reponse = proposer(ailleurs, {})
    assert reponse["propositions"] == []
    assert reponse["prochaine_etape"]["phrase"]
    assert reponse["accueil"]["verdict"] == "A_VERIFIER"
    assert {f["niveau"] for f in reponse["freins"]} == {"A_COMPLETER"}


@pytest.mark.parametrize(
    ("document", "dit"),
    [
        ("{", "JSON"),
        ('{"permis": "B", "permis": "aucun"}', "permis"),
        ('{"annee_naissance": NaN}', "NaN"),
        ({"rattachement": "99999"}, "rattachement"),
        ({"annee_naissance": 1492}, "annee_naissance"),
        ({"reponses": {"D99_x": 1}}, "D99_x"),
        (
            {"besoins": [{"destination": "55545", "cycle": [{"jours": ["lun"], "arrivee": "30:00"}]}]},
            "arrivee",
        ),
        ({"besoins": [{"motif": "emploi"}]}, "destination"),
        ({"moyens": [{"type": "fusee"}]}, "moyens[0].type"),
        ([], "objet"),
        ('{"note": "' + "a" * 5_000_000 + '"}', "Mo"),
        ("[" * 100_000, "imbriqués"),
        ("\x00", "JSON"),
    ],
    ids=[
        "coupe",
        "doublon",
        "nan",
        "commune",
        "annee",
        "code",
        "heure",
        "sans destination",
        "moyen",
        "liste",
        "5 Mo",
        "profond",
        "nul",
    ],
)
def test_une_mauvaise_entree_a_une_phrase_qui_nomme_le_champ(ailleurs: Path, document: Any, dit: str) -> None:
    resultat = lancer("proposer", ecrire(ailleurs, document), "--json")
    assert resultat.exit_code == 2
    assert dit in resultat.stderr
    assert "Traceback" not in resultat.stderr
    assert len(resultat.stderr.strip().splitlines()) == 1
    assert resultat.stdout == ""


@pytest.mark.parametrize(
    "mots",
    [
        ("proposer", "absent.json"),
        ("proposer",),
        ("proposer", "."),
        ("accueil", "--mode", "fusee"),
        ("accueil", "--seuil", "abc"),
        ("accueil", "--seuil", "-3"),
        ("accueil", "--commune", "75056"),
        ("accueil", "--inconnue"),
        ("inconnue",),
        ("maisons", "importer", "absent.csv"),
    ],
)
def test_une_commande_mal_ecrite_est_refusee_en_francais(mots: tuple[str, ...]) -> None:
    resultat = lancer(*mots)
    assert resultat.exit_code == 2
    assert resultat.stderr.strip()
    assert "Error" not in resultat.stderr
    assert "Usage" not in resultat.stderr


def test_l_accueil_compte_tous_les_habitants_et_dit_sa_methode() -> None:
    reponse = json.loads(lancer("accueil", "--json").stdout)
    assert (reponse["mode"], reponse["ferme"], reponse["maisons"]) == ("voiture", False, 11)
    assert reponse["demonstration"] is True
    assert len(reponse["communes"]) == COMMUNES
    assert sum(reponse["population"].values()) == HABITANTS
    stenay = next(c for c in reponse["communes"] if c["insee"] == "55502")
    assert stenay["minutes_min"] > 0
    assert "minutes_par_maison" not in stenay


def test_l_accueil_par_mode_commune_et_maison() -> None:
    tous = json.loads(lancer("accueil", "--mode", "tous", "--json", "--commune", "55545", "--toutes").stdout)
    assert [r["mode"] for r in tous] == ["voiture", "velo", "marche"]
    assert all(len(r["communes"]) == 1 and len(r["communes"][0]["minutes_par_maison"]) == 11 for r in tous)
    assert [r["communes"][0]["insee"] for r in tous] == ["55545"] * 3


def test_une_base_sans_maison_laisse_tout_a_verifier_avec_un_avertissement(
    ailleurs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{ailleurs / 'vide.sqlite'}")
    resultat = lancer("accueil", "--json")
    assert resultat.exit_code == 0
    assert "Aucune Maison" in resultat.stderr
    reponse = json.loads(resultat.stdout)
    assert {c["verdict"] for c in reponse["communes"]} == {"A_VERIFIER"}
    assert reponse["population"] == {"OUI": 0, "NON": 0, "A_VERIFIER": HABITANTS}


ENTETE = "nom,adresse,insee,lon,lat,source,date\n"
VRAIE = "Maison de Verdun,2 rue du Port,55545,5.385,49.160,Département de la Meuse,2026-10-01\n"


def test_importer_de_vraies_maisons_retire_celles_de_demonstration(ailleurs: Path) -> None:
    assert lancer("demonstration", "charger").exit_code == 0
    assert len(json.loads(lancer("maisons", "lister", "--json").stdout)) == 11
    resultat = lancer("maisons", "importer", ecrire(ailleurs, ENTETE + VRAIE, "maisons.csv"))
    assert resultat.exit_code == 0, resultat.stderr
    (maison,) = json.loads(lancer("maisons", "lister", "--json").stdout)
    assert (maison["nom"], maison["demonstration"]) == ("Maison de Verdun", False)
    assert json.loads(lancer("accueil", "--json").stdout)["demonstration"] is False


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        ("Sans adresse,,55545,5.385,49.160,Dép.,2026-10-01", "adresse"),
        ("Ailleurs,1 rue,75056,5.385,49.160,Dép.,2026-10-01", "département"),
        ("Inversée,1 rue,55545,49.160,5.385,Dép.,2026-10-01", "inversés"),
        ("Date,1 rue,55545,5.385,49.160,Dép.,2026-13-40", "date"),
        ("Nan,1 rue,55545,nan,49.160,Dép.,2026-10-01", "lon"),
        (VRAIE.strip(), "déjà"),
    ],
)
def test_une_ligne_refusee_arrete_tout_l_import_avec_son_numero(
    ailleurs: Path, ligne: str, raison: str
) -> None:
    lancer("demonstration", "charger")
    resultat = lancer("maisons", "importer", ecrire(ailleurs, f"{ENTETE}{VRAIE}{ligne}\n", "maisons.csv"))
    assert resultat.exit_code == 2
    assert "ligne 3" in resultat.stderr
    assert raison in resultat.stderr
    assert len(json.loads(lancer("maisons", "lister", "--json").stdout)) == 11


def test_charger_deux_fois_la_demonstration_ne_double_rien() -> None:
    lancer("demonstration", "charger")
    avant = lancer("offres", "lister", "--json").stdout
    resultat = lancer("demonstration", "charger")
    assert "0 offres" in resultat.stdout
    assert lancer("offres", "lister", "--json").stdout == avant


def test_les_offres_listees_se_redonnent_telles_quelles_a_proposer(ailleurs: Path) -> None:
    """Round trip: the database prints the documented format, which the engine reads to the same answer."""
    lancer("demonstration", "charger")
    directe = proposer(ailleurs, SITUATION)
    offres = ecrire(ailleurs, lancer("offres", "lister", "--json").stdout, "offres.json")
    relue = proposer(ailleurs, SITUATION, "--offres", offres)
    assert relue["propositions"] == directe["propositions"]


def test_le_questionnaire_donne_les_codes_que_proposer_accepte(ailleurs: Path) -> None:
    items = json.loads(lancer("questionnaire", "--json").stdout)
    assert len(items) >= 45
    reponse = proposer(ailleurs, SITUATION | {"reponses": {item["code"]: None for item in items}})
    assert all(f["niveau"] == "A_COMPLETER" for f in reponse["freins"])


def test_proposer_dit_les_combinaisons_et_le_plan_b_dans_les_deux_sorties(ailleurs: Path) -> None:
    def minibus(code: str, de: str, a: str) -> dict[str, Any]:
        return {
            "id": code,
            "nom": f"Minibus {code}",
            "genre": "transport_a_la_demande",
            "structure": {"nom": f"Structure {code}"},
            "horaires": [{"jours": ["lun", "mar"], "de": de, "a": a}],
            "prix": {"trajet": 2},
        }

    offres = ecrire(
        ailleurs, [minibus("matin", "06:00", "10:00"), minibus("soir", "15:00", "19:00")], "o.json"
    )
    reponse = proposer(ailleurs, SITUATION, "--offres", offres)
    (besoin,) = reponse["besoins"]
    (combinaison,) = besoin["combinaisons"]
    assert combinaison["offres"] == ["matin", "soir"]
    assert [t["quand"] for t in combinaison["troncons"]] == ["à l'aller", "au retour"]
    assert combinaison["verdict"] == "A_VERIFIER"
    assert combinaison["cout_mensuel_eur"] == pytest.approx(2 * 4.33 * 4, abs=0.1)
    assert besoin["plan_b"]["nom"] is None, "the evening is no plan B for the morning"
    page = Path("docs/situation.md").read_text("utf-8")
    assert {cle for cle in (*combinaison, *combinaison["troncons"][0]) if f"`{cle}`" not in page} <= {
        cle for cle in combinaison["troncons"][0] if f'"{cle}"' in page
    }
    texte = lancer("proposer", ecrire(ailleurs, SITUATION), "--offres", offres).stdout
    assert "En combinant : ● À vérifier" in texte
    assert "Au retour : Minibus soir" in texte
    assert "Plan B : Pas d'autre solution en ce moment" in texte
