"""A line with its departures: is there one that day, at that hour, between the two communes?"""

from __future__ import annotations

from matching.horaires import heure_non_dite
from matching.voyage import Examen, Voyage
from mobilite.besoin import LieuLibre, Minute, en_heure
from mobilite.candidate import Candidate, Course
from mobilite.parametres import Parametres
from mobilite.verdict import Duree, Manque, Motif, Verdict


def en_ligne(offre: Candidate, voyage: Voyage, examen: Examen) -> tuple[Motif, Duree | None]:
    """The reason of one trip by a line, and its minutes when a departure serves it."""
    depart, destination, nom = voyage.depart, examen.besoin.destination, examen.contexte.nom
    if depart is None or isinstance(destination, LieuLibre):
        return _desserte_inconnue(offre, voyage, examen), None
    de, vers = (depart.insee, destination.insee) if voyage.aller else (destination.insee, depart.insee)
    desserte = [c for c in offre.courses if c.de == de and c.a == vers]
    if not desserte:
        return Motif(
            "desserte",
            Verdict.NON,
            f"Aucune course de {nom(de)} à {nom(vers)}.",
            changerait="Rejoindre un arrêt de la ligne.",
        ), None
    du_jour = [c for c in desserte if voyage.jour in c.jours]
    if not du_jour:
        return Motif(
            "horaires",
            Verdict.NON,
            f"Pas de course le {voyage.jour.libelle} de {nom(de)} à {nom(vers)}.",
            changerait="Un autre jour.",
        ), None
    if voyage.heure is None:
        return heure_non_dite(voyage), None
    return _meilleure_course(du_jour, voyage.heure, voyage.aller, examen.contexte.parametres)


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


def _meilleure_course(
    courses: list[Course], heure: Minute, aller: bool, p: Parametres
) -> tuple[Motif, Duree | None]:
    def attente(course: Course) -> int:
        return heure - course.arrivee if aller else course.depart - heure

    a_l_heure = [c for c in courses if attente(c) >= 0]
    if not a_l_heure:
        proche = max(courses, key=attente)
        quand = f"arrive à {en_heure(proche.arrivee)}" if aller else f"part à {en_heure(proche.depart)}"
        retard = -attente(proche)
        return Motif(
            "horaires",
            Verdict.NON,
            f"La course la plus proche {quand}, pour {en_heure(heure)} : {retard} min de décalage.",
            changerait=f"Si {retard} min de décalage sont acceptées au lieu de rendez-vous.",
        ), None
    choisie = min(a_l_heure, key=attente)
    minutes = (choisie.arrivee - choisie.depart) % 1440
    marche = 2 * p["trajet.acces_arret_max_min"]
    duree = Duree(minutes, minutes + marche, "horaire de la ligne, marche jusqu'à l'arrêt estimée")
    texte = f"Départ {en_heure(choisie.depart)}, arrivée {en_heure(choisie.arrivee)}"
    if attente(choisie) > p["trajet.attente_impossible_min"]:
        return Motif(
            "horaires",
            Verdict.NON,
            f"{texte} : {attente(choisie)} min d'attente.",
            changerait="Un autre horaire de rendez-vous, ou une autre solution dans ce sens.",
        ), duree
    if attente(choisie) > p["trajet.attente_max_min"]:
        return Motif(
            "horaires",
            Verdict.A_VERIFIER,
            f"{texte} : {attente(choisie)} min d'attente.",
            (Manque(f"si {attente(choisie)} min d'attente lui conviennent", "la personne"),),
        ), duree
    return Motif("horaires", Verdict.OUI, f"{texte}."), duree
