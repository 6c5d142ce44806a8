"""The mechanic outside, on a telephone: the keys go out with a photo, come back with a scratch, and it is settled."""

from __future__ import annotations

import io
import re
from datetime import timedelta

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from mobilite.base import PARIS, maintenant
from mobilite.flotte import Vehicule
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.e2e.navigateur import ETROIT, Ouvrir, Taille
from tests.e2e.serveur import Serveur
from tests.e2e.visiteurs import PARTENAIRE, entrer
from web.base_de_donnees import creer_moteur

TELEPHONE = Taille("telephone", 390, 800, tactile=True)


def test_the_mechanic_hands_over_and_takes_back_on_a_telephone(ouvrir: Ouvrir, serveur: Serveur) -> None:
    prenom = une_place_confirmee(serveur)
    page = ouvrir(TELEPHONE)
    entrer(page, PARTENAIRE)

    page.get_by_role("link", name=f"Remettre les clés : {prenom}").click()
    page.set_viewport_size({"width": ETROIT.largeur, "height": ETROIT.hauteur})
    assert page.evaluate("document.documentElement.scrollWidth") <= ETROIT.largeur
    page.set_viewport_size({"width": TELEPHONE.largeur, "height": TELEPHONE.hauteur})
    _compteur(page, "45210", "6/8", "Propre")
    page.get_by_role("group", name="Gilet jaune").get_by_label("Là").check()
    _continuer(page, "Dommages")
    _continuer(page, "Photos")
    page.get_by_label("Photo").set_input_files(_photo())
    page.get_by_role("button", name="Ajouter la photo").click()
    expect(page.get_by_text("1 photo sur 8")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Photo prise"))).to_have_js_property("naturalWidth", 1600)
    _continuer(page, "Signer")
    _signer(page, "Signer et remettre les clés")

    page.get_by_role("link", name="Commencer : Retour").click()
    _compteur(page, "45300", "la moitié", "Propre")
    _continuer(page, "Dommages")
    page.get_by_label("Où").select_option("avant")
    page.get_by_label("Quoi").fill("Rayure")
    _continuer(page, "Photos")
    _continuer(page, "Prix")
    page.get_by_role("group", name=re.compile("^Adhésion")).get_by_label("Déjà payée").check()
    page.get_by_role("group", name=re.compile("^Une aide")).get_by_label("Non", exact=True).check()
    _continuer(page, "Signer")
    ecarts = page.locator("#ecarts")
    for dit in ("90 kilomètres.", "Carburant : 2/8 de moins", "Nouveau dommage : avant : Rayure"):
        expect(ecarts).to_contain_text(dit)
    _signer(page, "Signer et reprendre le véhicule")
    expect(page.locator("#compte tfoot")).to_contain_text(re.compile(r"À payer\s*\d"))
    page.get_by_label("Rendue en entier").check()
    page.get_by_role("button", name="Terminer ce séjour").click()
    expect(page.locator("#caution")).to_contain_text("rendue en entier")
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE.largeur


def une_place_confirmee(serveur: Serveur) -> str:
    """A confirmed booking that begins today on the first vehicle of the demonstration; the first name."""
    moteur = creer_moteur(URL.create("sqlite", database=str(serveur.journal.parent / "mobilite.sqlite")))
    minuit = maintenant().astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    with Session(moteur) as session, session.begin():
        vehicule = session.scalars(select(Vehicule).order_by(Vehicule.id).limit(1)).one()
        personne = session.scalars(select(Personne).order_by(Personne.id).limit(1)).one()
        session.add(
            Reservation(
                vehicule_id=vehicule.id,
                personne_id=personne.id,
                demandee_par=999,
                debut=minuit,
                fin=minuit + timedelta(days=3),
                expire_le=minuit,
                statut=StatutReservation.CONFIRMEE,
                place_confirmee_par="Paul",
                place_confirmee_le=maintenant(),
                papiers_vus_le=minuit.date(),
                caution_vue_le=minuit.date(),
                cle_idempotence="remettre",
            )
        )
        prenom = personne.prenom
    moteur.dispose()
    return prenom


def _compteur(page: Page, km: str, niveau: str, proprete: str) -> None:
    page.get_by_label("Kilomètres au compteur").fill(km)
    page.get_by_role("group", name="Carburant").get_by_label(niveau, exact=True).check()
    page.get_by_role("group", name="Propreté").get_by_label(proprete, exact=True).check()
    _continuer(page, "Équipement")


def _continuer(page: Page, etape: str) -> None:
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator(".etapes [aria-current]")).to_have_text(etape)


def _signer(page: Page, bouton: str) -> None:
    page.get_by_label("Nom, pour la structure").fill("Paul")
    page.get_by_label("Écrire « lu et approuvé », pour la structure").fill("lu et approuvé")
    page.get_by_label("Écrire « lu et approuvé », pour la personne").fill("lu et approuvé")
    page.get_by_role("button", name=bouton).click()
    expect(page.get_by_text("C’est signé.")).to_be_visible()


def _photo() -> FilePayload:
    sortie = io.BytesIO()
    Image.new("RGB", (2000, 1500), "seagreen").save(sortie, "JPEG")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": sortie.getvalue()}
