"""The trips of the drivers a structure knows: listed, registered, copied, corrected, withdrawn, imported."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour
from mobilite.besoin import SEMAINE
from mobilite.conducteur import BesoinABord
from mobilite.covoiturage import StatutTrajet, TrajetInscrit, trajets_visibles_par
from mobilite.erreurs import DonneeRefusee
from mobilite.journal import Evenement, consigner
from mobilite.parametres import parametres
from mobilite.structure import Structure
from web import covoiturage as actes
from web.acces import acteur_courant
from web.cle import lire_cle, nouvelle_cle
from web.communes import commune_connue
from web.erreurs import REFUS
from web.formats import majuscule
from web.formulaire import Formulaire
from web.lecture_conducteurs import (
    COLONNES,
    EXEMPLE,
    FACULTATIVES,
    TAILLE_MAX_OCTETS,
    TrajetsRefuses,
    lire_trajets,
)
from web.menu import ajouter_au_menu
from web.partenaire.covoiturages import recues
from web.partenaire.espace import partenaire, sa_structure
from web.partenaire.fiche_trajet import remplir, saisie_du_trajet
from web.tableur import repondre_csv
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Covoiturage", "trajets", rang=4)

A_BORD = [(b.value, majuscule(b.libelle)) for b in BesoinABord]
OUI_NON = [("oui", "Oui"), ("non", "Non"), ("", "Pas demandé")]
_CHANGE = "Quelqu’un a modifié ce trajet entre-temps. Ouvrez-le à nouveau : vos mots sont ci-dessous."


@partenaire.get("/trajets")
def trajets() -> str:
    """Its drivers' trips, and the requests to ride with them."""
    return _liste()


@partenaire.route("/trajets/nouveau", methods=["GET", "POST"])
def nouveau_trajet() -> ResponseReturnValue:
    """Register a trip, alone or from another one (``?copie=``)."""
    if request.method != "POST":
        with lecture() as session:
            structure = sa_structure(session)
            if copie := request.args.get("copie"):
                try:
                    modele = _le_sien(session, UUID(copie))
                except ValueError:
                    abort(404)
                saisie = saisie_du_trajet(modele)
                saisie.pop("version")
                return _page(saisie, {})
            souplesse = f"{parametres(ce_jour())['covoiturage.souplesse_min']:g}"
            depart = commune_connue(structure.commune).texte
            return _page(MultiDict({"arrivee": depart, "souplesse": souplesse}), {})
    f = Formulaire(request.form)
    cle = lire_cle(request.form)
    try:
        with transaction() as session:
            structure = sa_structure(session)
            if _deja(session, structure, cle) is None:
                _ajouter(session, structure, f, cle)
    except IntegrityError:  # the same form, sent twice at once: the other one wrote it
        with lecture() as session:
            if _deja(session, sa_structure(session), cle) is None:
                raise
    if f.erreurs:
        return _page(f.saisie, f.erreurs), REFUS
    flash("Le trajet est enregistré : il entre dans les prochaines propositions.")
    return redirect(url_for("partenaire.trajets"), 303)


@partenaire.route("/trajets/<uuid:uuid>", methods=["GET", "POST"])
def modifier_trajet(uuid: UUID) -> ResponseReturnValue:
    """Correct a trip; what was agreed stays agreed."""
    if request.method != "POST":
        with lecture() as session:
            trajet = _le_sien(session, uuid)
            return _page(saisie_du_trajet(trajet), {}, trajet)
    f = Formulaire(request.form)
    with transaction() as session:
        trajet = _le_sien(session, uuid)
        remplir(trajet, f)
        if f.brut("version") != str(trajet.version):
            f.erreur("", _CHANGE)
        if f.erreurs:
            session.expire(trajet)
        else:
            session.add(consigner(acteur_courant(), Evenement.TRAJET_CONDUCTEUR_ENREGISTRE, trajet))
    if f.erreurs:
        with lecture() as session:
            return _page(f.saisie, f.erreurs, _le_sien(session, uuid)), REFUS
    flash("C’est enregistré. Les prochaines propositions en tiennent compte.")
    return redirect(url_for("partenaire.trajets"), 303)


@partenaire.post("/trajets/<uuid:uuid>/<any(retirer, rouvrir):suite>")
def proposer_trajet(uuid: UUID, suite: str) -> ResponseReturnValue:
    """Stop proposing a trip, or propose it again."""
    with transaction() as session:
        trajet = _le_sien(session, uuid)
        if suite == "retirer":
            trajet.retirer()
            fait = Evenement.TRAJET_CONDUCTEUR_RETIRE
        else:
            trajet.rouvrir()
            fait = Evenement.TRAJET_CONDUCTEUR_ROUVERT
        session.add(consigner(acteur_courant(), fait, trajet))
    flash("Le trajet n’est plus proposé." if suite == "retirer" else "Le trajet est proposé à nouveau.")
    return redirect(url_for("partenaire.trajets"), 303)


@partenaire.post("/trajets/importer")
def importer_trajets() -> ResponseReturnValue:
    """Add the trips of a file, all or none; each line that does not fit is named."""
    fichier = request.files.get("fichier")
    octets = fichier.read(TAILLE_MAX_OCTETS + 1) if fichier and fichier.filename else b""
    if not octets:
        return _liste(erreur="Choisissez un fichier CSV qui contient au moins un trajet."), REFUS
    try:
        combien = _importer(octets)
    except TrajetsRefuses as refus:
        return _liste(refusees=refus.lignes), REFUS
    except DonneeRefusee as refus:
        return _liste(erreur=refus.phrase), REFUS
    flash(f"{combien} trajet{'s' if combien > 1 else ''} ajouté{'s' if combien > 1 else ''}.")
    return redirect(url_for("partenaire.trajets"), 303)


@partenaire.get("/trajets/modele.csv")
def modele_trajets() -> Response:
    """A file with the right columns and one line to replace."""
    return repondre_csv("modele-trajets.csv", (*COLONNES, *FACULTATIVES), [EXEMPLE])


@reessayer
def _importer(octets: bytes) -> int:
    with transaction() as session:
        structure = sa_structure(session)
        lus = lire_trajets(octets, structure, round(parametres(ce_jour())["covoiturage.souplesse_min"]))
        session.add_all(lus)
        session.flush()
        for trajet in lus:
            session.add(consigner(acteur_courant(), Evenement.TRAJET_CONDUCTEUR_ENREGISTRE, trajet))
        return len(lus)


def _ajouter(session: Session, structure: Structure, f: Formulaire, cle: str) -> None:
    trajet = TrajetInscrit(
        structure=structure,
        conducteur="?",
        depart="",
        arrivee="",
        heure=0,
        demonstration=structure.demonstration,
        cle_idempotence=cle,
    )
    remplir(trajet, f)
    if f.erreurs:
        return
    session.add(trajet)
    session.flush()
    session.add(consigner(acteur_courant(), Evenement.TRAJET_CONDUCTEUR_ENREGISTRE, trajet))


def _le_sien(session: Session, uuid: UUID) -> TrajetInscrit:
    return session.scalars(trajets_visibles_par(acteur_courant()).where(TrajetInscrit.uuid == uuid)).one()


def _deja(session: Session, structure: Structure, cle: str) -> TrajetInscrit | None:
    return session.scalars(
        select(TrajetInscrit).where(
            TrajetInscrit.structure_id == structure.id, TrajetInscrit.cle_idempotence == cle
        )
    ).first()


def _liste(*, erreur: str = "", refusees: list[tuple[int, str]] | None = None) -> str:
    with lecture() as session:
        siens = session.scalars(trajets_visibles_par(acteur_courant())).all()
        return render_template(
            "partenaire/trajets.html",
            structure=sa_structure(session),
            trajets=sorted(siens, key=lambda t: t.statut is not StatutTrajet.OUVERT),
            prises=actes.prises(session, siens),
            dire=actes.dire_trajet,
            recues=recues(session),
            erreur=erreur,
            refusees=refusees or [],
            colonnes=COLONNES,
            facultatives=FACULTATIVES,
        )


def _page(
    saisie: MultiDict[str, str], erreurs: Mapping[str, str], trajet: TrajetInscrit | None = None
) -> str:
    p = parametres(ce_jour())
    return render_template(
        "partenaire/trajet.html",
        trajet=trajet,
        saisie=saisie,
        erreurs=dict(erreurs),
        cle=saisie.get("cle") or nouvelle_cle(),
        jours=[(j.value, j.libelle.capitalize()) for j in SEMAINE],
        a_bord=A_BORD,
        oui_non=OUI_NON,
        detour=f"{p['covoiturage.detour_min']:g}",
        part=f"{100 * p['covoiturage.detour_part']:g}",
    )
