"""The two sheets of a booking side by side, what is added afterwards, and the end: the deposit, then closed."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import maintenant
from mobilite.decompte import en_centimes
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.etat_des_lieux import Moment, SortCaution
from mobilite.points_de_controle import equipements_de
from mobilite.statut_reservation import StatutReservation
from web import reservations
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.contrat import repondre_contrat
from web.erreurs import REFUS
from web.etats_des_lieux import (
    ajouter_remarque,
    caution_de,
    clore,
    lire_etats,
    phrases_du_retour,
)
from web.formulaire import Formulaire
from web.partenaire.espace import partenaire, sa_reservation
from web.partenaire.etat_des_lieux import MOMENTS, prenom_de
from web.transaction import lecture, reessayer, transaction


@partenaire.get("/demande/<uuid:uuid>/etat-des-lieux")
def etats_des_lieux(uuid: UUID) -> str:
    """Departure and return side by side, what changed, the price, the remarks, and how it ends."""
    with lecture() as session:
        return _page(session, uuid, MultiDict(), {})


@partenaire.post("/demande/<uuid:uuid>/etat-des-lieux/remarque")
def remarquer(uuid: UUID) -> ResponseReturnValue:
    """Add a remark to a sheet: the only way to correct what is signed."""
    f = Formulaire(request.form)
    nom = f.texte("remarque_nom", 80, "Dites votre nom.")
    texte = f.texte("remarque_texte", 500, "Écrivez la remarque.")
    moment = MOMENTS.get(f.brut("quand"))
    if moment is None:
        f.erreur("quand", "Dites sur quelle feuille.")
    if nom is None or texte is None or moment is None:
        return _refusee(uuid, f, f.erreurs)
    _noter_la_remarque(uuid, moment, nom, texte, f.brut("cle")[:40])
    flash("La remarque est ajoutée. La feuille signée n’a pas changé.")
    return redirect(url_for("partenaire.etats_des_lieux", uuid=uuid), 303)


@reessayer
def _noter_la_remarque(uuid: UUID, moment: Moment, nom: str, texte: str, cle: str) -> None:
    with transaction() as session:
        etat = lire_etats(session, sa_reservation(session, uuid)).de(moment)
        if etat is None or not etat.signe:
            raise DonneeRefusee("", "cette feuille n'est pas encore signée : notez-le dedans.")
        ajouter_remarque(session, etat, par=acteur_courant(), nom=nom, texte=texte, cle=cle)


@partenaire.post("/demande/<uuid:uuid>/clore")
def clore_sejour(uuid: UUID) -> ResponseReturnValue:
    """Close the booking: what became of the deposit, and nothing is left to do."""
    f = Formulaire(request.form)
    sort = f.parmi("sort", SortCaution)
    if sort is None:
        f.erreur("sort", "Dites ce que devient la caution.")
    retenue = motif = None
    if sort is SortCaution.RETENUE:
        retenue = f.nombre("retenue", 0.01, 50_000)
        if retenue is None:
            f.erreur("retenue", "Dites combien est retenu.")
        motif = f.texte("motif", 300, "Dites pourquoi : la personne le lira.")
    if f.erreurs or sort is None:
        return _refusee(uuid, f, f.erreurs)
    try:
        _clore(uuid, sort, en_centimes(retenue) if retenue is not None else None, motif or "")
    except DonneeRefusee as refus:
        return _refusee(uuid, f, {refus.champ: refus.raison})
    except RegleMetier as refus:
        return _refusee(uuid, f, {"": refus.phrase}, 409)
    flash("C’est terminé.")
    return redirect(url_for("partenaire.etats_des_lieux", uuid=uuid), 303)


@reessayer
def _clore(uuid: UUID, sort: SortCaution, retenue_centimes: int | None, motif: str) -> None:
    with transaction() as session:
        clore(
            session,
            sa_reservation(session, uuid),
            par=acteur_courant(),
            sort=sort,
            retenue_centimes=retenue_centimes,
            motif=motif,
        )


@partenaire.get("/demande/<uuid:uuid>/contrat.pdf")
def contrat_pdf(uuid: UUID) -> Response:
    """The contract of this booking, to print and sign."""
    with lecture() as session:
        return repondre_contrat(session, sa_reservation(session, uuid), acteur_courant())


def _refusee(
    uuid: UUID, f: Formulaire, erreurs: Mapping[str, str], statut: int = REFUS
) -> ResponseReturnValue:
    with lecture() as session:
        return _page(session, uuid, f.saisie, erreurs), statut


def _page(session: Session, uuid: UUID, saisie: MultiDict[str, str], erreurs: Mapping[str, str]) -> str:
    reservation = sa_reservation(session, uuid)
    etats = lire_etats(session, reservation)
    instant = maintenant()
    rendu = etats.retour is not None and etats.retour.signe
    return render_template(
        "partenaire/etat/resume.html",
        reservation=reservation,
        prenom=prenom_de(reservation),
        etat_reservation=reservation.etat(instant),
        etats=etats,
        feuilles=[(quand, moment, etats.de(moment)) for quand, moment in MOMENTS.items()],
        phrases=phrases_du_retour(session, reservation, etats),
        decompte=etats.decompte,
        caution=caution_de(session, reservation, etats) / 100,
        suite=reservations.suite_vivante(session, reservation, le=instant),
        a_clore=rendu and reservation.statut is StatutReservation.RENDUE,
        sorts=[(sort.value, sort.libelle) for sort in SortCaution],
        signees=[
            (quand, moment.libelle)
            for quand, moment in MOMENTS.items()
            if (etat := etats.de(moment)) is not None and etat.signe
        ],
        equipements=equipements_de(reservation.vehicule),
        cle=saisie.get("cle") or nouvelle_cle(),
        saisie=saisie,
        erreurs=dict(erreurs),
    )
