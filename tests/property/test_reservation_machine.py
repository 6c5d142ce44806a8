"""Any sequence of gestures of booking, on both databases: what must hold after each of them.

The machine draws requests, answers, keys out and back, absences, moves, changes and exchanges of vehicle,
prolongations, breakdowns with their re-housing and the passing of time, each in its own transaction. It
knows of each booking only what it saw before: a refused gesture changes nothing, an accepted one says in
the journal what it changed. The controls take the guards away and must be caught. ``MOBILITE_PREUVE=1``
draws for minutes instead of seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur, RoleActeur
from mobilite.disponibilite import vehicules_libres
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.journal import LigneJournal
from mobilite.motif_reservation import MotifSansSuite
from mobilite.offre import Offre
from mobilite.reglement import Reglement
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT, SUITES, StatutReservation
from tests.fabriques import LUNDI, VUS, cles, un_vehicule, une_offre, une_personne
from tests.proof.preuve_taches import bases
from web import reservations
from web.relogement import immobiliser, remettre_en_route
from web.reservations import changements

LONGUE = os.environ.get("MOBILITE_PREUVE") == "1"
ELLE = Acteur(id=900, role=RoleActeur.CONSEILLER)
LE_GARAGE = Acteur(id=901, role=RoleActeur.PARTENAIRE, structure_id=1)
JOURS = 5
"""A short calendar: days meet often."""

TAMPON_H = 12
"""The fleet takes half a day between two people."""

debuts = st.integers(0, JOURS - 1)
durees = st.integers(1, 3)
rangs = st.integers(0, 30)
vehicules = st.integers(0, 2)
_cle = cles()
il_y_a = precondition(lambda machine: bool(machine.vus))
"""There is a booking to do something to."""


class Changements(RuleBasedStateMachine):
    """Some vehicles of one offer, somebody who asks, moves and changes; and what must hold whatever comes."""

    moteur: Engine
    taille = 3

    @initialize()
    def ouvrir(self) -> None:
        """A fleet of this run's own: what other runs left behind is another offer's."""
        # On the eve of the first day: keys may go out.
        self.instant, self.pas = LUNDI - timedelta(hours=12), 0
        self.vus: dict[int, tuple[Any, ...]] = {}
        self.lignes: dict[int, int] = {}
        with Session(self.moteur) as session, session.begin():
            offre, personne = une_offre(), une_personne()
            session.add(Reglement(offre=offre, tampon_heures=TAMPON_H, renouvellements_max=2))
            flotte = [un_vehicule(offre) for _ in range(self.taille)]
            session.add_all([*flotte, personne])
            session.flush()
            self.offre_id, self.personne_id = offre.id, personne.id
            self.flotte = [v.id for v in flotte]
        self.arrets: dict[int, int] = {}

    @rule(debut=debuts, duree=durees)
    def demander_n_importe_lequel(self, debut: int, duree: int) -> None:
        """Ask for any vehicle."""
        self._demander(debut, duree, None)

    @rule(debut=debuts, duree=durees, vehicule=vehicules)
    def demander_celui_ci(self, debut: int, duree: int, vehicule: int) -> None:
        """Ask for that one."""
        self._demander(debut, duree, vehicule)

    def _demander(self, debut: int, duree: int, vehicule: int | None) -> None:

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

    @il_y_a
    @rule(rang=rangs, debut=debuts, duree=durees, flotte=st.booleans())
    def deplacer(self, rang: int, debut: int, duree: int, flotte: bool) -> None:
        """Other days: of a request by herself, of a confirmed place by the fleet, once she agreed."""
        par = LE_GARAGE if flotte else ELLE
        jours = _periode(debut, duree)
        accord = self.instant.date()
        self._sur(
            rang,
            lambda s, r: reservations.deplacer(s, r, par=par, accord_le=accord, le=self.instant, **jours),
        )

    @il_y_a
    @rule(rang=rangs, vehicule=vehicules)
    def changer(self, rang: int, vehicule: int) -> None:
        """Another vehicle."""

        def faire(session: Session, reservation: Reservation) -> None:
            autre = session.get_one(Vehicule, self.flotte[vehicule % self.taille])
            reservations.changer_vehicule(session, reservation, autre, par=ELLE, le=self.instant)

        self._sur(rang, faire)

    @invariant()
    def jamais_deux_fois(self) -> None:
        """No vehicle is two people's at once, the time to hand it over included."""
        occupees = self._occupees()
        for rang, (vehicule, _, debut, _, fin) in enumerate(occupees):
            for autre, _, autre_debut, _, autre_fin in occupees[rang + 1 :]:
                assert vehicule != autre or fin <= autre_debut or autre_fin <= debut

    @invariant()
    def jamais_moins_que_rien(self) -> None:
        """On a day, each vehicle is somebody's or free or out of order, and never two of these."""
        self.pas += 1
        periode = _periode(self.pas % JOURS, 1)
        pris = {v for v, _, d, _, f in self._occupees() if d < periode["fin"] and f > periode["debut"]}
        with Session(self.moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            libres = session.scalars(vehicules_libres(self.offre_id, **periode, le=self.instant)).all()
        assert not pris & {v.id for v in libres}
        assert len(libres) + len(pris) <= self.taille

    @invariant()
    def rien_d_orphelin(self) -> None:
        """No booking without its vehicle, its person, the stay it continues, and the name of who confirmed it."""
        with Session(self.moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            for reservation in session.scalars(
                select(Reservation).where(Reservation.vehicule_id.in_(self.flotte))
            ):
                assert reservation.personne_id == self.personne_id
                assert reservation.vehicule.offre_id == self.offre_id
                if reservation.statut in (StatutReservation.CONFIRMEE, StatutReservation.REMISE):
                    assert reservation.place_confirmee_par and reservation.place_confirmee_le
                if reservation.renouvelle_id is not None and reservation.statut in OCCUPENT:
                    suivie = session.get_one(Reservation, reservation.renouvelle_id)
                    assert suivie.statut not in (StatutReservation.ANNULEE, StatutReservation.ABSENTE)

    def _sur(self, rang: int, geste: Callable[[Session, Reservation], None]) -> None:
        """Do something to one of the bookings there are."""
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
        lues, lignes = self._lues(), self._journal()
        assert lues.keys() >= self.vus.keys()
        for numero, lue in lues.items():
            avant = self.vus.get(numero)
            dit = lignes.get(numero, 0) - self.lignes.get(numero, 0)
            if refuse:
                assert lue == avant, "a refused gesture changed something"
                assert dit == 0, "a refused gesture is told"
            if avant is None:
                assert lue[1] is StatutReservation.DEMANDEE
            elif lue[1] is not avant[1]:
                assert lue[1] in SUITES[avant[1]]
                assert seulement in (None, lue[1])
            # A prolongation takes the buffer of the booking before it: that is told of the new one.
            if avant is None or lue[:-1] != avant[:-1]:
                assert dit > 0, "something changed and the journal does not tell"
        self.vus, self.lignes = lues, lignes

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
                        Reservation.fin,
                        Reservation.libre_le,
                    ).where(Reservation.vehicule_id.in_(self.flotte))
                )
            }

    def _journal(self) -> dict[int, int]:
        """How many lines speak of each booking of ours, by number."""
        with Session(self.moteur) as session:
            session.connection(execution_options={"lecture_seule": True})
            siennes = select(Reservation.id).where(Reservation.vehicule_id.in_(self.flotte))
            combien = (
                select(LigneJournal.objet_id, func.count())
                .where(LigneJournal.objet_type == "reservation", LigneJournal.objet_id.in_(siennes))
                .group_by(LigneJournal.objet_id)
            )
            return {numero: lignes for numero, lignes in session.execute(combien)}  # noqa: C416  (rows are not pairs)


class Agenda(Changements):
    """The same with answers, keys, absences, prolongations, breakdowns, and a clock that only goes forward."""

    @il_y_a
    @rule(rang=rangs)
    def confirmer(self, rang: int) -> None:
        """Say yes."""
        self._sur(rang, lambda s, r: reservations.confirmer(s, r, par=ELLE, le=self.instant, **VUS))

    @il_y_a
    @rule(rang=rangs)
    def refuser(self, rang: int) -> None:
        """Say no."""
        self._sur(rang, lambda s, r: reservations.refuser(s, r, par=ELLE, motif="Non.", le=self.instant))

    @il_y_a
    @rule(rang=rangs)
    def annuler(self, rang: int) -> None:
        """Give up."""
        self._sur(rang, lambda s, r: reservations.annuler(s, r, par=ELLE, le=self.instant))

    @il_y_a
    @rule(rang=rangs)
    def remettre(self, rang: int) -> None:
        """Keys out."""
        self._sur(rang, lambda s, r: reservations.remettre(s, r, par=ELLE, le=self.instant))

    @il_y_a
    @rule(rang=rangs)
    def rendre(self, rang: int) -> None:
        """Keys back."""
        self._sur(rang, lambda s, r: reservations.rendre(s, r, par=ELLE, le=self.instant))

    @il_y_a
    @rule(rang=rangs)
    def ne_pas_venir(self, rang: int) -> None:
        """She did not come, and says why."""
        motif = MotifSansSuite.TRANSPORT
        self._sur(rang, lambda s, r: reservations.noter_absente(s, r, par=ELLE, motif=motif, le=self.instant))

    @il_y_a
    @rule(rang=rangs)
    def clore(self, rang: int) -> None:
        """The stay is over, all is settled."""
        self._sur(rang, lambda s, r: reservations.clore(s, r, par=ELLE, le=self.instant))

    @il_y_a
    @rule(rang=rangs, duree=durees)
    def prolonger(self, rang: int, duree: int) -> None:
        """Keep it longer."""

        def faire(session: Session, reservation: Reservation) -> None:
            fin = reservation.fin + timedelta(days=duree)
            reservations.renouveler(session, reservation, par=ELLE, fin=fin, cle=_cle(), le=self.instant)

        self._sur(rang, faire)

    @il_y_a
    @rule(rang=rangs, autre=rangs)
    def echanger(self, rang: int, autre: int) -> None:
        """Two people exchange their vehicles."""

        def faire(session: Session, reservation: Reservation) -> None:
            numero = sorted(self.vus)[autre % len(self.vus)]
            seconde = session.get_one(Reservation, numero)
            reservations.echanger(session, reservation, seconde, par=ELLE, le=self.instant)

        self._sur(rang, faire)

    @rule(heures=st.integers(1, 30))
    def attendre(self, heures: int) -> None:
        """Time passes, and the task that lets go of unanswered requests runs."""
        self.instant += timedelta(hours=heures)
        self._faire(
            lambda s: reservations.liberer_les_demandes_expirees(s, self.flotte, self.instant),
            seulement=StatutReservation.EXPIREE,
        )

    @rule(vehicule=vehicules, jours=st.none() | durees)
    def tomber_en_panne(self, vehicule: int, jours: int | None) -> None:
        """A vehicle stops, for some days or until told otherwise: its bookings are re-housed where they can."""

        def faire(session: Session) -> int:
            arret, _ = immobiliser(
                session,
                session.get_one(Vehicule, self.flotte[vehicule % self.taille]),
                par=ELLE,
                motif=MotifImmobilisation.PANNE,
                debut=self.instant,
                fin=None if jours is None else self.instant + timedelta(days=jours),
                cle=_cle(),
                le=self.instant,
            )
            session.flush()
            self.arrets[arret.id] = self.flotte[vehicule % self.taille]
            return arret.id

        self._faire(faire)

    @precondition(lambda self: bool(self.arrets))
    @rule(rang=rangs)
    def revenir(self, rang: int) -> None:
        """A vehicle that was stopped is back."""
        numero = sorted(self.arrets)[rang % len(self.arrets)]
        vehicule = self.arrets.pop(numero)
        self._faire(
            lambda session: remettre_en_route(
                session,
                session.get_one(Vehicule, vehicule),
                session.get_one(Immobilisation, numero),
                par=ELLE,
                le=self.instant,
            )
        )


def _periode(debut: int, duree: int) -> dict[str, Any]:
    depart = LUNDI + timedelta(days=debut)
    return {"debut": depart, "fin": depart + timedelta(days=duree)}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def moteurs(request: pytest.FixtureRequest) -> Iterator[Iterator[Engine]]:
    with bases(request.param) as neufs:
        yield neufs


def tirer(moteur: Engine, machines: int, *, genre: type[Changements] = Agenda, taille: int = 3) -> None:
    """So many machines of so many gestures, always the same; no shrinking, whose sequence depends on rows."""
    machine = type("SurCetteBase", (genre,), {"moteur": moteur, "taille": taille})
    try:
        run_state_machine_as_test(
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
    tirer(next(moteurs), 500 if LONGUE else 5)


@pytest.mark.parametrize("gardes", ["insertion_seule", *(["aucune"] if LONGUE else [])])
def test_the_machine_finds_the_vehicle_given_twice_once_the_guard_is_gone(
    moteurs: Iterator[Engine], gardes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with no guard, or one that only looks at new rows, some sequence must be found.

    The look before a change goes too: in a sequence, where nobody comes in between, it is enough.
    """
    monkeypatch.setattr(changements, "_refuser_si_pris", lambda *_, **__: None)
    moteur = next(moteurs)
    with moteur.begin() as connexion:
        for ordre in sans_garde(moteur.dialect.name, gardes):
            connexion.execute(text(ordre))
    with pytest.raises(AssertionError):
        tirer(moteur, 100, genre=Changements, taille=1)


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
            AND autre.statut IN ('proposee', 'demandee', 'confirmee', 'remise')
            AND autre.debut < NEW.libre_le AND NEW.debut < autre.libre_le) THEN
            RAISE EXCEPTION 'ex_reservation_sans_chevauchement' USING ERRCODE = 'exclusion_violation';
        END IF; RETURN NEW; END $$""",
        """CREATE TRIGGER garder_insertions BEFORE INSERT ON reservation
        FOR EACH ROW EXECUTE FUNCTION garder_insertions()""",
    ]
