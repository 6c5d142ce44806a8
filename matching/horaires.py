"""Is the service running at that hour? Windows of hours, midnight included."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from matching.regle import Lecture
from matching.voyage import Examen, Voyage
from mobilite.besoin import SEMAINE, Jour, Minute, Plage, en_heure
from mobilite.candidate import Candidate
from mobilite.lieux import Mode
from mobilite.verdict import Duree, Manque, Motif, Verdict


def horaires_inconnus(offre: Candidate) -> Motif:
    """Nobody said when this service runs."""
    return Motif(
        "horaires",
        Verdict.A_VERIFIER,
        "Les horaires ne sont pas connus ici.",
        (Manque("les horaires de passage", offre.structure or "le partenaire"),),
    )


def jours_non_dits() -> Motif:
    """Nobody said on which days she goes."""
    return Motif(
        "horaires",
        Verdict.A_VERIFIER,
        "Les jours et les heures ne sont pas dits.",
        (Manque("les jours et les heures du déplacement", "la personne", "besoins.cycle"),),
    )


def heure_non_dite(voyage: Voyage) -> Motif:
    """Nobody said when she has to be there, or when she can leave."""
    quoi = "l'heure d'arrivée" if voyage.aller else "l'heure de retour"
    return Motif(
        "horaires",
        Verdict.A_VERIFIER,
        f"Il manque {quoi}.",
        (Manque(quoi, "la personne", "besoins.cycle"),),
    )


def dans_les_horaires(offre: Candidate, voyage: Voyage, duree: Duree | None) -> Motif:
    """Whether the whole trip fits in the hours of the service, surely, perhaps or not at all."""
    jour, heure, aller = voyage.jour, voyage.heure, voyage.aller
    if offre.horaires is None:
        return horaires_inconnus(offre)
    if not offre.horaires:
        return Motif(
            "horaires", Verdict.NON, "Ne roule pas en ce moment.", changerait="Une reprise du service."
        )
    if heure is None:
        return heure_non_dite(voyage)
    sur, possible = (duree.max, duree.min) if duree else (0.0, 0.0)
    if couvert(offre.horaires, jour, *_fenetre(heure, sur, aller)):
        if duree is None:
            return Motif(
                "horaires",
                Verdict.A_VERIFIER,
                "L'heure convient, mais le temps de trajet n'est pas connu.",
                (Manque("le temps de trajet", offre.structure or "le partenaire"),),
            )
        return Motif("horaires", Verdict.OUI, f"Roule le {jour.libelle} à {en_heure(heure)}.")
    if couvert(offre.horaires, jour, *_fenetre(heure, possible, aller)):
        return Motif(
            "horaires",
            Verdict.A_VERIFIER,
            f"L'heure est juste pour le {jour.libelle} à {en_heure(heure)}.",
            (
                Manque(
                    f"si le {jour.libelle} à {en_heure(heure)} est possible",
                    offre.structure or "le partenaire",
                ),
            ),
        )
    return Motif(
        "horaires",
        Verdict.NON,
        f"Ne roule pas le {jour.libelle} à {en_heure(heure)}{_plages_du_jour(offre.horaires, jour)}.",
        changerait="Un autre horaire, ou une dérogation du partenaire.",
    )


def _plages_du_jour(plages: tuple[Plage, ...], jour: Jour) -> str:
    heures = [f"{en_heure(p.de)}–{en_heure(p.a)}" for p in plages if jour in p.jours]
    return f" (ce jour-là : {', '.join(heures)})" if heures else f" (fermé le {jour.libelle})"


def _fenetre(heure: Minute, duree: float, aller: bool) -> tuple[float, float]:
    return (heure - duree, float(heure)) if aller else (float(heure), heure + duree)


def couvert(plages: tuple[Plage, ...], jour: Jour, debut: float, fin: float) -> bool:
    """Whether windows put end to end cover [debut, fin], in minutes of a day; both may cross midnight."""
    minuit = 1440 * jour.rang
    return any(o <= minuit + debut and minuit + fin <= f for o, f in _ouvertures(plages))


@lru_cache(maxsize=4096)  # the same few windows are read for every day of every need
def _ouvertures(plages: tuple[Plage, ...]) -> tuple[tuple[int, int], ...]:
    """When it is open in a week and two days around, in minutes from Monday 0 h, windows that touch joined.

    23:59 touches 00:00: it is how a whole day is written.
    """
    fenetres = sorted(
        (1440 * rang + p.de, 1440 * rang + (p.a if p.a > p.de else p.a + 1440))
        for p in plages
        for rang in range(-2, 9)
        if SEMAINE[rang % 7] in p.jours
    )
    jointes: list[tuple[int, int]] = []
    for ouverture, fermeture in fenetres:
        if jointes and ouverture <= jointes[-1][1] + 1:
            jointes[-1] = (jointes[-1][0], max(jointes[-1][1], fermeture))
        else:
            jointes.append((ouverture, fermeture))
    return tuple(jointes)


# The same test for every distinct timetable of a catalogue at once. A reading is (permanent, horaires).

_PERMANENT, _INCONNUS, _JAMAIS, _SANS_HEURE, _SUR, _JUSTE, _DEHORS = range(1, 8)


def classer_les_horaires(lecture: Lecture, voyage: Voyage, examen: Examen) -> npt.NDArray[np.int64]:
    """The class of each timetable for one trip: those of a class get the same answer."""
    genres = lecture.prepare("genres", _genres)
    if voyage.heure is None:
        return np.where(genres == _DEHORS, _SANS_HEURE, genres)
    trajet = examen.trajet(voyage, Mode.VOITURE)
    duree = trajet.duree if trajet else examen.duree_saisie(Mode.VOITURE)
    sur, possible = (duree.max, duree.min) if duree else (0.0, 0.0)
    ouvertures, fermetures = lecture.prepare(voyage.jour, partial(_fenetres_du_jour, jour=voyage.jour))
    minuit = 1440 * voyage.jour.rang
    classes = genres.copy()
    for minutes, classe in ((possible, _JUSTE), (sur, _SUR)):
        debut, fin = _fenetre(voyage.heure, minutes, voyage.aller)
        ouvert = ((ouvertures <= minuit + debut) & (minuit + fin <= fermetures)).any(axis=1)
        classes[ouvert] = classe
    return classes


def _genres(premiers: Sequence[Candidate | None]) -> npt.NDArray[np.int64]:
    return np.array([_genre(offre) for offre in premiers], np.int64)


def _genre(offre: Candidate | None) -> int:
    if offre is None:
        return 0
    if offre.permanent:
        return _PERMANENT
    if offre.horaires is None:
        return _INCONNUS
    return _DEHORS if offre.horaires else _JAMAIS


def _fenetres_du_jour(
    premiers: Sequence[Candidate | None], jour: Jour
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Opening and closing minutes, one line a timetable: the windows that hold some minute of the day.

    A trip has one end in its day, so no other window can hold the whole of it.
    """
    debut, fin = 1440 * jour.rang, 1440 * (jour.rang + 1)
    lignes = [
        [(o, f) for o, f in _ouvertures(offre.horaires) if o <= fin and debut <= f]
        if offre is not None and offre.horaires and not offre.permanent
        else []
        for offre in premiers
    ]
    largeur = max(map(len, lignes))
    ouvertures = np.full((len(lignes), largeur), np.inf)
    fermetures = np.full((len(lignes), largeur), -np.inf)
    for rang, fenetres in enumerate(lignes):
        for colonne, (ouverture, fermeture) in enumerate(fenetres):
            ouvertures[rang, colonne], fermetures[rang, colonne] = ouverture, fermeture
    return ouvertures, fermetures
