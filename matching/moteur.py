"""From a situation and a catalogue to reasoned propositions: the story, told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from matching.aides import aides_du_besoin
from matching.classement import classer
from matching.combinaisons import combiner
from matching.contexte import Contexte
from matching.cout import cout_de
from matching.couverture import couverture
from matching.effort import NE_FAIT_PAS_DE_VELO, avis_medical
from matching.eligibilite import examiner
from matching.faisabilite import grille, zone_d_arrivee
from matching.groupe import place_pour_le_groupe
from matching.moyens import MoyenExamine, examiner_moyens
from matching.place import place_confirmee, premier_jour_possible
from matching.proposition import BesoinExamine, JourCouvert, Proposition, Reponse
from matching.questions import prochaine_etape, questions_utiles
from matching.score import Bareme, contributions, poids_de
from matching.temps import Temps, categorie, mode_de
from matching.troncons import Combinaison
from matching.voyage import Examen
from mobilite.besoin import Besoin, Situation
from mobilite.candidate import Candidate, Genre, VehiculeDecrit
from mobilite.droit.permis import peut_conduire
from mobilite.faits import FAITS, Faits, dire_valeur
from mobilite.verdict import Manque, Motif, Verdict, tous, un_de

_ORDRE = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}


def proposer(
    situation: Situation,
    faits: Faits,
    offres: Sequence[Candidate],
    contexte: Contexte,
    poids: Mapping[str, float] | None = None,
) -> Reponse:
    """What is possible for this person, for each of her needs, and why or why not.

    Every offer of the catalogue gets an answer for every need: nothing is removed, the order of
    ``offres`` is indifferent. ``poids`` replaces the weights in force (the adviser moved one).
    """
    temps = Temps(situation, contexte.accessibilite)
    examines = tuple(
        _examiner_besoin(
            Examen(besoin, situation, _avec_le_motif(faits, besoin), temps, contexte),
            offres,
            poids or poids_de(contexte.parametres),
        )
        for besoin in situation.besoins
    )
    questions = questions_utiles(examines, contexte)
    moyens_connus = situation.moyens is not None
    return Reponse(examines, questions, prochaine_etape(examines, questions, moyens_connus=moyens_connus))


def _avec_le_motif(faits: Faits, besoin: Besoin) -> Faits:
    return faits if besoin.motif is None else {**faits, "motif": besoin.motif.value}


def _examiner_besoin(
    examen: Examen, offres: Sequence[Candidate], poids: Mapping[str, float]
) -> BesoinExamine:
    bareme = Bareme(poids, examen.faits, aides_du_besoin(examen), examen.contexte.parametres)
    jugees = [juger(offre, examen, bareme) for offre in offres]
    moyens = examiner_moyens(examen)
    combinaisons = combiner(examen, jugees, moyens)
    jours = _jours(examen, jugees, moyens, combinaisons)
    return BesoinExamine(examen.besoin, jours, moyens, classer(jugees), combinaisons)


def juger(offre: Candidate, examen: Examen, bareme: Bareme) -> Proposition:
    """One offer for one need: the reasons about her, about the place, about the trip."""
    motifs = list(_motifs_d_acces(offre, examen))
    acces = tous(m.verdict for m in motifs)
    cases = grille(offre, examen) if offre.genre.transporte else ()
    motifs += couverture(cases) if cases else [_ne_transporte_pas(offre)]
    durees = [case.duree for case in cases if case.duree is not None]
    duree = max(durees, key=lambda d: (d.max, d.min), default=None)
    trajet = examen.trajet(examen.trajets[0][0], mode_de(offre))
    cout = cout_de(offre, examen.besoin, trajet, examen.contexte.parametres)
    return Proposition(
        offre,
        examen.besoin,
        tous(m.verdict for m in motifs),
        acces,
        tuple(sorted(motifs, key=lambda m: -_ORDRE[m.verdict])),
        cases,
        duree,
        cout,
        contributions(offre, duree, cout, cases, bareme),
    )


def _motifs_d_acces(offre: Candidate, examen: Examen) -> Iterable[Motif]:
    """May she have it at all? The offer's conditions, the law, her zone, the place."""
    situation, faits, contexte = examen.situation, examen.faits, examen.contexte
    yield from examiner(offre.conditions, faits, contexte)
    if offre.genre.conduite:
        vehicule = offre.vehicule or VehiculeDecrit(categorie(offre))
        droit = peut_conduire(situation.permis, situation.annee_naissance, vehicule, contexte.parametres)
        yield _avec_le_bon_code(droit, offre)
        yield from _sante(offre, faits, contexte)
    yield from _motif_du_besoin(offre, examen.besoin)
    if offre.genre.conduite or not offre.genre.transporte:
        yield from _zone_de_residence(offre, faits, contexte)
    if offre.genre.transporte:
        yield from place_pour_le_groupe(offre, examen)
    else:
        yield from zone_d_arrivee(offre, examen)
    yield from _demarrage(offre, examen.besoin, contexte)
    yield from _duree_max(offre, examen.besoin)
    yield from _fraicheur(offre, contexte)
    if offre.genre is Genre.AUTO_STOP:
        yield Motif(
            "auto_stop",
            Verdict.A_VERIFIER,
            "L'auto-stop organisé ne garantit pas l'heure.",
            (Manque("une solution de secours si personne ne s'arrête", "la personne"),),
        )
    yield place_confirmee(offre, examen.besoin, contexte)


def _avec_le_bon_code(motif: Motif, offre: Candidate) -> Motif:
    """The law says « le partenaire »; here we know which one."""
    manques = tuple(
        replace(m, qui=offre.structure) if m.qui == "le partenaire" and offre.structure else m
        for m in motif.manques
    )
    return replace(motif, manques=manques)


def _sante(offre: Candidate, faits: Faits, contexte: Contexte) -> Iterable[Motif]:
    if categorie(offre).moteur:
        yield from avis_medical(faits)
        return
    sait = faits.get("sait_faire_velo")
    if sait is None:
        question = contexte.question("sait_faire_velo")
        yield Motif(
            "velo",
            Verdict.A_VERIFIER,
            "Il faut savoir faire du vélo, et le pouvoir.",
            (Manque(FAITS["sait_faire_velo"].libelle, "la personne", question.code),),
        )
    elif sait is False:
        yield NE_FAIT_PAS_DE_VELO


def _motif_du_besoin(offre: Candidate, besoin: Besoin) -> Iterable[Motif]:
    if not offre.motifs:
        return
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


def _zone_de_residence(offre: Candidate, faits: Faits, contexte: Contexte) -> Iterable[Motif]:
    if offre.zone is None:
        return
    residence = faits.get("residence")
    if not isinstance(residence, str):
        question = contexte.question("residence")
        yield Motif(
            "zone",
            Verdict.A_VERIFIER,
            "Réservé aux habitants d'une zone : sa commune n'est pas dite.",
            (Manque("la commune de rattachement", "la personne", question.code),),
        )
    elif residence not in offre.zone:
        yield Motif(
            "zone",
            Verdict.NON,
            f"Réservé à d'autres communes que {contexte.nom(residence)}.",
            changerait="Habiter une commune de la zone, ou une dérogation.",
        )


def _demarrage(offre: Candidate, besoin: Besoin, contexte: Contexte) -> Iterable[Motif]:
    """When a regular need can begin: before that, the first days are to be arranged otherwise."""
    possible, le = premier_jour_possible(offre, besoin, contexte.le), contexte.le
    if possible <= le or not offre.genre.transporte or any(p.date for p in besoin.passages):
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


def _duree_max(offre: Candidate, besoin: Besoin) -> Iterable[Motif]:
    """An offer that lends for a time: dates spread wider are to be seen, a regular need is warned."""
    if offre.duree_max_jours is None or not offre.genre.transporte:
        return
    dates = [p.date for p in besoin.passages if p.date is not None]
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


def _fraicheur(offre: Candidate, contexte: Contexte) -> Iterable[Motif]:
    if offre.verifiee_le is None:
        return
    age = (contexte.le - offre.verifiee_le).days
    if age > contexte.parametres["confiance.offre_ancienne_jours"]:
        yield Motif(
            "fraicheur",
            Verdict.A_VERIFIER,
            f"Offre vérifiée le {offre.verifiee_le:%d/%m/%Y} : à revérifier.",
            (Manque("si l'offre existe toujours", offre.structure or "le partenaire"),),
        )


def _ne_transporte_pas(offre: Candidate) -> Motif:
    return Motif(
        "complement",
        Verdict.A_VERIFIER,
        f"{offre.genre.libelle} : aide à bouger, mais ne fait pas le trajet.",
        (Manque("le délai et la suite à donner", offre.structure or "le partenaire"),),
    )


def _jours(
    examen: Examen,
    jugees: Sequence[Proposition],
    moyens: Sequence[MoyenExamine],
    combinaisons: Sequence[Combinaison],
) -> tuple[JourCouvert, ...]:
    """Day by day: out by one solution and back by another counts."""
    possibles = [p for p in jugees if p.verdict is not Verdict.NON and p.cases]
    solutions = [(p.acces, p.cases) for p in possibles]
    solutions += [(Verdict.OUI, m.cases) for m in moyens]
    solutions += [(Verdict.OUI, c.cases) for c in combinaisons]
    return tuple(
        JourCouvert(
            passage,
            tous(
                un_de(tous([acces, cases[2 * rang + sens].verdict]) for acces, cases in solutions)
                for sens in (0, 1)
            ),
        )
        for rang, passage in enumerate(examen.passages)
    )
