"""A bilan made elsewhere: nothing enters the diagnostic by itself, and where an answer was said is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour
from mobilite.bilan_externe import BilanExterne
from mobilite.journal import Evenement
from tests.conftest import Entrer
from tests.fabriques import CONSEILLERE, une_personne
from tests.integration.bureau import Bureau
from web.app import Application
from web.bilans_externes import sources_de
from web.transaction import bd, lecture

FAIT = ce_jour() - timedelta(days=40)
JOINT: dict[str, Any] = {
    "organisme": "wimoov",
    "fait_le": FAIT.isoformat(),
    "remis_par": "personne",
    "vu_le": ce_jour().isoformat(),
    "accord": "oui",
    "accord_comment": "oral",
    "niveau-cognitive": "FORT",
}
DIT = {
    "D4_marche_15_min": "oui",
    "D5_confiance": "1",
    "D2_deux_roues": ["velo", "scooter"],
    "D8_telephone": "",
}


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


@pytest.fixture
def dossier(bureau: Bureau) -> str:
    return bureau.ajouter(une_personne(prenom="Nour"))


def joindre(bureau: Bureau, dossier: str, **champs: Any) -> str:
    """The address of a bilan that was attached, its answers written down."""
    reponse = bureau.envoyer(f"{dossier}/bilans", **(JOINT | champs))
    assert reponse.status_code == 303, reponse.text
    adresse = str(reponse.location)
    assert bureau.envoyer(f"{adresse}/reponses", **DIT).status_code == 303
    return adresse


def gardees(bureau: Bureau, dossier: str) -> dict[str, Any]:
    diagnostics = bureau.personne(dossier).diagnostics
    return diagnostics[-1].gardees() if diagnostics else {}


def dites(bureau: Bureau, dossier: str) -> dict[str, str]:
    """Where answers were said, by code."""
    personne = bureau.personne(dossier)
    with bureau.app.test_request_context(), lecture() as session:
        return sources_de(session, personne, personne.diagnostics[-1], CONSEILLERE)


def test_what_a_bilan_answers_waits_to_be_confirmed_and_keeps_its_source_until_answered_again(
    bureau: Bureau, dossier: str
) -> None:
    bilan = joindre(bureau, dossier)
    assert gardees(bureau, dossier) == {}, "written down is not yet confirmed"
    assert "dit dans « Test mobilité Wimoov »" in bureau.page(bilan)

    bureau.envoyer(f"{bilan}/suites", confirmer="D5_confiance")
    assert gardees(bureau, dossier) == {"D5_confiance": 1}
    bureau.envoyer(f"{bilan}/suites", ecarter="D2_deux_roues")
    bureau.envoyer(f"{bilan}/suites", confirmer="toutes")
    assert gardees(bureau, dossier) == {"D5_confiance": 1, "D4_marche_15_min": True}
    assert set(dites(bureau, dossier)) == {"D5_confiance", "D4_marche_15_min"}
    assert "Dit dans « Test mobilité Wimoov »" in bureau.page(f"{dossier}/diagnostic/D5")

    marque = bureau.personne(dossier).diagnostics[-1].marque("D5_confiance")
    section = {"vu-D5_confiance": marque, "D5_confiance": "3"}
    assert bureau.envoyer(f"{dossier}/diagnostic/D5", **section).status_code == 302
    assert set(dites(bureau, dossier)) == {"D4_marche_15_min"}, "said again here: the source no longer holds"
    assert "Dit dans" not in bureau.page(f"{dossier}/diagnostic/D5")
    faits = bureau.faits()
    assert faits.count(Evenement.BILAN_EXTERNE_REPRIS) == 2
    assert faits.count(Evenement.REPONSE_NOTEE) == 3


def test_an_answer_already_given_is_never_replaced_by_all_at_once_nor_by_a_stale_page(
    bureau: Bureau, dossier: str
) -> None:
    bilan = joindre(bureau, dossier)
    bureau.envoyer(f"{dossier}/diagnostic/D5", **{"vu-D5_confiance": "", "D5_confiance": "3"})
    bureau.envoyer(f"{bilan}/suites", confirmer="toutes")
    assert gardees(bureau, dossier)["D5_confiance"] == 3
    page = bureau.page(bilan)
    assert "Confirmer remplace cette réponse" in page
    bureau.envoyer(f"{bilan}/suites", confirmer="D5_confiance", **{"vu-D5_confiance": "vieille"})
    assert gardees(bureau, dossier)["D5_confiance"] == 3
    vue = bureau.personne(dossier).diagnostics[-1].marque("D5_confiance")
    bureau.envoyer(f"{bilan}/suites", confirmer="D5_confiance", **{"vu-D5_confiance": vue})
    assert gardees(bureau, dossier)["D5_confiance"] == 1


def test_an_old_bilan_is_to_be_looked_at_again_and_cannot_be_confirmed_in_one_click(
    bureau: Bureau, dossier: str
) -> None:
    ancien = (ce_jour() - timedelta(days=800)).isoformat()
    bilan = joindre(bureau, dossier, fait_le=ancien)
    page = bureau.page(bilan)
    assert "À revoir" in page and "réponses ensemble" not in page
    bureau.envoyer(f"{bilan}/suites", confirmer="toutes")
    assert gardees(bureau, dossier) == {}
    assert "réponses ensemble" in bureau.page(joindre(bureau, dossier))


def test_without_her_agreement_nothing_is_kept_and_once_taken_back_what_it_says_is_forgotten(
    bureau: Bureau, dossier: str, app: Application
) -> None:
    reponse = bureau.envoyer(f"{dossier}/bilans", **(JOINT | {"accord": "", "organisme_nom": "Relais 55"}))
    assert reponse.status_code == 422
    assert "Relais 55" in reponse.text, "nothing typed is lost"
    bilan = joindre(bureau, dossier, cle="une")
    assert joindre(bureau, dossier, cle="une") == bilan, "one form sent twice is one bilan"
    bureau.envoyer(f"{bilan}/suites", confirmer="D5_confiance")
    assert bureau.envoyer(f"{bilan}/retirer").status_code == 303
    assert bureau.client.get(bilan).status_code == 404
    assert gardees(bureau, dossier) == {"D5_confiance": 1}, "what she confirmed is hers"
    with app.app_context(), bd.session as session:
        [garde] = session.scalars(select(BilanExterne)).all()
        assert (garde.reponses, garde.niveaux) == ({}, {})


def test_the_bilan_of_one_person_does_not_open_from_the_dossier_of_another(
    bureau: Bureau, dossier: str
) -> None:
    autre = bureau.ajouter(une_personne(prenom="Léo"))
    bilan = joindre(bureau, dossier).rsplit("/", 1)[1]
    assert bureau.client.get(f"{autre}/bilans/{bilan}").status_code == 404
    assert bureau.envoyer(f"{autre}/bilans/{bilan}/suites", confirmer="toutes").status_code == 404
    assert gardees(bureau, autre) == {}
