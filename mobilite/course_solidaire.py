"""The trips of the volunteers: proposed, accepted, driven; never two at once for one volunteer.

Pick-up and drop-off are promised at hours that hold even on a slow day (``prise_en_charge``,
``depose``); ``debut`` to ``fin``, half-open, is what is surely taken even on a fast one. All in UTC.
The guard against two trips at once is in the database, on the sure part; the drive between two trips
is the engine's (``matching``), judged again under the lock of the volunteer's row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    Update,
    false,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobilite.acteur import Acteur
from mobilite.base import PARIS, Base, Identifie, garder, maintenant
from mobilite.benevole import Benevole
from mobilite.besoin import Minute
from mobilite.demande_transport import DemandeDeTransport, StatutDemande, demandes_de_transport_visibles_par
from mobilite.droit.rapport_prefet import TrajetRealise
from mobilite.erreurs import DonneeRefusee, RegleMetier
from mobilite.lieux import Lieu
from mobilite.transport_solidaire import Engagement, Sens
from mobilite.verdict import Motif, Verdict


class StatutCourse(StrEnum):
    """Where a trip stands. The first three take the volunteer's time."""

    PROPOSEE = "proposee"
    ACCEPTEE = "acceptee"
    CONDUITE = "conduite"
    REFUSEE = "refusee"
    ANNULEE = "annulee"

    @property
    def libelle(self) -> str:
        """The status in French."""
        return {
            "proposee": "Proposée, en attente de sa réponse",
            "acceptee": "Acceptée",
            "conduite": "Trajet fait",
            "refusee": "Refusée",
            "annulee": "Annulée",
        }[self.value]


ENGAGENT = (StatutCourse.PROPOSEE, StatutCourse.ACCEPTEE, StatutCourse.CONDUITE)
"""The statuses that take the time of a volunteer, and of the part of the request they serve."""

SUITES: Mapping[StatutCourse, frozenset[StatutCourse]] = {
    StatutCourse.PROPOSEE: frozenset({StatutCourse.ACCEPTEE, StatutCourse.REFUSEE, StatutCourse.ANNULEE}),
    StatutCourse.ACCEPTEE: frozenset({StatutCourse.CONDUITE, StatutCourse.ANNULEE}),
}
"""What each status may become; the others are final."""


class EtatDemande(StrEnum):
    """Where a request stands, its trips looked at."""

    CHERCHE = "cherche"
    PROPOSEE = "proposee"
    EN_PARTIE = "en_partie"
    ACCEPTEE = "acceptee"
    CONDUITE = "conduite"
    SANS_BENEVOLE = "sans_benevole"
    ANNULEE = "annulee"
    PASSEE = "passee"

    @property
    def libelle(self) -> str:
        """The state in French."""
        return {
            "cherche": "On cherche un bénévole",
            "proposee": "Proposée, en attente de réponse",
            "en_partie": "Un trajet accepté, l'autre à trouver",
            "acceptee": "Acceptée",
            "conduite": "Trajet fait",
            "sans_benevole": "Pas de bénévole cette fois",
            "annulee": "Annulée",
            "passee": "Le jour est passé sans bénévole",
        }[self.value]


class CourseDejaTraitee(RegleMetier):
    """Somebody was first: the trip is no longer what the screen showed."""

    code = "course_deja_traitee"

    def __init__(self, statut: StatutCourse) -> None:
        super().__init__(f"Ce trajet a changé entre-temps. Il est maintenant : {statut.libelle.lower()}.")
        self.statut = statut


class BenevoleDejaPris(RegleMetier):
    """This volunteer has another trip at that time."""

    code = "benevole_deja_pris"

    def __init__(self) -> None:
        super().__init__("Cette personne a déjà un trajet à cette heure-là. Choisissez un autre bénévole.")


class CourseDejaPourvue(RegleMetier):
    """Another volunteer has already been given this part of the request."""

    code = "course_deja_pourvue"

    def __init__(self) -> None:
        super().__init__("Quelqu'un d'autre vient d'être proposé pour ce trajet.")


_SANS_CHEVAUCHEMENT = "ex_course_solidaire_sans_chevauchement"
_UN_BENEVOLE_PAR_SENS = "uq_course_solidaire_un_benevole_par_sens"
_ENGAGE = "statut IN ('proposee', 'acceptee', 'conduite')"


class CourseSolidaire(Identifie, Base, kw_only=True):
    """One trip given to one volunteer, and what became of it.

    ``km_prevus`` counts approach and empty return; once driven, ``km_total`` is the odometer's and
    ``km_avec_elle`` the part with her aboard. The transition methods check the object in memory and
    return the compare-and-swap statement: run it and make sure exactly one row changed.
    """

    __tablename__ = "course_solidaire"
    __table_args__ = (
        CheckConstraint("prise_en_charge <= debut AND debut < fin AND fin <= depose", name="dans_l_ordre"),
        CheckConstraint(
            "statut <> 'conduite' OR (km_total IS NOT NULL AND km_avec_elle IS NOT NULL"
            " AND participation_centimes IS NOT NULL)",
            name="conduite_comptee",
        ),
        CheckConstraint("km_avec_elle BETWEEN 0 AND km_total", name="km"),
        CheckConstraint("participation_centimes >= 0", name="participation"),
        Index(None, "benevole_id", "debut"),
        Index(
            _UN_BENEVOLE_PAR_SENS,
            "demande_id",
            "sens",
            unique=True,
            sqlite_where=text(_ENGAGE),
            postgresql_where=text(_ENGAGE),
        ),
        ExcludeConstraint(
            (text("int8range(benevole_id, benevole_id, '[]')"), "&&"),
            (text("tstzrange(debut, fin, '[)')"), "&&"),
            where=text(_ENGAGE),
            using="gist",
            name=_SANS_CHEVAUCHEMENT,
        ).ddl_if(dialect="postgresql"),
    )

    demande_id: Mapped[int] = mapped_column(ForeignKey("demande_transport.id"), index=True)
    demande: Mapped[DemandeDeTransport] = relationship(init=False, lazy="joined", innerjoin=True)
    benevole_id: Mapped[int] = mapped_column(ForeignKey("benevole.id"))
    benevole: Mapped[Benevole] = relationship(init=False, lazy="joined", innerjoin=True)
    sens: Mapped[Sens]
    prise_en_charge: Mapped[datetime]
    debut: Mapped[datetime]
    fin: Mapped[datetime]
    depose: Mapped[datetime]
    km_prevus: Mapped[float]
    statut: Mapped[StatutCourse] = mapped_column(default=StatutCourse.PROPOSEE)
    proposee_par: Mapped[int]
    proposee_le: Mapped[datetime] = mapped_column(default_factory=maintenant)
    repondue_le: Mapped[datetime | None] = mapped_column(default=None)
    motif: Mapped[str] = mapped_column(default="")
    km_total: Mapped[float | None] = mapped_column(default=None)
    km_avec_elle: Mapped[float | None] = mapped_column(default=None)
    participation_centimes: Mapped[int | None] = mapped_column(default=None)
    places_vehicule: Mapped[int | None] = mapped_column(default=None)

    @property
    def km(self) -> float:
        """What counts in the volunteer's month: the real km once driven, else those foreseen."""
        return self.km_prevus if self.km_total is None else self.km_total

    def accepter(self, *, le: datetime | None = None) -> Update:
        """The volunteer said yes."""
        return self._passer(StatutCourse.ACCEPTEE, repondue_le=le or maintenant())

    def refuser(self, motif: str, *, le: datetime | None = None) -> Update:
        """The volunteer said no, and why: for the association only."""
        return self._passer(StatutCourse.REFUSEE, repondue_le=le or maintenant(), motif=motif.strip())

    def annuler(self, motif: str = "") -> Update:
        """It will not take place: the volunteer is free again."""
        return self._passer(StatutCourse.ANNULEE, motif=motif.strip())

    def conduire(
        self,
        *,
        km_total: float,
        km_avec_elle: float,
        participation_centimes: int,
        participation: Motif,
        le: datetime | None = None,
    ) -> Update:
        """It took place: real km and what she paid, which ``participation`` says is lawful or not.

        Raises ``DonneeRefusee`` naming the field.
        """
        if (le or maintenant()) < self.prise_en_charge:
            raise DonneeRefusee("km_total", "ce trajet n'a pas encore eu lieu.")
        if not 0 < km_avec_elle <= km_total:
            raise DonneeRefusee("km_avec_elle", "elle ne peut pas dépasser les kilomètres en tout.")
        if participation.verdict is Verdict.NON:
            raise DonneeRefusee("participation", f"{participation.phrase} {participation.changerait}".strip())
        places = self.benevole.places
        return self._passer(
            StatutCourse.CONDUITE,
            km_total=km_total,
            km_avec_elle=km_avec_elle,
            participation_centimes=participation_centimes,
            places_vehicule=None if places is None else places + 1,
        )

    def engagement(self) -> Engagement:
        """What it takes of the volunteer's day, for the engine."""
        demande, inverse = self.demande, self.sens is Sens.RETOUR
        de = Lieu(demande.arrivee if inverse else demande.depart)
        a = Lieu(demande.depart if inverse or self.sens is Sens.ALLER_RETOUR else demande.arrivee)
        jour = self.demande.jour
        return Engagement(
            jour=jour,
            debut=_minute_du(jour, self.prise_en_charge),
            debut_tard=_minute_du(jour, self.debut),
            fin_tot=_minute_du(jour, self.fin),
            fin=_minute_du(jour, self.depose),
            de=de,
            a=a,
        )

    def trajets_realises(self) -> tuple[TrajetRealise, ...]:
        """What the préfet is told of it, once driven: one trip a way, without any name."""
        if self.km_avec_elle is None or self.participation_centimes is None:
            return ()
        bouts = [(self.demande.depart, self.demande.arrivee), (self.demande.arrivee, self.demande.depart)]
        faits = {Sens.ALLER: bouts[:1], Sens.RETOUR: bouts[1:], Sens.ALLER_RETOUR: bouts}[self.sens]
        part, reste = divmod(self.participation_centimes, len(faits))
        personne = self.demande.personne_id
        return tuple(
            TrajetRealise(
                date=self.demande.jour,
                depart_insee=depart,
                arrivee_insee=arrivee,
                km=round(self.km_avec_elle / len(faits), 1),
                passagers=self.demande.passagers,
                critere=self.demande.critere,
                participation_centimes=part + (reste if rang == 0 else 0),
                vehicule=f"voiture du bénévole {self.benevole_id}",
                benevole_numero=str(self.benevole_id),
                places=self.places_vehicule,
                personnes=frozenset() if personne is None else frozenset({str(personne)}),
            )
            for rang, (depart, arrivee) in enumerate(faits)
        )

    def _passer(self, suite: StatutCourse, **valeurs: Any) -> Update:
        if suite not in SUITES.get(self.statut, frozenset()):
            raise CourseDejaTraitee(self.statut)
        return (
            update(CourseSolidaire)
            .where(CourseSolidaire.id == self.id, CourseSolidaire.statut == self.statut)
            .values(statut=suite, **valeurs)
            .execution_options(synchronize_session=False)
        )


def instant_du(jour: date, minute: Minute) -> datetime:
    """The instant of a minute of a local day, on the clock of the wall, in UTC."""
    return (datetime(jour.year, jour.month, jour.day, tzinfo=PARIS) + timedelta(minutes=minute)).astimezone(
        UTC
    )


def _minute_du(jour: date, instant: datetime) -> Minute:
    local = instant.astimezone(PARIS)
    return (local.date() - jour).days * 1440 + local.hour * 60 + local.minute


def sens_a_pourvoir(demande: DemandeDeTransport, courses: Collection[CourseSolidaire]) -> tuple[Sens, ...]:
    """The trips of a request that no volunteer has been given yet."""
    pris = {course.sens for course in courses if course.statut in ENGAGENT}
    return tuple(sens for sens in demande.retour.sens if sens not in pris)


def etat_de(
    demande: DemandeDeTransport, courses: Collection[CourseSolidaire], aujourdhui: date
) -> EtatDemande:
    """Where a request stands on a day, from its own status and its trips."""
    if demande.statut is not StatutDemande.OUVERTE:
        return EtatDemande(demande.statut.value)
    actives = [course.statut for course in courses if course.statut in ENGAGENT]
    tout = not sens_a_pourvoir(demande, courses)
    if tout and all(statut is StatutCourse.CONDUITE for statut in actives):
        return EtatDemande.CONDUITE
    if tout and StatutCourse.PROPOSEE not in actives:
        return EtatDemande.ACCEPTEE
    if demande.jour < aujourdhui and StatutCourse.ACCEPTEE not in actives:
        return EtatDemande.PASSEE
    if StatutCourse.ACCEPTEE in actives or StatutCourse.CONDUITE in actives:
        return EtatDemande.EN_PARTIE
    return EtatDemande.PROPOSEE if actives else EtatDemande.CHERCHE


def courses_visibles_par(acteur: Acteur) -> Select[CourseSolidaire]:
    """The trips of the requests somebody may open."""
    demandes = (
        demandes_de_transport_visibles_par(acteur).order_by(None).with_only_columns(DemandeDeTransport.id)
    )
    return (
        select(CourseSolidaire)
        .where(CourseSolidaire.demande_id.in_(demandes))
        .order_by(CourseSolidaire.debut, CourseSolidaire.id)
    )


def courses_des(benevoles: Collection[int], depuis: datetime) -> Select[CourseSolidaire]:
    """What these volunteers have been given from ``depuis`` on."""
    visible: ColumnElement[bool] = CourseSolidaire.benevole_id.in_(benevoles) if benevoles else false()
    return (
        select(CourseSolidaire)
        .where(visible, CourseSolidaire.statut.in_(ENGAGENT), CourseSolidaire.depose > depuis)
        .order_by(CourseSolidaire.debut, CourseSolidaire.id)
    )


def courses_conduites(structure_id: int, annee: int) -> Select[CourseSolidaire]:
    """The trips an association's volunteers drove in a year, for the report to the préfet."""
    return (
        select(CourseSolidaire)
        .join(DemandeDeTransport, DemandeDeTransport.id == CourseSolidaire.demande_id)
        .where(
            DemandeDeTransport.structure_id == structure_id,
            CourseSolidaire.statut == StatutCourse.CONDUITE,
            DemandeDeTransport.jour.between(date(annee, 1, 1), date(annee, 12, 31)),
        )
        .order_by(CourseSolidaire.debut, CourseSolidaire.id)
    )


def regle_de(erreur: IntegrityError) -> RegleMetier | None:
    """The refusal behind what the database refused; ``None`` when it is something else."""
    texte = str(erreur.orig)
    if _SANS_CHEVAUCHEMENT in texte:
        return BenevoleDejaPris()
    # SQLite names the columns of an index, not the index.
    if _UN_BENEVOLE_PAR_SENS in texte or "course_solidaire.demande_id, course_solidaire.sens" in texte:
        return CourseDejaPourvue()
    return None


_GARDE_SQLITE = """CREATE TRIGGER {nom} BEFORE {quand} ON course_solidaire
WHEN NEW.statut IN ('proposee', 'acceptee', 'conduite') AND EXISTS (
    SELECT 1 FROM course_solidaire AS autre
    WHERE autre.benevole_id = NEW.benevole_id AND autre.id IS NOT {moi}
      AND autre.statut IN ('proposee', 'acceptee', 'conduite')
      AND autre.debut < NEW.fin AND NEW.debut < autre.fin)
BEGIN SELECT RAISE(ABORT, 'ex_course_solidaire_sans_chevauchement'); END"""

GARDES_SQLITE = (
    _GARDE_SQLITE.format(nom="course_solidaire_sans_chevauchement_insert", quand="INSERT", moi="NEW.id"),
    _GARDE_SQLITE.format(nom="course_solidaire_sans_chevauchement_update", quand="UPDATE", moi="OLD.id"),
)
garder(CourseSolidaire.__table__, sqlite=GARDES_SQLITE)
