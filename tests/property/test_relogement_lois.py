"""Re-housing after a breakdown: compared with everything that could have been done in small fleets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.parc.relogement import Place, Possible, Relogement, reloger

LUNDI = datetime(2026, 6, 1, 8, tzinfo=UTC)
VEHICULES = ("a", "b", "c")
LIBELLES = {v: f"Voiture {v}" for v in VEHICULES}
CERTAIN, A_VOIR = Possible(), Possible(a_voir=("la boîte",))


@st.composite
def flottes(draw: st.DrawFn) -> list[Place]:
    """Vehicle a has stopped for some bookings; b and c run, and nobody overlaps to begin with."""
    places: list[Place] = []
    for rang in range(draw(st.integers(1, 6))):
        debut = LUNDI + timedelta(days=draw(st.integers(0, 5)))
        fin = debut + timedelta(days=draw(st.integers(1, 4)))
        vehicule = draw(st.sampled_from(VEHICULES))
        if any(p.vehicule == vehicule and p.debut < fin and debut < p.fin for p in places):
            continue
        possibles = draw(
            st.dictionaries(
                st.sampled_from(VEHICULES[1:]),
                st.sampled_from((CERTAIN, Possible(rang=1), A_VOIR, Possible(fin=fin + timedelta(days=1)))),
            )
        )
        places.append(
            Place(
                f"p{rang}",
                vehicule,
                debut,
                fin,
                priorite=draw(st.integers(1, 3)),
                raison="est en panne" if vehicule == "a" else "",
                fixe=draw(st.sampled_from((False, False, False, True))),
                possibles=possibles,
            )
        )
    return places


def se_tiennent(places: list[Place], ou: dict[str, str]) -> bool:
    """Whether nobody shares a vehicle with somebody else; those who have none are nowhere."""
    logees = [p for p in places if p.id in ou]
    return not any(
        p is not q and ou[p.id] == ou[q.id] and p.gene(q, ou[p.id]) for p in logees for q in logees
    )


def faisable(places: list[Place], ou: dict[str, str]) -> bool:
    """Whether some order of the changes never puts two people in one vehicle."""
    changent = [p for p in places if p.id in ou and ou[p.id] != p.vehicule]
    for ordre in permutations(changent):
        en_cours = {p.id: p.vehicule for p in places}
        for place in ordre:
            en_cours[place.id] = ou[place.id]
            if not se_tiennent(places, en_cours):
                break
        else:
            return True
    return False


def merite(places: list[Place], ou: dict[str, str]) -> tuple[object, ...]:
    """More re-housed, then fewer disturbed, then the most urgent first, then nearest to what they had."""
    relogees = [p for p in places if p.a_reloger and p.id in ou]
    derangees = [p for p in places if not p.a_reloger and ou[p.id] != p.vehicule]
    changent = [p for p in places if p.id in ou and ou[p.id] != p.vehicule]
    urgence = tuple(sum(p.priorite == n for p in relogees) for n in (3, 2, 1))
    return len(relogees), -len(derangees), urgence, -sum(p.possibles[ou[p.id]].rang for p in changent)


def tout_essayer(places: list[Place]) -> tuple[object, ...]:
    choix = []
    for p in places:
        surs = [v for v, possible in p.possibles.items() if not possible.a_voir and v != p.vehicule]
        choix.append([p.vehicule] if p.fixe else [*surs, None] if p.a_reloger else [p.vehicule, *surs])
    return max(
        merite(places, ou)
        for essai in product(*choix)
        if se_tiennent(places, ou := {p.id: v for p, v in zip(places, essai, strict=True) if v})
        and faisable(places, ou)
    )


def situation(places: list[Place], relogement: Relogement) -> dict[str, str]:
    """Who has which vehicle afterwards; those who lost theirs and have no other, none."""
    ou = {p.id: p.vehicule for p in places if not p.a_reloger}
    return ou | {c.place.id: c.vers for c in relogement.changements}


@settings(max_examples=150)
@given(flottes())
def test_no_plan_rehouses_more_disturbs_fewer_or_serves_more_urgent_people(places: list[Place]) -> None:
    relogement = reloger(places, LIBELLES)
    assert merite(places, situation(places, relogement)) == tout_essayer(places)


@settings(max_examples=150)
@given(flottes())
def test_one_change_after_another_nobody_ever_shares_a_vehicle_and_the_keys_handed_over_stay(
    places: list[Place],
) -> None:
    relogement = reloger(places, LIBELLES)
    en_cours = {p.id: p.vehicule for p in places}
    for changement in relogement.changements:
        assert not changement.place.fixe
        assert not changement.place.possibles[changement.vers].a_voir
        en_cours[changement.place.id] = changement.vers
        assert se_tiennent(places, en_cours)
    oubliees = {s.place.id for s in relogement.sans_vehicule} | {c.place.id for c in relogement.relogees}
    assert oubliees == {p.id for p in places if p.a_reloger}
    for sans in relogement.sans_vehicule:
        for proposition in sans.propositions:
            assert sans.place.possibles[proposition].a_voir
            assert se_tiennent(places, en_cours | {sans.place.id: proposition})


@settings(max_examples=60)
@given(flottes(), st.randoms(use_true_random=False))
def test_the_order_of_the_bookings_changes_nothing_and_once_done_there_is_nothing_left_to_do(
    places: list[Place], hasard: object
) -> None:
    relogement = reloger(places, LIBELLES)
    melangees = list(places)
    hasard.shuffle(melangees)  # type: ignore[attr-defined]
    assert reloger(melangees, LIBELLES) == relogement
    vers = {c.place.id: c.vers for c in relogement.changements}
    faites = [
        replace(p, vehicule=vers[p.id], fin=p.fin_sur(vers[p.id]), raison="") if p.id in vers else p
        for p in places
    ]
    assert reloger(faites, LIBELLES).changements == ()


def test_somebody_else_changes_only_when_that_serves_one_more() -> None:
    """a stops; only b suits p0, and p1 who has b may have c."""
    panne = Place(
        "p0", "a", LUNDI, LUNDI + timedelta(days=2), raison="est en panne", possibles={"b": CERTAIN}
    )
    genee = Place("p1", "b", LUNDI, LUNDI + timedelta(days=2), possibles={"c": CERTAIN})
    enchainees = reloger([panne, genee], LIBELLES)
    assert [(c.place.id, c.vers) for c in enchainees.changements] == [("p1", "c"), ("p0", "b")]
    assert enchainees.changements[1].phrase == (
        "Votre véhicule est en panne : vous aurez « Voiture b », mêmes jours, mêmes heures."
    )
    seule = reloger([replace(panne, possibles={"b": CERTAIN, "c": CERTAIN}), genee], LIBELLES)
    assert [(c.place.id, c.vers) for c in seule.changements] == [("p0", "c")]


def test_changes_that_wait_for_each_other_are_not_proposed() -> None:
    """b would do for p0 if p1 went to c, which p2 would leave only for b: nobody can go first."""
    panne = Place("p0", "a", LUNDI, LUNDI + timedelta(2), raison="est en panne", possibles={"b": CERTAIN})
    genee = Place("p1", "b", LUNDI + timedelta(1), LUNDI + timedelta(4), possibles={"c": CERTAIN})
    retenue = Place("p2", "c", LUNDI + timedelta(3), LUNDI + timedelta(5), possibles={"b": CERTAIN})
    rien = reloger([panne, genee, retenue], LIBELLES)
    assert rien.changements == ()
    assert [s.phrase for s in rien.sans_vehicule] == [
        "Le véhicule est en panne, et rien de semblable n'est libre ces jours-là."
    ]
