"""The paper form and its keying: the same codes, one keystroke an answer, the same checks as on screen."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.diagnostic import OrigineReponse, Reponse
from mobilite.erreurs import DonneeRefusee
from mobilite.question import NE_SAIT_PAS, PREFERE_NE_PAS_REPONDRE, Item
from tests.conftest import Entrer
from tests.fabriques import une_personne
from web.app import Application
from web.impressions import contenu_questionnaire
from web.referentiel import referentiel
from web.touches import en_frappe, lire_frappe, touches, touches_a_part
from web.transaction import lecture, transaction

ITEMS = [item for version in ("2026.1", "2026.2") for item in referentiel().questionnaires.de(version).items]


def test_every_answer_of_every_question_has_its_own_key_and_is_read_back_as_itself() -> None:
    for item in ITEMS:
        cles = [t.touche for t in touches(item)]
        assert len(cles) == len(item.choix) == len(set(cles)), item.code
        assert not set(cles) & set(touches_a_part(item)), item.code
        for touche in touches(item):
            postees = lire_frappe(item, touche.touche.upper())
            assert postees == [touche.valeur]
            valeur = item.lire_formulaire(postees)
            assert en_frappe(item, item.en_formulaire(valeur)) == touche.touche
        for signe, valeur in (("?", NE_SAIT_PAS), ("-", PREFERE_NE_PAS_REPONDRE)):
            if signe in touches_a_part(item):
                assert lire_frappe(item, signe) == [valeur]
                assert en_frappe(item, [valeur]) == signe
        assert lire_frappe(item, "  ") == []


@pytest.mark.parametrize(
    ("code", "frappe"),
    [("D0_raison", "x"), ("D0_raison", "12"), ("D6_plan", "4"), ("D6_plan", "?"), ("D2_abri_velo", "1")],
)
def test_a_key_that_is_not_on_the_paper_is_refused_and_the_right_ones_are_named(
    code: str, frappe: str
) -> None:
    item = referentiel().questionnaire.par_code[code]
    with pytest.raises(DonneeRefusee, match=r"taper .*-"):
        lire_frappe(item, frappe)


def test_the_printed_form_holds_every_code_and_the_keys_that_are_keyed_in() -> None:
    questionnaire = referentiel().questionnaire
    imprimees = {
        question["code"]: [case["touche"] for case in question["cases"]]
        for section in contenu_questionnaire(questionnaire)["sections"]
        for question in section["questions"]
    }
    assert imprimees == {item.code: [t.touche for t in touches(item)] for item in questionnaire.items}


class Guichet:
    def __init__(self, app: Application, client: FlaskClient, uuid: UUID) -> None:
        self.app, self.client, self.uuid = app, client, uuid
        self.adresse = f"/conseiller/dossiers/{uuid}/diagnostic/papier"

    def champs(self) -> dict[str, str]:
        page = unescape(self.client.get(self.adresse).text)
        return dict(re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', page))

    def gardees(self) -> dict[str, tuple[Any, OrigineReponse]]:
        with self.app.app_context(), lecture() as session:
            return {r.code: (r.valeur, r.origine) for r in session.scalars(select(Reponse))}


@pytest.fixture
def guichet(app: Application, entrer: Entrer) -> Guichet:
    client = entrer(RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        personne = une_personne()
        session.add(personne)
    return Guichet(app, client, personne.uuid)


def une_touche(item: Item) -> str:
    """What somebody would key for the first box of a question, or write where nothing is to tick."""
    ecrits = {"texte": "Aller au travail", "date": "01122026", "nombre": f"{item.au_moins + 1:g}"}
    return ecrits.get(item.genre.value) or touches(item)[0].touche


def test_a_whole_sheet_is_kept_at_once_marked_as_paper_and_keying_it_again_changes_nothing(
    guichet: Guichet,
) -> None:
    items = referentiel().questionnaire.items
    feuille = guichet.champs() | {item.code: une_touche(item) for item in items}
    reponse = guichet.client.post(guichet.adresse, data=feuille)
    assert reponse.status_code == 303
    gardees = guichet.gardees()
    assert set(gardees) == {item.code for item in items}
    assert {origine for _, origine in gardees.values()} == {OrigineReponse.PAPIER}
    # The form sent again because the reply was lost, and the page opened again, say the same.
    assert guichet.client.post(guichet.adresse, data=feuille).status_code == 303
    assert guichet.client.post(guichet.adresse, data=guichet.champs()).status_code == 303
    assert guichet.gardees() == gardees


def test_one_wrong_key_is_shown_again_as_typed_and_the_rest_of_the_sheet_is_kept(guichet: Guichet) -> None:
    feuille = guichet.champs() | {"D0_raison": "z", "D2_abri_velo": "o", "D1_duree_max": "quarante"}
    reponse = guichet.client.post(guichet.adresse, data=feuille)
    assert reponse.status_code == 422
    page = unescape(reponse.text)
    assert 'name="D0_raison" value="z"' in page
    assert 'name="D1_duree_max" value="quarante"' in page
    assert set(guichet.gardees()) == {"D2_abri_velo"}


def test_an_answer_changed_meanwhile_is_not_overwritten_by_the_sheet(guichet: Guichet) -> None:
    feuille = guichet.champs()
    guichet.client.post(guichet.adresse, data=feuille | {"D2_abri_velo": "o"})
    reponse = guichet.client.post(guichet.adresse, data=feuille | {"D2_abri_velo": "n", "D6_plan": "3"})
    assert reponse.status_code == 422
    assert "Changée entre-temps : « o »" in unescape(reponse.text)
    assert {code: v for code, (v, _) in guichet.gardees().items()} == {"D2_abri_velo": True, "D6_plan": 3}


def test_the_blank_form_is_a_pdf_that_a_screen_reader_can_read(guichet: Guichet) -> None:
    reponse = guichet.client.get("/conseiller/questionnaire.pdf")
    assert reponse.mimetype == "application/pdf"
    assert reponse.data.startswith(b"%PDF-") and b"pdfuaid" in reponse.data
