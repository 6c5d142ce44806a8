"""The vehicles of an offer: added, kept up to date, taken out of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour
from mobilite.candidate import Boite, CategorieVehicule
from mobilite.flotte import Energie, Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from web.acces import acteur_courant
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_structure, son_offre
from web.partenaire.fiche import FLOTTES, decrire
from web.transaction import lecture, transaction

ajouter_au_menu(partenaire, "Véhicules", "vehicules", rang=3)

BOITES = [(Boite.MANUELLE.value, "Manuelle"), (Boite.AUTOMATIQUE.value, "Automatique")]
ENERGIES = [(energie.value, energie.libelle) for energie in Energie]


@partenaire.get("/vehicules")
def vehicules() -> str:
    """The whole fleet of the structure, and the dates that stop a vehicle."""
    with lecture() as session:
        structure = sa_structure(session)
        return render_template(
            "partenaire/vehicules.html",
            structure=structure,
            vehicules=session.scalars(_les_siens().order_by(Offre.nom, Vehicule.libelle, Vehicule.id)).all(),
            offres=session.scalars(
                select(Offre)
                .where(Offre.structure_id == structure.id, Offre.genre.in_(FLOTTES))
                .order_by(Offre.nom)
            ).all(),
            aujourdhui=ce_jour(),
        )


@partenaire.route("/offres/<uuid:uuid>/vehicules/nouveau", methods=["GET", "POST"])
def ajouter_vehicule(uuid: UUID) -> ResponseReturnValue:
    """Add a vehicle to an offer."""
    if request.method != "POST":
        with lecture() as session:
            return _page(_offre_a_flotte(session, uuid), None, MultiDict(), {})
    f = Formulaire(request.form)
    valeurs = lire_vehicule(f)
    with transaction() as session:
        offre = _offre_a_flotte(session, uuid)
        if not f.erreurs:
            enregistrer_vehicules(session, offre, [valeurs])
    if f.erreurs:
        return _page(offre, None, f.saisie, f.erreurs), REFUS
    flash(f"« {valeurs['libelle']} » est ajouté.")
    return redirect(url_for("partenaire.vehicules"), 303)


@partenaire.route("/vehicules/<uuid:uuid>", methods=["GET", "POST"])
def modifier_vehicule(uuid: UUID) -> ResponseReturnValue:
    """Correct a vehicle: its words, its dates, in service or not. What is booked stays booked."""
    if request.method != "POST":
        with lecture() as session:
            vehicule = _le_sien(session, uuid)
            return _page(vehicule.offre, vehicule, _saisie_de(vehicule), {})
    f = Formulaire(request.form)
    valeurs = lire_vehicule(f)
    with transaction() as session:
        vehicule = _le_sien(session, uuid)
        if not f.erreurs:
            _modifier(session, vehicule, valeurs | {"en_service": f.coche("en_service")})
    if f.erreurs:
        return _page(vehicule.offre, vehicule, f.saisie, f.erreurs), REFUS
    flash(f"« {vehicule.libelle} » est à jour.")
    return redirect(url_for("partenaire.vehicules"), 303)


def lire_vehicule(f: Formulaire) -> dict[str, Any]:
    """The columns that the fields of one vehicle say; errors are left in ``f``."""
    return {
        "libelle": f.texte("libelle", 80, "Donnez un nom au véhicule, comme « Clio grise »."),
        "boite": f.parmi("boite", Boite),
        "places": f.entier("places", 1, 9),
        "energie": f.parmi("energie", Energie),
        "ct_valable_au": f.jour("ct_valable_au"),
        "assurance_valable_au": f.jour("assurance_valable_au"),
    }


def enregistrer_vehicules(session: Session, offre: Offre, lus: Sequence[Mapping[str, Any]]) -> None:
    """Add vehicles to an offer, tell the journal, and let its sheet say what they have in common."""
    categorie = offre.fiche.get("vehicule", {}).get("categorie") or FLOTTES[offre.genre]
    nouveaux = [Vehicule(offre=offre, categorie=CategorieVehicule(categorie), **valeurs) for valeurs in lus]
    session.add_all(nouveaux)
    session.flush()
    for vehicule in nouveaux:
        session.add(
            consigner(
                acteur_courant(), Evenement.VEHICULE_AJOUTE, vehicule, categorie=vehicule.categorie.value
            )
        )
    redecrire(session, offre)


def redecrire(session: Session, offre: Offre) -> None:
    """Keep the sheet true to the fleet: a gearbox or a number of seats is said when all share it."""
    session.flush()
    flotte = session.scalars(select(Vehicule).where(Vehicule.offre_id == offre.id)).all()
    decrite = decrire(offre.fiche, flotte)
    if decrite != offre.fiche:
        offre.fiche = decrite


def _modifier(session: Session, vehicule: Vehicule, valeurs: Mapping[str, Any]) -> None:
    for colonne, valeur in valeurs.items():
        setattr(vehicule, colonne, valeur)
    session.add(
        consigner(
            acteur_courant(),
            Evenement.VEHICULE_MODIFIE,
            vehicule,
            en_service=vehicule.en_service,
            ct_valable_au=vehicule.ct_valable_au,
            assurance_valable_au=vehicule.assurance_valable_au,
        )
    )
    redecrire(session, vehicule.offre)


def _les_siens() -> Select[Vehicule]:
    return (
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.structure_id == acteur_courant().structure_id)
    )


def _le_sien(session: Session, uuid: UUID) -> Vehicule:
    return session.scalars(_les_siens().where(Vehicule.uuid == uuid)).one()


def _offre_a_flotte(session: Session, uuid: UUID) -> Offre:
    offre = son_offre(session, uuid)
    if offre.genre not in FLOTTES:
        abort(404)
    return offre


def _saisie_de(vehicule: Vehicule) -> MultiDict[str, str]:
    valeurs = {
        "libelle": vehicule.libelle,
        "boite": vehicule.boite.value if vehicule.boite else "",
        "places": vehicule.places,
        "energie": vehicule.energie.value if vehicule.energie else "",
        "ct_valable_au": vehicule.ct_valable_au,
        "assurance_valable_au": vehicule.assurance_valable_au,
        "en_service": "oui" if vehicule.en_service else "",
    }
    return MultiDict({cle: "" if valeur is None else str(valeur) for cle, valeur in valeurs.items()})


def _page(
    offre: Offre, vehicule: Vehicule | None, saisie: MultiDict[str, str], erreurs: Mapping[str, str]
) -> str:
    return render_template(
        "partenaire/vehicule.html",
        offre=offre,
        vehicule=vehicule,
        saisie=saisie,
        erreurs=dict(erreurs),
        boites=BOITES,
        energies=ENERGIES,
    )
