"""« Signaler une panne » in two taps, who was given another vehicle, and what is left to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from mobilite.base import PARIS, ce_jour, jour_local, maintenant
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule
from mobilite.immobilisation import Immobilisation, MotifImmobilisation
from mobilite.journal import Evenement, LigneJournal
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import MOBILES, StatutReservation
from web import places, relogement
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.partenaire.espace import partenaire, sa_structure
from web.partenaire.parc import le_sien
from web.transaction import lecture, reessayer, transaction

MOTIFS = [(motif.value, motif.libelle) for motif in MotifImmobilisation]
R = TypeVar("R")


@partenaire.get("/parc/<uuid:uuid>/panne")
def signaler_panne(uuid: UUID) -> str:
    """The form: why, from when, until when if somebody knows."""
    return _formulaire(uuid, MultiDict({"motif": MotifImmobilisation.PANNE.value}), {})


@partenaire.post("/parc/<uuid:uuid>/panne")
def declarer_panne(uuid: UUID) -> ResponseReturnValue:
    """Take it off the road; its bookings get another vehicle in the same transaction."""
    f = Formulaire(request.form)
    motif = f.parmi("motif", MotifImmobilisation)
    if motif is None:
        f.erreur("motif", "Dites pourquoi il ne roule pas.")
    instant = maintenant()
    debut = _debut(f, instant)
    fin = _fin(f, debut)
    precision, cle = f.texte("precision", 200) or "", f.texte("cle", 40, "Rechargez la page.")
    if f.erreurs or motif is None or cle is None:
        return _formulaire(uuid, f.saisie, f.erreurs), REFUS
    declare, code = motif, cle

    def faire(session: Session) -> UUID:
        arret, _ = relogement.immobiliser(
            session,
            le_sien(session, uuid),
            par=acteur_courant(),
            motif=declare,
            debut=debut,
            fin=fin,
            precision=precision,
            cle=code,
            le=instant,
        )
        return arret.uuid

    try:
        arret = _transaction(faire)
    except RegleMetier as refus:
        return _formulaire(uuid, f.saisie, {"": refus.phrase}), 409
    flash("C’est noté : ce véhicule ne peut plus être réservé ces jours-là.")
    return redirect(url_for("partenaire.voir_arret", uuid=uuid, arret=arret), 303)


@partenaire.get("/parc/<uuid:uuid>/arret/<uuid:arret>")
def voir_arret(uuid: UUID, arret: UUID) -> str:
    """One stop: who was given another vehicle then, who has nothing yet, who has the keys."""
    with lecture() as session:
        vehicule = le_sien(session, uuid)
        l_arret = _l_arret(session, vehicule, arret)
        plan = relogement.preparer(session, vehicule.offre.structure_id)
        return render_template(
            "partenaire/arret.html",
            vehicule=vehicule,
            arret=l_arret,
            changees=_changees(session, l_arret),
            sans_vehicule=[x for x in plan.sans_vehicule if x.de.id == vehicule.id],
            cles_en_main=[r for r in plan.cles_en_main if r.vehicule_id == vehicule.id],
            fini=not (l_arret.fin is None or l_arret.fin > maintenant()),
        )


@partenaire.post("/parc/<uuid:uuid>/arret/<uuid:arret>/retour")
def remettre_en_route(uuid: UUID, arret: UUID) -> ResponseReturnValue:
    """It rolls again."""

    def faire(session: Session) -> None:
        vehicule = le_sien(session, uuid)
        relogement.remettre_en_route(
            session, vehicule, _l_arret(session, vehicule, arret), par=acteur_courant()
        )
        places.proposer_les_places(session, structure_id=vehicule.offre.structure_id)

    try:
        _transaction(faire)
    except RegleMetier as refus:
        flash(refus.phrase)
    else:
        flash("Il roule à nouveau : on peut le réserver.")
    return redirect(url_for("partenaire.fiche_vehicule", uuid=uuid), 303)


@partenaire.get("/relogement")
def voir_relogement() -> str:
    """What would be given to whom, before anything is done; and what somebody has to decide."""
    return _relogement("")


@partenaire.post("/relogement")
def appliquer_relogement() -> ResponseReturnValue:
    """Do what the page shows, as things stand now."""

    def faire(session: Session) -> int:
        plan = relogement.reloger_la_structure(session, sa_structure(session).id, par=acteur_courant())
        return len(plan.relogees)

    try:
        nombre = _transaction(faire)
    except RegleMetier as refus:
        return _relogement(refus.phrase), 409
    flash(
        f"{nombre} réservation{'s' if nombre > 1 else ''} sur un autre véhicule : on prévient les personnes."
        if nombre
        else "Rien n’a changé."
    )
    return redirect(url_for("partenaire.voir_relogement"), 303)


@partenaire.post("/relogement/<uuid:uuid>")
def choisir_vehicule(uuid: UUID) -> ResponseReturnValue:
    """Somebody looked at what was to be seen: this vehicle for that booking."""

    def faire(session: Session) -> None:
        reservation = session.scalars(
            reservations_visibles_par(acteur_courant()).where(Reservation.uuid == uuid)
        ).one()
        try:
            voulu = UUID(Champ(request.form.get("vehicule", ""), "vehicule").texte(40))
        except ValueError:
            raise DonneeRefusee("vehicule", "Choisissez un véhicule de la liste.") from None
        relogement.choisir_vehicule(session, reservation, le_sien(session, voulu), par=acteur_courant())

    try:
        _transaction(faire)
    except RegleMetier as refus:
        return _relogement(refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase), 409
    flash("Le véhicule est changé, les jours restent les mêmes. On prévient la personne.")
    return redirect(url_for("partenaire.voir_relogement"), 303)


def _transaction(faire: Callable[[Session], R]) -> R:
    @reessayer
    def ecrire() -> R:
        with transaction() as session:
            return faire(session)

    return ecrire()


def _debut(f: Formulaire, instant: datetime) -> datetime:
    """Now, or the morning of a day said."""
    jour = f.jour("du")
    if jour is None or jour == ce_jour():
        return instant
    if jour < ce_jour() - timedelta(days=31):
        f.erreur("du", "Ce jour est trop loin : un mois au plus.")
    return datetime.combine(jour, time(), PARIS)


def _fin(f: Formulaire, debut: datetime) -> datetime | None:
    """The morning after the last day off the road; nothing said: nobody knows."""
    jour = f.jour("au")
    if jour is None:
        return None
    if jour < jour_local(debut):
        f.erreur("au", "Le retour vient avant l’arrêt.")
    return datetime.combine(jour + timedelta(days=1), time(), PARIS)


def _l_arret(session: Session, vehicule: Vehicule, uuid: UUID) -> Immobilisation:
    return session.scalars(
        select(Immobilisation).where(Immobilisation.uuid == uuid, Immobilisation.vehicule_id == vehicule.id)
    ).one()


def _changees(session: Session, arret: Immobilisation) -> list[Reservation]:
    """The bookings that changed vehicles in the transaction of the stop, as the journal says."""
    numeros = select(LigneJournal.objet_id).where(
        LigneJournal.quoi == Evenement.RESERVATION_CHANGEE.value,
        LigneJournal.objet_type == Reservation.__tablename__,
        LigneJournal.survenu_le == arret.declaree_le,
    )
    visibles = reservations_visibles_par(acteur_courant()).where(Reservation.id.in_(numeros))
    return list(session.scalars(visibles.options(selectinload(Reservation.personne))))


def _formulaire(uuid: UUID, saisie: MultiDict[str, str], erreurs: dict[str, str]) -> str:
    with lecture() as session:
        vehicule = le_sien(session, uuid)
        instant = maintenant()
        prises = reservations_visibles_par(acteur_courant()).where(
            Reservation.vehicule_id == vehicule.id,
            Reservation.statut.in_((*MOBILES, StatutReservation.REMISE)),
            Reservation.fin > instant,
        )
        return render_template(
            "partenaire/panne.html",
            vehicule=vehicule,
            prises=len(session.scalars(prises).all()),
            motifs=MOTIFS,
            saisie=saisie,
            erreurs=erreurs,
            cle=saisie.get("cle") or nouvelle_cle(),
        )


def _relogement(refus: str) -> str:
    with lecture() as session:
        structure = sa_structure(session)
        return render_template(
            "partenaire/relogement.html",
            structure=structure,
            plan=relogement.preparer(session, structure.id),
            refus=refus,
        )
