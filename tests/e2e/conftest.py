"""A real server and a real Chromium for the tests that walk through the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e import navigateur
from tests.e2e.navigateur import Ouvrir, Surveillance, Taille
from tests.e2e.serveur import Serveur, servir

PATIENCE_MS = 15_000


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A missing browser is said in capitals: nobody believes the pages were walked through."""
    if navigateur.trouver() is None:
        terminalreporter.write_sep("!", "NO BROWSER: THE PAGES WERE NOT WALKED THROUGH", red=True)
        terminalreporter.write_line("Install Chromium, or name one: CHROMIUM=/path/to/chromium make test")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """What pytest-playwright launches: the Chromium of this machine, which looks for no other host."""
    return {"executable_path": navigateur.exiger(), "args": list(navigateur.OPTIONS)}


@pytest.fixture(scope="module")
def serveur(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serveur]:
    """A demonstration of this module's own."""
    with servir(tmp_path_factory.mktemp("instance")) as serveur:
        yield serveur


@pytest.fixture
def ouvrir(browser: Browser, serveur: Serveur) -> Iterator[Ouvrir]:
    """Open as many browser sessions as there are people; at the end, nothing left and nothing broke."""
    surveillances: list[Surveillance] = []
    contextes: list[BrowserContext] = []

    def nouvelle_session(
        taille: Taille, *, refus_attendus: bool = False, coupures_attendues: bool = False, **options: Any
    ) -> Page:
        contexte = browser.new_context(
            base_url=serveur.adresse,
            viewport={"width": taille.largeur, "height": taille.hauteur},
            has_touch=taille.tactile,
            is_mobile=taille.tactile,
            locale="fr-FR",
            **options,
        )
        contexte.set_default_timeout(PATIENCE_MS)
        contexte.set_default_navigation_timeout(2 * PATIENCE_MS)
        surveillance = Surveillance(serveur.adresse, refus_attendus, coupures_attendues)
        surveillance.suivre(contexte)
        surveillances.append(surveillance)
        contextes.append(contexte)
        return contexte.new_page()

    yield nouvelle_session
    for contexte in contextes:
        contexte.close()
    fautes = [faute for surveillance in surveillances for faute in surveillance.fautes]
    assert not fautes, "\n".join((*fautes, *serveur.pannes()))
