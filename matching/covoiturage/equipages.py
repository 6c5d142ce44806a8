"""Several passengers in one car: every order of their stops is tried, on exact times.

Two people from one village who go to one factory are one detour, not two. The days decide who rides
with whom: those who never share a day share nothing but the driver. Each keeps the stops that suit
her best alone; rides that cross midnight are not shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations

import numpy as np

from matching.colonnes import A_VERIFIER, NON, OUI, Paires
from matching.covoiturage.jours_communs import jours_servis
from matching.covoiturage.trajets import MS, DemandePassager, Plage, Regles
from matching.voyage import Sens
from mobilite.besoin import Jour
from mobilite.conducteur import TrajetConducteur
from mobilite.lieux import JAMAIS, DureesParPaires


@dataclass(frozen=True, slots=True)
class Equipage:
    """A driver and the demands he may take: ranks in what was given; sure or to be checked.

    ``ajoute``: the detour in ms on the day it is longest; ``gain``: ms of driving spared that day;
    ``paires``: the row of each demand among the possible pairs.
    """

    trajet: int
    demandes: tuple[int, ...]
    paires: tuple[int, ...]
    code: int
    ajoute: Plage
    gain: int


@dataclass(frozen=True, slots=True)
class _Passager:
    """A demand on one car: where she gets in and out (ranks of places), and what her stop must meet."""

    rang: int
    paire: int
    monte: int
    descend: int
    porte: int
    demande: DemandePassager
    marche: Plage


def equipages(
    trajets: Sequence[TrajetConducteur],
    demandes: Sequence[DemandePassager],
    paires: Paires,
    durees: DureesParPaires,
    regles: Regles,
    groupe_max: int,
) -> list[Equipage]:
    """Each possible pair, then the groups of up to ``groupe_max`` that one car may take together."""
    trouves = [
        Equipage(
            int(paires.trajet[k]),
            (int(paires.demande[k]),),
            (k,),
            int(paires.code[k]),
            (int(paires.ajoute[k, 0]), int(paires.ajoute[k, 1])),
            int(paires.gain[k]),
        )
        for k in range(len(paires))
    ]
    for t in np.unique(paires.trajet).tolist():
        lignes = np.flatnonzero(paires.trajet == t).tolist()
        if len(lignes) > 1 and (trajets[t].places or 1) > 1:
            voiture = _Voiture(t, trajets[t], lignes, demandes, paires, durees, regles)
            trouves += voiture.groupes(groupe_max)
    return trouves


class _Voiture:
    """One driver and all who could ride with him."""

    def __init__(
        self,
        rang: int,
        trajet: TrajetConducteur,
        lignes: Sequence[int],
        demandes: Sequence[DemandePassager],
        paires: Paires,
        durees: DureesParPaires,
        regles: Regles,
    ) -> None:
        self.rang, self.trajet, self.regles = rang, trajet, regles
        lieux = [trajet.depart, trajet.arrivee]
        self.passagers: list[_Passager] = []
        for k in lignes:
            demande = demandes[int(paires.demande[k])]
            if jours_servis(trajet.agenda, demande.agenda, 0).manquants:
                continue  # only possible across midnight
            prise, depose = demande.prises[int(paires.prise[k])], demande.deposes[int(paires.depose[k])]
            porte = int(paires.gain[k]) + int(paires.ajoute[k].sum()) // 2
            marche = depose.ms if demande.sens is Sens.ALLER else prise.ms
            self.passagers.append(
                _Passager(int(paires.demande[k]), k, len(lieux), len(lieux) + 1, porte, demande, marche)
            )
            lieux += [prise.lieu, depose.lieu]
        n = len(lieux)
        de, vers = (c.ravel().astype(np.int64) for c in np.indices((n, n)))
        bornes = durees.poser(lieux).entre(de.data, vers.data)
        self.bas = np.asarray(bornes.bas).reshape(n, n).tolist()
        self.haut = np.asarray(bornes.haut).reshape(n, n).tolist()
        self.permis = regles.detour_permis(trajet, (self.bas[0][1], self.haut[0][1]))
        self.codes = {p.rang: int(paires.code[p.paire]) for p in self.passagers}
        self.ensemble = cache(self._ensemble)

    def groupes(self, au_plus: int) -> Iterator[Equipage]:
        """Groups that grow one by one: one is tried when it is possible without any one of its members."""
        taille: list[tuple[int, ...]] = [(i,) for i in range(len(self.passagers))]
        for _ in range(2, au_plus + 1):
            possibles = set(taille)
            taille = []
            for groupe in sorted({(*g, i) for g in possibles for i in range(g[-1] + 1, len(self.passagers))}):
                if all(sous in possibles for sous in combinations(groupe, len(groupe) - 1)):
                    equipage = self._equipage(groupe)
                    if equipage is not None:
                        taille.append(groupe)
                        yield equipage

    def _equipage(self, groupe: tuple[int, ...]) -> Equipage | None:
        """The group on each of its days; ``None`` when a day cannot be."""
        ceux = [self.passagers[i] for i in groupe]
        code = min(self.codes[p.rang] for p in ceux)
        pire: Plage = (0, 0)
        for jour in sorted({j for p in ceux for j in _jours(p.demande)}, key=str):
            ensemble = tuple(i for i in groupe if _est_la(self.passagers[i].demande, jour))
            if sum(self.passagers[i].demande.places for i in ensemble) > (self.trajet.places or 1):
                return None
            ce_jour, ajoute = self.ensemble(ensemble)
            if ce_jour == NON:
                return None
            code, pire = min(code, ce_jour), max(pire, ajoute, key=sum)
        gain = sum(p.porte for p in ceux) - sum(pire) // 2
        return Equipage(
            self.rang, tuple(p.rang for p in ceux), tuple(p.paire for p in ceux), code, pire, gain
        )

    def _ensemble(self, ceux: tuple[int, ...]) -> tuple[int, Plage]:
        """The best order of stops for those who ride that day: its code and its detour."""
        meilleur: tuple[int, Plage] = (NON, (JAMAIS, JAMAIS))
        for ordre in _ordres(ceux):
            code, ajoute = self._dans_cet_ordre(ordre, ceux)
            if code > meilleur[0] or (code == meilleur[0] and sum(ajoute) < sum(meilleur[1])):
                meilleur = code, ajoute
        return meilleur

    def _dans_cet_ordre(self, ordre: Sequence[tuple[int, bool]], ceux: Sequence[int]) -> tuple[int, Plage]:
        ici, bas, haut = 0, 0, 0
        quand: dict[tuple[int, bool], Plage] = {}
        for i, monte in ordre:
            la = self.passagers[i].monte if monte else self.passagers[i].descend
            bas, haut, ici = bas + self.bas[ici][la], haut + self.haut[ici][la], la
            quand[i, monte] = bas, haut
        bas, haut = min(JAMAIS, bas + self.bas[ici][1]), min(JAMAIS, haut + self.haut[ici][1])
        ajoute = max(0, bas - self.haut[0][1]), max(0, haut - self.bas[0][1])
        if bas >= JAMAIS or ajoute[0] > self.permis[1]:
            return NON, ajoute
        base, souplesse = self.trajet.heure * MS, self.trajet.souplesse * MS
        tot = possible_tot = base - souplesse
        tard = possible_tard = base + souplesse
        if self.trajet.arrivee_max is not None:
            lendemain = 1440 if self.trajet.arrivee_max < self.trajet.heure else 0
            limite = (self.trajet.arrivee_max + lendemain) * MS
            tard, possible_tard = min(tard, limite - haut), min(tard, limite - bas)
        for i in ceux:
            p = self.passagers[i]
            assert p.demande.heure is not None
            heure, attente = p.demande.heure * MS, self.regles.attente_ms
            if p.demande.sens is Sens.ALLER:
                x = quand[i, False][0] + p.marche[0], quand[i, False][1] + p.marche[1]
                debut, fin = heure - attente, heure
            else:
                x = quand[i, True][0] - p.marche[1], quand[i, True][1] - p.marche[0]
                debut, fin = heure, heure + attente
            tot, tard = max(tot, debut - x[0]), min(tard, fin - x[1])
            possible_tot, possible_tard = max(possible_tot, debut - x[1]), min(possible_tard, fin - x[0])
        if possible_tot > possible_tard:
            return NON, ajoute
        return (OUI if tot <= tard and ajoute[1] <= self.permis[0] else A_VERIFIER), ajoute


@cache
def _ordres(ceux: tuple[int, ...]) -> tuple[tuple[tuple[int, bool], ...], ...]:
    """Every order of getting in and out: two orders for one, six for two, ninety for three."""
    if not ceux:
        return ((),)
    *autres, dernier = ceux
    return tuple(
        (*ordre[:i], (dernier, True), *ordre[i:j], (dernier, False), *ordre[j:])
        for ordre in _ordres(tuple(autres))
        for i in range(len(ordre) + 1)
        for j in range(i, len(ordre) + 1)
    )


def _jours(demande: DemandePassager) -> frozenset[Jour | date]:
    return frozenset[Jour | date](demande.agenda.jours) | demande.agenda.dates


def _est_la(demande: DemandePassager, jour: Jour | date) -> bool:
    """A date falls on a day of the week: both may ride then."""
    if isinstance(jour, Jour):
        return jour in demande.agenda.jours or any(Jour.de(d) is jour for d in demande.agenda.dates)
    return demande.agenda.vaut_le(jour)
