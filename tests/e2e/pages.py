"""The pages of the story, role by role, each one as somebody reaches it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from playwright.sync_api import Page

from mobilite.base import ce_jour
from tests.e2e.visiteurs import (
    BENEVOLES,
    CONSEILLERE,
    DEPARTEMENT,
    PARTENAIRE,
    PERSONNE,
    entrer,
    ouvrir_dossier,
)

NADIA = "Nadia Exemple-Bernard"
"""Her dossier in the demonstration holds a need, answers and no step of a plan."""


Pages = Callable[[Page], Iterator[str]]
"""Leaves the browser on each page open to somebody, and says its name."""


def public(page: Page) -> Iterator[str]:
    for adresse in ("/", "/connexion", "/ma-carte", "/accessibilite", "/donnees-personnelles", "/rien-ici"):
        page.goto(adresse)
        yield adresse
    page.goto("/ma-carte")
    page.get_by_label("Les 8 signes de la carte").fill("AAAA AAAA")
    page.get_by_role("button", name="Voir mes déplacements").click()
    yield "carte refusée"


def conseillere(page: Page) -> Iterator[str]:
    entrer(page, CONSEILLERE)
    yield "file"
    for adresse in ("/conseiller/?q=nadia", "/conseiller/dossiers", "/conseiller/dossiers/nouveau"):
        page.goto(adresse)
        yield adresse
    page.get_by_role("textbox", name="Téléphone").fill("12")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    yield "nouveau dossier refusé"
    dossier = ouvrir_dossier(page, NADIA)
    deplier(page)
    yield "dossier"
    page.get_by_role("button", name=re.compile("^Garder au plan")).first.click()
    for suite in (
        "identite",
        "moyens",
        "besoins/nouveau",
        "plan",
        "parcours",
        "pourquoi/car-etain-verdun",
        "pourquoi/loc-voiture-verdun",
        "diagnostic",
        "diagnostic/D0",
        "diagnostic/D3",
        "diagnostic/papier",
        "exercices/carte",
        "diagnostic/resultats",
        "diagnostic/comparaison",
        "aides",
        "carte",
        "conducteurs",
        "messages",
        "reserver",
    ):
        page.goto(f"{dossier}/{suite}")
        deplier(page)
        yield f"dossier/{suite}"
    page.get_by_role("link", name=re.compile("^Choisir")).first.click()
    deplier(page)
    yield "réserver pour elle"
    page.goto(f"{dossier}/besoins/nouveau")
    page.get_by_role("button", name="Enregistrer le besoin").click()
    yield "besoin refusé"
    page.goto(dossier)
    page.get_by_role("button", name="Mettre en attente").click()
    yield "en attente"
    page.get_by_role("button", name="Reprendre").click()
    for adresse in ("/conseiller/messages", "/conseiller/messages/lettres", "/conseiller/vehicules-attendus"):
        page.goto(adresse)
        deplier(page)
        yield adresse


def personne(page: Page) -> Iterator[str]:
    entrer(page, PERSONNE)
    yield "mes déplacements"
    page.goto("/mes-deplacements/vehicule")
    yield "quel véhicule"
    page.get_by_role("link", name=re.compile("^Choisir")).first.click()
    yield "quels jours"
    page.get_by_role("link", name="Voir les jours libres").click()
    deplier(page)
    yield "les jours libres"
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("button", name="Envoyer ma demande").click()
    yield "demande envoyée"
    page.get_by_role("link", name="Changer les jours").click()
    yield "changer les jours"
    page.goto("/mes-deplacements/")
    yield "mes déplacements, une demande en cours"
    page.get_by_role("region", name="Mes véhicules").get_by_role("link").first.click()
    page.get_by_role("button", name="Annuler ma demande").click()
    yield "mes déplacements, une demande annulée"
    page.goto("/mes-deplacements/messages")
    yield "vos messages"
    page.goto("/mes-deplacements/partage")
    yield "qui voit vos étapes"
    for adresse in ("point", "point/D2_abri_velo", "point/D6_heure_depart"):
        page.goto(f"/mes-deplacements/{adresse}")
        yield adresse


def partenaire(page: Page) -> Iterator[str]:
    entrer(page, PERSONNE)
    page.goto("/mes-deplacements/vehicule")
    page.get_by_role("link", name=re.compile("^Choisir Vélo électrique à Étain")).click()
    page.get_by_role("button", name="Envoyer ma demande").click()
    page.get_by_role("button", name=re.compile("^Quitter")).click()
    entrer(page, PARTENAIRE)
    yield "demandes"
    page.get_by_role("link", name=re.compile("^Répondre")).first.click()
    yield "demande"
    # Past the checks of the browser, the server has its own.
    page.evaluate("document.querySelectorAll('main form').forEach((f) => { f.noValidate = true; })")
    page.get_by_role("button", name="Confirmer la place").click()
    yield "réponse refusée"
    non = page.get_by_role("region", name="Non, pas cette fois")
    non.get_by_role("radio").first.check()
    non.get_by_role("button", name="Refuser la demande").click()
    for adresse in (
        "offres",
        "vehicules",
        "echeances",
        "relogement",
        "repartition",
        "calendrier",
        "calendrier/adresse",
        "offres/nouvelle",
        "messages",
        "personnes-suivies",
        "offres/nouvelle?genre=location_voiture",
    ):
        page.goto(f"/partenaire/{adresse}")
        yield adresse
    deplier(page)
    page.get_by_role("button", name="Publier l’offre").click()
    yield "offre refusée"
    page.goto("/partenaire/offres")
    page.get_by_role("link", name=re.compile("^Règles de la flotte")).first.click()
    deplier(page)
    yield "règles de la flotte"
    page.goto("/partenaire/offres")
    page.get_by_role("list").get_by_role("heading", level=2).get_by_role("link").first.click()
    yield "offre"
    for adresse in ("trajets", "apparier", "trajets/nouveau"):
        page.goto(f"/partenaire/{adresse}")
        deplier(page)
        yield adresse
    page.get_by_role("button", name="Enregistrer le trajet").click()
    yield "trajet refusé"
    page.goto("/partenaire/")
    deplier(page)
    page.get_by_role("link", name="Karim, Berlingo blanc n° 3").click()
    page.get_by_role("link", name="État des lieux").click()
    yield "état des lieux d’un séjour fini"
    page.goto("/partenaire/appel")
    page.get_by_role("button", name="Noter la demande").click()
    yield "demande par téléphone refusée"
    lundi = ce_jour() + timedelta(days=91 - ce_jour().weekday())
    for voiture in ("Clio grise n° 1", "Clio bleue n° 2"):
        page.goto("/partenaire/appel")
        page.get_by_label("Qui appelle ?").select_option(index=1)
        page.get_by_label("Quel véhicule ?").select_option(voiture)
        page.get_by_label("Premier jour").fill(lundi.isoformat())
        page.get_by_label("Dernier jour").fill((lundi + timedelta(days=2)).isoformat())
        page.get_by_role("button", name="Noter la demande").click()
    page.get_by_role("link", name="Échanger les véhicules avec une autre réservation").click()
    yield "échanger deux véhicules"
    page.goto("/partenaire/vehicules")
    page.locator("#parc").get_by_role("heading").get_by_role("link").first.click()
    deplier(page)
    yield "fiche d’un véhicule"
    page.get_by_role("link", name="Signaler une panne").click()
    yield "signaler une panne"
    page.go_back()
    page.get_by_role("link", name="Corriger la fiche").click()
    yield "véhicule"


def benevoles(page: Page) -> Iterator[str]:
    entrer(page, CONSEILLERE)
    ouvrir_dossier(page, "Odette Exemple-Lallemand")
    page.get_by_role("link", name=re.compile("^Demander un transport solidaire")).first.click()
    yield "demander un transport"
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_role("button", name=re.compile("^Quitter")).click()
    entrer(page, BENEVOLES)
    for adresse in ("transports", "benevoles", "transports/semaine?jour=mardi", "benevoles/nouveau"):
        page.goto(f"/partenaire/{adresse}")
        deplier(page)
        yield adresse
    page.get_by_role("button", name="Enregistrer").click()
    yield "bénévole refusé"
    page.goto("/partenaire/transports")
    page.get_by_role("link", name=re.compile("^Trouver un bénévole")).first.click()
    deplier(page)
    yield "qui peut conduire"
    page.get_by_role("button", name=re.compile("^Proposer à")).first.click()
    deplier(page)
    yield "attendre la réponse"
    page.goto("/partenaire/transports")
    deplier(page)
    page.get_by_role("button", name=re.compile("accepte$")).first.click()
    yield "transport accepté"


def departement(page: Page) -> Iterator[str]:
    entrer(page, DEPARTEMENT)
    for adresse in (
        "",
        "communes?canton=5512",
        "territoires",
        "maisons",
        "catalogue",
        "catalogue/loc-voiture-verdun",
        "apparier",
    ):
        page.goto(f"/pilotage/{adresse}")
        yield f"pilotage/{adresse}"


def deplier(page: Page) -> None:
    """Open every fold: what is folded must be as readable as the rest."""
    page.evaluate("document.querySelectorAll('details').forEach((repli) => { repli.open = true; })")


ROLES: Mapping[str, Pages] = MappingProxyType(
    {
        "public": public,
        "conseillere": conseillere,
        "personne": personne,
        "partenaire": partenaire,
        "benevoles": benevoles,
        "departement": departement,
    }
)
