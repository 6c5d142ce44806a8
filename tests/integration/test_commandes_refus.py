"""The console says no in French, names the field or the word, and leaves nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.integration.test_commandes import ecrire, lancer

SITUATION = '{"depart": "55181", "besoins": [{"destination": "55545"}]}'


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own, that no refused command may create."""
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "instance"))
    for cle in ("DATABASE_URL", "SECRET_KEY", "MOBILITE_MODE", "TRUSTED_HOSTS"):
        monkeypatch.delenv(cle, raising=False)
    return tmp_path / "instance"


def refus(*mots: str, entree: str | None = None) -> str:
    """The one sentence of a refusal."""
    resultat = lancer(*mots, entree=entree)
    assert resultat.exit_code == 2, resultat.stdout
    assert resultat.stdout == ""
    assert len(resultat.stderr.strip().splitlines()) == 1, resultat.stderr
    return resultat.stderr.strip()


@pytest.mark.parametrize(
    ("document", "dit"),
    [
        ('{"besoins": [{"destination": "55545", "destination": "55545"}]}', "besoins[0].destination"),
        ('{"ailleurs": {"liste": [1, {"a": 1, "a": 2}]}}', "ailleurs.liste[1].a"),
        ('{"besoins": [{"lieu_libre": {"nom": "x", "minutes": NaN}}]}', "besoins[0].lieu_libre.minutes"),
        ('{"inconnu": [0, -Infinity]}', "inconnu[1]"),
        ('{"inconnu": 1e999}', "inconnu"),
        ('{"annee_naissance": 1899}', "entre 1900 et"),
        ('{"besoins": [{"destination": 55545}]}', "guillemets"),
        ('{"depart": 55181}', "guillemets"),
        ('{"depart": [55181]}', "depart[0]"),
    ],
)
def test_une_donnee_fausse_est_nommee_ou_qu_elle_soit(tmp_path: Path, document: str, dit: str) -> None:
    assert dit in refus("proposer", ecrire(tmp_path, document), "--json")


@pytest.mark.parametrize(
    ("offres", "dit"),
    [
        ('[{"id": "a", "nom": "n", "genre": "fusee"}]', "offres[0].genre"),
        ('[{"id": "a", "nom": "n", "genre": "vente", "zone": "partout"}]', "france"),
        (
            '[{"id": "a", "nom": "n", "genre": "vente", "conditions": {"fait": "permis", "parmi": ["C"]}}]',
            "offres[0].conditions.parmi[0]",
        ),
    ],
)
def test_une_offre_fausse_est_nommee(tmp_path: Path, offres: str, dit: str) -> None:
    situation = ecrire(tmp_path, SITUATION)
    assert dit in refus("proposer", situation, "--offres", ecrire(tmp_path, offres, "offres.json"))


@pytest.mark.parametrize(
    ("mots", "dit"),
    [
        (("frobnique",), "frobnique"),
        (("offres", "frobnique"), "frobnique"),
        (("proposer", "a.json", "b.json"), "en trop"),
        (("proposer", "a.json", "--offres"), "--offres demande une valeur"),
        (("proposer", "a.json", "--json=3"), "--json ne prend pas de valeur"),
        (("accueil", "--seuil", "nan"), "--seuil"),
        (("accueil", "--seuil", "0"), "entre 1 et 600"),
        (("accueil", "--seuil", "abc"), "entre 1 et 600"),
        (("accueil", "--commune", ""), "--commune"),
        (("servir", "--port", "70000"), "entre 1 et 65535"),
        (("comptes", "creer", "a@b.fr"), "--role"),
        (("comptes", "fermer", "a@b.fr"), "aucun compte"),
    ],
)
def test_un_mot_de_travers_est_nomme_et_rien_n_est_ecrit(
    instance: Path, mots: tuple[str, ...], dit: str
) -> None:
    assert dit in refus(*mots)
    assert not instance.exists()


def test_un_jour_d_avant_les_chiffres_connus_est_refuse(tmp_path: Path) -> None:
    assert "--le" in refus("proposer", ecrire(tmp_path, SITUATION), "--le", "2001-01-01")


def test_un_port_deja_pris_est_dit_avant_toute_ecriture(instance: Path) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = str(occupant.getsockname()[1])
        assert f"le port {port} est déjà pris" in refus("servir", "--demonstration", "--port", port)
    assert not instance.exists()


def test_une_production_sans_configuration_ne_laisse_rien(instance: Path) -> None:
    resultat = lancer("servir", "--port", "5998")
    assert resultat.exit_code == 2
    assert "SECRET_KEY" in resultat.stderr
    assert not instance.exists()


@pytest.mark.parametrize("mots", [("maisons", "lister"), ("demonstration", "charger")])
def test_une_base_illisible_est_dite(instance: Path, mots: tuple[str, ...]) -> None:
    instance.mkdir()
    (instance / "mobilite.sqlite").write_bytes(b"ceci n'est pas une base " * 100)
    assert "base de données" in refus(*mots)


def test_un_dossier_impossible_a_creer_est_dit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fichier").write_text("", encoding="utf-8")
    monkeypatch.setenv("MOBILITE_INSTANCE", str(tmp_path / "fichier" / "instance"))
    assert "MOBILITE_INSTANCE" in refus("demonstration", "charger")


@pytest.mark.parametrize(
    "mots", [(), ("proposer",), ("taches",), ("servir",), ("comptes",), ("comptes", "creer"), ("offres", "lister")]
)
def test_l_aide_est_en_francais(mots: tuple[str, ...]) -> None:
    resultat = lancer(*mots, "--help")
    assert resultat.exit_code == 0
    assert resultat.stdout.startswith("Emploi : ")
    for anglais in ("Usage", "Show this", "Commands", "default", "required", "TEXT", "RANGE", "ARGS"):
        assert anglais not in resultat.stdout.replace("TEXTE", "")


def test_sans_commande_l_aide_va_la_ou_vont_les_erreurs() -> None:
    for mots in ((), ("offres",)):
        resultat = lancer(*mots)
        assert (resultat.exit_code, resultat.stdout) == (2, "")
        assert "Commandes" in resultat.stderr


def test_deux_mots_de_passe_differents_sont_refuses_en_francais(instance: Path) -> None:
    mots = ("comptes", "creer", "a@b.fr", "--role", "conseiller", "--nom", "A")
    resultat = lancer(*mots, entree="un mot de passe assez long\nun autre mot de passe long\n")
    assert resultat.exit_code == 2
    assert "différentes" in resultat.stderr
    assert "Error" not in resultat.stderr
    assert not instance.exists()
