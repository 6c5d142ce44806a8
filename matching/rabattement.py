"""A feeder, then a line: her bicycle, a lift or a minibus to the stop, and the coach from there.

The feeder is judged by the same rules as any trip, as a need of its own: to be at the stop before the
departure, and to come home from it. The line is judged as if she lived at the stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from matching.classement import Classement
from matching.cout import Cout
from matching.faisabilite import grille
from matching.lignes import course_du_trajet
from matching.moyens import examiner_moyens
from matching.proposition import Proposition
from matching.solution import (
    Solution,
    avec_l_acces,
    cout_de_l_offre,
    cout_du_moyen,
    cout_total,
    motifs_d_acces,
    troncon,
)
from matching.temps import Temps
from matching.troncons import Troncon
from matching.voyage import Case, Examen
from mobilite.besoin import Depart, EtatMoyen, Moyen, Passage, TypeMoyen
from mobilite.candidate import Candidate, Genre
from mobilite.lieux import Lieu, Mode
from mobilite.parametres import Parametres
from mobilite.verdict import Duree, Manque, Motif, Verdict

_LIGNES_MAX = 4
_ARRETS_MAX = 12
_OFFRES_MAX = 4
_JUSQU_A_L_ARRET = frozenset(
    {TypeMoyen.MARCHE, TypeMoyen.VELO, TypeMoyen.VAE, TypeMoyen.SCOOTER, TypeMoyen.PASSAGER}
)
_OFFRES_JUSQU_A_L_ARRET = frozenset(
    {Genre.LOCATION_VAE, Genre.LOCATION_VELO, Genre.TRANSPORT_A_LA_DEMANDE, Genre.TRANSPORT_SOLIDAIRE}
)
_A_LAISSER = frozenset({TypeMoyen.VELO, TypeMoyen.VAE, TypeMoyen.SCOOTER})
_UN_JOUR = 1440
_A_PIED_A_CONFIRMER = Motif(
    "marche",
    Verdict.A_VERIFIER,
    "Elle n'a pas dit qu'elle pouvait aller à pied.",
    (Manque("si elle peut y aller à pied", "la personne", "moyens"),),
)
_ARRET_TROP_LOIN = Motif(
    "rabattement", Verdict.NON, "L'arrêt est trop loin de chez elle.", changerait="Un arrêt plus proche."
)
_PAS_SERVI = Motif(
    "rabattement", Verdict.NON, "La ligne ne sert pas ce trajet.", changerait="Une autre solution."
)


@dataclass(frozen=True, slots=True)
class Ligne:
    """A line that passes by another commune than hers, seen from that stop.

    ``horaires`` holds, for each trip, the hours of departure and arrival retained.
    """

    proposition: Proposition
    arret: Lieu
    cases: tuple[Case, ...]
    horaires: tuple[tuple[int, int] | None, ...]
    examen: Examen


@dataclass(frozen=True)
class Approche:
    """What takes her to a stop and back from it: a means of hers, or an offer."""

    cle: str
    nom: str
    offre: Candidate | None
    cases: tuple[Case, ...]
    revient: bool
    cout: Callable[[Sequence[Case]], Cout]


def rabattements(examen: Examen, classement: Classement) -> list[Solution]:
    """Every feeder that reaches a line that goes where she goes, by a stop near enough."""
    depart = examen.trajets[0][0].depart
    destination = examen.besoin.destination
    if depart is None or not isinstance(destination, Lieu):
        return []
    couples = _arrets(classement.lignes_de(destination.insee), depart, destination)
    if not couples:
        return []
    proches = _les_plus_proches(couples, depart, destination, examen)
    temps = _temps(examen, {arret for _, arret in proches})
    solutions: list[Solution] = []
    approches = classement.ouvertes(_OFFRES_JUSQU_A_L_ARRET, _OFFRES_MAX + 1)
    lignes = (_ligne(proposition, arret, examen, temps) for proposition, arret in proches)
    for ligne in islice((ligne for ligne in lignes if ligne is not None), _LIGNES_MAX):
        solutions += _jusqu_a_l_arret(ligne, examen, approches, temps)
    return solutions


def _arrets(lignes: Sequence[Proposition], depart: Lieu, destination: Lieu) -> list[tuple[Proposition, Lieu]]:
    """The stops of the lines that reach her destination, or come back from it; not her own commune."""
    couples = []
    for p in lignes:
        arrets = {c.de for c in p.offre.courses if c.a == destination.insee}
        arrets |= {c.a for c in p.offre.courses if c.de == destination.insee}
        couples += [(p, Lieu(a)) for a in sorted(arrets - {depart.insee, destination.insee})]
    return couples


def _temps(examen: Examen, arrets: Iterable[Lieu]) -> Temps:
    """Home to the stops retained, and each to the destination, in one batch per way of moving."""
    lieux = sorted(arrets, key=lambda lieu: lieu.insee)
    situation = examen.situation
    departs = (*situation.departs, *(Depart(arret) for arret in lieux))
    besoins = (examen.besoin, *(replace(examen.besoin, destination=arret) for arret in lieux))
    return Temps(replace(situation, departs=departs, besoins=besoins), examen.contexte.accessibilite)


def _les_plus_proches(
    couples: Sequence[tuple[Proposition, Lieu]], depart: Lieu, destination: Lieu, examen: Examen
) -> list[tuple[Proposition, Lieu]]:
    """The stops within reach, the nearest first; never one that is farther than where she goes."""
    limite = examen.contexte.parametres["combinaison.rabattement_max_min"]
    vers = {(depart, arret) for _, arret in couples} | {(depart, destination)}
    trajets = examen.contexte.accessibilite.trajets(sorted(vers, key=repr), Mode.VOITURE)
    direct = trajets.get((depart, destination))
    proches = []
    for proposition, arret in couples:
        trajet = trajets.get((depart, arret))
        if trajet is None or trajet.duree.min > limite:
            continue
        if direct is None or trajet.duree.max < direct.duree.max:
            proches.append((trajet.duree.max, proposition.offre.id, arret.insee, proposition, arret))
    proches.sort(key=lambda couple: couple[:3])
    return [(proposition, arret) for _, _, _, proposition, arret in proches[:_ARRETS_MAX]]


def _ligne(proposition: Proposition, arret: Lieu, examen: Examen, temps: Temps) -> Ligne | None:
    situation = replace(examen.situation, departs=(Depart(arret),))
    depuis = Examen(examen.besoin, situation, examen.faits, temps, examen.contexte)
    cases = grille(proposition.offre, depuis)
    if all(case.verdict is Verdict.NON for case in cases):
        return None
    return Ligne(proposition, arret, cases, tuple(_horaires(proposition.offre, depuis)), depuis)


def _horaires(offre: Candidate, examen: Examen) -> Iterator[tuple[int, int] | None]:
    """For each trip, the departure and arrival retained, in minutes from the midnight of its day."""
    destination = examen.besoin.destination
    assert isinstance(destination, Lieu)
    for variantes in examen.trajets:
        voyage = variantes[0]
        arret = voyage.depart
        if arret is None or voyage.heure is None:
            yield None
            continue
        de, a = (arret.insee, destination.insee) if voyage.aller else (destination.insee, arret.insee)
        desserte = [c for c in offre.courses if c.de == de and c.a == a]
        choisie = course_du_trajet(desserte, voyage, examen.contexte.parametres)
        yield (choisie.depart, choisie.depart + choisie.minutes) if choisie else None


def _jusqu_a_l_arret(
    ligne: Ligne, examen: Examen, approches: Sequence[Proposition], temps: Temps
) -> Iterator[Solution]:
    passages = _passages(ligne, examen)
    if passages is None:
        return
    situation = replace(examen.situation, moyens=_moyens(examen))
    besoin = replace(examen.besoin, destination=ligne.arret, passages=passages)
    jusque_la = Examen(besoin, situation, examen.faits, temps, examen.contexte)
    for approche in (*_par_ses_moyens(jusque_la, examen), *_par_une_offre(jusque_la, ligne, approches)):
        cases = tuple(_cases(approche, ligne, examen))
        if any(case.verdict is not Verdict.NON for case in cases):
            yield _solution(approche, ligne, cases)


def _passages(ligne: Ligne, examen: Examen) -> tuple[Passage, ...] | None:
    """The same days, at the hours of the line: at the stop before it leaves, home after it arrives.

    ``None`` when an hour would fall on another day, which a passage cannot say.
    """
    marge = int(examen.contexte.parametres["combinaison.marge_min"])
    passages = []
    for rang, passage in enumerate(examen.passages):
        aller, retour = ligne.horaires[2 * rang], ligne.horaires[2 * rang + 1]
        arrivee = aller[0] - marge if aller else None
        repart = retour[1] + marge if retour else None
        if not all(heure is None or 0 <= heure < _UN_JOUR for heure in (arrivee, repart)):
            return None
        decale = replace(passage, arrivee=arrivee, retour=repart)
        if decale.nuits != passage.nuits and None not in (arrivee, repart):
            return None
        passages.append(decale)
    return tuple(passages)


def _moyens(examen: Examen) -> tuple[Moyen, ...]:
    """What can take her to a stop: what she has, and her feet."""
    moyens = tuple(m for m in examen.situation.moyens or () if m.type in _JUSQU_A_L_ARRET)
    if any(m.type is TypeMoyen.MARCHE for m in moyens):
        return moyens
    return (*moyens, Moyen(TypeMoyen.MARCHE, EtatMoyen.ROULANT))


def _par_ses_moyens(jusque_la: Examen, examen: Examen) -> Iterator[Approche]:
    dits = {moyen.type for moyen in examen.situation.moyens or ()}
    for moyen in examiner_moyens(jusque_la):
        doutes = () if moyen.type in dits else (_A_PIED_A_CONFIRMER,)
        yield Approche(
            f"moyen.{moyen.type.value}",
            moyen.nom,
            None,
            tuple(avec_l_acces(case, doutes) for case in moyen.cases),
            moyen.type in _A_LAISSER,
            partial(_cout_du_moyen, moyen.type, jusque_la),
        )


def _par_une_offre(jusque_la: Examen, ligne: Ligne, approches: Sequence[Proposition]) -> Iterator[Approche]:
    """The offers that may take her to a stop, those open to her for sure first."""
    autres = [p for p in approches if p.offre.id != ligne.proposition.offre.id]
    for p in autres[:_OFFRES_MAX]:
        acces = motifs_d_acces(p)
        yield Approche(
            p.offre.id,
            p.offre.nom,
            p.offre,
            tuple(avec_l_acces(case, acces) for case in grille(p.offre, jusque_la)),
            p.offre.genre.conduite,
            partial(_cout_de_l_offre, p.offre, jusque_la),
        )


def _cout_du_moyen(moyen: TypeMoyen, examen: Examen, servies: Sequence[Case]) -> Cout:
    return cout_du_moyen(moyen, servies, examen)


def _cout_de_l_offre(offre: Candidate, examen: Examen, servies: Sequence[Case]) -> Cout:
    return cout_de_l_offre(offre, servies, examen)


def _cases(approche: Approche, ligne: Ligne, examen: Examen) -> Iterator[Case]:
    """Each trip, whole: both parts, the margin between them, and how long it is in all."""
    p = examen.contexte.parametres
    marge = p["combinaison.marge_min"]
    acces = motifs_d_acces(ligne.proposition)
    for rang, (vers_l_arret, de_la_ligne) in enumerate(zip(approche.cases, ligne.cases, strict=True)):
        voyage = examen.trajets[rang][0]
        motifs = (*vers_l_arret.motifs, *de_la_ligne.motifs, *acces)
        if ligne.horaires[rang] is None:
            motifs = (*motifs, _PAS_SERVI)
        if _milieu(vers_l_arret.duree) > p["combinaison.approche_max_min"]:
            motifs = (*motifs, _ARRET_TROP_LOIN)
        if vers_l_arret.duree is None or de_la_ligne.duree is None:
            yield Case(voyage, motifs)
            continue
        duree = vers_l_arret.duree + Duree(marge, marge, "marge à l'arrêt") + de_la_ligne.duree
        yield Case(voyage, (*motifs, *_longueur(duree, p)), duree)


def _milieu(duree: Duree | None) -> float:
    """The middle of a range: a stop that only the best guess puts near is proposed to nobody."""
    return (duree.min + duree.max) / 2 if duree else 0.0


def _longueur(duree: Duree, p: Parametres) -> Iterator[Motif]:
    """How long she would be on the way: hers to accept, up to a point."""
    texte = duree.en_texte()
    if duree.min > p["combinaison.duree_impossible_min"]:
        phrase = f"{texte} de porte à porte : trop long."
        yield Motif("combinaison.duree", Verdict.NON, phrase, changerait="Un arrêt plus proche.")
    elif duree.tient_en(p["combinaison.duree_max_min"]) is not Verdict.OUI:
        yield Motif(
            "combinaison.duree",
            Verdict.A_VERIFIER,
            f"{texte} de porte à porte : à voir avec elle.",
            (Manque(f"si {texte} de porte à porte lui conviennent", "la personne"),),
        )


def _solution(approche: Approche, ligne: Ligne, cases: tuple[Case, ...]) -> Solution:
    offre, arret = ligne.proposition.offre, ligne.arret.insee
    return Solution(
        (approche.cle, offre.id, arret),
        cases,
        approche.revient,
        partial(_dire, approche, ligne),
        lambda servies, _: cout_total(
            [approche.cout(servies), cout_de_l_offre(offre, _parts(ligne, servies), ligne.examen)]
        ),
        compose=True,
    )


def _dire(approche: Approche, ligne: Ligne, servies: Sequence[Case], quand: str) -> tuple[Troncon, ...]:
    """Two sentences: to the stop, then the line, with the hours to be there."""
    mots, offre = ligne.examen.contexte, ligne.proposition.offre
    arret, destination = ligne.arret.insee, ligne.examen.besoin.destination
    assert isinstance(destination, Lieu)
    acces = motifs_d_acces(ligne.proposition)
    de_la_ligne = [avec_l_acces(case, acces) for case in _parts(ligne, servies)]
    partie = f"{approche.nom}, de chez elle à l'arrêt ({mots.nom(arret)})"
    suite = f"{offre.nom}, {mots.de(arret)} {mots.a(destination.insee)}"
    return (
        troncon(f"{approche.cle}>{arret}", partie, approche.offre, quand, _parts(approche, servies)),
        troncon(offre.id, suite, offre, quand, de_la_ligne),
    )


def _parts(de: Approche | Ligne, servies: Sequence[Case]) -> list[Case]:
    """The cells of one part that make these trips: both speak of the same trips in the same order."""
    trajets = {(case.passage.semaine, case.passage.date, case.passage.jour, case.sens) for case in servies}
    return [
        case
        for case in de.cases
        if (case.passage.semaine, case.passage.date, case.passage.jour, case.sens) in trajets
    ]
