"""Is the service running at that hour? Windows of hours, midnight included."""

from __future__ import annotations

from functools import lru_cache

from matching.voyage import Voyage
from mobilite.besoin import SEMAINE, Jour, Minute, Plage, en_heure
from mobilite.candidate import Candidate
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
    return any(ouverture <= debut and fin <= fermeture for ouverture, fermeture in _ouvertures(plages, jour))


@lru_cache(maxsize=4096)  # the same few windows are read for every day of every need
def _ouvertures(plages: tuple[Plage, ...], jour: Jour) -> tuple[tuple[int, int], ...]:
    """When it is open around a day, in minutes from that midnight, windows that touch joined.

    23:59 touches 00:00: it is how a whole day is written.
    """
    jours = range(-2, 3)
    fenetres = sorted(
        (1440 * decalage + p.de, 1440 * decalage + (p.a if p.a > p.de else p.a + 1440))
        for p in plages
        for decalage in jours
        if SEMAINE[(jour.rang + decalage) % 7] in p.jours
    )
    jointes: list[tuple[int, int]] = []
    for ouverture, fermeture in fenetres:
        if jointes and ouverture <= jointes[-1][1] + 1:
            jointes[-1] = (jointes[-1][0], max(jointes[-1][1], fermeture))
        else:
            jointes.append((ouverture, fermeture))
    return tuple(jointes)
