"""The état des lieux on a telephone, outside: one short step at a time, each saved before the next is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mobilite.base import jour_local, maintenant
from mobilite.decompte import en_centimes
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.etat_des_lieux import KM_MAX, MENTION, PHOTOS_MAX, EtatDesLieux, Moment
from mobilite.flotte import CompteurEnArriere, Vehicule
from mobilite.offre import Offre
from mobilite.points_de_controle import (
    Dommage,
    Endroit,
    Jauge,
    Proprete,
    a_un_compteur,
    endroits_de,
    equipements_de,
    jauge_de,
)
from mobilite.reservation import Reservation
from mobilite.statut_reservation import OCCUPENT
from web import places
from web.acces import acteur_courant
from web.cle import nouvelle_cle
from web.decompte import ADHESION, AIDE
from web.erreurs import REFUS
from web.etats_des_lieux import (
    Etats,
    ajouter_photo,
    brouillon,
    convenu,
    decompte_de,
    ecarts_de,
    lire_etats,
    noter,
    photo_visible,
    retirer_photo,
    signer,
)
from web.formulaire import Formulaire
from web.partenaire.espace import partenaire, sa_reservation
from web.photos import OCTETS_MAX, Photo, nettoyer_photo
from web.transaction import lecture, reessayer, transaction

MOMENTS: Mapping[str, Moment] = {"depart": Moment.REMISE, "retour": Moment.RETOUR}
ETAPES: Mapping[str, str] = {
    "compteur": "Compteur",
    "equipement": "Équipement",
    "dommages": "Dommages",
    "photos": "Photos",
    "prix": "Prix",
    "signer": "Signer",
}
_ADRESSE = (
    "/demande/<uuid:uuid>/<any(depart, retour):quand>"
    "/<any(compteur, equipement, dommages, photos, prix, signer):etape>"
)
_NIVEAUX = [(n, Jauge.HUITIEMES.dire(n)) for n in range(9)]
_ENVOI_MAX = OCTETS_MAX + 4_000_000
"""Somewhat more than a photo may weigh, so that a heavy one is refused by a sentence on the page."""


@partenaire.url_value_preprocessor
def accepter_une_photo(endpoint: str | None, valeurs: dict[str, Any] | None) -> None:
    """Only where a photo is sent may a request be larger than everywhere else."""
    if endpoint == "partenaire.noter_etape" and (valeurs or {}).get("etape") in ("dommages", "photos"):
        request.max_content_length = _ENVOI_MAX


def etapes_de(moment: Moment) -> dict[str, str]:
    """The steps of one moment: nobody speaks of the price before the return."""
    return {cle: mot for cle, mot in ETAPES.items() if cle != "prix" or moment is Moment.RETOUR}


@partenaire.get(_ADRESSE)
def etape_etat(uuid: UUID, quand: str, etape: str) -> ResponseReturnValue:
    """One step as it was left."""
    moment = _moment(quand, etape)
    with lecture() as session:
        reservation = sa_reservation(session, uuid)
        etats = lire_etats(session, reservation)
        etat = etats.de(moment)
        if etat is not None and etat.signe:
            return redirect(url_for("partenaire.etats_des_lieux", uuid=uuid), 303)
        return _page(session, reservation, etats, moment, etape, _saisie(etat, etape), {})


@partenaire.post(_ADRESSE)
def noter_etape(uuid: UUID, quand: str, etape: str) -> ResponseReturnValue:
    """Save one step and go to the next; a refusal loses nothing of what was typed."""
    moment = _moment(quand, etape)
    f = Formulaire(request.form)
    # Drawn again before the transaction begins: nobody waits for a photo.
    photo = _photo_recue(f) if etape in ("dommages", "photos") else None
    refus: RegleMetier | None = None
    suite: str | None = None
    if not f.erreurs:
        try:
            suite = _enregistrer(uuid, moment, etape, f, photo)
        except RegleMetier as erreur:
            refus = erreur
    if suite is None or f.erreurs or refus is not None:
        erreurs = {"": refus.phrase} if refus is not None else f.erreurs
        statut = REFUS if refus is None or isinstance(refus, DonneeRefusee) else 409
        with lecture() as session:
            reservation = sa_reservation(session, uuid)
            etats = lire_etats(session, reservation)
            return _page(session, reservation, etats, moment, etape, f.saisie, erreurs), statut
    if suite == "resume":
        flash("C’est signé. Les deux personnes ont la même feuille.")
        return redirect(url_for("partenaire.etats_des_lieux", uuid=uuid), 303)
    return redirect(url_for("partenaire.etape_etat", uuid=uuid, quand=quand, etape=suite), 303)


@partenaire.get("/etats-des-lieux/photos/<uuid:uuid>")
def photo_etat(uuid: UUID) -> Response:
    """One photo, to those who may open the booking. Never kept by a browser."""
    with lecture() as session:
        octets = photo_visible(session, acteur_courant(), uuid).octets
    reponse = make_response(octets)
    reponse.mimetype = "image/jpeg"
    reponse.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return reponse


def _moment(quand: str, etape: str) -> Moment:
    moment = MOMENTS[quand]
    if etape not in etapes_de(moment):
        abort(404)
    return moment


def _photo_recue(f: Formulaire) -> Photo | None:
    """The photo of the form, cleaned; ``None`` when none was chosen or it was refused."""
    recue = request.files.get("photo")
    if recue is None or not recue.filename:
        return None
    octets = recue.read()
    recue.close()
    return f.lire("photo", lambda: nettoyer_photo(octets))


@reessayer
def _enregistrer(uuid: UUID, moment: Moment, etape: str, f: Formulaire, photo: Photo | None) -> str | None:
    """Save a step; the step to show next, or ``None`` when a field does not fit (nothing is written)."""
    with transaction() as session:
        reservation = sa_reservation(session, uuid)
        etat = brouillon(session, reservation, moment, par=acteur_courant())
        if etape in _LECTEURS:
            _LECTEURS[etape](session, reservation, etat, f)
            suite = _suivante(moment, etape)
        elif etape == "signer":
            _signer(session, reservation, etat, f)
            suite = "resume"
        else:
            _dommage_ou_photo(session, etat, etape, f, photo)
            suite = _suivante(moment, etape) if f.brut("suite") == "continuer" else etape
        if f.erreurs:
            session.rollback()
            return None
        if etape in _LECTEURS:
            noter(session, etat, par=acteur_courant(), etape=etape)
        if reservation.statut not in OCCUPENT:
            # Back early: the days left go to whoever waits.
            places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)
        return suite


def _suivante(moment: Moment, etape: str) -> str:
    cles = list(etapes_de(moment))
    return cles[cles.index(etape) + 1]


def _lire_compteur(session: Session, reservation: Reservation, etat: EtatDesLieux, f: Formulaire) -> None:
    km = f.entier("km", 0, KM_MAX)
    jauge = jauge_de(etat.vehicule)
    niveau = f.entier("niveau", 0, jauge.plein) if jauge is not None else None
    proprete = f.parmi("proprete", Proprete)
    depart = lire_etats(session, reservation).depart if etat.moment is Moment.RETOUR else None
    connus = [k for k in (etat.vehicule.km, depart.km if depart is not None else None) if k is not None]
    if km is not None and connus and km < max(connus) and not f.coche("compteur_confirme"):
        f.erreur("km", CompteurEnArriere(etat.vehicule.libelle, max(connus)).phrase)
    if f.erreurs:
        return
    etat.km, etat.proprete = km, proprete
    etat.jauge, etat.niveau = (jauge, niveau) if niveau is not None else (None, None)


def _lire_equipement(_session: Session, _reservation: Reservation, etat: EtatDesLieux, f: Formulaire) -> None:
    observations = f.texte("observations", 1000)
    if f.erreurs:
        return
    etat.equipements = {
        equipement.value: f.brut(equipement.value) == "oui"
        for equipement in equipements_de(etat.vehicule)
        if f.brut(equipement.value) in ("oui", "non")
    }
    etat.observations = observations or ""


def _lire_prix(_session: Session, _reservation: Reservation, etat: EtatDesLieux, f: Formulaire) -> None:
    """What is said of the membership and of an aid: kept with the draft, signed with the return."""
    choix: dict[str, Any] = {}
    if f.brut("adhesion") in ADHESION:
        choix["adhesion"] = f.brut("adhesion")
    choix["aide"] = f.brut("aide") if f.brut("aide") in AIDE else AIDE[0]
    if choix["aide"] == "accordee":
        montant = f.nombre("aide_montant", 0.01, 5_000)
        if montant is None:
            f.erreur("aide_montant", "Dites combien l’aide paie.")
        payeur = f.texte("aide_payeur", 80, "Dites qui paie cette aide.")
        if f.erreurs or montant is None:
            return
        choix |= {"aide_centimes": en_centimes(montant), "aide_payeur": payeur}
    etat.convenu = choix


_LECTEURS: Mapping[str, Callable[[Session, Reservation, EtatDesLieux, Formulaire], None]] = {
    "compteur": _lire_compteur,
    "equipement": _lire_equipement,
    "prix": _lire_prix,
}


def _dommage_ou_photo(
    session: Session, etat: EtatDesLieux, etape: str, f: Formulaire, photo: Photo | None
) -> None:
    """Add or take away a damage or a photo; « Continuer » also saves what stands in the fields."""
    par = acteur_courant()
    if cle := f.brut("retirer"):
        if etape == "photos":
            retirer_photo(session, etat, _uuid(cle), par=par)
        else:
            etat.retirer_dommage(cle)
            noter(session, etat, par=par, etape="dommage_retire")
        return
    cle = ""
    if etape == "dommages" and (f.brut("endroit") or f.brut("mots") or photo is not None):
        endroit = f.parmi("endroit", Endroit)
        if endroit is None:
            f.erreur("endroit", "Dites où sur le véhicule.")
        mots = f.texte("mots", 200, "Dites ce que c’est, en quelques mots.")
        cle = f.brut("cle")[:40]
        if f.erreurs or endroit is None or mots is None:
            return
        if etat.ajouter_dommage(Dommage(cle, endroit, mots)):
            noter(session, etat, par=par, etape="dommage", endroit=endroit.value)
    if photo is not None:
        ajouter_photo(session, etat, photo, par=par, dommage=cle)
    elif etape == "photos" and f.brut("suite") != "continuer":
        f.erreur("photo", "Choisissez une photo.")


def _uuid(texte: str) -> UUID:
    try:
        return UUID(texte)
    except ValueError:
        abort(404)


def _signer(session: Session, reservation: Reservation, etat: EtatDesLieux, f: Formulaire) -> None:
    noms = {
        nom: f.texte(nom, 80) or ""
        for nom in ("nom_structure", "mention_structure", "nom_personne", "mention_personne")
    }
    if not f.erreurs:
        signer(
            session,
            reservation,
            etat,
            par=acteur_courant(),
            noms=noms,
            # Said at the step of the odometer, where it was asked.
            compteur_confirme=True,
        )


def _saisie(etat: EtatDesLieux | None, etape: str) -> MultiDict[str, str]:
    """The fields of a step as they were saved."""
    if etat is None:
        return MultiDict()
    match etape:
        case "compteur":
            valeurs: dict[str, Any] = {
                "km": etat.km,
                "niveau": etat.niveau,
                "proprete": etat.proprete.value if etat.proprete else None,
            }
        case "equipement":
            valeurs = {code: "oui" if la else "non" for code, la in etat.equipements.items()}
            valeurs["observations"] = etat.observations
        case "prix":
            choix = etat.convenu or {}
            centimes = choix.get("aide_centimes")
            valeurs = {
                "adhesion": choix.get("adhesion"),
                "aide": choix.get("aide"),
                "aide_montant": f"{centimes / 100:.2f}".replace(".", ",") if centimes else None,
                "aide_payeur": choix.get("aide_payeur"),
            }
        case _:
            valeurs = {}
    return MultiDict({cle: str(valeur) for cle, valeur in valeurs.items() if valeur is not None})


def _page(
    session: Session,
    reservation: Reservation,
    etats: Etats,
    moment: Moment,
    etape: str,
    saisie: MultiDict[str, str],
    erreurs: Mapping[str, str],
) -> str:
    vehicule = reservation.vehicule
    instant = maintenant()
    ecarts = ecarts_de(session, reservation, etats, instant) if moment is Moment.RETOUR else None
    contexte: dict[str, Any] = {
        "reservation": reservation,
        "vehicule": vehicule,
        "prenom": prenom_de(reservation),
        "etat": etats.de(moment),
        "depart": etats.depart,
        "moment": moment,
        "quand": "depart" if moment is Moment.REMISE else "retour",
        "etape": etape,
        "etapes": etapes_de(moment),
        "saisie": saisie,
        "erreurs": dict(erreurs),
        "jauge": jauge_de(vehicule),
        "compteur": a_un_compteur(vehicule),
        "niveaux": _NIVEAUX,
        "propretes": [(p.value, p.libelle) for p in Proprete],
        "equipements": equipements_de(vehicule),
        "endroits": [(e.value, e.libelle) for e in endroits_de(vehicule)],
        "cle": saisie.get("cle") or nouvelle_cle(),
        "avant_le_jour": moment is Moment.REMISE and jour_local(reservation.debut) > jour_local(instant),
        "photos_max": PHOTOS_MAX,
        "mention": MENTION,
        "phrases": ecarts.phrases() if ecarts is not None else [],
    }
    if etape in ("prix", "signer"):
        if moment is Moment.RETOUR:
            contexte["decompte"] = decompte_de(session, reservation, etats, ecarts, le=instant)
        contexte["convenu"] = convenu(session, reservation, etats.depart)
    if etape == "signer":
        contexte["qui_signe"] = _dernier_signataire(session) or reservation.place_confirmee_par or ""
    return render_template(f"partenaire/etat/{etape}.html", **contexte)


def prenom_de(reservation: Reservation) -> str:
    """What the structure calls her."""
    return reservation.personne.prenom if reservation.personne is not None else "Une personne"


def _dernier_signataire(session: Session) -> str:
    """Who signed last for this structure: most often the same hand."""
    dernier: tuple[str, datetime] | None = session.execute(
        select(EtatDesLieux.nom_structure, EtatDesLieux.signe_le)
        .join(Vehicule, Vehicule.id == EtatDesLieux.vehicule_id)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(Offre.structure_id == acteur_courant().structure_id, EtatDesLieux.signe_le.is_not(None))
        .order_by(EtatDesLieux.signe_le.desc())
        .limit(1)
    ).first()  # type: ignore[assignment]
    return dernier[0] if dernier is not None else ""
