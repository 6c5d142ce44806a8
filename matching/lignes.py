"""A line with its departures: is there one that day, at that hour, between the two communes?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.horaires import heure_non_dite
from matching.regle import Lecture
from matching.voyage import Examen, Voyage
from mobilite.besoin import SEMAINE, Jour, LieuLibre, en_heure
from mobilite.candidate import Candidate, Course
from mobilite.parametres import Parametres
from mobilite.verdict import Duree, Manque, Motif, Verdict


def en_ligne(offre: Candidate, voyage: Voyage, examen: Examen) -> tuple[Motif, Duree | None]:
    """The reason of one trip by a line, and its minutes when a departure serves it."""
    depart, destination, mots = voyage.depart, examen.besoin.destination, examen.contexte
    if depart is None or isinstance(destination, LieuLibre):
        return _desserte_inconnue(offre, voyage, examen), None
    de, vers = (depart.insee, destination.insee) if voyage.aller else (destination.insee, depart.insee)
    desserte = [c for c in offre.courses if c.de == de and c.a == vers]
    if not desserte:
        return Motif(
            "desserte",
            Verdict.NON,
            f"Aucune course {mots.de(de)} {mots.a(vers)}.",
            changerait="Rejoindre un arrêt de la ligne.",
        ), None
    du_jour = [CourseDatee(c, c.depart) for c in desserte if voyage.jour in c.jours]
    if voyage.heure is None:
        return (heure_non_dite(voyage) if du_jour else _pas_ce_jour(voyage, mots.de(de), mots.a(vers))), None
    p = examen.contexte.parametres
    choisie = course_du_trajet(desserte, voyage, p)
    if choisie is not None:
        return _course_choisie(choisie, voyage, p)
    if not du_jour:
        return _pas_ce_jour(voyage, mots.de(de), mots.a(vers)), None
    return _hors_d_heure(du_jour, voyage), None


def course_du_trajet(desserte: Iterable[Course], voyage: Voyage, p: Parametres) -> CourseDatee | None:
    """The departure that makes her wait least, among those that serve the hour of this trip."""
    limite = p["trajet.attente_impossible_min"]
    autour = [d for d in _courses_datees(desserte, voyage.jour) if 0 <= d.attente(voyage) <= limite]
    return min(autour, key=lambda d: d.attente(voyage), default=None)


def classer_les_lignes(lecture: Lecture, voyage: Voyage, examen: Examen) -> npt.NDArray[np.int64]:
    """The class of each line for one trip: 1 for those that share one answer, its own for each other."""
    depart, destination = voyage.depart, examen.besoin.destination
    classes = np.ones(len(lecture.premiers), np.int64)
    classes[0] = 0
    if depart is None:
        return classes
    if isinstance(destination, LieuLibre):
        classes[lecture.prepare("bouts", _par_bout).get((depart.insee, voyage.aller), [])] = 2
        return classes
    de, vers = (depart.insee, destination.insee) if voyage.aller else (destination.insee, depart.insee)
    rangs = lecture.prepare("courses", _par_course).get((de, vers), [])
    classes[rangs] = np.arange(2, 2 + len(rangs))
    return classes


def lit_les_courses(offre: Candidate) -> Hashable:
    """The departures of a line; ``None`` for the other offers."""
    return offre.courses or None


def lignes_qui_touchent(lecture: Lecture, insee: str) -> list[int]:
    """The lines of a reading of departures that leave a commune, or come to it."""
    bouts = lecture.prepare("bouts", _par_bout)
    return sorted({*bouts.get((insee, True), ()), *bouts.get((insee, False), ())})


def _par_course(premiers: Sequence[Candidate | None]) -> dict[tuple[str, str], list[int]]:
    """The lines that go from a commune to another."""
    index: dict[tuple[str, str], list[int]] = {}
    for rang, offre in enumerate(premiers):
        for couple in {(c.de, c.a) for c in offre.courses} if offre else ():
            index.setdefault(couple, []).append(rang)
    return index


def _par_bout(premiers: Sequence[Candidate | None]) -> dict[tuple[str, bool], list[int]]:
    """The lines that leave a commune (``True``), or come to it (``False``)."""
    index: dict[tuple[str, bool], list[int]] = {}
    for rang, offre in enumerate(premiers):
        courses = offre.courses if offre else ()
        for bout in {(c.de, True) for c in courses} | {(c.a, False) for c in courses}:
            index.setdefault(bout, []).append(rang)
    return index


@dataclass(frozen=True, slots=True)
class CourseDatee:
    """A departure and its hour, in minutes from the midnight that starts the day of the trip."""

    course: Course
    depart: int

    @property
    def minutes(self) -> int:
        """From stop to stop; a departure may arrive after midnight."""
        return (self.course.arrivee - self.course.depart) % 1440

    def attente(self, voyage: Voyage) -> int:
        """Minutes spent waiting at the other end; negative when it comes too late, or left too early."""
        heure = voyage.heure or 0
        return heure - self.depart - self.minutes if voyage.aller else self.depart - heure


def _courses_datees(courses: Iterable[Course], jour: Jour) -> list[CourseDatee]:
    """The departures of the day, of the evening before and of the next morning."""
    return [
        CourseDatee(course, 1440 * decalage + course.depart)
        for course in courses
        for decalage in (-1, 0, 1)
        if SEMAINE[(jour.rang + decalage) % 7] in course.jours
    ]


def _pas_ce_jour(voyage: Voyage, de: str, vers: str) -> Motif:
    return Motif(
        "horaires",
        Verdict.NON,
        f"Pas de course le {voyage.jour.libelle} {de} {vers}.",
        changerait="Un autre jour.",
    )


def _desserte_inconnue(offre: Candidate, voyage: Voyage, examen: Examen) -> Motif:
    """One end is not a known commune: a line that never passes by the other end is out all the same."""
    depart = voyage.depart
    if depart is not None and not any((c.de if voyage.aller else c.a) == depart.insee for c in offre.courses):
        return Motif(
            "desserte",
            Verdict.NON,
            f"Aucune course {'depuis' if voyage.aller else 'vers'} {examen.contexte.nom(depart.insee)}.",
            changerait="Rejoindre un arrêt de la ligne.",
        )
    return Motif(
        "desserte",
        Verdict.A_VERIFIER,
        "La desserte est à vérifier.",
        (Manque("si la ligne dessert ce trajet", offre.structure or "le partenaire"),),
    )


def _hors_d_heure(departs: list[CourseDatee], voyage: Voyage) -> Motif:
    """None comes in time: how far the nearest one is from the hour."""
    a_l_heure = [d for d in departs if d.attente(voyage) >= 0]
    if a_l_heure:
        proche = min(a_l_heure, key=lambda d: d.attente(voyage))
        return Motif(
            "horaires",
            Verdict.NON,
            f"{_dire(proche)} : {proche.attente(voyage)} min d'attente.",
            changerait="Un autre horaire de rendez-vous, ou une autre solution dans ce sens.",
        )
    proche = max(departs, key=lambda d: d.attente(voyage))
    course, retard = proche.course, -proche.attente(voyage)
    quand = f"arrive à {en_heure(course.arrivee)}" if voyage.aller else f"part à {en_heure(course.depart)}"
    return Motif(
        "horaires",
        Verdict.NON,
        f"La course la plus proche {quand}, pour {en_heure(voyage.heure or 0)} : {retard} min de décalage.",
        changerait=f"Si {retard} min de décalage sont acceptées au lieu de rendez-vous.",
    )


def _course_choisie(choisie: CourseDatee, voyage: Voyage, p: Parametres) -> tuple[Motif, Duree]:
    marche = 2 * p["trajet.acces_arret_max_min"]
    methode = "horaire de la ligne, marche jusqu'à l'arrêt estimée"
    duree, attente = Duree(choisie.minutes, choisie.minutes + marche, methode), choisie.attente(voyage)
    if attente > p["trajet.attente_max_min"]:
        return Motif(
            "horaires",
            Verdict.A_VERIFIER,
            f"{_dire(choisie)} : {attente} min d'attente.",
            (Manque(f"si {attente} min d'attente lui conviennent", "la personne"),),
        ), duree
    return Motif("horaires", Verdict.OUI, f"{_dire(choisie)}."), duree


def _dire(datee: CourseDatee) -> str:
    return f"Départ {en_heure(datee.course.depart)}, arrivée {en_heure(datee.course.arrivee)}"
