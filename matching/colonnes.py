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
from matching.faisabilite import PAR_DEFAUT, REGLES_DE_TRAJET, duree_du_voyage
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


class Vocabulaire:
    """A bit for each question met, and for each name of a rule in doubt."""

    def __init__(self) -> None:
        self.questions: dict[str, int] = {}
        self._regles: dict[str, int] = {}

    def masque_des_questions(self, motifs: Iterable[Motif]) -> int:
        """The questions that would settle some reasons."""
        codes = (m.code for motif in motifs for m in motif.manques if m.code)
        return reduce(int.__or__, (1 << self.questions.setdefault(c, len(self.questions)) for c in codes), 0)

    def masque_des_doutes(self, regles: Iterable[str]) -> int:
        """Some names of rules."""
        return reduce(int.__or__, (1 << self._regles.setdefault(r, len(self._regles)) for r in regles), 0)


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


class ColonnesDAcces:
    """Every rule about her and the place. Shared by the needs of one person: what does not depend on
    the need is answered once."""

    def __init__(self, catalogue: Catalogue, vocabulaire: Vocabulaire) -> None:
        self._catalogue = catalogue
        self._vocabulaire = vocabulaire
        self._faites: dict[RegleDAcces, list[_Dit]] = {}
        self._a_refaire: dict[RegleDAcces, list[int]] = {}

    def juger(self, examen: Examen) -> list[ColonneDAcces]:
        """One column a rule, in order; a rule that concerns no offer has none."""
        colonnes = []
        for regle in REGLES_D_ACCES:
            lecture = self._catalogue.lecture(regle.lit)
            dits = self._dits(regle, lecture, examen)
            if not any(dit.code for dit in dits):
                continue
            reponses = Reponses(
                np.array([dit.code for dit in dits], np.int8),
                _masques([dit.questions for dit in dits]),
                _masques([dit.doutes for dit in dits]),
            ).etalees(lecture.codes)
            colonnes.append(ColonneDAcces(lecture, reponses, tuple(dit.regle for dit in dits)))
        return colonnes

    def _dits(self, regle: RegleDAcces, lecture: Lecture, examen: Examen) -> list[_Dit]:
        faites = self._faites.get(regle)
        if faites is None:
            faites = [self._dit(regle, offre, examen) for offre in lecture.premiers]
            self._faites[regle] = faites
            self._a_refaire[regle] = [
                rang
                for rang, offre in enumerate(lecture.premiers)
                if offre is not None and regle.selon_le_besoin(offre)
            ]
            return faites
        dits = list(faites)
        for rang in self._a_refaire[regle]:
            dits[rang] = self._dit(regle, lecture.premiers[rang], examen)
        return dits

    def _dit(self, regle: RegleDAcces, offre: Candidate | None, examen: Examen) -> _Dit:
        motifs = list(regle.dit(offre, examen)) if offre is not None else []
        return _resumer(motifs, self._vocabulaire)


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
        vocabulaire.masque_des_doutes(m.regle for m in motifs if m.verdict is Verdict.A_VERIFIER),
    )


class ColonnesDeTrajets:
    """Every rule about the trips of one need: what is seen alike in two trips is answered once."""

    def __init__(self, catalogue: Catalogue, examen: Examen, vocabulaire: Vocabulaire) -> None:
        self._catalogue = catalogue
        self._examen = examen
        self._vocabulaire = vocabulaire
        self._par_regle: dict[tuple[RegleDeTrajet, Hashable], Reponses | None] = {}
        self._communes: dict[tuple[Hashable, ...], Reponses] = {}

    def cases(self) -> list[Reponses]:
        """One column a cell: two per passage, there and back."""
        return [self._fondre([self._voyage(v) for v in variantes]) for variantes in self._examen.trajets]

    def _voyage(self, voyage: Voyage) -> Reponses:
        vus = tuple(regle.voit(voyage, self._examen) for regle in _SANS_HEURE)
        communes = self._communes.get(vus)
        if communes is None:
            defaut = Reponses(np.full(len(self._catalogue), _DEFAUT, np.int8), None, None)
            communes = reduce(reunir, self._dites(_SANS_HEURE, voyage), defaut)
            self._communes[vus] = communes
        return reduce(reunir, self._dites(_A_L_HEURE, voyage), communes)

    def _dites(self, regles: Sequence[RegleDeTrajet], voyage: Voyage) -> Iterable[Reponses]:
        for regle in regles:
            vu = regle.voit(voyage, self._examen)
            if vu is None:
                continue
            if (regle, vu) not in self._par_regle:
                self._par_regle[regle, vu] = self._regle(regle, voyage)
            reponses = self._par_regle[regle, vu]
            if reponses is not None:
                yield reponses

    def _regle(self, regle: RegleDeTrajet, voyage: Voyage) -> Reponses | None:
        lecture = self._catalogue.lecture(regle.lit)
        if regle.affine is None:
            reponses = self._reponses(regle, lecture.premiers, voyage)
            return None if reponses is None else reponses.etalees(lecture.codes)
        classes = regle.affine(lecture, voyage, self._examen)
        rangs = np.zeros(int(classes.max()) + 1, np.int64)  # class 0, and a class nobody is in: no offer
        rangs[classes[::-1]] = np.arange(len(classes) - 1, -1, -1)
        reponses = self._reponses(regle, [lecture.premiers[rang] for rang in rangs], voyage)
        return None if reponses is None else reponses.etalees(classes[lecture.codes])

    def _reponses(
        self, regle: RegleDeTrajet, premiers: Sequence[Candidate | None], voyage: Voyage
    ) -> Reponses | None:
        codes, minutes = np.zeros(len(premiers), np.int8), np.full(len(premiers), np.nan)
        questions, doutes = [0] * len(premiers), [0] * len(premiers)
        for rang, offre in enumerate(premiers):
            if offre is None:
                continue
            for motif in regle.dit(offre, voyage, self._examen):
                place = _DEBUTS[regle] + regle.noms.index(motif.regle)
                codes[rang] = CODES[motif.verdict] << _BITS | _DERNIER - place
                if motif.verdict is Verdict.A_VERIFIER:
                    questions[rang] = self._vocabulaire.masque_des_questions([motif])
                    doutes[rang] = self._vocabulaire.masque_des_doutes([motif.regle])
            if regle.dure and (duree := duree_du_voyage(offre, voyage, self._examen)) is not None:
                minutes[rang] = duree.max
        if not codes.any() and np.isnan(minutes).all():
            return None
        return Reponses(codes, _masques(questions), _masques(doutes), minutes if regle.dure else None)

    def _fondre(self, variantes: Sequence[Reponses]) -> Reponses:
        """``matching.voyage.fondre``, over a catalogue."""
        premiere, *suivantes = variantes
        if not suivantes:
            return premiere
        noms = np.array(
            [self._vocabulaire.masque_des_doutes([regle_de_la_case(c)]) for c in range(_DERNIER + 1)],
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


_SANS_HEURE = tuple(regle for regle in REGLES_DE_TRAJET if regle.affine is None)
_A_L_HEURE = tuple(regle for regle in REGLES_DE_TRAJET if regle.affine is not None)
