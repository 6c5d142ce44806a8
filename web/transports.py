"""Volunteers who drive, within a transaction: asked for, proposed, accepted, driven; each with its fact.

Every function that writes runs inside the transaction of its caller, which commits. Order of locks:
the request, then the volunteer; always the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matching.benevolat.semaine import Semaine, repartir
from matching.benevolat.transport import Proposition, classer
from mobilite.acteur import Acteur
from mobilite.base import ce_jour
from mobilite.benevole import Benevole
from mobilite.course_solidaire import (
    CourseDejaTraitee,
    CourseSolidaire,
    StatutCourse,
    courses_des,
    instant_du,
    regle_de,
    sens_a_pourvoir,
)
from mobilite.demande_transport import (
    DemandeClose,
    DemandeDeTransport,
    StatutDemande,
    TransportInterdit,
)
from mobilite.droit.participation_tus import participation_permise
from mobilite.droit.rapport_prefet import CritereTransport
from mobilite.droit.transport_utilite_sociale import TrajetSolidaire, transport_permis
from mobilite.erreurs import RegleMetier
from mobilite.journal import Evenement, consigner
from mobilite.lieux import Lieu, Mode
from mobilite.parametres import parametres
from mobilite.personnes import Personne
from mobilite.transport_solidaire import BenevoleConnu, Engagement, Sens, critere_du_transport
from mobilite.verdict import Motif, Verdict
from web.propositions import situation_de
from web.referentiel import referentiel

AVEC_SON_ACCORD = frozenset({"benevole.disponibilite", "benevole.zone", "benevole.km_mois"})
"""What a volunteer may waive for once, on the telephone; the rest is the law, the car or the clock."""

_CRITERES_VUS = {
    CritereTransport.RESSOURCES: "Ses ressources ou son allocation lui ouvrent le transport solidaire.",
    CritereTransport.RESIDENCE: "Sa commune lui ouvre le transport solidaire pour ce trajet.",
}


class BenevoleNeConvientPas(RegleMetier):
    """The law, the car or the clock says no for this volunteer."""

    code = "benevole_ne_convient_pas"


@dataclass(frozen=True, slots=True)
class Choix:
    """One volunteer for one trip, with the entity behind the value."""

    benevole: Benevole
    proposition: Proposition

    @property
    def avec_accord(self) -> bool:
        """Whether only her own wishes stand in the way: she may say yes for once."""
        refus = {m.regle for m in self.proposition.motifs if m.verdict is Verdict.NON}
        return bool(refus) and refus <= AVEC_SON_ACCORD


def demander(
    session: Session, demande: DemandeDeTransport, personne: Personne, *, par: Acteur
) -> DemandeDeTransport:
    """Keep a request once the law has been asked; the same form sent again gives the first one back.

    Raises ``TransportInterdit`` when the law says no, with what it leaves open.
    """
    deja = session.scalar(
        select(DemandeDeTransport).where(
            DemandeDeTransport.demandee_par == par.id,
            DemandeDeTransport.cle_idempotence == demande.cle_idempotence,
        )
    )
    if deja is not None:
        return deja
    motif, demande.critere = droit_du_trajet(personne, demande.depart, demande.arrivee, demande.jour)
    if motif.verdict is Verdict.NON:
        raise TransportInterdit(f"{motif.phrase} {motif.changerait}".strip())
    demande.droit_verdict, demande.droit_phrase = motif.verdict, motif.phrase
    session.add(demande)
    session.flush()
    session.add(consigner(par, Evenement.TRANSPORT_DEMANDE, demande, jour=demande.jour))
    return demande


def droit_du_trajet(
    personne: Personne, depart: str, arrivee: str, jour: date
) -> tuple[Motif, CritereTransport]:
    """What the law says of a trip for a person on a day, and which criterion opens it to her."""
    connu, le = referentiel(), ce_jour()
    situation = situation_de(personne)
    faits = connu.faits(situation, le)
    couple = (Lieu(depart), Lieu(arrivee))
    trajet = connu.accessibilite(le).trajets([couple], Mode.VOITURE).get(couple)
    residence = faits.get("residence")
    qui = residence if isinstance(residence, str) else None
    contexte, p = connu.contexte(le), parametres(jour)
    motif = transport_permis(
        TrajetSolidaire(
            depart, arrivee, trajet.km_min if trajet else None, trajet.km_max if trajet else None
        ),
        qui,
        faits,
        contexte.petites,
        p,
    )
    critere = critere_du_transport(qui, faits, contexte.petites, p)
    return motif, critere if motif.verdict is Verdict.OUI else CritereTransport.A_VERIFIER


def classement(session: Session, demande: DemandeDeTransport, sens: Sens) -> list[Choix]:
    """The volunteers of the association for one trip of a request, best first."""
    entites, connus = benevoles_connus(session, demande.structure_id, [demande.jour])
    propositions = classer(demande.course_a_faire(sens), connus, referentiel().contexte(ce_jour()))
    return [Choix(entites[p.benevole.id], p) for p in propositions]


def benevoles_connus(
    session: Session, structure_id: int, jours: Collection[date]
) -> tuple[dict[str, Benevole], list[BenevoleConnu]]:
    """The active volunteers as the engine sees them on these days, and the entities by their ``id``."""
    benevoles = session.scalars(
        select(Benevole).where(Benevole.structure_id == structure_id, Benevole.actif).order_by(Benevole.id)
    ).all()
    km: defaultdict[int, defaultdict[tuple[int, int], float]] = defaultdict(lambda: defaultdict(float))
    engagements: defaultdict[int, list[Engagement]] = defaultdict(list)
    depuis = instant_du(min(jours).replace(day=1), 0) - timedelta(days=1)
    for course in session.scalars(courses_des([b.id for b in benevoles], depuis)):
        jour = course.demande.jour
        km[course.benevole_id][jour.year, jour.month] += course.km
        if jour in jours:
            engagements[course.benevole_id].append(course.engagement())
    return {str(b.uuid): b for b in benevoles}, [
        b.connu(_communes(b.zone), km[b.id], engagements[b.id]) for b in benevoles
    ]


def _communes(sirens: Sequence[Any]) -> frozenset[str] | None:
    """The communes of her intercommunalities, ``None`` for anywhere."""
    territoire = referentiel().territoire
    return frozenset(c.insee for siren in sirens for c in territoire.epci(str(siren))) if sirens else None


def proposer(
    session: Session,
    demande: DemandeDeTransport,
    sens: Sens,
    benevole: Benevole,
    *,
    par: Acteur,
    son_accord: bool = False,
) -> CourseSolidaire:
    """Give a trip to a volunteer, who still has to say yes. Judged again under her lock.

    ``son_accord``: she waives her own hours, zone or monthly km for once. Raises
    ``BenevoleNeConvientPas``, ``BenevoleDejaPris``, ``CourseDejaPourvue`` or ``DemandeClose``.
    """
    _verrouiller(session, demande, benevole)
    if demande.statut is not StatutDemande.OUVERTE or sens not in demande.retour.sens:
        raise DemandeClose
    choix = next((c for c in classement(session, demande, sens) if c.benevole.id == benevole.id), None)
    if choix is None:
        raise BenevoleNeConvientPas("Ce bénévole ne conduit plus en ce moment.")
    proposition = choix.proposition
    if proposition.verdict is Verdict.NON and not (choix.avec_accord and son_accord):
        raise BenevoleNeConvientPas(proposition.decisif.phrase)
    etape = proposition.etape
    if etape is None or proposition.km is None:
        raise BenevoleNeConvientPas("Le temps de route n'est pas connu : le trajet ne se propose pas ici.")
    course = CourseSolidaire(
        demande_id=demande.id,
        benevole_id=benevole.id,
        sens=sens,
        prise_en_charge=instant_du(demande.jour, etape.debut),
        debut=instant_du(demande.jour, etape.debut_tard),
        fin=instant_du(demande.jour, etape.fin_tot),
        depose=instant_du(demande.jour, etape.fin),
        km_prevus=round(proposition.km, 1),
        proposee_par=par.id,
    )
    try:
        with session.begin_nested():
            session.add(course)
            session.flush()
    except IntegrityError as erreur:
        if (regle := regle_de(erreur)) is not None:
            raise regle from None
        raise
    session.add(
        consigner(
            par, Evenement.COURSE_PROPOSEE, course, demande=demande.id, benevole=benevole.id, sens=sens.value
        )
    )
    return course


def _verrouiller(session: Session, demande: DemandeDeTransport, benevole: Benevole) -> None:
    """Wait for our turn on the request and the volunteer (SQLite: the transaction itself has waited)."""
    session.refresh(demande, with_for_update=True, attribute_names=["statut"])
    session.refresh(benevole, with_for_update=True, attribute_names=["actif"])


def accepter(session: Session, course: CourseSolidaire, *, par: Acteur) -> None:
    """Note that the volunteer said yes: the person now reads who comes."""
    _conclure(session, course, course.accepter(), par, Evenement.COURSE_ACCEPTEE)


def refuser(session: Session, course: CourseSolidaire, motif: str, *, par: Acteur) -> None:
    """Note that the volunteer said no: the trip is to be given to another."""
    _conclure(session, course, course.refuser(motif), par, Evenement.COURSE_REFUSEE)


def annuler(session: Session, course: CourseSolidaire, motif: str, *, par: Acteur) -> None:
    """Call a trip off: the volunteer is free, the trip is to be given to another."""
    _conclure(session, course, course.annuler(motif), par, Evenement.COURSE_ANNULEE)


def conduire(
    session: Session,
    course: CourseSolidaire,
    *,
    par: Acteur,
    km_total: float,
    km_avec_elle: float,
    participation_centimes: int,
    le: datetime | None = None,
) -> Motif:
    """Note that a trip took place; what the law says of the participation, refused when it says no."""
    participation = participation_permise(
        participation_centimes,
        km_avec_elle,
        parametres(course.demande.jour),
        passagers=course.demande.passagers,
        km_approche=max(0.0, km_total - km_avec_elle),
    )
    ordre = course.conduire(
        km_total=km_total,
        km_avec_elle=km_avec_elle,
        participation_centimes=participation_centimes,
        participation=participation,
        le=le,
    )
    _conclure(
        session,
        course,
        ordre,
        par,
        Evenement.COURSE_CONDUITE,
        km=km_total,
        participation_centimes=participation_centimes,
    )
    return participation


def _conclure(
    session: Session, course: CourseSolidaire, ordre: Update, par: Acteur, quoi: Evenement, **details: Any
) -> None:
    """Run a compare-and-swap and its journal line; ``CourseDejaTraitee`` when somebody was first."""
    resultat = session.execute(ordre)
    change = isinstance(resultat, CursorResult) and resultat.rowcount == 1
    session.refresh(course)
    if not change:
        raise CourseDejaTraitee(course.statut)
    session.add(consigner(par, quoi, course, benevole=course.benevole_id, **details))


def clore(
    session: Session, demande: DemandeDeTransport, statut: StatutDemande, *, par: Acteur, reponse: str = ""
) -> None:
    """Give a request up (``ANNULEE``) or say that nobody can (``SANS_BENEVOLE``): its trips are called off."""
    for course in courses_de(session, [demande])[demande.id]:
        if course.statut in (StatutCourse.PROPOSEE, StatutCourse.ACCEPTEE):
            annuler(session, course, "", par=par)
    _changer(session, demande, demande.clore(statut, reponse))
    evenement = Evenement.TRANSPORT_ANNULE if statut is StatutDemande.ANNULEE else Evenement.TRANSPORT_REFUSE
    session.add(consigner(par, evenement, demande))


def verifier_critere(
    session: Session, demande: DemandeDeTransport, critere: CritereTransport, *, par: Acteur
) -> None:
    """Note that somebody has seen what opens the transport to her."""
    _changer(session, demande, demande.verifier_critere(critere, _CRITERES_VUS[critere], ce_jour()))
    session.add(consigner(par, Evenement.CRITERE_VERIFIE, demande, critere=critere.value))


def _changer(session: Session, demande: DemandeDeTransport, ordre: Update) -> None:
    resultat = session.execute(ordre)
    change = isinstance(resultat, CursorResult) and resultat.rowcount == 1
    session.refresh(demande)
    if not change:
        raise DemandeClose


def courses_de(
    session: Session, demandes: Sequence[DemandeDeTransport]
) -> Mapping[int, list[CourseSolidaire]]:
    """The trips of some requests, oldest first, by the number of the request."""
    par_demande: defaultdict[int, list[CourseSolidaire]] = defaultdict(list)
    for course in session.scalars(
        select(CourseSolidaire)
        .where(CourseSolidaire.demande_id.in_([d.id for d in demandes]))
        .order_by(CourseSolidaire.proposee_le, CourseSolidaire.id)
    ):
        par_demande[course.demande_id].append(course)
    return par_demande


def semaine_de(
    session: Session, structure_id: int, lundi: date
) -> tuple[Semaine, dict[str, Benevole], dict[str, tuple[DemandeDeTransport, Sens]]]:
    """A draft for the trips of a week that have nobody yet, and the entities behind its values."""
    demandes = session.scalars(
        select(DemandeDeTransport)
        .where(
            DemandeDeTransport.structure_id == structure_id,
            DemandeDeTransport.statut == StatutDemande.OUVERTE,
            DemandeDeTransport.jour.between(max(lundi, ce_jour()), lundi + timedelta(days=6)),
        )
        .order_by(DemandeDeTransport.jour, DemandeDeTransport.id)
    ).all()
    prises = courses_de(session, demandes)
    a_donner = {
        course.id: (demande, sens, course)
        for demande in demandes
        for sens in sens_a_pourvoir(demande, prises[demande.id])
        for course in (demande.course_a_faire(sens),)
    }
    entites, connus = benevoles_connus(session, structure_id, [lundi + timedelta(days=n) for n in range(7)])
    semaine = repartir([c for _, _, c in a_donner.values()], connus, referentiel().contexte(ce_jour()))
    return semaine, entites, {numero: (d, s) for numero, (d, s, _) in a_donner.items()}
