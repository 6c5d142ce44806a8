"""The verdict of every offer of a catalogue for one need, as columns: who is possible, why, how good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, partial, reduce
from math import isnan

import numpy as np
import numpy.typing as npt

from matching.catalogue import Catalogue
from matching.cout import Cout, Couts, couts_du_catalogue
from matching.score import Bareme, centiemes_par_critere, valeurs_du_catalogue
from matching.tableau import (
    DOUTE,
    NON,
    OUI,
    VERDICTS,
    ColonneDAcces,
    Masques,
    Nombres,
    Petits,
    Tableau,
    Vocabulaire,
    regle_de_la_case,
    verdicts_des_cases,
)
from matching.voyage import Examen
from mobilite.candidate import Candidate
from mobilite.verdict import Verdict

Rangs = npt.NDArray[np.int64]


_INCERTAINES = ("desserte", "duree.longue")


class Part(IntEnum):
    """How much of the need an offer serves, the most useful first.

    ``TOUT``: every trip; ``DES_JOURS``: a whole day at least; ``COMPLEMENT``: no whole day;
    ``APPUI``: a help, that makes no trip. ``INCERTAINE``: a line of which nobody knows whether it goes
    there, a ride surely longer than usual.
    """

    TOUT = 0
    DES_JOURS = 1
    INCERTAINE = 2
    COMPLEMENT = 3
    APPUI = 4


@dataclass(frozen=True)
class Jugement:
    """One need, one entry an offer, in the order of the catalogue. ``cases`` has one line a cell.

    ``minutes``: of the longest trip, NaN where nobody can tell; ``centiemes``: the score in hundredths
    of a point.
    """

    catalogue: Catalogue
    acces_par_regle: Sequence[ColonneDAcces]
    cases: Petits
    transporte: npt.NDArray[np.bool_]
    acces: Petits
    trajets: Petits
    verdicts: Petits
    questions: Masques
    doutes: Masques
    minutes: Nombres
    couts: Couts
    centiemes: Rangs
    parts: Petits
    bareme: Bareme
    vocabulaire: Vocabulaire

    def regle(self, rang: int) -> str:
        """The name of the rule that decides the verdict of an offer."""
        verdict = int(self.verdicts[rang])
        if int(self.acces[rang]) == verdict != OUI:
            return next(c.regle(rang) for c in self.acces_par_regle if int(c.reponses.codes[rang]) == verdict)
        if not self.transporte[rang]:
            return "complement"
        cases = verdicts_des_cases(self.cases[:, rang])
        if verdict == OUI or (verdict == DOUTE and NON in cases):
            return "couverture"
        return regle_de_la_case(int(self.cases[cases == verdict, rang][0]))

    def case(self, rang: int, colonne: int) -> tuple[Verdict, str]:
        """The verdict of one cell and the name of the rule that decides it."""
        code = int(self.cases[colonne, rang])
        return VERDICTS[int(verdicts_des_cases(self.cases[colonne, rang]))], regle_de_la_case(code)

    def cout(self, rang: int) -> Cout:
        """Money and CO2 of an offer."""
        couts = (self.couts.mensuel, self.couts.a_avancer, self.couts.co2_kg)
        return Cout(*(None if isnan(valeurs[rang]) else float(valeurs[rang]) for valeurs in couts))

    def doute_de(self, regle: str) -> npt.NDArray[np.bool_]:
        """Whether a rule leaves a doubt, offer by offer."""
        doutes: npt.NDArray[np.bool_] = self.doutes & np.uint64(self.vocabulaire.bit(regle)) != 0
        return doutes

    @cached_property
    def verdicts_des_cases(self) -> Petits:
        """The verdict of each cell of each offer; « no » everywhere for what makes no trip."""
        return np.where(self.transporte, verdicts_des_cases(self.cases), np.int8(NON))

    @cached_property
    def trajets_a_elle(self) -> Petits:
        """The verdict of each cell, no surer than the access to what makes it."""
        return np.maximum(self.acces, self.verdicts_des_cases)

    @property
    def possibles(self) -> npt.NDArray[np.bool_]:
        """The offers that are not refused."""
        possibles: npt.NDArray[np.bool_] = self.verdicts != NON
        return possibles

    @cached_property
    def chiffres(self) -> Nombres:
        """Smaller is better: the verdict, the trips not served, minutes, euros, advance, CO2; NaN: unknown."""
        return np.stack(
            [
                self.verdicts - OUI,
                (self.trajets_a_elle - OUI).sum(axis=0),
                self.minutes,
                self.couts.mensuel,
                self.couts.a_avancer,
                self.couts.co2_kg,
            ]
        )


class Juge:
    """Judges one need after another for one person, remembering what does not depend on the need."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.vocabulaire = Vocabulaire()
        self._tableau = Tableau(catalogue, self.vocabulaire)

    def juger(self, examen: Examen, bareme: Bareme) -> Jugement:
        """The whole catalogue for one need."""
        catalogue = self.catalogue
        transporte = catalogue.nombres(_transporte) == 1
        acces_par_regle = self._tableau.acces(examen)
        acces = np.full(len(catalogue), OUI, np.int8)
        questions, doutes = (np.zeros(len(catalogue), np.uint64) for _ in range(2))
        for colonne in acces_par_regle:
            np.maximum(acces, colonne.reponses.codes, out=acces)
            _ajouter(questions, colonne.reponses.questions)
            _ajouter(doutes, colonne.reponses.doutes)
        trajets_par_case = self._tableau.cases(examen)
        cases = np.stack([case.codes for case in trajets_par_case])
        par_case = verdicts_des_cases(cases)
        minutes = np.full(len(catalogue), np.nan)
        for case, verdicts in zip(trajets_par_case, par_case, strict=True):
            servies = transporte & (verdicts != NON)
            _ajouter(questions, case.questions, servies)
            _ajouter(doutes, case.doutes, servies)
            if case.minutes is not None:
                np.fmax(minutes, case.minutes, out=minutes)
        refus, surs = (par_case == NON).sum(axis=0), (par_case == OUI).sum(axis=0)
        nombre = len(cases)
        trajets = np.full(len(catalogue), DOUTE, np.int8)
        trajets[transporte & (refus == nombre)] = NON
        trajets[transporte & (surs == nombre)] = OUI
        en_partie = transporte & (refus > 0) & (refus < nombre)
        doutes[en_partie] |= np.uint64(self.vocabulaire.bit("couverture"))
        minutes[~transporte] = np.nan
        aller = examen.trajets[0][0]
        couts = couts_du_catalogue(
            catalogue, examen.besoin, partial(examen.trajet, aller), examen.contexte.parametres
        )
        servis = np.where(transporte, (surs + (nombre - refus - surs) * 0.5) / nombre, 0.0)
        valeurs = valeurs_du_catalogue(catalogue, minutes, couts, servis, bareme)
        incertaine = doutes & np.uint64(reduce(int.__or__, map(self.vocabulaire.bit, _INCERTAINES))) != 0
        return Jugement(
            catalogue,
            acces_par_regle,
            cases,
            transporte,
            acces,
            trajets,
            np.maximum(acces, trajets),
            questions,
            doutes,
            minutes,
            couts,
            centiemes_par_critere(valeurs, bareme.poids).sum(axis=0),
            _parts(par_case, transporte, incertaine),
            bareme,
            self.vocabulaire,
        )


def _ajouter(total: Masques, masques: Masques | None, ou: npt.NDArray[np.bool_] | None = None) -> None:
    """Add doubts to those of each offer, or of some offers."""
    if masques is not None:
        total |= masques if ou is None else np.where(ou, masques, np.uint64(0))


def _parts(cases: Petits, transporte: npt.NDArray[np.bool_], incertaine: npt.NDArray[np.bool_]) -> Petits:
    servies = cases != NON
    parts = np.full(cases.shape[1], Part.COMPLEMENT, np.int8)
    parts[(servies[::2] & servies[1::2]).any(axis=0)] = Part.DES_JOURS
    parts[servies.all(axis=0)] = Part.TOUT
    parts[incertaine] = Part.INCERTAINE
    parts[~transporte] = Part.APPUI
    return parts


def _transporte(offre: Candidate) -> float:
    return float(offre.genre.transporte)
