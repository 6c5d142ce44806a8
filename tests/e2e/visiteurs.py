"""Who walks through the pages, and how each of them comes in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

CONSEILLERE = "Entrer comme conseillère"
PERSONNE = "Entrer comme personne accompagnée"
PARTENAIRE = "Entrer comme partenaire"
DEPARTEMENT = "Entrer comme Département"
BENEVOLES = "Entrer comme association de bénévoles"


def entrer(page: Page, invitation: str) -> None:
    """Come in by an account of the demonstration."""
    page.goto("/connexion")
    page.get_by_role("button", name=invitation).click()
    expect(page.get_by_role("button", name=re.compile("^Quitter"))).to_be_visible()


def ouvrir_dossier(page: Page, nom: str) -> str:
    """Open a dossier from the list of the adviser; returns its path."""
    page.goto("/conseiller/dossiers")
    page.get_by_role("link", name=nom).click()
    page.wait_for_url(re.compile(r"/conseiller/dossiers/[0-9a-f-]{36}$"))
    return chemin(page)


def chemin(page: Page) -> str:
    """The path of the page, without the origin."""
    return "/" + page.url.split("/", 3)[3]
