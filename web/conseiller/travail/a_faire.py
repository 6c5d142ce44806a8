"""One thing to do, the kinds there are, and whose work it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.orm import InstrumentedAttribute

from mobilite.acteur import Acteur
from mobilite.parametres import parametres
from mobilite.personnes import Personne

AU_PLUS = 200
"""Lines of one source: beyond, the most pressing ones are done first, and the others come after them."""


class GenreTravail(StrEnum):
    """What is to be done, the most pressing kind first."""

    RELOGEMENT = "relogement"
    ABSENCE = "absence"
    SANS_REPONSE = "sans_reponse"
    APPEL = "appel"
    ORIENTATION = "orientation"
    REPONSE = "reponse"
    ETAPE = "etape"
    FIN = "fin"
    POINT = "point"
    A_PRENDRE = "a_prendre"

    @property
    def rang(self) -> int:
        """Its place on one day."""
        return list(GenreTravail).index(self)

    @property
    def libelle(self) -> str:
        """The kind, as the name of a filter."""
        return _LIBELLES[self][1]

    def compte(self, nombre: int) -> str:
        """« 1 appel à faire », « 3 appels à faire », « plus de 200 … » when the list is cut."""
        combien = f"plus de {AU_PLUS}" if nombre >= AU_PLUS else str(nombre)
        return f"{combien} {_LIBELLES[self][nombre > 1]}"


_LIBELLES: dict[GenreTravail, tuple[str, str]] = {
    GenreTravail.RELOGEMENT: ("véhicule arrêté", "véhicules arrêtés"),
    GenreTravail.ABSENCE: ("personne à rappeler", "personnes à rappeler"),
    GenreTravail.SANS_REPONSE: ("demande restée sans réponse", "demandes restées sans réponse"),
    GenreTravail.APPEL: ("appel à faire", "appels à faire"),
    GenreTravail.ORIENTATION: ("orientation à répondre", "orientations à répondre"),
    GenreTravail.REPONSE: ("réponse attendue", "réponses attendues"),
    GenreTravail.ETAPE: ("étape à échéance", "étapes à échéance"),
    GenreTravail.FIN: ("fin proche", "fins proches"),
    GenreTravail.POINT: ("point à faire", "points à faire"),
    GenreTravail.A_PRENDRE: ("dossier sans conseiller", "dossiers sans conseiller"),
}


@dataclass(frozen=True, slots=True)
class Travail:
    """One thing to do.

    ``numero`` is the number of what it hangs on; ``avant`` its last day, ``depuis`` since when it waits when
    it has none; ``repere`` says what that day is. ``endpoint`` is the page where it is done, ``ancre`` the
    place on it; ``dossier``: it is a page of her dossier, otherwise ``objet`` is what it is about, if
    anything. ``geste``: the address of what is done from the list itself.
    """

    genre: GenreTravail
    numero: int
    pourquoi: str
    personne_id: int | None = None
    qui: str = ""
    avant: date | None = None
    depuis: date | None = None
    endpoint: str = "conseiller.dossier"
    dossier: bool = True
    objet: UUID | None = None
    ancre: str = ""
    repere: str = "avant le"
    geste: str = ""

    @property
    def ordre(self) -> tuple[date, int, date, int, int]:
        """The one order of the list: nothing else decides."""
        return (
            self.avant or date.max,
            self.genre.rang,
            self.depuis or date.max,
            self.personne_id or 0,
            self.numero,
        )


def suivie_par(acteur: Acteur) -> ColumnElement[bool]:
    """The people whose work is hers: those she follows, and those nobody does."""
    return or_(Personne.conseiller_id == acteur.id, Personne.conseiller_id.is_(None))


def horizon(le: date) -> date:
    """The last day that is announced from ``le`` on."""
    return le + timedelta(days=int(parametres(le)["suivi.annonce_jours"]))


_Colonnes = TypeVarTuple("_Colonnes")


def siennes(
    requete: Select[*_Colonnes],
    acteur: Acteur,
    de: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> Select[*_Colonnes]:
    """What a query finds of the people whose work is hers, ``AU_PLUS`` at most; ``de``: the column that says whose it is."""
    return requete.join(Personne, Personne.id == de).where(suivie_par(acteur)).limit(AU_PLUS)
