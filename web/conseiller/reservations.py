"""« Réserver pour elle »: the same rules and the same days as on her own page, asked by telephone or at the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.disponibilite import VehiculeDejaReserve, occupe
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.motif_reservation import CanalDemande, MotifSansSuite
from mobilite.offre import Offre
from mobilite.personnes import Personne
from mobilite.refus_reservation import CleDejaUtilisee
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import StatutReservation
from web import places
from web import reservations as actes
from web.acces import acteur_courant
from web.agenda import en_ics, en_reponse, nom_du_fichier, pour_la_conseillere, revisions_de
from web.calendrier import jours_entiers
from web.cle import nouvelle_cle
from web.conseiller.bureau import conseiller, consulter, ouvrir_dossier
from web.conseiller.reservations_suivies import suivre
from web.erreurs import REFUS
from web.jours import lire_jour
from web.personne.calendrier import depart_regarde, regarder
from web.personne.demande import (
    VehiculeNonPropose,
    jour_choisi,
    lire_motif,
    lire_saisie,
    vehicule_demande,
    vehicule_possible,
)
from web.personne.prolongation import (
    cle_du_formulaire,
    erreurs_de,
    prolongation_de,
    prolonger_la_reservation,
)
from web.personne.suivi import Choix, choix_libres
from web.personne.vehicules import VehiculePossible, vehicules_possibles
from web.prix_prevu import aides_a_demander, avec_le_prix, prix_prevu
from web.transaction import bd, lecture, reessayer, transaction

CANAUX = [(canal.value, canal.libelle) for canal in (CanalDemande.TELEPHONE, CanalDemande.GUICHET)]
MOTIFS = [(motif.value, motif.libelle) for motif in MotifSansSuite]
MOIS_COTE_A_COTE = 2


@dataclass(frozen=True, slots=True)
class Prise:
    """Days on which somebody has a vehicle of the offer; ``qui`` is empty for people she does not follow."""

    vehicule: str
    du: date
    au: date
    etat: StatutReservation
    qui: str


@conseiller.get("/dossiers/<uuid:uuid>/reserver")
def choisir_pour_elle(uuid: UUID) -> str:
    """Which vehicle? Those that neither the law nor the offer refuses her, as on her page."""
    personne = consulter(uuid)
    return render_template(
        "conseiller/reserver_choisir.html",
        personne=personne,
        possibles=vehicules_possibles(bd.session, personne, ce_jour()),
    )


@conseiller.route("/dossiers/<uuid:uuid>/reserver/<uuid:offre_uuid>", methods=["GET", "POST"])
def reserver_pour_elle(uuid: UUID, offre_uuid: UUID) -> ResponseReturnValue:
    """Which days? The calendar, the form, and what else is free when somebody was faster."""
    if request.method != "POST":
        personne = consulter(uuid)
        try:
            possible = vehicule_possible(bd.session, personne, offre_uuid, depart_regarde(request.args))
        except VehiculeNonPropose:
            return _choisir_un_autre(uuid)
        return _page(bd.session, personne, possible, request.args.to_dict(), {})
    saisie = request.form.to_dict()
    if choix := saisie.pop("choix", ""):
        # One of the alternatives: the form comes back filled in, nothing is asked yet.
        return _repondre(uuid, offre_uuid, saisie | _choisi(choix), {}), 200
    try:
        reservation = _reserver(uuid, offre_uuid)
    except VehiculeDejaReserve as refus:
        return _repondre(uuid, offre_uuid, saisie, {"debut": refus.raison}, refus), 409
    except VehiculeNonPropose:
        return _choisir_un_autre(uuid)
    except RegleMetier as refus:
        if isinstance(refus, CleDejaUtilisee):
            saisie["cle"] = nouvelle_cle()
        return _repondre(uuid, offre_uuid, saisie, _erreurs(refus)), REFUS
    flash(f"Demande envoyée à {reservation.vehicule.offre.structure.nom}. Elle la voit aussi sur sa page.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#reservations", 303)


@conseiller.route(
    "/dossiers/<uuid:uuid>/reservations/<uuid:reservation_uuid>/deplacer", methods=["GET", "POST"]
)
def deplacer_pour_elle(uuid: UUID, reservation_uuid: UUID) -> ResponseReturnValue:
    """Other days for the same vehicle, while nobody has answered."""
    if request.method != "POST":
        personne = consulter(uuid)
        reservation = _la_reservation(bd.session, personne, reservation_uuid)
        suivie = suivre(reservation, maintenant())
        actuelle = {"debut": suivie.du.isoformat(), "jours": str((suivie.au - suivie.du).days + 1)}
        saisie = actuelle | request.args.to_dict()
        offre = reservation.vehicule.offre
        possible = vehicule_possible(bd.session, personne, offre.uuid, depart_regarde(saisie))
        return _page(bd.session, personne, possible, saisie, {}, deplacee=reservation)
    try:
        _deplacer(uuid, reservation_uuid)
    except RegleMetier as refus:
        if isinstance(refus, VehiculeNonPropose):
            raise
        statut = REFUS if isinstance(refus, DonneeRefusee) else 409
        with lecture() as session:
            personne = ouvrir_dossier(session, uuid)
            reservation = _la_reservation(session, personne, reservation_uuid)
            saisie, offre = request.form.to_dict(), reservation.vehicule.offre
            possible = vehicule_possible(session, personne, offre.uuid, depart_regarde(saisie))
            return _page(session, personne, possible, saisie, _erreurs(refus), deplacee=reservation), statut
    flash("C’est demandé pour les nouveaux jours.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#reservations", 303)


@conseiller.route(
    "/dossiers/<uuid:uuid>/reservations/<uuid:reservation_uuid>/prolonger", methods=["GET", "POST"]
)
def prolonger_pour_elle(uuid: UUID, reservation_uuid: UUID) -> ResponseReturnValue:
    """Ask to keep the vehicle longer, by the rules of her own page."""
    if request.method != "POST":
        personne = consulter(uuid)
        return _page_prolonger(bd.session, personne, reservation_uuid, {}, {})
    try:
        _prolonger(uuid, reservation_uuid)
    except RegleMetier as refus:
        with lecture() as session:
            personne = ouvrir_dossier(session, uuid)
            page = _page_prolonger(session, personne, reservation_uuid, request.form, erreurs_de(refus))
            return page, REFUS if isinstance(refus, DonneeRefusee) else 409
    flash("La suite est demandée. Elle la voit aussi sur sa page.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#reservations", 303)


@conseiller.post("/dossiers/<uuid:uuid>/reservations/<uuid:reservation_uuid>/annuler")
def annuler_pour_elle(uuid: UUID, reservation_uuid: UUID) -> ResponseReturnValue:
    """Give it up for her, and why: the vehicle is free for somebody else at once."""
    _annuler(uuid, reservation_uuid)
    flash("C’est annulé. Le véhicule est libre pour quelqu’un d’autre.")
    return redirect(url_for("conseiller.dossier", uuid=uuid) + "#reservations", 303)


@conseiller.get("/dossiers/<uuid:uuid>/reservations/<uuid:reservation_uuid>/agenda.ics")
def mettre_a_l_agenda(uuid: UUID, reservation_uuid: UUID) -> Response:
    """One booking as a file for the adviser's calendar: the vehicle and initials."""
    personne = consulter(uuid)
    reservation = _la_reservation(bd.session, personne, reservation_uuid)
    revision = revisions_de(bd.session, [reservation])[reservation.id]
    dossier = url_for("conseiller.dossier", uuid=uuid, _external=True)
    texte = en_ics([pour_la_conseillere(reservation, revision, dossier, maintenant())])
    return en_reponse(texte, nom_du_fichier(jour_local(reservation.debut)))


@reessayer
def _reserver(uuid: UUID, offre_uuid: UUID) -> Reservation:
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        possible = vehicule_possible(session, personne, offre_uuid, jour_choisi(request.form))
        saisie = lire_saisie(request.form, possible)
        debut, fin = jours_entiers(saisie.debut, saisie.jours)
        return actes.demander(
            session,
            acteur=acteur_courant(),
            offre=possible.offre,
            personne_id=personne.id,
            vehicule=vehicule_demande(session, possible.offre, saisie),
            debut=debut,
            fin=fin,
            cle=saisie.cle,
            canal=_canal(request.form),
            **_prescription(request.form),
        )


def _prescription(formulaire: Mapping[str, str]) -> dict[str, Any]:
    """Who sends her and the day of the sheet, when the fleet asks for it."""
    par = " ".join(formulaire.get("prescrite_par", "").split())
    le = formulaire.get("prescrite_le", "").strip()
    return {
        "prescrite_par": Champ(par, "prescrite_par").texte(120) if par else "",
        "prescrite_le": lire_jour(le, "prescrite_le") if le else None,
    }


def _canal(formulaire: Mapping[str, str]) -> CanalDemande:
    canal = formulaire.get("canal", "")
    if canal not in dict(CANAUX):
        raise DonneeRefusee("canal", "Dites si elle a appelé ou si elle est venue.")
    return CanalDemande(canal)


@reessayer
def _deplacer(uuid: UUID, reservation_uuid: UUID) -> None:
    with transaction() as session:
        personne = ouvrir_dossier(session, uuid)
        reservation = _la_reservation(session, personne, reservation_uuid)
        offre, depart = reservation.vehicule.offre, jour_choisi(request.form)
        possible = vehicule_possible(session, personne, offre.uuid, depart)
        saisie = lire_saisie(request.form, possible)
        debut, fin = jours_entiers(saisie.debut, saisie.jours)
        actes.deplacer(session, reservation, par=acteur_courant(), debut=debut, fin=fin)
        places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


@reessayer
def _prolonger(uuid: UUID, reservation_uuid: UUID) -> None:
    with transaction() as session:
        reservation = _la_reservation(session, ouvrir_dossier(session, uuid), reservation_uuid)
        prolonger_la_reservation(session, reservation, request.form, _canal(request.form))


def _page_prolonger(
    session: Session,
    personne: Personne,
    reservation_uuid: UUID,
    saisie: Mapping[str, str],
    erreurs: Mapping[str, str],
) -> str:
    reservation = _la_reservation(session, personne, reservation_uuid)
    return render_template(
        "conseiller/prolonger.html",
        personne=personne,
        reservation=reservation,
        dernier=dernier_jour(reservation.fin),
        prolongation=prolongation_de(session, reservation),
        canaux=CANAUX,
        saisie=saisie,
        erreurs=dict(erreurs),
        cle=cle_du_formulaire(saisie, erreurs),
    )


@reessayer
def _annuler(uuid: UUID, reservation_uuid: UUID) -> None:
    with transaction() as session:
        reservation = _la_reservation(session, ouvrir_dossier(session, uuid), reservation_uuid)
        actes.annuler(session, reservation, par=acteur_courant(), motif=lire_motif(request.form))
        places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


def _la_reservation(session: Session, personne: Personne, uuid: UUID) -> Reservation:
    visibles = reservations_visibles_par(acteur_courant()).where(
        Reservation.personne_id == personne.id, Reservation.uuid == uuid
    )
    return session.scalars(visibles).one()


def _erreurs(refus: RegleMetier) -> dict[str, str]:
    if isinstance(refus, DonneeRefusee):
        return {refus.champ: refus.raison}
    return {"debut": refus.phrase}


def _choisi(choix: str) -> dict[str, str]:
    """What a button of the alternatives fills in: « first day, days, vehicle »."""
    debut, jours, vehicule = [*choix.split(" "), "", ""][:3]
    return {"debut": debut, "jours": jours, "vehicule": vehicule}


def _choisir_un_autre(uuid: UUID) -> ResponseReturnValue:
    flash("La loi ou l’offre ne permet pas ce véhicule pour elle. Voici ceux qu’elle peut demander.")
    return redirect(url_for("conseiller.choisir_pour_elle", uuid=uuid), 303)


def _repondre(
    uuid: UUID,
    offre_uuid: UUID,
    saisie: Mapping[str, str],
    erreurs: Mapping[str, str],
    refus: VehiculeDejaReserve | None = None,
) -> str:
    """The form as it was typed, with what is to be seen again and what is free instead."""
    with lecture() as session:
        personne = ouvrir_dossier(session, uuid)
        possible = vehicule_possible(session, personne, offre_uuid, depart_regarde(saisie))
        choix: list[Choix] = []
        if refus is not None:
            lue = lire_saisie(saisie, possible)
            choix = list(
                choix_libres(session, personne, possible.offre, lue.debut, lue.jours, refus.alternatives)
            )
        return _page(session, personne, possible, saisie, erreurs, choix, pris=refus is not None)


def _page(
    session: Session,
    personne: Personne,
    possible: VehiculePossible,
    saisie: Mapping[str, str],
    erreurs: Mapping[str, str],
    choix: Sequence[Choix] = (),
    *,
    pris: bool = False,
    deplacee: Reservation | None = None,
) -> str:
    vue = regarder(session, personne, possible, saisie, combien=MOIS_COTE_A_COTE, sauf=deplacee)
    return render_template(
        "conseiller/reserver.html",
        personne=personne,
        possible=possible,
        vue=vue,
        prises=prises_de(session, possible.offre),
        prevu=prix_prevu(possible.grille, possible.premier_jour, vue.jours),
        durees=avec_le_prix(possible.durees(str(vue.jours)), possible.grille, possible.premier_jour),
        aides=aides_a_demander(personne),
        saisie={"jours": str(vue.jours)} | dict(saisie),
        erreurs=dict(erreurs),
        choix=choix,
        pris=pris,
        cle=saisie.get("cle") or nouvelle_cle(),
        canaux=CANAUX,
        deplacee=deplacee,
        prescription=actes.regles_de(session, possible.offre).prescription_requise,
    )


def prises_de(session: Session, offre: Offre) -> list[Prise]:
    """When the vehicles of an offer are taken from now on; a name only for people she follows."""
    acteur, instant = acteur_courant(), maintenant()
    a_venir = (
        select(Reservation)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .where(Vehicule.offre_id == offre.id, Reservation.libre_le > instant, occupe(instant))
        .options(selectinload(Reservation.personne))
        .order_by(Reservation.debut, Reservation.id)
    )
    return [
        Prise(
            vehicule=r.vehicule.libelle,
            du=jour_local(r.debut),
            au=dernier_jour(r.fin),
            etat=r.etat(instant),
            qui=r.personne.nom_complet if r.personne and r.personne.conseiller_id == acteur.id else "",
        )
        for r in session.scalars(a_venir)
    ]
