"""The same scramble through the front door: real forms, sent by many at once to the real server.

Every request goes through the sessions, the form tokens, the judgement of the engine and the pages;
only the sign-in is shortened (``visiteurs_eprouves``).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Barrier, Lock
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import ce_jour
from tests.conftest import compte_de
from tests.fabriques import un_vehicule, une_offre, une_personne
from tests.proof.epreuve_reservation import VEHICULES, Bilan, chevauchements
from tests.proof.serveur_eprouve import servir
from tests.proof.visiteurs_eprouves import Reponse, Visiteur, cookie_de, une_cle

DUREES = ("1", "2", "3", "7")
JOURS = 60


@dataclass(frozen=True, slots=True)
class _Lieu:
    """Two offers, and who asks: the second one is for bursts."""

    offres: tuple[UUID, UUID]
    vehicules: tuple[tuple[UUID, ...], tuple[UUID, ...]]
    jetons: tuple[str, ...]


def eprouver(
    moteur: Engine,
    *,
    salves: int,
    visiteurs: int,
    melee: int,
    journal: Path,
    processus: int = 4,
    graine: int = 55,
) -> Bilan:
    """``salves`` bursts where all ``visiteurs`` ask for one slot, then ``melee`` requests, changes and ends."""
    lieu = _preparer(moteur, visiteurs)
    bilan, verrou = Bilan(), Lock()

    def compter(geste: str, reponse: Reponse) -> bool:
        servie = reponse.statut == HTTPStatus.SEE_OTHER
        with verrou:
            bilan.tentatives += 1
            bilan.gestes[geste] += 1
            bilan.acceptees += servie
            if servie:
                bilan.gestes[f"{geste}, accepté"] += 1
            elif reponse.statut in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
                bilan.refusees += 1
            else:
                bilan.pannes[f"{geste} : {reponse.statut}"] += 1
        return servie

    with (
        servir(moteur.url, processus=processus, fils=8, journal=journal) as serveur,
        ThreadPoolExecutor(visiteurs) as fils,
    ):
        tous = [Visiteur(serveur.port, cookie_de(jeton)) for jeton in lieu.jetons]
        page = f"/mes-deplacements/vehicule/{lieu.offres[1]}"
        for lue in fils.map(lambda visiteur: visiteur.lire(page), tous):
            if lue.statut != HTTPStatus.OK:
                raise RuntimeError(f"the form answered {lue.statut}")
        for rang in range(salves):
            bilan.gagnants.append(_salve(fils, tous, lieu, rang, compter))
        hasards = [random.Random(graine * 1000 + rang) for rang in range(visiteurs)]

        def tour(rang: int) -> None:
            for _ in range(melee // visiteurs):
                _geste(tous[rang], lieu, hasards[rang], compter)

        list(fils.map(tour, range(visiteurs)))
    bilan.chevauchements = chevauchements(moteur)
    return bilan


def _salve(
    fils: ThreadPoolExecutor,
    tous: Sequence[Visiteur],
    lieu: _Lieu,
    rang: int,
    compter: Callable[[str, Reponse], bool],
) -> tuple[int, int]:
    """Everybody asks at the same instant for one vehicle, or for any of ten: how many were served, and should."""
    page = f"/mes-deplacements/vehicule/{lieu.offres[1]}"
    depart = Barrier(len(tous))
    un_seul = rang % VEHICULES < VEHICULES - 1
    jour = ce_jour() + timedelta(days=100 + rang // VEHICULES + (0 if un_seul else 50))
    champs = {"debut": jour.isoformat(), "jours": "1"}
    if un_seul:
        champs["vehicule"] = str(lieu.vehicules[1][rang % VEHICULES])

    def demander(visiteur: Visiteur) -> bool:
        depart.wait(timeout=60)
        return compter("salve", visiteur.envoyer(page, champs | {"cle": une_cle()}))

    return sum(fils.map(demander, tous)), 1 if un_seul else VEHICULES


def _geste(
    visiteur: Visiteur, lieu: _Lieu, hasard: random.Random, compter: Callable[[str, Reponse], bool]
) -> None:
    """Ask for some days, or give up the last request that was taken."""
    if visiteur.demandes and hasard.random() < 0.4:
        compter("annuler", visiteur.envoyer(f"{visiteur.demandes.pop()}/annuler", {}))
        return
    champs = {
        "debut": (ce_jour() + timedelta(days=10 + hasard.randrange(JOURS))).isoformat(),
        "jours": hasard.choice(DUREES),
        "cle": une_cle(),
    }
    if hasard.random() < 0.5:
        champs["vehicule"] = str(hasard.choice(lieu.vehicules[0]))
    reponse = visiteur.envoyer(f"/mes-deplacements/vehicule/{lieu.offres[0]}", champs)
    if compter("demander", reponse):
        visiteur.demandes.append(reponse.vers.partition("?")[0])


def _preparer(moteur: Engine, visiteurs: int) -> _Lieu:
    """Two offers of ten vehicles, and as many people as visitors, each with an account."""
    with Session(moteur) as session, session.begin():
        offres = une_offre(), une_offre()
        flottes = [[un_vehicule(offre) for _ in range(VEHICULES)] for offre in offres]
        session.add_all([v for flotte in flottes for v in flotte])
        personnes = [une_personne() for _ in range(visiteurs)]
        session.add_all(personnes)
        session.flush()
        jetons = [
            compte_de(session, RoleActeur.PERSONNE, personne_id=personne.id).jeton_session
            for personne in personnes
        ]
        une, autre = (tuple(v.uuid for v in flotte) for flotte in flottes)
        return _Lieu((offres[0].uuid, offres[1].uuid), (une, autre), tuple(jetons))
