"""Is the service running at that hour? Windows of hours, midnight included."""

from __future__ import annotations

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
    if heure is None:
        return heure_non_dite(voyage)
    sur, possible = (duree.max, duree.min) if duree else (0.0, 0.0)
    if any(contient(plage, jour, *_fenetre(heure, sur, aller)) for plage in offre.horaires):
        if duree is None:
            return Motif(
                "horaires",
                Verdict.A_VERIFIER,
                "L'heure convient, mais le temps de trajet n'est pas connu.",
                (Manque("le temps de trajet", offre.structure or "le partenaire"),),
            )
        return Motif("horaires", Verdict.OUI, f"Roule le {jour.libelle} à {en_heure(heure)}.")
    if any(contient(plage, jour, *_fenetre(heure, possible, aller)) for plage in offre.horaires):
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


def contient(plage: Plage, jour: Jour, debut: float, fin: float) -> bool:
    """Whether a window covers [debut, fin] of a day; windows and trips may cross midnight."""
    veille = SEMAINE[(jour.rang - 1) % 7]
    ouverture, fermeture = plage.de, plage.a if plage.a > plage.de else plage.a + 1440
    if jour in plage.jours and ouverture <= debut and fin <= fermeture:
        return True
    return veille in plage.jours and ouverture <= debut + 1440 and fin + 1440 <= fermeture
