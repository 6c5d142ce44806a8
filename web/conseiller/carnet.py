"""The pages of the diary: read, and add the few lines that no machine can know."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobilite.base import ce_jour
from mobilite.carnet import (
    PHRASE_MAX,
    Contact,
    DateRefusee,
    GenreContact,
    contacts_visibles_par,
    noter_contact,
)
from mobilite.journal import Evenement, consigner
from mobilite.personnes import Personne
from mobilite.texte_sensible import reperer
from web.acces import acteur_courant
from web.carnet import lire_le_carnet
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, dire_enregistre, ouvrir_dossier
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.transaction import bd, lecture, reessayer, transaction

SUR_LE_DOSSIER = 6
GENRES = [(genre.value, genre.libelle) for genre in GenreContact]
REPONSES = [("oui", "Oui"), ("non", "Non")]


@conseiller.get("/dossiers/<uuid:uuid>/carnet")
def carnet(uuid: UUID) -> str:
    """The whole diary, a page at a time, and the form that adds to it."""
    personne = consulter(uuid)
    return _page(bd.session, personne, Formulaire(request.args), page=request.args.get("page", 1, type=int))


def _page(session: Session, personne: Personne, f: Formulaire, *, page: int = 1) -> str:
    return render_template(
        "conseiller/carnet.html",
        personne=personne,
        carnet=lire_le_carnet(session, personne, acteur_courant(), page=page),
        erreurs=f.erreurs,
        saisie=f.saisie,
        **contexte_de_saisie(),
    )


def contexte_de_saisie() -> dict[str, Any]:
    """What the form that adds a line needs."""
    return {
        "genres_de_contact": GENRES,
        "reponses_de_contact": REPONSES,
        "phrase_max": PHRASE_MAX,
        "cle_du_carnet": nouvelle_cle(),
        "le": ce_jour(),
    }


@conseiller.post("/dossiers/<uuid:uuid>/carnet")
def noter_au_carnet(uuid: UUID) -> ResponseReturnValue:
    """Add a call, a visit, a rendez-vous, a letter. One form sent twice adds one line."""
    f = Formulaire(request.form, "carnet-")
    genre = f.parmi("genre", GenreContact)
    if genre is None:
        f.erreur("genre", "Choisissez ce qui a eu lieu.")
    le = f.jour("le") or ce_jour()
    phrase = f.texte("phrase", PHRASE_MAX) or ""
    for signale in reperer(phrase):
        if signale.certain:
            f.erreur("phrase", signale.phrase)
        elif not f.erreurs:
            flash(signale.phrase)
    joint = {"oui": True, "non": False}.get(f.brut("joint"))
    if genre is not None and not f.erreurs:
        try:
            _noter(uuid, genre, le, joint, phrase, f.brut("cle")[:80])
        except DateRefusee as refus:
            f.erreur("le", refus.phrase)
    if f.erreurs:
        with lecture() as session:
            return _page(session, ouvrir_dossier(session, uuid), f), REFUS
    dire_enregistre("C'est dans son carnet.")
    if f.brut("suite") == "carnet":
        return redirect(url_for("conseiller.carnet", uuid=uuid), 303)
    return redirect(url_for("conseiller.dossier", uuid=uuid, _anchor="carnet"), 303)


@reessayer
def _noter(uuid: UUID, genre: GenreContact, le: date, joint: bool | None, phrase: str, cle: str) -> None:
    acteur = acteur_courant()
    try:
        with transaction() as session:
            personne = ouvrir_dossier(session, uuid)
            deja = select(Contact.id).where(Contact.personne_id == personne.id, Contact.cle == cle)
            if cle and session.scalar(deja) is not None:
                return
            contact = noter_contact(
                personne, genre, le, acteur, aujourdhui=ce_jour(), joint=joint, phrase=phrase, cle=cle
            )
            session.add(contact)
            session.flush()
            session.add(
                consigner(acteur, Evenement.CONTACT_NOTE, contact, genre=genre.value, joint=contact.joint)
            )
    except IntegrityError:
        # The same form, sent at the same instant: the other one wrote the line.
        bd.session.rollback()


@conseiller.post("/dossiers/<uuid:uuid>/carnet/<uuid:contact_uuid>/retirer")
def retirer_du_carnet(uuid: UUID, contact_uuid: UUID) -> ResponseReturnValue:
    """Take out a line written by mistake: only whoever wrote it. The journal keeps that it was there."""
    _retirer(uuid, contact_uuid)
    dire_enregistre("La ligne est retirée.")
    return redirect(url_for("conseiller.carnet", uuid=uuid), 303)


@reessayer
def _retirer(uuid: UUID, contact_uuid: UUID) -> None:
    acteur = acteur_courant()
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        contact = session.scalars(
            contacts_visibles_par(acteur).where(
                Contact.personne_id == personne.id,
                Contact.uuid == contact_uuid,
                Contact.note_par == acteur.id,
            )
        ).one()
        session.add(consigner(acteur, Evenement.CONTACT_RETIRE, contact, genre=contact.genre.value))
        session.delete(contact)
