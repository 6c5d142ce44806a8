"""The page of one of her bookings: it says where it stands, and nothing that is done already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.motif_reservation import MotifSansSuite, SansCaution
from mobilite.offre import Offre
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre, une_personne, une_structure
from web import reservations
from web.app import Application
from web.calendrier import jours_entiers
from web.transaction import lecture, transaction

LE = datetime(2026, 10, 20, 9, tzinfo=PARIS)
FICHE: dict[str, Any] = {
    "prix": {"jour": 4, "semaine": 20, "adhesion": 5, "caution": 300},
    "documents": ["permis de conduire", "RIB"],
}


class Sienne(NamedTuple):
    """Somebody on her phone, and her request for seven days."""

    app: Application
    elle: FlaskClient
    uuid: UUID

    @property
    def page(self) -> str:
        """Her booking, as she reads it."""
        return self.lire(f"/mes-deplacements/demande/{self.uuid}")

    def lire(self, adresse: str) -> str:
        """A page or a file of hers, as text; the lines of an ``.ics`` are folded."""
        reponse = self.elle.get(adresse)
        assert reponse.status_code == 200, adresse
        return unescape(reponse.text).replace("\u00a0", " ").replace("\r\n ", "")

    def devient(self, **valeurs: Any) -> None:
        """What the structure has noted since."""
        with self.app.app_context(), transaction() as session:
            reservation = session.scalars(select(Reservation)).one()
            for nom, valeur in valeurs.items():
                setattr(reservation, nom, valeur)


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=False):
        yield


@pytest.fixture
def sienne(app: Application) -> Sienne:
    with app.app_context(), transaction() as session:
        offre = une_offre(structure=une_structure(nom="Garage du Pont"), fiche=FICHE)
        personne = une_personne(permis="B", annee_naissance=1990)
        session.add_all([un_vehicule(offre, libelle="Clio grise"), personne])
        session.flush()
        debut, fin = jours_entiers(date(2026, 11, 3), 7)
        demande = reservations.demander(
            session,
            acteur=CONSEILLERE,
            offre=offre,
            debut=debut,
            fin=fin,
            cle="une-seule-cle-de-formulaire",
            personne_id=personne.id,
        )
        compte = compte_de(session, RoleActeur.PERSONNE, personne_id=personne.id)
        return Sienne(app, client_de(app, compte.jeton_session), demande.uuid)


CONFIRMEE: dict[str, Any] = {
    "statut": StatutReservation.CONFIRMEE,
    "place_confirmee_par": "Paul",
    "place_confirmee_le": LE,
}
VUS: dict[str, Any] = {"papiers_vus_le": LE.date(), "caution_vue_le": LE.date()}


def test_only_what_was_not_seen_yet_is_still_to_be_shown(sienne: Sienne) -> None:
    agenda = f"/mes-deplacements/demande/{sienne.uuid}/agenda.ics"
    for texte in (sienne.page, sienne.lire(agenda)):
        assert "ermis de conduire" in texte
        assert "RIB" in texte
        assert "a caution : 300" in texte
    sienne.devient(documents_vus={"RIB": "2026-10-20"})
    assert "Permis de conduire" in sienne.page
    assert "RIB" not in sienne.page
    sienne.devient(**CONFIRMEE, papiers_vus_le=LE.date(), sans_caution=SansCaution.AVANCEE)
    for texte in (sienne.page, sienne.lire(agenda)):
        assert "ermis de conduire" not in texte
        assert "a caution : 300" not in texte
        assert "À apporter" not in texte
        assert "montrer" not in texte
    sienne.devient(sans_caution=None)
    assert "Encore à montrer le jour du départ" in sienne.page
    assert "La caution : 300" in sienne.page


@pytest.mark.parametrize(
    ("valeurs", "dit"),
    [
        ({"statut": StatutReservation.RENDUE}, "Rendu, merci. Garage du Pont finit avec vous : le prix,"),
        ({"statut": StatutReservation.CLOTUREE}, "Terminé. C’est fini, merci."),
        (
            {"statut": StatutReservation.ABSENTE, "motif": MotifSansSuite.TRANSPORT},
            "Le départ n’a pas eu lieu. Ce n’est pas grave.",
        ),
    ],
)
def test_what_is_over_is_said_and_what_is_still_open_too(
    sienne: Sienne, valeurs: dict[str, Any], dit: str
) -> None:
    sienne.devient(**CONFIRMEE | VUS | valeurs)
    for page in (sienne.page, sienne.lire("/mes-deplacements/")):
        assert dit in page.replace("<strong>", "").replace("</strong>", "")
    absente = valeurs["statut"] is StatutReservation.ABSENTE
    assert ("Demander autre chose" in sienne.page) is absente
    assert "Annuler ma demande" not in sienne.page


def test_what_the_stay_will_cost_is_said_before_and_after_asking_never_as_granted(sienne: Sienne) -> None:
    with sienne.app.app_context(), lecture() as session:
        offre = session.scalars(select(Offre.uuid)).one()
    avant = sienne.lire(f"/mes-deplacements/vehicule/{offre}?jours=9")
    for duree in (
        "1 jour (4 €)",
        "7 jours : une semaine (20 €)",
        "9 jours (36 €)",
        "14 jours : deux semaines (40 €)",
    ):
        assert duree in avant
    assert "Prix prévu pour 7 jours : 20 €</strong> (1 semaine à 20 €, pour 7 jours)" in sienne.page
    for page in (avant, sienne.page):
        assert "’est une estimation, sans le carburant ou la recharge, ni ce qui se compte au retour." in page
        assert "L’adhésion est en plus : 5 €, si elle n’est pas déjà payée." in page
        assert "La caution n’est pas dedans : 300 €" in page
        assert "Secours du CCAS ou de la mairie. À vérifier avec votre conseillère." in page
        # A loan is no help to pay for some days, and an aid for the licence neither.
        assert "icrocrédit" not in page
    sienne.devient(**CONFIRMEE | VUS)
    assert "La caution n’est pas dedans" not in sienne.page


def test_what_is_held_out_instead_says_its_price_too(sienne: Sienne) -> None:
    sienne.devient(statut=StatutReservation.EXPIREE)
    assert "7 jours à partir du mardi 3 novembre, 20 €</span>" in sienne.page
    assert "Prix prévu" not in sienne.page


@pytest.mark.parametrize("prix", [{}, {"km": 0.1}, {"jour": 4, "km": 0.1}])
def test_a_price_nobody_can_tell_yet_is_to_be_checked(sienne: Sienne, prix: dict[str, Any]) -> None:
    with sienne.app.app_context(), transaction() as session:
        session.scalars(select(Offre)).one().fiche = FICHE | {"prix": prix}
    assert "Prix prévu pour 7 jours : à vérifier" in sienne.page
    assert "est une estimation" not in sienne.page
    with sienne.app.app_context(), lecture() as session:
        offre = session.scalars(select(Offre.uuid)).one()
    assert "est une estimation" not in sienne.lire(f"/mes-deplacements/vehicule/{offre}")


def test_a_free_vehicle_is_said_free_and_needs_no_aid(sienne: Sienne) -> None:
    with sienne.app.app_context(), transaction() as session:
        session.scalars(select(Offre)).one().fiche = FICHE | {"prix": {"gratuit": True}}
    assert "Prix prévu pour 7 jours : gratuit" in sienne.page
    assert "Peut être aidé" not in sienne.page


def test_the_adviser_reads_the_same_estimate_for_the_days_of_the_calendar(sienne: Sienne) -> None:
    with sienne.app.app_context(), transaction() as session:
        offre = session.scalars(select(Offre.uuid)).one()
        personne = session.scalars(select(Reservation)).one().personne
        assert personne is not None
        claire = compte_de(session, RoleActeur.CONSEILLER)
        dossier = personne.uuid
    reponse = client_de(sienne.app, claire.jeton_session).get(
        f"/conseiller/dossiers/{dossier}/reserver/{offre}?jours=5"
    )
    page = unescape(reponse.text).replace("\u00a0", " ")
    assert "Prix prévu pour 5 jours : 20 €</strong> (5 jours à 4 €)" in page
    assert "30 jours : un mois (100 €)" in page
    assert "Caution à part : 300 €" in page
    assert "Secours du CCAS ou de la mairie" in page
