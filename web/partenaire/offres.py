"""The offers of a structure: listed, registered, copied, corrected, published, withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import ce_jour
from mobilite.besoin import SEMAINE, MotifDeplacement
from mobilite.candidate import CategorieVehicule, Genre
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.flotte import Vehicule
from mobilite.journal import Evenement, consigner
from mobilite.offre import Offre, StatutOffre, offres_visibles_par
from mobilite.parametres import parametres
from mobilite.structure import Structure
from mobilite.verdict import Verdict
from web.acces import acteur_courant
from web.affiche import prix_en_mots
from web.cle import lire_cle, nouvelle_cle
from web.erreurs import REFUS
from web.formulaire import Formulaire
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_structure, son_offre
from web.partenaire.fiche import (
    FLOTTES,
    autres_conditions,
    lire_fiche,
    nom_sur,
    phrase_de,
    saisie_de,
)
from web.partenaire.prix_permis import champ_du_prix, phrase_du_motif, prix_selon_la_loi
from web.partenaire.rapport_prefet import fait_du_transport_solidaire
from web.partenaire.vehicules import BOITES, ENERGIES, enregistrer_vehicules, lire_vehicule, redecrire
from web.referentiel import referentiel
from web.transaction import lecture, transaction

ajouter_au_menu(partenaire, "Offres", "offres", rang=2)

RANGS_VEHICULES = (1, 2, 3)
"""How many vehicles fit in the form of a new offer; more are added afterwards."""

OFFRE_CHANGEE = "Quelqu’un a modifié cette offre entre-temps. Ouvrez-la à nouveau : vos mots sont ci-dessous."


@partenaire.get("/offres")
def offres() -> str:
    """All of its offers, drafts and withdrawn ones too."""
    with lecture() as session:
        structure = sa_structure(session)
        siennes = session.scalars(offres_visibles_par(acteur_courant())).all()
        lecteur = referentiel().lecteur_offres
        comptes = dict(
            session.execute(
                select(Vehicule.offre_id, func.count())
                .where(Vehicule.en_service, Vehicule.offre_id.in_([o.id for o in siennes]))
                .group_by(Vehicule.offre_id)
            ).all()
        )
        return render_template(
            "partenaire/offres.html",
            structure=structure,
            offres=sorted(siennes, key=lambda o: (o.statut is not StatutOffre.OUVERTE, o.nom)),
            prix={o.id: prix_en_mots(lecteur.lire(Champ(o.document())).prix) for o in siennes},
            vehicules=comptes,
            flottes=FLOTTES,
            rapport=fait_du_transport_solidaire(session, structure),
        )


@partenaire.route("/offres/nouvelle", methods=["GET", "POST"])
def nouvelle_offre() -> ResponseReturnValue:
    """Register an offer, alone or from another one (``?copie=``); without a kind, choose the kind first."""
    if request.method == "POST":
        return _enregistrer()
    with lecture() as session:
        structure = sa_structure(session)
        if copie := _uuid(request.args.get("copie", "")):
            modele = son_offre(session, copie)
            saisie = saisie_de(f"{modele.nom} (copie)"[:150], modele.genre, modele.fiche)
            saisie["copie"] = str(modele.uuid)
            return _page(modele.genre, modele.fiche, saisie, {})
        genre = _genre(request.args.get("genre", ""))
        if genre is None:
            return render_template("partenaire/genres.html", flottes=FLOTTES, genres=list(Genre))
        return _page(genre, {}, _saisie_neuve(genre, structure), {})


@partenaire.route("/offres/<uuid:uuid>", methods=["GET", "POST"])
def modifier_offre(uuid: UUID) -> ResponseReturnValue:
    """Correct an offer; what it says counts as checked today."""
    if request.method != "POST":
        with lecture() as session:
            offre = son_offre(session, uuid)
            saisie = saisie_de(offre.nom, offre.genre, offre.fiche)
            saisie["version"] = str(offre.version)
            return _page(offre.genre, offre.fiche, saisie, {}, offre)
    f = Formulaire(request.form)
    with transaction() as session:
        offre = son_offre(session, uuid)
        nom = _nom(f)
        fiche = lire_fiche(f, offre.genre, offre.fiche)
        if f.brut("version") != str(offre.version):
            f.erreur("", OFFRE_CHANGEE)
        _verifier(f, offre.genre, fiche)
        if not f.erreurs:
            offre.nom, offre.fiche = nom, fiche
            offre.verifiee_le = ce_jour() if offre.statut is StatutOffre.OUVERTE else None
            redecrire(session, offre)
            session.add(consigner(acteur_courant(), Evenement.OFFRE_ENREGISTREE, offre, offre=offre.code))
    if f.erreurs:
        return _page(offre.genre, offre.fiche, f.saisie, f.erreurs, offre), REFUS
    flash("C’est enregistré. Les prochaines propositions en tiennent compte.")
    return redirect(url_for("partenaire.offres"), 303)


@partenaire.post("/offres/<uuid:uuid>/publier")
def publier_offre(uuid: UUID) -> ResponseReturnValue:
    """Show it in the proposals, checked today."""
    with transaction() as session:
        _publier(session, son_offre(session, uuid))
    flash("L’offre est publiée : elle entre dans les prochaines propositions.")
    return redirect(url_for("partenaire.offres"), 303)


@partenaire.post("/offres/<uuid:uuid>/retirer")
def retirer_offre(uuid: UUID) -> ResponseReturnValue:
    """Stop proposing it; what is booked stays booked."""
    with transaction() as session:
        offre = son_offre(session, uuid)
        offre.retirer()
        session.add(consigner(acteur_courant(), Evenement.OFFRE_RETIREE, offre, offre=offre.code))
    flash("L’offre est retirée. Ce qui est réservé reste réservé.")
    return redirect(url_for("partenaire.offres"), 303)


def _enregistrer() -> ResponseReturnValue:
    f = Formulaire(request.form)
    genre = _genre(f.brut("genre"))
    if genre is None:
        abort(400)
    cle = lire_cle(request.form)
    publier = f.brut("action") == "publier"
    base: Mapping[str, Any] = {}
    try:
        with transaction() as session:
            if _deja(session, cle) is None:
                base = _base(session, f)
                _ajouter(session, f, genre, base, cle, publier=publier)
    except IntegrityError:  # the same form, sent twice at once: the other one wrote it
        with lecture() as session:
            if _deja(session, cle) is None:
                raise
    if f.erreurs:
        return _page(genre, base, f.saisie, f.erreurs), REFUS
    flash("L’offre est publiée." if publier else "Le brouillon est gardé. Publiez-le quand il est prêt.")
    return redirect(url_for("partenaire.offres"), 303)


def _ajouter(
    session: Session, f: Formulaire, genre: Genre, base: Mapping[str, Any], cle: str, *, publier: bool
) -> None:
    nom = _nom(f)
    fiche = lire_fiche(f, genre, base)
    vehicules = _vehicules(f) if genre in FLOTTES else []
    _verifier(f, genre, fiche)
    if f.erreurs:
        return
    structure = sa_structure(session)
    offre = Offre(
        code=f"{genre.value.replace('_', '-')}-{secrets.token_hex(5)}",
        nom=nom,
        genre=genre,
        structure=structure,
        fiche=fiche,
        demonstration=structure.demonstration,
        cle_idempotence=cle,
    )
    session.add(offre)
    session.flush()
    session.add(consigner(acteur_courant(), Evenement.OFFRE_ENREGISTREE, offre, offre=offre.code))
    if vehicules:
        enregistrer_vehicules(session, offre, vehicules)
    if publier:
        _publier(session, offre)


def _publier(session: Session, offre: Offre) -> None:
    offre.ouvrir(ce_jour())
    session.add(consigner(acteur_courant(), Evenement.OFFRE_OUVERTE, offre, offre=offre.code))


def _deja(session: Session, cle: str) -> Offre | None:
    siennes = offres_visibles_par(acteur_courant())
    return session.scalars(siennes.where(Offre.cle_idempotence == cle)).first()


def _base(session: Session, f: Formulaire) -> dict[str, Any]:
    """The sheet one copies from, for what the form cannot say."""
    copie = _uuid(f.brut("copie"))
    return son_offre(session, copie).fiche if copie else {}


def _nom(f: Formulaire) -> str:
    return f.texte("nom", 150, "Donnez un nom à l’offre.") or ""


def _vehicules(f: Formulaire) -> list[dict[str, Any]]:
    """The vehicles of the form; a block left empty is no vehicle."""
    lus = []
    for rang in RANGS_VEHICULES:
        bloc = Formulaire(f.saisie, f"v{rang}_")
        champs = ("libelle", "boite", "places", "energie", "ct_valable_au", "assurance_valable_au")
        if any(bloc.brut(champ) for champ in champs):
            lus.append(lire_vehicule(bloc))
            f.erreurs |= bloc.erreurs
    return lus


def _verifier(f: Formulaire, genre: Genre, fiche: Mapping[str, Any]) -> None:
    """The documented reader has the last word: what it refuses is never stored."""
    if f.erreurs:
        return
    document = dict(fiche) | {"id": "essai", "nom": "essai", "genre": genre.value}
    try:
        offre = referentiel().lecteur_offres.lire(Champ(document))
    except DonneeRefusee as refus:
        f.erreur("", refus.phrase)
        return
    for motif in prix_selon_la_loi(offre, parametres(ce_jour())):
        if motif.verdict is Verdict.NON:
            f.erreur(champ_du_prix(offre), phrase_du_motif(motif))
        else:
            flash(phrase_du_motif(motif))


def _saisie_neuve(genre: Genre, structure: Structure) -> MultiDict[str, str]:
    saisie = saisie_de("", genre, {})
    saisie["zone"] = "departement"
    if structure.commune:
        saisie["lieu"] = nom_sur(structure.commune)
    if genre in FLOTTES:
        saisie["heures"] = "permanent"
    return saisie


def _genre(code: str) -> Genre | None:
    return Genre(code) if code in set(Genre) else None


def _uuid(texte: str) -> UUID | None:
    try:
        return UUID(texte)
    except ValueError:
        return None


def _page(
    genre: Genre,
    base: Mapping[str, Any],
    saisie: MultiDict[str, str],
    erreurs: Mapping[str, str],
    offre: Offre | None = None,
) -> str:
    connu = referentiel().territoire
    epci = {(c.epci_siren, c.epci_nom) for c in connu.communes_du_departement()}
    return render_template(
        "partenaire/offre.html",
        genre=genre,
        offre=offre,
        saisie=saisie,
        erreurs=dict(erreurs),
        cle=saisie.get("cle") or nouvelle_cle(),
        flotte=genre in FLOTTES,
        neuve=genre in FLOTTES and not base,
        transporte=genre.transporte and not genre.conduite,
        scooter=genre is Genre.LOCATION_SCOOTER,
        rangs=RANGS_VEHICULES if offre is None and genre in FLOTTES else (),
        categories=[
            (CategorieVehicule.SCOOTER50.value, "50 cm³"),
            (CategorieVehicule.SCOOTER125.value, "125 cm³"),
        ],
        epci=sorted(epci, key=lambda e: e[1]),
        motifs=[(motif.value, motif.libelle.capitalize()) for motif in MotifDeplacement],
        jours=[(jour.value, jour.libelle.capitalize()) for jour in SEMAINE],
        autres=[(str(rang), phrase_de(c)) for rang, c in enumerate(autres_conditions(base))],
        heures_gardees=len(base.get("horaires", ())) > 1,
        zone_gardee=saisie.get("zone") == "gardee",
        lignes=len(base.get("courses", ())),
        boites=BOITES,
        energies=ENERGIES,
    )
