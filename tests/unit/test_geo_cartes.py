"""The map: light, safe under a strict policy, and readable without colour or style sheet."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely

from geo.cartes import FondDeCarte, carte_couverture
from geo.couverture import Couverture, couvrir
from geo.estimation import Estimation
from mobilite.lieux import Lieu, Mode
from mobilite.parametres import parametres
from mobilite.territoire import MaisonAccueil, Territoire, lire_maisons_demonstration
from mobilite.verdict import Verdict

DONNEES = Path(__file__).parents[2] / "seeds" / "meuse"
TERRITOIRE = Territoire.lire(DONNEES)
MAISONS = lire_maisons_demonstration(DONNEES)
ESTIMATION = Estimation(TERRITOIRE, parametres(date(2026, 11, 21)))
# An area with a hole, as wide as the département.
ZONE = shapely.Point(5.3, 49.0).buffer(0.4, 256) - shapely.Point(5.3, 49.0).buffer(0.1, 64)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def fond() -> FondDeCarte:
    return FondDeCarte.lire(DONNEES / "communes.geojson", TERRITOIRE)


def couverture(mode: Mode = Mode.VELO, maisons: tuple[MaisonAccueil, ...] = MAISONS) -> Couverture:
    return couvrir(TERRITOIRE, maisons, ESTIMATION, mode, 30)


def classes(svg: str) -> dict[str, set[str]]:
    """The titles of the communes drawn in each group."""
    racine = ElementTree.fromstring(svg)
    return {
        groupe.attrib["class"]: {titre.text or "" for titre in groupe.iter(f"{SVG}title")}
        for groupe in racine.iter(f"{SVG}g")
        if groupe.attrib.get("class", "").startswith("communes ")
    }


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("autonome", [False, True])
def test_une_carte_pese_moins_de_70_ko(fond: FondDeCarte, mode: Mode, autonome: bool) -> None:
    titre = "Qui habite à moins de 30 minutes d'une Maison de la Solidarité ?"
    svg = carte_couverture(fond, couverture(mode), titre, autonome=autonome, zone=ZONE)
    assert len(svg.encode()) <= 70_000


def test_chaque_commune_est_dessinee_une_fois_dans_le_groupe_de_son_verdict(fond: FondDeCarte) -> None:
    resultat = couverture()
    dessinees = classes(carte_couverture(fond, resultat, "Carte"))
    groupes = {Verdict.OUI: "communes communes-oui", Verdict.NON: "communes communes-non",
               Verdict.A_VERIFIER: "communes communes-a-verifier"}  # fmt: skip
    for verdict, groupe in groupes.items():
        attendues = {a.commune.nom for a in resultat.communes if a.verdict is verdict}
        assert {titre.partition(",")[0] for titre in dessinees[groupe]} == attendues
    assert sum(map(len, dessinees.values())) == 499
    assert all(chemin.startswith("M") and chemin.endswith("z") for chemin in fond.communes.values())


def test_la_carte_ne_demande_rien_a_la_politique_de_securite(fond: FondDeCarte) -> None:
    svg = carte_couverture(fond, couverture(), "Carte", autonome=True)
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|href|https?://(?!www\.w3\.org/2000/svg)", svg)


def test_les_verdicts_se_distinguent_sans_couleur(fond: FondDeCarte) -> None:
    racine = ElementTree.fromstring(carte_couverture(fond, couverture(), "Carte"))
    traits = [
        [trait.attrib["d"] for trait in motif.iter(f"{SVG}path")] for motif in racine.iter(f"{SVG}pattern")
    ]
    assert len(traits) == 3 and len({tuple(trait) for trait in traits}) == 3


def test_la_carte_se_lit_a_voix_haute(fond: FondDeCarte) -> None:
    racine = ElementTree.fromstring(carte_couverture(fond, couverture(Mode.VOITURE), "Ma carte"))
    assert racine.attrib["role"] == "img"
    par_id = {e.attrib["id"]: e for e in racine.iter() if "id" in e.attrib}
    nomme, decrit = (par_id[i].text or "" for i in racine.attrib["aria-labelledby"].split())
    assert nomme == "Ma carte"
    assert "en voiture" in decrit and "180\u202f290" in decrit
    assert "estimation, sans réseau routier" in decrit and "démonstration" in decrit


def test_deux_modes_sur_une_page_ne_partagent_aucun_identifiant(fond: FondDeCarte) -> None:
    a, b = (
        set(re.findall(r'\bid="([^"]+)"', carte_couverture(fond, couverture(mode), "Carte", autonome=True)))
        for mode in (Mode.VOITURE, Mode.VELO)
    )
    assert a and not a & b


def test_chaque_maison_a_son_point_dans_le_cadre_et_un_nom_hostile_reste_du_texte(fond: FondDeCarte) -> None:
    piege = MaisonAccueil("x", 'A < B & "C" <script>', Lieu("55545"), demonstration=False)
    racine = ElementTree.fromstring(carte_couverture(fond, couverture(maisons=(*MAISONS, piege)), "<Carte>"))
    points = [g for g in racine.iter(f"{SVG}g") if g.attrib.get("class") == "maison"]
    assert [g.findtext(f"{SVG}title") for g in points] == [m.nom for m in (*MAISONS, piege)]
    for cercle in racine.iter(f"{SVG}circle"):
        assert 0 < int(cercle.attrib["cx"]) < fond.largeur and 0 < int(cercle.attrib["cy"]) < fond.hauteur


def test_une_maison_du_nord_est_dessinee_au_nord(fond: FondDeCarte) -> None:
    stenay, vaucouleurs = TERRITOIRE.communes["55502"].position, TERRITOIRE.communes["55533"].position
    assert fond.point(stenay)[1] < fond.point(vaucouleurs)[1]
    assert fond.point(stenay)[0] < fond.point(vaucouleurs)[0]


def test_la_carte_autonome_porte_sa_legende_sa_date_et_son_avertissement(fond: FondDeCarte) -> None:
    svg = carte_couverture(fond, couverture(), "Carte", le=date(2026, 11, 21), autonome=True)
    racine = ElementTree.fromstring(svg)
    [cartouche] = [g for g in racine.iter(f"{SVG}g") if g.attrib.get("class") == "cartouche"]
    ecrit = " ".join(texte.text or "" for texte in cartouche.iter(f"{SVG}text"))
    for mot in ("Carte", "Oui :", "À vérifier :", "Non :", "21/11/2026", "démonstration", "IGN"):
        assert mot in ecrit


def test_sans_maison_la_carte_le_dit(fond: FondDeCarte) -> None:
    svg = carte_couverture(fond, couverture(maisons=()), "Carte")
    assert "tout est à vérifier" in svg
    assert len(classes(svg)["communes communes-a-verifier"]) == 499


def test_les_departements_voisins_entourent_sans_recouvrir(fond: FondDeCarte) -> None:
    racine = ElementTree.fromstring(carte_couverture(fond, couverture(), "Carte"))
    [groupe] = [g for g in racine.iter(f"{SVG}g") if g.attrib.get("class") == "voisins"]
    noms = {titre.text for titre in groupe.iter(f"{SVG}title")}
    assert noms == {"Ardennes", "Marne", "Haute-Marne", "Meurthe-et-Moselle", "Vosges"}
    ordre = [g.attrib.get("class", "").partition(" ")[0] for g in racine.iter(f"{SVG}g")]
    assert ordre.index("voisins") < ordre.index("communes"), "the communes are drawn over them"
    assert "contour approché" in carte_couverture(fond, couverture(), "Carte", autonome=True)


def test_la_surface_garde_ses_trous_et_a_sa_legende(fond: FondDeCarte) -> None:
    racine = ElementTree.fromstring(carte_couverture(fond, couverture(), "Carte", zone=ZONE, autonome=True))
    [trace] = [c for c in racine.iter(f"{SVG}path") if c.attrib.get("class") == "zone"]
    assert trace.attrib["d"].count("M") == 2 and trace.attrib["fill"] == "none"
    assert "30 minutes sur les routes" in "".join(racine.itertext())
    assert "sur les routes" not in carte_couverture(fond, couverture(), "Carte", autonome=True)


def test_deux_cartes_du_meme_mode_ne_partagent_aucun_identifiant(fond: FondDeCarte) -> None:
    a, b = (
        set(re.findall(r'\bid="([^"]+)"', carte_couverture(fond, couverture(), "Carte", cle=cle)))
        for cle in ("-avant", "-apres")
    )
    assert a and not a & b
