"""A volunteer is never in two trips at once, a trip never has two volunteers: real threads, both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from mobilite.benevole import Benevole
from mobilite.course_solidaire import (
    ENGAGENT,
    BenevoleDejaPris,
    CourseDejaPourvue,
    CourseDejaTraitee,
    CourseSolidaire,
    StatutCourse,
    regle_de,
)
from mobilite.demande_transport import DemandeDeTransport
from mobilite.erreurs import RegleMetier
from mobilite.transport_solidaire import Sens
from tests.fabriques import LUNDI, le_partenaire, un_benevole, une_demande_de_transport, une_structure
from web import transports
from web.transports import BenevoleNeConvientPas

T = TypeVar("T")
ENSEMBLE = 12


def ensemble(nombre: int, geste: Callable[[int], T]) -> list[T]:
    """Do the same thing in as many threads, all released at the same instant."""
    depart = threading.Barrier(nombre)

    def attendre_puis(rang: int) -> T:
        depart.wait(timeout=30)
        return geste(rang)

    with ThreadPoolExecutor(nombre) as fils:
        return [fil.result() for fil in [fils.submit(attendre_puis, rang) for rang in range(nombre)]]


def une_association(moteur: Engine, benevoles: int, demandes: int) -> tuple[list[int], list[int]]:
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        structure = une_structure()
        session.add(structure)
        session.flush()
        ceux_ci = [un_benevole(structure) for _ in range(benevoles)]
        celles_ci = [une_demande_de_transport(structure) for _ in range(demandes)]
        session.add_all([*ceux_ci, *celles_ci])
        session.flush()
        return [b.id for b in ceux_ci], [d.id for d in celles_ci]


def proposer(moteur: Engine, demande: int, benevole: int) -> int | RegleMetier:
    """Somebody's whole transaction: the number of the trip, or why not."""
    try:
        with Session(moteur) as session, session.begin():
            qui = session.get_one(Benevole, benevole)
            acteur = le_partenaire(qui.structure)
            laquelle = session.get_one(DemandeDeTransport, demande)
            return transports.proposer(session, laquelle, Sens.ALLER, qui, par=acteur).id
    except RegleMetier as refus:
        return refus


def chevauchements(session: Session) -> int:
    une, autre = aliased(CourseSolidaire), aliased(CourseSolidaire)
    return session.scalars(
        select(func.count()).where(
            une.id < autre.id,
            une.benevole_id == autre.benevole_id,
            une.debut < autre.fin,
            autre.debut < une.fin,
            une.statut.in_(ENGAGENT),
            autre.statut.in_(ENGAGENT),
        )
    ).one()


def test_twelve_requests_for_one_volunteer_at_one_hour_give_her_one_trip(moteur: Engine) -> None:
    benevoles, demandes = une_association(moteur, 1, ENSEMBLE)
    reponses = ensemble(ENSEMBLE, lambda rang: proposer(moteur, demandes[rang], benevoles[0]))
    assert sum(isinstance(r, int) for r in reponses) == 1
    assert {type(r) for r in reponses} <= {int, BenevoleDejaPris, BenevoleNeConvientPas}
    with Session(moteur) as session:
        assert chevauchements(session) == 0
        assert session.scalars(select(func.count(CourseSolidaire.id))).one() == 1


def test_one_trip_proposed_to_twelve_volunteers_at_once_has_one(moteur: Engine) -> None:
    benevoles, demandes = une_association(moteur, ENSEMBLE, 1)
    reponses = ensemble(ENSEMBLE, lambda rang: proposer(moteur, demandes[0], benevoles[rang]))
    assert sum(isinstance(r, int) for r in reponses) == 1
    assert all(isinstance(r, int | CourseDejaPourvue) for r in reponses)


def test_a_yes_and_a_no_at_the_same_instant_leave_one_answer(moteur: Engine) -> None:
    benevoles, demandes = une_association(moteur, 1, 1)
    numero = proposer(moteur, demandes[0], benevoles[0])
    assert isinstance(numero, int)

    def repondre(rang: int) -> bool:
        try:
            with Session(moteur) as session, session.begin():
                course = session.get_one(CourseSolidaire, numero)
                acteur = le_partenaire(course.benevole.structure)
                if rang % 2:
                    transports.accepter(session, course, par=acteur)
                else:
                    transports.refuser(session, course, "pas libre", par=acteur)
        except CourseDejaTraitee:
            return False
        return True

    assert ensemble(6, repondre).count(True) == 1


@pytest.mark.parametrize("garde", [True, False])
def test_without_its_guard_the_database_stores_two_trips_at_once_and_this_test_sees_it(
    moteur: Engine, garde: bool
) -> None:
    """The control: the engine set aside, the database alone must refuse, on INSERT and on UPDATE."""
    benevoles, demandes = une_association(moteur, 1, 3)
    with Session(moteur) as session, session.begin():
        if not garde:
            for ordre in (
                [
                    "DROP TRIGGER course_solidaire_sans_chevauchement_" + quand
                    for quand in ("insert", "update")
                ]
                if moteur.dialect.name == "sqlite"
                else ["ALTER TABLE course_solidaire DROP CONSTRAINT ex_course_solidaire_sans_chevauchement"]
            ):
                session.execute(text(ordre))
    refus = 0
    for demande, decale, statut in (
        (demandes[0], 0, StatutCourse.ACCEPTEE),
        (demandes[1], 30, StatutCourse.PROPOSEE),
        (demandes[2], 30, StatutCourse.REFUSEE),
    ):
        debut = LUNDI + timedelta(minutes=decale)
        try:
            with Session(moteur) as session, session.begin():
                course = CourseSolidaire(
                    demande_id=demande,
                    benevole_id=benevoles[0],
                    sens=Sens.ALLER,
                    prise_en_charge=debut,
                    debut=debut,
                    fin=debut + timedelta(hours=1),
                    depose=debut + timedelta(hours=1),
                    km_prevus=30,
                    statut=statut,
                    proposee_par=1,
                )
                session.add(course)
                session.flush()
                if statut is StatutCourse.REFUSEE:
                    course.statut = StatutCourse.ACCEPTEE
        except IntegrityError as erreur:
            refus += isinstance(regle_de(erreur), BenevoleDejaPris)
    with Session(moteur) as session:
        assert (refus, chevauchements(session) > 0) == ((2, False) if garde else (0, True))


@pytest.mark.parametrize("fin", ["refuser", "annuler"])
def test_a_trip_refused_or_called_off_frees_the_volunteer_and_the_trip(moteur: Engine, fin: str) -> None:
    benevoles, demandes = une_association(moteur, 1, 2)
    numero = proposer(moteur, demandes[0], benevoles[0])
    assert isinstance(numero, int)
    with Session(moteur) as session, session.begin():
        course = session.get_one(CourseSolidaire, numero)
        acteur = le_partenaire(course.benevole.structure)
        (transports.refuser if fin == "refuser" else transports.annuler)(
            session, course, "malade", par=acteur
        )
    assert isinstance(proposer(moteur, demandes[1], benevoles[0]), int)
