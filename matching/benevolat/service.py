"""One volunteer trip on the clock: when she is picked up and set down, and the roads it takes.

Travel times may be ranges. What is promised holds even on a slow day (``debut``, ``fin``); what is
surely taken holds even on a fast one (``debut_tard``, ``fin_tot``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from mobilite.besoin import Minute
from mobilite.lieux import Accessibilite, Couple, Lieu, Mode, Trajet
from mobilite.parametres import Parametres
from mobilite.transport_solidaire import BenevoleConnu, CourseAFaire, Engagement, Fauteuil

MINUTES_DU_JOUR = 1440


@dataclass(frozen=True, slots=True)
class Etape:
    """A part of a volunteer's day spent with somebody: hours, places, km with her aboard, wait."""

    id: str
    jour: date
    debut: Minute
    debut_tard: Minute
    fin_tot: Minute
    fin: Minute
    de: Lieu
    a: Lieu
    km_min: float = 0.0
    km_max: float = 0.0
    attente: float = 0.0
    engagee: bool = False

    @property
    def km(self) -> float:
        """The km with her aboard, the middle of their range."""
        return (self.km_min + self.km_max) / 2


class Routes:
    """Every drive that some volunteers and some trips may need, asked in one batch."""

    def __init__(
        self,
        accessibilite: Accessibilite,
        benevoles: Iterable[BenevoleConnu],
        courses: Iterable[CourseAFaire],
    ) -> None:
        couples = set(_couples(tuple(benevoles), tuple(courses)))
        self._trajets = dict(accessibilite.trajets(sorted(couples, key=repr), Mode.VOITURE))

    def entre(self, de: Lieu, a: Lieu) -> Trajet | None:
        """The drive, or ``None`` when nobody can tell."""
        return self._trajets.get((de, a))


def _couples(benevoles: Sequence[BenevoleConnu], courses: Sequence[CourseAFaire]) -> Iterable[Couple]:
    domiciles = {b.domicile for b in benevoles}
    bouts: defaultdict[date, set[Lieu]] = defaultdict(set)
    for course in courses:
        bouts[course.jour] |= {course.de, course.a}
    for benevole in benevoles:
        for engagement in benevole.engagements:
            if engagement.jour in bouts:
                bouts[engagement.jour] |= {engagement.de, engagement.a}
    for lieux in bouts.values():
        for ici in lieux:
            yield from ((ici, la) for la in lieux)
            yield from ((ici, domicile) for domicile in domiciles)
            yield from ((domicile, ici) for domicile in domiciles)


def etape_de(course: CourseAFaire, routes: Routes, p: Parametres) -> Etape | None:
    """The trip on the clock, ``None`` when no drive time is known.

    Boarding is counted before the drive; with a wheelchair or somebody to walk with, at both ends.
    """
    aller = routes.entre(course.de, course.a)
    retour = routes.entre(course.a, course.de) if course.repart_a is not None else None
    if aller is None or (course.repart_a is not None and retour is None):
        return None
    aide = p["solidaire.aide_min"] if _demande_du_temps(course) else 0.0
    monter, descendre = p["solidaire.prise_en_charge_min"] + aide, aide
    if course.arriver_a is not None:
        debut = course.arriver_a - descendre - aller.duree.max - monter
        debut_tard = course.arriver_a - descendre - aller.duree.min - monter
        arrivee_tot = arrivee = float(course.arriver_a)
    else:
        debut = debut_tard = float(course.partir_a or 0)
        arrivee_tot = debut + monter + aller.duree.min + descendre
        arrivee = debut + monter + aller.duree.max + descendre
    km_min, km_max, attente = aller.km_min, aller.km_max, 0.0
    fin_tot, fin = arrivee_tot, arrivee
    if course.repart_a is not None and retour is not None:
        attente = max(0.0, course.repart_a - (arrivee_tot + arrivee) / 2)
        fin_tot = max(course.repart_a, arrivee_tot) + monter + retour.duree.min + descendre
        fin = max(course.repart_a, arrivee) + monter + retour.duree.max + descendre
        km_min, km_max = km_min + retour.km_min, km_max + retour.km_max
    return Etape(
        id=course.id,
        jour=course.jour,
        debut=floor(debut),
        debut_tard=floor(debut_tard),
        fin_tot=max(ceil(fin_tot), floor(debut_tard) + 1),
        fin=max(ceil(fin), floor(debut_tard) + 1),
        de=course.de,
        a=course.de if course.repart_a is not None else course.a,
        km_min=km_min,
        km_max=km_max,
        attente=attente,
    )


def _demande_du_temps(course: CourseAFaire) -> bool:
    """Whether boarding takes longer; nobody having said about a wheelchair counts as if it did."""
    return course.aide.accompagnement or course.aide.fauteuil is not Fauteuil.AUCUN


def etape_engagee(engagement: Engagement, rang: int) -> Etape:
    """A trip the volunteer already has: its km are in her month, only its hours and places count."""
    return Etape(
        id=f"engagement-{rang}",
        jour=engagement.jour,
        debut=engagement.debut,
        debut_tard=engagement.debut_tard,
        fin_tot=engagement.fin_tot,
        fin=engagement.fin,
        de=engagement.de,
        a=engagement.a,
        engagee=True,
    )


def journee_engagee(benevole: BenevoleConnu, jour: date) -> tuple[Etape, ...]:
    """What a volunteer already has that day, in order."""
    siens = (e for e in benevole.engagements if e.jour == jour)
    etapes = (etape_engagee(engagement, rang) for rang, engagement in enumerate(siens))
    return tuple(sorted(etapes, key=ordre))


def ordre(etape: Etape) -> tuple[Minute, Minute, str]:
    """How the parts of a day follow each other."""
    return etape.debut_tard, etape.fin, etape.id
