"""Apparier: the best draft for the drivers of this structure, in codes, for an objective said aloud."""

from __future__ import annotations

from flask import render_template, request

from mobilite.base import ce_jour
from web.appariement import brouillon, lire_choix
from web.partenaire.espace import partenaire, sa_structure
from web.transaction import lecture


@partenaire.get("/apparier")
def apparier() -> str:
    """The draft; it changes nothing."""
    objectif, surs = lire_choix(request.args)
    with lecture() as session:
        structure = sa_structure(session)
        trouve = brouillon(session, ce_jour(), objectif, surs=surs, structure_id=structure.id)
    return render_template(
        "partenaire/apparier.html", structure=structure, b=trouve, objectif=objectif, surs=surs
    )
