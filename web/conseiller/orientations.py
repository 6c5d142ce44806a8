"""« Orientations »: the fiches to answer, the dossier each joins, the answer that goes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, maintenant
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne, personnes_visibles_par
from mobilite.prescription import Prescription, Reponse, prescriptions_visibles_par
from web.acces import acteur_courant
from web.catalogue import maisons_d_accueil
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, dire_enregistre
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.menu import ajouter_au_menu
from web.orientations import (
    CHOIX,
    FicheDite,
    delai_de_reponse,
    dossiers_proches,
    envoyer,
    lire_fiche,
    lire_reponse,
    prescriptions_a_repondre,
    rattacher,
    repondre,
)
from web.parcours import delais_mesures
from web.proximite import maisons_proches
from web.transaction import consultation, lecture, reessayer, transaction

REPONDUES_AU_PLUS = 30

ajouter_au_menu(conseiller, "Orientations", "orientations", rang=25)


def la_fiche(session: Session, uuid: UUID) -> Prescription:
    """One fiche with who sent it; unknown is a 404."""
    return session.scalars(
        prescriptions_visibles_par(acteur_courant())
        .options(selectinload(Prescription.structure), selectinload(Prescription.personne))
        .where(Prescription.uuid == uuid)
    ).one()


@conseiller.get("/orientations")
def orientations() -> str:
    """What waits for an answer, by Maison when one is chosen; then what was answered lately."""
    le, choisie = ce_jour(), request.args.get("maison", "")
    with lecture() as session:
        fiches = prescriptions_a_repondre(session, le)
        maisons = maisons_d_accueil(session)
        proches = maisons_proches({f.insee for f in fiches if f.insee}, maisons, le)
        lignes = [(f, proches.get(f.insee) if f.insee else None) for f in fiches]
        if choisie:
            lignes = [(f, maison) for f, maison in lignes if maison is None or maison.id == choisie]
        repondues = session.scalars(
            select(Prescription)
            .options(selectinload(Prescription.structure), selectinload(Prescription.personne))
            .where(Prescription.repondue_le.is_not(None))
            .order_by(Prescription.repondue_le.desc(), Prescription.id.desc())
            .limit(REPONDUES_AU_PLUS)
        ).all()
        debut = le - timedelta(days=90)
        return render_template(
            "conseiller/orientations.html",
            lignes=lignes,
            maisons=[(m.id, m.nom) for m in maisons],
            choisie=choisie,
            repondues=repondues,
            reponse=delai_de_reponse(session, debut, le),
            delais=delais_mesures(session, debut, le),
            le=le,
        )


@conseiller.get("/orientations/nouvelle")
def nouvelle_orientation() -> str:
    """A fiche that somebody dictates, or that came on paper."""
    return _formulaire(lire_fiche(MultiDict(), par_un_conseiller=True, le=ce_jour()), vierge=True)


@conseiller.post("/orientations/nouvelle")
def noter_l_orientation() -> ResponseReturnValue:
    """Keep it: its clock starts the day it came."""
    dite = lire_fiche(request.form, par_un_conseiller=True, le=ce_jour())
    if dite.erreurs:
        return _formulaire(dite), REFUS
    fiche = _noter(dite, request.form.get("cle", "")[:40] or nouvelle_cle())
    dire_enregistre("L’orientation est notée : répondez-y maintenant, ou plus tard.")
    return redirect(url_for("conseiller.orientation", uuid=fiche.uuid), 303)


@reessayer
def _noter(dite: FicheDite, cle: str) -> Prescription:
    with transaction() as session:
        return envoyer(session, dite, acteur_courant(), cle=cle, instant=maintenant())


def _formulaire(dite: FicheDite, *, vierge: bool = False) -> str:
    return render_template(
        "conseiller/orientation_nouvelle.html",
        dite=dite,
        saisie=dite.formulaire.saisie,
        accords=dite.formulaire.plusieurs("accord_pour"),
        erreurs={} if vierge else dite.erreurs,
        choix=CHOIX,
        cle=dite.formulaire.brut("cle") or nouvelle_cle(),
        le=ce_jour(),
    )


@conseiller.get("/orientations/<uuid:uuid>")
def orientation(uuid: UUID) -> str:
    """One fiche: what was sent, the dossiers that may be hers, the answer. Reading it is noted."""
    with lecture() as session:
        fiche = la_fiche(session, uuid)
        page = _page(session, fiche)
    with consultation() as session:
        session.add(consigner(acteur_courant(), Evenement.DOSSIER_CONSULTE, fiche))
    return page


@conseiller.post("/orientations/<uuid:uuid>/dossier")
def rattacher_l_orientation(uuid: UUID) -> ResponseReturnValue:
    """Join it to a dossier, or open one. A dossier that may be hers and was not shown comes back first."""
    try:
        ouvert = _rattacher(uuid, request.form.get("dossier", ""), set(request.form.get("vus", "").split()))
    except RegleMetier as refus:
        flash(refus.phrase)
        return redirect(url_for("conseiller.orientation", uuid=uuid), 303)
    if ouvert is None:
        with lecture() as session:
            return _page(session, la_fiche(session, uuid), {"dossier": _CHOISIR}), REFUS
    dire_enregistre(f"La fiche est dans le dossier de {ouvert.nom_complet}.")
    return redirect(url_for("conseiller.orientation", uuid=uuid) + "#reponse", 303)


_CHOISIR = "Peut-être la même personne : choisissez son dossier, ou ouvrez-en un nouveau."


@reessayer
def _rattacher(uuid: UUID, choisi: str, vus: set[str]) -> Personne | None:
    acteur = acteur_courant()
    with transaction() as session:
        fiche = la_fiche(session, uuid)
        personne: Personne | None = None
        if choisi and choisi != "nouveau":
            personne = session.scalars(
                personnes_visibles_par(acteur).where(Personne.uuid == _uuid(choisi))
            ).one()
        elif {str(p.uuid) for p in dossiers_proches(session, fiche, acteur)} - vus:
            return None
        return rattacher(session, fiche, acteur, maintenant(), personne)


def _uuid(texte: str) -> UUID | None:
    try:
        return UUID(texte)
    except ValueError:
        return None


@conseiller.post("/orientations/<uuid:uuid>/reponse")
def repondre_a_l_orientation(uuid: UUID) -> ResponseReturnValue:
    """Give the answer; a refusal without another way does not pass."""
    f = Formulaire(request.form)
    reponse = lire_reponse(f, ce_jour())
    erreurs = dict(f.erreurs)
    if reponse is not None:
        try:
            _repondre(uuid, reponse)
        except RegleMetier as refus:
            erreurs[""] = refus.phrase
    if erreurs:
        with lecture() as session:
            return _page(session, la_fiche(session, uuid), erreurs, request.form.to_dict()), REFUS
    dire_enregistre("La réponse est donnée.")
    return redirect(url_for("conseiller.orientation", uuid=uuid), 303)


@reessayer
def _repondre(uuid: UUID, reponse: Reponse) -> None:
    with transaction() as session:
        repondre(session, la_fiche(session, uuid), reponse, acteur_courant(), maintenant())


def _page(
    session: Session,
    fiche: Prescription,
    erreurs: Mapping[str, str] = MappingProxyType({}),
    saisie: Mapping[str, str] = MappingProxyType({}),
) -> str:
    acteur, le = acteur_courant(), ce_jour()
    cherche = fiche.personne is None and fiche.ouverte
    proches = dossiers_proches(session, fiche, acteur) if cherche else ()
    maison = (
        maisons_proches({fiche.insee}, maisons_d_accueil(session), le).get(fiche.insee)
        if fiche.insee
        else None
    )
    return render_template(
        "conseiller/orientation.html",
        fiche=fiche,
        proches=[(p, p.telephone_pour(acteur)) for p in proches],
        maison=maison,
        visible=fiche.personne is None or fiche.personne.coordonnees_visibles_par(acteur),
        choix=CHOIX,
        erreurs=erreurs,
        saisie=saisie,
        le=le,
    )
