"""The documented formats: every example is read, every field, fact and value is the code's own."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest

from mobilite.besoin import CategoriePermis, EtatMoyen, EtatPermis, Jour, MotifDeplacement, TypeMoyen
from mobilite.candidate import Boite, Candidate, CategorieVehicule, Genre
from mobilite.document import lire_json
from mobilite.erreurs import DonneeRefusee
from mobilite.faits import FAITS, GenreFait
from mobilite.situation import ACCOMPAGNANTS
from tests.unit.lecture import RACINE, lecteur_offres, lecteur_situation, questionnaire

SITUATION = (RACINE / "docs" / "situation.md").read_text(encoding="utf-8")
OFFRE = (RACINE / "docs" / "offre.md").read_text(encoding="utf-8")

_COMPARAISONS = {
    GenreFait.NOMBRE: {"au_moins", "au_plus"},
    GenreFait.BOOLEEN: {"est"},
    GenreFait.CHOIX: {"parmi"},
    GenreFait.ENSEMBLE: {"parmi"},
}


def exemples(texte: str) -> list[str]:
    """The JSON blocks of a page."""
    return re.findall(r"```json\n(.*?)```", texte, re.DOTALL)


def mots(texte: str) -> set[str]:
    """What a page writes between backticks."""
    return set(re.findall(r"`([^`\n]+)`", texte))


@pytest.mark.parametrize("exemple", exemples(SITUATION))
def test_every_example_of_a_situation_is_read_and_all_of_it_is_used(exemple: str) -> None:
    champ = lire_json(exemple.encode())
    assert lecteur_situation().lire(champ).besoins
    assert [chemin for chemin in champ.ignores if not chemin.endswith(".chez")] == []


@pytest.mark.parametrize("exemple", exemples(OFFRE))
def test_every_example_of_an_offer_is_read_and_all_of_it_is_used(exemple: str) -> None:
    champ = lire_json(exemple.encode())
    if isinstance(champ.valeur, dict) and "offres" not in champ.valeur:
        lecteur_offres().lire(champ)
    else:
        assert lecteur_offres().lire_catalogue(champ)
    assert champ.ignores == []


def test_the_pages_hold_their_examples() -> None:
    assert len(exemples(SITUATION)) == 4
    assert len(exemples(OFFRE)) == 3


@pytest.mark.parametrize(
    "enumeration", [CategoriePermis, EtatPermis, TypeMoyen, EtatMoyen, MotifDeplacement, Jour, ACCOMPAGNANTS]
)
def test_the_page_of_the_situation_names_every_value(enumeration: object) -> None:
    valeurs = {str(v) for v in enumeration}  # type: ignore[attr-defined]
    assert valeurs <= mots(SITUATION)


@pytest.mark.parametrize("enumeration", [Genre, CategorieVehicule, Boite])
def test_the_page_of_the_offer_names_every_value(enumeration: object) -> None:
    valeurs = {str(v) for v in enumeration}  # type: ignore[attr-defined]
    assert valeurs <= mots(OFFRE)


def champs_de(texte: str, titre: str) -> list[str]:
    """The fields of the table that follows a title."""
    section = texte.split(f"\n{titre}\n", 1)[1].split("\n#", 1)[0]
    lignes = re.findall(r"^\| (`[a-z_`, ]+) \|", section, re.MULTILINE)
    return [champ for ligne in lignes for champ in re.findall(r"`([^`]+)`", ligne)]


def test_the_table_of_the_offer_is_the_offer_itself() -> None:
    dits = champs_de(OFFRE, "## L'offre")
    assert set(dits) == {champ.name for champ in fields(Candidate)}
    assert len(dits) == len(set(dits))


@pytest.mark.parametrize(
    ("titre", "entourage"),
    [
        ("## La situation", "%s"),
        ("### Un lieu de départ", '{"depart": [%s]}'),
        ("### Le permis", '{"permis": %s}'),
        ("### Un moyen", '{"moyens": [%s]}'),
        ("## Un besoin", '{"besoins": [%s]}'),
        ("### Une ligne de cycle", '{"besoins": [{"destination": "55545", "cycle": [%s]}]}'),
    ],
)
def test_no_field_of_a_situation_is_documented_but_unknown_to_the_reader(titre: str, entourage: str) -> None:
    champs = champs_de(SITUATION, titre)
    assert champs
    for nom in champs:
        obligatoires = {
            "insee": "55545",
            "type": "B" if "permis" in entourage else "velo",
            "destination": "55545",
        }
        if nom == "lieu_libre":
            del obligatoires["destination"]
        objet = {**obligatoires, "jours": ["lun"], nom: ["?"]}
        champ = lire_json((entourage % json.dumps(objet)).encode())
        with pytest.raises(DonneeRefusee) as refuse:  # the wrong value is seen: somebody reads the field
            lecteur_situation().lire(champ)
        assert nom in str(refuse.value)


def test_the_page_of_the_offer_names_every_fact_with_the_comparisons_it_takes() -> None:
    lignes = re.findall(r"^\| (`[a-z_0-9`, ]+) \| (`[a-z_`, ]+) \|", OFFRE, re.MULTILINE)
    dits = {
        fait: mots(comparaisons) for faits, comparaisons in lignes for fait in mots(faits) if fait in FAITS
    }
    assert dits == {nom: _COMPARAISONS[fait.genre] for nom, fait in FAITS.items()}


@pytest.mark.parametrize("fait", ["statuts", "prescripteur", "telephone"])
def test_the_page_of_the_offer_names_every_answer_a_condition_may_ask_for(fait: str) -> None:
    item = questionnaire().item_du_fait(fait)
    assert item is not None
    ligne = next(ligne for ligne in OFFRE.splitlines() if ligne.startswith(f"| `{fait}` | `parmi` |"))
    assert mots(ligne) - {fait, "parmi"} == {choix.valeur for choix in item.choix}
