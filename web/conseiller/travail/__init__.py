"""What waits for an adviser, from every room of the house, as one list.

Each source is a small function that reads one kind of thing with an indexed query and says it in a sentence;
a new one is added to ``SOURCES``, in one line. A source gives its ``AU_PLUS`` most pressing things at most:
the number of queries and of rows does not grow with the dossiers.

The order, said on the page: what has a day first, the oldest day on top; on one day, by kind, in the order of
``GenreTravail``; then what has no day, whoever has waited longest on top.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.acteur import Acteur
from mobilite.personnes import Personne
from web.conseiller.travail.a_faire import GenreTravail, Travail
from web.conseiller.travail.suivi import (
    accords_qui_finissent,
    appels,
    etapes,
    orientations,
    points,
    sans_conseiller,
)
from web.conseiller.travail.trajets import covoiturages_sans_reponse, transports_sans_benevole
from web.conseiller.travail.vehicules import (
    absences,
    demandes_de_vehicules,
    demandes_restees_sans_reponse,
    locations_qui_finissent,
    places_tenues,
    vehicules_arretes,
)


@dataclass(frozen=True, slots=True)
class LigneTravail:
    """One line as it is shown: who, why, by when, where it is done."""

    travail: Travail
    uuid: UUID | None
    qui: str
    pourquoi: str
    discret: bool
    adresse: str

    def en_retard(self, le: date) -> bool:
        """Whether its day has gone by."""
        return self.travail.avant is not None and self.travail.avant < le


@dataclass(frozen=True, slots=True)
class FileDeTravail:
    """One page of the list, and how many there are of each kind."""

    lignes: list[LigneTravail]
    comptes: dict[GenreTravail, int]
    genre: GenreTravail | None
    page: int
    pages: int

    @property
    def total(self) -> int:
        """Every kind together."""
        return sum(self.comptes.values())


Source = Callable[[Session, Acteur, datetime], Iterable[Travail]]


SOURCES: tuple[Source, ...] = (
    vehicules_arretes,
    absences,
    demandes_restees_sans_reponse,
    appels,
    orientations,
    demandes_de_vehicules,
    places_tenues,
    transports_sans_benevole,
    covoiturages_sans_reponse,
    etapes,
    locations_qui_finissent,
    accords_qui_finissent,
    points,
    sans_conseiller,
)


def file_de_travail(
    session: Session,
    acteur: Acteur,
    instant: datetime,
    *,
    genre: GenreTravail | None,
    page: int,
    par_page: int,
) -> FileDeTravail:
    """What waits for this adviser at an instant, a page at a time, all kinds or only one."""
    tout = sorted((t for source in SOURCES for t in source(session, acteur, instant)), key=lambda t: t.ordre)
    comptes = Counter(t.genre for t in tout)
    voulu = [t for t in tout if genre is None or t.genre is genre]
    pages = max(1, -(-len(voulu) // par_page))
    page = min(max(1, page), pages)
    return FileDeTravail(
        lignes=_lignes(session, voulu[(page - 1) * par_page : page * par_page]),
        comptes={g: comptes[g] for g in GenreTravail if comptes[g]},
        genre=genre,
        page=page,
        pages=pages,
    )


def _lignes(session: Session, travaux: list[Travail]) -> list[LigneTravail]:
    """Names are read for the lines of the page only, all at once."""
    numeros = {t.personne_id for t in travaux if t.personne_id is not None}
    elles = {
        p.id: p
        for p in session.execute(
            select(
                Personne.id,
                Personne.uuid,
                Personne.prenom,
                Personne.nom,
                Personne.contact_discret,
                Personne.en_attente,
            ).where(Personne.id.in_(numeros))
        )
    }
    lignes = []
    for t in travaux:
        elle = elles.get(t.personne_id) if t.personne_id is not None else None
        uuid = elle.uuid if elle is not None and t.dossier else t.objet
        valeurs: dict[str, Any] = {} if uuid is None else {"uuid": uuid}
        en_attente = elle is not None and elle.en_attente
        lignes.append(
            LigneTravail(
                travail=t,
                uuid=elle.uuid if elle is not None else None,
                qui=f"{elle.prenom} {elle.nom}".strip() if elle is not None else t.qui,
                # What was put aside stays aside: somebody else may be sitting at the desk.
                pourquoi="Son dossier est en attente : reprenez-le pour lire pourquoi."
                if en_attente
                else t.pourquoi,
                discret=elle is not None and elle.contact_discret,
                adresse=url_for(t.endpoint, _anchor=t.ancre or None, **valeurs),
            )
        )
    return lignes
