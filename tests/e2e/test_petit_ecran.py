"""On the narrowest phone still in pockets, nothing has to be pushed sideways to be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.navigateur import ETROIT, Ouvrir
from tests.e2e.pages import NADIA, Pages, deplier, personne, public
from tests.e2e.visiteurs import CONSEILLERE, entrer, ouvrir_dossier

_DEBORDE = """
() => {
  const large = document.scrollingElement.scrollWidth;
  if (large <= window.innerWidth) return [];
  return [`${large} px`, ...[...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
}
"""


def _dossier(page: Page) -> Iterator[str]:
    entrer(page, CONSEILLERE)
    ouvrir_dossier(page, NADIA)
    yield "dossier"
    deplier(page)
    yield "dossier, tout déplié"


@pytest.mark.parametrize("pages", [public, personne, _dossier], ids=["public", "personne", "dossier"])
def test_nothing_scrolls_sideways_at_320_pixels(pages: Pages, ouvrir: Ouvrir) -> None:
    page = ouvrir(ETROIT, refus_attendus=True)
    deborde = {}
    for nom in pages(page):
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        if fautes := page.evaluate(_DEBORDE):
            deborde[nom] = fautes
    assert not deborde
