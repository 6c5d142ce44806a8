"""The exercises of a timetable: which bus to take, and at what hour to leave home."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mobilite.besoin import Jour
from mobilite.candidate import Course, Genre
from mobilite.document import Champ
from mobilite.exercice import Exercice
from mobilite.offre import offres_ouvertes
from web.enonce import Choisir, Enonce, Tableau
from web.formats import heure
from web.referentiel import referentiel

CARS_MAX = 4
ARRETS_MAX = 4
MARCHE_MIN = 10
AVANCE_MIN = 5
_DEMI_HEURE = 30
_NEUF_HEURES = 9 * 60
_INVENTEE = "Fiche inventée pour l'exercice."


@dataclass(frozen=True, slots=True)
class Fiche:
    """A few buses of one line on a Tuesday. ``cars``: departure, then the hours at each stop (or ``None``)."""

    titre: str
    arrets: tuple[str, ...]
    cars: tuple[tuple[int | None, ...], ...]
    source: str

    @property
    def departs(self) -> tuple[int, ...]:
        """When each bus leaves the first stop."""
        return tuple(car[0] for car in self.cars if car[0] is not None)

    @property
    def arrivees(self) -> tuple[int, ...]:
        """When each bus reaches the last stop."""
        return tuple(car[-1] for car in self.cars if car[-1] is not None)

    @property
    def avant(self) -> int:
        """The hour before which one must arrive: only the first bus makes it. Nine o'clock where it fits."""
        premiere, deuxieme = self.arrivees[:2]
        if premiere <= _NEUF_HEURES < deuxieme:
            return _NEUF_HEURES
        ronde = -(-premiere // _DEMI_HEURE) * _DEMI_HEURE
        return ronde if ronde < deuxieme else premiere

    def tableau(self) -> Tableau:
        """The sheet as it is printed at a stop."""
        rangs = range(len(self.arrets))
        return Tableau(
            self.titre,
            tuple(f"Car {rang}" for rang in range(1, len(self.cars) + 1)),
            tuple((self.arrets[r], tuple(_heure(car[r]) for car in self.cars)) for r in rangs),
        )


DE_SECOURS = Fiche(
    "Une ligne de car",
    ("Le village", "Le bourg", "La ville"),
    ((405, 420, 445), (530, 545, 570), (740, 755, 780)),
    _INVENTEE,
)


def fiche_d_ici(session: Session, lieux: Sequence[str]) -> Fiche:
    """A sheet of a line of the catalogue, one that serves ``lieux`` (INSEE) first; else a made-up one."""
    lecteur = referentiel().lecteur_offres
    fiches: list[tuple[int, str, Fiche]] = []
    for offre in session.scalars(offres_ouvertes()):
        if offre.genre is not Genre.CAR_REGULIER:
            continue
        courses = [c for c in lecteur.lire(Champ(offre.document())).courses if Jour.MAR in c.jours]
        source = (
            "Horaires de démonstration, inventés."
            if offre.demonstration
            else f"D'après les horaires de {offre.structure.nom}. Vérifiez avant de partir."
        )
        for de, a in sorted({(c.de, c.a) for c in courses}):
            fiche = _fiche(offre.nom, courses, de, a, source)
            if fiche is not None:
                # Her own stops first, then the longest line.
                points = 10 * (de in lieux) + 10 * (a in lieux) + len(fiche.arrets)
                fiches.append((-points, f"{offre.code}-{de}-{a}", fiche))
    return min(fiches, key=lambda f: f[:2])[2] if fiches else DE_SECOURS


def lire_la_fiche(fiche: Fiche) -> Enonce:
    """« Which bus arrives before nine? »"""
    arrivee = fiche.arrets[-1]
    return Enonce(
        Exercice.HORAIRE,
        (f"C'est mardi. Vous partez de : {fiche.arrets[0]}.", f"Vous allez à : {arrivee}."),
        (
            Choisir(
                "car",
                f"Quel car arrive avant {heure(fiche.avant)} ?",
                tuple(
                    (str(rang), f"Le car {rang}, qui part à {heure(depart)}")
                    for rang, depart in enumerate(fiche.departs, 1)
                ),
                "1",
            ),
        ),
        f"Regardez la ligne « {arrivee} ». Cherchez une heure avant {heure(fiche.avant)}.",
        f"C'est le car 1 : il arrive à {heure(fiche.arrivees[0])}.",
        fiche.source,
        tableau=fiche.tableau(),
    )


def trouver_le_depart(fiche: Fiche) -> Enonce:
    """« At what hour do you leave home? »"""
    part = fiche.departs[0]
    juste = part - MARCHE_MIN - AVANCE_MIN
    heures = (juste, part - MARCHE_MIN // 2, part, part + MARCHE_MIN)
    return Enonce(
        Exercice.DEPART,
        (
            f"Votre car part à {heure(part)}.",
            f"Vous marchez {MARCHE_MIN} minutes pour aller à l'arrêt.",
            f"Vous voulez être à l'arrêt {AVANCE_MIN} minutes avant le car.",
        ),
        (
            Choisir(
                "heure",
                "À quelle heure partez-vous de chez vous ?",
                tuple((str(minute), f"À {heure(minute)}") for minute in heures),
                str(juste),
            ),
        ),
        f"Partez de l'heure du car. Enlevez {AVANCE_MIN} minutes, puis {MARCHE_MIN} minutes.",
        f"{heure(part)} moins {AVANCE_MIN + MARCHE_MIN} minutes : on part à {heure(juste)}.",
        fiche.source,
    )


def _fiche(nom: str, courses: Iterable[Course], de: str, a: str, source: str) -> Fiche | None:
    """The buses that go from one commune to another; ``None`` when there are too few to choose from."""
    par_depart: dict[int, dict[str, int]] = {}
    for course in courses:
        if course.de == de:
            par_depart.setdefault(int(course.depart), {})[course.a] = int(course.arrivee)
    allant = sorted((depart, arrets) for depart, arrets in par_depart.items() if a in arrets)[:CARS_MAX]
    if len(allant) < 2 or allant[0][1][a] >= allant[1][1][a]:
        return None
    premier = allant[0][1]
    entre = sorted((x for x in premier if premier[x] < premier[a]), key=lambda x: premier[x])
    arrets = [*entre[: ARRETS_MAX - 2], a]
    return Fiche(
        nom,
        tuple(referentiel().nom(insee) for insee in (de, *arrets)),
        tuple((depart, *(heures.get(insee) for insee in arrets)) for depart, heures in allant),
        source,
    )


def _heure(minute: int | None) -> str:
    return "—" if minute is None else heure(minute)
