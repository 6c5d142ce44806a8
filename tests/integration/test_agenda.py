"""Bookings as other calendars read them: the same hours, the same state, and no more than they need to know."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, NamedTuple

import pytest
import time_machine
from dateutil.tz import tzical  # type: ignore[import-untyped]
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from mobilite.acteur import RoleActeur
from mobilite.agenda import AdresseAgenda
from mobilite.base import PARIS
from mobilite.journal import Evenement, LigneJournal
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import client_de, compte_de, valeur_de
from tests.fabriques import (
    CONSEILLERE,
    VUS,
    cles,
    le_partenaire,
    un_vehicule,
    une_offre,
    une_personne,
    une_structure,
)
from web import reservations
from web.agenda import FUSEAU, en_ics
from web.app import Application
from web.debits import debits
from web.transaction import lecture, transaction

LE = datetime(2026, 10, 15, 9, tzinfo=PARIS)


class Parc(NamedTuple):
    """A structure with a car, its partner signed in, and the numbers of four bookings."""

    app: Application
    partenaire: FlaskClient
    elle: FlaskClient
    reservations: tuple[int, ...]


@pytest.fixture(autouse=True)
def aujourd_hui() -> Any:
    with time_machine.travel(LE, tick=False) as voyage:
        yield voyage


def jour(mois: int, numero: int, an: int = 2026, heure: int = 0) -> datetime:
    return datetime(an, mois, numero, heure, tzinfo=PARIS)


@pytest.fixture
def parc(app: Application) -> Parc:
    with app.app_context(), transaction() as session:
        structure = une_structure(nom="Garage d’essai ; Étain, Meuse")
        offre = une_offre(structure=structure)
        vehicule = un_vehicule(offre, libelle="Clio « grise »")
        nadia = une_personne(prenom="Nadia", nom="Secrète", telephone="+33699887766")
        cachee = une_personne(prenom="Bérénice", contact_discret=True, conseiller_id=CONSEILLERE.id)
        session.add_all([vehicule, nadia, cachee])
        # Another structure, whose bookings are nobody's business here.
        ailleurs = un_vehicule(une_offre(), libelle="Zoé d’ailleurs")
        session.add(ailleurs)
        session.flush()
        cle = cles()
        demandees = [
            reservations.demander(
                session,
                acteur=CONSEILLERE,
                offre=v.offre,
                vehicule=v,
                debut=debut,
                fin=fin,
                cle=cle(),
                personne_id=qui.id,
            )
            for v, qui, debut, fin in (
                (vehicule, nadia, jour(10, 24), jour(10, 27)),  # over the night of October
                (vehicule, cachee, jour(3, 27, 2027, 8), jour(3, 29, 2027, 18)),  # over the night of March
                (vehicule, nadia, jour(12, 1), jour(12, 2)),
                (ailleurs, nadia, jour(11, 1), jour(11, 2)),
            )
        ]
        reservations.confirmer(session, demandees[0], par=le_partenaire(structure), **VUS)
        reservations.annuler(session, demandees[2], par=CONSEILLERE)
        gerante = compte_de(session, RoleActeur.PARTENAIRE, structure_id=structure.id)
        sien = compte_de(session, RoleActeur.PERSONNE, personne_id=nadia.id)
        numeros = tuple(r.id for r in demandees)
    return Parc(app, client_de(app, gerante.jeton_session), client_de(app, sien.jeton_session), numeros)


def donner(parc: Parc) -> str:
    """Ask for an address as the page does; the path it shows."""
    page = parc.partenaire.get("/partenaire/calendrier/adresse").text
    reponse = parc.partenaire.post("/partenaire/calendrier/adresse", data={"csrf_token": valeur_de(page)})
    trouvee = re.search(r'value="https?://[^/]+(/agenda/[^"]+)"', unescape(reponse.text))
    assert trouvee is not None, reponse.text
    return trouvee[1]


def lire(client: FlaskClient, adresse: str) -> list[Any]:
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    assert reponse.mimetype == "text/calendar"
    assert reponse.headers["Cache-Control"] == "no-store"
    calendrier = Calendar.from_ical(reponse.data)
    return list(calendrier.walk("VEVENT"))


def test_the_address_gives_back_every_booking_of_the_structure_to_the_minute_and_no_other(parc: Parc) -> None:
    lus = {str(e["uid"]): e for e in lire(parc.app.test_client(), donner(parc))}
    with parc.app.app_context(), lecture() as session:
        siennes = session.scalars(select(Reservation).where(Reservation.id.in_(parc.reservations[:3]))).all()
        attendus = {str(r.uuid): (r.debut, r.fin) for r in siennes}
    assert {u: (e["dtstart"].dt.astimezone(UTC), e["dtend"].dt.astimezone(UTC)) for u, e in lus.items()} == {
        u: (d.astimezone(UTC), f.astimezone(UTC)) for u, (d, f) in attendus.items()
    }
    statuts = {str(r.uuid): str(lus[str(r.uuid)]["status"]) for r in siennes}
    assert [statuts[str(r.uuid)] for r in sorted(siennes, key=lambda r: r.id)] == [
        "CONFIRMED",
        "TENTATIVE",
        "CANCELLED",
    ]
    # Told on the clock of the wall, so that it stays right whoever reads it.
    assert all(e["dtstart"].params["TZID"] == FUSEAU for e in lus.values())


def test_the_clocks_of_the_file_are_those_of_france_hour_by_hour_on_both_nights() -> None:
    ecrit = en_ics([]).decode()
    fuseau = tzical(io.StringIO(ecrit)).get(FUSEAU)
    assert fuseau is not None
    for depart in (datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2027, 3, 27, 20, tzinfo=UTC)):
        for quart in range(48):
            instant = depart + quart * timedelta(minutes=15)
            assert instant.astimezone(fuseau).utcoffset() == instant.astimezone(PARIS).utcoffset(), instant


def test_the_feed_carries_a_vehicle_and_an_initial_and_nothing_else_of_anybody(parc: Parc) -> None:
    evenements = lire(parc.app.test_client(), donner(parc))
    tout = "\n".join(f"{cle}:{valeur}" for e in evenements for cle, valeur in e.property_items())
    assert "Clio « grise », N." in tout
    assert "Clio « grise », réservé" in tout  # somebody who hides
    for secret in ("Nadia", "Secrète", "0699887766", "33699887766", "Bérénice", "B.", "Zoé"):
        assert secret not in tout, secret


def test_a_change_makes_a_later_revision_of_the_same_event(parc: Parc, aujourd_hui: Any) -> None:
    adresse = donner(parc)
    with parc.app.app_context(), lecture() as session:
        suivie = session.get_one(Reservation, parc.reservations[1])
        uid, expire_le = str(suivie.uuid), suivie.expire_le
    client = parc.app.test_client()

    def revision() -> tuple[int, datetime, str]:
        [e] = [e for e in lire(client, adresse) if str(e["uid"]) == uid]
        return int(e["sequence"]), e["dtstamp"].dt, str(e["status"])

    avant = revision()
    assert revision() == avant  # reading changes nothing
    # A request nobody answered is over for every reader, though no line was written.
    assert expire_le is not None
    aujourd_hui.move_to(expire_le + timedelta(hours=1))
    assert revision() == (avant[0] + 1, expire_le, "CANCELLED")
    with parc.app.app_context(), transaction() as session:
        reservations.liberer_les_demandes_expirees(session, None, expire_le + timedelta(hours=1))
    rang, le, statut = revision()
    assert (rang, statut) == (avant[0] + 1, "CANCELLED")
    assert le > avant[1]


def test_an_address_is_kept_as_a_hash_replaced_and_stopped_with_a_line_in_the_journal(parc: Parc) -> None:
    premiere = donner(parc)
    seconde = donner(parc)
    visiteur = parc.app.test_client()
    assert visiteur.get(premiere).status_code == 404
    assert visiteur.get(seconde).status_code == 200
    page = parc.partenaire.get("/partenaire/calendrier/adresse").text
    assert "en service depuis" in page
    secret = seconde.removeprefix("/agenda/").removesuffix(".ics")
    assert secret not in page  # shown once
    with parc.app.app_context(), lecture() as session:
        assert all(secret.encode() not in a.empreinte for a in session.scalars(select(AdresseAgenda)))
    parc.partenaire.post("/partenaire/calendrier/adresse/retirer", data={"csrf_token": valeur_de(page)})
    assert visiteur.get(seconde).status_code == 404
    assert visiteur.get("/agenda/.ics").status_code == visiteur.get("/agenda/x.ics").status_code == 404
    with parc.app.app_context(), lecture() as session:
        faits = session.scalars(
            select(LigneJournal.quoi)
            .where(LigneJournal.objet_type == AdresseAgenda.__tablename__)
            .order_by(LigneJournal.id)
        ).all()
    ouvert, retire = Evenement.AGENDA_OUVERT.value, Evenement.AGENDA_RETIRE.value
    assert faits == [ouvert, retire, ouvert, retire]


def test_too_many_readings_from_one_place_are_refused_for_a_while(parc: Parc) -> None:
    debits.reset()
    visiteur = parc.app.test_client()
    reponses = [visiteur.get("/agenda/au-hasard.ics").status_code for _ in range(121)]
    assert reponses[0] == 404
    assert reponses[-1] == 429


def test_each_reader_downloads_one_booking_and_somebody_else_s_does_not_exist(parc: Parc) -> None:
    with parc.app.app_context(), lecture() as session:
        sien, a_cachee, _, _ = (session.get_one(Reservation, n).uuid for n in parc.reservations)
    [a_elle] = lire(parc.elle, f"/mes-deplacements/demande/{sien}/agenda.ics")
    assert str(a_elle["summary"]) == "Clio « grise »"
    assert "Garage d’essai ; Étain, Meuse, Verdun" in str(a_elle["location"])
    assert "Appelez le" in str(a_elle["description"])
    assert "Nadia" not in a_elle.to_ical().decode()
    with parc.app.app_context(), transaction() as session:
        offre = session.get_one(Reservation, parc.reservations[0]).vehicule.offre
        offre.fiche = offre.fiche | {"lieu": "55122"}  # the vehicle is not where the structure is
    [a_elle] = lire(parc.elle, f"/mes-deplacements/demande/{sien}/agenda.ics")
    assert str(a_elle["location"]).endswith(", Commercy")
    assert "Le véhicule est à Commercy." in parc.elle.get(f"/mes-deplacements/demande/{sien}").text
    [a_la_flotte] = lire(parc.partenaire, f"/partenaire/demande/{sien}/agenda.ics")
    assert a_la_flotte["uid"] == a_elle["uid"] == str(sien)
    assert parc.elle.get(f"/mes-deplacements/demande/{a_cachee}/agenda.ics").status_code == 404


def test_a_file_of_a_place_given_up_tells_calendars_to_strike_it_out(parc: Parc) -> None:
    with parc.app.app_context(), lecture() as session:
        annulee = session.get_one(Reservation, parc.reservations[2])
        assert annulee.statut is StatutReservation.ANNULEE
        uuid = annulee.uuid
    [evenement] = lire(parc.elle, f"/mes-deplacements/demande/{uuid}/agenda.ics")
    assert (str(evenement["status"]), int(evenement["sequence"])) == ("CANCELLED", 1)
