"""Every sentence a person may read is gathered from where it is really written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.lecture import RACINE
from web.commandes import mobilite
from web.impressions.fiche import MOTS_INTERDITS
from web.phrases.gabarits import phrases_du_gabarit
from web.phrases.recueil import ECRITES_POUR_ELLE, recueillir
from web.phrases.sources import noms_du_module

NOUVELLE = "Votre ami le lutin vous attend à la gare."


@pytest.fixture
def copie(tmp_path: Path) -> Path:
    """The sources, to change."""
    oubli = shutil.ignore_patterns("__pycache__", "static", "demonstration", "*.geojson", "*.csv")
    for paquet in ("web", "matching", "mobilite", "seeds"):
        shutil.copytree(RACINE / paquet, tmp_path / paquet, ignore=oubli)
    return tmp_path


@pytest.mark.parametrize(
    ("fichier", "avant", "apres"),
    [
        ("web/templates/personne/accueil.html", "{{ appeler(contact) }}", f"<p>{NOUVELLE}</p>{{{{ appeler(contact) }}}}"),
        ("web/templates/personne/accueil.html", 'aria-label="Vos prochaines étapes"', f'aria-label="{NOUVELLE}"'),
        ("web/personne/accueil.py", "MONTREES = 5", f'MONTREES = 5\n_NOTE = "{NOUVELLE}"'),
        ("web/impressions/fiche.py", '_REFUSER = "Vous pouvez refuser."', f'_REFUSER = "{NOUVELLE}"'),
        ("mobilite/reservation.py", '"Le retour doit venir après le départ."', f'"{NOUVELLE}"'),
        ("matching/faisabilite.py", 'Manque("le temps de trajet"', f'Manque("{NOUVELLE}"'),
        ("seeds/questionnaire/2026.2/D00_cadre.toml", 'simple = "Qui vous a dit de venir ici ?"', f'simple = "{NOUVELLE}"'),
        ("web/erreurs.py", '"Rien n\'a été enregistré. Recommencez dans un instant."', f'"{NOUVELLE}"'),
    ],
)  # fmt: skip
def test_une_phrase_nouvelle_apparait_avec_le_lieu_ou_elle_est_ecrite(
    copie: Path, fichier: str, avant: str, apres: str
) -> None:
    source = copie / fichier
    texte = source.read_text("utf-8")
    assert avant in texte
    source.write_text(texte.replace(avant, apres, 1), "utf-8")
    (trouvee,) = [phrase for phrase in recueillir(copie) if phrase.texte == NOUVELLE]
    assert trouvee.ou.partition("#")[0] == fichier
    if trouvee.rang:
        assert NOUVELLE in source.read_text("utf-8").splitlines()[trouvee.rang - 1]


def test_les_mots_interdits_ne_sont_nulle_part() -> None:
    assert [p for p in recueillir() if MOTS_INTERDITS.search(p.texte)] == []


def test_ce_que_les_pages_du_conseiller_ecrivent_pour_elle_existe_toujours() -> None:
    for fichier, noms in ECRITES_POUR_ELLE.items():
        assert noms <= noms_du_module((RACINE / fichier).read_text("utf-8"))


def test_chaque_page_de_la_personne_a_des_phrases() -> None:
    dites = {phrase.ou for phrase in recueillir()}
    pages = (RACINE / "web" / "templates" / "personne").glob("*.html")
    assert {page.relative_to(RACINE).as_posix() for page in pages} <= dites


def test_un_gabarit_se_lit_comme_une_page() -> None:
    page = (
        '{% block largeur %}page etroite{% endblock %}\n<p>Bonjour <strong>{{ nom }}</strong>,\n  à {{ "demain" if x else '
        '"bientôt" }}.</p>\n{% if y %}<button aria-label="Fermer la page">×</button>{% endif %}{{ url_for("page.une") }}'
    )
    assert [(p.rang, p.texte) for p in phrases_du_gabarit(page, "x.html")] == [
        (2, "Bonjour …, à demain / bientôt."),
        (4, "Fermer la page"),
    ]


def test_la_commande_donne_une_phrase_par_ligne_et_le_meme_contenu_en_json() -> None:
    texte = CliRunner().invoke(mobilite, ["phrases"])
    document = CliRunner().invoke(mobilite, ["phrases", "--json"])
    assert (texte.exit_code, document.exit_code) == (0, 0)
    lignes = [ligne.split("\t") for ligne in texte.stdout.splitlines()]
    assert [[p["texte"], p["ou"]] for p in json.loads(document.stdout)] == lignes
    assert ["Vous pouvez refuser. Vous pouvez changer d’avis.", "web/templates/personne/accueil.html"] in [
        [t, ou.partition(":")[0]] for t, ou in lignes
    ]
