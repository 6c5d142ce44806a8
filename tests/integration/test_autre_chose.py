"""What the adviser has to propose to somebody left without a vehicle, when she has no page to read it on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import PARIS
from mobilite.flotte import Vehicule
from mobilite.reservation import Reservation
from tests.conftest import Entrer
from tests.fabriques import CONSEILLERE, VUS, cles, le_partenaire, un_vehicule, une_offre
from tests.integration.bureau import Bureau
from web import reservations
from web.app import Application
from web.calendrier import minuit
from web.transaction import transaction

LE = datetime(2026, 10, 20, 9, tzinfo=PARIS)
JOURS = {"debut": minuit(date(2026, 11, 3)), "fin": minuit(date(2026, 11, 6))}
cle = cles()


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=False):
        yield


@pytest.fixture
def bureau(app: Application, entrer: Entrer) -> Bureau:
    return Bureau(app, entrer(RoleActeur.CONSEILLER))


def refusee(session: Session, reservation: Reservation) -> None:
    par = le_partenaire(reservation.vehicule.offre.structure)
    reservations.refuser(session, reservation, par=par, motif="Un retour en retard.", le=LE)


def sans_reponse(session: Session, reservation: Reservation) -> None:
    reservation.expire_le = LE - timedelta(hours=1)


def arretee(session: Session, reservation: Reservation) -> None:
    par = le_partenaire(reservation.vehicule.offre.structure)
    reservations.confirmer(session, reservation, par=par, le=LE, **VUS)
    reservation.vehicule.en_service = False


def demander(session: Session, personne_id: int, **choix: Any) -> Reservation:
    return reservations.demander(
        session, acteur=CONSEILLERE, cle=cle(), personne_id=personne_id, le=LE, **(JOURS | choix)
    )


@pytest.mark.parametrize("perdre", [refusee, sans_reponse, arretee])
def test_the_dossier_proposes_what_else_is_free_until_something_else_is_asked(
    bureau: Bureau, perdre: Callable[[Session, Reservation], None]
) -> None:
    adresse = bureau.ouvrir(prenom="Nadia")
    elle = bureau.personne(adresse)
    with bureau.app.app_context(), transaction() as session:
        offre = une_offre()
        grise, bleue = un_vehicule(offre, libelle="Clio grise"), un_vehicule(offre, libelle="Zoé bleue")
        session.add_all([grise, bleue])
        session.flush()
        sienne = demander(session, elle.id, offre=offre, vehicule=grise)
    assert "Libre à la place" not in bureau.page(adresse)
    with bureau.app.app_context(), transaction() as session:
        perdre(session, session.get_one(Reservation, sienne.id))
    page = bureau.page(adresse)
    lien = re.search(r'<a href="([^"]+)">Zoé bleue</a>, aux mêmes dates', page)
    assert lien, page[page.index("Véhicules réservés") :][:2000]
    formulaire = bureau.page(unescape(lien[1]))
    assert 'value="2026-11-03"' in formulaire
    with bureau.app.app_context(), transaction() as session:
        zoe = session.get_one(Vehicule, bleue.id)
        demander(session, elle.id, offre=zoe.offre, vehicule=zoe)
    assert "Libre à la place" not in bureau.page(adresse)
