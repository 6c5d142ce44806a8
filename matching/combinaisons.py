"""Two solutions where one is not enough: out by one and back by another, or one day each.

A combination is made of solutions already judged, trip by trip; it is never surer than its parts, and
a vehicle that somebody takes on the way out comes home with her.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import inf

import numpy as np

from matching.classement import Classement
from matching.cout import Cout, Nombres
from matching.couverture import dire_les_jours
from matching.jugement import Jugement
from matching.moyens import MoyenExamine
from matching.rabattement import rabattements
from matching.solution import Solution, cout_total, solution_de_l_offre, solution_du_moyen
from matching.troncons import Combinaison
from matching.voyage import Case, Examen
from mobilite.verdict import Duree, Motif, Verdict, tous

MONTREES = 3
"""How many combinations of a need are shown; all useful ones are kept."""

_SOLUTIONS_MAX = 24
_ENSEMBLE_MAX = 3
_ESSAIS_MAX = 80
_A_PEU_PRES = 0.5
"""Half a minute, half a euro, half a kilogram: nobody combines two solutions for less."""

_RANG = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}
_SANS_SOLUTION = Motif(
    "combinaison",
    Verdict.NON,
    "Aucune des solutions combinées ne fait ce trajet.",
    changerait="Une autre solution pour ce trajet.",
)


def combiner(
    examen: Examen, classement: Classement, moyens: Sequence[MoyenExamine]
) -> tuple[Combinaison, ...]:
    """The useful combinations of a need, best first: no single solution nor other combination is as good.

    Nothing while nobody said the days, and nothing when a means of hers is enough.
    """
    if not examen.besoin.passages or any(m.verdict is Verdict.OUI for m in moyens):
        return ()
    seules = [
        *(
            s
            for p in classement.a_combiner(_SOLUTIONS_MAX)
            if (s := solution_de_l_offre(p, examen)) is not None
        ),
        *(s for m in moyens if (s := solution_du_moyen(m, examen)) is not None),
    ]
    composees = rabattements(examen, classement)
    if not composees and len(seules) < 2:
        return ()
    candidates = _candidates(examen, _les_plus_utiles(seules, composees))
    bornes = _profils_seuls(classement.jugement)
    profils = [(_profil(c), c) for c in candidates]
    front = [(p, c) for p, c in profils if not any(_domine(autre, p) for autre, _ in profils)]
    utiles = [(p, c) for p, c in front if not _une_seule_suffit(bornes, p)]
    return tuple(c for _, c in sorted(utiles, key=lambda couple: (couple[0], couple[1].cle)))


def _les_plus_utiles(seules: Sequence[Solution], composees: Sequence[Solution]) -> list[Solution]:
    """Those that serve most trips, surely first; one that surely serves them all needs no other."""
    partielles = [s for s in (*seules, *composees) if not s.tout_est_sur or s.compose]
    partielles.sort(key=lambda s: (-s.servis, -s.surs, s.minutes, s.cle))
    return partielles[:_SOLUTIONS_MAX]


def _candidates(examen: Examen, solutions: Sequence[Solution]) -> list[Combinaison]:
    trouvees: dict[str, Combinaison] = {}
    tout = (1 << len(examen.passages)) - 1
    ensembles: list[tuple[Solution, ...]] = [(s,) for s in solutions if s.compose and s.jours == tout]
    paires = [(_jours_servis(paire), paire) for paire in combinations(solutions, 2)]
    ensembles += [paire for jours, paire in paires if jours == tout]
    if not ensembles:
        ensembles = _a_plusieurs(solutions, paires, tout)
    for ensemble in sorted(ensembles, key=_promesse)[:_ESSAIS_MAX]:
        combinaison = _repartir(examen, ensemble)
        if combinaison is not None:
            trouvees.setdefault(combinaison.cle, combinaison)
    return list(trouvees.values())


def _a_plusieurs(
    solutions: Sequence[Solution], paires: Sequence[tuple[int, tuple[Solution, ...]]], tout: int
) -> list[tuple[Solution, ...]]:
    """Three solutions when two are not enough; else the two that serve more days than any alone."""
    trios = [
        trio
        for trio in combinations(solutions[: _SOLUTIONS_MAX // 2], _ENSEMBLE_MAX)
        if _jours_servis(trio) == tout
    ]
    if trios:
        return trios
    seul = max((s.jours.bit_count() for s in solutions), default=0)
    mieux = [(jours.bit_count(), paire) for jours, paire in paires if jours.bit_count() > seul]
    plus = max((n for n, _ in mieux), default=0)
    composees: list[tuple[Solution, ...]] = [
        (s,) for s in solutions if s.compose and s.jours.bit_count() >= max(plus, seul, 1)
    ]
    return composees + [paire for n, paire in mieux if n == plus]


def _jours_servis(ensemble: Sequence[Solution]) -> int:
    """The passages served both ways, as a mask: a vehicle that leaves with her comes back with her."""
    jours = allers = retours = 0
    for solution in ensemble:
        jours |= solution.jours
        if not solution.revient:
            allers |= solution.allers
            retours |= solution.retours
    return jours | (allers & retours)


def _promesse(ensemble: Sequence[Solution]) -> tuple[object, ...]:
    return (
        len(ensemble),
        -sum(s.surs for s in ensemble),
        sum(s.minutes for s in ensemble),
        *(s.cle for s in ensemble),
    )


def _repartir(examen: Examen, ensemble: Sequence[Solution]) -> Combinaison | None:
    """Who makes which trip: the surest, then the same both ways, then the quickest."""
    choix = [_choisir(rang, ensemble) for rang in range(len(examen.passages))]
    cases: list[Case] = []
    servies: dict[tuple[str, ...], list[Case]] = {}
    for rang, paire in enumerate(choix):
        for sens in (0, 1):
            voyage = examen.trajets[2 * rang + sens][0]
            if paire is None:
                cases.append(Case(voyage, (_SANS_SOLUTION,)))
                continue
            case = paire[sens].cases[2 * rang + sens]
            cases.append(case)
            servies.setdefault(paire[sens].cle, []).append(case)
    utilisees = tuple(s for s in ensemble if s.cle in servies)
    if not utilisees or (len(utilisees) == 1 and not utilisees[0].compose):
        return None
    ordonnees = sorted(utilisees, key=lambda s: (_premiere(servies[s.cle], cases), s.cle))
    troncons = [
        troncon
        for solution in ordonnees
        for troncon in solution.dire(servies[solution.cle], _quand(servies[solution.cle], cases))
    ]
    durees = [case.duree for case in cases if case.duree is not None]
    reste = [case for case in cases if case.motifs == (_SANS_SOLUTION,)]
    return Combinaison(
        examen.besoin,
        tuple(troncons),
        tuple(cases),
        max(durees, key=lambda d: (d.max, d.min), default=None),
        cout_total([solution.cout(servies[solution.cle], examen) for solution in ordonnees]),
        ", ".join(dire_les_jours(reste)),
    )


def _choisir(rang: int, ensemble: Sequence[Solution]) -> tuple[Solution, Solution] | None:
    options = []
    for a in ensemble:
        if not a.allers >> rang & 1:
            continue
        for b in ensemble:
            if not b.retours >> rang & 1 or (a is not b and (a.revient or b.revient)):
                continue
            aller, retour = a.cases[2 * rang], b.cases[2 * rang + 1]
            verdict = tous([aller.verdict, retour.verdict])
            minutes = sum(c.duree.max if c.duree else inf for c in (aller, retour))
            options.append(((_RANG[verdict], a is not b, minutes, a.cle, b.cle), (a, b)))
    return min(options, key=lambda option: option[0])[1] if options else None


def _premiere(servies: Sequence[Case], cases: Sequence[Case]) -> int:
    return min(rang for rang, case in enumerate(cases) if any(case is servie for servie in servies))


def _quand(servies: Sequence[Case], cases: Sequence[Case]) -> str:
    """« à l'aller », « au retour », « mardi, jeudi retour »; nothing when it is every trip."""
    if len(servies) == len(cases):
        return ""
    for rang, mots in ((0, "à l'aller"), (1, "au retour")):
        if [id(c) for c in servies] == [id(c) for c in cases[rang::2]]:
            return mots
    return ", ".join(dire_les_jours(servies))


def _profil(c: Combinaison) -> tuple[float, ...]:
    """Smaller is better everywhere; a value nobody knows is supposed to be no better than another."""
    return (
        _RANG[c.verdict],
        sum(_RANG[case.verdict] for case in c.cases),
        len(c.troncons),
        *_chiffres(c.duree, c.cout),
    )


def _profils_seuls(jugement: Jugement) -> Nombres:
    """The offers alone: their verdict, their trips, then their figures, one line an axis."""
    chiffres = jugement.chiffres[:, jugement.possibles & jugement.transporte]
    return np.where(np.isnan(chiffres), inf, chiffres)


def _une_seule_suffit(seules: Nombres, profil: tuple[float, ...]) -> bool:
    """Whether one offer alone does as well on every axis, or nearly."""
    verdict, trajets, _, *chiffres = profil
    limites = np.array([verdict, trajets, *(chiffre + _A_PEU_PRES for chiffre in chiffres)])
    return bool((seules <= limites[:, None]).all(axis=0).any())


def _chiffres(duree: Duree | None, cout: Cout) -> Iterable[float]:
    valeurs = (duree.max if duree else None, cout.mensuel, cout.a_avancer, cout.co2_kg)
    return (inf if v is None else v for v in valeurs)


def _domine(meilleur: tuple[float, ...], profil: tuple[float, ...]) -> bool:
    return meilleur != profil and all(m <= v for m, v in zip(meilleur, profil, strict=True))
