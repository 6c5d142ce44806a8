"""A database as after some years: 200 000 bookings, 50 000 dossiers, 400 vehicles. Filled fast, the same each time.

Rows are written in batches, the guards of the database on; a vehicle's bookings follow one another, most
of them long over. Each adviser follows her share of the dossiers; one dossier in 25 is nobody's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert, inspect, text
from sqlalchemy.orm import Session

from mobilite.acteur import RoleActeur
from mobilite.base import Base, maintenant
from mobilite.personnes import Personne
from mobilite.reservation import Reservation
from mobilite.statut_reservation import StatutReservation
from tests.conftest import compte_de
from tests.fabriques import un_vehicule, une_offre, une_personne, une_structure

LOT = 5_000
PARTENAIRES = 10


@dataclass(frozen=True, slots=True)
class Peuplee:
    """Who can come in, by ``jeton_session``, and what they may open."""

    personnes: tuple[str, ...]
    conseillers: tuple[str, ...]
    partenaires: tuple[str, ...]
    offres: tuple[UUID, ...]
    dossiers: tuple[UUID, ...]


def peupler(
    moteur: Engine, *, reservations: int, dossiers: int, vehicules: int = 400, utilisateurs: int = 50
) -> Peuplee:
    """Fill an up-to-date empty database."""
    with Session(moteur) as session, session.begin():
        structures = [une_structure() for _ in range(PARTENAIRES)]
        offres = [une_offre(structure=structures[rang % PARTENAIRES]) for rang in range(vehicules // 8)]
        parc = [un_vehicule(offres[rang % len(offres)]) for rang in range(vehicules)]
        venues = [une_personne() for _ in range(utilisateurs)]
        session.add_all([*parc, *venues])
        session.flush()
        comptes = {
            role: [
                compte_de(session, role, personne_id=venue.id, structure_id=structures[rang % PARTENAIRES].id)
                for rang, venue in enumerate(venues)
            ]
            for role in (RoleActeur.PERSONNE, RoleActeur.CONSEILLER, RoleActeur.PARTENAIRE)
        }
        jetons = {role: tuple(c.jeton_session for c in les_siens) for role, les_siens in comptes.items()}
        conseillers = [c.id for c in comptes[RoleActeur.CONSEILLER]]
        numeros = [v.id for v in parc]
        uuids = tuple(o.uuid for o in offres)
        premiere = max(v.id for v in venues) + 1
    connus: list[UUID] = []
    defauts = _colonnes(une_personne())
    for debut in range(0, dossiers, LOT):
        lignes = [
            defauts
            | {"uuid": uuid4(), "prenom": f"Prénom{r}", "nom": f"Nom{r % 9973}", "cle_nom": f"nom{r % 9973}"}
            | {"conseiller_id": conseillers[r % len(conseillers)] if r % 25 else None}
            for r in range(debut, min(debut + LOT, dossiers))
        ]
        connus += [UUID(str(ligne["uuid"])) for ligne in lignes[:50]]
        with Session(moteur) as session, session.begin():
            session.execute(insert(Personne), lignes)
    lot: list[dict[str, Any]] = []
    modele = _colonnes(
        Reservation(vehicule_id=0, demandee_par=1, debut=maintenant(), fin=maintenant(), cle_idempotence="")
    )
    for ligne in _reservations(numeros, reservations // vehicules, premiere, dossiers):
        lot.append(modele | ligne)
        if len(lot) == LOT:
            _ecrire(moteur, lot)
            lot = []
    _ecrire(moteur, lot)
    if moteur.dialect.name == "postgresql":
        # As after any restore: until it has counted its rows, it takes 1.2 s for what takes 3 ms.
        with moteur.begin() as connexion:
            connexion.execute(text("ANALYZE"))
    return Peuplee(
        jetons[RoleActeur.PERSONNE],
        jetons[RoleActeur.CONSEILLER],
        jetons[RoleActeur.PARTENAIRE],
        uuids,
        tuple(connus),
    )


def _colonnes(modele: Base) -> dict[str, Any]:
    """What a row needs besides what is said of it: the defaults an entity is born with."""
    return {c.key: getattr(modele, c.key) for c in inspect(type(modele)).column_attrs if c.key != "id"}


def _ecrire(moteur: Engine, lot: list[dict[str, Any]]) -> None:
    if lot:
        with Session(moteur) as session, session.begin():
            session.execute(insert(Reservation), lot)


def _reservations(
    vehicules: list[int], chacun: int, premiere: int, dossiers: int
) -> Iterator[dict[str, Any]]:
    """For each vehicle, three days in four for years, the last tenth still to come."""
    hasard = random.Random(55)
    ce_matin = maintenant().replace(hour=7, minute=0, second=0, microsecond=0)
    for rang in range(chacun):
        for vehicule in vehicules:
            debut = ce_matin + timedelta(days=4 * (rang - chacun) + min(300, chacun // 10 * 4))
            fin = debut + timedelta(days=3)
            yield _une(vehicule, debut, fin, premiere + hasard.randrange(max(1, dossiers)), ce_matin)


def _une(vehicule: int, debut: datetime, fin: datetime, personne: int, ce_matin: datetime) -> dict[str, Any]:
    statut = StatutReservation.CLOTUREE if fin < ce_matin else StatutReservation.CONFIRMEE
    return {
        "uuid": uuid4(),
        "vehicule_id": vehicule,
        "personne_id": personne,
        "demandee_par": 1,
        "demandee_le": debut - timedelta(days=9),
        "debut": debut,
        "fin": fin,
        "libre_le": fin,
        "statut": statut,
        "place_confirmee_par": "Paul",
        "place_confirmee_le": debut - timedelta(days=8),
        "cle_idempotence": uuid4().hex,
    }
