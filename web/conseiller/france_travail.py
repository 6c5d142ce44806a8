"""What France Travail is told of her mobility: her agreement, what would leave, and the file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.france_travail import REGLES, RELEVE_LE, SOURCE, AccordFranceTravail, accords_en_vigueur
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.prescription import FormeAccord
from web.acces import acteur_courant
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.erreurs import REFUS
from web.export_france_travail import FicheFranceTravail, document, entete, fiches_de, portefeuille
from web.formulaire import Formulaire
from web.prise_de_notes import verrouiller
from web.tableur import repondre_csv
from web.transaction import bd, lecture, transaction


@conseiller.get("/dossiers/<uuid:uuid>/france-travail")
def france_travail(uuid: UUID) -> str:
    """What would leave for France Travail, once she agrees."""
    return _page(bd.session, consulter(uuid), Formulaire(request.args))


@conseiller.post("/dossiers/<uuid:uuid>/france-travail/accord")
def accorder_france_travail(uuid: UUID) -> ResponseReturnValue:
    """Note her agreement, or that she takes it back; said twice is said once."""
    acteur, f, le = acteur_courant(), Formulaire(request.form), ce_jour()
    comment, donne_le = f.parmi("comment", FormeAccord), f.jour("donne_le") or le
    retirer = f.coche("retirer")
    if not retirer:
        if comment is None:
            f.erreur("comment", "Choisissez.")
        if donne_le > le:
            f.erreur("donne_le", "Ce jour n'est pas encore passé.")
        if not f.coche("accord"):
            f.erreur("accord", "Notez d'abord son accord : rien ne part sans elle.")
        if f.erreurs:
            with lecture() as session:
                return _page(session, ouvrir_dossier(session, uuid), f), REFUS
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        verrouiller(session, personne)
        actuel = session.scalars(accords_en_vigueur(personne.id)).first()
        if retirer and actuel is not None:
            actuel.retirer(acteur)
            session.add(consigner(acteur, Evenement.ACCORD_FRANCE_TRAVAIL_RETIRE, personne))
        elif not retirer and actuel is None and comment is not None:
            session.add(
                AccordFranceTravail(
                    personne_id=personne.id, donne_le=donne_le, comment=comment, note_par=acteur.id
                )
            )
            session.add(consigner(acteur, Evenement.ACCORD_FRANCE_TRAVAIL_DONNE, personne))
    if retirer:
        flash("Accord retiré : plus rien ne part vers France Travail.")
    else:
        dire_enregistre()
    return redirect(url_for("conseiller.france_travail", uuid=uuid), 303)


@conseiller.post("/dossiers/<uuid:uuid>/france-travail/fiche")
def fiche_france_travail(uuid: UUID) -> ResponseReturnValue:
    """Her file, CSV or JSON; without her agreement there is none."""
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        fiches = fiches_de(session, [personne], ce_jour())
        if not fiches:
            return _page(session, personne, Formulaire(request.args)), REFUS
        _noter(session, [personne])
        return _fichier(fiches, "france-travail")


@conseiller.get("/france-travail")
def france_travail_tous() -> str:
    """The people she follows who agreed, and how many did not."""
    personnes = portefeuille(bd.session, acteur_courant().id)
    fiches = fiches_de(bd.session, personnes, ce_jour())
    return render_template(
        "conseiller/france_travail_tous.html",
        fiches=fiches,
        sans_accord=len(personnes) - len(fiches),
        source=SOURCE,
        releve_le=RELEVE_LE,
    )


@conseiller.post("/france-travail/fiche")
def fiches_france_travail() -> ResponseReturnValue:
    """The file of everybody she follows who agreed."""
    with transaction() as session:
        personnes = portefeuille(session, acteur_courant().id)
        fiches = fiches_de(session, personnes, ce_jour())
        parties = {fiche.dossier for fiche in fiches}
        _noter(session, [p for p in personnes if str(p.uuid) in parties])
        return _fichier(fiches, "france-travail-portefeuille", len(personnes) - len(fiches))


def _noter(session: Session, personnes: Sequence[Personne]) -> None:
    """What left is in the journal, person by person."""
    acteur, forme = acteur_courant(), _forme()
    for personne in personnes:
        session.add(consigner(acteur, Evenement.FICHE_FRANCE_TRAVAIL_EXPORTEE, personne, forme=forme))


def _forme() -> str:
    return "json" if request.form.get("forme") == "json" else "csv"


def _fichier(fiches: Sequence[FicheFranceTravail], nom: str, sans_accord: int = 0) -> Response:
    if _forme() == "csv":
        return repondre_csv(f"{nom}.csv", entete(fiches), (fiche.en_ligne() for fiche in fiches))
    texte = json.dumps(document(fiches, ce_jour(), sans_accord), ensure_ascii=False, indent=2) + "\n"
    reponse = make_response(texte)
    reponse.content_type = "application/json; charset=utf-8"
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}.json"'
    return reponse


def _page(session: Session, personne: Personne, f: Formulaire) -> str:
    le = ce_jour()
    return render_template(
        "conseiller/france_travail.html",
        personne=personne,
        accord=session.scalars(accords_en_vigueur(personne.id)).first(),
        fiche=next(iter(fiches_de(session, [personne], le)), None),
        regles=REGLES,
        source=SOURCE,
        releve_le=RELEVE_LE,
        formes=[(forme.value, forme.libelle) for forme in FormeAccord],
        le=le,
        erreurs=f.erreurs,
        saisie=f.saisie,
    )
