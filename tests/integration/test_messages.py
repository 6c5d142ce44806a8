"""What is written on both databases: with the fact or by the clock, once, and withdrawn when it is not true."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.course_solidaire import CourseSolidaire, StatutCourse
from mobilite.entretien import LigneEntretien
from mobilite.liste_attente import Attente
from mobilite.motif_reservation import MotifSansSuite
from mobilite.notification import Canal, EtatMessage, GenreMessage
from mobilite.offre import Offre
from mobilite.parcours import Parcours
from mobilite.personnes import Joindre
from mobilite.reservation import Reservation
from mobilite.transport_solidaire import Sens
from tests.conftest import compte_de
from tests.fabriques import (
    CONSEILLERE,
    la_personne,
    un_benevole,
    un_vehicule,
    une_demande_de_transport,
    une_offre,
    une_structure,
)
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
from web import reservations
from web.messages.boite import Brouillon, ecrire
from web.messages.gsm import LONGUEUR_MAX, longueur

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


def test_a_request_that_nobody_answered_is_told_once_to_who_asked(moteur: Engine) -> None:
    """By her way, aloud to who has no telephone; and even when the first day has begun."""
    with ecriture(moteur) as session:
        demandes = [
            une_demande(session, nadia()),
            une_demande(session, nadia(prenom="Rose", telephone=None, joindre=Joindre.RIEN)),
        ]
        demandes[0].expire_le = demandes[1].expire_le = DEBUT
    for _ in range(2):
        with ecriture(moteur) as session:
            reservations.liberer_les_demandes_expirees(session, None, DEBUT + timedelta(minutes=5))
    dits = messages(moteur)
    assert [(m.genre, m.canal) for m in dits] == [
        ("demande_expiree", Canal.SMS),
        ("demande_expiree", Canal.APPEL),
    ]
    assert (
        "pas de réponse pour « Clio grise » le jeudi 3\u00a0décembre. Vous n'y êtes pour rien."
        in dits[0].texte
    )
    assert "03\u00a029\u00a075\u00a032\u00a030" in dits[0].texte
    assert envoyer(moteur, Boite(), DEBUT + timedelta(hours=2)) == 1


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


def test_who_keeps_the_vehicle_she_has_is_not_told_to_come_for_it(moteur: Engine) -> None:
    """Her continuation has no reminder; given another vehicle, it has one."""
    quand = le("2026-12-05T10:00")
    with ecriture(moteur) as session:
        premiere = une_demande(session, nadia())
        confirmer(session, premiere)
        memes: dict[str, Any] = {"par": CONSEILLERE, "le": MARDI, "cle": "suite"}
        fin = premiere.fin + timedelta(days=4)
        suite = reservations.renouveler(session, premiere, fin=fin, **memes)
        confirmer(session, suite)
        reservations.remettre(session, premiere, par=CONSEILLERE, le=DEBUT)
        zoe = un_vehicule(premiere.vehicule.offre, libelle="Zoé bleue")
        session.add(zoe)
    assert horloge(moteur, quand, GenreMessage.RAPPEL_VEHICULE) == 0
    with ecriture(moteur) as session:
        session.get_one(Reservation, suite.id).vehicule_id = zoe.id
    assert horloge(moteur, quand, GenreMessage.RAPPEL_VEHICULE) == 1
    assert "« Zoé bleue » vous attend" in messages(moteur)[-1].texte


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
