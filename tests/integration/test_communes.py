"""A commune is typed: what is certain is understood, what is not is asked, nothing is guessed."""

from __future__ import annotations

import pytest

from mobilite.acteur import RoleActeur
from tests.conftest import Entrer
from tests.integration.bureau import Bureau
from web.app import Application


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    """An adviser at her desk."""
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def test_the_local_search_says_the_department_of_a_neighbour_and_today_s_name_of_a_former_commune(
    bureau: Bureau,
) -> None:
    def proposees(texte: str) -> list[tuple[str, str, str]]:
        reponse = bureau.client.get("/conseiller/communes", query_string={"q": texte})
        assert reponse.json is not None
        return [(c["insee"], c["nom"], c["precision"]) for c in reponse.json]

    assert proposees("etain")[0] == ("55181", "Étain", "55400")
    assert proposees("toul")[0] == ("54528", "Toul", "54200 · Meurthe-et-Moselle")
    assert proposees("douaumont")[0] == (
        "55537",
        "Douaumont",
        "ancienne commune, aujourd'hui Douaumont-Vaux",
    )
    assert proposees("zzzz") == []


@pytest.mark.parametrize(
    ("texte", "insee"),
    [("etain", "55181"), ("Étain (55400)", "55181"), ("st mihiel", "55463"), ("Douaumont", "55537")],
)
def test_a_commune_typed_without_javascript_is_understood_by_the_server(
    bureau: Bureau, texte: str, insee: str
) -> None:
    dossier = bureau.ouvrir(**{"depart-0": texte})
    assert [d.insee for d in bureau.personne(dossier).departs] == [insee]


@pytest.mark.parametrize("texte", ["bar", "55100", "vrdun", "Metz"])
def test_an_uncertain_commune_is_asked_and_nothing_typed_is_lost(bureau: Bureau, texte: str) -> None:
    saisie = {"prenom": "Nour", "referent": "Mme Aubry", "depart-0": texte, "depart-0_insee": ""}
    reponse = bureau.envoyer("/conseiller/dossiers/nouveau", **saisie)
    assert reponse.status_code == 422
    assert bureau.combien() == 0
    for ecrit in (
        'value="Nour"',
        'value="Mme Aubry"',
        f'value="{texte}"',
        'type="radio" name="depart-0_insee"',
    ):
        assert ecrit in reponse.text


def test_the_commune_picked_among_those_asked_is_the_one_kept(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(**{"depart-0": "55100", "depart-0_insee": "55042"})
    assert bureau.personne(dossier).departs[0].insee == "55042"


def test_a_code_left_from_an_earlier_choice_never_wins_over_what_is_now_typed(bureau: Bureau) -> None:
    dossier = bureau.ouvrir(**{"depart-0": "Commercy", "depart-0_insee": "55545"})
    assert bureau.personne(dossier).departs[0].insee == "55122"


def test_a_place_that_is_nowhere_near_is_said_not_guessed(bureau: Bureau) -> None:
    reponse = bureau.envoyer("/conseiller/dossiers/nouveau", prenom="Nour", **{"depart-0": "Luxembourg"})
    assert reponse.status_code == 422
    assert "« Luxembourg » n'est pas une commune de la Meuse" in reponse.text.replace("&#39;", "'")
