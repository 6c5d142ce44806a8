"""Somebody sends a person, an adviser answers, and who sent her reads what she agreed to share. No step by hand."""

from __future__ import annotations

import json
from datetime import timedelta

from playwright.sync_api import Page, expect

from mobilite.base import ce_jour
from tests.e2e.navigateur import BUREAU, ETROIT, Ouvrir
from tests.e2e.test_accessibilite import _ANALYSER, _DEBORDE, AXE
from tests.e2e.visiteurs import CONSEILLERE, entrer

PRESCRIPTRICE = "Entrer comme prescriptrice"


def test_a_prescriber_sends_an_adviser_answers_and_both_see_the_same(ouvrir: Ouvrir) -> None:
    awa = ouvrir(ETROIT)
    entrer(awa, PRESCRIPTRICE)
    awa.get_by_role("link", name="Orienter une personne").tap()
    sans_faute(awa)
    awa.get_by_label("Prénom ou surnom").fill("Soraya")
    awa.get_by_label("Téléphone").fill("06 39 98 01 99")
    awa.get_by_role("combobox", name="Sa commune").fill("Stenay")
    awa.get_by_label("Pour quoi elle veut se déplacer").select_option(label="Formation")
    awa.get_by_label("Ce qu’elle souhaite, avec ses mots").fill("Aller en formation à Verdun")
    awa.get_by_label("Que cette fiche soit envoyée").check()
    awa.get_by_label("De vive voix").check()
    awa.get_by_role("button", name="Envoyer la fiche").tap()
    expect(awa.locator("#etat")).to_contain_text("Réponse attendue")

    claire = ouvrir(BUREAU)
    entrer(claire, CONSEILLERE)
    claire.get_by_role("link", name="Orientations", exact=True).click()
    sans_faute(claire)
    claire.locator("#a-repondre").get_by_role("link", name="Soraya").click()
    claire.get_by_role("button", name="Ouvrir son dossier").click()
    sans_faute(claire)
    claire.get_by_label("Accueillie, premier rendez-vous fixé").check()
    claire.get_by_label("Jour (facultatif)").fill((ce_jour() + timedelta(days=3)).isoformat())
    claire.get_by_label("Heure").fill("10:15")
    claire.get_by_label("Avec qui").fill("Claire")
    claire.get_by_label("Elle est d’accord pour que ce détail revienne").check()
    claire.get_by_role("button", name="Donner la réponse").click()
    expect(claire.get_by_role("region", name="La réponse")).to_contain_text("10\u00a0h\u00a015")

    awa.reload()
    expect(awa.get_by_role("region", name="La réponse")).to_contain_text("10\u00a0h\u00a015")
    assert awa.evaluate(_DEBORDE) == []


def sans_faute(page: Page) -> None:
    """Nothing scrolls sideways and axe-core finds nothing."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert page.evaluate(_DEBORDE) == []
    page.evaluate(AXE)
    violations = page.evaluate(_ANALYSER)
    assert not violations, json.dumps(violations, ensure_ascii=False, indent=1)
