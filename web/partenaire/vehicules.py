"""The sheet of a vehicle: added, kept up to date, taken out of service. What it does is in ``parc``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.candidate import Boite, CategorieVehicule
from mobilite.flotte import Acces, CritAir, Energie, SiegeEnfant, Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre
from mobilite.structure import Structure
from web import places
from web.acces import acteur_courant
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.partenaire.espace import partenaire, sa_flotte
from web.partenaire.fiche import FLOTTES, decrire
from web.partenaire.parc import le_sien
from web.relogement import PlanDeRelogement, reloger_la_structure
from web.transaction import lecture, reessayer, transaction

BOITES = [(Boite.MANUELLE.value, "Manuelle"), (Boite.AUTOMATIQUE.value, "Automatique")]
ENERGIES = [(energie.value, energie.libelle) for energie in Energie]
CRITAIR = [(classe.value, classe.libelle) for classe in CritAir]
AUCUN = "aucun"
ACCES = [*((acces.value, acces.libelle) for acces in Acces), (AUCUN, "Rien de tout cela")]
SIEGES = [(siege.value, siege.libelle) for siege in SiegeEnfant]
_PLAQUE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,11}")


@partenaire.route("/offres/<uuid:uuid>/vehicules/nouveau", methods=["GET", "POST"])
def ajouter_vehicule(uuid: UUID) -> ResponseReturnValue:
    """Add a vehicle to an offer."""
    if request.method != "POST":
        with lecture() as session:
            return _page(sa_flotte(session, uuid), None, MultiDict(), {})
    f = Formulaire(request.form)
    valeurs = lire_vehicule(f) | lire_complements(f)
    with transaction() as session:
        offre = sa_flotte(session, uuid)
        _refuser_la_plaque_d_un_autre(session, offre, None, f, valeurs["immatriculation"])
        if not f.erreurs:
            enregistrer_vehicules(session, offre, [valeurs])
            session.flush()
            places.proposer_les_places(session, structure_id=offre.structure_id)
    if f.erreurs:
        return _page(offre, None, f.saisie, f.erreurs), REFUS
    flash(f"« {valeurs['libelle']} » est ajouté.")
    return redirect(url_for("partenaire.vehicules"), 303)


@partenaire.route("/vehicules/<uuid:uuid>", methods=["GET", "POST"])
def modifier_vehicule(uuid: UUID) -> ResponseReturnValue:
    """Correct a vehicle. What it cannot serve any more gets another one in the same transaction."""
    if request.method != "POST":
        with lecture() as session:
            vehicule = le_sien(session, uuid)
            return _page(vehicule.offre, vehicule, _saisie_de(vehicule), {})
    f = Formulaire(request.form)
    valeurs = lire_vehicule(f) | lire_complements(f) | {"en_service": f.coche("en_service")}

    @reessayer
    def ecrire() -> tuple[Vehicule, PlanDeRelogement]:
        with transaction() as session:
            vehicule = le_sien(session, uuid)
            _refuser_la_plaque_d_un_autre(session, vehicule.offre, vehicule, f, valeurs["immatriculation"])
            return vehicule, PlanDeRelogement() if f.erreurs else _modifier(session, vehicule, valeurs)

    vehicule, plan = ecrire()
    if f.erreurs:
        return _page(vehicule.offre, vehicule, f.saisie, f.erreurs), REFUS
    flash(f"« {vehicule.libelle} » est à jour.")
    if plan.relogees:
        nombre = len(plan.relogees)
        flash(f"{nombre} réservation{'s' if nombre > 1 else ''} sur un autre véhicule, mêmes jours.")
    if plan.sans_vehicule:
        return redirect(url_for("partenaire.voir_relogement"), 303)
    return redirect(url_for("partenaire.fiche_vehicule", uuid=uuid), 303)


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


def lire_complements(f: Formulaire) -> dict[str, Any]:
    """The rest of the sheet: plate, access, seats for children, insurer's rule, first and last day."""
    dits = f.plusieurs("acces")
    sieges = {siege: f.entier(f"siege_{siege}", 0, 9) for siege, _ in SIEGES}
    entre_le, sorti_le = f.jour("entre_le"), f.jour("sorti_le")
    if entre_le is not None and sorti_le is not None and sorti_le < entre_le:
        f.erreur("sorti_le", "La sortie vient avant l’entrée.")
    return {
        "immatriculation": _plaque(f),
        "critair": f.parmi("critair", CritAir),
        "acces": [acces.value for acces in Acces if acces.value in dits] if dits else None,
        "sieges_enfant": {siege: nombre or 0 for siege, nombre in sieges.items()}
        if any(nombre is not None for nombre in sieges.values())
        else None,
        "permis_mois_min": f.entier("permis_mois_min", 0, 600),
        "age_min": f.entier("age_min", 14, 99),
        "entre_le": entre_le,
        "sorti_le": sorti_le,
    }


def _plaque(f: Formulaire) -> str | None:
    saisie = (f.texte("immatriculation", 15) or "").upper().replace(" ", "-")
    if saisie and not _PLAQUE.fullmatch(saisie):
        f.erreur("immatriculation", "Écrivez la plaque comme « AB-123-CD ».")
        return None
    return saisie or None


def _refuser_la_plaque_d_un_autre(
    session: Session, offre: Offre, vehicule: Vehicule | None, f: Formulaire, plaque: str | None
) -> None:
    """One plate, one vehicle of the structure; two who type at once wait for each other."""
    if plaque is None:
        return
    session.get_one(Structure, offre.structure_id, with_for_update=True)
    autre = session.scalars(
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.structure_id == offre.structure_id, Vehicule.immatriculation == plaque)
    ).first()
    if autre is not None and (vehicule is None or autre.id != vehicule.id):
        f.erreur("immatriculation", f"Cette plaque est déjà celle de « {autre.libelle} ».")


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


def _modifier(session: Session, vehicule: Vehicule, valeurs: Mapping[str, Any]) -> PlanDeRelogement:
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
            sorti_le=vehicule.sorti_le,
        )
    )
    redecrire(session, vehicule.offre)
    plan = reloger_la_structure(session, vehicule.offre.structure_id, par=acteur_courant())
    # Past its controls, or in service again: whoever waits is asked, after those who had lost theirs.
    places.proposer_les_places(session, structure_id=vehicule.offre.structure_id)
    return plan


def _saisie_de(vehicule: Vehicule) -> MultiDict[str, str]:
    valeurs = {
        "libelle": vehicule.libelle,
        "boite": vehicule.boite.value if vehicule.boite else "",
        "places": vehicule.places,
        "energie": vehicule.energie.value if vehicule.energie else "",
        "ct_valable_au": vehicule.ct_valable_au,
        "assurance_valable_au": vehicule.assurance_valable_au,
        "en_service": "oui" if vehicule.en_service else "",
        "immatriculation": vehicule.immatriculation,
        "critair": vehicule.critair.value if vehicule.critair else "",
        "permis_mois_min": vehicule.permis_mois_min,
        "age_min": vehicule.age_min,
        "entre_le": vehicule.entre_le,
        "sorti_le": vehicule.sorti_le,
        **{f"siege_{siege}": nombre for siege, nombre in (vehicule.sieges_enfant or {}).items()},
    }
    saisie = MultiDict({cle: "" if valeur is None else str(valeur) for cle, valeur in valeurs.items()})
    if vehicule.acces is not None:
        saisie.setlist("acces", vehicule.acces or [AUCUN])
    return saisie


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
        classes=CRITAIR,
        acces=ACCES,
        sieges=SIEGES,
    )
