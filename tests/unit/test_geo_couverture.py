"""Coverage by the Maisons: every inhabitant has a verdict, and doubt is never a yes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from geo.comparaison import Comparaison
from geo.couverture import CASE_MIN, Couverture, Total, couvrir, regrouper
from geo.estimation import Estimation
from mobilite.besoin import Jour
from mobilite.horaires import lire_horaires
from mobilite.lieux import Couple, Mode, Trajet
from mobilite.parametres import parametres
from mobilite.territoire import MaisonAccueil, Territoire, lire_maisons_demonstration
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


def totaux(*cellules: tuple[int, int, int]) -> list[Total]:
    return [
        Total(f"c{rang}", f"Canton {rang}", dict(zip(Verdict, trois, strict=True)), (f"c{rang}",))
        for rang, trois in enumerate(cellules)
    ]


def test_no_published_cell_points_at_fewer_than_eleven_inhabitants() -> None:
    tirage = random.Random(55)
    for _ in range(300):
        tires = totaux(*(tuple(tirage.choice((0, 3, 10, 11, 400)) for _ in range(3)) for _ in range(6)))  # type: ignore[arg-type]
        publies = regrouper(tires)
        for verdict in Verdict:
            assert sum(t.population[verdict] for t in publies) == sum(t.population[verdict] for t in tires)
        assert sorted(code for t in publies for code in t.codes) == sorted(t.code for t in tires)
        if len(publies) > 1:
            assert all(n == 0 or n >= CASE_MIN for t in publies for n in t.population.values())


def test_large_cells_stay_alone_and_small_ones_are_added_up_not_blanked() -> None:
    grands = totaux((500, 0, 20), (300, 11, 0))
    assert regrouper(grands) == grands
    *seuls, ensemble = regrouper(totaux((500, 0, 20), (9, 0, 0), (40, 3, 0), (90, 8, 0)))
    assert [t.code for t in seuls] == ["c0"]
    assert ensemble.codes == ("c1", "c2", "c3") and ensemble.habitants == 150


def test_on_a_day_the_time_alone_makes_no_yes() -> None:
    bar, ligny, *_ = MAISONS
    pres = Horloge({bar.lieu.insee: (10, 10), ligny.lieu.insee: (20, 20)})
    ouverte = replace(ligny, horaires=lire_horaires("sam 9:00-12:00"))
    fermee = replace(bar, horaires=lire_horaires("lun-ven 9:00-12:00"))

    def premiere(*maisons: MaisonAccueil, jour: Jour | None = Jour.SAM) -> tuple[Verdict, str | None]:
        accueil = couvrir(TERRITOIRE, maisons, pres, Mode.VOITURE, 30, jour).communes[0]
        return accueil.verdict, accueil.maison.id if accueil.maison else None

    assert premiere(fermee, ouverte) == (Verdict.OUI, ouverte.id), "the nearest one is closed"
    assert premiere(bar, ouverte) == (Verdict.OUI, ouverte.id), "a sure Maison before a nearer doubt"
    assert premiere(bar) == (Verdict.A_VERIFIER, bar.id)
    assert premiere(fermee) == (Verdict.NON, None)
    assert premiere() == (Verdict.A_VERIFIER, None), "no Maison at all is not a closed one"
    assert premiere(fermee, jour=None) == (Verdict.OUI, fermee.id)


def test_too_far_stays_no_whatever_the_hours() -> None:
    bar = MAISONS[0]
    loin = Horloge({bar.lieu.insee: (31, 40)})
    assert couvrir(TERRITOIRE, [bar], loin, Mode.VOITURE, 30, Jour.LUN).communes[0].verdict is Verdict.NON


def test_a_comparison_adds_up_and_backwards_it_gives_what_it_took() -> None:
    avant = couverture(Mode.VELO)
    apres = couvrir(TERRITOIRE, MAISONS[:6], ESTIMATION, Mode.VELO, 30)
    aller, retour = Comparaison(avant, apres), Comparaison(apres, avant)
    ecart = apres.population()[Verdict.OUI] - avant.population()[Verdict.OUI]
    assert aller.gagnes - aller.perdus == ecart < 0
    assert (aller.gagnes, aller.perdus) == (retour.perdus, retour.gagnes)
    assert all(not c.mieux for c in aller.changements()) and all(c.mieux for c in retour.changements())
    assert Comparaison(avant, avant).changements() == []
    with pytest.raises(ValueError, match="same"):
        Comparaison(avant, couverture(Mode.VOITURE))
