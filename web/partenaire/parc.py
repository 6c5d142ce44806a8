"""« Le parc »: every vehicle, whether it rolls, what it does and costs; one vehicle, its odometer, upkeep, money."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour, maintenant
from mobilite.entretien import Depense, GenreDepense, LigneEntretien
from mobilite.erreurs import RegleMetier
from mobilite.flotte import Acces, SiegeEnfant, Vehicule
from mobilite.offre import Offre
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.erreurs import REFUS
from web.formats import entier
from web.formulaire import Formulaire
from web.menu import ajouter_au_menu
from web.parc import (
    EtatDuVehicule,
    depenses_de,
    echeances_du_parc,
    entretien_de,
    etats,
    noter_depense,
    noter_entretien_fait,
    noter_km,
    prevoir_entretien,
    rayer_depense,
    retirer_entretien,
    vehicules_de,
)
from web.partenaire.espace import partenaire, sa_structure
from web.partenaire.fiche import FLOTTES
from web.relogement import reservations_a_reloger
from web.tableur import Cellule, repondre_csv
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Le parc", "vehicules", rang=3)

KM_MAX = 2_000_000
_Faire = Callable[[Session, Vehicule, Formulaire], str]


@partenaire.get("/vehicules")
def vehicules() -> str:
    """The whole fleet of the structure: what rolls, what does not and why, what is due."""
    instant = maintenant()
    with lecture() as session:
        structure = sa_structure(session)
        lignes = etats(session, session.scalars(vehicules_de(structure.id)).all(), instant)
        return render_template(
            "partenaire/parc.html",
            structure=structure,
            lignes=lignes,
            a_reloger=reservations_a_reloger(session, instant, structure.id),
            retards=sum(e.en_retard for e in echeances_du_parc(session, ce_jour(), structure.id)),
            offres=session.scalars(
                select(Offre)
                .where(Offre.structure_id == structure.id, Offre.genre.in_(FLOTTES))
                .order_by(Offre.nom)
            ).all(),
            aujourdhui=ce_jour(),
        )


@partenaire.get("/parc.csv")
def parc_csv() -> Response:
    """The whole fleet for a spreadsheet."""
    with lecture() as session:
        structure = sa_structure(session)
        lignes = etats(session, session.scalars(vehicules_de(structure.id)).all())
        return repondre_csv("parc.csv", _ENTETE, [_ligne_csv(etat) for etat in lignes])


_ENTETE = (
    "Véhicule", "Immatriculation", "Offre", "Genre", "Énergie", "Boîte", "Places", "Accès", "Sièges enfant",
    "Crit'Air", "Permis (mois)", "Âge mini", "Dans le parc depuis", "Sortie", "En service", "Empêchement",
    "Kilomètres", "Contrôle technique", "Assurance", "Jours pris (90 j)", "Jours possibles (90 j)",
    "Dépenses sur un an (€)", "Achat (€)", "€ par km", "€ par jour pris",
)  # fmt: skip


def _ligne_csv(etat: EtatDuVehicule) -> Sequence[Cellule]:
    v, usage = etat.vehicule, etat.occupations[90]
    return (
        v.libelle,
        v.immatriculation,
        v.offre.nom,
        v.categorie.libelle,
        v.energie.libelle if v.energie else None,
        v.boite.value if v.boite else None,
        v.places,
        None if v.acces is None else ", ".join(Acces(a).libelle for a in v.acces),
        sieges_en_mots(v.sieges_enfant),
        v.critair.libelle if v.critair else None,
        v.permis_mois_min,
        v.age_min,
        _jour(v.entre_le),
        _jour(v.sorti_le),
        "oui" if v.en_service else "non",
        etat.empechement,
        v.km,
        _jour(v.ct_valable_au),
        _jour(v.assurance_valable_au),
        usage.pris,
        usage.en_service,
        etat.cout.centimes / 100,
        etat.achat_centimes / 100,
        None if etat.cout.par_km is None else round(etat.cout.par_km / 100, 3),
        None if etat.cout.par_jour is None else round(etat.cout.par_jour / 100, 2),
    )


def _jour(jour: date | None) -> str | None:
    return None if jour is None else f"{jour:%d/%m/%Y}"


def sieges_en_mots(sieges: Mapping[str, int] | None) -> str | None:
    """« 1 coque pour bébé, 2 rehausseurs »; ``None`` when nobody has said."""
    if sieges is None:
        return None
    mots = [f"{nombre} × {SiegeEnfant(quoi).libelle.lower()}" for quoi, nombre in sieges.items() if nombre]
    return ", ".join(mots) or "aucun"


def equipement(vehicule: Vehicule) -> list[tuple[str, str]]:
    """What a vehicle has for those who come along; what nobody has said is « à vérifier », if it has an engine."""
    acces = None if vehicule.acces is None else ", ".join(Acces(a).libelle.lower() for a in vehicule.acces)
    dits = (
        ("Places", None if vehicule.places is None else str(vehicule.places)),
        ("Sièges enfant", sieges_en_mots(vehicule.sieges_enfant)),
        ("Accès en fauteuil", "rien de prévu" if acces == "" else acces),
        ("Crit’Air", vehicule.critair.libelle.lower() if vehicule.critair else None),
    )
    inconnu = "à vérifier" if vehicule.categorie.moteur else None
    return [(quoi, valeur) for quoi, dit in dits if (valeur := dit or inconnu)]


@partenaire.get("/parc/<uuid:uuid>")
def fiche_vehicule(uuid: UUID) -> str:
    """One vehicle: whether it rolls, what it is, its odometer, its upkeep, its money."""
    return _fiche(uuid, MultiDict(), {})


@partenaire.post("/parc/<uuid:uuid>/km")
def relever_km(uuid: UUID) -> ResponseReturnValue:
    """Write the odometer down."""

    def faire(session: Session, vehicule: Vehicule, f: Formulaire) -> str:
        km = f.entier("km", 0, KM_MAX)
        if km is None:
            f.erreur("km", "Dites ce que le compteur affiche.")
            return ""
        noter_km(session, vehicule, km, par=acteur_courant(), correction=f.coche("correction"))
        return "Les kilomètres sont notés."

    return _ecrire(uuid, faire, "km")


@partenaire.post("/parc/<uuid:uuid>/entretien")
def ajouter_entretien(uuid: UUID) -> ResponseReturnValue:
    """One more line of the plan."""

    def faire(session: Session, vehicule: Vehicule, f: Formulaire) -> str:
        quoi = f.texte("quoi", 60, "Dites ce qui est à faire, comme « Vidange ».")
        tous_les_km, tous_les_mois = f.entier("tous_les_km", 1, 500_000), f.entier("tous_les_mois", 1, 240)
        fait_le, fait_km = _passe(f, "fait_le"), f.entier("fait_km", 0, KM_MAX)
        if not f.erreurs and tous_les_km is None and tous_les_mois is None:
            f.erreur("tous_les_km", "Dites tous les combien de kilomètres, ou de mois.")
        _pas_plus_que_le_compteur(f, "fait_km", fait_km, vehicule)
        if f.erreurs or quoi is None:
            return ""
        prevoir_entretien(
            session,
            vehicule,
            par=acteur_courant(),
            quoi=quoi,
            tous_les_km=tous_les_km,
            tous_les_mois=tous_les_mois,
            fait_le=fait_le,
            fait_km=fait_km,
        )
        return f"« {quoi} » est au plan d’entretien."

    return _ecrire(uuid, faire, "entretien")


@partenaire.post("/parc/<uuid:uuid>/entretien/<uuid:ligne>")
def faire_entretien(uuid: UUID, ligne: UUID) -> ResponseReturnValue:
    """It was done, or is not to be done any more."""

    def faire(session: Session, vehicule: Vehicule, f: Formulaire) -> str:
        la_ligne = session.scalars(
            select(LigneEntretien).where(
                LigneEntretien.uuid == ligne, LigneEntretien.vehicule_id == vehicule.id
            )
        ).one()
        if f.coche("retirer"):
            retirer_entretien(session, la_ligne, par=acteur_courant())
            return f"« {la_ligne.quoi} » n’est plus au plan."
        # One form for each line of the plan: its fields carry its number.
        fait_le = _passe(f, f"fait_le_{ligne}") or ce_jour()
        km = f.entier(f"fait_km_{ligne}", 0, KM_MAX)
        if km is None and fait_le == ce_jour():
            km = vehicule.km
        if not f.erreurs and km is None and la_ligne.tous_les_km and vehicule.km is not None:
            f.erreur(f"fait_km_{ligne}", "Dites ce que le compteur affichait ce jour-là.")
        if fait_le < ce_jour():
            _pas_plus_que_le_compteur(f, f"fait_km_{ligne}", km, vehicule)
        if f.erreurs:
            return ""
        if km is not None and (vehicule.km is None or km > vehicule.km):
            noter_km(session, vehicule, km, par=acteur_courant())
        noter_entretien_fait(session, la_ligne, par=acteur_courant(), le=fait_le, km=km)
        return f"« {la_ligne.quoi} » : fait, c’est noté."

    return _ecrire(uuid, faire, "entretien")


def _pas_plus_que_le_compteur(f: Formulaire, nom: str, km: int | None, vehicule: Vehicule) -> None:
    """What was done before today was done with no more kilometres than it has now."""
    if km is not None and vehicule.km is not None and km > vehicule.km:
        f.erreur(
            nom, f"Le compteur dit {entier(vehicule.km)} km. Relisez, ou notez d’abord ce qu’il affiche."
        )


@partenaire.post("/parc/<uuid:uuid>/depense")
def ajouter_depense(uuid: UUID) -> ResponseReturnValue:
    """Money spent on it."""

    def faire(session: Session, vehicule: Vehicule, f: Formulaire) -> str:
        le = _passe(f, "depense_le") or ce_jour()
        genre = f.parmi("genre", GenreDepense)
        euros, km = f.nombre("euros", 0.01, 200_000), f.entier("depense_km", 0, KM_MAX)
        note, cle = f.texte("note", 120) or "", f.texte("cle", 40, "Rechargez la page.")
        if genre is None:
            f.erreur("genre", "Dites pour quoi.")
        if euros is None:
            f.erreur("euros", "Dites combien, en euros.")
        if f.erreurs or genre is None or euros is None or cle is None:
            return ""
        noter_depense(
            session,
            vehicule,
            par=acteur_courant(),
            le=le,
            genre=genre,
            centimes=round(euros * 100),
            cle=cle,
            km=km,
            note=note,
        )
        return "La dépense est notée."

    return _ecrire(uuid, faire, "couts")


@partenaire.post("/parc/<uuid:uuid>/depense/<uuid:depense>/rayer")
def rayer_une_depense(uuid: UUID, depense: UUID) -> ResponseReturnValue:
    """One expense that was typed wrongly."""

    def faire(session: Session, vehicule: Vehicule, _f: Formulaire) -> str:
        la_depense = session.scalars(
            select(Depense).where(Depense.uuid == depense, Depense.vehicule_id == vehicule.id)
        ).one()
        rayer_depense(session, la_depense, par=acteur_courant())
        return "La dépense est rayée. Si elle était fausse, notez la bonne."

    return _ecrire(uuid, faire, "couts")


def _passe(f: Formulaire, nom: str) -> date | None:
    """A day that has come."""
    jour = f.jour(nom)
    if jour is not None and jour > ce_jour():
        f.erreur(nom, "Ce jour n’est pas encore venu.")
    return jour


def le_sien(session: Session, uuid: UUID) -> Vehicule:
    """One vehicle of the structure; absent and « somebody else's » are the same 404 (``NoResultFound``)."""
    structure_id = acteur_courant().structure_id
    return session.scalars(
        select(Vehicule)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.structure_id == structure_id, Vehicule.uuid == uuid)
    ).one()


def _ecrire(uuid: UUID, faire: _Faire, ancre: str) -> ResponseReturnValue:
    """One gesture in one transaction; what does not fit is said beside what was typed."""
    f = Formulaire(request.form)

    @reessayer
    def ecrire() -> str:
        with transaction() as session:
            return faire(session, le_sien(session, uuid), f)

    try:
        merci = ecrire()
    except RegleMetier as refus:
        f.erreur("km" if ancre == "km" else "", refus.phrase)
        return _fiche(uuid, f.saisie, f.erreurs), 409
    if f.erreurs:
        return _fiche(uuid, f.saisie, f.erreurs), REFUS
    flash(merci)
    return redirect(url_for("partenaire.fiche_vehicule", uuid=uuid, _anchor=ancre), 303)


def _fiche(uuid: UUID, saisie: MultiDict[str, str], erreurs: Mapping[str, str]) -> str:
    instant = maintenant()
    with lecture() as session:
        vehicule = le_sien(session, uuid)
        (etat,) = etats(session, [vehicule], instant)
        return render_template(
            "partenaire/fiche_vehicule.html",
            etat=etat,
            vehicule=vehicule,
            sieges=sieges_en_mots(vehicule.sieges_enfant),
            acces=[Acces(a).libelle for a in vehicule.acces or ()],
            arrets=[
                a for a in vehicule.immobilisations if a.debut != a.fin and (a.fin is None or a.fin > instant)
            ],
            entretien=entretien_de(session, vehicule, ce_jour()),
            depenses=depenses_de(session, vehicule)[:20],
            genres=[(genre.value, genre.libelle) for genre in GenreDepense],
            saisie=saisie,
            erreurs=dict(erreurs),
            cle=saisie.get("cle") or nouvelle_cle(),
            aujourdhui=ce_jour(),
            instant=instant,
        )
