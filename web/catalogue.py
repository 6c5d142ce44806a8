"""What can be proposed today: the open offers with their live calendars, and the Maisons."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from matching.catalogue import Catalogue
from mobilite.document import Champ
from mobilite.maison_solidarite import maisons
from mobilite.offre import offres_ouvertes
from mobilite.territoire import MaisonAccueil
from web.occupation import calendriers
from web.referentiel import Referentiel, dossier_des_graines


def catalogue(session: Session, referentiel: Referentiel) -> Catalogue:
    """The open offers of the database, ready for the engine; read again only when one of them has changed."""
    dits = documents(session)
    connu = _prets.get(referentiel)
    if connu is None or connu[0] != dits:
        connu = dits, Catalogue([referentiel.lecteur_offres.lire(Champ(document)) for document in dits])
        _prets[referentiel] = connu
    return connu[1]


_prets: dict[Referentiel, tuple[list[dict[str, Any]], Catalogue]] = {}
"""The last catalogue: a request that finds the same offers finds it ready, with all that was read of it."""


def documents(session: Session) -> list[dict[str, Any]]:
    """The open offers in the documented format; a fleet kept here brings its calendar."""
    flottes = calendriers(session)
    return [
        offre.document(vehicules=flotte.vehicules, occupations=flotte.occupations)
        if (flotte := flottes.get(offre.id))
        else offre.document()
        for offre in session.scalars(offres_ouvertes())
    ]


def maisons_d_accueil(session: Session) -> tuple[MaisonAccueil, ...]:
    """The Maisons of the database, as geo wants them."""
    return tuple(maison.en_accueil() for maison in session.scalars(maisons()))


def documents_de_demonstration() -> list[dict[str, Any]]:
    """The fictional offers shipped with the platform, in the documented format."""
    dossier = dossier_des_graines() / "demonstration" / "offres"
    return [offre for chemin in sorted(dossier.glob("*.json")) for offre in _lire(chemin.read_text("utf-8"))]


def _lire(texte: str) -> Iterable[dict[str, Any]]:
    offres: list[dict[str, Any]] = json.loads(texte)
    return offres
