"""May she have this offer at all? Its conditions, the law, her zone, room for her, the place."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from matching.effort import NE_FAIT_PAS_DE_VELO, avis_medical
from matching.eligibilite import examiner
from matching.faisabilite import zone_d_arrivee
from matching.groupe import lit_le_fauteuil, lit_les_places, place_pour_fauteuil, places_pour_le_groupe
from matching.place import lit_la_place, place_confirmee, premier_jour_possible
from matching.regle import RegleDAcces
from matching.temps import categorie
from matching.voyage import Examen
from mobilite.candidate import Candidate, Genre, VehiculeDecrit
from mobilite.conditions import SANS_CONDITION, exigences
from mobilite.droit.permis import peut_conduire
from mobilite.faits import FAITS, dire_valeur
from mobilite.verdict import Manque, Motif, Verdict


def motifs_d_acces(offre: Candidate, examen: Examen) -> list[Motif]:
    """Every reason about her and the place, in the order of the rules."""
    return [m for r in REGLES_D_ACCES if r.lit(offre) is not None for m in r.dit(offre, examen)]


def _conditions(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    return examiner(offre.conditions, examen.faits, examen.contexte, examen.connus)


def _lit_les_conditions(offre: Candidate) -> Hashable:
    return None if offre.conditions == SANS_CONDITION or _selon_le_motif(offre) else offre.conditions


def _lit_les_conditions_de_motif(offre: Candidate) -> Hashable:
    return offre.conditions if _selon_le_motif(offre) else None


def _selon_le_motif(offre: Candidate) -> bool:
    return any(exige.fait.nom == "motif" for exige in exigences(offre.conditions))


def _droit(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """The law says « le partenaire »; here we know which one."""
    situation = examen.situation
    vehicule = offre.vehicule or VehiculeDecrit(categorie(offre))
    motif = peut_conduire(situation.permis, situation.annee_naissance, vehicule, examen.contexte.parametres)
    manques = tuple(
        replace(m, qui=offre.structure) if m.qui == "le partenaire" and offre.structure else m
        for m in motif.manques
    )
    yield replace(motif, manques=manques)


def _lit_le_vehicule(offre: Candidate) -> Hashable:
    if not offre.genre.conduite:
        return None
    return categorie(offre), offre.vehicule and offre.vehicule.boite


def _sante(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    if categorie(offre).moteur:
        yield from avis_medical(examen.faits)
        return
    sait = examen.faits.get("sait_faire_velo")
    if sait is None:
        question = examen.contexte.question("sait_faire_velo")
        yield Motif(
            "velo",
            Verdict.A_VERIFIER,
            "Il faut savoir faire du vélo, et le pouvoir.",
            (Manque(FAITS["sait_faire_velo"].libelle, "la personne", question.code),),
        )
    elif sait is False:
        yield NE_FAIT_PAS_DE_VELO


def _lit_le_moteur(offre: Candidate) -> Hashable:
    return categorie(offre).moteur if offre.genre.conduite else None


def _motif_du_besoin(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    besoin = examen.besoin
    if besoin.motif is None:
        yield Motif(
            "motif",
            Verdict.A_VERIFIER,
            "Réservé à certains motifs de déplacement.",
            (Manque("le motif du déplacement", "la personne", "besoins.motif"),),
        )
    elif besoin.motif.value not in offre.motifs:
        motifs = ", ".join(sorted(dire_valeur(m) for m in offre.motifs))
        yield Motif(
            "motif",
            Verdict.NON,
            f"Réservé à : {motifs} ; ici : {dire_valeur(besoin.motif.value)}.",
            changerait="Un déplacement pour l'un de ces motifs.",
        )


def _lit_les_motifs(offre: Candidate) -> Hashable:
    return offre.motifs or None


def _zone_de_residence(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    residence = examen.faits.get("residence")
    if not isinstance(residence, str):
        question = examen.contexte.question("residence")
        yield Motif(
            "zone",
            Verdict.A_VERIFIER,
            "Réservé aux habitants d'une zone : sa commune n'est pas dite.",
            (Manque("la commune de rattachement", "la personne", question.code),),
        )
    elif offre.zone is not None and residence not in offre.zone:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Réservé à d'autres communes que {examen.contexte.nom(residence)}.",
            changerait="Habiter une commune de la zone, ou une dérogation.",
        )


def _lit_la_zone_de_residence(offre: Candidate) -> Hashable:
    return offre.zone if offre.genre.conduite or not offre.genre.transporte else None


def _lit_la_zone_d_une_aide(offre: Candidate) -> Hashable:
    return None if offre.genre.transporte else offre.zone_arrivee


def _demarrage(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """When a regular need can begin: before that, the first days are to be arranged otherwise."""
    besoin, le = examen.besoin, examen.contexte.le
    possible = premier_jour_possible(offre, besoin, le)
    if possible <= le or any(p.date for p in besoin.passages):
        return
    phrase, debut = f"Possible à partir du {possible:%d/%m/%Y}", besoin.premier_jour
    if debut is not None and le <= debut < possible:
        quoi = "si un démarrage plus tôt est possible"
        yield Motif(
            "preavis",
            Verdict.A_VERIFIER,
            f"{phrase} ; elle commence le {debut:%d/%m/%Y}.",
            (Manque(quoi, offre.structure or "le partenaire"),),
        )
    elif offre.delai_jours and (debut is None or debut < possible):
        quoi = f"si elle peut attendre le {possible:%d/%m/%Y}"
        yield Motif("preavis", Verdict.A_VERIFIER, f"{phrase}.", (Manque(quoi, "la personne"),))
    elif debut is None or debut < possible:
        yield Motif("preavis", Verdict.OUI, f"{phrase}.")


def _lit_le_delai(offre: Candidate) -> Hashable:
    return (offre.preavis_heures, offre.delai_jours) if offre.genre.transporte else None


def _duree_max(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """An offer that lends for a time: dates spread wider are to be seen, a regular need is warned."""
    assert offre.duree_max_jours is not None
    dates = [p.date for p in examen.besoin.passages if p.date is not None]
    if not dates:
        phrase = f"Pour {offre.duree_max_jours} jours au plus : prévoir la suite."
        yield Motif("duree_max", Verdict.OUI, phrase)
    elif (max(dates) - min(dates)).days >= offre.duree_max_jours:
        yield Motif(
            "duree_max",
            Verdict.A_VERIFIER,
            f"Limité à {offre.duree_max_jours} jours : du {min(dates):%d/%m} au {max(dates):%d/%m}, c'est plus long.",
            (Manque("si plusieurs prêts courts sont possibles", offre.structure or "le partenaire"),),
        )


def _lit_la_duree_max(offre: Candidate) -> Hashable:
    return offre.duree_max_jours if offre.genre.transporte else None


def _fraicheur(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    assert offre.verifiee_le is not None
    age = (examen.contexte.le - offre.verifiee_le).days
    if age > examen.contexte.parametres["confiance.offre_ancienne_jours"]:
        yield Motif(
            "fraicheur",
            Verdict.A_VERIFIER,
            f"Offre vérifiée le {offre.verifiee_le:%d/%m/%Y} : à revérifier.",
            (Manque("si l'offre existe toujours", offre.structure or "le partenaire"),),
        )


def _lit_la_verification(offre: Candidate) -> Hashable:
    return offre.verifiee_le


def _auto_stop(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    yield Motif(
        "auto_stop",
        Verdict.A_VERIFIER,
        "L'auto-stop organisé ne garantit pas l'heure.",
        (Manque("une solution de secours si personne ne s'arrête", "la personne"),),
    )


def _lit_l_auto_stop(offre: Candidate) -> Hashable:
    return True if offre.genre is Genre.AUTO_STOP else None


def _place(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    yield place_confirmee(offre, examen.besoin, examen.contexte)


# What each rule sees of a need.


def _rien(examen: Examen) -> Hashable:
    return ()


def _voit_le_motif(examen: Examen) -> Hashable:
    return examen.besoin.motif


def _voit_qui_vient(examen: Examen) -> Hashable:
    return examen.besoin.avec


def _voit_la_destination(examen: Examen) -> Hashable:
    return examen.besoin.destination


def _voit_les_dates(examen: Examen) -> Hashable:
    besoin = examen.besoin
    return besoin.premier_jour, besoin.connu_le, tuple((p.date, p.nuits) for p in besoin.passages if p.date)


REGLES_D_ACCES = (
    RegleDAcces(_lit_les_conditions, _rien, _conditions),
    RegleDAcces(_lit_les_conditions_de_motif, _voit_le_motif, _conditions),
    RegleDAcces(_lit_le_vehicule, _rien, _droit),
    RegleDAcces(_lit_le_moteur, _rien, _sante),
    RegleDAcces(_lit_les_motifs, _voit_le_motif, _motif_du_besoin),
    RegleDAcces(_lit_la_zone_de_residence, _rien, _zone_de_residence),
    RegleDAcces(lit_le_fauteuil, _voit_qui_vient, place_pour_fauteuil),
    RegleDAcces(lit_les_places, _voit_qui_vient, places_pour_le_groupe),
    RegleDAcces(_lit_la_zone_d_une_aide, _voit_la_destination, zone_d_arrivee),
    RegleDAcces(_lit_le_delai, _voit_les_dates, _demarrage),
    RegleDAcces(_lit_la_duree_max, _voit_les_dates, _duree_max),
    RegleDAcces(_lit_la_verification, _rien, _fraicheur),
    RegleDAcces(_lit_l_auto_stop, _rien, _auto_stop),
    RegleDAcces(lit_la_place, _voit_les_dates, _place),
)
"""In the order their reasons are told: the first that refuses, else the first in doubt, decides."""
