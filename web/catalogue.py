"""What can be proposed today: the open offers with their live calendars, and the Maisons."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import jour_local, maintenant
from mobilite.candidate import Candidate
from mobilite.document import Champ
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.maison_solidarite import maisons
from mobilite.offre import offres_ouvertes
from mobilite.reservation import occupations
from mobilite.territoire import MaisonAccueil
from web.referentiel import Referentiel, dossier_des_graines

_LOIN = date(2100, 1, 1)


def catalogue(session: Session, referentiel: Referentiel) -> tuple[Candidate, ...]:
    """The open offers of the database, ready for the engine."""
    return tuple(referentiel.lecteur_offres.lire(Champ(document)) for document in documents(session))


def documents(session: Session) -> list[dict[str, Any]]:
    """The open offers in the documented format; a fleet kept here brings its calendar."""
    vehicules: defaultdict[int, list[Vehicule]] = defaultdict(list)
    for vehicule in session.scalars(select(Vehicule).order_by(Vehicule.id)):
        vehicules[vehicule.offre_id].append(vehicule)
    prises = _occupations(session, [v for flotte in vehicules.values() for v in flotte])
    return [
        offre.document(
            vehicules=sum(v.en_service for v in vehicules[offre.id]),
            occupations=[prise for v in vehicules[offre.id] if v.en_service for prise in prises[v.id]],
        )
        if vehicules[offre.id]
        else offre.document()
        for offre in session.scalars(offres_ouvertes())
    ]


def _occupations(session: Session, vehicules: Sequence[Vehicule]) -> defaultdict[int, list[tuple[date, date]]]:
    """Days on which each vehicle is taken, or may not be on the road."""
    prises: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    for vehicule in vehicules:
        fins = [fin for fin in (vehicule.ct_valable_au, vehicule.assurance_valable_au) if fin is not None]
        if fins:
            prises[vehicule.id].append((min(fins) + timedelta(days=1), _LOIN))
    for vehicule_id, debut, fin in session.execute(occupations([v.id for v in vehicules], maintenant())):
        prises[vehicule_id].append((jour_local(debut), dernier_jour(fin)))
    return prises


def maisons_d_accueil(session: Session) -> tuple[MaisonAccueil, ...]:
    """The Maisons of the database, as geo wants them."""
    return tuple(
        MaisonAccueil(str(maison.uuid), maison.nom, maison.lieu, maison.demonstration)
        for maison in session.scalars(maisons())
    )


def documents_de_demonstration() -> list[dict[str, Any]]:
    """The fictional offers shipped with the platform, in the documented format."""
    dossier = dossier_des_graines() / "demonstration" / "offres"
    return [offre for chemin in sorted(dossier.glob("*.json")) for offre in _lire(chemin.read_text("utf-8"))]


def _lire(texte: str) -> Iterable[dict[str, Any]]:
    offres: list[dict[str, Any]] = json.loads(texte)
    return offres
