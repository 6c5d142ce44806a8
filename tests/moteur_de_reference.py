"""The engine said the slow way: offer by offer, trip by trip, no column, no memory. The oracle of the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matching.aides import aides_du_besoin
from matching.contexte import Contexte
from matching.cout import Cout, cout_de
from matching.jugement import Part
from matching.moteur import expliquer
from matching.moyens import examiner_moyens
from matching.proposition import Explication
from matching.score import Bareme, Contribution, contributions, poids_de
from matching.solution import A_LAISSER
from matching.temps import Temps, mode_de
from matching.troncons import Combinaison
from matching.voyage import Examen
from mobilite.besoin import Besoin, Situation
from mobilite.candidate import Candidate
from mobilite.faits import Faits
from mobilite.verdict import Verdict, tous, un_de

ORDRE = {Verdict.OUI: 0, Verdict.A_VERIFIER: 1, Verdict.NON: 2}


@dataclass(frozen=True)
class Jugee:
    """One offer for one need, told whole; ``dominee_par`` is the id of the offer that beats it."""

    offre: Candidate
    explication: Explication
    cout: Cout
    contributions: tuple[Contribution, ...]
    dominee_par: str = ""

    @property
    def score(self) -> float:
        """The sum of the shown contributions."""
        return round(sum(c.points for c in self.contributions), 2)


def juger(offre: Candidate, examen: Examen, bareme: Bareme) -> Jugee:
    """Its reasons, its cost, its score."""
    e, p = expliquer(offre, examen), examen.contexte.parametres
    cout = cout_de(offre, examen.besoin, examen.trajet(examen.trajets[0][0], mode_de(offre)), p)
    return Jugee(offre, e, cout, contributions(offre, e.duree, cout, e.cases, bareme))


def bareme_de(examen: Examen, poids: Mapping[str, float] | None = None) -> Bareme:
    """How the offers of a need are scored."""
    p = examen.contexte.parametres
    return Bareme(poids or poids_de(p), examen.faits, aides_du_besoin(examen), p)


@dataclass(frozen=True)
class BesoinJuge:
    """The offers of a need, ranked."""

    examen: Examen
    jugees: tuple[Jugee, ...]


def examens(situation: Situation, faits: Faits, contexte: Contexte) -> list[Examen]:
    """Each need, ready to be looked at."""
    temps = Temps(situation, contexte.accessibilite)
    return [Examen(b, situation, _faits(faits, b), temps, contexte) for b in situation.besoins]


def _faits(faits: Faits, besoin: Besoin) -> Faits:
    return faits if besoin.motif is None else {**faits, "motif": besoin.motif.value}


def proposer_lentement(
    situation: Situation,
    faits: Faits,
    offres: Sequence[Candidate],
    contexte: Contexte,
    poids: Mapping[str, float] | None = None,
) -> tuple[list[BesoinJuge], dict[str, int]]:
    """Each need with its ranked offers; and how many offers each question would settle."""
    juges, questions = [], dict[str, set[str]]()
    for examen in examens(situation, faits, contexte):
        bareme = bareme_de(examen, poids)
        jugees = _replier([juger(offre, examen, bareme) for offre in offres])
        jugees.sort(key=_place)
        juges.append(BesoinJuge(examen, tuple(jugees)))
        for jugee in jugees:
            for motif in jugee.explication.motifs:
                for manque in motif.manques:
                    if manque.code and jugee.explication.verdict is not Verdict.NON:
                        questions.setdefault(manque.code, set()).add(jugee.offre.id)
    return juges, {code: len(ids) for code, ids in questions.items()}


def _place(jugee: Jugee) -> tuple[object, ...]:
    e = jugee.explication
    return (
        ORDRE[e.verdict],
        bool(jugee.dominee_par),
        part_de(e),
        -jugee.score,
        jugee.offre.id,
    )


def part_de(e: Explication) -> Part:
    """How much of the need it serves."""
    servies = [case.verdict is not Verdict.NON for case in e.cases]
    if not servies:
        return Part.APPUI
    if any(m.regle in ("desserte", "duree.longue") and m.verdict is Verdict.A_VERIFIER for m in e.motifs):
        return Part.INCERTAINE
    if all(servies):
        return Part.TOUT
    jours = zip(servies[::2], servies[1::2], strict=True)
    return Part.DES_JOURS if any(aller and retour for aller, retour in jours) else Part.COMPLEMENT


def _replier(jugees: Sequence[Jugee]) -> list[Jugee]:
    """Every pair is compared; the first that beats, of those that nothing beats, is named."""
    comparables = sorted(
        ((profil, j.offre.id) for j in jugees if (profil := _profil(j)) is not None),
    )
    front = [(p, i) for p, i in comparables if not any(_domine(autre, p) for autre, _ in comparables)]
    vainqueurs = {
        identifiant: next((i for autre, i in front if _domine(autre, profil)), "")
        for profil, identifiant in comparables
    }
    return [replace(j, dominee_par=vainqueurs.get(j.offre.id, "")) for j in jugees]


def _profil(jugee: Jugee) -> tuple[float, ...] | None:
    e, cout = jugee.explication, jugee.cout
    chiffres = (e.duree.max if e.duree else None, cout.mensuel, cout.a_avancer, cout.co2_kg)
    if e.verdict is Verdict.NON or not e.cases or None in chiffres:
        return None
    non_servis = sum(ORDRE[case.verdict] for case in e.cases)
    doutes = {m.regle for m in e.motifs if m.verdict is Verdict.A_VERIFIER}
    return ORDRE[e.verdict], non_servis, *(c for c in chiffres if c is not None), len(doutes)


def _domine(meilleur: tuple[float, ...], profil: tuple[float, ...]) -> bool:
    return meilleur != profil and all(m <= v for m, v in zip(meilleur, profil, strict=True))


def jours(
    examen: Examen, jugees: Sequence[Jugee], combinaisons: Sequence[Combinaison]
) -> tuple[Verdict, ...]:
    """Day by day: one solution both ways, or two when neither leaves a vehicle behind."""
    offres = [j for j in jugees if j.explication.verdict is not Verdict.NON and j.explication.cases]
    solutions = [(j.explication.acces, j.explication.cases, j.offre.genre.conduite) for j in offres]
    solutions += [(Verdict.OUI, m.cases, m.type in A_LAISSER) for m in examiner_moyens(examen)]
    solutions += [(Verdict.OUI, c.cases, True) for c in combinaisons]
    return tuple(
        un_de(
            tous([acces, cases[2 * rang].verdict, autre_acces, autres[2 * rang + 1].verdict])
            for acces, cases, rentre in solutions
            for autre_acces, autres, rentre_aussi in solutions
            if cases is autres or not (rentre or rentre_aussi)
        )
        for rang in range(len(examen.passages))
    )
