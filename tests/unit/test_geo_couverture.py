"""Coverage by the Maisons: every inhabitant has a verdict, and doubt is never a yes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest

from geo.couverture import Couverture, couvrir
from geo.estimation import Estimation
from mobilite.lieux import Couple, Mode, Trajet
from mobilite.parametres import parametres
from mobilite.territoire import Territoire, lire_maisons_demonstration
from mobilite.verdict import Duree, Verdict

DONNEES = Path(__file__).parents[2] / "seeds" / "meuse"
TERRITOIRE = Territoire.lire(DONNEES)
MAISONS = lire_maisons_demonstration(DONNEES)
ESTIMATION = Estimation(TERRITOIRE, parametres(date(2026, 11, 21)))


def couverture(mode: Mode = Mode.VOITURE, seuil: float = 30) -> Couverture:
    return couvrir(TERRITOIRE, MAISONS, ESTIMATION, mode, seuil)


class Horloge:
    """A port where each Maison is at the range it is told, from everywhere."""

    methode = "horloge de test"
    ferme = True

    def __init__(self, durees: Mapping[str, tuple[float, float]]) -> None:
        self._durees = durees

    def trajets(self, couples: Iterable[Couple], mode: Mode) -> Mapping[Couple, Trajet]:
        return {
            couple: Trajet(Duree(*self._durees[couple[1].insee], self.methode), 1.0, 1.0)
            for couple in couples
            if couple[1].insee in self._durees
        }


@pytest.mark.parametrize("mode", Mode)
def test_les_verdicts_se_partagent_les_180_290_habitants(mode: Mode) -> None:
    resultat = couverture(mode)
    assert sum(resultat.population().values()) == 180_290
    assert sum(total.habitants for total in resultat.par_canton()) == 180_290
    assert sum(total.habitants for total in resultat.par_epci()) == 180_290
    assert len(resultat.par_canton()) == 19


def test_avec_la_voiture_presque_tout_le_monde_sans_elle_moins_de_la_moitie() -> None:
    voiture, velo = couverture(Mode.VOITURE).population(), couverture(Mode.VELO).population()
    assert 140_000 < voiture[Verdict.OUI] < 170_000
    assert 55_000 < velo[Verdict.OUI] < 90_000
    assert velo[Verdict.NON] > 40_000


def test_sans_maison_tout_est_a_verifier() -> None:
    vide = couvrir(TERRITOIRE, [], ESTIMATION, Mode.VOITURE, 30)
    assert vide.population() == {Verdict.OUI: 0, Verdict.NON: 0, Verdict.A_VERIFIER: 180_290}
    document = vide.en_document(toutes=True)
    assert document["maisons"] == 0 and document["demonstration"] is False
    assert document["communes"][0]["maison"] is None
    assert document["communes"][0]["minutes_min"] is None
    assert document["communes"][0]["minutes_par_maison"] == []


def test_la_commune_d_une_maison_n_est_pas_a_zero_minute() -> None:
    for maison in MAISONS:
        chez = couverture(Mode.MARCHE).de(maison.lieu.insee)
        assert chez is not None and chez.maison == maison and chez.duree is not None
        assert chez.duree.min >= 1 and chez.duree.max > 3


def test_une_commune_n_est_non_que_si_toutes_les_maisons_sont_trop_loin() -> None:
    bar, ligny, *_ = MAISONS
    # The smallest maximum is surely too far, the other one perhaps not.
    peut_etre = Horloge({bar.lieu.insee: (31, 40), ligny.lieu.insee: (20, 60)})
    accueil = couvrir(TERRITOIRE, [bar, ligny], peut_etre, Mode.VOITURE, 30).communes[0]
    assert accueil.verdict is Verdict.A_VERIFIER and accueil.maison == ligny
    trop_loin = Horloge({bar.lieu.insee: (31, 40), ligny.lieu.insee: (35, 60)})
    accueil = couvrir(TERRITOIRE, [bar, ligny], trop_loin, Mode.VOITURE, 30).communes[0]
    assert accueil.verdict is Verdict.NON and accueil.maison == bar


def test_le_seuil_lui_meme_est_oui() -> None:
    bar = MAISONS[0]
    juste = Horloge({bar.lieu.insee: (30, 30)})
    assert couvrir(TERRITOIRE, [bar], juste, Mode.VOITURE, 30).population()[Verdict.OUI] == 180_290


def test_l_ordre_des_maisons_ne_change_rien_meme_a_egalite() -> None:
    egalite = Horloge({maison.lieu.insee: (10, 20) for maison in MAISONS})
    endroit = couvrir(TERRITOIRE, MAISONS, egalite, Mode.VOITURE, 30)
    envers = couvrir(TERRITOIRE, MAISONS[::-1], egalite, Mode.VOITURE, 30)
    assert endroit.communes == envers.communes


def test_une_maison_injoignable_ne_compte_pas() -> None:
    bar, ligny, *_ = MAISONS
    une_seule = Horloge({ligny.lieu.insee: (10, 20)})
    accueil = couvrir(TERRITOIRE, [bar, ligny], une_seule, Mode.VOITURE, 30).communes[0]
    assert accueil.maison == ligny and len(accueil.maisons) == 1


def test_le_document_est_celui_de_la_commande_accueil() -> None:
    document = json.loads(json.dumps(couverture().en_document()))
    assert set(document) == {
        "seuil_min", "mode", "methode", "ferme", "maisons", "demonstration", "communes", "population",
    }  # fmt: skip
    assert document["mode"] == "voiture" and document["seuil_min"] == 30 and document["maisons"] == 11
    assert document["demonstration"] is True and document["ferme"] is False
    assert set(document["population"]) == {"OUI", "NON", "A_VERIFIER"}
    par_verdict = dict.fromkeys(document["population"], 0)
    for commune in document["communes"]:
        assert set(commune) == {
            "insee", "nom", "population", "maison", "minutes_min", "minutes_max", "verdict",
        }  # fmt: skip
        attendu = Duree(commune["minutes_min"], commune["minutes_max"], "").tient_en(30)
        assert commune["verdict"] == attendu
        par_verdict[commune["verdict"]] += commune["population"]
    assert par_verdict == document["population"]


def test_toutes_les_maisons_commencent_par_celle_ou_aller() -> None:
    for commune in couverture().en_document(toutes=True)["communes"]:
        premiere = commune["minutes_par_maison"][0]
        assert len(commune["minutes_par_maison"]) == 11
        assert premiere["maison"] == commune["maison"]
        assert premiere["minutes_max"] == commune["minutes_max"]
