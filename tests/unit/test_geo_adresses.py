"""Finding a commune as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.adresses import RechercheCommunes, _mots
from mobilite.territoire import Territoire

TERRITOIRE = Territoire.lire(Path(__file__).parents[2] / "seeds" / "meuse")
RECHERCHE = RechercheCommunes(TERRITOIRE)

TOUS_LES_NOMS = [c.nom for c in TERRITOIRE.communes.values()] + [
    ancienne.nom for ancienne in TERRITOIRE.communes_anciennes
]

noms = st.sampled_from([commune.nom for commune in TERRITOIRE.communes_du_departement()])


@pytest.mark.parametrize(
    ("texte", "nom"),
    [
        ("Bar le duc", "Bar-le-Duc"),
        ("bar-le-duc", "Bar-le-Duc"),
        ("BARLEDUC", "Bar-le-Duc"),
        ("  bar ", "Bar-le-Duc"),
        ("55000", "Bar-le-Duc"),
        ("55545", "Verdun"),
        ("bar le duc 55000", "Bar-le-Duc"),
        ("st mihiel", "Saint-Mihiel"),
        ("St-Mihiel", "Saint-Mihiel"),
        ("mihiel", "Saint-Mihiel"),
        ("mihel", "Saint-Mihiel"),
        ("ste", "Stenay"),
        ("ste menehould", "Sainte-Menehould"),
        ("etain", "Étain"),
        ("verdum", "Verdun"),
        ("verdnu", "Verdun"),
        ("comercy", "Commercy"),
        ("vaucoulleur", "Vaucouleurs"),
        ("revigni sur ornin", "Revigny-sur-Ornain"),
        ("ligny barrois", "Ligny-en-Barrois"),
        ("dun s/meuse", "Dun-sur-Meuse"),
        ("islettes", "Les Islettes"),
        ("val d’ornain", "Val-d'Ornain"),
        ("toul", "Toul"),
    ],
)
def test_la_bonne_commune_vient_en_premier(texte: str, nom: str) -> None:
    assert RECHERCHE.chercher(texte)[0].nom == nom


def test_un_ancien_nom_repond_par_la_commune_d_aujourd_hui() -> None:
    [proposition] = RECHERCHE.chercher("amblaincourt")
    assert proposition.insee == "55040" and proposition.ancienne == "Amblaincourt"
    assert proposition.libelle == "Amblaincourt (ancienne commune, aujourd'hui Beausite)"


def test_chaque_ancien_nom_se_trouve() -> None:
    for ancienne in TERRITOIRE.communes_anciennes:
        trouvees = RECHERCHE.chercher(ancienne.nom)
        assert (ancienne.actuelle, ancienne.nom) in {(p.insee, p.ancienne) for p in trouvees}


def test_la_meuse_passe_avant_ses_voisines_a_ressemblance_egale() -> None:
    trouvees = [p for p in RECHERCHE.chercher("bar", limite=100) if p.nom.startswith("Bar")]
    departements = [p.departement for p in trouvees]
    assert departements == sorted(departements, key=lambda d: d != "55")
    assert len(set(departements)) > 1


def test_un_code_postal_donne_ses_communes_d_abord_meme_s_il_est_aussi_un_code_insee() -> None:
    attendues = {c.insee for c in TERRITOIRE.communes.values() if "55100" in c.codes_postaux}
    trouvees = [p.insee for p in RECHERCHE.chercher("55100", limite=1000)]
    assert trouvees[0] == "55545"
    assert set(trouvees[: len(attendues)]) == attendues
    assert trouvees[len(attendues) :] == ["55100"]


@given(noms, st.data())
def test_une_lettre_oubliee_ou_changee_est_pardonnee(nom: str, data: st.DataObject) -> None:
    colle = "".join(_mots(nom))
    assume(len(colle) >= 6)
    place = data.draw(st.integers(0, len(colle) - 1))
    faute = colle[:place] + data.draw(st.sampled_from(["", "x"])) + colle[place + 1 :]
    # What is typed may happen to be another name, which then answers.
    assume(not any(faute in "".join(_mots(autre)) for autre in TOUS_LES_NOMS))
    assert nom in {p.nom for p in RECHERCHE.chercher(faute, limite=40)}


@given(noms)
def test_chaque_commune_se_trouve_par_son_nom_entier_ou_par_son_debut(nom: str) -> None:
    assert RECHERCHE.chercher(nom)[0].nom == nom
    assert nom in {p.nom for p in RECHERCHE.chercher(nom[:4], limite=200)}


@given(st.text(max_size=200))
def test_n_importe_quel_texte_repond_sans_doublon_et_sans_depasser_la_limite(texte: str) -> None:
    trouvees = RECHERCHE.chercher(texte, limite=5)
    assert len(trouvees) == len(set(trouvees)) <= 5


@pytest.mark.parametrize("texte", ["", "  ", "'-", "5", "zzzzzz", "xyz"])
def test_ce_qui_ne_ressemble_a_rien_ne_propose_rien(texte: str) -> None:
    assert RECHERCHE.chercher(texte) == []


@pytest.mark.parametrize(
    ("texte", "insee"),
    [
        ("étain", "55181"),
        ("Étain (55400)", "55181"),
        ("verdun", "55545"),
        ("st mihiel", "55463"),
        ("revigny", "55427"),
        ("Douaumont", "55537"),
        ("bar", None),
        ("55100", None),
        ("vrdun", None),
        ("Metz", None),
        ("zzz", None),
        ("", None),
    ],
)
def test_une_commune_n_est_certaine_que_si_rien_n_a_ete_devine(texte: str, insee: str | None) -> None:
    certaine = RECHERCHE.certaine(texte)
    assert (certaine.insee if certaine else None) == insee
