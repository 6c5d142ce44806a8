"""Several in one car: against an oracle that tries every minute, every order and every sharing."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest

from matching.covoiturage.appariement import Objectif
from matching.covoiturage.equipages import Equipage, equipages
from matching.covoiturage.paires import paires_possibles
from matching.covoiturage.repartition import repartir, servies_en_entier
from matching.covoiturage.trajets import MS, Arret, DemandePassager, Regles
from matching.voyage import Sens
from mobilite.besoin import Jour
from mobilite.conducteur import Agenda, TrajetConducteur
from mobilite.lieux import Lieu
from tests.doublures import DureesFixes

REGLES = Regles(0.25, 10 * MS, 20 * MS)
LIEUX = [Lieu(str(rang)) for rang in range(6)]
JOURS = (Jour.LUN, Jour.MAR)


def instance(graine: int) -> tuple[list[TrajetConducteur], list[DemandePassager], DureesFixes]:
    """Three drivers and five demands of three or five people, in whole minutes, on six places of a plane."""
    hasard = np.random.default_rng(graine)
    xy = hasard.integers(0, 8, (6, 2))
    ecarts = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    temps: dict[tuple[Lieu, Lieu], tuple[int, int] | None] = {
        (LIEUX[a], LIEUX[b]): (int(ecarts[a, b]) * MS,) * 2 for a in range(6) for b in range(6)
    }

    def lieu() -> Lieu:
        return LIEUX[int(hasard.integers(6))]

    def agenda() -> Agenda:
        return Agenda(
            frozenset(JOURS) if hasard.random() < 0.6 else frozenset({JOURS[int(hasard.integers(2))]})
        )

    trajets = [
        TrajetConducteur(
            f"c{c}", lieu(), lieu(), Agenda(frozenset(JOURS)), heure=480, souplesse=5,
            arrivee_max=520, places=int(hasard.integers(1, 4)),
        )
        for c in range(3)
    ]  # fmt: skip
    personnes = 3 if graine % 2 else 5
    demandes = [
        DemandePassager(
            f"p{d}", f"qui{d % personnes}", Sens.ALLER if hasard.random() < 0.5 else Sens.RETOUR, agenda(),
            int(hasard.integers(484, 506)), (Arret(lieu()),), (Arret(lieu()),), places=int(hasard.integers(1, 3)),
        )
        for d in range(5)
    ]  # fmt: skip
    return trajets, demandes, DureesFixes(temps)


def detour(trajet: TrajetConducteur, ceux: list[DemandePassager], temps: DureesFixes) -> int | None:
    """Minutes added by those who ride together, by trying every minute and every order of stops."""

    def minutes(a: Lieu, b: Lieu) -> int:
        return temps.plage(a, b)[0] // MS

    direct = minutes(trajet.depart, trajet.arrivee)
    trouves = []
    for ordre in permutations([(d, monte) for d in ceux for monte in (True, False)]):
        if any(ordre.index((d, True)) > ordre.index((d, False)) for d in ceux):
            continue
        for part in range(trajet.heure - trajet.souplesse, trajet.heure + trajet.souplesse + 1):
            ici, heure, bon = trajet.depart, part, True
            for d, monte in ordre:
                la = (d.prises if monte else d.deposes)[0].lieu
                heure, ici = heure + minutes(ici, la), la
                assert d.heure is not None
                if d.sens is Sens.ALLER and not monte:
                    bon &= d.heure - 20 <= heure <= d.heure
                if d.sens is Sens.RETOUR and monte:
                    bon &= d.heure <= heure <= d.heure + 20
            heure += minutes(ici, trajet.arrivee)
            ajoute = heure - part - direct
            if bon and heure <= (trajet.arrivee_max or 0) and ajoute <= max(10, direct * 0.25):
                trouves.append(ajoute)
    return min(trouves, default=None)


def tous_les_jours(trajet: TrajetConducteur, ceux: list[DemandePassager], temps: DureesFixes) -> int | None:
    """The longest detour of the week; ``None`` when a day, or a part of the group, cannot be."""
    pire = 0
    for taille in range(1, len(ceux) + 1):
        for groupe in combinations(ceux, taille):
            for jour in JOURS:
                ensemble = [d for d in groupe if jour in d.agenda.jours]
                if sum(d.places for d in ensemble) > (trajet.places or 0):
                    return None
                ajoute = detour(trajet, ensemble, temps)
                if ajoute is None:
                    return None
                pire = max(pire, ajoute) if taille == len(ceux) else pire
    return pire


@pytest.mark.parametrize("graine", range(16))
def test_the_cars_that_are_kept_are_the_best_of_all_ways_to_share(graine: int) -> None:
    trajets, demandes, temps = instance(graine)
    voitures = {
        (t, ceux): ajoute
        for t, trajet in enumerate(trajets)
        for taille in (1, 2, 3)
        for ceux in combinations(range(len(demandes)), taille)
        if (ajoute := tous_les_jours(trajet, [demandes[d] for d in ceux], temps)) is not None
    }
    paires = paires_possibles(trajets, demandes, temps, REGLES)
    possibles = equipages(trajets, demandes, paires, temps, REGLES, groupe_max=3)
    assert {(e.trajet, tuple(sorted(e.demandes))): e.ajoute[0] // MS for e in possibles} == voitures

    def valeur(partage: tuple[int, ...]) -> tuple[int, float] | None:
        gardees = []
        for t in range(len(trajets)):
            ceux = tuple(d for d, qui in enumerate(partage) if qui == t)
            if ceux and (t, ceux) not in voitures:
                return None
            portes = sum(
                temps.plage(demandes[d].prises[0].lieu, demandes[d].deposes[0].lieu)[0] for d in ceux
            )
            if ceux:
                gain = portes - voitures[t, ceux] * MS
                gardees.append(Equipage(t, ceux, (), 2, (0, 0), gain))
        return len(servies_en_entier(gardees, demandes)), sum(e.gain for e in gardees) / MS

    toutes = [
        v for p in product(range(-1, len(trajets)), repeat=len(demandes)) if (v := valeur(p)) is not None
    ]
    gens = repartir(possibles, demandes, paires, Objectif.PERSONNES)
    assert (gens.personnes, round(gens.minutes, 6)) == max(toutes)
    minutes = repartir(possibles, demandes, paires, Objectif.MINUTES)
    assert round(minutes.minutes, 6) == max(v[1] for v in toutes)
    assert gens.optimale
    assert minutes.optimale
