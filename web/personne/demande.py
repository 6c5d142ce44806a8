"""Asking for a vehicle: what, from which day, how many days; then « Demande envoyée », or what else is free."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.disponibilite import Alternatives, VehiculeDejaReserve
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule
from mobilite.motif_reservation import MotifSansSuite
from mobilite.offre import Offre, offres_visibles_par
from mobilite.personnes import Personne
from mobilite.refus_reservation import CleDejaUtilisee
from mobilite.regles_de_flotte import Regles
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import StatutReservation
from web import places, reservations
from web.acces import acteur_courant
from web.agenda import commune_du_vehicule, en_ics, en_reponse, nom_du_fichier, pour_elle, revisions_de
from web.calendrier import jours_entiers
from web.cle import lire_cle, nouvelle_cle
from web.contact import contact_de
from web.erreurs import REFUS
from web.personne.espace import elle, personne
from web.personne.suivi import choix_libres, reste_a_montrer, suivre
from web.personne.vehicules import VehiculePossible, vehicules_possibles
from web.prix_prevu import aides_a_demander, avec_le_prix, prix_de_la_reservation, prix_prevu
from web.reservations.demandes import refuser_si_tout_est_pris
from web.transaction import lecture, reessayer, transaction

JOURS_PROPOSES = 42
"""How many days the list of first days shows: six weeks."""


SES_MOTIFS = (
    MotifSansSuite.TRANSPORT,
    MotifSansSuite.SANTE,
    MotifSansSuite.EMPLOI,
    MotifSansSuite.AUTRE_SOLUTION,
    MotifSansSuite.DATES,
    MotifSansSuite.AVIS_CHANGE,
    MotifSansSuite.AUTRE,
)
"""Why she may give it up, if she wants to say so."""


class VehiculeNonPropose(RegleMetier):
    """The law or the offer refuses it to her: it is not shown, and a forged form does not get it."""

    code = "vehicule_non_propose"

    def __init__(self) -> None:
        super().__init__(
            "Ce véhicule ne peut pas se demander ici. Appelez : on cherche avec vous autre chose."
        )


_AVANT_LE_COMPTE = (StatutReservation.DEMANDEE, *reservations.PROLONGEABLES)
"""While an estimate is all that can be said: at the return, the days and the kilometres are counted."""

_PAS_DE_L_OFFRE = "Choisissez un véhicule de la liste."


@dataclass(frozen=True, slots=True)
class Saisie:
    """What the form asks: the days, the key of this form, and one vehicle when she named it."""

    debut: date
    jours: int
    cle: str
    vehicule: UUID | None


@personne.get("/vehicule")
def choisir_vehicule() -> str:
    """Which vehicle? Only those that neither the law nor the offer refuses her."""
    with lecture() as session:
        qui = elle(session)
        possibles = vehicules_possibles(session, qui, ce_jour())
        return render_template(
            "personne/vehicules.html", possibles=possibles, contact=contact_de(session, qui)
        )


@personne.get("/vehicule/<uuid:uuid>")
def demander_vehicule(uuid: UUID) -> str:
    """From which day, and how many days? The days chosen on the calendar are there already."""
    with lecture() as session:
        qui = elle(session)
        possible = vehicule_possible(session, qui, uuid, jour_choisi(request.args))
        choisi = {nom: request.args[nom] for nom in ("debut", "jours", "vehicule") if nom in request.args}
        return _page_demande(session, qui, possible, {"jours": str(possible.duree_habituelle)} | choisi, {})


@personne.post("/vehicule/<uuid:uuid>")
def envoyer_demande(uuid: UUID) -> ResponseReturnValue:
    """Take the request; when somebody was faster, say what else is free."""
    try:
        reservation = _demander(uuid)
    except VehiculeDejaReserve as refus:
        return _page_pris(uuid, refus.alternatives), 409
    except VehiculeNonPropose:
        raise
    except RegleMetier as refus:
        champ = refus.champ if isinstance(refus, DonneeRefusee) else "debut"
        phrase = refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase
        with lecture() as session:
            qui = elle(session)
            possible = vehicule_possible(session, qui, uuid, jour_choisi(request.form))
            saisie = request.form.to_dict()
            if isinstance(refus, CleDejaUtilisee):
                saisie["cle"] = nouvelle_cle()
            return _page_demande(session, qui, possible, saisie, {champ: phrase}), REFUS
    return redirect(url_for("personne.voir_demande", uuid=reservation.uuid, envoyee=1), 303)


@personne.get("/demande/<uuid:uuid>")
def voir_demande(uuid: UUID) -> str:
    """One request: what was asked, where it stands, who answers, and how to give it up."""
    with lecture() as session:
        qui = elle(session)
        reservation = la_demande(session, uuid)
        suivie = suivre(session, qui, reservation)
        a_venir = suivie.etat in _AVANT_LE_COMPTE
        return render_template(
            "personne/demande.html",
            ou=commune_du_vehicule(reservation.vehicule.offre),
            suivie=suivie,
            envoyee="envoyee" in request.args,
            motifs=[(motif.value, motif.libelle) for motif in SES_MOTIFS],
            prevu=prix_de_la_reservation(session, reservation) if a_venir else None,
            aides=aides_a_demander(qui) if a_venir else (),
            contact=contact_de(session, qui),
        )


@personne.post("/demande/<uuid:uuid>/annuler")
def annuler_demande(uuid: UUID) -> ResponseReturnValue:
    """Give it up: the vehicle is free for somebody else at once."""
    _annuler(uuid)
    flash("C’est annulé. Vous pouvez demander autre chose.")
    return redirect(url_for("personne.accueil"), 303)


def _demander(uuid: UUID) -> Reservation:
    """What may be asked is judged before waiting for our turn: the turn is for writing only."""
    acteur = acteur_courant()
    with lecture() as session:
        possible = vehicule_possible(session, elle(session), uuid, jour_choisi(request.form))
        saisie = lire_saisie(request.form, possible)
        vehicule = vehicule_demande(session, possible.offre, saisie)
        debut, fin = jours_entiers(saisie.debut, saisie.jours)
        refuser_si_tout_est_pris(
            session,
            acteur=acteur,
            offre=possible.offre,
            vehicule=vehicule,
            debut=debut,
            fin=fin,
            cle=saisie.cle,
        )
    return _inscrire(possible.offre.id, vehicule.id if vehicule else None, debut, fin, saisie.cle)


@reessayer
def _inscrire(offre: int, vehicule: int | None, debut: datetime, fin: datetime, cle: str) -> Reservation:
    with transaction() as session:
        return reservations.demander(
            session,
            acteur=acteur_courant(),
            offre=session.get_one(Offre, offre),
            vehicule=session.get_one(Vehicule, vehicule) if vehicule is not None else None,
            debut=debut,
            fin=fin,
            cle=cle,
        )


@personne.get("/demande/<uuid:uuid>/agenda.ics")
def mettre_a_l_agenda(uuid: UUID) -> Response:
    """Her booking as a file for the calendar of her phone: what, where, what to bring, whom to call."""
    instant = maintenant()
    with lecture() as session:
        reservation = la_demande(session, uuid)
        revision = revisions_de(session, [reservation])[reservation.id]
        texte = en_ics([pour_elle(reservation, revision, reste_a_montrer(reservation), instant)])
        return en_reponse(texte, nom_du_fichier(jour_local(reservation.debut)))


@reessayer
def _annuler(uuid: UUID) -> None:
    with transaction() as session:
        motif = lire_motif(request.form)
        reservation = la_demande(session, uuid)
        reservations.annuler(session, reservation, par=acteur_courant(), motif=motif)
        places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


def lire_motif(formulaire: Mapping[str, str]) -> MotifSansSuite:
    """Why it is given up; not said is an answer."""
    try:
        return MotifSansSuite(formulaire.get("motif", ""))
    except ValueError:
        return MotifSansSuite.NON_DIT


def la_demande(session: Session, uuid: UUID) -> Reservation:
    visibles = reservations_visibles_par(acteur_courant())
    return session.scalars(visibles.where(Reservation.uuid == uuid)).one()


def jour_choisi(saisie: Mapping[str, str]) -> date | None:
    """The first day that an address or a form asks for, if it is one to come."""
    with suppress(DonneeRefusee):
        choisi = Champ(saisie.get("debut", ""), "debut").date()
        return choisi if choisi > ce_jour() else None
    return None


def vehicule_possible(
    session: Session, qui: Personne, uuid: UUID, depart: date | None = None
) -> VehiculePossible:
    """The offer, if neither the law nor its conditions refuse it to her that day (today when it is not said).

    Raises ``VehiculeNonPropose``.
    """
    offre = session.scalars(offres_visibles_par(acteur_courant()).where(Offre.uuid == uuid)).one()
    possibles = vehicules_possibles(session, qui, ce_jour(), offre, depart=depart)
    if not possibles:
        raise VehiculeNonPropose
    return possibles[0]


def vehicule_demande(session: Session, offre: Offre, saisie: Saisie) -> Vehicule | None:
    """The vehicle that was asked for; ``None``: any of the offer. ``DonneeRefusee`` when it is not one of them."""
    if saisie.vehicule is None:
        return None
    vehicule = _de_l_offre(session, offre, saisie.vehicule)
    if vehicule is None:
        raise DonneeRefusee("vehicule", _PAS_DE_L_OFFRE)
    return vehicule


def _de_l_offre(session: Session, offre: Offre, uuid: UUID) -> Vehicule | None:
    return session.scalar(select(Vehicule).where(Vehicule.offre_id == offre.id, Vehicule.uuid == uuid))


def lire_saisie(formulaire: Mapping[str, str], possible: VehiculePossible) -> Saisie:
    """The form, read strictly; raises ``DonneeRefusee`` naming ``debut``, ``jours`` or ``vehicule``."""
    try:
        debut = Champ(formulaire.get("debut", ""), "debut").date()
    except DonneeRefusee:
        raise DonneeRefusee("debut", "Choisissez le premier jour.") from None
    if debut < possible.premier_jour:
        raise DonneeRefusee("debut", f"Ce véhicule se prête à partir du {possible.premier_jour:%d/%m/%Y}.")
    jours = possible.lire_duree(formulaire.get("jours", "").strip())
    if jours is None:
        raise DonneeRefusee("jours", f"Choisissez combien de jours : de 1 à {possible.jours_max}.")
    cle = lire_cle(formulaire)
    try:
        vehicule = UUID(formulaire["vehicule"]) if formulaire.get("vehicule") else None
    except ValueError:
        raise DonneeRefusee("vehicule", _PAS_DE_L_OFFRE) from None
    return Saisie(debut, jours, cle, vehicule)


def la_periode(formulaire: Mapping[str, str], possible: VehiculePossible) -> tuple[datetime, datetime, str]:
    """From when to when she asks, and the key of the form. Raises ``DonneeRefusee``."""
    saisie = lire_saisie(formulaire, possible)
    return *jours_entiers(saisie.debut, saisie.jours), saisie.cle


def _page_demande(
    session: Session,
    qui: Personne,
    possible: VehiculePossible,
    saisie: Mapping[str, str],
    erreurs: Mapping[str, str],
) -> str:
    regles = reservations.regles_de(session, possible.offre)
    une_journee = prix_prevu(possible.grille, possible.premier_jour, 1)
    return render_template(
        "personne/demander.html",
        possible=possible,
        departs=departs_proposes(possible, regles, saisie.get("debut", "")),
        durees=avec_le_prix(possible.durees(saisie.get("jours", "")), possible.grille, possible.premier_jour),
        estime=une_journee.connu,
        aides=aides_a_demander(qui) if une_journee.a_payer else (),
        vehicule=vehicule_choisi(session, possible.offre, saisie),
        regles=regles.en_phrases,
        saisie=saisie,
        erreurs=dict(erreurs),
        # A form that comes back keeps its key: nothing was booked under it.
        cle=saisie.get("cle") or nouvelle_cle(),
        contact=contact_de(session, qui),
    )


def departs_proposes(possible: VehiculePossible, regles: Regles, choisi: str) -> list[date]:
    """The first days of the list: those of six weeks when keys are given, and the day that is chosen already."""
    jours = {possible.premier_jour + timedelta(days=rang) for rang in range(JOURS_PROPOSES)}
    departs = {jour for jour in jours if regles.ouvre(jour)}
    with suppress(DonneeRefusee):
        departs.add(Champ(choisi, "debut").date())
    return sorted(depart for depart in departs if depart >= possible.premier_jour)


def vehicule_choisi(session: Session, offre: Offre, saisie: Mapping[str, str]) -> Vehicule | None:
    """The vehicle that an address or a form shows as chosen, if it is one of the offer."""
    try:
        uuid = UUID(saisie.get("vehicule", ""))
    except ValueError:
        return None
    return _de_l_offre(session, offre, uuid)


def _page_pris(uuid: UUID, alternatives: Alternatives) -> str:
    with lecture() as session:
        qui = elle(session)
        possible = vehicule_possible(session, qui, uuid, jour_choisi(request.form))
        saisie = lire_saisie(request.form, possible)
        return render_template(
            "personne/pris.html",
            possible=possible,
            vehicule=vehicule_choisi(session, possible.offre, request.form),
            debut=saisie.debut,
            fin=saisie.debut + timedelta(days=saisie.jours - 1),
            saisie=saisie,
            choix=list(choix_libres(session, qui, possible.offre, saisie.debut, saisie.jours, alternatives)),
            contact=contact_de(session, qui),
        )
