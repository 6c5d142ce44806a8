"""The sentences of messages: one text message whatever the names, plain words, and to the right person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mobilite.base import PARIS
from mobilite.course_solidaire import CourseSolidaire
from mobilite.heures_calmes import HeuresDeMessage
from mobilite.immobilisation import MotifImmobilisation
from mobilite.notification import Canal, moyen_de_la_personne, moyen_de_la_structure, moyen_de_vive_voix
from mobilite.personnes import Joindre, Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from mobilite.structure import Structure
from mobilite.transport_solidaire import Sens
from tests.fabriques import (
    un_benevole,
    un_vehicule,
    une_demande_de_transport,
    une_offre,
    une_personne,
    une_structure,
)
from web.messages import redaction
from web.messages.gsm import LONGUEUR_MAX, ajuster, court, en_sms, longueur
from web.referentiel import heures_de_message

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DEUX = set("^{}\\[~]|€")
INTERDITS = re.compile(r"\b(freins?|verdicts?|écartée?s?|scores?|co2|bénéficiaires?)\b", re.IGNORECASE)
LONG_JOUR = datetime(2026, 9, 23, 17, 30, tzinfo=PARIS).astimezone(UTC)

RAISONS = [*(motif.en_phrase for motif in MotifImmobilisation), "n'a plus de contrôle technique"]

INSTANTS = st.integers(0, 5 * 366 * 24 * 60).map(
    lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)


def une_reservation(libelle: str, structure: Structure, debut: datetime) -> Reservation:
    """A booking in memory, as far as a sentence looks."""
    vehicule = un_vehicule(une_offre(structure=structure), libelle=libelle)
    reservation = Reservation(
        vehicule_id=1, demandee_par=1, debut=debut, fin=debut + timedelta(days=3), cle_idempotence="c"
    )
    reservation.vehicule = vehicule
    return reservation


def une_course(prenom: str, structure: Structure, debut: datetime) -> CourseSolidaire:
    """A trip in memory."""
    structure.id = 1
    course = CourseSolidaire(
        demande_id=1,
        benevole_id=1,
        sens=Sens.ALLER,
        prise_en_charge=debut,
        debut=debut,
        fin=debut + timedelta(minutes=30),
        depose=debut + timedelta(minutes=40),
        km_prevus=20,
        proposee_par=1,
    )
    course.demande = une_demande_de_transport(structure)
    course.demande.structure = structure
    course.benevole = un_benevole(structure, prenom=prenom)
    return course


def vehicule_change(reservation: Reservation) -> str:
    """The same place on the vehicle it has, for the longest of reasons."""
    reservation.statut = StatutReservation.CONFIRMEE
    return redaction.vehicule_change(reservation, max(RAISONS, key=len), reservation.vehicule)


def vehicule_retrouve(reservation: Reservation) -> str:
    """A place whose vehicle runs again."""
    reservation.statut = StatutReservation.CONFIRMEE
    return redaction.vehicule_retrouve(reservation)


def demande_retrouvee(reservation: Reservation) -> str:
    """The same before anybody said yes."""
    return redaction.vehicule_retrouve(reservation)


def suite_expiree(reservation: Reservation, telephone: str) -> str:
    """Nobody answered whether she may keep it longer."""
    reservation.renouvelle_id = 1
    return redaction.demande_expiree(reservation, telephone)


def demande_changee(reservation: Reservation) -> str:
    """The same before anybody said yes."""
    return redaction.vehicule_change(reservation, max(RAISONS, key=len), reservation.vehicule)


def sans_vehicule(reservation: Reservation) -> str:
    """No vehicle any more, for the longest of reasons."""
    return redaction.sans_vehicule(reservation, max(RAISONS, key=len))


A_ELLE: dict[str, Callable[[str, Structure, datetime], str]] = {
    phrase.__name__: lambda nom, s, quand, phrase=phrase: phrase(une_reservation(nom, s, quand))
    for phrase in (
        redaction.place_confirmee,
        vehicule_change,
        demande_changee,
        sans_vehicule,
        vehicule_retrouve,
        demande_retrouvee,
        redaction.place_refusee,
        redaction.place_annulee,
        redaction.rappel_vehicule,
    )
} | {
    "place_annulee_et_suite": lambda nom, s, quand: redaction.place_annulee(
        une_reservation(nom, s, quand), suite=True
    ),
    "rappel_trajet": lambda nom, s, quand: redaction.rappel_trajet(une_course(nom, s, quand)),
    "place_proposee": lambda nom, s, quand: redaction.place_proposee(
        une_reservation(nom, s, quand), quand.replace(minute=0), s.telephone
    ),
    "demande_expiree": lambda nom, s, quand: redaction.demande_expiree(
        une_reservation(nom, s, quand), s.telephone
    ),
    "suite_expiree": lambda nom, s, quand: suite_expiree(une_reservation(nom, s, quand), s.telephone),
    "rendez_vous_fixe": lambda nom, s, quand: redaction.rendez_vous_fixe(quand, nom, s.nom, s.telephone),
}


@pytest.mark.parametrize("phrase", A_ELLE)
@settings(deadline=None)
@given(
    nom=st.text(min_size=1, max_size=120),
    structure=st.text(min_size=1, max_size=120),
    telephone=st.sampled_from(["", "+33329000000", "03 29 00 00 00"]),
    quand=INSTANTS,
)
@example(nom="€" * 120, structure="€" * 120, telephone="+33329000000", quand=LONG_JOUR)
@example(nom="W " * 60, structure="[x]" * 40, telephone="+33329000000", quand=LONG_JOUR)
def test_what_is_sent_to_her_fits_in_one_text_message_whatever_the_names(
    phrase: str, nom: str, structure: str, telephone: str, quand: datetime
) -> None:
    qui = une_structure(nom=structure, telephone=telephone)
    envoye = en_sms(A_ELLE[phrase](nom, qui, quand))
    assert set(envoye) <= GSM | DEUX - {"\n", "\r"}
    assert len(envoye) + sum(signe in DEUX for signe in envoye) <= LONGUEUR_MAX


@pytest.mark.parametrize("phrase", A_ELLE)
def test_the_longest_ordinary_names_are_whole_and_no_forbidden_word_is_said(phrase: str) -> None:
    qui = une_structure(nom="Les Roues du Verdunois", telephone="+33329000012")
    dit = A_ELLE[phrase]("Clio grise", qui, LONG_JOUR)
    assert "Clio grise" in dit and "03\u00a029\u00a000\u00a000\u00a012" in dit
    assert "mercredi 23\u00a0septembre" in dit
    assert not INTERDITS.search(dit)
    assert not re.search(r"\b(tu|ton|ta)\b", dit)


def test_a_sentence_too_long_for_one_message_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        ajuster(lambda n: "é" * 161)


@pytest.mark.parametrize(
    ("ecrit", "parti"),
    [
        (
            "« Citroën Jumpy » : forêt, Noël, œuf, ça va… l’été",
            '"Citroen Jumpy" : foret, Noel, oeuf, ca va... l\'été',
        ),
        ("9\u202fh\u00a030 — n° 12 €", "9 h 30 - no 12 €"),
        ("Ångström Ελλ жук 🚲", "Ångström ??? ??? ?"),
    ],
)
def test_what_the_alphabet_of_text_messages_lacks_is_written_otherwise(ecrit: str, parti: str) -> None:
    assert en_sms(ecrit) == parti
    assert longueur("€") == 2


def test_a_name_is_cut_at_a_word() -> None:
    assert court("Association  Bar-le-Duc\nMobilité pour tous", 30) == "Association Bar-le-Duc"
    assert court("Les Roues du Verdunois (démonstration)", 24) == "Les Roues du Verdunois"
    assert court("x" * 200, 14) == "x" * 14


# To whom, and by which way

JOIGNABLE: dict[str, Any] = {
    "telephone": "+33639981234",
    "joindre": Joindre.TELEPHONE,
    "message_possible": True,
}


@pytest.mark.parametrize(
    ("change", "canal"),
    [
        ({}, Canal.SMS),
        ({"telephone": "+352621123456"}, Canal.SMS),
        ({"telephone": "+33329123456"}, Canal.APPEL),
        ({"message_possible": None}, Canal.APPEL),
        ({"message_possible": False}, Canal.APPEL),
        ({"contact_discret": True, "conseiller_id": 1}, Canal.APPEL),
        ({"joindre": Joindre.REFERENT, "referent": "Mme Colin"}, Canal.APPEL),
        ({"joindre": Joindre.REFERENT, "referent": "Mme Colin", "telephone": None}, Canal.APPEL),
        ({"telephone": None, "joindre": Joindre.TELEPHONE}, None),
        ({"telephone": None, "joindre": Joindre.RIEN}, None),
    ],
)
def test_a_message_leaves_only_for_a_telephone_where_one_may_be_left(
    change: dict[str, Any], canal: Canal | None
) -> None:
    personne: Personne = une_personne(**(JOIGNABLE | change))
    moyen = moyen_de_la_personne(personne)
    assert moyen.canal is canal
    assert moyen.pourquoi.endswith(".")


def test_a_way_that_is_refused_is_never_used() -> None:
    elle = une_personne(**JOIGNABLE)
    assert moyen_de_la_personne(elle, {Canal.SMS}).canal is Canal.APPEL
    assert moyen_de_la_personne(elle, {Canal.SMS, Canal.APPEL}).canal is None
    assert moyen_de_vive_voix(elle, {Canal.APPEL}).canal is Canal.SMS
    assert moyen_de_vive_voix(elle, {Canal.SMS, Canal.APPEL}).canal is Canal.APPEL, "her coming changes"
    assert moyen_de_la_structure(True, False).canal is Canal.COURRIEL
    assert moyen_de_la_structure(True, True, {Canal.COURRIEL}).canal is Canal.APPEL
    assert moyen_de_la_structure(False, False).canal is Canal.LETTRE
    assert moyen_de_la_structure(False, False, {Canal.LETTRE}).canal is None


# When

HEURES = HeuresDeMessage(9, 19, False, frozenset({date(2026, 12, 25)}))


def a_paris(texte: str) -> datetime:
    return datetime.fromisoformat(texte).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("instant", "avant", "apres"),
    [
        ("2026-11-24T10:00", "2026-11-24T10:00", "2026-11-24T10:00"),
        ("2026-11-24T08:59", "2026-11-23T18:59", "2026-11-24T09:00"),
        ("2026-11-24T19:00", "2026-11-24T18:59", "2026-11-25T09:00"),
        ("2026-11-22T12:00", "2026-11-21T18:59", "2026-11-23T09:00"),
        ("2026-12-25T12:00", "2026-12-24T18:59", "2026-12-26T09:00"),
        ("2026-10-25T02:30", "2026-10-24T18:59", "2026-10-26T09:00"),
    ],
)
def test_nothing_leaves_at_night_on_a_sunday_or_a_holiday(instant: str, avant: str, apres: str) -> None:
    quand = a_paris(instant)
    assert HEURES.derniere(quand) == a_paris(avant)
    assert HEURES.prochaine(quand) == a_paris(apres)
    assert HEURES.permet(quand) == (avant == apres)


@settings(deadline=None)
@given(INSTANTS)
def test_the_nearest_allowed_instants_are_allowed_and_around(instant: datetime) -> None:
    assert HEURES.derniere(instant) <= instant <= HEURES.prochaine(instant)
    assert HEURES.permet(HEURES.derniere(instant)) and HEURES.permet(HEURES.prochaine(instant))


def test_the_reminder_of_a_monday_is_said_on_saturday_not_on_sunday() -> None:
    assert HEURES.jours_avant(date(2026, 11, 23), 1, 10) == a_paris("2026-11-21T10:00")
    assert HEURES.jours_avant(date(2026, 12, 26), 1, 10) == a_paris("2026-12-24T10:00")


def test_the_public_holidays_are_those_of_france() -> None:
    heures = heures_de_message(date(2026, 12, 20))
    assert not heures.permet_le(date(2026, 12, 25)) and not heures.permet_le(date(2027, 1, 1))
    assert heures.permet_le(date(2026, 12, 26))


@pytest.mark.parametrize("phrase", [demande_changee, demande_retrouvee])
def test_a_request_that_nobody_answered_is_not_told_as_a_place(
    phrase: Callable[[Reservation], str],
) -> None:
    dit = phrase(une_reservation("Clio grise", une_structure(), LONG_JOUR))
    assert "Pas encore de réponse" in dit
    assert "Vous aurez" not in dit and "vous attend" not in dit


def test_who_may_not_keep_it_longer_is_told_to_bring_it_back() -> None:
    dit = suite_expiree(une_reservation("Clio grise", une_structure(), LONG_JOUR), "+33329000012")
    assert "comme prévu ou appelez" in dit
    assert "Vous n'y êtes pour rien" not in dit
