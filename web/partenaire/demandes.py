"""The requests: what waits for an answer, oldest first, what is out, and what a partner may know of one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, selectinload

from mobilite.acteur import Acteur
from mobilite.base import jour_local, maintenant
from mobilite.disponibilite import en_retard
from mobilite.document import Champ
from mobilite.etat_des_lieux import EtatDesLieux, Moment
from mobilite.flotte import dernier_jour
from mobilite.liste_attente import sans_les_places_passees
from mobilite.motif_reservation import SansCaution
from mobilite.regles_de_flotte import Regles
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import OCCUPENT, StatutReservation
from web import reservations
from web.acces import acteur_courant
from web.affiche import a_apporter, documents_a_voir
from web.aptitude import a_verifier
from web.menu import ajouter_au_menu
from web.partenaire.espace import partenaire, sa_structure
from web.referentiel import referentiel
from web.transaction import lecture

ajouter_au_menu(partenaire, "Demandes", "demandes", rang=1)

RECENT = timedelta(days=30)
BIENTOT = timedelta(days=14)
"""How far ahead keys are listed; beyond, the calendar says it better."""

FINIES = 20
_AVEC = {
    "enfant": "un enfant",
    "bebe": "un bébé (siège adapté)",
    "adulte": "un adulte",
    "poussette": "une poussette",
    "fauteuil": "un fauteuil roulant",
    "animal": "un animal",
}
_PEUT_ETRE_FINIE = tuple(
    s
    for s in StatutReservation
    if s is StatutReservation.DEMANDEE or s not in (*OCCUPENT, StatutReservation.RENDUE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LigneDemande:
    """One booking in the list of a partner: a first name, days, a vehicle, where it stands.

    ``en_retard_depuis``: the first day on which it should have been back, when it is not.
    """

    reservation: Reservation
    prenom: str
    debut: date
    fin: date
    etat: StatutReservation
    telephone: str | None
    en_retard_depuis: date | None = None

    def reste(self, signes: Collection[int]) -> str:
        """What is left once the vehicle is back; ``signes``: the bookings whose return is signed."""
        r = self.reservation
        etapes = [
            "l’état des lieux du retour" if r.id not in signes else "",
            "la caution" if r.caution_vue_le or r.sans_caution is SansCaution.AVANCEE else "",
        ]
        return " et ".join(etape for etape in etapes if etape) or "la clôture"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandeRecue(LigneDemande):
    """One request as the partner answers it: what must be seen, who comes along. No more.

    ``documents`` are to be shown one by one when the fleet has written its rules; ``a_verifier`` is what
    nobody knows yet of her licence.
    """

    a_voir: tuple[str, ...]
    documents: tuple[str, ...]
    a_verifier: tuple[str, ...]
    regles: Regles
    caution: float
    avec: tuple[str, ...]


@partenaire.get("/")
def demandes() -> str:
    """What waits for an answer, what falls first on top; then the keys to hand over, and what is out."""
    instant = maintenant()
    acteur = acteur_courant()
    with lecture() as session:
        visibles = (
            reservations_visibles_par(acteur).options(selectinload(Reservation.personne)).order_by(None)
        )

        def lignes(
            ordres: Select[Reservation], en_retards: Collection[int] = frozenset()
        ) -> list[LigneDemande]:
            return [
                LigneDemande(
                    **_ligne_de(r, acteur, instant),
                    en_retard_depuis=jour_local(r.fin) if r.id in en_retards else None,
                )
                for r in session.scalars(ordres)
            ]

        par_debut = visibles.order_by(Reservation.debut, Reservation.id)
        dehors = par_debut.where(Reservation.statut == StatutReservation.REMISE)
        en_retards = session.scalars(dehors.with_only_columns(Reservation.id).where(en_retard(instant)))
        confirmees = Reservation.statut == StatutReservation.CONFIRMEE
        a_clore = lignes(par_debut.where(Reservation.statut == StatutReservation.RENDUE))
        signes = retours_signes(session, [d.reservation.id for d in a_clore])
        return render_template(
            "partenaire/demandes.html",
            structure=sa_structure(session),
            a_repondre=lignes(
                visibles.where(
                    Reservation.statut == StatutReservation.DEMANDEE, Reservation.expire_le > instant
                ).order_by(Reservation.expire_le, Reservation.demandee_le, Reservation.id)
            ),
            a_remettre=lignes(par_debut.where(confirmees, Reservation.debut <= instant + BIENTOT)),
            plus_tard=session.scalar(
                select(func.count()).select_from(
                    visibles.where(confirmees, Reservation.debut > instant + BIENTOT)
                    .order_by(None)
                    .subquery()
                )
            ),
            dehors=lignes(dehors, frozenset(en_retards)),
            a_clore=[(d, d.reste(signes)) for d in a_clore],
            finies=lignes(
                visibles.where(_finie(instant), sans_les_places_passees())
                .order_by(Reservation.demandee_le.desc(), Reservation.id.desc())
                .limit(FINIES)
            ),
            aujourdhui=jour_local(instant),
        )


def retours_signes(session: Session, ids: Collection[int]) -> set[int]:
    """Which of these bookings have a signed return."""
    ordre = select(EtatDesLieux.reservation_id).where(
        EtatDesLieux.reservation_id.in_(ids),
        EtatDesLieux.moment == Moment.RETOUR,
        EtatDesLieux.signe_le.is_not(None),
    )
    return set(session.scalars(ordre))


def _finie(instant: datetime) -> ColumnElement[bool]:
    """Over for less than a month, or a request whose time has just passed."""
    return and_(
        Reservation.fin > instant - RECENT,
        Reservation.statut.in_(_PEUT_ETRE_FINIE),
        (Reservation.statut != StatutReservation.DEMANDEE) | (Reservation.expire_le <= instant),
    )


def _ligne_de(reservation: Reservation, acteur: Acteur, instant: datetime) -> dict[str, Any]:
    """What every page of a partner says of a booking; the telephone only once a place is confirmed."""
    personne = reservation.personne
    return {
        "reservation": reservation,
        "prenom": personne.prenom if personne else "Une personne",
        "debut": jour_local(reservation.debut),
        "fin": dernier_jour(reservation.fin),
        "etat": reservation.etat(instant),
        "telephone": reservation.telephone_pour(acteur),
    }


def resumer(reservation: Reservation, instant: datetime) -> LigneDemande:
    """One booking as the lists of a partner say it."""
    return LigneDemande(**_ligne_de(reservation, acteur_courant(), instant))


def recue(session: Session, reservation: Reservation, instant: datetime) -> DemandeRecue:
    """What a partner may know of a request to answer it: needs as codes, papers, what to look at."""
    offre = reservation.vehicule.offre
    candidate = referentiel().lecteur_offres.lire(Champ(offre.document()))
    personne = reservation.personne
    regles = reservations.regles_de(session, offre)
    attend = reservation.etat(instant) is StatutReservation.DEMANDEE
    codes = {code for besoin in personne.besoins for code in _codes(besoin.avec)} if personne else set()
    return DemandeRecue(
        **_ligne_de(reservation, acteur_courant(), instant),
        a_voir=a_apporter(candidate),
        documents=documents_a_voir(candidate) if regles.ecrites else (),
        a_verifier=_a_verifier(session, reservation) if attend else (),
        regles=regles,
        caution=candidate.prix.caution,
        avec=tuple(texte for code, texte in _AVEC.items() if code in codes),
    )


def _a_verifier(session: Session, reservation: Reservation) -> tuple[str, ...]:
    return a_verifier(session, reservation.personne_id, reservation.vehicule, jour_local(reservation.debut))


def _codes(avec: Collection[object]) -> list[str]:
    """The codes of those who come along, written alone or as ``{"type", "nombre"}``."""
    return [str(qui.get("type", "")) if isinstance(qui, Mapping) else str(qui) for qui in avec]
