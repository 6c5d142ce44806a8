"""The needs that find no answer: where, when and why, never who."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from flask import Response, render_template
from sqlalchemy.orm import Session

from geo.couverture import CASE_MIN
from mobilite.besoin_non_couvert import BesoinNonCouvert, Constat, non_couverts_ouverts
from web.pilotage.couverture import aujourd_hui
from web.pilotage.espace import pilotage
from web.pilotage.petits_effectifs import Effectif, par_reponse, par_territoire
from web.referentiel import referentiel
from web.tableur import repondre_csv
from web.transaction import lecture

_DEPARTEMENT = "Meuse"


@dataclass(frozen=True, slots=True)
class Releve:
    """The count of a day. ``total`` is ``None`` when it is under the threshold."""

    le: date
    total: int | None
    communes: list[Effectif]
    tables: list[tuple[str, str, list[tuple[str, int]]]]
    demonstration: bool


def relever_le(session: Session, le: date) -> Releve:
    """Count the needs without an answer today."""
    ouverts = list(session.scalars(non_couverts_ouverts()))
    return Releve(
        le,
        len(ouverts) if len(ouverts) >= CASE_MIN or not ouverts else None,
        par_territoire(Counter(b.commune for b in ouverts), referentiel().territoire, _DEPARTEMENT),
        [
            ("moment", "À quel moment", par_reponse(Counter(b.tranche.libelle for b in ouverts))),
            ("motif", "Pour quoi faire", par_reponse(Counter(_motif(b) for b in ouverts))),
            ("constat", "Qui l’a constaté", par_reponse(Counter(b.constat.libelle for b in ouverts))),
        ],
        any(b.demonstration for b in ouverts),
    )


def _motif(besoin: BesoinNonCouvert) -> str:
    return besoin.motif.libelle.capitalize() if besoin.motif else "Motif non dit"


@pilotage.get("/besoins")
def besoins() -> str:
    """How many needs nothing serves, by place, by hour and by reason."""
    with lecture() as session:
        releve = relever_le(session, aujourd_hui())
    return render_template("pilotage/besoins.html", releve=releve, seuil=CASE_MIN, constats=list(Constat))


@pilotage.get("/besoins.csv")
def besoins_csv() -> Response:
    """The same counts, one line each."""
    with lecture() as session:
        releve = relever_le(session, aujourd_hui())
    decrit = (releve.le.isoformat(), "oui" if releve.demonstration else "non")
    lignes = [(e.maille, e.code, e.nom, e.nombre, *decrit) for e in releve.communes]
    lignes += [
        (table, "", mot, nombre, *decrit) for table, _, comptes in releve.tables for mot, nombre in comptes
    ]
    entete = ("decoupage", "code", "nom", "besoins_sans_reponse", "releve_le", "demonstration")
    return repondre_csv(f"besoins-sans-reponse-{releve.le:%Y-%m-%d}.csv", entete, lignes)
