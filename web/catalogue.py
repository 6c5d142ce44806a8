"""What can be proposed today: the open offers with their live calendars, and the Maisons."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from matching.catalogue import Catalogue
from mobilite.candidate import Candidate
from mobilite.document import Champ
from mobilite.maison_solidarite import maisons
from mobilite.offre import offres_ouvertes
from mobilite.territoire import MaisonAccueil
from web.occupation import calendriers
from web.referentiel import Referentiel, dossier_des_graines


def catalogue(session: Session, referentiel: Referentiel) -> Catalogue:
    """The open offers of the database, ready for the engine; only those that have changed are read again."""
    dits = documents(session)
    connu = _prets.get(referentiel)
    if connu is None or [document for document, _ in connu.lus] != dits:
        deja = {document["id"]: (document, lue) for document, lue in connu.lus} if connu else {}
        lus = [_lue(document, deja.get(document["id"]), referentiel) for document in dits]
        connu = _prets[referentiel] = _Pret(lus, Catalogue([lue for _, lue in lus]))
    return connu.catalogue


_Lue = tuple[dict[str, Any], Candidate]


@dataclass(frozen=True, slots=True)
class _Pret:
    """A catalogue, and the offers it was made of, as written and as read."""

    lus: list[_Lue]
    catalogue: Catalogue


_prets: dict[Referentiel, _Pret] = {}
"""The last catalogue: a request that finds the same offers finds it ready, with all that was read of it."""


def _lue(document: dict[str, Any], deja: _Lue | None, referentiel: Referentiel) -> _Lue:
    """An offer read now, or as it was read last time if it says the same: a booking changes one offer only."""
    if deja is not None and deja[0] == document:
        return deja
    return document, referentiel.lecteur_offres.lire(Champ(document))


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
