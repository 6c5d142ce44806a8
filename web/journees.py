"""Half-days of welcome within a transaction: planned, filled without one place too many, concluded for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from mobilite.acteur import Acteur
from mobilite.base import PARIS, jour_local
from mobilite.journal import Evenement, consigner
from mobilite.journee_accueil import (
    CreneauAccueil,
    InscriptionAccueil,
    JourneeAccueil,
    Presence,
    RaisonAbsence,
    inscriptions_de,
    inscrire,
    refus_de,
)
from mobilite.maison_solidarite import MaisonSolidarite
from mobilite.personnes import Personne
from mobilite.prescription import Prescription
from web.orientations import dire_le_rendez_vous
from web.parcours import ouvrir_parcours


def decouper(le: date, debut: time, fin: time, duree_min: int, places: int) -> list[CreneauAccueil]:
    """The slots of a half-day, one after the other; a last one that would end too late is left out."""
    ouverture, fermeture = (datetime.combine(le, heure, PARIS) for heure in (debut, fin))
    pas, creneaux, suivant = timedelta(minutes=duree_min), [], ouverture
    while suivant + pas <= fermeture:
        creneaux.append(CreneauAccueil(debut=suivant, fin=suivant + pas, places=places))
        suivant += pas
    return creneaux


def prevoir(
    session: Session,
    par: Acteur,
    *,
    le: date,
    lieu: str,
    maison: MaisonSolidarite | None,
    partenaires: list[str],
    creneaux: list[CreneauAccueil],
    cle: str,
) -> JourneeAccueil:
    """Plan a half-day. One form sent twice plans one."""
    deja = session.scalars(
        select(JourneeAccueil).where(JourneeAccueil.creee_par == par.id, JourneeAccueil.cle == cle)
    ).one_or_none()
    if deja is not None:
        return deja
    journee = JourneeAccueil(
        le=le,
        lieu=lieu,
        maison_id=maison.id if maison else None,
        partenaires=list(partenaires),
        creee_par=par.id,
        cle=cle,
        creneaux=creneaux,
    )
    session.add(journee)
    session.flush()
    places = sum(c.places for c in creneaux)
    session.add(consigner(par, Evenement.JOURNEE_PREVUE, journee, jour=le, places=places))
    return journee


def annuler(session: Session, journee: JourneeAccueil, par: Acteur, instant: datetime) -> None:
    """It will not take place; who was expected is called one by one, from the list."""
    if journee.annulee_le is None:
        journee.annulee_le = instant
        session.add(consigner(par, Evenement.JOURNEE_ANNULEE, journee))


def restantes(session: Session, journees: Sequence[JourneeAccueil]) -> dict[int, int]:
    """How many places are left in each slot of these days, in one read."""
    lues = session.execute(
        select(InscriptionAccueil.creneau_id, func.count())
        .where(
            InscriptionAccueil.journee_id.in_([j.id for j in journees]),
            InscriptionAccueil.retiree_le.is_(None),
        )
        .group_by(InscriptionAccueil.creneau_id)
    )
    prises = {ligne[0]: ligne[1] for ligne in lues}
    return {c.id: max(0, c.places - prises.get(c.id, 0)) for j in journees for c in j.creneaux}


def inscrire_a(
    session: Session,
    creneau: CreneauAccueil,
    par: Acteur,
    instant: datetime,
    *,
    personne: Personne | None = None,
    prescription: Prescription | None = None,
) -> InscriptionAccueil:
    """Give her a place. Raises ``CreneauComplet``, ``DejaInscrite`` or ``JourneeAnnulee``."""
    inscription = inscrire(creneau, par, instant, personne=personne, prescription=prescription)
    try:
        with session.begin_nested():
            session.add(inscription)
            session.flush()
    except IntegrityError as erreur:
        refus = refus_de(erreur)
        if refus is None:
            raise
        raise refus from erreur
    session.add(consigner(par, Evenement.INSCRITE_A_LA_JOURNEE, inscription, journee=creneau.journee_id))
    return inscription


def inscrites(session: Session, journee: JourneeAccueil) -> Sequence[InscriptionAccueil]:
    """Who is expected, in order of time, with what a list shows of each."""
    return session.scalars(
        inscriptions_de(journee.id).options(
            selectinload(InscriptionAccueil.personne),
            selectinload(InscriptionAccueil.prescription),
            selectinload(InscriptionAccueil.creneau),
        )
    ).all()


def noter_presence(
    session: Session,
    inscription: InscriptionAccueil,
    par: Acteur,
    presence: Presence,
    raison: RaisonAbsence | None,
) -> None:
    """Whether she came; the day she is first met is that of her parcours too."""
    inscription.noter_presence(presence, raison)
    if presence is Presence.VENUE:
        _premier_rendez_vous(session, inscription)
    session.add(
        consigner(
            par,
            Evenement.PRESENCE_NOTEE,
            inscription,
            presence=presence.value,
            raison=inscription.raison_absence.value if inscription.raison_absence else None,
        )
    )


def conclure(
    session: Session,
    inscription: InscriptionAccueil,
    par: Acteur,
    instant: datetime,
    *,
    orientation: str,
    rendez_vous: datetime,
    lieu: str,
    avec: str,
) -> bool:
    """She leaves with an orientation and an appointment, told to her as well. ``False``: it says so already."""
    avant = (inscription.orientation, inscription.rendez_vous, inscription.rendez_vous_avec)
    inscription.conclure(orientation, rendez_vous, lieu=lieu, avec=avec)
    if avant == (inscription.orientation, rendez_vous, inscription.rendez_vous_avec):
        return False
    _premier_rendez_vous(session, inscription)
    session.add(consigner(par, Evenement.REPARTIE_AVEC_UN_RENDEZ_VOUS, inscription, rendez_vous=rendez_vous))
    if inscription.personne is not None and rendez_vous > instant:
        dire_le_rendez_vous(session, inscription, inscription.personne, rendez_vous, lieu, avec, instant)
    return True


def _premier_rendez_vous(session: Session, inscription: InscriptionAccueil) -> None:
    if inscription.personne is None:
        return
    jour = jour_local(inscription.creneau.debut)
    suivi = ouvrir_parcours(session, inscription.personne, jour)
    if suivi.premier_rendez_vous is None or suivi.premier_rendez_vous > jour:
        suivi.premier_rendez_vous = jour
