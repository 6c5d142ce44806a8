"""The texts' own cases, table by table: a threshold that moves turns its line red, and names its article."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilite.besoin import CategoriePermis, EtatPermis, MotifDeplacement, Permis
from mobilite.candidate import Prix
from mobilite.droit import partage_frais, participation_tus
from mobilite.droit.aide import Aide
from mobilite.droit.aides import aides_pour, apres_aides, permis_apres_aides
from mobilite.droit.aides_permis import permis_apprenti
from mobilite.droit.aides_trajet import Deplacement
from mobilite.droit.aides_vehicule import bonus_velo, prime_conversion
from mobilite.droit.partage_frais import Partage, Voiture, partage_permis
from mobilite.droit.participation_tus import participation_permise, vehicule_permis
from mobilite.droit.rappels_permis import rappels_permis
from mobilite.droit.ressources import forfait_rsa, sous_plafond, sous_rsa
from mobilite.faits import FAITS, Faits, ValeurFait
from mobilite.parametres import Parametres, lire_parametres, parametres
from mobilite.verdict import Motif, Verdict
from tests.unit.lecture import RACINE

JOUR = date(2026, 11, 22)
P = parametres(JOUR)
Cas = dict[str, Any]


def table(fichier: str, nom: str) -> list[Any]:
    """The cases of one table, each named by what it is about and the article it comes from."""
    chemin = Path(__file__).parent / "droit" / f"{fichier}.toml"
    cas = tomllib.loads(chemin.read_text(encoding="utf-8"))[nom]
    return [pytest.param(c, id=f"{c['cas']} ({c['article']})") for c in cas]


def _dit(motif: Motif, attendu: str) -> None:
    """A verdict, with what must come with it: what would change a NON, who settles a doubt."""
    assert motif.verdict == attendu, motif.phrase
    assert bool(motif.manques) is (motif.verdict is Verdict.A_VERIFIER)
    assert bool(motif.changerait) is (motif.verdict is Verdict.NON)


@pytest.mark.parametrize("c", table("participation_tus", "trajet"))
def test_la_participation_a_un_transport_solidaire(c: Cas) -> None:
    autres = {cle: c[cle] for cle in ("passagers", "km_approche") if cle in c}
    _dit(participation_permise(c["centimes"], c["km"], P, **autres), c["verdict"])


@pytest.mark.parametrize("c", table("participation_tus", "prix"))
def test_le_prix_d_une_offre_de_transport_solidaire(c: Cas) -> None:
    _dit(participation_tus.prix_permis(Prix(connu=True, **c["prix"]), P), c["verdict"])


@pytest.mark.parametrize("c", table("participation_tus", "vehicule"))
def test_le_vehicule_d_un_transport_solidaire(c: Cas) -> None:
    _dit(vehicule_permis(c.get("places"), P), c["verdict"])


def test_la_distance_dite_pour_un_prix_au_trajet_est_permise() -> None:
    """What the sentence promises holds: at that length, the price is under the ceiling."""
    motif = participation_tus.prix_permis(Prix(connu=True, trajet=5), P)
    assert "qu'à partir de 15,7 km" in motif.phrase
    assert participation_permise(500, 15.7, P).verdict is Verdict.OUI
    assert participation_permise(500, 15.6, P).verdict is not Verdict.OUI


@pytest.mark.parametrize("c", table("partage_frais", "partage"))
def test_le_partage_des_frais_d_un_covoiturage(c: Cas) -> None:
    def su(nom: str) -> bool | None:
        valeur = c.get(nom, True)
        return valeur if isinstance(valeur, bool) else None

    partage = Partage(
        km=c["km"],
        parts=tuple(c["parts"]),
        peages=c.get("peages", 0),
        parking=c.get("parking", 0),
        allocation=c.get("allocation", 0),
        voiture=Voiture(**c.get("voiture", {})),
        pour_lui=su("pour_lui"),
        assure=su("assure"),
    )
    _dit(partage_permis(partage, P), c["verdict"])


@pytest.mark.parametrize("c", table("partage_frais", "prix"))
def test_le_prix_d_une_offre_de_covoiturage(c: Cas) -> None:
    _dit(partage_frais.prix_permis(Prix(connu=True, **c["prix"]), c.get("places"), P), c["verdict"])


def _faits(c: Cas) -> dict[str, ValeurFait]:
    faits: dict[str, ValeurFait] = {}
    for nom, valeur in c.get("faits", {}).items():
        if isinstance(valeur, list):
            nombres = all(isinstance(v, int | float) for v in valeur)
            faits[nom] = (float(valeur[0]), float(valeur[1])) if nombres else frozenset(valeur)
        else:
            faits[nom] = valeur
    assert set(faits) <= set(FAITS)
    return faits


def _foyer(c: Cas) -> dict[str, ValeurFait]:
    return {
        "ressources_mois": (float(c["mois"][0]), float(c["mois"][1])),
        "foyer_personnes": (float(c["foyer"]), float(c["foyer"])),
    }


@pytest.mark.parametrize("c", table("ressources", "c2s"))
def test_le_plafond_de_la_complementaire_sante_solidaire(c: Cas) -> None:
    assert sous_plafond("c2s_gratuite", _foyer(c), parametres(c["le"])) == c["verdict"]


@pytest.mark.parametrize("c", table("ressources", "rsa"))
def test_les_ressources_sous_le_rsa_du_foyer(c: Cas) -> None:
    assert sous_rsa(_foyer(c), parametres(c["le"])) == c["verdict"]


@pytest.mark.parametrize("c", table("ressources", "forfait_rsa"))
def test_le_montant_du_rsa_selon_le_foyer(c: Cas) -> None:
    assert forfait_rsa(c["foyer"], parametres(c["le"]), c.get("couple")) == pytest.approx(
        c["montant"], abs=0.005
    )


FINIES: dict[str, Callable[[Faits, Parametres], Aide]] = {
    "permis_apprenti": permis_apprenti,
    "bonus_velo": lambda _, p: bonus_velo(p),
    "prime_conversion": lambda _, p: prime_conversion(p),
}
"""Weighed alone: on the days they still stood, most of the other figures did not exist yet."""


def _aides(c: Cas) -> dict[str, Aide]:
    if c.get("code") in FINIES:
        return {c["code"]: FINIES[c["code"]](_faits(c), parametres(c["le"]))}
    trajets = []
    if "trajet" in c:
        trajet = dict(c["trajet"])
        for cle in ("km", "minutes"):
            trajet[cle] = tuple(trajet[cle])
        trajets = [Deplacement(**trajet | {"motif": MotifDeplacement(trajet["motif"])})]
    aides = aides_pour(
        _faits(c), trajets, parametres(c.get("le", JOUR)), epci=c.get("epci"), en_meuse=c.get("en_meuse")
    )
    return {aide.code: aide for aide in aides}


@pytest.mark.parametrize("c", table("aides", "aide"))
def test_une_aide_selon_la_situation(c: Cas) -> None:
    aide = _aides(c)[c["code"]]
    assert aide.verdict == c["verdict"], [m.phrase for m in aide.motifs]
    assert aide.qui
    assert aide.source
    assert bool(aide.manques) is (aide.verdict is Verdict.A_VERIFIER)
    if "montant" in c:
        assert aide.montant is not None
        assert [aide.montant.min, aide.montant.max, aide.montant.versement] == c["montant"]
    if "avant" in c:
        assert aide.avant == c["avant"]


def test_rien_de_dit_n_exclut_d_une_aide_encore_ouverte() -> None:
    """Nobody has said anything: only what a text ended is a NON."""
    non = {aide.code for aide in aides_pour({}, [], P) if aide.verdict is Verdict.NON}
    assert non == {"permis_apprenti", "bonus_velo", "prime_conversion"}
    assert not [aide for aide in aides_pour({}, [], P) if aide.verdict is Verdict.OUI]


FAITS_POSSIBLES: dict[str, list[ValeurFait]] = {
    "age": [(16.0, 17.0), (20.0, 21.0), (25.0, 26.0), (40.0, 41.0)],
    "statuts": [frozenset({s}) for s in ("rsa", "demandeur_emploi", "salarie", "apprenti", "etudiant")],
    "permis": [frozenset({"aucun"}), frozenset({"B"}), frozenset({"suspendu"}), frozenset({"annule"})],
    "projet_permis": [True, False],
    "c2s": [True, False],
    "compte_bancaire": [True, False],
    "employeur_participe": [True, False],
    "ressources_mois": [(0.0, 300.0), (600.0, 700.0), (2000.0, 2100.0)],
    "foyer_personnes": [(1.0, 1.0), (4.0, 4.0)],
}


@given(
    connus=st.fixed_dictionaries(
        {}, optional={nom: st.sampled_from(valeurs) for nom, valeurs in FAITS_POSSIBLES.items()}
    ),
    nom=st.sampled_from(sorted(FAITS_POSSIBLES)),
    rang=st.integers(0, 10),
)
def test_apprendre_un_fait_ne_change_que_ce_qui_etait_a_verifier(
    connus: dict[str, ValeurFait], nom: str, rang: int
) -> None:
    avant = dict(connus)
    avant.pop(nom, None)
    valeurs = FAITS_POSSIBLES[nom]
    apres = avant | {nom: valeurs[rang % len(valeurs)]}
    verdicts = {aide.code: aide.verdict for aide in aides_pour(apres, [], P)}
    for aide in aides_pour(avant, [], P):
        assert aide.verdict in (Verdict.A_VERIFIER, verdicts[aide.code]), (aide.code, nom)


def test_ce_qui_reste_a_payer_ne_compte_que_ce_qui_est_sur_et_jamais_plus_que_le_cout() -> None:
    situation: Cas = {
        "faits": {"statuts": ["demandeur_emploi"]},
        "trajet": {
            "motif": "formation",
            "km": [40, 50],
            "minutes": [45, 60],
            "allers_retours": 10,
            "duree_suffisante": True,
            "allocation_jour": 0,
        },
    }
    aides = _aides(situation).values()
    reste = apres_aides(300, aides)
    assert (reste.min, reste.max) == (300 - 230, 300 - 184)
    assert apres_aides(100, aides).max == 0
    situation["trajet"].pop("allocation_jour")
    doute = apres_aides(300, _aides(situation).values())
    assert (doute.min, doute.max) == (70, 300)


def test_les_aides_au_permis_s_ajoutent_sans_les_prets() -> None:
    situation: Cas = {
        "faits": {
            "statuts": ["demandeur_emploi"],
            "age": [20, 21],
            "permis": ["aucun"],
            "projet_permis": True,
        },
        "en_meuse": True,
        "epci": "245501242",
    }
    reste = permis_apres_aides(_aides(situation).values(), P)
    assert (reste.min, reste.max) == (0, 2000)
    situation["faits"]["statuts"] = ["salarie"]
    assert permis_apres_aides(_aides(situation).values(), P).min == 500


def test_chaque_chiffre_d_une_aide_dit_sa_source_et_une_aide_finie_dit_sa_fin() -> None:
    for ligne in lire_parametres():
        if ligne.statut == "abroge":
            assert ligne.valable_au is not None, ligne.cle


@pytest.mark.parametrize(
    ("permis", "rappels"),
    [
        (Permis(frozenset({CategoriePermis.B}), obtenu_le=date(2025, 6, 1)), [Verdict.OUI]),
        # Two years, or three: the conduite accompagnée decides.
        (Permis(frozenset({CategoriePermis.B}), obtenu_le=date(2024, 6, 1)), [Verdict.A_VERIFIER]),
        (Permis(frozenset({CategoriePermis.B}), obtenu_le=date(2023, 6, 1)), []),
        (Permis(frozenset({CategoriePermis.B})), [Verdict.A_VERIFIER]),
        (Permis(frozenset({CategoriePermis.B}), EtatPermis.SUSPENDU), [Verdict.A_VERIFIER]),
        (Permis(frozenset({CategoriePermis.AM})), []),
        (None, []),
    ],
)
def test_ce_que_la_loi_rappelle_a_qui_tient_un_permis(permis: Permis | None, rappels: list[Verdict]) -> None:
    assert [motif.verdict for motif in rappels_permis(permis, {}, P)] == rappels


def test_les_trois_pertes_du_permis_ne_se_retrouvent_pas_de_la_meme_facon() -> None:
    phrases = {
        rappels_permis(Permis(frozenset({CategoriePermis.B}), etat), {}, P)[0].phrase
        for etat in (EtatPermis.SUSPENDU, EtatPermis.ANNULE, EtatPermis.INVALIDE)
    }
    assert len(phrases) == 3


def test_la_page_du_droit_dit_les_chiffres_de_la_table_et_leur_etat() -> None:
    page = (RACINE / "docs" / "droit.md").read_text(encoding="utf-8").split("## Les chiffres")[1]
    lignes = re.findall(r"^\| .+? \| ([\d,]+) \| `([\w.]+)` \| (\w+) \|$", page, re.MULTILINE)
    assert len(lignes) > 10
    for valeur, cle, etat in lignes:
        ligne = P.ligne(cle)
        assert (float(valeur.replace(",", ".")), etat) == (ligne.valeur, ligne.statut), cle
