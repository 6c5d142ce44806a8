"""Many processes that book, move, swap and give up at once, on one database: is a vehicle ever given twice?

They call the functions of booking on real connections; ``epreuve_formulaires`` sends forms to the real
server. Overlaps are counted by SQL written here, never by the code under proof. The short form runs
with the tests, the long one with ``make proof`` (``preuve_reservation``).
"""

from __future__ import annotations

import multiprocessing
import queue
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, func, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mobilite import tables
from mobilite.acteur import Acteur, RoleActeur
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Vehicule
from mobilite.offre import Offre
from mobilite.reservation import Reservation
from tests.fabriques import AVANT, LUNDI, VUS, un_vehicule, une_offre
from web import reservations
from web.base_de_donnees import creer_moteur
from web.transaction import ESSAIS, est_un_verrou

assert "reservation" in tables.metadata.tables  # every table must be known before the first query

FILS = 4
"""Connections of each process."""

JOURS = 60
VEHICULES = 10
CHEVAUCHEMENTS = """
SELECT count(*) FROM reservation AS une JOIN reservation AS autre
    ON une.vehicule_id = autre.vehicule_id AND une.id < autre.id
WHERE une.statut IN ('proposee', 'demandee', 'confirmee', 'remise')
    AND autre.statut IN ('proposee', 'demandee', 'confirmee', 'remise')
    AND une.debut < autre.libre_le AND autre.debut < une.libre_le
"""


@dataclass(frozen=True, slots=True)
class Salve:
    """Everybody asks for the same days: of one vehicle, or of any vehicle of the offer."""

    offre_id: int
    vehicule_id: int | None
    debut: datetime
    fin: datetime
    places: int


@dataclass(slots=True)
class Bilan:
    """What was tried and what came of it. ``gagnants``: of each burst, how many were served, how many should."""

    tentatives: int = 0
    acceptees: int = 0
    refusees: int = 0
    pannes: Counter[str] = field(default_factory=Counter)
    reprises: int = 0
    gestes: Counter[str] = field(default_factory=Counter)
    gagnants: list[tuple[int, int]] = field(default_factory=list)
    chevauchements: int = -1

    @property
    def salves_fausses(self) -> int:
        """Bursts that did not serve exactly as many as there were places."""
        return sum(servis != places for servis, places in self.gagnants)

    def ajouter(self, autre: Bilan) -> None:
        """Join what another process counted; bursts are joined one by one."""
        self.tentatives += autre.tentatives
        self.acceptees += autre.acceptees
        self.refusees += autre.refusees
        self.reprises += autre.reprises
        self.pannes += autre.pannes
        self.gestes += autre.gestes
        if autre.gagnants:
            deja = self.gagnants or [(0, places) for _, places in autre.gagnants]
            self.gagnants = [(a + b, n) for (a, n), (b, _) in zip(deja, autre.gagnants, strict=True)]


@dataclass(frozen=True, slots=True)
class Parc:
    """Two fleets for the scramble, one for the bursts: numbers of offers, and of the vehicles of each."""

    offres: tuple[int, ...]
    vehicules: tuple[tuple[int, ...], ...]


def un_parc(moteur: Engine) -> Parc:
    """Three offers of ``VEHICULES`` vehicles."""
    with Session(moteur) as session, session.begin():
        offres = [une_offre() for _ in range(3)]
        vehicules = [[un_vehicule(offre) for _ in range(VEHICULES)] for offre in offres]
        session.add_all([v for parc in vehicules for v in parc])
        session.flush()
        return Parc(tuple(o.id for o in offres), tuple(tuple(v.id for v in parc) for parc in vehicules))


def les_salves(parc: Parc, nombre: int) -> list[Salve]:
    """Bursts on days of their own: nine on one vehicle, then one on any of ten."""
    salves = []
    for rang in range(nombre):
        debut = LUNDI + timedelta(days=20 + rang // VEHICULES)
        un_seul = rang % VEHICULES < VEHICULES - 1
        # The last one finds a day of its own, where its ten vehicles are free.
        debut = debut if un_seul else debut + timedelta(days=150)
        vehicule = parc.vehicules[2][rang % VEHICULES] if un_seul else None
        places = 1 if un_seul else VEHICULES
        salves.append(Salve(parc.offres[2], vehicule, debut, debut + timedelta(hours=20), places))
    return salves


def eprouver(
    moteur: Engine, *, salves: int, par_salve: int, melee: int, processus: int = 4, graine: int = 55
) -> Bilan:
    """``salves`` bursts of ``par_salve`` requests, then ``melee`` mixed gestures, by so many processes."""
    parc = un_parc(moteur)
    contexte = multiprocessing.get_context("spawn")
    depart, sortie = contexte.Barrier(processus), contexte.Queue()
    adresse = moteur.url.render_as_string(hide_password=False)
    fils = [
        contexte.Process(
            target=_reserver,
            args=(adresse, parc, les_salves(parc, salves), par_salve // processus, melee // processus),
            kwargs={"graine": graine * 100 + rang, "depart": depart, "sortie": sortie},
        )
        for rang in range(processus)
    ]
    for un in fils:
        un.start()
    bilan = Bilan()
    for _ in fils:
        bilan.ajouter(_recevoir(sortie, fils))
    for un in fils:
        un.join()
    bilan.chevauchements = chevauchements(moteur)
    return bilan


def _recevoir(sortie: multiprocessing.Queue[Bilan], fils: Sequence[BaseProcess]) -> Bilan:
    """What one process counted; a process that died before it is a fault of the proof."""
    while True:
        try:
            return sortie.get(timeout=1)
        except queue.Empty:
            if any(un.exitcode for un in fils):
                for un in fils:
                    un.kill()
                raise RuntimeError("a process of the proof stopped by itself") from None


def chevauchements(moteur: Engine) -> int:
    """How many pairs of bookings hold one vehicle at the same time."""
    with moteur.connect().execution_options(lecture_seule=True) as connexion:
        return int(connexion.scalar(text(CHEVAUCHEMENTS)) or 0)


def _reserver(
    adresse: str,
    parc: Parc,
    salves: Sequence[Salve],
    par_salve: int,
    melee: int,
    *,
    graine: int,
    depart: Barrier,
    sortie: multiprocessing.Queue[Bilan],
) -> None:
    """One process: its part of each burst, released with the others, then its part of the scramble."""
    reserveur = Reserveur(creer_moteur(make_url(adresse), connexions=FILS), parc, random.Random(graine))
    with ThreadPoolExecutor(FILS) as fils:
        for salve in salves:
            depart.wait(timeout=600)
            servis = sum(fils.map(lambda _, s=salve: reserveur.demander_la_salve(s), range(par_salve)))
            reserveur.bilan.gagnants.append((servis, salve.places))
        depart.wait(timeout=600)
        list(fils.map(reserveur.geste, range(melee)))
    sortie.put(reserveur.bilan)


class Reserveur:
    """Somebody who tries: each gesture is a whole transaction, tried again as a request would be."""

    def __init__(self, moteur: Engine, parc: Parc, hasard: random.Random) -> None:
        self.moteur, self.parc, self.hasard = moteur, parc, hasard
        self.bilan = Bilan()
        self._verrou = threading.Lock()
        self._gestes: list[tuple[int, str, Callable[[Session, datetime], Any]]] = [
            (40, "demander", self._demander),
            (15, "déplacer", self._deplacer),
            (10, "changer de véhicule", self._changer),
            (10, "échanger", self._echanger),
            (5, "prolonger", self._prolonger),
            (15, "annuler", self._annuler),
            (5, "confirmer", self._confirmer),
        ]

    def demander_la_salve(self, salve: Salve) -> bool:
        """One request of a burst; whether it was served."""
        return self._tenter(
            "salve",
            lambda session: reservations.demander(
                session,
                acteur=_quelqu_un(self.hasard),
                offre=session.get_one(Offre, salve.offre_id),
                vehicule=session.get(Vehicule, salve.vehicule_id) if salve.vehicule_id else None,
                debut=salve.debut,
                fin=salve.fin,
                cle=uuid4().hex,
                le=AVANT,
            ),
        )

    def geste(self, rang: int) -> bool:
        """One gesture drawn at random; a minute passes with each, so that requests nobody answered end."""
        instant = AVANT + timedelta(minutes=rang)
        poids, noms, gestes = zip(*self._gestes, strict=True)
        choisi = self.hasard.choices(range(len(noms)), poids)[0]
        return self._tenter(noms[choisi], lambda session: gestes[choisi](session, instant))

    def _tenter(self, nom: str, faire: Callable[[Session], object]) -> bool:
        self._noter(nom, "tentatives")
        for essai in range(ESSAIS):
            try:
                with Session(self.moteur) as session, session.begin():
                    faire(session)
            except RegleMetier:
                self._noter(nom, "refusees")
                return False
            except DBAPIError as erreur:
                if est_un_verrou(erreur) and essai < ESSAIS - 1:
                    self._noter(nom, "reprises")
                    continue
                self._noter(f"{nom} : {type(erreur.orig).__name__}", "pannes")
                return False
            else:
                self._noter(nom, "acceptees")
                return True
        return False

    def _noter(self, nom: str, quoi: str) -> None:
        """Count one more, threads aside."""
        with self._verrou:
            if quoi == "pannes":
                self.bilan.pannes[nom] += 1
                return
            setattr(self.bilan, quoi, getattr(self.bilan, quoi) + 1)
            if quoi in ("tentatives", "acceptees"):
                self.bilan.gestes[nom if quoi == "tentatives" else f"{nom}, accepté"] += 1

    def _jours(self) -> dict[str, Any]:
        debut = LUNDI + timedelta(hours=self.hasard.randrange(24 * JOURS), days=20)
        return {"debut": debut, "fin": debut + timedelta(hours=self.hasard.randrange(2, 96))}

    def _demander(self, session: Session, instant: datetime) -> None:
        flotte = self.hasard.randrange(2)
        nomme = self.hasard.random() < 0.5
        reservations.demander(
            session,
            acteur=_quelqu_un(self.hasard),
            offre=session.get_one(Offre, self.parc.offres[flotte]),
            vehicule=self._vehicule(session, flotte) if nomme else None,
            cle=uuid4().hex,
            le=instant,
            **self._jours(),
        )

    def _vehicule(self, session: Session, flotte: int) -> Vehicule:
        return session.get_one(Vehicule, self.hasard.choice(self.parc.vehicules[flotte]))

    def _une_reservation(self, session: Session) -> Reservation:
        dernier = session.scalar(select(func.max(Reservation.id))) or 0
        numero = self.hasard.randint(max(1, dernier - 200), max(1, dernier))
        trouvee = session.get(Reservation, numero)
        if trouvee is None or trouvee.vehicule_id not in {v for p in self.parc.vehicules[:2] for v in p}:
            raise RienATenter("Ce numéro n'est pas de la mêlée.")
        return trouvee

    def _deplacer(self, session: Session, instant: datetime) -> None:
        laquelle = self._une_reservation(session)
        reservations.deplacer(session, laquelle, par=_quelqu_un(self.hasard), le=instant, **self._jours())

    def _changer(self, session: Session, instant: datetime) -> None:
        laquelle = self._une_reservation(session)
        flotte = 0 if laquelle.vehicule_id in self.parc.vehicules[0] else 1
        autre = self._vehicule(session, flotte)
        reservations.changer_vehicule(session, laquelle, autre, par=_quelqu_un(self.hasard), le=instant)

    def _echanger(self, session: Session, instant: datetime) -> None:
        une, autre = self._une_reservation(session), self._une_reservation(session)
        reservations.echanger(session, une, autre, par=_quelqu_un(self.hasard), le=instant)

    def _prolonger(self, session: Session, instant: datetime) -> None:
        laquelle = self._une_reservation(session)
        fin = laquelle.fin + timedelta(hours=self.hasard.randrange(2, 48))
        reservations.renouveler(
            session, laquelle, par=_quelqu_un(self.hasard), fin=fin, cle=uuid4().hex, le=instant
        )

    def _annuler(self, session: Session, instant: datetime) -> None:
        reservations.annuler(session, self._une_reservation(session), par=_quelqu_un(self.hasard), le=instant)

    def _confirmer(self, session: Session, instant: datetime) -> None:
        laquelle = self._une_reservation(session)
        reservations.confirmer(session, laquelle, par=_quelqu_un(self.hasard), le=instant, **VUS)


class RienATenter(RegleMetier):
    """The number drawn is no booking of the scramble: the attempt counts as refused."""

    code = "rien_a_tenter"


def _quelqu_un(hasard: random.Random) -> Acteur:
    return Acteur(id=1000 + hasard.randrange(1000), role=RoleActeur.CONSEILLER)
