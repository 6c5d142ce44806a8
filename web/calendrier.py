"""The calendar of the vehicles of an offer: which days are free, for how long, and why the others are not.

Three queries whatever the number of vehicles and days, then one pass over each vehicle's bookings. The
days it calls free are those a request would be given: a test asks both and compares them.
"""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mobilite.base import PARIS, ce_jour, jour_local, maintenant
from mobilite.disponibilite import occupations
from mobilite.document import Champ
from mobilite.erreurs import DonneeRefusee
from mobilite.flotte import Vehicule, dernier_jour, immobilisations
from mobilite.offre import Offre
from mobilite.reservation import DUREE_MAX, Reservation
from web.reservations import regles_de

UN_JOUR = timedelta(days=1)
MOIS_MONTRES = 13
"""How far one may leaf: the current month and the twelve that follow, as far as a request may go."""


class EtatJour(StrEnum):
    """What a day is for somebody who would like to leave that day. The first ones are the best."""

    LIBRE = "libre"
    TROP_COURT = "trop_court"
    FERME = "ferme"
    TROP_PROCHE = "trop_proche"
    A_RENDRE = "a_rendre"
    PRIS = "pris"
    HORS_SERVICE = "hors_service"

    @property
    def libelle(self) -> str:
        """The state in French."""
        return _LIBELLES[self]

    @property
    def signe(self) -> str:
        """The sign that says it without colour."""
        return _SIGNES[self]

    @property
    def explication(self) -> str:
        """What it means for whoever chooses her days."""
        return _EXPLICATIONS[self]


_LIBELLES: Mapping[EtatJour, str] = {
    EtatJour.LIBRE: "libre",
    EtatJour.TROP_COURT: "pas assez de jours",
    EtatJour.FERME: "fermé",
    EtatJour.TROP_PROCHE: "trop proche",
    EtatJour.A_RENDRE: "pas encore prêt",
    EtatJour.PRIS: "pris",
    EtatJour.HORS_SERVICE: "hors service",
}
_SIGNES: Mapping[EtatJour, str] = {
    EtatJour.LIBRE: "○",
    EtatJour.TROP_COURT: "◔",
    EtatJour.FERME: "–",
    EtatJour.TROP_PROCHE: "·",
    EtatJour.A_RENDRE: "↩",
    EtatJour.PRIS: "✕",
    EtatJour.HORS_SERVICE: "⚠",
}
_EXPLICATIONS: Mapping[EtatJour, str] = {
    EtatJour.LIBRE: "on peut partir ce jour-là",
    EtatJour.TROP_COURT: "libre ce jour-là, mais pas aussi longtemps",
    EtatJour.FERME: "on ne remet pas les clés ce jour-là",
    EtatJour.TROP_PROCHE: "il faut demander plus longtemps avant",
    EtatJour.A_RENDRE: "il rentre ou on le prépare ce jour-là",
    EtatJour.PRIS: "quelqu’un l’a déjà, ou on le prépare",
    EtatJour.HORS_SERVICE: "il ne roule pas ce jour-là",
}
_RANGS = {etat: rang for rang, etat in enumerate(EtatJour)}


@dataclass(frozen=True, slots=True)
class VehiculeDuCalendrier:
    """A vehicle as the calendar needs it: when it may run, and when it is taken, in order.

    ``prises`` ends when the vehicle is ready for the next person; an ``arrets`` without end is one of
    which nobody knows the end.
    """

    uuid: UUID
    libelle: str
    en_service: bool = True
    roule_des_le: date | None = None
    roule_jusqu_au: date | None = None
    arrets: tuple[tuple[datetime, datetime | None], ...] = ()
    prises: tuple[tuple[datetime, datetime], ...] = ()

    def roule(self, debut: datetime, fin: datetime) -> bool:
        """Whether it may be on the road from ``debut`` until ``fin`` (excluded)."""
        if not self.en_service:
            return False
        if self.roule_des_le is not None and jour_local(debut) < self.roule_des_le:
            return False
        if self.roule_jusqu_au is not None and self.roule_jusqu_au < dernier_jour(fin):
            return False
        return not any(de < fin and (a is None or debut < a) for de, a in self.arrets)


@dataclass(frozen=True, slots=True)
class RegleDesJours:
    """What the fleet asks of the days: notice, days of handover, time to get a vehicle ready again."""

    premier_depart: date
    tampon: timedelta = timedelta()
    remet: Callable[[date], bool] = lambda _jour: True
    reprend: Callable[[date], bool] = lambda _jour: True


@dataclass(frozen=True, slots=True)
class Jour:
    """One day. ``vehicule`` is one that is free for the whole stay, when there is one."""

    le: date
    etat: EtatJour
    vehicule: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plage:
    """Days in a row that are the same."""

    du: date
    au: date
    etat: EtatJour


@dataclass(frozen=True, slots=True)
class Mois:
    """A month as a table: whole weeks from Monday; ``None`` for the days of its neighbours and those past."""

    premier: date
    semaines: tuple[tuple[Jour | None, ...], ...]

    @property
    def jours(self) -> list[Jour]:
        """Its days, in order."""
        return [jour for semaine in self.semaines for jour in semaine if jour is not None]

    @property
    def etats(self) -> list[EtatJour]:
        """The states its legend has to explain."""
        return sorted({jour.etat for jour in self.jours}, key=lambda etat: _RANGS[etat])

    @property
    def plages(self) -> list[Plage]:
        """The same month in words: runs of days in the same state."""
        runs = [list(run) for _, run in groupby(self.jours, key=lambda jour: jour.etat)]
        return [Plage(run[0].le, run[-1].le, run[0].etat) for run in runs]

    @property
    def libres(self) -> list[Plage]:
        """The runs of days on which one may leave."""
        return [plage for plage in self.plages if plage.etat is EtatJour.LIBRE]


@dataclass(frozen=True, slots=True)
class Calendrier:
    """The months shown for a stay of ``duree`` days, and the months before and after, if one may leaf."""

    mois: tuple[Mois, ...]
    duree: int
    avant: date | None
    apres: date | None
    vehicules: tuple[VehiculeDuCalendrier, ...]

    @property
    def etats(self) -> list[EtatJour]:
        """The states its legend has to explain."""
        return sorted({etat for mois in self.mois for etat in mois.etats}, key=lambda etat: _RANGS[etat])


def jours_entiers(debut: date, jours: int) -> tuple[datetime, datetime]:
    """Whole local days: from the first one at midnight to the day after the last one at midnight."""
    return minuit(debut), minuit(debut + timedelta(days=jours))


def minuit(jour: date) -> datetime:
    """The instant a day begins, in France."""
    return datetime(jour.year, jour.month, jour.day, tzinfo=PARIS)


def juger_les_jours(
    vehicule: VehiculeDuCalendrier, jours: Sequence[date], duree: int, regle: RegleDesJours
) -> Iterator[Jour]:
    """The state of each day (in order) for one vehicle and a stay of ``duree`` days from that day on."""
    prises, rang = vehicule.prises, 0
    for le in jours:
        debut, fin = jours_entiers(le, duree)
        while rang < len(prises) and prises[rang][1] <= debut:
            rang += 1
        prochaine = prises[rang][0] if rang < len(prises) else None
        lendemain = minuit(le + UN_JOUR)
        if not vehicule.roule(debut, lendemain):
            etat = EtatJour.HORS_SERVICE
        elif prochaine is not None and prochaine < lendemain:
            etat = EtatJour.PRIS if _pris_la_nuit(prises, rang, lendemain) else EtatJour.A_RENDRE
        elif le < regle.premier_depart:
            etat = EtatJour.TROP_PROCHE
        elif not regle.remet(le):
            etat = EtatJour.FERME
        else:
            retour = le + timedelta(days=duree - 1)
            tient = prochaine is None or fin + regle.tampon <= prochaine
            possible = tient and regle.reprend(retour) and vehicule.roule(debut, fin)
            etat = EtatJour.LIBRE if possible else EtatJour.TROP_COURT
        yield Jour(le, etat, vehicule.uuid if etat is EtatJour.LIBRE else None)


def _pris_la_nuit(prises: Sequence[tuple[datetime, datetime]], rang: int, lendemain: datetime) -> bool:
    """Whether somebody still has it when the day ends."""
    while rang < len(prises) and prises[rang][0] < lendemain:
        if prises[rang][1] > lendemain:
            return True
        rang += 1
    return False


def n_importe_lequel(
    vehicules: Collection[VehiculeDuCalendrier], jours: Sequence[date], duree: int, regle: RegleDesJours
) -> list[Jour]:
    """Each day at its best among the vehicles: free when one of them is free for the whole stay."""
    par_vehicule = [list(juger_les_jours(vehicule, jours, duree, regle)) for vehicule in vehicules]
    if not par_vehicule:
        return [Jour(le, EtatJour.HORS_SERVICE) for le in jours]
    return [min(du_jour, key=lambda jour: _RANGS[jour.etat]) for du_jour in zip(*par_vehicule, strict=True)]


def calendrier(
    session: Session,
    offre: Offre,
    *,
    duree: int,
    regle: RegleDesJours,
    vehicule: UUID | None = None,
    premier_mois: date | None = None,
    combien: int = 1,
    sauf: int | None = None,
    admis: Callable[[Vehicule], bool] = lambda _vehicule: True,
    le: datetime | None = None,
) -> Calendrier:
    """``combien`` months from ``premier_mois`` on, of one vehicle of the offer or of any of them.

    Without ``premier_mois``, from the month of the first day one may leave.

    Nothing in it says who has a vehicle. ``sauf`` is a booking that does not count: one being moved.
    ``admis``: which vehicles she may have at all; the others are not shown.
    """
    instant = le or maintenant()
    aujourdhui = jour_local(instant)
    ce_mois = aujourdhui.replace(day=1)
    dernier = plus_de_mois(ce_mois, MOIS_MONTRES - 1)
    voulu = premier_mois or max(aujourdhui, regle.premier_depart)
    premier = min(max(voulu.replace(day=1), ce_mois), dernier)
    mois = [plus_de_mois(premier, rang) for rang in range(combien)]
    jours = [jour for m in mois for jour in _jours_du_mois(m) if aujourdhui <= jour <= aujourdhui + DUREE_MAX]
    # Until the vehicle is ready again after a stay that begins on the last day shown.
    dernier_retour = minuit(plus_de_mois(mois[-1], 1) + timedelta(days=duree)) + regle.tampon
    flotte = vehicules_du_calendrier(session, offre.id, instant, dernier_retour, sauf, admis)
    choisis = [v for v in flotte if vehicule is None or v.uuid == vehicule]
    juges = {jour.le: jour for jour in n_importe_lequel(choisis, jours, duree, regle)}
    apres = plus_de_mois(premier, combien)
    return Calendrier(
        mois=tuple(en_semaines(m, juges) for m in mois),
        duree=duree,
        avant=max(plus_de_mois(premier, -combien), ce_mois) if premier > ce_mois else None,
        apres=apres if apres <= dernier else None,
        vehicules=tuple(flotte),
    )


def vehicules_du_calendrier(
    session: Session,
    offre_id: int,
    instant: datetime,
    jusqu_a: datetime,
    sauf: int | None = None,
    admis: Callable[[Vehicule], bool] = lambda _vehicule: True,
) -> list[VehiculeDuCalendrier]:
    """The vehicles of an offer and when they are taken, from now to ``jusqu_a``: three queries in all."""
    tous = select(Vehicule).where(Vehicule.offre_id == offre_id).order_by(Vehicule.libelle, Vehicule.id)
    flotte = [v for v in session.scalars(tous) if admis(v)]
    ids = [v.id for v in flotte]
    prises: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    retenues = occupations(ids, instant).where(Reservation.debut < jusqu_a)
    if sauf is not None:
        retenues = retenues.where(Reservation.id != sauf)
    for vehicule_id, debut, libre_le in session.execute(retenues):
        prises[vehicule_id].append((debut, libre_le))
    arrets: defaultdict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for vehicule_id, debut, fin, _ in session.execute(immobilisations(ids, instant, jusqu_a)):
        arrets[vehicule_id].append((debut, fin))
    return [_du_calendrier(v, arrets[v.id], prises[v.id]) for v in flotte]


def _du_calendrier(
    vehicule: Vehicule,
    arrets: Sequence[tuple[datetime, datetime | None]],
    prises: Sequence[tuple[datetime, datetime]],
) -> VehiculeDuCalendrier:
    limite = vehicule.dernier_jour_sur_la_route
    return VehiculeDuCalendrier(
        uuid=vehicule.uuid,
        libelle=vehicule.libelle,
        en_service=vehicule.en_service,
        roule_des_le=vehicule.entre_le,
        roule_jusqu_au=limite[0] if limite else None,
        arrets=tuple(arrets),
        prises=tuple(_sans_recouvrement(prises)),
    )


def _sans_recouvrement(
    prises: Sequence[tuple[datetime, datetime]],
) -> Iterator[tuple[datetime, datetime]]:
    """The same time taken, in ranges apart: one given back early may still be drying under the next."""
    en_cours: tuple[datetime, datetime] | None = None
    for debut, fin in prises:
        if en_cours is not None and debut < en_cours[1]:
            en_cours = (en_cours[0], max(en_cours[1], fin))
            continue
        if en_cours is not None:
            yield en_cours
        en_cours = (debut, fin)
    if en_cours is not None:
        yield en_cours


def en_semaines(premier: date, jours: Mapping[date, Jour]) -> Mois:
    """A month as a table of weeks, from the days that were judged."""
    return Mois(
        premier,
        tuple(
            tuple(jours.get(jour) if jour.month == premier.month else None for jour in semaine)
            for semaine in Calendar().monthdatescalendar(premier.year, premier.month)
        ),
    )


def _jours_du_mois(premier: date) -> Iterator[date]:
    jour = premier
    while jour.month == premier.month:
        yield jour
        jour += UN_JOUR


def plus_de_mois(premier: date, combien: int) -> date:
    """The first day of the month so many months later."""
    rang = premier.year * 12 + premier.month - 1 + combien
    return date(rang // 12, rang % 12 + 1, 1)


def lire_mois(texte: str) -> date | None:
    """The month behind « 2026-12 », if it is one that can be shown."""
    try:
        return Champ(f"{texte}-01", "mois").date()
    except DonneeRefusee:
        return None


def regle_de(session: Session, offre: Offre, premier_depart: date) -> RegleDesJours:
    """What the rules of an offer ask of the days."""
    regles = regles_de(session, offre)
    return RegleDesJours(
        premier_depart=max(premier_depart, regles.premier_depart(ce_jour())),
        tampon=regles.tampon,
        remet=regles.ouvre,
        reprend=regles.ouvre,
    )
