"""What leaves, on both databases: sent once, never to somebody it could harm, never lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.journal import Evenement, LigneJournal
from mobilite.notification import Canal, CanalRefuse, EtatMessage, GenreMessage
from mobilite.personnes import Joindre, Personne
from tests.conftest import compte_de
from tests.fabriques import CONSEILLERE
from tests.integration.courrier import (
    DEBUT,
    MARDI,
    Boite,
    confirmer,
    ecriture,
    envoyer,
    horloge,
    le,
    messages,
    nadia,
    une_demande,
)
from web.config import Envois
from web.messages.envoi import envoyer_les_messages
from web.messages.expedition import AdresseInconnue, expediteurs
from web.messages.refus import changer_refus
from web.passages import Passage
from web.taches import oublier, retirer_les_messages

# To whom it must never go


@pytest.mark.parametrize(
    "change",
    [{"contact_discret": True}, {"message_possible": None}, {"message_possible": False}, {"telephone": None}],
)
def test_what_was_written_does_not_leave_when_it_may_not_be_read_any_more(
    moteur: Engine, change: dict[str, Any]
) -> None:
    with ecriture(moteur) as session:
        elle = nadia()
        confirmer(session, une_demande(session, elle))
    with ecriture(moteur) as session:
        for nom, valeur in change.items():
            setattr(session.get_one(Personne, elle.id), nom, valeur)
    boite = Boite()
    assert envoyer(moteur, boite) == 0 and boite.recus == []
    (message,) = messages(moteur)
    assert (message.etat, message.canal) == (EtatMessage.EN_ATTENTE, Canal.APPEL)


def test_without_a_telephone_somebody_tells_her_what_changes_her_coming_and_nothing_reminds_her(
    moteur: Engine,
) -> None:
    with ecriture(moteur) as session:
        elle = nadia(telephone=None, joindre=Joindre.RIEN)
        confirmer(session, une_demande(session, elle))
    horloge(moteur, le("2026-12-02T10:00"), GenreMessage.RAPPEL_VEHICULE)
    boite = Boite()
    assert envoyer(moteur, boite) == 0 and boite.recus == []
    (message,) = messages(moteur)
    assert (message.genre, message.canal) == (GenreMessage.PLACE_CONFIRMEE, Canal.APPEL)
    assert "de vive voix" in message.remarque


def test_a_refusal_that_came_meanwhile_is_obeyed(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle = nadia()
        confirmer(session, une_demande(session, elle))
        session.add(CanalRefuse(personne_id=elle.id, canal=Canal.SMS))
    boite = Boite()
    envoyer(moteur, boite)
    assert boite.recus == [] and messages(moteur)[0].canal is Canal.APPEL


def test_nothing_leaves_for_somebody_invented_and_what_follows_is_not_held_up(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        inventee = nadia(prenom="Inventée", telephone="+33639980000")
        inventee.demonstration = True
        confirmer(session, une_demande(session, inventee))
        confirmer(session, une_demande(session, nadia()))
    boite = Boite()
    assert envoyer(moteur, boite) == 1
    assert [destination for destination, _ in boite.recus] == ["+33639981234"]


@pytest.mark.parametrize(
    "quand", ["2026-11-24T08:59", "2026-11-24T19:00", "2026-11-29T12:00", "2026-12-25T12:00"]
)
def test_nothing_leaves_at_night_on_a_sunday_or_a_holiday(moteur_sqlite: Engine, quand: str) -> None:
    with ecriture(moteur_sqlite) as session:
        confirmer(session, une_demande(session, nadia(), le("2026-12-31T08:00")))
    boite = Boite()
    assert envoyer(moteur_sqlite, boite, le(quand)) == 0 and boite.recus == []


def test_without_a_way_out_messages_wait_then_come_too_late(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        confirmer(session, une_demande(session, nadia()))
    assert envoyer_les_messages(moteur, {}, horloge=lambda: MARDI) == 0
    assert messages(moteur)[0].libelle_etat == "À envoyer"
    with ecriture(moteur) as session:
        assert retirer_les_messages(session, Passage(DEBUT, ())) == 1
    boite = Boite()
    assert envoyer(moteur, boite, DEBUT + timedelta(hours=2)) == 0
    assert (messages(moteur)[0].etat, messages(moteur)[0].remarque) == (EtatMessage.RETIRE, "Trop tard.")


# Never lost, at most one repeat for a crash


def test_each_message_leaves_once_however_many_processes_send_and_the_journal_says_so(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        for rang in range(12):
            elle = nadia(prenom=f"Personne{rang}", telephone=f"+336399812{rang:02}")
            confirmer(session, une_demande(session, elle))
    boite = Boite()
    with ThreadPoolExecutor(4) as fils:
        partis = sum(fil.result() for fil in [fils.submit(envoyer, moteur, boite) for _ in range(4)])
    while envoyer(moteur, boite):  # whoever met a lock has left the rest
        pass
    assert len(boite.recus) == len(set(boite.recus)) == 12
    assert partis <= 12
    with Session(moteur) as session:
        envoyes = select(LigneJournal).where(LigneJournal.quoi == Evenement.MESSAGE_ENVOYE.value)
        assert len(session.scalars(envoyes).all()) == 12


def test_a_crash_between_sending_and_noting_repeats_once_after_the_lease(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        confirmer(session, une_demande(session, nadia()))

    class Mourante(Boite):
        def __call__(self, destinations: Sequence[str], titre: str, texte: str) -> bool:
            super().__call__(destinations, titre, texte)
            raise KeyboardInterrupt

    mourante, suivante = Mourante(), Boite()
    with pytest.raises(KeyboardInterrupt):
        envoyer(moteur, mourante)
    assert envoyer(moteur, suivante, MARDI + timedelta(minutes=1)) == 0
    assert envoyer(moteur, suivante, MARDI + timedelta(minutes=3)) == 1
    assert envoyer(moteur, suivante, MARDI + timedelta(minutes=9)) == 0
    assert len(mourante.recus) == len(suivante.recus) == 1


def test_whoever_was_frozen_past_its_lease_sends_nothing(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        confirmer(session, une_demande(session, nadia()))
    instants = iter([MARDI, MARDI, MARDI, *[MARDI + timedelta(minutes=3)] * 9])
    boite = Boite()
    assert envoyer_les_messages(moteur, {Canal.SMS: boite}, horloge=lambda: next(instants)) <= 1
    assert len(boite.recus) <= 1
    assert envoyer(moteur, boite, MARDI + timedelta(minutes=30)) <= 1
    assert len(boite.recus) == 1


def test_a_message_that_never_goes_through_becomes_a_call(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        confirmer(session, une_demande(session, nadia()))
    boite, dits = Boite(refuse=True), list[str]()
    for jour in range(24, 29):
        for heure in range(9, 19):
            envoyer(moteur, boite, le(f"2026-11-{jour}T{heure:02}:30"), dire=dits.append)
    assert len(boite.recus) == len(dits) == 5
    assert dits[0] == "envoyer-les-messages : un SMS n'est pas parti, essai 1 : le service ne l'a pas pris."
    (message,) = messages(moteur)
    assert (message.canal, message.remarque) == (Canal.APPEL, "Le SMS n'est pas parti, après 5 essais.")


def test_who_wants_no_call_for_a_reminder_is_called_for_what_changes_her_coming_only(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle = nadia()
        confirmer(session, une_demande(session, elle))
        changer_refus(session, elle, {Canal.APPEL}, par=CONSEILLERE)
    horloge(moteur, le("2026-11-30T10:00"), GenreMessage.RAPPEL_VEHICULE)
    for jour in ("11-30", "12-01", "12-02"):
        for heure in range(9, 19):
            envoyer(moteur, Boite(refuse=True), le(f"2026-{jour}T{heure:02}:30"))
    place, rappel = messages(moteur)
    assert (place.etat, place.canal) == (EtatMessage.EN_ATTENTE, Canal.APPEL)
    assert (rappel.genre, rappel.etat) == ("rappel_vehicule", EtatMessage.RETIRE)
    assert rappel.remarque == (
        "Le SMS n'est pas parti, après 5 essais. Pas de rappel : elle ne veut pas être appelée pour cela."
    )


def test_a_reminder_that_waits_for_a_call_goes_when_she_wants_none(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle = nadia(message_possible=False)
        confirmer(session, une_demande(session, elle))
    horloge(moteur, le("2026-12-02T10:00"), GenreMessage.RAPPEL_VEHICULE)
    assert {m.canal for m in messages(moteur)} == {Canal.APPEL}
    with ecriture(moteur) as session:
        changer_refus(session, session.get_one(Personne, elle.id), {Canal.APPEL}, par=CONSEILLERE)
    assert {m.genre: m.etat for m in messages(moteur)} == {
        "place_confirmee": EtatMessage.EN_ATTENTE,
        "rappel_vehicule": EtatMessage.RETIRE,
    }


def test_what_old_messages_said_is_forgotten_not_that_they_were(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        confirmer(session, une_demande(session, nadia()))
    envoyer(moteur, Boite())
    with ecriture(moteur) as session:
        assert oublier(session, Passage(MARDI + timedelta(days=89), ())) == 0
        assert oublier(session, Passage(MARDI + timedelta(days=91), ())) == 1
    (message,) = messages(moteur)
    assert (message.texte, message.etat, message.canal) == ("", EtatMessage.ENVOYE, Canal.SMS)


def test_when_a_person_is_erased_so_is_what_was_written_to_her(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle = nadia()
        confirmer(session, une_demande(session, elle))
    with ecriture(moteur) as session:
        session.execute(delete(Personne).where(Personne.id == elle.id))
    assert messages(moteur) == []


# The real way out


@contextmanager
def un_service() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A service on this machine that takes what apprise posts: its address, and what it received."""
    recus: list[tuple[str, Any]] = []

    class Guichet(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps = self.rfile.read(int(self.headers["Content-Length"]))
            recus.append((self.path, json.loads(corps)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    serveur = HTTPServer(("127.0.0.1", 0), Guichet)
    fil = threading.Thread(target=serveur.serve_forever)
    fil.start()
    try:
        yield f"json://127.0.0.1:{serveur.server_port}", recus
    finally:
        serveur.shutdown()
        fil.join()
        serveur.server_close()


def test_a_text_message_and_an_email_leave_by_the_addresses_of_the_configuration(
    moteur_sqlite: Engine,
) -> None:
    with ecriture(moteur_sqlite) as session:
        reservation = une_demande(session, nadia())
        compte = compte_de(
            session, RoleActeur.PARTENAIRE, structure_id=reservation.vehicule.offre.structure_id
        )
    quand = le("2026-11-25T18:59")
    horloge(moteur_sqlite, quand, GenreMessage.DEMANDE_A_REPONDRE)
    with ecriture(moteur_sqlite) as session:
        confirmer(session, une_demande(session, nadia(prenom="Inès", telephone="+33639985678")))
    with un_service() as (adresse, recus):
        sorties = expediteurs(Envois(f"{adresse}/sms/{{destination}}", f"{adresse}/courriel/{{destination}}"))
        assert envoyer_les_messages(moteur_sqlite, sorties, horloge=lambda: quand) == 2
    parts = {chemin: (corps["title"], corps["message"]) for chemin, corps in recus}
    assert set(parts) == {"/sms/+33639985678", f"/courriel/{compte.identifiant}"}
    titre, sms = parts["/sms/+33639985678"]
    assert (titre, sms[:45]) == ("", "Mobilité solidaire : c'est oui pour \"Clio gri")


def test_an_address_that_apprise_does_not_know_is_refused_before_anything_leaves() -> None:
    with pytest.raises(AdresseInconnue, match="MOBILITE_SMS_URL"):
        expediteurs(Envois(sms="pigeon://voyageur/{destination}"))
