"""Pages that everybody may read, and the health of the service."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from web.acces import ouvrir
from web.transaction import lecture

portail = Blueprint("portail", __name__)
ouvrir(portail, "accueil", "accessibilite", "donnees_personnelles", "sante")


@portail.get("/")
def accueil() -> str:
    """What it is, and three doors."""
    return render_template("portail/accueil.html")


@portail.get("/accessibilite")
def accessibilite() -> str:
    """The declaration the law asks for, as it stands today."""
    return render_template("portail/accessibilite.html")


@portail.get("/donnees-personnelles")
def donnees_personnelles() -> str:
    """What is kept, why, how long, and whom to ask."""
    return render_template("portail/donnees_personnelles.html")


@portail.get("/sante")
def sante() -> tuple[Response, int]:
    """Whether the application and its database answer. For machines: 200 or 503."""
    try:
        with lecture() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(etat="en panne", base="injoignable"), 503
    return jsonify(etat="en marche", base="en marche"), 200
