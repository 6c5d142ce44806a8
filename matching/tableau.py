"""A whole catalogue judged at once: each rule speaks once per distinct reading, arrays do the rest.

Verdicts are small integers that grow with bad news (``RIEN``, ``OUI``, ``DOUTE``, ``NON``): the worst of
several rules is a maximum. The sentences of an offer are told later, by the same rules, for whoever
looks at it (``matching.moteur.expliquer``); a property test holds both together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import numpy.typing as npt

from matching.acces import REGLES_D_ACCES
from matching.catalogue import Catalogue
from matching.faisabilite import PAR_DEFAUT, REGLES_DE_TRAJET
from matching.regle import Lecture, RegleDAcces, RegleDeTrajet
from matching.voyage import Examen, Voyage
from mobilite.candidate import Candidate
from mobilite.verdict import Motif, Verdict

RIEN, OUI, DOUTE, NON = range(4)
VERDICTS = (Verdict.OUI, Verdict.OUI, Verdict.A_VERIFIER, Verdict.NON)
"""``VERDICTS[code]``: where no rule has anything to say, nothing stands in the way."""
CODES = {Verdict.OUI: OUI, Verdict.A_VERIFIER: DOUTE, Verdict.NON: NON}

Petits = npt.NDArray[np.int8]
Masques = npt.NDArray[np.uint64]
Nombres = npt.NDArray[np.float64]

# A cell is one integer: its verdict, then the rule that decides, the first of its rank among equals.
_BITS = 5
_DERNIER = (1 << _BITS) - 1
_NOMS: tuple[str, ...] = tuple(nom for regle in REGLES_DE_TRAJET for nom in regle.noms)
_DEBUTS = dict(
    zip(REGLES_DE_TRAJET, np.cumsum([0, *(len(r.noms) for r in REGLES_DE_TRAJET)]).tolist(), strict=False)
)
assert len(_NOMS) < _DERNIER
_SANS_RAISON: str = PAR_DEFAUT.regle
_DEFAUT = CODES[PAR_DEFAUT.verdict] << _BITS


def verdicts_des_cases(codes: Petits) -> Petits:
    """The verdicts of coded cells."""
    return codes >> _BITS


def regle_de_la_case(code: int) -> str:
    """The name of the rule that decides a coded cell."""
    rang = _DERNIER - (code & _DERNIER)
    return _NOMS[rang] if rang < len(_NOMS) else _SANS_RAISON


_DERNIER_BIT = 63
"""Rules in doubt only break ties: were there ever more names than bits, the last ones would share one."""


class Vocabulaire:
    """A bit for each question met, and for each name of a rule in doubt."""

    def __init__(self) -> None:
        self.questions: dict[str, int] = {}
        self._regles: dict[str, int] = {}

    def masque_des_questions(self, motifs: Iterable[Motif]) -> int:
        """The questions that would settle some reasons."""
        masque = 0
        for motif in motifs:
            for manque in motif.manques:
                if manque.code:
                    masque |= 1 << self.questions.setdefault(manque.code, len(self.questions))
        return masque

    def masque_des_doutes(self, motifs: Iterable[Motif]) -> int:
        """The rules in doubt among some reasons."""
        masque = 0
        for motif in motifs:
            if motif.verdict is Verdict.A_VERIFIER:
                masque |= self.bit(motif.regle)
        return masque

    def bit(self, regle: str) -> int:
        """The bit of a rule in doubt."""
        return 1 << self._regles.setdefault(regle, min(len(self._regles), _DERNIER_BIT))


@dataclass(frozen=True, slots=True)
class Reponses:
    """What a rule answers to each distinct reading, or to each offer once ``etalees``.

    ``codes``: verdicts, or coded cells. ``doutes`` and ``questions`` are ``None`` when all are empty.
    """

    codes: Petits
    questions: Masques | None
    doutes: Masques | None
    minutes: Nombres | None = None

    def etalees(self, rangs: npt.NDArray[np.signedinteger]) -> Reponses:
        """The answer of each offer, from the reading of each offer."""
        return Reponses(
            self.codes[rangs],
            None if self.questions is None else self.questions[rangs],
            None if self.doutes is None else self.doutes[rangs],
            None if self.minutes is None else self.minutes[rangs],
        )


def _ou(a: Masques | None, b: Masques | None) -> Masques | None:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def _minutes_au_plus(a: Nombres | None, b: Nombres | None) -> Nombres | None:
    if a is None or b is None:
        return b if a is None else a
    return np.fmax(a, b)


def _masques(valeurs: Sequence[int]) -> Masques | None:
    return np.array(valeurs, np.uint64) if any(valeurs) else None


def reunir(a: Reponses, b: Reponses) -> Reponses:
    """Two rules together: the worst decides, doubts add up."""
    return Reponses(
        np.maximum(a.codes, b.codes),
        _ou(a.questions, b.questions),
        _ou(a.doutes, b.doutes),
        _minutes_au_plus(a.minutes, b.minutes),
    )


@dataclass(frozen=True, slots=True)
class ColonneDAcces:
    """One rule about her and the place, over a catalogue."""

    lecture: Lecture
    reponses: Reponses
    regles: tuple[str, ...]

    def regle(self, rang: int) -> str:
        """The name of the rule that decides for one offer."""
        return self.regles[int(self.lecture.codes[rang])]


class Tableau:
    """Every rule over a catalogue, for one person: what is seen alike in two needs is answered once."""

    def __init__(self, catalogue: Catalogue, vocabulaire: Vocabulaire) -> None:
        self._catalogue = catalogue
        self._vocabulaire = vocabulaire
        self._defaut = Reponses(np.full(len(catalogue), _DEFAUT, np.int8), None, None)
        self._acces: dict[tuple[RegleDAcces, Hashable], ColonneDAcces | None] = {}
        self._trajets: dict[tuple[RegleDeTrajet, Hashable], Reponses | None] = {}
        self._communes: dict[tuple[Hashable, ...], Reponses] = {}

    def acces(self, examen: Examen) -> list[ColonneDAcces]:
        """The rules about her and the place, in order; a rule that has nothing to say has no column."""
        colonnes = []
        for regle in REGLES_D_ACCES:
            cle = regle, regle.voit(examen)
            if cle not in self._acces:
                self._acces[cle] = self._colonne(regle, examen)
            colonne = self._acces[cle]
            if colonne is not None:
                colonnes.append(colonne)
        return colonnes

    def _colonne(self, regle: RegleDAcces, examen: Examen) -> ColonneDAcces | None:
        lecture = self._catalogue.lecture(regle.lit)
        dits = [
            _RIEN_A_DIRE if offre is None else _resumer(list(regle.dit(offre, examen)), self._vocabulaire)
            for offre in lecture.premiers
        ]
        codes = np.array([dit.code for dit in dits], np.int8)
        if not codes.any():
            return None
        questions, doutes = _masques([dit.questions for dit in dits]), _masques([dit.doutes for dit in dits])
        reponses = Reponses(codes, questions, doutes).etalees(lecture.codes)
        return ColonneDAcces(lecture, reponses, tuple(dit.regle for dit in dits))

    def cases(self, examen: Examen) -> list[Reponses]:
        """The rules about the trips of a need, one column a cell: two per passage, there and back."""
        return [self._fondre([self._voyage(v, examen) for v in variantes]) for variantes in examen.trajets]

    def _voyage(self, voyage: Voyage, examen: Examen) -> Reponses:
        vus = tuple(regle.voit(voyage, examen) for regle in _SANS_HEURE)
        if vus not in self._communes:
            self._communes[vus] = reduce(reunir, self._dites(_SANS_HEURE, voyage, examen), self._defaut)
        return reduce(reunir, self._dites(_A_L_HEURE, voyage, examen), self._communes[vus])

    def _dites(self, regles: Sequence[RegleDeTrajet], voyage: Voyage, examen: Examen) -> Iterable[Reponses]:
        for regle in regles:
            vu = regle.voit(voyage, examen)
            if vu is None:
                continue
            if (regle, vu) not in self._trajets:
                self._trajets[regle, vu] = self._regle(regle, voyage, examen)
            reponses = self._trajets[regle, vu]
            if reponses is not None:
                yield reponses

    def _regle(self, regle: RegleDeTrajet, voyage: Voyage, examen: Examen) -> Reponses | None:
        lecture = self._catalogue.lecture(regle.lit)
        if regle.affine is None:
            reponses = self._reponses(regle, lecture.premiers, voyage, examen)
            return None if reponses is None else reponses.etalees(lecture.codes)
        classes = regle.affine(lecture, voyage, examen)
        rangs = np.zeros(int(classes.max()) + 1, np.int64)  # class 0, and a class nobody is in: no offer
        rangs[classes[::-1]] = np.arange(len(classes) - 1, -1, -1)
        reponses = self._reponses(regle, [lecture.premiers[rang] for rang in rangs], voyage, examen)
        return None if reponses is None else reponses.etalees(classes[lecture.codes])

    def _reponses(
        self, regle: RegleDeTrajet, premiers: Sequence[Candidate | None], voyage: Voyage, examen: Examen
    ) -> Reponses | None:
        codes, minutes = np.zeros(len(premiers), np.int8), np.full(len(premiers), np.nan)
        questions, doutes = [0] * len(premiers), [0] * len(premiers)
        for rang, offre in enumerate(premiers):
            if offre is None:
                continue
            motifs = regle.dit(offre, voyage, examen)
            if regle.dure is not None:
                motifs, duree = regle.dure(offre, voyage, examen)
                minutes[rang] = duree.max if duree else np.nan
            for motif in motifs:
                place = _DEBUTS[regle] + regle.noms.index(motif.regle)
                codes[rang] = CODES[motif.verdict] << _BITS | _DERNIER - place
                if motif.verdict is Verdict.A_VERIFIER:
                    questions[rang] = self._vocabulaire.masque_des_questions([motif])
                    doutes[rang] = self._vocabulaire.bit(motif.regle)
        if not codes.any() and np.isnan(minutes).all():
            return None
        return Reponses(
            codes, _masques(questions), _masques(doutes), minutes if regle.dure is not None else None
        )

    def _fondre(self, variantes: Sequence[Reponses]) -> Reponses:
        """``matching.voyage.fondre``, over a catalogue."""
        premiere, *suivantes = variantes
        if not suivantes:
            return premiere
        noms = np.array(
            [self._vocabulaire.bit(regle_de_la_case(c)) for c in range(_DERNIER + 1)],
            np.uint64,
        )
        codes, partout = premiere.codes.copy(), premiere.codes >> _BITS == NON
        fondues = Reponses(codes, None, None)
        for variante in variantes:
            refus = variante.codes >> _BITS == NON
            partout &= refus
            a_dire = (codes >> _BITS == OUI) & (variante.codes >> _BITS != OUI)
            codes[a_dire] = variante.codes[a_dire]
            fondues = reunir(
                fondues,
                Reponses(
                    codes,
                    None if variante.questions is None else np.where(refus, np.uint64(0), variante.questions),
                    np.where(
                        refus,
                        noms[variante.codes & _DERNIER],
                        np.uint64(0) if variante.doutes is None else variante.doutes,
                    ),
                    variante.minutes,
                ),
            )
        en_partie = (codes >> _BITS == NON) & ~partout
        codes[en_partie] = DOUTE << _BITS | codes[en_partie] & _DERNIER
        return replace(fondues, codes=codes)


@dataclass(frozen=True, slots=True)
class _Dit:
    """Some reasons in short: the worst verdict, its rule, the questions and the rules in doubt."""

    code: int
    regle: str
    questions: int
    doutes: int


_RIEN_A_DIRE = _Dit(RIEN, "", 0, 0)


def _resumer(motifs: Sequence[Motif], vocabulaire: Vocabulaire) -> _Dit:
    if not motifs:
        return _RIEN_A_DIRE
    code, regle = RIEN, ""
    for motif in motifs:
        if CODES[motif.verdict] > code:
            code, regle = CODES[motif.verdict], motif.regle
    if code == OUI:
        return _Dit(code, regle, 0, 0)
    return _Dit(
        code,
        regle,
        vocabulaire.masque_des_questions(motifs),
        vocabulaire.masque_des_doutes(motifs),
    )


_SANS_HEURE = tuple(regle for regle in REGLES_DE_TRAJET if regle.affine is None)
_A_L_HEURE = tuple(regle for regle in REGLES_DE_TRAJET if regle.affine is not None)
