"""Estimated travel times: ranges that hold the truth, never zero, never firm."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.estimation import Estimation
from mobilite.lieux import Lieu, Mode, Position, Trajet
from mobilite.parametres import parametres
from mobilite.territoire import Territoire

TERRITOIRE = Territoire.lire(Path(__file__).parents[2] / "seeds" / "meuse")
ESTIMATION = Estimation(TERRITOIRE, parametres(date(2026, 11, 21)))
PAR_NOM = {commune.nom: commune.insee for commune in TERRITOIRE.communes_du_departement()}

lieux = st.sampled_from(sorted(TERRITOIRE.communes)).map(Lieu)
modes = st.sampled_from(Mode)


def estimer(origine: Lieu, destination: Lieu, mode: Mode = Mode.VOITURE) -> Trajet:
    trajet = ESTIMATION.trajet(origine, destination, mode)
    assert trajet is not None
    return trajet


# What these roads take by car, as people of the Meuse say it.
@pytest.mark.parametrize(
    ("depart", "arrivee", "minutes"),
    [
        ("Bar-le-Duc", "Verdun", 50),
        ("Étain", "Verdun", 25),
        ("Commercy", "Bar-le-Duc", 35),
        ("Commercy", "Bar-le-Duc", 40),
        ("Stenay", "Verdun", 45),
        ("Vaucouleurs", "Commercy", 20),
        ("Ligny-en-Barrois", "Bar-le-Duc", 18),
    ],
)
def test_la_fourchette_contient_les_durees_connues_sans_aller_au_double(
    depart: str, arrivee: str, minutes: int
) -> None:
    duree = estimer(Lieu(PAR_NOM[depart]), Lieu(PAR_NOM[arrivee])).duree
    assert duree.min <= minutes <= duree.max <= 2.2 * minutes


@given(lieux, lieux, modes)
def test_une_estimation_est_une_fourchette_jamais_nulle_et_la_meme_au_retour(
    a: Lieu, b: Lieu, mode: Mode
) -> None:
    aller = estimer(a, b, mode)
    assert 1 <= aller.duree.min < aller.duree.max
    assert aller.km_min < aller.km_max
    assert estimer(b, a, mode) == aller
    assert aller.duree.methode == ESTIMATION.methode and not aller.duree.ferme and not ESTIMATION.ferme


@given(lieux, modes)
def test_dans_la_meme_commune_il_y_a_du_chemin_sauf_entre_deux_lieux_places(lieu: Lieu, mode: Mode) -> None:
    duree = estimer(lieu, lieu, mode).duree
    assert duree.min >= 1 and duree.max > 3
    ici = Lieu(lieu.insee, TERRITOIRE.communes[lieu.insee].position)
    assert estimer(ici, ici, mode).duree.max <= duree.max


@given(lieux, lieux, lieux)
def test_passer_par_un_lieu_place_n_est_jamais_surement_plus_court(a: Lieu, b: Lieu, c: Lieu) -> None:
    etape = Lieu(b.insee, TERRITOIRE.communes[b.insee].position)
    direct = estimer(a, c).duree
    detour = estimer(a, etape).duree + estimer(etape, c).duree
    assert direct.min <= detour.max
    assert direct.max <= detour.max


@given(lieux, lieux)
def test_un_moyen_plus_rapide_n_est_jamais_plus_long(a: Lieu, b: Lieu) -> None:
    durees = [estimer(a, b, mode).duree for mode in Mode]
    assert list(Mode) == [Mode.VOITURE, Mode.SCOOTER, Mode.VAE, Mode.VELO, Mode.MARCHE]
    assert [d.min for d in durees] == sorted(d.min for d in durees)
    assert [d.max for d in durees] == sorted(d.max for d in durees)


@given(lieux, lieux, modes)
def test_placer_la_personne_a_la_mairie_resserre_la_fourchette(a: Lieu, b: Lieu, mode: Mode) -> None:
    large = estimer(a, b, mode).duree
    serree = estimer(Lieu(a.insee, TERRITOIRE.communes[a.insee].position), b, mode).duree
    assert large.min <= serree.min <= serree.max <= large.max


def test_une_ferme_a_l_ecart_allonge_le_chemin() -> None:
    verdun = Lieu(PAR_NOM["Verdun"])
    mairie = TERRITOIRE.communes[PAR_NOM["Étain"]].position
    ferme = Lieu(PAR_NOM["Étain"], Position(mairie.lon + 0.05, mairie.lat))
    au_bourg = Lieu(PAR_NOM["Étain"], mairie)
    assert estimer(ferme, verdun).duree.max > estimer(au_bourg, verdun).duree.max


@settings(max_examples=10, deadline=None)
@given(lieux)
def test_les_plus_courts_chemins_sont_ceux_de_networkx(lieu: Lieu) -> None:
    graphe: nx.Graph[str] = nx.Graph()
    graphe.add_weighted_edges_from((v.a, v.b, v.vol_oiseau_km) for v in TERRITOIRE.voisinages)
    attendus = nx.single_source_dijkstra_path_length(graphe, lieu.insee)
    assert ESTIMATION._depuis(lieu.insee) == pytest.approx(attendus)


def test_un_lot_repond_comme_chaque_couple_et_tait_les_communes_inconnues() -> None:
    verdun, etain, ailleurs = Lieu(PAR_NOM["Verdun"]), Lieu(PAR_NOM["Étain"]), Lieu("75056")
    couples = [(etain, verdun), (verdun, verdun), (etain, ailleurs), (ailleurs, verdun), (etain, verdun)]
    lot = ESTIMATION.trajets(iter(couples), Mode.VELO)
    assert lot == {
        (etain, verdun): estimer(etain, verdun, Mode.VELO),
        (verdun, verdun): estimer(verdun, verdun, Mode.VELO),
    }


def test_un_ancien_code_est_sa_commune_d_aujourd_hui() -> None:
    assert estimer(Lieu("55006"), Lieu("55040")) == estimer(Lieu("55040"), Lieu("55040"))
