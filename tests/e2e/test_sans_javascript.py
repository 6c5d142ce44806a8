"""What must work where JavaScript does not: her pages, a dossier, a need, a section of the diagnostic."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Request, expect

from tests.e2e.navigateur import BUREAU, TELEPHONE, Ouvrir
from tests.e2e.visiteurs import CONSEILLERE, PERSONNE, entrer

POIDS_AU_PLUS = 50_000
"""Bytes as they travel, headings included, for the page of the card and the one it opens."""


def test_she_follows_her_steps_and_asks_for_a_vehicle_without_javascript(ouvrir: Ouvrir) -> None:
    page = ouvrir(TELEPHONE, java_script_enabled=False)
    entrer(page, PERSONNE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nadia")
    page.get_by_role("link", name="Demander un véhicule").click()
    page.get_by_role("link", name=re.compile("^Choisir")).first.click()
    page.get_by_role("radio", name="3 jours").check()
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("heading", level=1, name="Demande envoyée")).to_be_visible()
    page.get_by_role("link", name="Revenir à mes déplacements").click()
    expect(page.get_by_role("region", name="Mes véhicules")).to_contain_text("Demandé.")


def test_her_card_and_her_first_page_are_light(ouvrir: Ouvrir) -> None:
    page = ouvrir(TELEPHONE)
    requetes: list[Request] = []

    def noter(requete: Request) -> None:
        requetes.append(requete)

    page.on("requestfinished", noter)
    page.goto("/ma-carte")
    page.get_by_role("button", name=PERSONNE).click()
    expect(page.get_by_role("link", name="Demander un véhicule")).to_be_visible()
    page.wait_for_load_state("networkidle")
    tailles = {requete.url: requete.sizes() for requete in requetes}
    poids = {url: t["responseBodySize"] + t["responseHeadersSize"] for url, t in tailles.items()}
    assert any(url.endswith("/css/personne.css") or "/css/personne.css?" in url for url in poids)
    assert sum(poids.values()) <= POIDS_AU_PLUS, poids


def test_a_dossier_a_need_and_a_section_are_kept_without_javascript(ouvrir: Ouvrir) -> None:
    page = ouvrir(BUREAU, java_script_enabled=False)
    entrer(page, CONSEILLERE)
    page.get_by_role("link", name="Nouveau dossier").click()
    page.get_by_label("Prénom ou surnom").fill("Maya")
    page.get_by_label("Commune de départ").fill("etain")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    expect(page.get_by_role("region", name="Qui", exact=True)).to_contain_text("Étain")
    _noter_un_besoin(page)
    page.get_by_role("link", name="Ouvrir le diagnostic").first.click()
    question = page.get_by_role("group").filter(has=page.get_by_role("radio")).first
    question.get_by_role("radio").first.check()
    page.get_by_role("button", name="Enregistrer la section").click()
    expect(page.get_by_role("status").filter(has_text=re.compile("Enregistré .* à "))).to_be_visible()
    page.reload()
    expect(question.get_by_role("radio").first).to_be_checked()


def _noter_un_besoin(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Ajouter un besoin").click()
    page.get_by_label("Commune où aller").fill("verdun")
    page.get_by_label("Ligne 1 : arrivée").fill("08:00")
    page.get_by_label("Ligne 1 : retour").fill("16:30")
    # The server ticks the days: the button is a form like the others.
    page.get_by_role("button", name="Ligne 1 : cocher lundi à vendredi").click()
    page.get_by_role("button", name="Enregistrer le besoin").click()
    expect(page.get_by_role("region", name="Besoins")).to_contain_text("lundi à vendredi")
