"""The week of the volunteers: a draft that gives each trip to somebody, to keep or to change by hand."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matching.benevolat.semaine import OBJECTIF
from mobilite.base import ce_jour
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.transport_solidaire import Sens
from web import transports as actes
from web.acces import acteur_courant
from web.jours import lire_jour
from web.partenaire.espace import partenaire, sa_demande_de_transport, sa_structure, son_benevole
from web.referentiel import referentiel
from web.transaction import lecture, reessayer, transaction

TRAJETS_MAX = 200


@partenaire.get("/transports/semaine")
def semaine_benevoles() -> str:
    """Who could drive whom this week; nothing is written until somebody says so."""
    lundi = _lundi(request.args.get("jour", ""))
    with lecture() as session:
        structure = sa_structure(session)
        semaine, benevoles, demandes = actes.semaine_de(session, structure.id, lundi)
        return render_template(
            "partenaire/semaine.html",
            structure=structure,
            semaine=semaine,
            lignes=[(p, benevoles[p.benevole.id], *demandes[p.course.id]) for p in semaine.propositions],
            sans=[(s, *demandes[s.course.id]) for s in semaine.sans_benevole],
            nom=referentiel().nom,
            objectif=OBJECTIF,
            lundi=lundi,
            avant=lundi - timedelta(days=7),
            apres=lundi + timedelta(days=7),
        )


@partenaire.post("/transports/semaine")
def proposer_la_semaine() -> ResponseReturnValue:
    """Propose the ticked trips, each judged again; what changed meanwhile is said, the rest is kept."""
    proposes, refuses = 0, []
    for choisi in request.form.getlist("trajet")[:TRAJETS_MAX]:
        try:
            _proposer(choisi)
            proposes += 1
        except RegleMetier as refus:
            refuses.append(refus.phrase)
    pluriel = "s" if proposes > 1 else ""
    flash(f"{proposes} trajet{pluriel} proposé{pluriel} : appelez les bénévoles, puis notez leurs réponses.")
    for phrase in dict.fromkeys(refuses):
        flash(f"Un trajet n’a pas pu être proposé : {phrase}")
    return redirect(url_for("partenaire.transports"), 303)


@reessayer
def _proposer(choisi: str) -> None:
    """One trip, ``demande:sens:benevole``, in its own transaction."""
    try:
        demande, sens, benevole = choisi.split(":")
        uuids, quel_sens = (UUID(demande), UUID(benevole)), Sens(sens)
    except ValueError:
        raise DonneeRefusee("trajet", "un trajet illisible.") from None
    with transaction() as session:
        actes.proposer(
            session,
            sa_demande_de_transport(session, uuids[0]),
            quel_sens,
            son_benevole(session, uuids[1]),
            par=acteur_courant(),
        )


def _lundi(texte: str) -> date:
    """The Monday of the week asked for; of the coming working week when nothing readable is."""
    try:
        jour = lire_jour(texte)
    except DonneeRefusee:
        jour = ce_jour() + timedelta(days=3)  # from Friday on, one prepares the week that comes
    return jour - timedelta(days=jour.weekday())
