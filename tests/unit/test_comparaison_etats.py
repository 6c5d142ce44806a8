"""What changed between a departure and a return, said without claiming what nobody looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from mobilite.base import PARIS
from mobilite.comparaison_etats import Garde, comparer
from mobilite.etat_des_lieux import EtatDesLieux, Moment

LUNDI = datetime(2026, 11, 23, 9, tzinfo=PARIS)
GARDE = Garde(debut=LUNDI, fin=LUNDI.replace(day=25), remis_le=LUNDI, rendu_le=LUNDI.replace(day=24))


def _feuille(moment: Moment, equipements: dict[str, Any]) -> EtatDesLieux:
    return EtatDesLieux(
        reservation_id=1, vehicule_id=1, moment=moment, commence_par=1, equipements=equipements
    )


@pytest.mark.parametrize(
    ("depart", "retour", "rien_ne_manque"),
    [
        ({}, {}, False),
        ({"gilet": True}, {}, False),
        ({"gilet": True, "triangle": True}, {"gilet": True}, False),
        ({"gilet": True}, {"gilet": True}, True),
    ],
)
def test_nothing_is_said_to_be_there_when_nobody_looked(
    depart: dict[str, Any], retour: dict[str, Any], rien_ne_manque: bool
) -> None:
    ecarts = comparer(
        _feuille(Moment.REMISE, depart), _feuille(Moment.RETOUR, retour), garde=GARDE, km_max_jour=None
    )
    dit = " ".join(ecarts.phrases())
    assert ("rien ne manque" in dit) is rien_ne_manque
    assert ("Équipement : pas regardé en entier." in dit) is not rien_ne_manque
