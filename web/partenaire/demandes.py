"""The requests: what waits for an answer, oldest first; yes by name, or no with a reason; keys out, keys back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from mobilite.base import ce_jour, jour_local, maintenant
from mobilite.disponibilite import VehiculeLibre
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.flotte import Vehicule, dernier_jour
from mobilite.journal import Evenement, lignes_de
from mobilite.offre import Offre
from mobilite.reservation import (
    OCCUPENT,
    Reservation,
    ReservationDejaTraitee,
    SansCaution,
    StatutReservation,
    reservations_visibles_par,
)
from web import places, reservations
from web.acces import acteur_courant
from web.affiche import a_apporter
from web.erreurs import REFUS
from web.formats import jour
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_structure
from web.referentiel import referentiel
from web.transaction import lecture, reessayer, transaction

ajouter_au_menu(partenaire, "Demandes", "demandes", rang=1)

RECENT = timedelta(days=30)
AUTRE = "autre"
MOTIFS_DE_REFUS: Mapping[str, str] = MappingProxyType(
    {
        "plus_libre": "Le véhicule n’est pas disponible ces jours-là.",
        "papiers": "Il manque des papiers que l’assurance demande.",
        "conditions": "Les conditions de l’offre ne sont pas réunies.",
        "entretien": "Le véhicule est en réparation.",
        AUTRE: "",
    }
)
"""Reasons as the person will read them."""

_AVEC = {
    "enfant": "un enfant",
    "bebe": "un bébé (siège adapté)",
    "adulte": "un adulte",
    "poussette": "une poussette",
    "fauteuil": "un fauteuil roulant",
    "animal": "un animal",
}
_Faire = Callable[[Session, Reservation], None]


@dataclass(frozen=True, slots=True)
class DemandeRecue:
    """One request as the partner sees it: a first name, days, a vehicle, what must be seen. No more."""

    reservation: Reservation
    prenom: str
    debut: date
    fin: date
    etat: StatutReservation
    a_voir: tuple[str, ...]
    caution: float
    avec: tuple[str, ...]
    telephone: str | None


@partenaire.get("/")
def demandes() -> str:
    """What waits for an answer, oldest first; then the keys to hand over, and what is out."""
    instant = maintenant()
    with lecture() as session:
        visibles = reservations_visibles_par(acteur_courant()).where(Reservation.fin > instant - RECENT)
        recues = [
            recue(session, r, instant)
            for r in session.scalars(
                visibles.options(selectinload(Reservation.personne))
                .order_by(None)
                .order_by(Reservation.demandee_le, Reservation.id)
            )
        ]
        par_debut = sorted(recues, key=lambda r: (r.debut, r.reservation.id))
        return render_template(
            "partenaire/demandes.html",
            structure=sa_structure(session),
            a_repondre=_en(recues, StatutReservation.DEMANDEE),
            a_remettre=_en(par_debut, StatutReservation.CONFIRMEE),
            dehors=_en(par_debut, StatutReservation.REMISE),
            finies=[r for r in reversed(recues) if r.etat not in OCCUPENT][:20],
            aujourdhui=jour_local(instant),
        )


def _en(recues: Collection[DemandeRecue], etat: StatutReservation) -> list[DemandeRecue]:
    return [r for r in recues if r.etat is etat]


def recue(session: Session, reservation: Reservation, instant: datetime) -> DemandeRecue:
    """What a partner may know of a request: needs as codes, the telephone only once a place is confirmed."""
    offre = reservation.vehicule.offre
    candidate = referentiel().lecteur_offres.lire(Champ(offre.document()))
    personne = reservation.personne
    codes = {code for besoin in personne.besoins for code in _codes(besoin.avec)} if personne else set()
    return DemandeRecue(
        reservation=reservation,
        prenom=personne.prenom if personne else "Une personne",
        debut=jour_local(reservation.debut),
        fin=dernier_jour(reservation.fin),
        etat=reservation.etat(instant),
        a_voir=a_apporter(candidate),
        caution=candidate.prix.caution,
        avec=tuple(texte for code, texte in _AVEC.items() if code in codes),
        telephone=reservation.telephone_pour(acteur_courant()),
    )


def _codes(avec: Collection[object]) -> list[str]:
    """The codes of those who come along, written alone or as ``{"type", "nombre"}``."""
    return [str(qui.get("type", "")) if isinstance(qui, Mapping) else str(qui) for qui in avec]


@partenaire.get("/demande/<uuid:uuid>")
def voir_demande(uuid: UUID) -> str:
    """One request, and the two answers."""
    with lecture() as session:
        return _page(session, _la_demande(session, uuid), {}, {})


@partenaire.post("/demande/<uuid:uuid>/confirmer")
def confirmer_demande(uuid: UUID) -> ResponseReturnValue:
    """Say yes: papers and deposit seen, place confirmed by somebody who has a name."""
    return _repondre(uuid, _confirmer, "Place confirmée. La personne le voit tout de suite.")


@partenaire.post("/demande/<uuid:uuid>/refuser")
def refuser_demande(uuid: UUID) -> ResponseReturnValue:
    """Say no, with a reason that she will read; she is told what else is free."""
    return _repondre(uuid, _refuser, "Refus envoyé. La personne voit ce qui est libre à la place.")


@partenaire.post("/demande/<uuid:uuid>/remettre")
def remettre_vehicule(uuid: UUID) -> ResponseReturnValue:
    """The keys were handed over."""
    return _repondre(
        uuid, lambda s, r: reservations.remettre(s, r, par=acteur_courant()), "Clés remises : c’est noté."
    )


@partenaire.post("/demande/<uuid:uuid>/rendre")
def rendre_vehicule(uuid: UUID) -> ResponseReturnValue:
    """The vehicle came back."""
    return _repondre(
        uuid, lambda s, r: reservations.rendre(s, r, par=acteur_courant()), "Véhicule rendu : il est libre."
    )


def _repondre(uuid: UUID, faire: _Faire, merci: str) -> ResponseReturnValue:
    """Answer in one transaction; a refusal shows the request as it now is, with what was typed."""
    try:
        _faire(uuid, faire)
    except RegleMetier as refus:
        champ = refus.champ if isinstance(refus, DonneeRefusee) else ""
        phrase = refus.raison if isinstance(refus, DonneeRefusee) else refus.phrase
        statut = REFUS if isinstance(refus, DonneeRefusee) else 409
        with lecture() as session:
            return _page(session, _la_demande(session, uuid), request.form, {champ: phrase}), statut
    flash(merci)
    return redirect(url_for("partenaire.demandes"), 303)


@reessayer
def _faire(uuid: UUID, faire: _Faire) -> None:
    with transaction() as session:
        reservation = _la_demande(session, uuid)
        faire(session, reservation)
        if reservation.statut not in OCCUPENT:
            places.proposer_les_places(session, structure_id=reservation.vehicule.offre.structure_id)


def _la_demande(session: Session, uuid: UUID) -> Reservation:
    visibles = reservations_visibles_par(acteur_courant())
    return session.scalars(visibles.where(Reservation.uuid == uuid)).one()


def _confirmer(session: Session, reservation: Reservation) -> None:
    if reservation.etat(maintenant()) is not StatutReservation.DEMANDEE:
        raise ReservationDejaTraitee(reservation.etat(maintenant()))
    formulaire = request.form
    nom = _ligne(formulaire, "place_confirmee_par", 80, "Dites votre prénom : c’est vous qui confirmez.")
    if "papiers_vus" not in formulaire:
        raise DonneeRefusee("papiers_vus", "Cochez quand vous avez vu les papiers.")
    papiers_vus_le = _jour_vu(formulaire, "papiers_vus_le")
    vue, sans = _caution(formulaire, recue(session, reservation, maintenant()).caution)
    reservations.confirmer(
        session,
        reservation,
        par=acteur_courant(),
        place_confirmee_par=nom,
        papiers_vus_le=papiers_vus_le,
        caution_vue_le=vue,
        sans_caution=sans,
    )


def _caution(formulaire: Mapping[str, str], demandee: float) -> tuple[date | None, SansCaution | None]:
    """The day the deposit was seen, or why there is none."""
    if not demandee:
        return None, SansCaution.NON_DEMANDEE
    choix = formulaire.get("caution", "")
    if choix == "vue":
        return _jour_vu(formulaire, "caution_vue_le"), None
    try:
        return None, SansCaution(choix)
    except ValueError:
        raise DonneeRefusee("caution", "Dites si la caution est vue, ou pourquoi il n’y en a pas.") from None


def _jour_vu(formulaire: Mapping[str, str], nom: str) -> date:
    try:
        vu_le = Champ(formulaire.get(nom, ""), nom).date()
    except DonneeRefusee:
        raise DonneeRefusee(nom, "Dites quel jour.") from None
    if vu_le > ce_jour():
        raise DonneeRefusee(nom, "Ce jour n’est pas encore venu.")
    return vu_le


def _refuser(session: Session, reservation: Reservation) -> None:
    formulaire = request.form
    code = formulaire.get("motif", "")
    if code not in MOTIFS_DE_REFUS:
        raise DonneeRefusee("motif", "Choisissez une raison : la personne la lira.")
    mot = formulaire.get("mot", "").strip()
    if code == AUTRE or mot:
        mot = _ligne(formulaire, "mot", 300, "Écrivez la raison : la personne la lira.")
    motif = " ".join(morceau for morceau in (MOTIFS_DE_REFUS[code], mot) if morceau)
    reservations.refuser(session, reservation, par=acteur_courant(), motif=motif)


def _ligne(formulaire: Mapping[str, str], nom: str, au_plus: int, absent: str) -> str:
    texte = " ".join(formulaire.get(nom, "").split())
    if not texte:
        raise DonneeRefusee(nom, absent)
    return Champ(texte, nom).texte(au_plus)


def _page(
    session: Session, reservation: Reservation, saisie: Mapping[str, str], erreurs: Mapping[str, str]
) -> str:
    instant = maintenant()
    demande = recue(session, reservation, instant)
    autres = reservations.alternatives(
        session,
        reservation.vehicule.offre,
        reservation.debut,
        reservation.fin,
        sauf=reservation.vehicule,
        le=instant,
    )
    return render_template(
        "partenaire/demande.html",
        demande=demande,
        libres=[*(v.libelle for v in autres.vehicules), *_premieres(autres.autres_offres)]
        + [f"d’autres jours dès le {jour(p.debut)}" for p in autres.prochaines_dates[:1]],
        saisie=saisie,
        erreurs=dict(erreurs),
        motifs=[(code, phrase or "Une autre raison") for code, phrase in MOTIFS_DE_REFUS.items()],
        cautions=[
            ("vue", "Je l’ai vue"),
            *((s.value, s.libelle) for s in SansCaution if s is not SansCaution.NON_DEMANDEE),
        ],
        sans_caution=_sans_caution(session, reservation),
        qui_confirme=saisie.get("place_confirmee_par") or _dernier_nom(session),
        aujourdhui=jour_local(instant),
    )


def _sans_caution(session: Session, reservation: Reservation) -> str:
    """Why no deposit was seen, as the journal keeps it."""
    for fait in session.scalars(lignes_de(reservation)):
        if fait.quoi == Evenement.RESERVATION_CONFIRMEE.value and "sans_caution" in fait.details:
            return SansCaution(fait.details["sans_caution"]).libelle
    return ""


def _premieres(autres: Sequence[VehiculeLibre]) -> list[str]:
    """The first free offers by name, then how many more."""
    suite = len(autres) - reservations.PROPOSEES
    noms = [v.offre for v in autres[: reservations.PROPOSEES]]
    return (
        [*noms, f"{suite} autre{'s' if suite > 1 else ''} offre{'s' if suite > 1 else ''}"]
        if suite > 0
        else noms
    )


def _dernier_nom(session: Session) -> str:
    """Who confirmed last for this structure: most often the same hand."""
    dernier = session.scalars(
        select(Reservation.place_confirmee_par)
        .join(Vehicule, Vehicule.id == Reservation.vehicule_id)
        .join(Offre, Offre.id == Vehicule.offre_id)
        .where(
            Offre.structure_id == acteur_courant().structure_id, Reservation.place_confirmee_par.is_not(None)
        )
        .order_by(Reservation.place_confirmee_le.desc())
        .limit(1)
    ).first()
    return dernier or ""
