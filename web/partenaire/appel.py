"""« Quelqu'un appelle »: a request by telephone, for somebody who has already had a place in this structure.

A structure searches no dossier. It chooses among the people whose place it confirmed in the last months, by a
first name and a stay that it knows already; for anybody else the page gives the number of the desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.motif_reservation import CanalDemande
from mobilite.offre import Offre, StatutOffre
from mobilite.refus_reservation import CleDejaUtilisee
from mobilite.reservation import Reservation, reservations_visibles_par
from web import reservations
from web.acces import acteur_courant
from web.calendrier import minuit
from web.cle import lire_cle, nouvelle_cle
from web.contact import guichet
from web.erreurs import REFUS
from web.formats import jour
from web.formulaire import Formulaire
from web.partenaire.espace import partenaire, sa_structure
from web.partenaire.fiche import FLOTTES
from web.transaction import lecture, reessayer, transaction

CONNUE = timedelta(days=183)
"""How long after her last stay somebody may still be found here by her first name."""


@dataclass(frozen=True, slots=True)
class Connue:
    """Somebody who had a place here: a first name and her last stay, never a dossier."""

    prenom: str
    sejour: Reservation

    @property
    def libelle(self) -> str:
        """« Nadia, Clio grise, du lundi 30 novembre au mercredi 2 décembre »."""
        r = self.sejour
        return f"{self.prenom}, {r.vehicule.libelle}, du {jour(jour_local(r.debut))} au {jour(dernier_jour(r.fin))}"


@partenaire.get("/appel")
def appel() -> str:
    """Who, which vehicle, which days."""
    return _page(MultiDict(), {})


@partenaire.post("/appel")
def demander_par_telephone() -> ResponseReturnValue:
    """Ask for her; the structure then confirms as usual, with the papers."""
    f = Formulaire(request.form)
    debut, fin = f.jour("debut"), f.jour("fin")
    for nom, dit, absent in (
        ("personne", f.brut("personne"), "Choisissez qui appelle."),
        ("vehicule", f.brut("vehicule"), "Choisissez un véhicule."),
        ("debut", debut, "Choisissez le premier jour."),
        ("fin", fin, "Choisissez le dernier jour."),
    ):
        if not dit:
            f.erreur(nom, absent)
    if debut and fin and fin < debut:
        f.erreur("fin", "Le dernier jour vient après le premier.")
    if f.erreurs or debut is None or fin is None:
        return _page(f.saisie, f.erreurs), REFUS
    try:
        demande = _demander(f, debut, fin)
    except DonneeRefusee as refus:
        return _page(f.saisie, {refus.champ: refus.raison}), REFUS
    except RegleMetier as refus:
        cle = {"cle": nouvelle_cle()} if isinstance(refus, CleDejaUtilisee) else {}
        return _page(MultiDict(f.saisie.to_dict() | cle), {"": refus.phrase}), 409
    flash("La demande est notée. Voyez les papiers, puis confirmez la place.")
    return redirect(url_for("partenaire.voir_demande", uuid=demande), 303)


@reessayer
def _demander(f: Formulaire, debut: date, fin: date) -> UUID:
    instant, cle = maintenant(), lire_cle(request.form)
    with transaction() as session:
        connue = _connue(session, f.brut("personne"), instant)
        if connue is None:
            raise DonneeRefusee(
                "personne", "Cette personne n’est plus dans la liste : donnez-lui le numéro du guichet."
            )
        offre, vehicule = _choisi(session, f.brut("vehicule"))
        demande = reservations.demander(
            session,
            acteur=acteur_courant(),
            offre=offre,
            vehicule=vehicule,
            personne_id=connue.personne_id,
            debut=minuit(debut),
            fin=minuit(fin + timedelta(days=1)),
            cle=cle,
            canal=CanalDemande.TELEPHONE,
            le=instant,
        )
        return demande.uuid


def _sejours(instant: datetime) -> Select[Reservation]:
    """The stays by which somebody is known here: places that this structure confirmed in the last months."""
    return reservations_visibles_par(acteur_courant()).where(
        Reservation.personne_id.is_not(None),
        Reservation.place_confirmee_le.is_not(None),
        Reservation.fin > instant - CONNUE,
    )


def _connue(session: Session, choix: str, instant: datetime) -> Reservation | None:
    """The stay that was chosen, if she is still known by it: another one may have been confirmed since."""
    try:
        uuid = UUID(choix)
    except ValueError:
        return None
    return session.scalars(_sejours(instant).where(Reservation.uuid == uuid)).first()


def _connues(session: Session, instant: datetime) -> list[Connue]:
    """Those who are known here, each once, by first name and her last stay."""
    sejours = (
        _sejours(instant)
        .order_by(None)
        .order_by(Reservation.debut.desc(), Reservation.id.desc())
        .options(selectinload(Reservation.personne))
    )
    connues: dict[int, Connue] = {}
    for sejour in session.scalars(sejours):
        if sejour.personne is not None:
            connues.setdefault(sejour.personne.id, Connue(sejour.personne.prenom, sejour))
    return sorted(connues.values(), key=lambda c: c.libelle)


def _vehicules(session: Session) -> list[Vehicule]:
    """The vehicles of its open offers, by offer then by name."""
    return list(
        session.scalars(
            select(Vehicule)
            .join(Vehicule.offre)
            .where(
                Offre.structure_id == acteur_courant().structure_id,
                Offre.statut == StatutOffre.OUVERTE,
                Offre.genre.in_(FLOTTES),
                Vehicule.en_service,
            )
            .order_by(Offre.nom, Offre.id, Vehicule.libelle, Vehicule.id)
        )
    )


def _choisi(session: Session, choix: str) -> tuple[Offre, Vehicule | None]:
    """One vehicle, or any of an offer."""
    for vehicule in _vehicules(session):
        if str(vehicule.uuid) == choix:
            return vehicule.offre, vehicule
        if str(vehicule.offre.uuid) == choix:
            return vehicule.offre, None
    raise DonneeRefusee("vehicule", "Choisissez un véhicule de la liste.")


def _page(saisie: MultiDict[str, str], erreurs: Mapping[str, str]) -> str:
    with lecture() as session:
        structure = sa_structure(session)
        choix: dict[str, str] = {}
        for vehicule in _vehicules(session):
            choix.setdefault(str(vehicule.offre.uuid), f"N’importe lequel : {vehicule.offre.nom}")
            choix[str(vehicule.uuid)] = vehicule.libelle
        return render_template(
            "partenaire/appel.html",
            structure=structure,
            connues=[(str(c.sejour.uuid), c.libelle) for c in _connues(session, maintenant())],
            vehicules=list(choix.items()),
            guichet=guichet(session, demonstration=structure.demonstration),
            saisie=saisie,
            erreurs=dict(erreurs),
            cle=saisie.get("cle") or nouvelle_cle(),
            demain=ce_jour() + timedelta(days=1),
        )
