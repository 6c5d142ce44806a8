"""The diagnostic in a real browser: a cut connection, two tabs, « page précédente », a double submit lose nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from mobilite.question import GenreQuestion, Item
from tests.e2e.navigateur import BUREAU, ETROIT, Ouvrir
from tests.e2e.pages import NADIA
from tests.e2e.visiteurs import CONSEILLERE, PERSONNE, entrer, ouvrir_dossier
from web.referentiel import referentiel
from web.touches import lire_frappe, touches, une_frappe

CENT = 100


def test_she_answers_alone_on_the_narrowest_telephone_without_javascript(ouvrir: Ouvrir) -> None:
    page = ouvrir(ETROIT, java_script_enabled=False, refus_attendus=True)
    entrer(page, PERSONNE)
    page.get_by_role("link", name=re.compile("les questions$")).click()
    page.get_by_role("link", name=re.compile("^(Commencer|Reprendre)")).click()
    titres = []
    for _ in range(4):
        titres.append(page.get_by_role("heading", level=1).inner_text())
        choix_offerts = page.get_by_role("radio").or_(page.get_by_role("checkbox"))
        choix_offerts.first.check()
        page.get_by_role("button", name="Suite").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(titres[-1])
    assert len(set(titres)) == 4
    # « Page précédente », then the same form again: no second answer, no error.
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(titres[-1])
    page.get_by_role("button", name="Suite").click()
    page.goto("/mes-deplacements/point/D6_heure_depart")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Suite").click()
    expect(page.get_by_role("status").first).to_contain_text("C'est ça.")
    page.get_by_role("link", name=re.compile("M’arrêter là")).click()
    expect(page.get_by_role("link", name="Reprendre les questions")).to_be_visible()


def test_a_cut_connection_and_another_tab_lose_no_answer(ouvrir: Ouvrir) -> None:
    page = ouvrir(BUREAU, refus_attendus=True, coupures_attendues=True)
    entrer(page, CONSEILLERE)
    section = f"{ouvrir_dossier(page, NADIA)}/diagnostic/D8"
    prete(page, section)
    etat = page.locator("[data-etat]")

    page.context.set_offline(True)
    cocher(page, "D8_messages", "2")
    cocher(page, "D8_paiement", "0")
    expect(etat).to_contain_text("Non enregistré : 2 réponses")
    # Leaving now would lose them: the browser asks first, and staying keeps the page as it is.
    demandes: list[str] = []

    def rester(dialogue: object) -> None:
        demandes.append(dialogue.type)  # type: ignore[attr-defined]
        dialogue.dismiss()  # type: ignore[attr-defined]

    page.once("dialog", rester)
    page.evaluate("window.location.assign('/conseiller/dossiers')")
    expect(etat).to_contain_text("Non enregistré : 2 réponses")
    assert demandes == ["beforeunload"]
    page.context.set_offline(False)
    expect(etat).to_have_text(re.compile(r"^Enregistré à \d"))

    # Another tab still shows the page from before.
    autre = page.context.new_page()
    prete(autre, section)
    expect(choix(autre, "D8_messages", "2")).to_be_checked()
    cocher(autre, "D8_messages", "1")
    expect(autre.locator("[data-etat]")).to_have_text(re.compile(r"^Enregistré à \d"))
    cocher(page, "D8_messages", "3")
    conflit = page.locator("#D8_messages [data-conflit]")
    expect(conflit).to_contain_text("La mienne : « sans difficulté »")
    expect(conflit).to_contain_text("L'autre : « difficilement »")
    conflit.get_by_role("button", name=re.compile("^La mienne")).click()
    expect(etat).to_have_text(re.compile(r"^Enregistré à \d"))

    # « Page précédente » shows what is kept, not what the browser remembers.
    page.get_by_role("link", name="Les papiers").click()
    page.wait_for_url(re.compile("/D11$"))
    page.go_back()
    expect(choix(page, "D8_messages", "3")).to_be_checked()
    expect(choix(page, "D8_paiement", "0")).to_be_checked()


def test_a_whole_section_is_answered_with_the_keyboard_alone_and_sent_twice_it_is_sent_once(
    ouvrir: Ouvrir,
) -> None:
    page = ouvrir(BUREAU)
    entrer(page, CONSEILLERE)
    section = f"{ouvrir_dossier(page, NADIA)}/diagnostic/D12"
    prete(page, section)
    ecrites = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        ici = page.evaluate("(({type, name, value}) => ({type, name, value}))(document.activeElement)")
        if ici.get("type") in ("radio", "checkbox") and ici["name"] not in ecrites:
            page.keyboard.press("Space")
            ecrites.add(ici["name"])
        elif ici.get("type") == "textarea":
            page.keyboard.type("Le vélo me plaît.")
            ecrites.add(ici["name"])
        elif ici.get("name") == "suite":
            break
    assert ici.get("name") == "suite"
    # Enter twice: the section is kept once, and the next page opens once.
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/resultats"))
    prete(page, section)
    repondues = page.locator('.progres[data-section="D12"]').first
    expect(repondues).to_contain_text(re.compile(r"(\d+) sur \1"))
    expect(page.locator("#D12_raisons-saisie")).to_have_value("Le vélo me plaît.")


def test_a_hundred_answers_of_a_paper_form_are_keyed_without_a_mouse_and_survive_a_cut(
    ouvrir: Ouvrir,
) -> None:
    page = ouvrir(BUREAU, coupures_attendues=True)
    entrer(page, CONSEILLERE)
    dossier = ouvrir_dossier(page, NADIA)
    page.goto(f"{dossier}/diagnostic/papier")
    expect(page.locator("form[data-pret=oui]")).to_be_attached()
    vides = page.locator("[data-frappe]").evaluate_all(
        "(xs) => xs.filter((x) => !x.value).map((x) => x.name)"
    )
    par_code = referentiel().questionnaire.par_code
    page.locator("[data-frappe]").first.focus()
    frappes = 0
    attendues: dict[str, tuple[Item, str]] = {}
    for code in page.locator("[data-frappe]").evaluate_all("(xs) => xs.map((x) => x.name)"):
        item = par_code[code]
        if len(attendues) < CENT and code in vides and item.genre is not GenreQuestion.TEXTE:
            dite = {"nombre": f"{item.au_moins + 1:g}", "date": "01122026"}.get(item.genre.value) or touches(
                item
            )[-1].touche
            attendues[code] = (item, dite)
            page.keyboard.type(dite)
            frappes += len(dite)
            if une_frappe(item):
                continue
        page.keyboard.press("Enter")
        frappes += 1
    assert len(attendues) == CENT
    # Under two keystrokes an answer: at one a second, under three minutes.
    assert frappes < 180

    page.context.set_offline(True)
    page.get_by_role("button", name="Enregistrer la feuille").first.click()
    expect(page.locator("[data-etat]")).to_contain_text("Pas enregistré : pas de réseau")
    page.context.set_offline(False)
    page.get_by_role("button", name="Enregistrer la feuille").first.dblclick()
    page.wait_for_url(re.compile("/diagnostic$"))
    expect(page.get_by_role("status").first).to_contain_text(f"{CENT} réponses recopiées")
    page.goto(f"{dossier}/diagnostic/papier")
    montrees = page.locator("[data-frappe]").evaluate_all("(xs) => xs.map((x) => [x.name, x.value])")
    for code, montree in montrees:
        if code in attendues:
            item, dite = attendues[code]
            assert lire_frappe(item, montree) == lire_frappe(item, dite), code


def prete(page: Page, adresse: str) -> None:
    """Open a section and wait until its script listens."""
    page.goto(adresse)
    expect(page.locator("form[data-pret=oui]")).to_be_attached()


def choix(page: Page, code: str, valeur: str) -> Locator:
    return page.locator(f"[id='{code}-{valeur}']")


def cocher(page: Page, code: str, valeur: str) -> None:
    choix(page, code, valeur).check()
