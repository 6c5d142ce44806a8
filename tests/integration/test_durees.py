"""Times by the hundred thousand: the same as one by one, on the network and off it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise, product

import numpy as np
import pytest
import shapely

from geo.durees import durees_sur
from geo.estimation import Estimation
from geo.importation import importer
from geo.trajets import Trajets
from mobilite.lieux import JAMAIS, DureesParPaires, Lieu, Mode, Position
from mobilite.parametres import parametres
from tests.unit.lecture import ETAIN, VERDUN, territoire
from tests.unit.petit_reseau import Plan

LE = date(2026, 3, 11)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A one-way ring with a cul-de-sac, and a street that nothing joins."""
    plan = Plan()
    for nom, x, y in (
        ("A", 0, 0),
        ("B", 9, 0),
        ("C", 9, 6),
        ("D", 0, 6),
        ("E", 20, 6),
        ("S", 3, 3),
        ("T", 5, 3),
    ):
        plan.point(nom, x, y)
    plan.chemin("ABCDA", oneway="yes")
    plan.chemin("CE")
    plan.chemin("ST")
    return plan


@pytest.fixture(scope="module")
def trajets(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Trajets:
    """The port of travel times on that ring; the estimate elsewhere."""
    dossier = tmp_path_factory.mktemp("anneau")
    reseaux = importer(plan.ecrire(dossier / "plan.osm"), dossier / "reseau")
    t = territoire()
    (ouest, sud), (est, nord) = plan.lieu("A"), plan.lieu("C")
    return Trajets(reseaux, t, Estimation(t, parametres(LE)), {ETAIN: shapely.box(ouest, sud, est, nord)})


def toutes(port: DureesParPaires, lieux: Sequence[Lieu]) -> list[tuple[int, int]]:
    """Between all of them, in the order of ``product``."""
    de, vers = (c.ravel().astype(np.int64) for c in np.indices((len(lieux), len(lieux))))
    bornes = port.poser(lieux).entre(de.data, vers.data)
    return list(zip(bornes.bas, bornes.haut, strict=True))


def test_exact_places_have_the_time_of_the_road_that_the_other_port_tells(
    plan: Plan, trajets: Trajets
) -> None:
    estimation = Estimation(territoire(), parametres(LE))
    points = [(x, y) for nom in "ABCDE" for x, y in (plan.lieu(nom),)]
    milieux = [((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in pairwise(points)]
    lieux = [Lieu("", Position(*p)) for p in (*points, *milieux)]
    trouvees = toutes(durees_sur(trajets, estimation), lieux)
    couples = list(product(lieux, lieux))
    une_par_une = trajets.trajets(couples, Mode.VOITURE)
    for couple, (bas, haut) in zip(couples, trouvees, strict=True):
        assert bas == haut
        assert -(-bas // 6000) / 10 == une_par_une[couple].duree.max


def test_a_commune_is_a_range_over_its_streets_and_what_is_off_the_network_is_estimated(
    plan: Plan, trajets: Trajets
) -> None:
    estimation = Estimation(territoire(), parametres(LE))
    lieux = [Lieu(VERDUN), Lieu(ETAIN), Lieu("", Position(*plan.lieu("E"))), Lieu("99999")]
    port = durees_sur(trajets, estimation)
    trouvees = dict(zip(product(range(4), range(4)), toutes(port, lieux), strict=True))
    duree = trajets.trajets([(lieux[1], lieux[2])], Mode.VOITURE)[lieux[1], lieux[2]].duree
    bas, haut = trouvees[1, 2]
    assert bas < haut
    assert [max(1, bas // 60_000), max(1, -(-haut // 60_000))] == [duree.min, duree.max]
    estimee = estimation.trajets([(lieux[0], lieux[1])], Mode.VOITURE)[lieux[0], lieux[1]].duree
    assert list(trouvees[0, 1]) == [estimee.min * 60_000, estimee.max * 60_000]
    assert trouvees[3, 0] == trouvees[0, 3] == (0, JAMAIS)
