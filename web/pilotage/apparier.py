"""Apparier: the best draft over all open needs and all drivers, in codes, for an objective said aloud."""

from __future__ import annotations

from flask import render_template, request

from mobilite.base import ce_jour
from web.appariement import brouillon, lire_choix
from web.pilotage.espace import pilotage
from web.transaction import lecture


@pilotage.get("/apparier")
def apparier() -> str:
    """The draft; it changes nothing."""
    objectif, surs = lire_choix(request.args)
    with lecture() as session:
        trouve = brouillon(session, ce_jour(), objectif, surs=surs)
    return render_template("pilotage/apparier.html", b=trouve, objectif=objectif, surs=surs)
