"""One story through the whole product: a person who cannot get to work, from the first call to the keys."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from mobilite.base import jour_local, maintenant
from tests.e2e.navigateur import TAILLES, Ouvrir, Taille
from tests.e2e.serveur import Serveur, servir
from tests.e2e.visiteurs import CONSEILLERE, DEPARTEMENT, PARTENAIRE, chemin, entrer

CHAMPS_AU_PLUS = 12
COMMUNES_DE_LA_MEUSE = 499
MOTS_QU_ELLE_NE_LIT_PAS = re.compile(
    r"\b(freins?|verdicts?|écartée?s?|scores?|CO2|CO₂|bénéficiaires?)\b", re.IGNORECASE
)
VOITURE = "Voiture solidaire à Verdun"
CAR = "Car Étain – Verdun"
COVOITURAGE = "Covoiturage Étain – Verdun"
PRENOM = "Lina"
NOUVELLE = "Voiture solidaire à Étain"
BUT = "Travailler à Verdun sans demander à ma voisine"


@pytest.fixture
def serveur(tmp_path: Path) -> Iterator[Serveur]:
    """A demonstration where nobody has been yet: each story starts from the beginning."""
    with servir(tmp_path) as serveur:
        yield serveur


@pytest.mark.parametrize("taille", TAILLES, ids=lambda taille: taille.nom)
def test_a_newcomer_walks_from_the_first_call_to_the_keys(taille: Taille, ouvrir: Ouvrir) -> None:
    """Steps 1 to 7 of the main job, each by the one who does it."""
    conseillere = ouvrir(taille)
    entrer(conseillere, CONSEILLERE)
    dossier = _ouvrir_un_dossier(conseillere)
    _mettre_en_attente(conseillere, taille)
    _noter_le_besoin(conseillere)
    _noter_permis_et_moyens(conseillere)
    _lire_les_propositions(conseillere)
    _demander_pourquoi(conseillere, dossier)
    _choisir(conseillere, dossier)
    _tenir_le_plan(conseillere)
    _faire_le_diagnostic(conseillere, dossier)
    _lire_l_accueil(conseillere, dossier)
    _imprimer(conseillere, dossier)
    code = _donner_la_carte(conseillere, dossier)

    personne = ouvrir(taille)
    _voir_ses_etapes(personne, code)
    _demander_trois_jours(personne)

    partenaire = ouvrir(taille)
    entrer(partenaire, PARTENAIRE)
    _confirmer(partenaire)
    personne.goto("/mes-deplacements/")
    expect(personne.get_by_role("main")).to_contain_text("Confirmé par")
    _publier_une_offre(partenaire)

    conseillere.goto(dossier)
    possible = conseillere.get_by_role("region", name="Ce qui est possible")
    expect(possible.get_by_role("heading", name=NOUVELLE)).to_be_attached()

    departement = ouvrir(taille)
    entrer(departement, DEPARTEMENT)
    _lire_les_cartes(departement)


def aujourd_hui() -> date:
    """The day it is in Meuse, as the pages say it."""
    return jour_local(maintenant())


def _ouvrir_un_dossier(page: Page) -> str:
    """Step 1: search first, then open a dossier; the commune is typed as it is heard."""
    page.get_by_label("Nom, surnom ou téléphone").fill(PRENOM)
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("main").get_by_role("link", name=re.compile("dossier", re.IGNORECASE)).first.click()
    formulaire = page.locator("main form")
    noms = formulaire.locator(":is(input, select, textarea):visible").evaluate_all(
        "champs => [...new Set(champs.map((champ) => champ.name))]"
    )
    assert len(noms) <= CHAMPS_AU_PLUS, noms
    expect(page.get_by_label("Prénom ou surnom")).to_have_value(re.compile("^Lina"))
    page.get_by_label("Prénom ou surnom").fill(PRENOM)
    page.get_by_label("Nom (facultatif)").fill("")
    page.get_by_role("textbox", name="Téléphone").fill("06 39 98 01 90")
    page.get_by_role("group", name="Peut-on laisser un message ?").get_by_label("Oui").check()
    commune = page.get_by_role("combobox", name="Commune de départ")
    commune.press_sequentially("etain")
    page.get_by_role("option", name=re.compile("^Étain")).click()
    expect(commune).to_have_value(re.compile("^Étain"))
    page.get_by_role("button", name="Ouvrir le dossier").click()
    expect(page.get_by_role("heading", level=1, name=PRENOM)).to_be_visible()
    return chemin(page)


def _mettre_en_attente(page: Page, taille: Taille) -> None:
    """Step 1: one key hides the dossier and keeps its place."""
    if taille.tactile:
        page.get_by_role("button", name="Mettre en attente").tap()
    else:
        page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1, name="Dossier mis en attente")).to_be_visible()
    expect(page.get_by_text("06 39 98 01 90")).to_have_count(0)
    if taille.tactile:
        page.get_by_role("button", name="Reprendre").tap()
    else:
        page.keyboard.press("r")
    expect(page.get_by_role("region", name="Besoins")).to_be_visible()


def _noter_le_besoin(page: Page) -> None:
    """Step 2: Verdun, Monday to Friday, 8 h to 16 h 30."""
    page.get_by_role("main").get_by_role("link", name="Ajouter un besoin").click()
    page.get_by_role("combobox", name="Commune où aller").press_sequentially("verdun")
    page.get_by_role("option", name=re.compile("^Verdun")).first.click()
    page.get_by_role("combobox", name="Pourquoi").select_option(label="Emploi")
    page.get_by_label("Premier jour").fill((aujourd_hui() + timedelta(days=9)).isoformat())
    semaine = page.get_by_role("group", name="Ligne 1 : jours")
    for jour in ("lundi", "mardi", "mercredi", "jeudi", "vendredi"):
        semaine.get_by_label(jour).check(force=True)
    page.get_by_label("Ligne 1 : arrivée").fill("08:00")
    page.get_by_label("Ligne 1 : retour").fill("16:30")
    page.get_by_role("button", name="Enregistrer le besoin").click()
    besoins = page.get_by_role("region", name="Besoins")
    expect(besoins).to_contain_text("Verdun")
    expect(besoins).to_contain_text("8 h–16 h 30")


def _noter_permis_et_moyens(page: Page) -> None:
    """Step 2: her age, her permit, and the bicycle she has."""
    page.get_by_role("link", name="Âge, permis et moyens").click()
    page.get_by_label("Année de naissance").fill(str(aujourd_hui().year - 32))
    page.get_by_role("checkbox", name="B", exact=True).check()
    page.get_by_role("combobox", name="État du permis").select_option(label="Valide")
    page.get_by_role("textbox", name="Obtenu").fill(str(aujourd_hui().year - 8))
    moyen = page.get_by_role("group", name="Moyen 1")
    moyen.get_by_label("Lequel").select_option(label="Vélo")
    moyen.get_by_label("État").select_option(label="En état de marche")
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_role("region", name="Qui", exact=True)).to_contain_text("permis B")
    expect(page.get_by_role("region", name="Ses moyens")).to_contain_text(re.compile("vélo", re.IGNORECASE))


def _lire_les_propositions(page: Page) -> None:
    """Step 3: ranked, in words and figures, with the three questions that would unblock most."""
    possible = page.get_by_role("region", name="Ce qui est possible")
    for nom in (VOITURE, CAR, COVOITURAGE):
        carte = possible.get_by_role("article").filter(has=page.get_by_role("heading", name=nom, exact=True))
        expect(carte).to_contain_text(re.compile("Oui|À vérifier|Non"))
        for unite in ("porte à porte", "par mois", "à avancer aujourd’hui", "CO₂"):
            expect(carte).to_contain_text(unite)
        expect(carte.get_by_role("list", name="Jour par jour").get_by_role("listitem")).to_have_count(5)
    expect(possible.get_by_role("article").first).to_contain_text("Il manque")
    questions = page.get_by_role("region", name="Trois questions qui débloquent").get_by_role("listitem")
    expect(questions).to_have_count(3)
    expect(questions.first).to_contain_text(re.compile(r"débloque \d+ offre"))


def _demander_pourquoi(page: Page, dossier: str) -> None:
    """Step 3: why, and why not."""
    page.get_by_role("link", name=re.compile(f"^Pourquoi.*{CAR}")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(CAR)
    expect(page.get_by_role("table", name="Aller et retour, jour par jour")).to_contain_text("vendredi")
    page.goto(dossier)
    impossibles = page.get_by_role("group").filter(has_text=re.compile(r"\d+ pas possibles? :")).last
    impossibles.locator("summary").first.click()
    impossibles.locator("details > summary").first.click()  # grouped by reason
    impossibles.get_by_role("link", name=re.compile("^Pourquoi")).first.click()
    expect(page.get_by_role("table", name="Ce qui a été regardé")).to_contain_text("Non")
    page.goto(dossier)


def _choisir(page: Page, dossier: str) -> None:
    """Step 3: keep two, put one aside and say why."""
    for nom in (CAR, VOITURE):
        page.get_by_role("button", name=re.compile(f"^Garder au plan : {nom}")).click()
        expect(page.get_by_role("region", name="Son plan")).to_contain_text(nom)
    carte = page.get_by_role("article").filter(has=page.get_by_role("heading", name=COVOITURAGE, exact=True))
    carte.get_by_text("Mettre de côté…").click()
    carte.get_by_label("Pourquoi ?", exact=True).fill("Elle préfère voyager seule.")
    carte.get_by_role("button", name="Mettre de côté", exact=True).click()
    page.goto(dossier)
    expect(page.get_by_role("region", name="Son plan")).not_to_contain_text(COVOITURAGE)
    # Put aside is folded with its reason, never lost.
    expect(page.get_by_role("main")).to_contain_text("Elle préfère voyager seule.")


def _tenir_le_plan(page: Page) -> None:
    """Step 3: reorder, and give the first step its day."""
    page.get_by_role("link", name="Ouvrir le plan").click()
    page.get_by_label("Son but, avec ses mots").fill(BUT)
    page.get_by_role("button", name="Noter son but").click()
    etapes = page.get_by_role("main").get_by_role("heading", level=3)
    expect(etapes.first).to_contain_text(CAR)
    page.get_by_role("button", name=re.compile(f"^Monter : .*{VOITURE}")).click()
    expect(etapes.first).to_contain_text(VOITURE)
    premiere = page.get_by_role("listitem").filter(has=page.get_by_label("Heure")).first
    demain = aujourd_hui() + timedelta(days=1)
    premiere.get_by_label("Jour", exact=True).fill(demain.isoformat())
    premiere.get_by_label("Heure").fill("09:30")
    premiere.get_by_label("Lieu").fill("au garage, à Verdun")
    premiere.get_by_role("button", name=re.compile("^Enregistrer")).click()
    expect(premiere.get_by_label("Heure")).to_have_value("09:30")
    page.get_by_role("link", name="Retour au dossier").click()


def _faire_le_diagnostic(page: Page, dossier: str) -> None:
    """Step 4: any section in any order, kept as it is said; under half, no level."""
    page.goto(f"{dossier}/diagnostic")
    page.get_by_role("link", name=re.compile("^La confiance")).click()
    # Fears stay folded until they are useful.
    replis = page.get_by_text("À ouvrir quand c'est utile")
    echelles = page.get_by_role("main").get_by_role("group").filter(has=page.get_by_role("radio"))
    expect(echelles).to_have_count(0)
    replis.click()
    derniere = echelles.last.get_by_role("radio").first
    derniere.check()
    enregistre = page.get_by_role("status").filter(has_text=re.compile(r"^Enregistré à \d"))
    expect(enregistre).to_be_visible()
    page.reload()
    replis.click()
    expect(derniere).to_be_checked()
    page.get_by_role("link", name="Voir les résultats").click()
    axe = page.get_by_role("region", name="Psychologique")
    expect(axe).to_contain_text("à compléter")
    page.goto(f"{dossier}/diagnostic/D5")
    replis.click()
    for rang in range(echelles.count()):
        echelles.nth(rang).get_by_role("radio").first.check()
    expect(enregistre).to_be_visible()
    page.get_by_role("link", name="Voir les résultats").click()
    expect(axe).to_contain_text(re.compile("frein fort|frein moyen|sans impact"))
    axe.get_by_text("Les réponses qui le disent").click()
    expect(axe.get_by_role("row").nth(1)).to_contain_text(re.compile(r"[0-3] sur 3"))


def _lire_l_accueil(page: Page, dossier: str) -> None:
    """Step 5: the nearest Maison, how and how sure; the ten others folded."""
    page.goto(dossier)
    accueil = page.get_by_role("region", name="Maison la plus proche")
    expect(accueil).to_contain_text("Étain")
    expect(accueil).to_contain_text("démonstration")
    expect(accueil).to_contain_text(re.compile(r"\d+ (à \d+ )?min"))
    expect(accueil).to_contain_text("estimation, sans réseau routier")
    autres = accueil.get_by_role("listitem")
    expect(autres).to_have_count(0)
    accueil.get_by_text("Les 10 autres Maisons").click()
    expect(autres).to_have_count(10)


def _imprimer(page: Page, dossier: str) -> None:
    """Step 6: the adviser's copy, and the person's page without the words that never reach her."""
    page.goto(dossier)
    for lien in ("Imprimer la synthèse", "Imprimer sa page"):
        adresse = page.get_by_role("link", name=lien).get_attribute("href")
        assert adresse is not None
        reponse = page.context.request.get(adresse)
        assert reponse.ok
        assert reponse.body().startswith(b"%PDF")
        feuilles = PdfReader(io.BytesIO(reponse.body())).pages
        texte = " ".join(" ".join(feuille.extract_text() for feuille in feuilles).split())
        assert BUT in texte
    assert "9 h 30" in texte
    assert not MOTS_QU_ELLE_NE_LIT_PAS.search(texte)


def _donner_la_carte(page: Page, dossier: str) -> str:
    """The paper card she comes in with: shown once."""
    page.goto(f"{dossier}/carte")
    page.get_by_role("button", name="Donner une carte").click()
    code = page.get_by_role("region", name="Son code").get_by_text(
        re.compile(r"^\s*[2-9A-Z]{4} [2-9A-Z]{4}\s*$")
    )
    return code.inner_text().strip()


def _voir_ses_etapes(page: Page, code: str) -> None:
    """Step 7, the personne: her goal in her words, what comes next, nothing that is not for her."""
    page.goto("/ma-carte")
    page.get_by_label("Les 8 signes de la carte").fill(code.lower())
    page.get_by_role("button", name="Voir mes déplacements").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(BUT)
    etapes = page.get_by_role("list", name="Vos prochaines étapes")
    expect(etapes.get_by_role("heading").first).to_contain_text("Demain à 9 h 30")
    expect(etapes).to_contain_text("au garage, à Verdun")
    contenu = page.get_by_role("main")
    expect(contenu).not_to_contain_text(MOTS_QU_ELLE_NE_LIT_PAS)
    expect(contenu.get_by_role("link", name=re.compile(r"\d\d \d\d")).first).to_have_attribute(
        "href", re.compile("^tel:")
    )


def _demander_trois_jours(page: Page) -> None:
    """Step 7, the personne: a vehicle for three days."""
    page.get_by_role("link", name="Demander un véhicule").click()
    expect(page.get_by_role("main")).not_to_contain_text(MOTS_QU_ELLE_NE_LIT_PAS)
    page.get_by_role("link", name=re.compile(f"{VOITURE}")).first.click()
    page.get_by_role("radio", name="3 jours").check()
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("heading", level=1, name="Demande envoyée")).to_be_visible()


def _confirmer(page: Page) -> None:
    """Step 7, the partenaire: papers and deposit seen, place confirmed."""
    page.get_by_role("link", name=f"Répondre à {PRENOM}").click()
    oui = page.get_by_role("region", name="Oui, c’est possible")
    oui.get_by_label("J’ai vu les papiers").check()
    oui.get_by_role("group", name=re.compile("^Caution")).get_by_role("radio").first.check()
    oui.get_by_label("Place confirmée par").fill("Jeanne")
    oui.get_by_role("button", name="Confirmer la place").click()
    expect(page.get_by_role("status")).to_contain_text("Place confirmée")
    expect(page.get_by_role("region", name="Clés à remettre")).to_contain_text(PRENOM)


def _publier_une_offre(page: Page) -> None:
    """Step 7, the partenaire: a car to rent, with its place, price, conditions and vehicle."""
    page.goto("/partenaire/offres")
    page.get_by_role("link", name="Enregistrer une offre").click()
    page.get_by_role("link", name="Location de voiture", exact=True).click()
    page.get_by_label("Nom de l’offre").fill(NOUVELLE)
    page.get_by_role("combobox", name="Commune où on la trouve").fill("etain")
    page.get_by_role("textbox", name=re.compile("^Par jour")).fill("4,50")
    page.get_by_role("textbox", name="Caution").fill("100")
    page.get_by_label("Âge minimum").fill("20")
    page.get_by_role("radio", name="La Meuse").check()
    page.get_by_role("radio", name=re.compile("^À toute heure")).check()
    vehicule = page.get_by_role("group").filter(has=page.get_by_text("Véhicule 1", exact=True))
    vehicule.get_by_label("Nom du véhicule").first.fill("Twingo verte n° 9")
    vehicule.get_by_label("Contrôle technique valable jusqu’au").first.fill(f"{aujourd_hui().year + 1}-06-30")
    vehicule.get_by_label("Assurance valable jusqu’au").first.fill(f"{aujourd_hui().year + 1}-06-30")
    page.get_by_role("button", name="Publier l’offre").click()
    expect(page.get_by_role("main")).to_contain_text(NOUVELLE)
    page.goto("/partenaire/offres")
    expect(page.get_by_role("button", name=f"Retirer {NOUVELLE}")).to_be_visible()


def _lire_les_cartes(page: Page) -> None:
    """Step 7, the Département: both maps, the same as a table and as a file."""
    page.goto("/pilotage/")
    main = page.get_by_role("main")
    for titre in ("En voiture", "Sans voiture"):
        carte = page.get_by_role("figure").filter(
            has=page.get_by_role("heading", name=re.compile(titre, re.IGNORECASE))
        )
        expect(carte.get_by_role("img").first).to_be_visible()
    for mot in ("Emplacements de démonstration", "estimation, sans réseau routier", "Date du calcul"):
        expect(main).to_contain_text(mot)
    page.get_by_role("link", name=re.compile("^Tableau des communes, en voiture")).click()
    lignes = page.get_by_role("table").get_by_role("row")
    expect(lignes).to_have_count(COMMUNES_DE_LA_MEUSE + 1)
    with page.expect_download() as telechargement:
        page.get_by_role("link", name="Télécharger ce tableau (CSV)").click()
    texte = telechargement.value.path().read_bytes().decode("utf-8-sig")
    tableau = list(csv.DictReader(io.StringIO(texte), delimiter=";"))
    assert len(tableau) == COMMUNES_DE_LA_MEUSE
    assert {ligne["methode"] for ligne in tableau} == {"estimation, sans réseau routier"}
    assert {ligne["demonstration"] for ligne in tableau} == {"oui"}
    assert len({ligne["calcule_le"] for ligne in tableau}) == 1
    assert tableau[0]["calcule_le"] == aujourd_hui().isoformat()
