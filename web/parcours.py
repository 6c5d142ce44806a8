"""The parcours around its dates: what falls due, how long things took, the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from geo.couverture import CASE_MIN
from mobilite.base import jour_local
from mobilite.cercle import MembreCercle, membres_du_cercle
from mobilite.diagnostic import Diagnostic
from mobilite.parametres import parametres
from mobilite.parcours import Parcours, Reorientation
from mobilite.personnes import Personne
from mobilite.plan import Action, PlanActions


class GenrePoint(StrEnum):
    """What falls due along a parcours."""

    REVUE = "revue"
    REORIENTATION = "reorientation"
    CONTACT = "contact"

    @property
    def libelle(self) -> str:
        """What to do, in the queue."""
        return {
            "revue": "Faire le point sur le plan",
            "reorientation": "Décider de la réorientation",
            "contact": "Prendre des nouvelles, six mois après",
        }[self.value]


@dataclass(frozen=True, slots=True)
class PointAFaire:
    """One thing due for somebody, by ``avant``.

    ``personne`` is her uuid; ``objet_id`` the row it hangs on (a parcours, or a re-orientation).
    """

    genre: GenrePoint
    personne_id: int
    personne: UUID
    avant: date
    objet_id: int

    def en_retard(self, le: date) -> bool:
        """Whether its day has gone by."""
        return self.avant < le


def points_a_faire(
    session: Session,
    le: date,
    *,
    conseiller_id: int | None = None,
    personne_id: int | None = None,
    suivies: ColumnElement[bool] | None = None,
    jours: int | None = None,
    au_plus: int | None = None,
) -> list[PointAFaire]:
    """What is due by ``le`` or soon after (``suivi.annonce_jours``, or ``jours``), the oldest first.

    ``conseiller_id``: only the people this adviser follows; ``personne_id``: only this person; ``suivies``:
    another condition on the people. ``au_plus``: so many of each kind. Three indexed reads, whatever the
    number of dossiers.
    """
    horizon = le + timedelta(days=int(parametres(le)["suivi.annonce_jours"]) if jours is None else jours)
    siens = [
        colonne == valeur
        for colonne, valeur in ((Personne.conseiller_id, conseiller_id), (Personne.id, personne_id))
        if valeur is not None
    ]
    if suivies is not None:
        siens.append(suivies)
    lus = [
        (GenrePoint.REVUE, _dus(Parcours.prochaine_revue, horizon, Parcours.sortie_le.is_(None))),
        (GenrePoint.CONTACT, _dus(Parcours.contact_prevu, horizon, Parcours.contact_le.is_(None))),
        (GenrePoint.REORIENTATION, _dues(horizon)),
    ]
    points = [
        PointAFaire(genre, elle, uuid, avant, objet)
        for genre, requete in lus
        for elle, uuid, avant, objet in session.execute(requete.where(*siens).limit(au_plus))
        if avant is not None
    ]
    return sorted(points, key=lambda p: (p.avant, p.genre, p.objet_id))


_Dus = Select[int, UUID, date | None, int]


def _dus(jour: InstrumentedAttribute[date | None], horizon: date, ouvert: ColumnElement[bool]) -> _Dus:
    return (
        select(Personne.id, Personne.uuid, jour, Parcours.id)
        .join(Personne, Personne.id == Parcours.personne_id)
        .where(jour <= horizon, ouvert)
        .order_by(jour, Parcours.id)
    )


def _dues(horizon: date) -> _Dus:
    echeance = cast("InstrumentedAttribute[date | None]", Reorientation.echeance)
    return (
        select(Personne.id, Personne.uuid, echeance, Reorientation.id)
        .join(Parcours, Parcours.id == Reorientation.parcours_id)
        .join(Personne, Personne.id == Parcours.personne_id)
        .where(Reorientation.close_le.is_(None), Reorientation.echeance <= horizon)
        .order_by(Reorientation.echeance, Reorientation.id)
    )


def parcours_ouvert(session: Session, personne: Personne) -> Parcours | None:
    """Her parcours today, if one is open."""
    return session.scalars(
        select(Parcours).where(Parcours.personne_id == personne.id, Parcours.sortie_le.is_(None))
    ).one_or_none()


def parcours_de(session: Session, personne: Personne) -> list[Parcours]:
    """Every parcours of somebody, the latest first."""
    return list(
        session.scalars(
            select(Parcours)
            .where(Parcours.personne_id == personne.id)
            .order_by(Parcours.ouvert_le.desc(), Parcours.id.desc())
        )
    )


def ouvrir_parcours(session: Session, personne: Personne, le: date) -> Parcours:
    """Her open parcours, begun if need be: the first one begins with the dossier itself."""
    ouvert = parcours_ouvert(session, personne)
    if ouvert is None:
        deja = session.scalar(select(func.count()).where(Parcours.personne_id == personne.id))
        debut = le if deja else min(jour_local(personne.creee_le), le)
        ouvert = Parcours(personne=personne, ouvert_le=debut)
        session.add(ouvert)
        session.flush()
    return ouvert


def cercle_de(session: Session, personne: Personne, le: date) -> list[MembreCercle]:
    """Who is in her circle on a day; whoever left it is in no list."""
    return list(session.scalars(membres_du_cercle(personne.id, le)))


@dataclass(frozen=True, slots=True)
class Delais:
    """The three days of a parcours, any unknown: sent to us, first met, plan begun."""

    orientation: date | None
    rendez_vous: date | None
    plan: date | None

    @property
    def jusqu_au_rendez_vous(self) -> int | None:
        """Days from being sent to being met."""
        return _ecart(self.orientation, self.rendez_vous)

    @property
    def jusqu_au_plan(self) -> int | None:
        """Days from being met to the first line of the plan."""
        return _ecart(self.rendez_vous, self.plan)


def _ecart(debut: date | None, fin: date | None) -> int | None:
    """Days between two known days in order; a plan older than the meeting says nothing."""
    return None if debut is None or fin is None or fin < debut else (fin - debut).days


def delais_de(session: Session, parcours: Parcours) -> Delais:
    """The days of one parcours. The first diagnostic stands for the first meeting when nobody noted it."""
    return _delais(session, Parcours.id == parcours.id)[0]


def _delais(session: Session, *lesquels: ColumnElement[bool]) -> list[Delais]:
    """The days of each of these parcours, in three reads."""
    suivis = session.execute(
        select(
            Parcours.personne_id, Parcours.ouvert_le, Parcours.oriente_le, Parcours.premier_rendez_vous
        ).where(*lesquels)
    ).all()
    elles = select(Parcours.personne_id).where(*lesquels)
    etapes = _jours(
        session,
        select(PlanActions.personne_id, Action.ajoutee_le)
        .join(Action, Action.plan_id == PlanActions.id)
        .where(PlanActions.personne_id.in_(elles)),
    )
    diagnostics = _jours(
        session,
        select(Diagnostic.personne_id, Diagnostic.commence_le).where(Diagnostic.personne_id.in_(elles)),
    )
    return [
        Delais(
            oriente_le,
            rendez_vous or _premier(diagnostics.get(elle, ()), ouvert_le),
            _premier(etapes.get(elle, ()), ouvert_le),
        )
        for elle, ouvert_le, oriente_le, rendez_vous in suivis
    ]


def _jours(session: Session, requete: Select[int, datetime]) -> dict[int, list[date]]:
    """The days of each person."""
    jours: dict[int, list[date]] = {}
    for elle, instant in session.execute(requete):
        jours.setdefault(elle, []).append(jour_local(instant))
    return jours


def _premier(jours: Sequence[date], depuis: date) -> date | None:
    """The first of these days in this parcours: an earlier one belongs to a former parcours."""
    return min((jour for jour in jours if jour >= depuis), default=None)


@dataclass(frozen=True, slots=True)
class DelaisMesures:
    """The parcours begun by an orientation between two days: how many, and the median days of each step.

    A figure under ``CASE_MIN`` parcours is ``None``: so few people could be recognised.
    """

    nombre: int | None
    rendez_vous: float | None
    plan: float | None


def delais_mesures(session: Session, du: date, au: date) -> DelaisMesures:
    """The delays of everybody sent to us between two days, both included."""
    delais = _delais(session, Parcours.oriente_le >= du, Parcours.oriente_le <= au)
    return DelaisMesures(
        len(delais) if len(delais) >= CASE_MIN else None,
        _mediane([d.jusqu_au_rendez_vous for d in delais]),
        _mediane([d.jusqu_au_plan for d in delais]),
    )


def _mediane(jours: Sequence[int | None]) -> float | None:
    connus = [j for j in jours if j is not None]
    return median(connus) if len(connus) >= CASE_MIN else None


@dataclass(frozen=True, slots=True)
class Suivi:
    """What a dossier says of its parcours at a glance. ``ouvert`` is ``None`` before it begins."""

    ouvert: Parcours | None
    delais: Delais | None
    points: list[PointAFaire]


def suivi_du_dossier(session: Session, personne: Personne, le: date) -> Suivi:
    """Her open parcours, its delays, and what is due for her."""
    ouvert = parcours_ouvert(session, personne)
    points = points_a_faire(session, le, personne_id=personne.id)
    return Suivi(ouvert, delais_de(session, ouvert) if ouvert else None, points)
