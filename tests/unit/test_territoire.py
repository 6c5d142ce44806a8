"""The territory read from the seeds: who is in it, who touches whom, who became what."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from mobilite.lieux import Position
from mobilite.territoire import Territoire, lire_maisons_demonstration, vol_oiseau_km

DONNEES = Path(__file__).parents[2] / "seeds" / "meuse"


@pytest.fixture(scope="module")
def territoire() -> Territoire:
    return Territoire.lire(DONNEES)


def test_la_meuse_compte_499_communes_et_180_290_habitants(territoire: Territoire) -> None:
    communes = territoire.communes_du_departement()
    assert len(communes) == 499
    assert sum(commune.population for commune in communes) == 180_290
    assert len(territoire.communes) == 499 + 722


def test_un_ancien_code_mene_a_la_commune_d_aujourd_hui(territoire: Territoire) -> None:
    amblaincourt = territoire.commune("55006")
    assert amblaincourt is not None and amblaincourt.nom == "Beausite"
    assert territoire.commune("75056") is None


def test_qui_touche_une_commune_est_touche_par_elle(territoire: Territoire) -> None:
    for insee in territoire.communes:
        for voisine in territoire.voisines(insee):
            assert insee in territoire.voisines(voisine)
            assert insee != voisine
    assert territoire.voisines("55006") == territoire.voisines("55040")


def test_le_vol_d_oiseau_des_donnees_est_celui_que_nous_calculons(territoire: Territoire) -> None:
    for voisinage in territoire.voisinages:
        a, b = territoire.communes[voisinage.a], territoire.communes[voisinage.b]
        calcule = vol_oiseau_km(a.position, b.position)
        assert math.isclose(calcule, voisinage.vol_oiseau_km, rel_tol=0.01, abs_tol=0.02)


def test_le_vol_d_oiseau_ne_depend_pas_du_sens_et_vaut_un_quart_de_meridien() -> None:
    pole, equateur = Position(5.0, 90.0), Position(5.0, 0.0)
    assert vol_oiseau_km(pole, equateur) == pytest.approx(10_007.5, abs=1)
    assert vol_oiseau_km(equateur, pole) == vol_oiseau_km(pole, equateur)


def test_autour_d_une_commune_il_y_a_elle_meme_et_rien_plus_loin_que_le_rayon(territoire: Territoire) -> None:
    autour = territoire.autour("55545", 10)
    verdun = territoire.communes["55545"]
    distances = {i: vol_oiseau_km(verdun.position, c.position) for i, c in territoire.communes.items()}
    assert autour == {insee for insee, km in distances.items() if km <= 10}
    assert "55545" in autour and "55029" not in autour
    assert territoire.autour("75056", 10) == frozenset()


def test_chaque_maison_de_demonstration_se_dit_telle_et_tient_a_la_mairie(territoire: Territoire) -> None:
    maisons = lire_maisons_demonstration(DONNEES)
    assert len(maisons) == len({maison.id for maison in maisons}) == 11
    for maison in maisons:
        commune = territoire.commune(maison.lieu.insee)
        assert commune is not None and maison.lieu.position == commune.position
        assert maison.demonstration and "emplacement de démonstration" in maison.nom


def test_une_frontiere_avec_une_commune_inconnue_est_refusee(tmp_path: Path) -> None:
    for fichier in ("communes.csv", "communes_limitrophes.csv", "communes_anciennes.csv"):
        (tmp_path / fichier).write_bytes((DONNEES / fichier).read_bytes())
    (tmp_path / "adjacence.csv").write_text("a,b,frontiere_km,vol_oiseau_km\n55001,99999,1,1\n")
    with pytest.raises(ValueError, match="99999"):
        Territoire.lire(tmp_path)
