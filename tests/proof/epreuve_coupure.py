"""Processes that book are killed, or the current is cut under them: is what they were told still there?

A booking counts once its process has said so, after the commit. The short form runs with the tests, the
long one with ``make proof`` (``preuve_coupure``).
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import URL, Engine, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.fabriques import un_vehicule, une_offre
from tests.proof.epreuve_reservation import chevauchements
from web.base_de_donnees import creer_moteur, mettre_a_jour

HEURES = 8_000
"""How many hours of a vehicle may be booked: a year, less what passes before."""


class Base(Protocol):
    """A database that can be stopped dead."""

    url: URL
    environnement: Mapping[str, str]

    def ouverte(self) -> AbstractContextManager[None]:
        """Ready to be written to; nothing of it runs once left."""

    def garder(self) -> None:
        """All that was written so far is safe."""

    def arreter(self, hasard: random.Random | None) -> None:
        """Stop its processes at this instant, and lose what such a stop may lose."""


@dataclass(slots=True)
class Bilan:
    """What was told and what was found: ``perdues`` were told and are not there."""

    arrets: int = 0
    dites: int = 0
    perdues: int = 0
    confirmees_perdues: int = 0
    stockees_non_dites: int = 0
    abimees: int = 0
    chevauchements: int = 0


def eprouver(
    base: Base,
    *,
    arrets: int,
    par_arret: int,
    sans_attendre: bool = False,
    ecrivains: int = 4,
    graine: int = 55,
) -> Bilan:
    """``arrets`` stops, each once about ``par_arret`` more rows were told; checked after each."""
    hasard = random.Random(graine)
    bilan = Bilan()
    demandees: set[int] = set()
    confirmees: set[int] = set()
    vehicules: list[int] = []
    heure = HEURES
    for rang in range(arrets):
        with base.ouverte():
            moteur = creer_moteur(base.url)
            mettre_a_jour(moteur)
            if heure + par_arret > HEURES:
                vehicules, heure = _des_vehicules(moteur, ecrivains), 0
            moteur.dispose()
            base.garder()
            nouvelles = _ecrire_puis_arreter(base, vehicules, heure, par_arret, hasard, rang, sans_attendre)
        for ligne in nouvelles:
            genre, numero = ligne.split()
            (demandees if genre == "d" else confirmees).add(int(numero))
        heure += par_arret
        with base.ouverte():
            moteur = creer_moteur(base.url)
            abimees = bilan.abimees
            try:
                _verifier(moteur, bilan, demandees, confirmees)
            except DatabaseError:
                # Nothing of it can be read any more.
                bilan.abimees += 1
                bilan.perdues += len(demandees)
            moteur.dispose()
        bilan.arrets += 1
        bilan.dites += len(nouvelles)
        if bilan.abimees > abimees:
            break
    return bilan


def _des_vehicules(moteur: Engine, nombre: int) -> list[int]:
    """One vehicle for each process that writes."""
    with Session(moteur) as session, session.begin():
        vehicules = [un_vehicule(une_offre()) for _ in range(nombre)]
        session.add_all(vehicules)
        session.flush()
        return [v.id for v in vehicules]


def _ecrire_puis_arreter(
    base: Base,
    vehicules: list[int],
    heure: int,
    par_arret: int,
    hasard: random.Random,
    rang: int,
    sans_attendre: bool,
) -> list[str]:
    """What the processes said before everything stopped, somewhere in the middle of their work."""
    ecrivains = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.proof.ecrivain_eprouve"),
                base.url.render_as_string(hide_password=False),
                *("--vehicule", str(vehicule), "--depuis", str(heure)),
                *(["--sans-attendre"] if sans_attendre else []),
            ],
            stdout=subprocess.PIPE,
            env=dict(base.environnement),
        )
        for vehicule in vehicules
    ]
    dites: list[list[str]] = [[] for _ in ecrivains]
    ecoutes = [
        threading.Thread(target=_ecouter, args=(ecrivain, lignes))
        for ecrivain, lignes in zip(ecrivains, dites, strict=True)
    ]
    for ecoute in ecoutes:
        ecoute.start()
    limite = time.monotonic() + 120
    # Each process has an hour at least per row told, so that none goes past those of this round.
    while sum(map(len, dites)) < par_arret and time.monotonic() < limite:
        if any(ecrivain.poll() is not None for ecrivain in ecrivains):
            break
        time.sleep(0.002)
    time.sleep(hasard.uniform(0, 0.02))
    faute = any(ecrivain.poll() is not None for ecrivain in ecrivains)
    for ecrivain in ecrivains:
        ecrivain.kill()
    for ecrivain, ecoute in zip(ecrivains, ecoutes, strict=True):
        ecrivain.wait()
        ecoute.join()
    # One stop in two is the worst a disk may do, the other leaves part of what was not synchronised.
    base.arreter(random.Random(hasard.random()) if rang % 2 else None)
    if faute or time.monotonic() >= limite:
        raise RuntimeError("a process that writes stopped by itself, or none was told anything")
    return [ligne for lignes in dites for ligne in lignes]


def _ecouter(ecrivain: subprocess.Popen[bytes], lignes: list[str]) -> None:
    assert ecrivain.stdout is not None
    with ecrivain.stdout as dites:
        for ligne in dites:
            if ligne.endswith(b"\n"):
                lignes.append(ligne.decode().strip())  # noqa: PERF401  (counted meanwhile by another thread)


def _verifier(moteur: Engine, bilan: Bilan, demandees: set[int], confirmees: set[int]) -> None:
    """Count what is missing of all that was ever told; what is lost is counted once."""
    with Session(moteur) as session:
        session.connection(execution_options={"lecture_seule": True})
        if moteur.dialect.name == "sqlite":
            sain = session.scalar(text("PRAGMA integrity_check")) == "ok"
            bilan.abimees += not sain or bool(session.execute(text("PRAGMA foreign_key_check")).all())
        stockees = dict(session.execute(select(Reservation.id, Reservation.statut)).all())
        journal = set(
            session.scalars(text("SELECT objet_id FROM journal WHERE quoi = 'ReservationDemandee'"))
        )
    perdues = {n for n in demandees if n not in stockees or n not in journal}
    sans_oui = {n for n in confirmees - perdues if stockees[n] is not StatutReservation.CONFIRMEE}
    bilan.perdues += len(perdues)
    bilan.confirmees_perdues += len(sans_oui)
    bilan.stockees_non_dites += len(stockees.keys() - demandees)
    bilan.chevauchements = chevauchements(moteur)
    demandees -= perdues
    confirmees -= sans_oui | perdues
    demandees |= stockees.keys()
