"""Who waits for a vehicle in the demonstration. Running it again adds what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import PLATEFORME
from mobilite.base import PARIS
from mobilite.journal import Evenement, consigner
from mobilite.liste_attente import Attente
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.priorite import RaisonPriorite


def charger_attentes(session: Session, lignes: Sequence[Mapping[str, Any]], le: date) -> int:
    """Put them on the list, once each; how many were added. ``depuis``: so many days ago."""
    ajoutees = 0
    for ligne in lignes:
        cle = f"demonstration-{ligne['personne'].casefold()}-{ligne['offre']}"
        if session.scalar(select(Attente.id).where(Attente.cle_idempotence == cle)) is not None:
            continue
        qui = select(Personne).where(Personne.demonstration, Personne.prenom == ligne["personne"])
        premier = date.fromisoformat(ligne["du"])
        attente = Attente.inscrire(
            session.scalars(qui).one(),
            session.scalars(select(Offre).where(Offre.code == ligne["offre"])).one(),
            par=PLATEFORME,
            debut=datetime.combine(premier, time(), PARIS),
            fin=datetime.combine(premier + timedelta(days=ligne["jours"]), time(), PARIS),
            raisons={RaisonPriorite(raison) for raison in ligne["raisons"]},
            cle=cle,
            le=datetime.combine(le - timedelta(days=ligne["depuis"]), time(10), PARIS),
        )
        session.add(attente)
        session.flush()
        session.add(consigner(PLATEFORME, Evenement.ATTENTE_INSCRITE, attente, offre=attente.offre_id))
        ajoutees += 1
    return ajoutees
