"""The mechanic tells a breakdown on a telephone, and sees at once who has another vehicle."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from mobilite.base import PARIS, maintenant
from mobilite.flotte import Vehicule
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.e2e.navigateur import Ouvrir, Taille
from tests.e2e.serveur import Serveur
from tests.e2e.visiteurs import PARTENAIRE, entrer
from web.base_de_donnees import creer_moteur

TELEPHONE = Taille("petit telephone", 320, 640, tactile=True)
STOPPEE = "Clio grise n° 1"
PRENOM = "Amina"


def test_the_mechanic_tells_a_breakdown_on_a_telephone_and_sees_who_was_given_another_car(
    ouvrir: Ouvrir, serveur: Serveur
) -> None:
    prenom = une_place_confirmee(serveur)
    page = ouvrir(TELEPHONE)
    entrer(page, PARTENAIRE)
    page.get_by_role("navigation").get_by_role("link", name="Le parc").click()

    page.get_by_role("link", name=f"Signaler une panne : {STOPPEE}").tap()
    page.get_by_role("button", name="Signaler").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"{STOPPEE} : en panne")
    relogee = page.locator("#relogees li")
    expect(relogee).to_contain_text(prenom)
    expect(relogee).to_contain_text(re.compile("A maintenant (Clio bleue|Berlingo)"))
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE.largeur

    page.get_by_role("button", name="Il roule à nouveau").tap()
    expect(page.get_by_text("Il roule à nouveau : on peut le réserver.")).to_be_visible()


def une_place_confirmee(serveur: Serveur) -> str:
    """A confirmed booking of next week on the car that stops; the first name."""
    moteur = creer_moteur(URL.create("sqlite", database=str(serveur.journal.parent / "mobilite.sqlite")))
    minuit = maintenant().astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    with Session(moteur) as session, session.begin():
        vehicule = session.scalars(select(Vehicule).where(Vehicule.libelle == STOPPEE)).one()
        personne = Personne(
            prenom=PRENOM,
            annee_naissance=1985,
            permis={"type": "B", "obtenu_le": "2010-05-01"},
            rattachement="55545",
            demonstration=True,
        )
        session.add(personne)
        session.flush()
        session.add(
            Reservation(
                vehicule_id=vehicule.id,
                personne_id=personne.id,
                demandee_par=999,
                debut=minuit + timedelta(days=40),
                fin=minuit + timedelta(days=43),
                expire_le=minuit,
                statut=StatutReservation.CONFIRMEE,
                place_confirmee_par="Paul",
                place_confirmee_le=minuit,
                cle_idempotence="panne-e2e",
            )
        )
    moteur.dispose()
    return PRENOM
