"""Sending somebody: the fiche, its state, its answer. Only what this very account sent."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, maintenant
from mobilite.journal import Evenement, consigner
from mobilite.parametres import parametres
from mobilite.prescription import Prescription, prescriptions_visibles_par
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.debits import debits, par_compte
from web.erreurs import REFUS
from web.menu import ajouter_au_menu
from web.orientations import CHOIX, FicheDite, envoyer, lire_fiche
from web.prescripteur.espace import prescripteur
from web.transaction import lecture, reessayer, transaction

PAR_PAGE = 50

ajouter_au_menu(prescripteur, "Orientations", "orientations", rang=1, prescripteur=True)


def sa_fiche(session: Session, uuid: UUID) -> Prescription:
    """One of his fiches; absent and « somebody else's » are the same 404 (``NoResultFound``)."""
    return session.scalars(
        prescriptions_visibles_par(acteur_courant()).where(Prescription.uuid == uuid)
    ).one()


@prescripteur.get("/")
def orientations() -> str:
    """Everything he sent, the latest first, with where each stands."""
    page, le = max(1, request.args.get("page", 1, type=int)), ce_jour()
    with lecture() as session:
        fiches = session.scalars(
            prescriptions_visibles_par(acteur_courant()).offset((page - 1) * PAR_PAGE).limit(PAR_PAGE + 1)
        ).all()
        return render_template(
            "prescripteur/orientations.html",
            fiches=fiches[:PAR_PAGE],
            page=page,
            encore=len(fiches) > PAR_PAGE,
            le=le,
            delai=int(parametres(le)["prescription.reponse_jours"]),
        )


@prescripteur.get("/nouvelle")
def nouvelle() -> str:
    """An empty fiche."""
    return _page(lire_fiche(MultiDict(), par_un_conseiller=False, le=ce_jour()), vierge=True)


@prescripteur.post("/nouvelle")
@debits.limit("30 per hour; 100 per day", key_func=par_compte)
def envoyer_la_fiche() -> ResponseReturnValue:
    """Send it; what was typed comes back with what does not fit."""
    dite = lire_fiche(request.form, par_un_conseiller=False, le=ce_jour())
    if dite.erreurs:
        return _page(dite), REFUS
    fiche = _envoyer(dite, request.form.get("cle", "")[:40] or nouvelle_cle())
    flash("La fiche est envoyée. Vous aurez une réponse, quelle qu’elle soit.")
    return redirect(url_for("prescripteur.orientation", uuid=fiche.uuid), 303)


@reessayer
def _envoyer(dite: FicheDite, cle: str) -> Prescription:
    with transaction() as session:
        return envoyer(session, dite, acteur_courant(), cle=cle, instant=maintenant())


@prescripteur.get("/orientations/<uuid:uuid>")
def orientation(uuid: UUID) -> str:
    """One fiche: what was sent, where it stands, and what she agreed that he reads of the answer."""
    with lecture() as session:
        return render_template("prescripteur/orientation.html", fiche=sa_fiche(session, uuid), le=ce_jour())


@prescripteur.post("/orientations/<uuid:uuid>/retirer")
def retirer(uuid: UUID) -> ResponseReturnValue:
    """She does not want it any more, or it was a mistake."""
    acteur = acteur_courant()
    with transaction() as session:
        fiche = sa_fiche(session, uuid)
        if fiche.retirer(maintenant()):
            session.add(consigner(acteur, Evenement.PRESCRIPTION_RETIREE, fiche))
    flash("La fiche est retirée : personne ne la traitera.")
    return redirect(url_for("prescripteur.orientation", uuid=uuid), 303)


@prescripteur.get("/papier")
def papier() -> str:
    """The same fiche on one sheet, to fill by hand with her."""
    return render_template("prescripteur/papier.html", choix=CHOIX)


def _page(dite: FicheDite, *, vierge: bool = False) -> str:
    return render_template(
        "prescripteur/nouvelle.html",
        dite=dite,
        saisie=dite.formulaire.saisie,
        accords=dite.formulaire.plusieurs("accord_pour"),
        erreurs={} if vierge else dite.erreurs,
        choix=CHOIX,
        cle=dite.formulaire.brut("cle") or nouvelle_cle(),
        le=ce_jour(),
    )
