"""Signing in, by e-mail and password or by paper card, and signing out."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.sql import ColumnElement

from mobilite.acteur import RoleActeur
from mobilite.erreurs import DonneeRefusee
from web.acces import (
    acteur_ou_personne,
    fermer_session,
    ouvrir,
    ouvrir_session,
    suite_sure,
)
from web.comptes import (
    COMPTES_DEMONSTRATION,
    Compte,
    empreinte_carte,
    lire_code_carte,
    mot_de_passe_juste,
    normaliser_identifiant,
)
from web.debits import a_echoue, debits, par_adresse, par_identifiant, pour_tous
from web.erreurs import REFUS
from web.menu import premiere_page
from web.portail.pages import portail
from web.transaction import lecture

ouvrir(portail, "connexion", "ma_carte", "deconnexion")

REFUS_IDENTIFIANTS = "L'adresse ou le mot de passe ne va pas. Vérifiez les deux, puis recommencez."
REFUS_CARTE = "Ce code n'ouvre pas de page. Regardez votre carte, puis recommencez."


@portail.route("/connexion", methods=["GET", "POST"])
@debits.limit("10 per minute; 60 per hour", key_func=par_adresse, methods=["POST"], deduct_when=a_echoue)
@debits.limit("5 per 15 minutes", key_func=par_identifiant, methods=["POST"], deduct_when=a_echoue)
def connexion() -> ResponseReturnValue:
    """Sign in with an e-mail and a password: conseillers, partners, Département."""
    if request.method == "GET":
        acteur = acteur_ou_personne()
        return redirect(premiere_page(acteur)) if acteur else _page_connexion("")
    identifiant = normaliser_identifiant(request.form.get("identifiant", ""))
    compte = _trouver(Compte.identifiant == identifiant)
    # The hash is checked outside any transaction: it is slow on purpose.
    hache = compte.mot_de_passe if compte else None
    juste = mot_de_passe_juste(request.form.get("mot_de_passe", "")[:200], hache)
    if compte is None or not juste:
        return _page_connexion(REFUS_IDENTIFIANTS), REFUS
    return _entrer(compte)


@portail.route("/ma-carte", methods=["GET", "POST"])
@debits.limit("5 per minute; 20 per hour", key_func=par_adresse, methods=["POST"], deduct_when=a_echoue)
@debits.limit("30 per minute; 300 per hour", key_func=pour_tous, methods=["POST"], deduct_when=a_echoue)
def ma_carte() -> ResponseReturnValue:
    """Sign in with the code of a paper card: personnes accompagnées."""
    if request.method == "GET":
        acteur = acteur_ou_personne()
        return redirect(premiere_page(acteur)) if acteur else _page_carte("")
    try:
        code = lire_code_carte(request.form.get("code", ""))
    except DonneeRefusee as refus:
        return _page_carte(refus.raison), REFUS
    compte = _trouver(Compte.code_carte == empreinte_carte(code))
    if compte is None:
        return _page_carte(REFUS_CARTE), REFUS
    return _entrer(compte)


@portail.post("/deconnexion")
def deconnexion() -> ResponseReturnValue:
    """Sign out. Open to all: a second click must not show an error."""
    fermer_session()
    reponse = redirect("/", 303)
    reponse.headers["Clear-Site-Data"] = '"cache"'
    return reponse


def _trouver(critere: ColumnElement[bool]) -> Compte | None:
    with lecture() as session:
        return session.scalar(select(Compte).where(critere, Compte.actif))


def _entrer(compte: Compte) -> ResponseReturnValue:
    ouvrir_session(compte)
    return redirect(suite_sure(request.form.get("suite")) or premiere_page(compte.acteur()), 303)


def _suite() -> str:
    return suite_sure(request.values.get("suite")) or ""


def _page_connexion(erreur: str) -> str:
    comptes = [c for c in COMPTES_DEMONSTRATION.values() if c.role is not RoleActeur.PERSONNE]
    return render_template(
        "portail/connexion.html",
        erreur=erreur,
        identifiant=request.form.get("identifiant", "")[:254],
        suite=_suite(),
        comptes=comptes,
        cartes=_cartes(),
    )


def _page_carte(erreur: str) -> str:
    return render_template(
        "portail/ma_carte.html",
        erreur=erreur,
        code=request.form.get("code", "")[:60],
        suite=_suite(),
        cartes=_cartes(),
    )


def _cartes() -> list[object]:
    return [c for c in COMPTES_DEMONSTRATION.values() if c.role is RoleActeur.PERSONNE]
