"""The diagnostic on screen: answers are kept as given, never lost, never overwritten unseen, and used."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from matching.proposition import Reponse as ReponseDuMoteur
from mobilite.acteur import RoleActeur
from mobilite.besoin import MotifDeplacement
from mobilite.diagnostic import Diagnostic, FreinCorrige, Reponse
from mobilite.journal import Evenement, LigneJournal
from mobilite.personnes import BesoinExprime, Depart, Personne
from mobilite.verdict import Verdict
from tests.conftest import Entrer, valeur_de
from tests.fabriques import une_offre, une_personne
from web.app import Application
from web.propositions import proposer_pour
from web.referentiel import referentiel
from web.transaction import lecture, transaction

LE = date(2026, 11, 23)
CONDITION = {"fait": "compte_bancaire", "est": True, "phrase": "Avoir un compte bancaire."}


class Bureau:
    """An adviser at her desk, with one dossier: a trip from Étain to Verdun, one offer with a condition."""

    def __init__(self, app: Application, client: FlaskClient, uuid: UUID) -> None:
        self.app, self.client, self.uuid = app, client, uuid
        self.racine = f"/conseiller/dossiers/{uuid}/diagnostic"

    def page(self, suite: str = "") -> str:
        reponse = self.client.get(f"{self.racine}{suite}")
        assert reponse.status_code == 200
        return reponse.text

    def jeton(self) -> str:
        return valeur_de(self.page("/D0"))

    def noter(self, code: str, *valeurs: str, vu: str | None = None) -> TestResponse:
        return self.client.post(
            f"{self.racine}/reponses",
            json={"diagnostic": None, "code": code, "valeurs": list(valeurs), "vu": vu},
            headers={"X-CSRFToken": self.jeton(), "Accept": "application/json"},
        )

    def poster(self, suite: str, **champs: Any) -> TestResponse:
        champs = {nom.replace("vu_", "vu-", 1): valeur for nom, valeur in champs.items()}
        return self.client.post(f"{self.racine}{suite}", data={"csrf_token": self.jeton()} | champs)

    def gardees(self) -> dict[str, Any]:
        with self.app.app_context(), lecture() as session:
            return session.scalars(select(Personne).where(Personne.uuid == self.uuid)).one().reponses()

    def compter(self, table: type, *conditions: Any) -> int:
        with self.app.app_context(), lecture() as session:
            return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    def proposer(self) -> ReponseDuMoteur:
        with self.app.app_context(), lecture() as session:
            personne = session.scalars(select(Personne).where(Personne.uuid == self.uuid)).one()
            return proposer_pour(session, personne, LE)


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    client = entrer(RoleActeur.CONSEILLER)
    with app.app_context(), transaction() as session:
        personne = une_personne(departs=[Depart(insee="55181")])
        passages = {"cycle": [{"semaine": 1, "jours": ["lun"], "arrivee": "08:00", "retour": "17:00"}]}
        personne.besoins = [
            BesoinExprime(destination="55545", motif=MotifDeplacement.EMPLOI, passages=passages)
        ]
        session.add_all([personne, une_offre(fiche={"lieu": "55545", "conditions": CONDITION})])
    return Bureau(app, client, personne.uuid)


def question(page: str, code: str) -> str:
    """The block of one question."""
    trouve = re.search(rf'<fieldset class="question[^>]*id="{code}".*?</fieldset>', page, re.DOTALL)
    assert trouve, code
    return trouve[0]


def marque(page: str, code: str) -> str:
    trouve = re.search(rf'name="vu-{code}" value="([^"]*)"', page)
    assert trouve
    return trouve[1]


def test_an_answer_kept_as_it_is_given_changes_the_next_proposals(bureau: Bureau) -> None:
    assert "D3_compte_bancaire" in {q.code for q in bureau.proposer().questions}
    reponse = bureau.noter("D3_compte_bancaire", "non")
    assert reponse.status_code == 200
    assert re.fullmatch(r"\d{1,2}\xa0h(\xa0\d\d)?", reponse.get_json()["enregistre"])
    assert bureau.gardees() == {"D3_compte_bancaire": False}
    apres = bureau.proposer()
    assert apres.besoins[0].propositions[0].verdict is Verdict.NON
    assert "D3_compte_bancaire" not in {q.code for q in apres.questions}


def test_the_first_answer_starts_a_diagnostic_at_entry_and_reading_pages_starts_nothing(
    bureau: Bureau,
) -> None:
    for suite in ("", *(f"/D{rang}" for rang in range(13)), "/resultats"):
        bureau.page(suite)
    assert bureau.compter(Diagnostic) == 0
    assert bureau.compter(LigneJournal, LigneJournal.quoi != Evenement.DOSSIER_CONSULTE.value) == 0
    bureau.noter("D8_telephone", "aucun")
    bureau.noter("D8_reseau", "bien")
    with bureau.app.app_context(), lecture() as session:
        assert [d.type.value for d in session.scalars(select(Diagnostic))] == ["entree"]


def test_an_answer_sent_again_because_the_reply_was_lost_is_neither_a_conflict_nor_a_second_fact(
    bureau: Bureau,
) -> None:
    premiere = bureau.noter("D2_abri_velo", "oui").get_json()
    encore = bureau.noter("D2_abri_velo", "oui")
    assert (encore.status_code, encore.get_json()["vu"]) == (200, premiere["vu"])
    assert bureau.compter(LigneJournal, LigneJournal.quoi == Evenement.REPONSE_NOTEE.value) == 1


def test_the_same_choices_in_another_order_are_the_same_answer(bureau: Bureau) -> None:
    with bureau.app.app_context(), transaction() as session:
        personne = session.scalars(select(Personne).where(Personne.uuid == bureau.uuid)).one()
        version = referentiel().questionnaire.version
        diagnostic = Diagnostic(personne=personne, questionnaire=version, commence_par=1)
        diagnostic.reponses["D0_statuts"] = Reponse(code="D0_statuts", valeur=["salarie", "rsa"], par=1)
        session.add(diagnostic)
    assert bureau.noter("D0_statuts", "rsa", "salarie").status_code == 200
    assert bureau.compter(LigneJournal, LigneJournal.quoi == Evenement.REPONSE_NOTEE.value) == 0


def test_an_answer_changed_in_another_tab_is_not_overwritten_unseen(bureau: Bureau) -> None:
    vue = bureau.noter("D2_abri_velo", "oui").get_json()["vu"]
    bureau.noter("D2_abri_velo", "non", vu=vue)
    refus = bureau.noter("D2_abri_velo", "ne_sait_pas", vu=vue)
    assert refus.status_code == 409
    corps = refus.get_json()
    assert (corps["enregistree"]["libelle"], corps["saisie"]) == ("non", "ne sait pas")
    assert bureau.gardees() == {"D2_abri_velo": False}
    # Having seen both, she keeps hers.
    assert bureau.noter("D2_abri_velo", "ne_sait_pas", vu=corps["vu"]).status_code == 200
    assert bureau.gardees() == {"D2_abri_velo": "ne_sait_pas"}


def test_an_answer_erased_in_another_tab_is_a_conflict_too(bureau: Bureau) -> None:
    vue = bureau.noter("D2_abri_velo", "oui").get_json()["vu"]
    bureau.noter("D2_abri_velo", vu=vue)
    assert bureau.gardees() == {}
    assert bureau.noter("D2_abri_velo", "non", vu=vue).status_code == 409


def test_without_script_a_section_keeps_what_it_can_and_shows_the_rest_as_typed(bureau: Bureau) -> None:
    refus = bureau.poster(
        "/D3", vu_D3_foyer="", D3_foyer="trois", vu_D3_c2s="", D3_c2s="oui", vu_D3_budget="", D3_budget="40"
    )
    assert refus.status_code == 422
    assert bureau.gardees() == {"D3_c2s": True, "D3_budget": 40}
    bloc = question(refus.text, "D3_foyer")
    assert 'value="trois"' in bloc
    assert "Un nombre est attendu" in bloc
    assert refus.text.index('id="D3_foyer"') < refus.text.index('id="repliees"'), "an error is never folded"


def test_without_script_a_conflict_shows_both_answers_and_lets_her_choose(bureau: Bureau) -> None:
    vue = bureau.noter("D8_reseau", "bien").get_json()["vu"]
    bureau.noter("D8_reseau", "mal", vu=vue)
    refus = bureau.poster("/D8", vu_D8_reseau=vue, D8_reseau="pas")
    assert refus.status_code == 409
    bloc = question(refus.text, "D8_reseau")
    assert "pas toujours" in bloc and 'value="pas" checked' in bloc
    encore = bureau.poster("/D8", vu_D8_reseau=marque(refus.text, "D8_reseau"), D8_reseau="pas")
    assert encore.status_code == 302
    assert bureau.gardees() == {"D8_reseau": "pas"}


def test_a_question_that_was_not_on_the_page_keeps_its_answer(bureau: Bureau) -> None:
    bureau.noter("D8_telephone", "aucun")
    vue = bureau.noter("D8_reseau", "bien").get_json()["vu"]
    bureau.poster("/D8", vu_D8_reseau=vue)
    assert bureau.gardees() == {"D8_telephone": "aucun"}


def test_a_text_with_lines_is_kept_and_a_confirmed_number_is_not(bureau: Bureau) -> None:
    assert bureau.poster("/D9", vu_D9_contraintes="", D9_contraintes="école\r\n8 h 20").status_code == 302
    assert bureau.gardees() == {"D9_contraintes": "école\n8 h 20"}
    refus = bureau.noter("D0_objectif", "mon numéro 2 55 08 14 168 025 38")
    assert refus.status_code == 422
    assert "sécurité sociale" in refus.get_json()["phrase"]
    assert "D0_objectif" not in bureau.gardees()
    averti = bureau.noter("D0_objectif", "aller à ma chimiothérapie")
    assert averti.status_code == 200
    assert averti.get_json()["alertes"]


def test_her_words_head_her_sheet_until_the_dossier_says_otherwise(bureau: Bureau) -> None:
    def objectif() -> str:
        with bureau.app.app_context(), lecture() as session:
            return session.scalars(select(Personne.objectif)).one()

    vue = bureau.noter("D0_objectif", "travailler à Verdun").get_json()["vu"]
    assert objectif() == "travailler à Verdun"
    with bureau.app.app_context(), transaction() as session:
        session.scalars(select(Personne)).one().objectif = "être libre"
    bureau.noter("D0_objectif", "travailler à Metz", vu=vue)
    assert objectif() == "être libre"


def test_what_is_delicate_stays_folded_until_an_offer_waits_for_it(bureau: Bureau) -> None:
    page = bureau.page("/D3")
    repli = page.index('id="repliees"')
    assert page.index('id="D3_compte_bancaire"') < repli < page.index('id="D3_ressources"')
    assert "1 offre attend cette réponse" in question(page, "D3_compte_bancaire")
    bureau.noter("D3_compte_bancaire", "oui")
    page = bureau.page("/D3")
    assert page.index('id="repliees"') < page.index('id="D3_compte_bancaire"')


def test_a_closed_branch_is_hidden_until_the_answer_that_opens_it(bureau: Bureau) -> None:
    assert " hidden" in question(bureau.page("/D2"), "D2_assurance").split(">")[0]
    ouvertes = bureau.noter("D2_conduire", "oui").get_json()["ouvertes"]
    assert "D2_assurance" in ouvertes
    assert " hidden" not in question(bureau.page("/D2"), "D2_assurance").split(">")[0]


def test_a_question_an_offer_waits_for_is_shown_though_its_branch_is_closed(
    bureau: Bureau,
) -> None:
    condition = {"fait": "carte_grise_a_son_nom", "est": True, "phrase": "Avoir la carte grise à son nom."}
    with bureau.app.app_context(), transaction() as session:
        session.add(une_offre(fiche={"lieu": "55545", "conditions": condition}))
    assert " hidden" not in question(bureau.page("/D2"), "D2_carte_grise").split(">")[0]


def test_preferring_not_to_answer_is_kept_and_never_counts(bureau: Bureau) -> None:
    for code in ("D4_marche_15_min", "D4_porter", "D4_marches", "D4_debout", "D4_assis", "D4_fatigue"):
        assert bureau.noter(code, "prefere_ne_pas_repondre").status_code == 200
    assert set(bureau.gardees().values()) == {None}
    page = bureau.page("/resultats")
    axe = page[page.index('id="axe-physique"') : page.index('id="axe-materielle"')]
    assert "à compléter" in axe
    assert "0 réponse connue" in axe


def test_an_advisers_level_needs_its_reason_and_both_levels_stay_in_sight(bureau: Bureau) -> None:
    bureau.poster("")
    sans = bureau.poster("/resultats/physique", niveau="FORT", raison=" ")
    assert sans.status_code == 422
    assert bureau.compter(FreinCorrige) == 0
    assert 'value="FORT" checked' in sans.text
    avec = bureau.poster("/resultats/physique", niveau="FORT", raison="Ne marche pas 200 m.")
    assert avec.status_code == 302
    page = bureau.page("/resultats")
    axe = page[page.index('id="axe-physique"') : page.index('id="axe-materielle"')]
    assert "frein fort" in axe and "Ne marche pas 200 m." in axe and "à compléter" in axe
    assert bureau.compter(LigneJournal, LigneJournal.quoi == Evenement.NIVEAU_CORRIGE.value) == 1


def test_an_answer_of_another_version_closes_neither_the_diagnostic_nor_the_proposals(
    bureau: Bureau,
) -> None:
    bureau.noter("D8_telephone", "aucun")
    with bureau.app.app_context(), transaction() as session:
        diagnostic = session.scalars(select(Diagnostic)).one()
        diagnostic.reponses["D8_minitel"] = Reponse(code="D8_minitel", valeur=True, par=1)
        diagnostic.reponses["D8_telephone"].valeur = "radiotelephone"
    assert "D8_minitel" in bureau.page("/resultats")
    bureau.page("/D8")
    assert bureau.proposer().besoins


def test_another_moment_starts_empty_and_reminds_what_was_said(bureau: Bureau) -> None:
    bureau.noter("D8_telephone", "aucun")
    assert bureau.poster("", type="sortie").status_code == 302
    assert bureau.poster("", type="sortie").status_code == 302
    assert bureau.compter(Diagnostic) == 2
    bloc = question(bureau.page("/D8"), "D8_telephone")
    assert "Dit à l&#39;entrée : aucun" in bloc
    assert "checked" not in bloc
    assert bureau.gardees() == {"D8_telephone": "aucun"}, "the engine still counts on it"


def test_resuming_leads_to_the_next_question_that_is_not_delicate(bureau: Bureau) -> None:
    bureau.noter("D2_projet_permis", "oui")
    lien = re.search(r'href="([^"]+)">Reprendre', bureau.page())
    assert lien
    # D3 is money: only what an offer waits for is worth opening.
    assert lien[1].endswith("/diagnostic/D3#D3_compte_bancaire")
    bureau.noter("D3_compte_bancaire", "oui")
    lien = re.search(r'href="([^"]+)">Reprendre', bureau.page())
    assert lien
    assert lien[1].endswith("/diagnostic/D6#D6_plan")
