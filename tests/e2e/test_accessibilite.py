"""Every page of the story as assistive techniques meet it: axe-core finds nothing, on a phone and on a desk."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.navigateur import BUREAU, TAILLES, Ouvrir
from tests.e2e.pages import ROLES

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

_ANALYSER = """
() => axe.run({ resultTypes: ["violations"] }).then((resultat) => resultat.violations.map((v) => ({
  regle: v.id, aide: v.help, ou: v.nodes.slice(0, 5).map((n) => n.target.join(" ") + " — " + n.failureSummary),
})))
"""


@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_on_the_pages_of_a_role(role: str, ouvrir: Ouvrir) -> None:
    """Folds opened and forms refused are pages like the others."""
    page = ouvrir(BUREAU, refus_attendus=True)
    fautes = {}
    for nom in ROLES[role](page):
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        page.evaluate(AXE)
        for taille in TAILLES:
            page.set_viewport_size({"width": taille.largeur, "height": taille.hauteur})
            if violations := _violations(page):
                fautes[f"{nom} ({taille.nom})"] = violations
    assert not fautes, json.dumps(fautes, ensure_ascii=False, indent=1)


def test_a_page_with_a_fault_is_found_out(ouvrir: Ouvrir) -> None:
    """The analysis above is not blind: a picture without words and a pale text are seen."""
    page = ouvrir(BUREAU)
    page.goto("/accessibilite")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    page.evaluate("document.querySelector('main h1').style.setProperty('color', '#eeeeee')")
    page.evaluate(AXE)
    assert {violation["regle"] for violation in _violations(page)} >= {"image-alt", "color-contrast"}


def _violations(page: Page) -> list[dict[str, Any]]:
    violations: list[dict[str, Any]] = page.evaluate(_ANALYSER)
    return violations
