"""The état des lieux within a transaction: noted step by step, signed by two people, then the price and the end.

Every function runs inside the transaction of its caller, which commits. The sheet is locked before it
changes, so that nobody adds a photo to what somebody else is signing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from mobilite.acteur import Acteur
from mobilite.base import maintenant
from mobilite.candidate import Candidate, Prix
from mobilite.comparaison_etats import Ecarts, comparer
from mobilite.decompte import Decompte, en_centimes, lire_decompte
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.etat_des_lieux import (
    PHOTOS_MAX,
    CautionConclue,
    EtatDesLieux,
    Moment,
    PhotoEtat,
    RemarqueEtat,
    SortCaution,
    TropDePhotos,
    etats_de,
)
from mobilite.journal import Evenement, consigner
from mobilite.motif_reservation import SansCaution
from mobilite.offre import Offre
from mobilite.refus_reservation import ReservationDejaTraitee
from mobilite.reservation import Reservation, reservations_visibles_par
from mobilite.statut_reservation import StatutReservation
from web import reservations
from web.decompte import compter, garde_de
from web.formats import euros, jour_annee
from web.parc import noter_km
from web.photos import Photo
from web.referentiel import referentiel
from web.reservations.conclusion import regles_de, verrouiller

_OUVERT_QUAND: Mapping[Moment, tuple[StatutReservation, ...]] = {
    Moment.REMISE: (StatutReservation.CONFIRMEE, StatutReservation.REMISE),
    Moment.RETOUR: (StatutReservation.REMISE, StatutReservation.RENDUE),
}
"""When a sheet may be noted: also just after the keys, noted in haste, went out or came back."""


class RetourNonSigne(RegleMetier):
    """A booking is closed once its return is signed."""

    code = "retour_non_signe"

    def __init__(self) -> None:
        super().__init__("Faites signer l'état des lieux du retour, puis terminez.")


@dataclass(frozen=True, slots=True)
class Etats:
    """What is known of one booking: its two sheets, the end of the deposit."""

    depart: EtatDesLieux | None
    retour: EtatDesLieux | None
    caution: CautionConclue | None

    def de(self, moment: Moment) -> EtatDesLieux | None:
        """The sheet of one moment."""
        return self.depart if moment is Moment.REMISE else self.retour

    @property
    def decompte(self) -> Decompte | None:
        """The price that was signed with the return."""
        if self.retour is None or not self.retour.signe or self.retour.convenu is None:
            return None
        return lire_decompte(self.retour.convenu)


def lire_etats(session: Session, reservation: Reservation) -> Etats:
    """The sheets of a booking and what became of its deposit."""
    feuilles = {etat.moment: etat for etat in session.scalars(etats_de(reservation.id))}
    caution = session.scalars(
        select(CautionConclue).where(CautionConclue.reservation_id == reservation.id)
    ).one_or_none()
    return Etats(feuilles.get(Moment.REMISE), feuilles.get(Moment.RETOUR), caution)


def brouillon(session: Session, reservation: Reservation, moment: Moment, *, par: Acteur) -> EtatDesLieux:
    """The sheet to write in, locked; begun at the first step, and again when the booking changed vehicles.

    The return starts from the known damages. Raises ``EtatDejaSigne``, or ``ReservationDejaTraitee`` when it
    is too early or too late.
    """
    etat = _verrouille(session, reservation, moment)
    if etat is not None and not etat.signe and etat.vehicule_id != reservation.vehicule_id:
        # She was given another vehicle meanwhile: what was read on the first says nothing of this one.
        session.delete(etat)
        session.flush()
        etat = None
    if etat is None:
        if reservation.statut not in _OUVERT_QUAND[moment]:
            raise ReservationDejaTraitee(reservation.etat(maintenant()))
        depart = lire_etats(session, reservation).depart if moment is Moment.RETOUR else None
        nouveau = EtatDesLieux(
            reservation_id=reservation.id,
            vehicule_id=reservation.vehicule_id,
            moment=moment,
            commence_par=par.id,
            dommages=list(depart.dommages) if depart is not None and depart.signe else [],
        )
        try:
            with session.begin_nested():
                session.add(nouveau)
                session.flush()
        except IntegrityError:
            # Two telephones began it together: the first one's sheet is the sheet.
            etat = _verrouille(session, reservation, moment)
        else:
            etat = nouveau
    if etat is None:
        raise ReservationDejaTraitee(reservation.etat(maintenant()))
    etat.refuser_si_signe()
    return etat


def _verrouille(session: Session, reservation: Reservation, moment: Moment) -> EtatDesLieux | None:
    return session.scalars(
        select(EtatDesLieux)
        .where(EtatDesLieux.reservation_id == reservation.id, EtatDesLieux.moment == moment)
        .with_for_update(of=EtatDesLieux)
    ).one_or_none()


def noter(session: Session, etat: EtatDesLieux, *, par: Acteur, etape: str, **details: Any) -> None:
    """Tell the journal that a step of a sheet was saved."""
    session.flush()
    session.add(
        consigner(par, Evenement.ETAT_DES_LIEUX_NOTE, etat, moment=etat.moment.value, etape=etape, **details)
    )


def ajouter_photo(
    session: Session, etat: EtatDesLieux, photo: Photo, *, par: Acteur, dommage: str = ""
) -> bool:
    """Add a cleaned photo; ``False`` when this very one is already there. Raises ``TropDePhotos``."""
    etat.refuser_si_signe()
    if any(gardee.empreinte == photo.empreinte for gardee in etat.photos):
        return False
    if len(etat.photos) >= PHOTOS_MAX:
        raise TropDePhotos
    etat.photos.append(
        PhotoEtat(
            etat_id=etat.id,
            dommage=dommage,
            largeur=photo.largeur,
            hauteur=photo.hauteur,
            empreinte=photo.empreinte,
            octets=photo.octets,
        )
    )
    noter(session, etat, par=par, etape="photo", octets=len(photo.octets))
    return True


def retirer_photo(session: Session, etat: EtatDesLieux, uuid: UUID, *, par: Acteur) -> None:
    """Take a photo away while nobody has signed."""
    etat.refuser_si_signe()
    for photo in [p for p in etat.photos if p.uuid == uuid]:
        etat.photos.remove(photo)
        noter(session, etat, par=par, etape="photo_retiree")


def photo_visible(session: Session, acteur: Acteur, uuid: UUID) -> PhotoEtat:
    """One photo with its bytes; absent and « somebody else's » are the same 404 (``NoResultFound``)."""
    siennes = reservations_visibles_par(acteur).with_only_columns(Reservation.id).order_by(None)
    return session.scalars(
        select(PhotoEtat)
        .join(EtatDesLieux, EtatDesLieux.id == PhotoEtat.etat_id)
        .where(PhotoEtat.uuid == uuid, EtatDesLieux.reservation_id.in_(siennes))
        .options(undefer(PhotoEtat.octets))
    ).one()


def candidate_de(offre: Offre) -> Candidate:
    """The offer as the engine reads it: its grid, its rules."""
    return referentiel().lecteur_offres.lire(Champ(offre.document()))


def regles_en_phrases(session: Session, offre: Offre, candidate: Candidate) -> list[str]:
    """What the fleet asks of whoever borrows, as sentences."""
    a_montrer = [f"À montrer : {', '.join(candidate.documents)}."] if candidate.documents else []
    return [*a_montrer, *regles_de(session, offre).en_phrases]


def convenu_au_depart(session: Session, reservation: Reservation) -> dict[str, Any]:
    """What holds for this stay, frozen with the signature: a later change of the offer changes nothing."""
    offre = reservation.vehicule.offre
    candidate = candidate_de(offre)
    return {
        "offre": offre.nom,
        "vehicule": reservation.vehicule.libelle,
        "immatriculation": reservation.vehicule.immatriculation or "",
        "debut": reservation.debut.isoformat(),
        "fin": reservation.fin.isoformat(),
        "prix": asdict(candidate.prix),
        "km_max_jour": candidate.km_max_jour,
        "regles": regles_en_phrases(session, offre, candidate),
        "caution_vue_le": reservation.caution_vue_le.isoformat() if reservation.caution_vue_le else None,
    }


def convenu(session: Session, reservation: Reservation, depart: EtatDesLieux | None) -> Mapping[str, Any]:
    """What was signed at the departure, else what the offer says today."""
    if depart is not None and depart.signe and depart.convenu is not None:
        return depart.convenu
    return convenu_au_depart(session, reservation)


def caution_de(session: Session, reservation: Reservation, etats: Etats) -> int:
    """What can be kept back at most, in centimes: nothing where the structure went without a deposit."""
    if reservation.sans_caution in (SansCaution.NON_DEMANDEE, SansCaution.RENONCEE):
        return 0
    return en_centimes(convenu(session, reservation, etats.depart)["prix"]["caution"] or 0)


def ecarts_de(session: Session, reservation: Reservation, etats: Etats, le: datetime) -> Ecarts | None:
    """What changed between the two sheets; ``None`` while one of them is not there."""
    garde = garde_de(session, reservation, etats.depart, etats.retour, le)
    if garde is None or etats.depart is None or not etats.depart.signe or etats.retour is None:
        return None
    dit = convenu(session, reservation, etats.depart)
    return comparer(etats.depart, etats.retour, garde=garde, km_max_jour=dit["km_max_jour"])


def phrases_du_retour(session: Session, reservation: Reservation, etats: Etats) -> list[str]:
    """What changed, as it was signed; none before the return is signed."""
    if etats.retour is None or etats.retour.signe_le is None:
        return []
    signees = (etats.retour.convenu or {}).get("ecarts")
    if signees is not None:
        return [str(phrase) for phrase in signees]
    # Signed before the sentences were kept with the sheet.
    ecarts = ecarts_de(session, reservation, etats, etats.retour.signe_le)
    return ecarts.phrases() if ecarts is not None else []


def decompte_de(
    session: Session, reservation: Reservation, etats: Etats, ecarts: Ecarts | None, *, le: datetime
) -> Decompte:
    """The price of the days of ``Garde``, by the grid that was signed, line by line.

    ``etats.retour.convenu`` holds what was said of the membership and of an aid while noting.
    """
    dit = convenu(session, reservation, etats.depart)
    signe_le = etats.depart.signe_le if etats.depart is not None else None
    origine = (
        f"Grille signée au départ, {jour_annee(signe_le)}"
        if signe_le is not None
        else f"Grille de l'offre, {jour_annee(le)} : rien n'a été signé au départ"
    )
    choix: Mapping[str, Any] = (etats.retour.convenu or {}) if etats.retour is not None else {}
    garde = garde_de(session, reservation, etats.depart, etats.retour, le)
    jours = garde.jours if garde is not None else ()
    km = ecarts.km if ecarts is not None else None
    return compter(Prix(**dit["prix"]), jours, km, choix, origine)


def signer(
    session: Session,
    reservation: Reservation,
    etat: EtatDesLieux,
    *,
    par: Acteur,
    noms: Mapping[str, str],
    compteur_confirme: bool = False,
    le: datetime | None = None,
) -> None:
    """Sign a sheet, move the odometer of the vehicle, and hand it over or take it back.

    ``noms``: ``nom_structure``, ``mention_structure``, ``nom_personne``, ``mention_personne``. Raises
    ``EtatIncomplet``, ``EtatDejaSigne``, ``CompteurEnArriere`` (unless ``compteur_confirme``) or
    ``ReservationDejaTraitee``.
    """
    instant = le or maintenant()
    # The odometer and the keys both write the vehicle: its turn comes first, as everywhere.
    verrouiller(session, reservation.vehicule.offre)
    if reservation.statut not in _OUVERT_QUAND[etat.moment]:
        raise ReservationDejaTraitee(reservation.etat(instant))
    if etat.moment is Moment.REMISE:
        dit = convenu_au_depart(session, reservation)
    else:
        etats = lire_etats(session, reservation)
        ecarts = ecarts_de(session, reservation, etats, instant)
        compte = decompte_de(session, reservation, etats, ecarts, le=instant)
        phrases = ecarts.phrases() if ecarts is not None else []
        dit = {**(etat.convenu or {}), **compte.document(), "ecarts": phrases}
    etat.signer(**noms, convenu=dit, le=instant)
    if etat.km is not None:
        recule = etat.vehicule.km is not None and etat.km < etat.vehicule.km
        noter_km(
            session, etat.vehicule, etat.km, par=par, le=instant, correction=compteur_confirme and recule
        )
    session.flush()
    session.add(
        consigner(
            par,
            Evenement.ETAT_DES_LIEUX_SIGNE,
            etat,
            le=instant,
            moment=etat.moment.value,
            reservation=reservation.id,
            km=etat.km,
        )
    )
    if etat.moment is Moment.REMISE and reservation.statut is StatutReservation.CONFIRMEE:
        reservations.remettre(session, reservation, par=par, le=instant)
    if etat.moment is Moment.RETOUR and reservation.statut is StatutReservation.REMISE:
        reservations.rendre(session, reservation, par=par, le=instant)


def ajouter_remarque(
    session: Session, etat: EtatDesLieux, *, par: Acteur, nom: str, texte: str, cle: str
) -> None:
    """Say something after the signature; sent twice it is kept once."""
    if any(remarque.cle_idempotence == cle for remarque in etat.remarques):
        return
    etat.remarques.append(
        RemarqueEtat(etat_id=etat.id, ecrite_par=par.id, nom=nom, texte=texte, cle_idempotence=cle)
    )
    session.flush()
    session.add(consigner(par, Evenement.REMARQUE_AJOUTEE, etat, moment=etat.moment.value))


def clore(
    session: Session,
    reservation: Reservation,
    *,
    par: Acteur,
    sort: SortCaution,
    retenue_centimes: int | None = None,
    motif: str = "",
    le: datetime | None = None,
) -> None:
    """Close a booking: the return is signed and what became of the deposit is noted.

    Raises ``RetourNonSigne``, ``ReservationDejaTraitee``, or ``DonneeRefusee`` for more than was agreed on,
    and for a deposit that was seen and would be forgotten.
    """
    instant = le or maintenant()
    etats = lire_etats(session, reservation)
    if etats.retour is None or not etats.retour.signe:
        raise RetourNonSigne
    caution = caution_de(session, reservation, etats)
    if sort is SortCaution.SANS_OBJET and caution and reservation.caution_vue_le is not None:
        vue = f"{reservation.caution_vue_le:%d/%m/%Y}"
        raise DonneeRefusee("sort", f"La caution a été vue le {vue} : dites si elle est rendue ou retenue.")
    if retenue_centimes is not None and retenue_centimes > caution:
        dite = f"La caution est de {euros(caution / 100)}" if caution else "Il n'y a pas de caution"
        raise DonneeRefusee("retenue", f"{dite} : on ne peut pas retenir plus.")
    reservations.clore(session, reservation, par=par, le=instant)
    conclue = CautionConclue(
        reservation_id=reservation.id,
        sort=sort,
        retenue_centimes=retenue_centimes,
        motif=motif,
        notee_par=par.id,
        notee_le=instant,
    )
    session.add(conclue)
    session.flush()
    session.add(
        consigner(
            par, Evenement.CAUTION_CONCLUE, conclue, le=instant, sort=sort.value, retenue=retenue_centimes
        )
    )
