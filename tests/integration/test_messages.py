"""The outbox on both databases: written with the fact, withdrawn when it is not true, sent once, to nobody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.base import PARIS
from mobilite.course_solidaire import CourseSolidaire, StatutCourse
from mobilite.entretien import LigneEntretien
from mobilite.journal import Evenement, LigneJournal
from mobilite.liste_attente import Attente
from mobilite.motif_reservation import MotifSansSuite
from mobilite.notification import Canal, CanalRefuse, EtatMessage, GenreMessage, Message
from mobilite.offre import Offre
from mobilite.parcours import Parcours
from mobilite.personnes import Joindre, Personne
from mobilite.reservation import Reservation
from mobilite.transport_solidaire import Sens
from tests.conftest import compte_de
from tests.fabriques import (
    CONSEILLERE,
    VUS,
    la_personne,
    le_partenaire,
    un_benevole,
    un_vehicule,
    une_demande_de_transport,
    une_offre,
    une_personne,
    une_structure,
)
from web import reservations
from web.config import Envois
from web.messages.boite import Brouillon, ecrire
from web.messages.echeances import ECHEANCES, ecrire_les_echeances
from web.messages.envoi import envoyer_les_messages
from web.messages.expedition import AdresseInconnue, expediteurs
from web.messages.gsm import LONGUEUR_MAX, longueur
from web.passages import Passage
from web.taches import oublier, retirer_les_messages


def le(texte: str) -> datetime:
    """An instant on the French clock."""
    return datetime.fromisoformat(texte).replace(tzinfo=PARIS)


MARDI = le("2026-11-24T10:00")
"""A working day, at an hour when messages leave."""

DEBUT = le("2026-12-03T08:00")
"""A Thursday."""


@contextmanager
def ecriture(moteur: Engine) -> Iterator[Session]:
    """A write transaction whose objects stay readable afterwards."""
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        yield session


def nadia(**choix: Any) -> Personne:
    """Somebody real who may be sent text messages."""
    joignable = {"telephone": "+33639981234", "joindre": Joindre.TELEPHONE, "message_possible": True}
    return une_personne(demonstration=False, conseiller_id=CONSEILLERE.id, **(joignable | choix))


def une_demande(session: Session, personne: Personne, debut: datetime = DEBUT) -> Reservation:
    """She asked for a real car three days long."""
    offre = une_offre(
        structure=une_structure(demonstration=False), demonstration=False, verifiee_le=MARDI.date()
    )
    session.add_all([offre, personne, un_vehicule(offre, libelle="Clio grise")])
    session.flush()
    return reservations.demander(
        session,
        acteur=CONSEILLERE,
        offre=offre,
        debut=debut,
        fin=debut + timedelta(days=3),
        cle=f"demande-{personne.prenom}",
        personne_id=personne.id,
        le=MARDI,
    )


def confirmer(session: Session, reservation: Reservation, par: Acteur | None = None) -> None:
    partenaire = par or le_partenaire(reservation.vehicule.offre.structure)
    reservations.confirmer(session, reservation, par=partenaire, le=MARDI, **VUS)


def messages(moteur: Engine) -> list[Message]:
    with Session(moteur) as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def horloge(moteur: Engine, quand: datetime, *genres: GenreMessage) -> int:
    """What the clock does at an instant."""
    with ecriture(moteur) as session:
        return ecrire_les_echeances(session, Passage(quand, (quand,)), genres=genres or tuple(ECHEANCES))


class Boite:
    """A way out that keeps what it was given, and may refuse."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.recus: list[tuple[str, str]] = []
        self.refuse = refuse

    def __call__(self, destinations: Sequence[str], titre: str, texte: str) -> bool:
        self.recus += [(destination, texte) for destination in destinations]
        return not self.refuse


def envoyer(moteur: Engine, boite: Boite, quand: datetime = MARDI) -> int:
    return envoyer_les_messages(moteur, {Canal.SMS: boite, Canal.COURRIEL: boite}, horloge=lambda: quand)


# Written with the fact


def test_a_place_confirmed_and_its_message_are_stored_together_or_not_at_all(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        reservation = une_demande(session, nadia())
    with Session(moteur) as session:
        confirmer(session, session.get_one(Reservation, reservation.id))
        session.rollback()
    assert messages(moteur) == []
    with ecriture(moteur) as session:
        confirmer(session, session.get_one(Reservation, reservation.id))
    (message,) = messages(moteur)
    assert (message.genre, message.canal, message.etat) == (
        "place_confirmee",
        Canal.SMS,
        EtatMessage.EN_ATTENTE,
    )
    assert "c'est oui pour « Clio grise », jeudi 3\u00a0décembre à 8\u00a0h" in message.texte


def test_whole_days_are_told_without_an_hour(moteur_sqlite: Engine) -> None:
    """Nobody is told to come for the keys at midnight."""
    debut = le("2026-12-03T00:00")
    with ecriture(moteur_sqlite) as session:
        confirmer(session, une_demande(session, nadia(), debut))
    horloge(moteur_sqlite, le("2026-12-02T10:00"), GenreMessage.RAPPEL_VEHICULE)
    dits = {m.genre: m.texte for m in messages(moteur_sqlite)}
    assert "« Clio grise », jeudi 3\u00a0décembre, chez" in dits["place_confirmee"]
    assert "vous attend jeudi 3\u00a0décembre, chez" in dits["rappel_vehicule"]


@pytest.mark.parametrize("absente", [False, True])
def test_what_falls_with_a_stay_is_told_once_in_one_sentence(moteur_sqlite: Engine, absente: bool) -> None:
    """Given up by somebody else, the stay and its continuation are one message; missed, only what she loses."""
    with ecriture(moteur_sqlite) as session:
        reservation = une_demande(session, nadia())
        confirmer(session, reservation)
        memes: dict[str, Any] = {"par": CONSEILLERE, "le": MARDI}
        fin = reservation.fin + timedelta(days=2)
        confirmer(session, reservations.renouveler(session, reservation, fin=fin, cle="suite", **memes))
        if absente:
            memes |= {"le": DEBUT, "motif": MotifSansSuite.NON_DIT}
            reservations.noter_absente(session, reservation, **memes)
        else:
            reservations.annuler(session, reservation, **memes)
    dits = [m.texte for m in messages(moteur_sqlite) if m.genre == "place_annulee"]
    jour = "dimanche 6" if absente else "jeudi 3"
    suite = "" if absente else ", et la suite aussi"
    assert len(dits) == 1
    assert f"« Clio grise » le {jour}\u00a0décembre est annulée{suite}. Un souci" in dits[0]


def test_she_is_not_told_what_she_did_herself_and_the_yes_is_withdrawn(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle = nadia()
        reservation = une_demande(session, elle)
        confirmer(session, reservation)
        reservations.annuler(session, reservation, par=la_personne(elle), le=MARDI)
    assert [(m.genre, m.etat) for m in messages(moteur)] == [("place_confirmee", EtatMessage.RETIRE)]
    boite = Boite()
    assert envoyer(moteur, boite) == 0 and boite.recus == []


def test_the_same_fact_is_never_told_twice(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        reservation = une_demande(session, nadia())
    depart = threading.Barrier(4)

    def dire(_rang: int) -> bool:
        depart.wait(timeout=30)
        with ecriture(moteur) as session:
            prise = session.get_one(Reservation, reservation.id)
            brouillon = Brouillon(
                GenreMessage.RAPPEL_VEHICULE, "le-fait", prise, "Bonjour.", personne=prise.personne
            )
            return ecrire(session, brouillon, MARDI) is not None

    with ThreadPoolExecutor(4) as fils:
        assert sorted(fils.map(dire, range(4))) == [False, False, False, True]


# What the clock says


def test_she_is_reminded_three_days_then_one_day_before_once_each(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        confirmer(session, une_demande(session, nadia()))
    ecrits = [
        horloge(moteur, quand, GenreMessage.RAPPEL_VEHICULE)
        for quand in (
            le("2026-11-30T09:59"),
            le("2026-11-30T10:00"),
            le("2026-11-30T10:15"),
            le("2026-12-01T10:00"),
        )
    ]
    assert ecrits == [0, 1, 0, 0]
    boite = Boite()
    envoyer(moteur, boite, le("2026-11-30T10:20"))
    assert [texte for _, texte in boite.recus][1].startswith('Mobilité solidaire : "Clio grise" vous attend')
    assert horloge(moteur, le("2026-12-02T10:00"), GenreMessage.RAPPEL_VEHICULE) == 1
    assert envoyer(moteur, boite, le("2026-12-02T10:05")) == 1
    assert horloge(moteur, le("2026-12-03T08:00"), GenreMessage.RAPPEL_VEHICULE) == 0
    assert [destination for destination, _ in boite.recus] == ["+33639981234"] * 3


def test_a_reminder_that_is_not_true_any_more_is_withdrawn_and_the_new_one_written(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        reservation = une_demande(session, nadia())
        confirmer(session, reservation)
        autre = un_vehicule(reservation.vehicule.offre, libelle="Zoé bleue")
        session.add(autre)
    quand = le("2026-12-02T10:00")
    horloge(moteur, quand, GenreMessage.RAPPEL_VEHICULE)
    with ecriture(moteur) as session:
        session.get_one(Reservation, reservation.id).vehicule_id = autre.id
    assert horloge(moteur, quand, GenreMessage.RAPPEL_VEHICULE) == 2
    rappels = [m for m in messages(moteur) if m.genre == "rappel_vehicule"]
    assert [(m.etat, "Zoé bleue" in m.texte) for m in rappels] == [
        (EtatMessage.RETIRE, False),
        (EtatMessage.EN_ATTENTE, True),
    ]


def test_the_reminder_of_a_trip_names_who_comes(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle, structure = nadia(), une_structure(demonstration=False)
        session.add_all([elle, structure])
        session.flush()
        demande = une_demande_de_transport(structure, elle)
        benevole = un_benevole(structure, prenom="Monique")
        session.add_all([demande, benevole])
        session.flush()
        session.add(
            CourseSolidaire(
                demande_id=demande.id,
                benevole_id=benevole.id,
                sens=Sens.ALLER,
                prise_en_charge=DEBUT,
                debut=DEBUT,
                fin=DEBUT + timedelta(minutes=30),
                depose=DEBUT + timedelta(minutes=45),
                km_prevus=30,
                statut=StatutCourse.ACCEPTEE,
                proposee_par=1,
            )
        )
    horloge(moteur, le("2026-12-02T10:00"), GenreMessage.RAPPEL_TRAJET)
    (rappel,) = messages(moteur)
    assert "Monique vient vous chercher jeudi 3\u00a0décembre à 8\u00a0h." in rappel.texte


def test_a_structure_is_warned_before_a_request_closes_and_not_once_it_has_answered(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        reservation = une_demande(session, nadia())
        compte_de(session, RoleActeur.PARTENAIRE, structure_id=reservation.vehicule.offre.structure_id)
    assert reservation.expire_le == MARDI + timedelta(hours=48)
    genre = GenreMessage.DEMANDE_A_REPONDRE
    # Closing on Thursday at ten: twelve hours before is night, so the evening before, at the last allowed minute.
    assert horloge(moteur, le("2026-11-25T18:58"), genre) == 0
    assert horloge(moteur, le("2026-11-25T18:59"), genre) == 1
    (message,) = messages(moteur)
    assert message.canal is Canal.COURRIEL and "Prénom" not in message.texte + message.titre
    with ecriture(moteur) as session:
        confirmer(session, session.get_one(Reservation, reservation.id))
    assert messages(moteur)[0].etat is EtatMessage.RETIRE


def test_a_vehicle_free_too_late_to_be_offered_is_told_to_its_structure(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        reservation = une_demande(session, nadia())
        confirmer(session, reservation)
        attend = nadia(prenom="Inès")
        session.add(attend)
        session.flush()
        session.add(
            Attente.inscrire(
                attend,
                reservation.vehicule.offre,
                par=CONSEILLERE,
                debut=reservation.debut,
                fin=reservation.fin,
                raisons=set(),
                cle="attente",
                le=MARDI,
            )
        )
    genre = GenreMessage.VEHICULE_LIBERE
    assert horloge(moteur, MARDI, genre) == 0
    with ecriture(moteur) as session:
        reservations.annuler(session, session.get_one(Reservation, reservation.id), par=CONSEILLERE, le=MARDI)
    assert horloge(moteur, MARDI, genre) == 0, "it is offered to her first: there is time"
    la_veille = le("2026-12-02T18:30")
    assert [horloge(moteur, la_veille, genre) for _ in range(2)] == [1, 0]
    libere = messages(moteur)[-1]
    # Its structure has no account: the adviser of who waits calls it.
    assert (libere.canal, libere.personne_id) == (Canal.APPEL, attend.id)
    assert "Répartition" in libere.texte and "Inès" not in libere.texte


def test_upkeep_that_is_due_is_told_to_the_structure_once_by_its_kilometres(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        offre = une_offre(structure=une_structure(demonstration=False), demonstration=False)
        vehicule = un_vehicule(offre, libelle="Clio grise")
        session.add(vehicule)
        session.flush()
        session.add(
            LigneEntretien(
                vehicule_id=vehicule.id,
                quoi="Vidange",
                tous_les_mois=12,
                fait_le=le("2025-12-10T00:00").date(),
            )
        )
    genre = GenreMessage.ENTRETIEN_A_FAIRE
    assert [horloge(moteur, quand, genre) for quand in (MARDI, MARDI + timedelta(days=1))] == [1, 0]
    (message,) = messages(moteur)
    assert message.canal is Canal.LETTRE and "Vidange de « Clio grise » : avant le jeudi 10" in message.texte
    assert horloge(moteur, le("2026-12-14T10:00"), genre) == 2, (
        "late: the old notice goes, the new one says so"
    )


def test_she_is_told_that_a_review_is_due_and_not_what_is_decided_without_her(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        elle = nadia()
        parcours = Parcours(personne=elle, ouvert_le=MARDI.date())
        parcours.prochaine_revue = (MARDI + timedelta(days=3)).date()
        session.add(parcours)
    assert [horloge(moteur, MARDI, GenreMessage.POINT_A_FAIRE) for _ in range(2)] == [1, 0]
    (message,) = messages(moteur)
    assert (message.canal, message.objet_type) == (Canal.SMS, "parcours")
    assert "faire le point ensemble" in message.texte and longueur(message.texte) <= LONGUEUR_MAX


def test_papers_and_offers_that_age_are_told_by_post_a_month_and_a_week_before(moteur: Engine) -> None:
    with ecriture(moteur) as session:
        offre = une_offre(
            structure=une_structure(demonstration=False), demonstration=False, verifiee_le=MARDI.date()
        )
        session.add_all([offre, un_vehicule(offre, ct_valable_au=le("2026-12-24T00:00").date())])
    genres = (GenreMessage.ECHEANCE_VEHICULE, GenreMessage.OFFRES_A_VERIFIER)
    jours = ("2026-11-23", "2026-11-24", "2026-11-25", "2026-12-17", "2026-12-24")
    assert [horloge(moteur, le(f"{jour}T07:30"), *genres) for jour in jours] == [0, 1, 0, 2, 0]
    assert [(m.canal, m.etat) for m in messages(moteur)] == [
        (Canal.LETTRE, EtatMessage.RETIRE),
        (Canal.LETTRE, EtatMessage.EN_ATTENTE),
    ]
    with ecriture(moteur) as session:
        session.get_one(Offre, offre.id).verifiee_le = None
    assert horloge(moteur, le("2026-12-17T08:00"), GenreMessage.OFFRES_A_VERIFIER) == 1


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
    boite = Boite(refuse=True)
    for jour in range(24, 29):
        for heure in range(9, 19):
            envoyer(moteur, boite, le(f"2026-11-{jour}T{heure:02}:30"))
    assert len(boite.recus) == 5
    (message,) = messages(moteur)
    assert (message.canal, message.remarque) == (Canal.APPEL, "Le SMS n'est pas parti, après 5 essais.")


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
