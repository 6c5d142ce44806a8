"""Carpool laws: the batch refuses exactly what the rules refuse, and the choice is the best there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.colonnes import A_VERIFIER, OUI, Paires
from matching.covoiturage.appariement import Objectif, apparier, borne_superieure, glouton, poids
from matching.covoiturage.paires import paires_possibles
from matching.covoiturage.passager import juger
from matching.covoiturage.trajets import MS, Arret, Compatibilite, DemandePassager, Etapes, Regles
from matching.voyage import Sens
from mobilite.besoin import Jour
from mobilite.conducteur import Agenda, BesoinABord, TrajetConducteur
from mobilite.lieux import Lieu
from mobilite.verdict import Duree, Verdict
from tests.doublures import DureesFixes

REGLES = Regles(0.25, 10 * MS, 25 * MS)
FERIES = frozenset({date(2026, 4, 6)})
_LIEUX = [Lieu(str(rang)) for rang in range(8)]
_VIDE: frozenset[BesoinABord] = frozenset()


def durees(hasard: np.random.Generator) -> DureesFixes:
    """Times between eight places: all firm, or all ranges; a road missing here and there."""
    ferme = hasard.random() < 0.6
    temps: dict[tuple[Lieu, Lieu], tuple[int, int] | None] = {}
    for a in _LIEUX:
        for b in _LIEUX:
            bas = int(hasard.integers(0, 14)) * MS
            large = 0 if ferme else int(hasard.choice([3, 8])) * MS
            temps[a, b] = None if hasard.random() < 0.04 else (bas, bas + large)
    return DureesFixes(temps)


def tirer(hasard: np.random.Generator, choix: Sequence[Any], souvent: float = 0) -> Any:
    """One of these; the first one as often as said, more than its share."""
    return choix[0] if hasard.random() < souvent else choix[int(hasard.integers(len(choix)))]


def un_agenda(hasard: np.random.Generator, au_moins: int) -> Agenda:
    """Some of three days, in a period or not; single dates sometimes, one of them a public holiday."""
    combien = int(hasard.integers(au_moins, 4))
    semaine = frozenset(list(Jour)[int(r)] for r in hasard.choice(3, combien, replace=False))
    bord = [None, date(2026, 3, 2), date(2026, 4, 30)]
    dates = [
        frozenset[date](),
        frozenset({date(2026, 4, 6)}),
        frozenset({date(2026, 4, 7), date(2026, 3, 3)}),
    ]
    return Agenda(semaine, tirer(hasard, dates, 0.7), tirer(hasard, bord, 0.8), tirer(hasard, bord, 0.8))


def une_heure(hasard: np.random.Generator) -> int:
    """Around the same hour, on the quarter or not; around midnight sometimes."""
    return int(hasard.integers(470, 500)) if hasard.random() < 0.8 else int(hasard.integers(-12, 12)) % 1440


def un_trajet(hasard: np.random.Generator, rang: int) -> TrajetConducteur:
    heure = une_heure(hasard)
    a_bord = [_VIDE, frozenset({BesoinABord.ANIMAL}), frozenset({BesoinABord.ANIMAL, BesoinABord.BEBE})]
    return TrajetConducteur(
        id=f"c{rang}",
        depart=tirer(hasard, _LIEUX),
        arrivee=tirer(hasard, _LIEUX),
        agenda=un_agenda(hasard, 2),
        heure=heure,
        souplesse=int(hasard.integers(0, 15)),
        arrivee_max=tirer(hasard, [None, (heure + 15) % 1440, (heure + 40) % 1440], 0.5),
        places=tirer(hasard, [3, 1, None], 0.7),
        detour_max=tirer(hasard, [None, 4.0, 30.0], 0.4),
        prend=tirer(hasard, a_bord),
        refuse=tirer(hasard, a_bord, 0.8),
    )


def des_arrets(hasard: np.random.Generator) -> tuple[Arret, ...]:
    marches = [int(m) for m in hasard.integers(0, 6, int(hasard.integers(1, 3)))]
    return tuple(Arret(tirer(hasard, _LIEUX), "", Duree(m, m + m // 3, "marche")) for m in marches)


def une_demande(hasard: np.random.Generator, rang: int) -> DemandePassager:
    return DemandePassager(
        id=f"p{rang}",
        personne=f"p{rang}",
        sens=tirer(hasard, list(Sens)),
        agenda=Agenda() if hasard.random() < 0.05 else un_agenda(hasard, 0),
        heure=None if hasard.random() < 0.05 else une_heure(hasard),
        prises=des_arrets(hasard),
        deposes=des_arrets(hasard),
        places=tirer(hasard, [1, 2], 0.7),
        besoins=tirer(hasard, [_VIDE, frozenset({BesoinABord.ANIMAL})], 0.6),
        accord=tirer(hasard, list(Verdict), 0.7),
        marche_max=tirer(hasard, [15.0, 5.0, 2.0], 0.7),
    )


def une_par_une(
    trajet: TrajetConducteur, demande: DemandePassager, temps: DureesFixes
) -> list[Compatibilite]:
    """The rules, for every couple of stops."""
    return [
        juger(
            trajet,
            demande,
            prise,
            depose,
            Etapes(
                temps.plage(trajet.depart, trajet.arrivee),
                temps.plage(trajet.depart, prise.lieu),
                temps.plage(prise.lieu, depose.lieu),
                temps.plage(depose.lieu, trajet.arrivee),
            ),
            REGLES,
            FERIES,
        )
        for prise in demande.prises
        for depose in demande.deposes
    ]


@pytest.mark.parametrize("graine", range(30))
def test_the_batch_keeps_exactly_the_pairs_that_the_rules_do_not_refuse(graine: int) -> None:
    hasard = np.random.default_rng(graine)
    temps = durees(hasard)
    conducteurs = [un_trajet(hasard, rang) for rang in range(25)]
    passagers = [une_demande(hasard, rang) for rang in range(25)]
    trouvees = paires_possibles(conducteurs, passagers, temps, REGLES, FERIES)
    obtenu = {
        (int(t), int(d)): (int(code), int(bas), int(haut))
        for t, d, code, (bas, haut) in zip(
            trouvees.trajet, trouvees.demande, trouvees.code, trouvees.ajoute, strict=True
        )
    }
    attendu = {}
    for t, trajet in enumerate(conducteurs):
        for d, demande in enumerate(passagers):
            if demande.heure is None or not (demande.agenda.jours or demande.agenda.dates):
                continue
            possibles = [
                c
                for c in une_par_une(trajet, demande, temps)
                if c.verdict is not Verdict.NON and not c.service.manquants
            ]
            if possibles:
                meilleure = max(
                    possibles,
                    key=lambda c: (
                        c.verdict is Verdict.OUI,
                        -(c.prise.ms[1] + c.depose.ms[1]),
                        -(sum(c.etapes.ajoute) // 2),
                    ),
                )
                code = OUI if meilleure.verdict is Verdict.OUI else A_VERIFIER
                attendu[t, d] = (code, *meilleure.etapes.ajoute)
    assert len(attendu) > 10
    assert {cle: v[0] for cle, v in obtenu.items()} == {cle: v[0] for cle, v in attendu.items()}
    milieux = {cle: (v[1] + v[2]) // 2 for cle, v in obtenu.items()}
    assert milieux == {cle: (v[1] + v[2]) // 2 for cle, v in attendu.items()}


@st.composite
def paires(choisir: st.DrawFn) -> Paires:
    """A few possible pairs of up to five drivers and five demands; some cost more than they spare."""
    cases = sorted(choisir(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=9)))
    gains = [choisir(st.integers(-6, 12)) for _ in cases]
    t, d = np.array(cases, np.int64).reshape(-1, 2).T.copy()
    zeros = np.zeros(t.size, np.int64)
    return Paires(
        t,
        d,
        zeros,
        zeros,
        np.full(t.size, OUI, np.int8),
        np.zeros((t.size, 2), np.int64),
        np.array(gains, np.int64),
    )


def le_mieux(possibles: Paires, objectif: Objectif) -> tuple[int, int]:
    """By trying every choice: people then minutes, or minutes alone."""
    couples = list(
        zip(possibles.trajet.tolist(), possibles.demande.tolist(), possibles.gain.tolist(), strict=True)
    )
    valeurs = []
    for k in range(len(couples) + 1):
        for choix in combinations(couples, k):
            if len({t for t, _, _ in choix}) == len({d for _, d, _ in choix}) == k:
                minutes = sum(gain for _, _, gain in choix)
                valeurs.append((k, minutes) if objectif is Objectif.PERSONNES else (0, minutes))
    return max(valeurs)


@settings(max_examples=200, deadline=None)
@given(paires(), st.sampled_from(Objectif))
def test_no_choice_is_better_than_the_one_found_and_its_bound_proves_it(
    possibles: Paires, objectif: Objectif
) -> None:
    choix = apparier(possibles, objectif)
    k, minutes = choix.paires.size, int(possibles.gain[choix.paires].sum())
    assert ((k, minutes) if objectif is Objectif.PERSONNES else (0, minutes)) == le_mieux(possibles, objectif)
    assert choix.optimal
    assert len(set(possibles.trajet[choix.paires])) == len(set(possibles.demande[choix.paires])) == k


@settings(max_examples=100, deadline=None)
@given(paires(), st.sampled_from(Objectif))
def test_the_bound_never_promises_less_than_what_exists_whatever_choice_it_starts_from(
    possibles: Paires, objectif: Objectif
) -> None:
    w = poids(possibles, objectif)
    garde = np.flatnonzero(w > 0)
    if not garde.size:
        return
    _, t = np.unique(possibles.trajet[garde], return_inverse=True)
    _, d = np.unique(possibles.demande[garde], return_inverse=True)
    au_hasard = _rangs(glouton(possibles, objectif), garde)
    assert borne_superieure(t, d, w[garde], au_hasard[:-1]) >= apparier(possibles, objectif).valeur


def _rangs(choisis: Sequence[int] | np.ndarray, parmi: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.isin(parmi, choisis))
