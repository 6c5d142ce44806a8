"""Any sequence of gestures of booking, on both databases: what must hold after each of them.

The machine draws requests, answers, keys out and back, moves, changes of vehicle, breakdowns and the
passing of time, each in its own transaction. It knows of each booking only what it saw before: a refused
gesture changes nothing, an accepted one changes one thing and says so in the journal. Two controls take
the guard away and must be caught. ``MOBILITE_PREUVE=1`` draws for minutes instead of seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.disponibilite import vehicules_libres
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.journal import LigneJournal
from mobilite.offre import Offre
from mobilite.reservation import OCCUPENT, SUITES, Reservation, StatutReservation
from tests.fabriques import AVANT, LUNDI, VUS, cles, un_vehicule, une_offre, une_personne
from tests.proof.preuve_taches import bases
from web import reservations

LONGUE = os.environ.get("MOBILITE_PREUVE") == "1"
ELLE = Acteur(id=900, role=RoleActeur.CONSEILLER)
JOURS = 5
"""A short calendar: days meet often."""

debuts = st.integers(0, JOURS - 1)
durees = st.integers(1, 3)
rangs = st.integers(0, 30)
vehicules = st.integers(0, 2)
_cle = cles()


class Agenda(RuleBasedStateMachine):
    """Three vehicles of one offer, somebody who asks, and a clock that only goes forward."""

    moteur: Engine
    taille = 3

    @initialize()
    def ouvrir(self) -> None:
        """A fleet of this run's own: what other runs left behind is another offer's."""
        self.instant, self.pas = AVANT, 0
        self.vus: dict[int, tuple[Any, ...]] = {}
        self.changements: dict[int, int] = {}
        with Session(self.moteur) as session, session.begin():
            offre, personne = une_offre(), une_personne()
            flotte = [un_vehicule(offre) for _ in range(self.taille)]
            session.add_all([*flotte, personne])
            session.flush()
            self.offre_id, self.personne_id = offre.id, personne.id
            self.flotte = [v.id for v in flotte]

    @rule(debut=debuts, duree=durees, vehicule=st.none() | vehicules)
    def demander(self, debut: int, duree: int, vehicule: int | None) -> None:
        """Ask for a vehicle, or for that one."""

        def faire(session: Session) -> None:
            reservations.demander(
                session,
                acteur=ELLE,
                offre=session.get_one(Offre, self.offre_id),
                vehicule=None
                if vehicule is None
                else session.get_one(Vehicule, self.flotte[vehicule % self.taille]),
                personne_id=self.personne_id,
                cle=_cle(),
                le=self.instant,
                **_periode(debut, duree),
            )

        self._faire(faire)

    @rule(rang=rangs)
    def confirmer(self, rang: int) -> None:
        """Say yes."""
        self._sur(rang, lambda s, r: reservations.confirmer(s, r, par=ELLE, le=self.instant, **VUS))

    @rule(rang=rangs)
    def refuser(self, rang: int) -> None:
        """Say no."""
        self._sur(rang, lambda s, r: reservations.refuser(s, r, par=ELLE, motif="Non.", le=self.instant))

    @rule(rang=rangs)
    def annuler(self, rang: int) -> None:
        """Give up."""
        self._sur(rang, lambda s, r: reservations.annuler(s, r, par=ELLE, le=self.instant))

    @rule(rang=rangs)
    def remettre(self, rang: int) -> None:
        """Keys out."""
        self._sur(rang, lambda s, r: reservations.remettre(s, r, par=ELLE, le=self.instant))

    @rule(rang=rangs)
    def rendre(self, rang: int) -> None:
        """Keys back."""
        self._sur(rang, lambda s, r: reservations.rendre(s, r, par=ELLE, le=self.instant))

    @rule(rang=rangs, debut=debuts, duree=durees)
    def deplacer(self, rang: int, debut: int, duree: int) -> None:
        """Other days."""
        self._sur(
            rang,
            lambda s, r: reservations.deplacer(s, r, par=ELLE, le=self.instant, **_periode(debut, duree)),
        )

    @rule(rang=rangs, vehicule=vehicules)
    def changer(self, rang: int, vehicule: int) -> None:
        """Another vehicle."""

        def faire(session: Session, reservation: Reservation) -> None:
            autre = session.get_one(Vehicule, self.flotte[vehicule % self.taille])
            reservations.changer_vehicule(session, reservation, autre, par=ELLE, le=self.instant)

        self._sur(rang, faire)

    @rule(heures=st.integers(1, 30))
    def attendre(self, heures: int) -> None:
        """Time passes, and the task that lets go of unanswered requests runs."""
        self.instant += timedelta(hours=heures)
        self._faire(
            lambda s: reservations.liberer_les_demandes_expirees(s, self.flotte, self.instant),
            seulement=StatutReservation.EXPIREE,
        )

    @rule(vehicule=vehicules, marche=st.booleans())
    def tomber_en_panne_ou_revenir(self, vehicule: int, marche: bool) -> None:
        """A vehicle is out of order, or is back."""
        with Session(self.moteur) as session, session.begin():
            session.get_one(Vehicule, self.flotte[vehicule % self.taille]).en_service = marche

    @invariant()
    def jamais_deux_fois(self) -> None:
        """No vehicle is two people's at once, the time to hand it over included."""
        occupees = self._occupees()
        for rang, (vehicule, _, debut, fin) in enumerate(occupees):
            for autre, _, autre_debut, autre_fin in occupees[rang + 1 :]:
                assert vehicule != autre or fin <= autre_debut or autre_fin <= debut

    @invariant()
    def jamais_moins_que_rien(self) -> None:
        """On a day, each vehicle is somebody's or free or out of order, and never two of these."""
        self.pas += 1
        periode = _periode(self.pas % JOURS, 1)
        pris = {v for v, _, d, f in self._occupees() if d < periode["fin"] and f > periode["debut"]}
        with Session(self.moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            libres = session.scalars(vehicules_libres(self.offre_id, **periode, le=self.instant)).all()
        assert not pris & {v.id for v in libres}
        assert len(libres) + len(pris) <= self.taille

    @invariant()
    def le_journal_dit_tout(self) -> None:
        """As many lines as changes, and no booking without its vehicle, its person, its name."""
        if not self.changements:
            return
        with Session(self.moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            lignes = dict(
                session.execute(
                    select(LigneJournal.objet_id, func.count())
                    .where(
                        LigneJournal.objet_type == "reservation",
                        LigneJournal.objet_id.in_(self.changements),
                    )
                    .group_by(LigneJournal.objet_id)
                ).all()
            )
            assert lignes == self.changements
            for reservation in session.scalars(
                select(Reservation).where(Reservation.vehicule_id.in_(self.flotte))
            ):
                assert reservation.personne_id == self.personne_id
                assert reservation.vehicule.offre_id == self.offre_id
                if reservation.statut in (StatutReservation.CONFIRMEE, StatutReservation.REMISE):
                    assert reservation.place_confirmee_par and reservation.place_confirmee_le

    def _sur(self, rang: int, geste: Callable[[Session, Reservation], None]) -> None:
        """Do something to one of the bookings there are."""
        if not self.vus:
            return
        numero = sorted(self.vus)[rang % len(self.vus)]
        self._faire(lambda session: geste(session, session.get_one(Reservation, numero)))

    def _faire(
        self, geste: Callable[[Session], object], *, seulement: StatutReservation | None = None
    ) -> None:
        """One transaction; what it changed is counted, and each change of status is one that may be."""
        refuse = False
        try:
            with Session(self.moteur) as session, session.begin():
                geste(session)
        except RegleMetier:
            refuse = True
        lues = self._lues()
        assert lues.keys() >= self.vus.keys()
        for numero, lue in lues.items():
            avant = self.vus.get(numero)
            if lue == avant:
                continue
            assert not refuse, "a refused gesture changed something"
            self.changements[numero] = self.changements.get(numero, 0) + 1
            if avant is None:
                assert lue[1] is StatutReservation.DEMANDEE
            elif lue[1] is not avant[1]:
                assert lue[1] in SUITES[avant[1]]
                assert seulement in (None, lue[1])
        self.vus = lues

    def _occupees(self) -> list[tuple[Any, ...]]:
        """Who has what, as the last reading said: every gesture is followed by one."""
        return [lue for lue in self.vus.values() if lue[1] in OCCUPENT]

    def _lues(self) -> dict[int, tuple[Any, ...]]:
        with Session(self.moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            return {
                numero: tuple(reste)
                for numero, *reste in session.execute(
                    select(
                        Reservation.id,
                        Reservation.vehicule_id,
                        Reservation.statut,
                        Reservation.debut,
                        Reservation.libre_le,
                    ).where(Reservation.vehicule_id.in_(self.flotte))
                )
            }


def _periode(debut: int, duree: int) -> dict[str, datetime]:
    depart = LUNDI + timedelta(days=debut)
    return {"debut": depart, "fin": depart + timedelta(days=duree)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def moteurs(request: pytest.FixtureRequest) -> Iterator[Iterator[Engine]]:
    with bases(request.param) as neufs:
        yield neufs


def tirer(moteur: Engine, machines: int, *, taille: int = 3) -> None:
    """So many machines of so many gestures, always the same; no shrinking, whose sequence depends on rows."""
    machine = type("AgendaSur", (Agenda,), {"moteur": moteur, "taille": taille})
    try:
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine,
            settings=settings(
                max_examples=machines,
                stateful_step_count=25,
                derandomize=not LONGUE,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        moteur.dispose()


def test_no_sequence_of_gestures_gives_a_vehicle_twice_or_forgets_to_say_what_changed(
    moteurs: Iterator[Engine],
) -> None:
    tirer(next(moteurs), 500 if LONGUE else 8)


@pytest.mark.parametrize("gardes", ["insertion_seule", *(["aucune"] if LONGUE else [])])
def test_the_machine_finds_the_vehicle_given_twice_once_the_guard_is_gone(
    moteurs: Iterator[Engine], gardes: str
) -> None:
    """The control: with no guard, or one that only looks at new rows, some sequence must be found."""
    moteur = next(moteurs)
    with moteur.begin() as connexion:
        for ordre in sans_garde(moteur.dialect.name, gardes):
            connexion.execute(text(ordre))
    with pytest.raises(AssertionError):
        tirer(moteur, 200, taille=1)


def sans_garde(base: str, gardes: str) -> list[str]:
    """What takes the guard of bookings away, wholly or for updates only."""
    if base == "sqlite":
        partis = ["update"] if gardes == "insertion_seule" else ["insert", "update"]
        return [f"DROP TRIGGER reservation_sans_chevauchement_{quand}" for quand in partis]
    enlever = "ALTER TABLE reservation DROP CONSTRAINT ex_reservation_sans_chevauchement"
    if gardes == "aucune":
        return [enlever]
    return [
        enlever,
        """CREATE FUNCTION garder_insertions() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT 1 FROM reservation AS autre WHERE autre.vehicule_id = NEW.vehicule_id
            AND autre.statut IN ('demandee', 'confirmee', 'remise')
            AND autre.debut < NEW.libre_le AND NEW.debut < autre.libre_le) THEN
            RAISE EXCEPTION 'ex_reservation_sans_chevauchement' USING ERRCODE = 'exclusion_violation';
        END IF; RETURN NEW; END $$""",
        "CREATE TRIGGER garder_insertions BEFORE INSERT ON reservation"
        " FOR EACH ROW EXECUTE FUNCTION garder_insertions()",
    ]
