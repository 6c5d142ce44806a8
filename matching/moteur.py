"""From a situation and a catalogue to reasoned propositions: the story, told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from matching.acces import motifs_d_acces
from matching.aides import aides_du_besoin
from matching.catalogue import Catalogue
from matching.classement import Classement
from matching.combinaisons import combiner
from matching.contexte import Contexte
from matching.couverture import couverture
from matching.faisabilite import grille
from matching.jugement import Juge, Jugement
from matching.moyens import MoyenExamine, examiner_moyens
from matching.proposition import BesoinExamine, Explication, JourCouvert, QuestionUtile, Reponse
from matching.questions import prochaine_etape, questions_utiles
from matching.score import Bareme, poids_de
from matching.solution import A_LAISSER
from matching.tableau import CODES, NON, OUI, VERDICTS, Petits
from matching.temps import Temps
from matching.troncons import Combinaison
from matching.voyage import Case, Examen
from mobilite.besoin import Besoin, Situation
from mobilite.candidate import Candidate
from mobilite.faits import Faits
from mobilite.verdict import Manque, Motif, Verdict, tous

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
    ``offres`` is indifferent; a ``Catalogue`` is ready to be asked again by the next person.
    ``poids`` replaces the weights in force (the adviser moved one).
    """
    juge, poids = Juge(Catalogue.de(offres)), poids or poids_de(contexte.parametres)
    classements = [_classer(examen, juge, poids) for examen in _examens(situation, faits, contexte)]
    examines = tuple(examine for examine, _ in classements)
    questions = questions_utiles([jugement for _, jugement in classements], juge.vocabulaire, contexte)
    moyens_connus = situation.moyens is not None
    return Reponse(examines, questions, prochaine_etape(examines, questions, moyens_connus=moyens_connus))


def questions_a_poser(
    situation: Situation, faits: Faits, offres: Sequence[Candidate], contexte: Contexte
) -> tuple[QuestionUtile, ...]:
    """The ``questions`` of ``proposer`` alone: every offer is judged, none is ranked, combined or explained."""
    juge, poids = Juge(Catalogue.de(offres)), poids_de(contexte.parametres)
    jugements = [
        juge.juger(examen, _bareme(examen, poids)) for examen in _examens(situation, faits, contexte)
    ]
    return questions_utiles(jugements, juge.vocabulaire, contexte)


def _examens(situation: Situation, faits: Faits, contexte: Contexte) -> Iterator[Examen]:
    """Each need, with what is known of her; travel times are remembered from one to the next."""
    temps = Temps(situation, contexte.accessibilite)
    for besoin in situation.besoins:
        yield Examen(besoin, situation, _avec_le_motif(faits, besoin), temps, contexte)


def _bareme(examen: Examen, poids: Mapping[str, float]) -> Bareme:
    return Bareme(poids, examen.faits, aides_du_besoin(examen), examen.contexte.parametres)


def _avec_le_motif(faits: Faits, besoin: Besoin) -> Faits:
    return faits if besoin.motif is None else {**faits, "motif": besoin.motif.value}


def _classer(examen: Examen, juge: Juge, poids: Mapping[str, float]) -> tuple[BesoinExamine, Jugement]:
    jugement, moyens = juge.juger(examen, _bareme(examen, poids)), examiner_moyens(examen)
    classement = Classement(examen.besoin, jugement, partial(expliquer, examen=examen))
    combinees = cache(partial(combiner, examen, classement, moyens))
    jours = _jours(examen, jugement, moyens, combinees)
    return BesoinExamine(examen.besoin, jours, moyens, classement, combinees), jugement


def expliquer(offre: Candidate, examen: Examen) -> Explication:
    """One offer for one need: the reasons about her, about the place, about the trip."""
    motifs = motifs_d_acces(offre, examen)
    acces = tous(m.verdict for m in motifs)
    cases = grille(offre, examen) if offre.genre.transporte else ()
    motifs += couverture(cases) if cases else [_ne_transporte_pas(offre)]
    durees = [case.duree for case in cases if case.duree is not None]
    return Explication(
        tous(m.verdict for m in motifs),
        acces,
        tuple(sorted(motifs, key=lambda m: -_ORDRE[m.verdict])),
        cases,
        max(durees, key=lambda d: (d.max, d.min), default=None),
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
    jugement: Jugement,
    moyens: Sequence[MoyenExamine],
    combinees: Callable[[], Sequence[Combinaison]],
) -> tuple[JourCouvert, ...]:
    """Day by day: out by one solution and back by another counts. Sure days need no combination."""
    offres = jugement.possibles & jugement.transporte
    seules = np.column_stack([jugement.trajets_a_elle[:, offres], *(_codes(moyen.cases) for moyen in moyens)])
    conduites = jugement.catalogue.nombres(_conduite)[offres] == 1
    rentrent = np.concatenate([conduites, np.array([m.type in A_LAISSER for m in moyens], np.bool_)])
    jours = _au_mieux(seules, rentrent)
    if (jours != OUI).any():
        combinaisons = [_codes(combinaison.cases) for combinaison in combinees()]
        if combinaisons:
            jours = np.minimum(jours, _aller_retour(np.column_stack(combinaisons)))
    return tuple(
        JourCouvert(passage, VERDICTS[int(code)])
        for passage, code in zip(examen.passages, jours, strict=True)
    )


def _au_mieux(trajets: Petits, rentrent: npt.NDArray[np.bool_]) -> Petits:
    """The best verdict of each day, one column a solution: one both ways, or two that leave nothing behind.

    ``rentrent``: what she takes on the way out comes home with her, so nothing is combined with it.
    """
    aller, retour = (trajets[sens::2, ~rentrent].min(axis=1, initial=NON) for sens in (0, 1))
    meilleurs: Petits = np.minimum(_aller_retour(trajets), np.maximum(aller, retour))
    return meilleurs


def _aller_retour(trajets: Petits) -> Petits:
    """The best verdict of each day, both ways by the same solution."""
    meilleurs: Petits = np.maximum(trajets[::2], trajets[1::2]).min(axis=1, initial=NON)
    return meilleurs


def _codes(cases: Sequence[Case]) -> Petits:
    return np.array([CODES[case.verdict] for case in cases], np.int8)


def _conduite(offre: Candidate) -> float:
    return float(offre.genre.conduite)
