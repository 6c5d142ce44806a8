"""What ends when in the fleet: inspection, insurance, upkeep; late first, a year ahead."""

from __future__ import annotations

from flask import Response, render_template

from mobilite.base import ce_jour
from web.parc import echeances_du_parc
from web.partenaire.espace import partenaire, sa_structure
from web.tableur import repondre_csv
from web.transaction import lecture


@partenaire.get("/echeances")
def echeances() -> str:
    """The calendar of the fleet, month after month."""
    with lecture() as session:
        structure = sa_structure(session)
        toutes = echeances_du_parc(session, ce_jour(), structure.id)
        return render_template(
            "partenaire/echeances.html",
            structure=structure,
            en_retard=[e for e in toutes if e.en_retard],
            a_venir=[e for e in toutes if not e.en_retard and e.le is not None],
            sans_date=[e for e in toutes if not e.en_retard and e.le is None],
            aujourdhui=ce_jour(),
        )


@partenaire.get("/echeances.csv")
def echeances_csv() -> Response:
    """The same for a spreadsheet."""
    with lecture() as session:
        toutes = echeances_du_parc(session, ce_jour(), sa_structure(session).id)
        return repondre_csv(
            "echeances.csv",
            (
                "Véhicule",
                "Immatriculation",
                "Échéance",
                "Date",
                "Estimé",
                "À (km)",
                "En retard",
                "Bloque les réservations",
            ),
            [
                (
                    e.vehicule.libelle,
                    e.vehicule.immatriculation,
                    e.quoi,
                    None if e.le is None else f"{e.le:%d/%m/%Y}",
                    "estimé" if e.estime else "",
                    e.km,
                    "oui" if e.en_retard else "",
                    "oui" if e.bloque else "",
                )
                for e in toutes
            ],
        )
