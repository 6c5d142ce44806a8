"""Laws of the order of the waiting list, whatever the reasons and the dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mobilite.liste_attente import Attente, dans_l_ordre
from mobilite.parametres import parametres
from mobilite.priorite import RaisonPriorite, priorite

LE = datetime(2026, 11, 24, 9, tzinfo=UTC)
P = parametres(LE.date())
RAISONS = st.frozensets(st.sampled_from(RaisonPriorite))
JOURS = st.integers(0, 120)
LIGNES = st.lists(st.tuples(RAISONS, st.integers(0, 120 * 24)), min_size=1, max_size=12)


def liste(lignes: Sequence[tuple[frozenset[RaisonPriorite], int]]) -> list[Attente]:
    """Lines that have waited so many hours, numbered in the order given."""
    attentes = []
    for rang, (raisons, heures) in enumerate(lignes):
        attente = Attente(
            personne_id=rang,
            offre_id=1,
            debut=LE + timedelta(days=5),
            fin=LE + timedelta(days=6),
            raisons=sorted(raisons),
            demandee_par=1,
            demandee_le=LE - timedelta(hours=heures),
            cle_idempotence=str(rang),
        )
        attente.id = rang
        attentes.append(attente)
    return attentes


def rangs(attentes: Sequence[Attente]) -> dict[int, int]:
    return {a.id: rang for rang, (a, _) in enumerate(dans_l_ordre(attentes, P, LE))}


@given(LIGNES, st.data())
def test_waiting_longer_or_having_one_more_reason_never_lowers_her_rank(
    lignes: list[tuple[frozenset[RaisonPriorite], int]], data: st.DataObject
) -> None:
    qui = data.draw(st.integers(0, len(lignes) - 1))
    raisons, heures = lignes[qui]
    avant = rangs(liste(lignes))[qui]
    plus = (raisons | data.draw(RAISONS), heures + data.draw(st.integers(0, 1000)))
    assert rangs(liste([*lignes[:qui], plus, *lignes[qui + 1 :]]))[qui] <= avant


@given(LIGNES, st.randoms(use_true_random=False))
def test_the_order_is_whole_and_does_not_depend_on_how_the_list_is_read(
    lignes: list[tuple[frozenset[RaisonPriorite], int]], hasard: object
) -> None:
    attentes = liste(lignes)
    melangees = list(attentes)
    hasard.shuffle(melangees)  # type: ignore[attr-defined]
    assert rangs(attentes) == rangs(melangees)
    assert sorted(rangs(attentes).values()) == list(range(len(lignes)))


@given(RAISONS, JOURS)
def test_nothing_that_leaves_the_desk_tells_a_danger(raisons: frozenset[RaisonPriorite], jours: int) -> None:
    en_danger = priorite(raisons | {RaisonPriorite.DANGER}, jours, P)
    assert "anger" in en_danger.phrase and "anger" not in en_danger.pour_elle
    sans = raisons - {RaisonPriorite.DANGER}
    assert priorite(sans, jours, P).pour_elle == en_danger.pour_elle
    toutes = [r for r in RaisonPriorite if r is not RaisonPriorite.DANGER]
    possibles = {
        priorite([r for rang, r in enumerate(toutes) if choix & 1 << rang], jours, P).points
        for choix in range(2 ** len(toutes))
    }
    assert en_danger.points_dits in possibles, "points that nobody else could have would say it"
