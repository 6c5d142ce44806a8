"""The days that the calendar of vehicles calls free are those a request is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.base import PARIS
from mobilite.disponibilite import vehicules_libres
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.reglement import Reglement
from mobilite.regles_de_flotte import RegleDeFlotte, Regles
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import CONSEILLERE, un_vehicule, une_offre
from web.calendrier import (
    EtatJour,
    Jour,
    RegleDesJours,
    VehiculeDuCalendrier,
    calendrier,
    jours_entiers,
    minuit,
    n_importe_lequel,
    regle_de,
)

LE = datetime(2026, 10, 20, 9, tzinfo=PARIS)
UN_JOUR = timedelta(days=1)
DEPART = date(2026, 10, 21)
JOURS = [DEPART + rang * UN_JOUR for rang in range(45)]  # over the night of October


@pytest.fixture(autouse=True)
def aujourd_hui() -> Iterator[None]:
    with time_machine.travel(LE, tick=False):
        yield


def instants(des: int = 0, au: int = 50 * 24) -> st.SearchStrategy[datetime]:
    """Instants on the hour, from the first day on."""
    debut = minuit(DEPART).astimezone(UTC)
    return st.integers(des, au).map(lambda heures: debut + timedelta(hours=heures))


@st.composite
def vehicules(tirer: st.DrawFn) -> VehiculeDuCalendrier:
    """A vehicle with bookings that do not overlap, stops that may, and papers that may end."""
    bornes = sorted(set(tirer(st.lists(instants(), max_size=16))))
    prises = tuple(zip(bornes[::2], bornes[1::2], strict=False))
    arrets = tuple(
        (debut, None if sans_fin else debut + timedelta(hours=heures))
        for debut, heures, sans_fin in tirer(
            st.lists(
                st.tuples(instants(), st.integers(1, 90), st.integers(0, 9).map(lambda n: n == 0)), max_size=2
            )
        )
    )
    return VehiculeDuCalendrier(
        uuid=uuid4(),
        libelle="Voiture",
        en_service=tirer(st.integers(0, 9)) > 0,
        roule_des_le=tirer(st.none() | st.sampled_from(JOURS)),
        roule_jusqu_au=tirer(st.none() | st.sampled_from(JOURS)),
        arrets=arrets,
        prises=prises,
    )


@st.composite
def regles(tirer: st.DrawFn) -> RegleDesJours:
    """Notice, buffer, and days of the week without handover or return."""
    remet = tirer(st.sets(st.integers(0, 6), max_size=3))
    reprend = tirer(st.sets(st.integers(0, 6), max_size=3))
    return RegleDesJours(
        premier_depart=tirer(st.sampled_from(JOURS[:12])),
        tampon=timedelta(hours=tirer(st.integers(0, 30))),
        remet=lambda jour: jour.weekday() not in remet,
        reprend=lambda jour: jour.weekday() not in reprend,
    )


def couvre(prises: tuple[tuple[datetime, datetime], ...], debut: datetime, fin: datetime) -> bool:
    """Whether any of these ranges touches this one, asked of each."""
    return any(de < fin and debut < a for de, a in prises)


def en_fin_de_jour(vehicule: VehiculeDuCalendrier, jour: date) -> bool:
    """Whether somebody has it on both sides of midnight."""
    minuit_suivant = minuit(jour + UN_JOUR)
    return any(de < minuit_suivant < a for de, a in vehicule.prises)


def force_brute(vehicule: VehiculeDuCalendrier, jour: date, duree: int, regle: RegleDesJours) -> EtatJour:
    """The state of a day, from its definition alone: every booking is looked at, every time."""
    debut, fin = jours_entiers(jour, duree)
    _, soir = jours_entiers(jour, 1)
    jours = [jour + rang * UN_JOUR for rang in range(duree)]

    def roule(le: date) -> bool:
        matin, nuit = jours_entiers(le, 1)
        assez_tot = vehicule.roule_des_le is None or vehicule.roule_des_le <= le
        assez_tard = vehicule.roule_jusqu_au is None or le <= vehicule.roule_jusqu_au
        arret = any(de < nuit and (a is None or matin < a) for de, a in vehicule.arrets)
        return vehicule.en_service and assez_tot and assez_tard and not arret

    if not roule(jour):
        return EtatJour.HORS_SERVICE
    if couvre(vehicule.prises, debut, soir):
        return EtatJour.PRIS if en_fin_de_jour(vehicule, jour) else EtatJour.A_RENDRE
    if jour < regle.premier_depart:
        return EtatJour.TROP_PROCHE
    if not regle.remet(jour):
        return EtatJour.FERME
    entier = all(roule(le) for le in jours) and not couvre(vehicule.prises, debut, fin + regle.tampon)
    return EtatJour.LIBRE if entier and regle.reprend(jours[-1]) else EtatJour.TROP_COURT


@given(parc=st.lists(vehicules(), min_size=1, max_size=4), regle=regles(), duree=st.integers(1, 9))
@settings(max_examples=60)
def test_each_day_is_what_looking_at_every_booking_says(
    parc: list[VehiculeDuCalendrier], regle: RegleDesJours, duree: int
) -> None:
    rangs = list(EtatJour)
    for jour in n_importe_lequel(parc, JOURS, duree, regle):
        etats = {v.uuid: force_brute(v, jour.le, duree, regle) for v in parc}
        assert jour.etat is min(etats.values(), key=rangs.index), jour
        # The vehicle named on a free day is one that is free for the whole stay.
        if jour.etat is EtatJour.LIBRE:
            assert jour.vehicule is not None
            assert etats[jour.vehicule] is EtatJour.LIBRE


@given(
    plages=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 60 * 24), st.integers(6, 200), st.booleans()), max_size=14
    ),
    duree=st.sampled_from([1, 2, 3, 5, 14, 60]),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_day_is_free_exactly_when_the_booking_core_finds_a_vehicle_for_the_stay(
    moteur_sqlite: Engine, plages: list[tuple[int, int, int, bool]], duree: int
) -> None:
    with Session(moteur_sqlite) as session:
        offre = une_offre()
        parc = [un_vehicule(offre) for _ in range(3)]
        regle = Reglement(
            offre=offre,
            tampon_heures=5,
            ouvertures="lun-ven 8:00-18:00",
            fermetures=[{"du": "2026-11-11", "au": "2026-11-13"}],
        )
        parc[1].ct_valable_au = DEPART + 20 * UN_JOUR
        parc[2].en_service = False
        session.add_all([*parc, regle])
        session.flush()
        session.add(
            Immobilisation(
                vehicule_id=parc[0].id,
                motif=MotifImmobilisation.ENTRETIEN,
                debut=minuit(date(2026, 11, 17)) + timedelta(hours=10),
                fin=minuit(date(2026, 11, 18)),
                declaree_par=CONSEILLERE.id,
                cle_idempotence="arret",
            )
        )
        for rang, (lequel, heures, longueur, confirmee) in enumerate(plages):
            debut = LE + timedelta(hours=24 + heures)
            reservation = Reservation(
                vehicule_id=parc[lequel].id,
                demandee_par=CONSEILLERE.id,
                demandee_le=LE,
                debut=debut,
                fin=debut + timedelta(hours=longueur),
                libre_le=debut + timedelta(hours=longueur + 5),
                statut=StatutReservation.CONFIRMEE if confirmee else StatutReservation.DEMANDEE,
                expire_le=None if confirmee else LE + timedelta(hours=(rang % 3) - 1),
                place_confirmee_par="Paul" if confirmee else None,
                place_confirmee_le=LE if confirmee else None,
                cle_idempotence=f"cle-{rang}",
            )
            with suppress(IntegrityError), session.begin_nested():
                session.add(reservation)
                session.flush()
        regles = regle.regles()
        des_jours = regle_de(session, offre, DEPART)
        montre = calendrier(session, offre, duree=duree, regle=des_jours, combien=2, le=LE)
        for mois in montre.mois:
            for jour in mois.jours:
                debut, fin = jours_entiers(jour.le, duree)
                libre_le = regles.libre_le(fin)
                libres = session.scalars(
                    vehicules_libres(offre.id, debut, fin, libre_le=libre_le, le=LE)
                ).all()
                attendu = bool(libres) and jour.le >= DEPART and _la_flotte_accepte(regles, debut, fin)
                assert (jour.etat is EtatJour.LIBRE) is attendu, jour
        session.rollback()


def _la_flotte_accepte(regles: Regles, debut: datetime, fin: datetime) -> bool:
    try:
        regles.verifier_les_dates(debut, fin, LE)
    except RegleDeFlotte:
        return False
    return True


def test_a_bigger_fleet_with_more_bookings_asks_the_database_no_more_questions(moteur_sqlite: Engine) -> None:
    questions: list[str] = []
    combien = []
    with Session(moteur_sqlite) as session:
        for taille in (1, 12):
            offre = une_offre()
            parc = [un_vehicule(offre) for _ in range(taille)]
            session.add_all(parc)
            session.flush()
            session.add_all(
                _une_reservation(v.id, LE + (2 + 3 * rang) * UN_JOUR) for v in parc for rang in range(30)
            )
            session.flush()
            noter = lambda *args: questions.append(args[2])  # noqa: E731
            event.listen(moteur_sqlite, "before_cursor_execute", noter)
            montre = calendrier(session, offre, duree=3, regle=RegleDesJours(DEPART), combien=2, le=LE)
            event.remove(moteur_sqlite, "before_cursor_execute", noter)
            assert len(montre.vehicules) == taille
            combien.append(len(questions))
            questions.clear()
        session.rollback()
    assert combien[0] == combien[1] <= 3


def _une_reservation(vehicule_id: int, debut: datetime) -> Reservation:
    return Reservation(
        vehicule_id=vehicule_id,
        demandee_par=CONSEILLERE.id,
        debut=debut,
        fin=debut + timedelta(days=2),
        libre_le=debut + timedelta(days=2),
        statut=StatutReservation.CONFIRMEE,
        place_confirmee_par="Paul",
        place_confirmee_le=LE,
        cle_idempotence=uuid4().hex,
    )


@pytest.mark.parametrize(("duree", "libre"), [(364, True), (365, False)])
def test_a_very_long_stay_sees_who_has_the_vehicle_a_year_later(
    moteur_sqlite: Engine, duree: int, libre: bool
) -> None:
    depart = date(2026, 11, 30)
    with Session(moteur_sqlite) as session:
        offre = une_offre()
        voiture = un_vehicule(offre)
        session.add(voiture)
        session.flush()
        session.add(_une_reservation(voiture.id, minuit(depart + 364 * UN_JOUR)))
        session.flush()
        regle = RegleDesJours(DEPART)
        montre = calendrier(session, offre, duree=duree, regle=regle, premier_mois=depart, le=LE)
        [jour] = [jour for jour in montre.mois[0].jours if jour.le == depart]
        assert (jour.etat is EtatJour.LIBRE) is libre
        session.rollback()


def test_nothing_is_free_without_a_vehicle() -> None:
    [jour] = n_importe_lequel([], [DEPART], 1, RegleDesJours(DEPART))
    assert jour == Jour(DEPART, EtatJour.HORS_SERVICE)
