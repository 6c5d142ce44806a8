"""A vehicle asked for from the calendar: by her on her phone, and for her by the adviser, who see the same thing."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.navigateur import BUREAU, ETROIT, Ouvrir
from tests.e2e.visiteurs import CONSEILLERE, chemin, entrer

VOITURE = "Voiture automatique à Verdun"
"""An offer of the demonstration that a person of whom nothing is known may ask for."""


def test_she_touches_a_day_of_the_calendar_on_her_phone_and_her_adviser_sees_it(ouvrir: Ouvrir) -> None:
    conseillere = ouvrir(BUREAU)
    dossier = _nouveau_dossier(conseillere, "Yasmine")
    code = _donner_une_carte(conseillere, dossier)

    elle = ouvrir(ETROIT)
    elle.goto("/ma-carte")
    elle.get_by_label("Les 8 signes de la carte").fill(code)
    elle.get_by_role("button", name="Voir mes déplacements").tap()
    elle.get_by_role("link", name="Demander un véhicule").tap()
    elle.get_by_text("Voir les autres").tap()
    elle.get_by_role("link", name=re.compile(f"^Choisir.*{VOITURE}")).tap()
    elle.get_by_role("link", name="Voir les jours libres").tap()
    elle.get_by_role("link", name="2 jours").tap()
    expect(elle.get_by_role("link", name="2 jours")).to_have_attribute("aria-current", "true")
    # Seven days a line fit in 320 px, and each is wide enough for a thumb.
    assert elle.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    premier = elle.get_by_role("table").get_by_role("link", name=re.compile("libre")).first
    boite = premier.bounding_box()
    assert boite is not None
    assert min(boite["width"], boite["height"]) >= 36
    jour = premier.inner_text()
    premier.tap()
    expect(elle.get_by_label("À partir de quel jour ?").locator("option:checked")).to_contain_text(
        re.compile(rf"\b{re.match(r'[0-9]+', jour)[0]}")  # type: ignore[index]
    )
    expect(elle.get_by_role("radio", name="2 jours")).to_be_checked()
    elle.get_by_role("button", name="Envoyer ma demande").tap()
    expect(elle.get_by_role("heading", level=1, name="Demande envoyée")).to_be_visible()
    quoi = elle.locator(".demande-quoi").inner_text().rstrip(".")

    conseillere.goto(dossier)
    siennes = conseillere.get_by_role("region", name="Véhicules réservés")
    expect(siennes).to_contain_text(" ".join(quoi.split()))


def test_the_adviser_books_for_her_and_both_see_the_same_until_it_is_given_up(ouvrir: Ouvrir) -> None:
    conseillere = ouvrir(BUREAU, refus_attendus=True)
    dossier = _nouveau_dossier(conseillere, "Zélie")
    code = _donner_une_carte(conseillere, dossier)
    conseillere.goto(dossier)
    conseillere.get_by_role("link", name="Réserver pour elle").click()
    conseillere.get_by_role("link", name=re.compile(f"^Choisir.*{VOITURE}")).click()
    conseillere.get_by_role("table").last.get_by_role("link", name=re.compile("libre")).first.click()
    debut = conseillere.get_by_label("Premier jour")
    choisi = debut.input_value()
    assert choisi
    # Nobody said how she asked: it is said, and the day stays.
    conseillere.get_by_role("button", name="Envoyer la demande").click()
    expect(conseillere.get_by_role("alert")).to_contain_text("Dites si elle a appelé")
    expect(debut).to_have_value(choisi)
    conseillere.get_by_role("radio", name="Par téléphone").check()
    conseillere.get_by_role("button", name="Envoyer la demande").click()
    siennes = conseillere.get_by_role("region", name="Véhicules réservés")
    expect(siennes).to_contain_text("Demandé par téléphone")

    elle = ouvrir(ETROIT)
    elle.goto("/ma-carte")
    elle.get_by_label("Les 8 signes de la carte").fill(code)
    elle.get_by_role("button", name="Voir mes déplacements").tap()
    expect(elle.get_by_role("region", name="Mes véhicules")).to_contain_text("Demandé.")

    siennes.get_by_text("Annuler…").click()
    siennes.get_by_label("Pourquoi").select_option(label="Une autre solution a été trouvée")
    siennes.get_by_role("button", name="Annuler cette réservation").click()
    expect(siennes).to_contain_text("annulée")
    elle.reload()
    expect(elle.get_by_role("region", name="Mes véhicules")).to_contain_text("Annulé.")


def _nouveau_dossier(page: Page, prenom: str) -> str:
    entrer(page, CONSEILLERE)
    page.goto("/conseiller/dossiers/nouveau")
    page.get_by_label("Prénom ou surnom").fill(prenom)
    page.get_by_role("combobox", name="Commune de départ").fill("verdun")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    expect(page.get_by_role("heading", level=1, name=prenom)).to_be_visible()
    return chemin(page)


def _donner_une_carte(page: Page, dossier: str) -> str:
    page.goto(f"{dossier}/carte")
    page.get_by_role("button", name="Donner une carte").click()
    return page.locator("#code-carte").inner_text().strip()
