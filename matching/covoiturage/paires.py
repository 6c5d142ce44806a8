"""Every passenger against every driver, at once: which pairs are possible, surely or perhaps.

What needs no road comes first (days, seats, hours that can never meet): it only ever drops pairs that
``matching.covoiturage.passager.juger`` refuses, a property test says so. The roads are asked about what remains.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.colonnes import A_VERIFIER, NON, OUI, Codes, Colonnes, Longs, Paires
from matching.covoiturage.jours_communs import Service, jours_servis
from matching.covoiturage.trajets import MS, DemandePassager, Regles
from matching.voyage import Sens
from mobilite.conducteur import BesoinABord, TrajetConducteur
from mobilite.lieux import JAMAIS, DureesParPaires
from mobilite.verdict import Verdict

_CODES = {Verdict.NON: NON, Verdict.A_VERIFIER: A_VERIFIER, Verdict.OUI: OUI}
_JOUR = 1440 * MS
_DECALAGES = (0, -1, 1)
_AU_PLUS = 4_000_000


def paires_possibles(
    trajets: Sequence[TrajetConducteur],
    demandes: Sequence[DemandePassager],
    durees: DureesParPaires,
    regles: Regles,
    feries: frozenset[date] = frozenset(),
) -> Paires:
    """The pairs that no rule refuses, every day asked for being served.

    A demand whose days or hour nobody said is in no pair: it has to be completed first.
    """
    # Drivers who leave at the same time see the same passengers: the tables of times stay small.
    ordre = sorted(range(len(trajets)), key=lambda rang: trajets[rang].heure)
    lot = _Lot([trajets[rang] for rang in ordre], demandes, durees, regles, feries)
    morceaux = [lot.juger(t, v, statique, d) for t, v, statique, d in lot.candidats()]
    return _les_meilleures(lot, np.array(ordre, np.int64), morceaux)


class _Lot:
    """Drivers and variants (a demand with one couple of stops) as columns."""

    def __init__(
        self,
        trajets: Sequence[TrajetConducteur],
        demandes: Sequence[DemandePassager],
        durees: DureesParPaires,
        regles: Regles,
        feries: frozenset[date],
    ) -> None:
        self.trajets, self.demandes, self.feries = trajets, demandes, feries
        arrets = [a.lieu for d in demandes for a in (*d.prises, *d.deposes)]
        n = len(trajets)
        self.poses = durees.poser([*(t.depart for t in trajets), *(t.arrivee for t in trajets), *arrets])
        self.depart, self.arrivee = np.arange(n), np.arange(n, 2 * n)
        self.direct = self._temps(self.depart, self.arrivee)
        plages = [
            regles.detour_permis(t, (int(d[0]), int(d[1]))) for t, d in zip(trajets, self.direct, strict=True)
        ]
        self.permis = np.array(plages, np.int64).reshape(-1, 2)
        heure = np.array([t.heure for t in trajets], np.int64) * MS
        souplesse = np.array([t.souplesse for t in trajets], np.int64) * MS
        self.tot, self.tard = heure - souplesse, heure + souplesse
        self.limite = np.array([_limite(t) for t in trajets], np.int64)
        self._variantes(regles)

    def _variantes(self, regles: Regles) -> None:
        lignes = [
            (rang, i, j)
            for rang, demande in enumerate(self.demandes)
            if demande.heure is not None and (demande.agenda.jours or demande.agenda.dates)
            for i in range(len(demande.prises))
            for j in range(len(demande.deposes))
        ]
        self.demande, self.prise, self.depose = np.array(lignes, np.int64).reshape(-1, 3).T.copy()
        prises = np.array([len(d.prises) for d in self.demandes], np.int64)
        deposes = np.array([len(d.deposes) for d in self.demandes], np.int64)
        premier = 2 * len(self.trajets) + np.cumsum(prises + deposes) - prises - deposes
        self.ici = premier[self.demande] + self.prise
        self.la = premier[self.demande] + prises[self.demande] + self.depose
        self.ensemble = self._temps(self.ici, self.la)
        # The first variant of a demand goes from door to door: what driving her on purpose takes.
        premiere = np.flatnonzero((self.prise == 0) & (self.depose == 0))
        self.porte = np.zeros((len(self.demandes), 2), np.int64)
        self.porte[self.demande[premiere]] = self.ensemble[premiere]
        marche = [
            (
                self.demandes[r].deposes[j]
                if self.demandes[r].sens is Sens.ALLER
                else self.demandes[r].prises[i]
            ).ms
            for r, i, j in lignes
        ]
        self.marche = np.array(marche, np.int64).reshape(-1, 2)
        a_pied = [
            min(
                _CODES[a.marche.tient_en(self.demandes[r].marche_max)]
                for a in (self.demandes[r].prises[i], self.demandes[r].deposes[j])
            )
            for r, i, j in lignes
        ]
        self.a_pied = np.array(a_pied, np.int8)
        a_marcher = [
            self.demandes[r].prises[i].ms[1] + self.demandes[r].deposes[j].ms[1] for r, i, j in lignes
        ]
        self.a_marcher = np.array(a_marcher, np.int64)
        self.aller = np.array([self.demandes[r].sens is Sens.ALLER for r, _, _ in lignes], bool)
        heure = np.array([self.demandes[r].heure for r, _, _ in lignes], np.int64) * MS
        self.debut = np.where(self.aller, heure - regles.attente_ms, heure)
        self.fin = np.where(self.aller, heure, heure + regles.attente_ms)

    def candidats(self) -> Iterator[tuple[Longs, Longs, Codes, int]]:
        """What needs no road: (drivers, variants, code so far, days between), in bounded pieces."""
        agendas_t, qui_t = _classes([t.agenda for t in self.trajets])
        agendas_d, qui_d = _classes([d.agenda for d in self.demandes])
        a_bord, bord_t, bord_d = self._a_bord()
        places_t = np.array([-1 if t.places is None else t.places for t in self.trajets], np.int64)
        places_d = np.array([d.places for d in self.demandes], np.int64)
        # Drivers share a few habits, and so do passengers: each couple of habits is judged once.
        lignes, ligne = np.unique(np.stack((qui_t, bord_t, places_t)), axis=1, return_inverse=True)
        d = self.demande
        habits = np.stack((qui_d[d], bord_d[d], places_d[d], self.a_pied.astype(np.int64)))
        colonnes, colonne = np.unique(habits, axis=1, return_inverse=True)
        ligne, colonne = ligne.ravel(), colonne.ravel()
        for decalage in _DECALAGES:
            jours = np.array(
                [
                    [_code_des_jours(jours_servis(t, d, decalage, self.feries)) for d in agendas_d]
                    for t in agendas_t
                ],
                np.int8,
            ).reshape(len(agendas_t), len(agendas_d))
            if not jours.any() or not colonne.size:
                continue
            code = np.minimum(jours[np.ix_(lignes[0], colonnes[0])], a_bord[np.ix_(lignes[1], colonnes[1])])
            code = np.minimum(code, colonnes[3].astype(np.int8))
            dites, libres, voulues = lignes[2][:, None] >= 0, lignes[2][:, None], colonnes[2]
            code = np.where(dites & (libres < voulues), np.int8(NON), code)
            code = np.where(dites, code, np.minimum(code, np.int8(A_VERIFIER)))
            for t, v in self._aux_memes_heures(decalage):
                statique = code[ligne[t], colonne[v]]
                garde = statique > NON
                if garde.any():
                    yield t[garde], v[garde], statique[garde], decalage

    def _a_bord(self) -> tuple[Codes, Longs, Longs]:
        """What she needs in the car and her agreement: a table, the row of each driver, the column of each demand."""
        prend, qui_t = _classes([(t.prend, t.refuse) for t in self.trajets])
        demande, qui_d = _classes([(d.besoins, d.accord) for d in self.demandes])
        codes = [
            [_code_a_bord(oui, non, besoins, accord) for besoins, accord in demande] for oui, non in prend
        ]
        return np.array(codes, np.int8).reshape(len(prend), len(demande)), qui_t, qui_d

    def _aux_memes_heures(self, decalage: int) -> Iterator[tuple[Longs, Longs]]:
        """Pairs whose hours may meet, and whose trip together is not already too long."""
        if not len(self.trajets) or not self.demande.size:
            return
        tot, ecart = self.tot + decalage * _JOUR, decalage * _JOUR
        plafond = self.direct[:, 1] + self.permis[:, 1]
        jusqu_a = self.tard + ecart + plafond
        ensemble = self.ensemble[:, 0]
        au_plus_tard = np.where(
            self.aller, self.fin - ensemble - self.marche[:, 0], self.fin + self.marche[:, 1]
        )
        au_plus_tot = np.where(
            self.aller, self.debut - self.marche[:, 1], self.debut + ensemble + self.marche[:, 0]
        )
        # Firm times bound the approach by the detour; a range does not.
        fermes_t = self.direct[:, 0] == self.direct[:, 1]
        fermes_v = self.ensemble[:, 0] == self.ensemble[:, 1]
        fermes = bool(fermes_t.all() and fermes_v.all())
        rang = np.argsort(tot, kind="stable")
        largeur = int((jusqu_a - tot).max()) if fermes_t.all() else JAMAIS
        plancher = np.where(fermes_v, au_plus_tot - largeur, -JAMAIS)
        bas = np.searchsorted(tot[rang], plancher, "left")
        combien = np.maximum(np.searchsorted(tot[rang], au_plus_tard, "right") - bas, 0)
        fins = np.cumsum(combien)
        debut = 0
        while debut < combien.size:
            passe = int(fins[debut - 1]) if debut else 0
            fin = max(debut + 1, int(np.searchsorted(fins, passe + _AU_PLUS, "right")))
            v = np.repeat(np.arange(debut, fin), combien[debut:fin])
            commence = fins[debut:fin] - combien[debut:fin] - passe
            t = rang[np.arange(v.size) + np.repeat(bas[debut:fin] - commence, combien[debut:fin])]
            garde = ensemble[v] <= plafond[t]
            if fermes:
                garde &= jusqu_a[t] >= au_plus_tot[v]
            else:
                garde &= ~(fermes_t[t] & fermes_v[v]) | (jusqu_a[t] >= au_plus_tot[v])
            yield t[garde], v[garde]
            debut = fin

    def juger(self, t: Longs, v: Longs, code: Codes, decalage: int) -> tuple[Longs, Longs, Codes, Longs]:
        """The roads, then the hours: (drivers, variants, code, detour) of the pairs that remain."""
        bornes = self.poses.entre(self.depart[t].data, self.ici[v].data)
        plafond = self.direct[:, 1] + self.permis[:, 1]
        garde = np.flatnonzero(np.asarray(bornes.bas) + self.ensemble[v, 0] <= plafond[t])
        approche = np.stack([np.asarray(bornes.bas)[garde], np.asarray(bornes.haut)[garde]], axis=1)
        t, v, code = t[garde], v[garde], code[garde]
        suite = self._temps(self.la[v], self.arrivee[t])
        permis, direct, ensemble = self.permis[t], self.direct[t], self.ensemble[v]
        etapes = Colonnes(direct, approche, ensemble, suite)
        possible, sur = self._heures(t, v, decalage, etapes)
        ajoute = etapes.ajoute
        possible &= (ajoute[:, 0] <= permis[:, 1]) & (etapes.total[:, 0] < JAMAIS) & (direct[:, 0] < JAMAIS)
        sur &= ajoute[:, 1] <= permis[:, 0]
        code = np.where(sur, code, np.minimum(code, np.int8(A_VERIFIER)))
        return t[possible], v[possible], code[possible], ajoute[possible]

    def _heures(
        self, t: Longs, v: Longs, decalage: int, e: Colonnes
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """bool[k] each: an hour to leave may exist, surely exists (``matching.covoiturage.rendez_vous.fenetres``)."""
        aller, marche = self.aller[v][:, None], self.marche[v]
        jusqu_a = np.where(aller, e.approche + e.ensemble + marche, e.approche - marche[:, ::-1])
        tot, tard = self.tot[t] + decalage * _JOUR, self.tard[t] + decalage * _JOUR
        limite = self.limite[t] + decalage * _JOUR
        debut, fin = self.debut[v], self.fin[v]
        possible = np.maximum(tot, debut - jusqu_a[:, 1]) <= np.minimum(
            np.minimum(tard, limite - e.total[:, 0]), fin - jusqu_a[:, 0]
        )
        sur = np.maximum(tot, debut - jusqu_a[:, 0]) <= np.minimum(
            np.minimum(tard, limite - e.total[:, 1]), fin - jusqu_a[:, 1]
        )
        return possible, sur

    def _temps(self, de: Longs, vers: Longs) -> Longs:
        bornes = self.poses.entre(de.data, vers.data)
        return np.stack([np.asarray(bornes.bas), np.asarray(bornes.haut)], axis=1)


def _limite(trajet: TrajetConducteur) -> int:
    """When he must be there, in ms from the midnight of the day he leaves."""
    if trajet.arrivee_max is None:
        return JAMAIS
    return (trajet.arrivee_max + (1440 if trajet.arrivee_max < trajet.heure else 0)) * MS


def _classes(valeurs: Sequence[Hashable]) -> tuple[list[Any], Longs]:
    """The different values, and which one each is: drivers and passengers share a few habits."""
    rangs: dict[Hashable, int] = {}
    qui = [rangs.setdefault(valeur, len(rangs)) for valeur in valeurs]
    return list(rangs), np.array(qui, np.int64)


def _code_des_jours(service: Service) -> int:
    if service.manquants or not service.servis:
        return NON
    return A_VERIFIER if service.reserves else OUI


def _code_a_bord(
    prend: frozenset[BesoinABord],
    refuse: frozenset[BesoinABord],
    besoins: frozenset[BesoinABord],
    accord: Verdict,
) -> int:
    if accord is Verdict.NON or besoins & refuse:
        return NON
    return OUI if accord is Verdict.OUI and besoins <= prend else A_VERIFIER


def _les_meilleures(lot: _Lot, ordre: Longs, morceaux: Sequence[tuple[Longs, Longs, Codes, Longs]]) -> Paires:
    """One row per pair: the surest, then the least walk (her door), then the shortest detour."""
    if not morceaux:
        vide = np.empty(0, np.int64)
        return Paires(vide, vide, vide, vide, vide.astype(np.int8), vide.reshape(0, 2), vide)
    t, v, code, ajoute = (np.concatenate(colonne) for colonne in zip(*morceaux, strict=True))
    demande = lot.demande[v]
    milieu = np.minimum(ajoute.sum(axis=1) // 2, JAMAIS)
    rangs = np.lexsort((v, milieu, lot.a_marcher[v], -code, demande, t))
    t, v, demande, code, ajoute, milieu = (c[rangs] for c in (t, v, demande, code, ajoute, milieu))
    premier = np.ones(t.size, bool)
    premier[1:] = (t[1:] != t[:-1]) | (demande[1:] != demande[:-1])
    t, v, demande, code, ajoute, milieu = (c[premier] for c in (t, v, demande, code, ajoute, milieu))
    gain = lot.porte[demande].sum(axis=1) // 2 - milieu
    return Paires(ordre[t], demande, lot.prise[v], lot.depose[v], code, ajoute, gain)
