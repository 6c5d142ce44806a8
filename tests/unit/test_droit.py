"""The law, case by case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mobilite.besoin import CategoriePermis, EtatPermis, Permis
from mobilite.candidate import Boite, CategorieVehicule, VehiculeDecrit
from mobilite.droit.permis import peut_conduire
from mobilite.droit.ressources import plafond_annuel, sous_plafond
from mobilite.droit.transport_utilite_sociale import TrajetSolidaire, petites_communes, transport_permis
from mobilite.faits import Faits, ValeurFait
from mobilite.parametres import parametres
from mobilite.verdict import Verdict

P = parametres(date(2026, 3, 11))
VOITURE = VehiculeDecrit(CategorieVehicule.VOITURE, Boite.MANUELLE)
AUTOMATIQUE = VehiculeDecrit(CategorieVehicule.VOITURE, Boite.AUTOMATIQUE)
BOITE_NON_DITE = VehiculeDecrit(CategorieVehicule.VOITURE)
VOITURETTE = VehiculeDecrit(CategorieVehicule.VOITURETTE)
SCOOTER = VehiculeDecrit(CategorieVehicule.SCOOTER50)
MOTO_LEGERE = VehiculeDecrit(CategorieVehicule.SCOOTER125)
VELO = VehiculeDecrit(CategorieVehicule.VELO)


def _permis(*categories: str, etat: str = "valide", **autres: Any) -> Permis:
    return Permis(frozenset(CategoriePermis(c) for c in categories), EtatPermis(etat), **autres)


@pytest.mark.parametrize(
    ("permis", "naissance", "vehicule", "attendu"),
    [
        (_permis("B"), 1992, VOITURE, Verdict.OUI),
        (None, 1992, VOITURE, Verdict.A_VERIFIER),
        (None, 1992, VELO, Verdict.OUI),
        (_permis("aucun"), 1992, VOITURE, Verdict.NON),
        (_permis("code_en_cours"), 1992, VOITURE, Verdict.NON),
        (_permis("B78"), 1992, VOITURE, Verdict.NON),
        (_permis("B78"), 1992, AUTOMATIQUE, Verdict.OUI),
        (_permis("B78"), 1992, BOITE_NON_DITE, Verdict.A_VERIFIER),
        (_permis("B", etat="suspendu"), 1992, VOITURE, Verdict.NON),
        (_permis("B", etat="annule"), 1992, VOITURE, Verdict.NON),
        (_permis("B", etat="invalide"), 1992, VOITURE, Verdict.NON),
        (_permis("B", etat="a_verifier"), 1992, VOITURE, Verdict.A_VERIFIER),
        (_permis("etranger_eee"), 1992, VOITURE, Verdict.A_VERIFIER),
        (_permis("etranger_hors_eee"), 1992, VOITURE, Verdict.A_VERIFIER),
        # A voiturette after a suspension or an annulment: the decision itself tells.
        (_permis("B", etat="suspendu"), 1992, VOITURETTE, Verdict.A_VERIFIER),
        (_permis("B", etat="annule"), 1980, VOITURETTE, Verdict.A_VERIFIER),
        (_permis("aucun"), 1980, VOITURETTE, Verdict.OUI),
        (_permis("aucun"), 1987, SCOOTER, Verdict.OUI),
        (_permis("aucun"), 1988, SCOOTER, Verdict.NON),
        (_permis("aucun"), None, SCOOTER, Verdict.A_VERIFIER),
        (_permis("AM"), 2009, SCOOTER, Verdict.OUI),
        (_permis("AM"), 2009, VOITURE, Verdict.NON),
        # Too young for any licence of that kind, whatever nobody has said.
        (None, 2011, VOITURE, Verdict.NON),
        (None, 2009, VOITURE, Verdict.A_VERIFIER),
        (None, 2013, SCOOTER, Verdict.NON),
        (None, 2012, SCOOTER, Verdict.A_VERIFIER),
        (None, 2011, MOTO_LEGERE, Verdict.NON),
        (_permis("B"), 1992, MOTO_LEGERE, Verdict.A_VERIFIER),
        (_permis("B", obtenu_en=2025), 1992, MOTO_LEGERE, Verdict.NON),
        (_permis("B", obtenu_en=2024), 1992, MOTO_LEGERE, Verdict.A_VERIFIER),
        (_permis("B", obtenu_le=date(2025, 9, 1)), 1992, MOTO_LEGERE, Verdict.NON),
        (_permis("A1"), 1992, MOTO_LEGERE, Verdict.OUI),
    ],
)
def test_qui_peut_conduire_quoi(
    permis: Permis | None, naissance: int | None, vehicule: VehiculeDecrit, attendu: Verdict
) -> None:
    motif = peut_conduire(permis, naissance, vehicule, P)
    assert motif.verdict is attendu
    assert motif.phrase
    assert bool(motif.manques) is (attendu is Verdict.A_VERIFIER)
    assert bool(motif.changerait) is (attendu is Verdict.NON)


PETITES = {"rural": Verdict.OUI, "bourg": Verdict.OUI, "lisiere": Verdict.A_VERIFIER, "ville": Verdict.NON}
AUCUNE: dict[str, ValeurFait] = {
    "statuts": frozenset({"salarie"}),
    "c2s": False,
    "ressources_mois": (4000.0, 4500.0),
    "foyer_personnes": (1.0, 1.0),
}


@pytest.mark.parametrize(
    ("residence", "arrivee", "km", "faits", "attendu"),
    [
        ("rural", "bourg", 20, AUCUNE, Verdict.OUI),
        ("rural", "ville", 20, AUCUNE, Verdict.A_VERIFIER),
        ("rural", "ville", 20, {}, Verdict.A_VERIFIER),
        ("rural", "ville", 20, {"statuts": frozenset({"rsa"})}, Verdict.OUI),
        ("ville", "ville", 20, {"c2s": True}, Verdict.OUI),
        ("ville", "ville", 20, AUCUNE, Verdict.NON),
        ("ville", "ville", 20, {}, Verdict.A_VERIFIER),
        # The text names the Garantie jeunes and the ASI: neither the CEJ nor a pension says it for sure.
        ("ville", "ville", 20, AUCUNE | {"statuts": frozenset({"cej"})}, Verdict.A_VERIFIER),
        ("ville", "ville", 20, AUCUNE | {"statuts": frozenset({"invalidite"})}, Verdict.A_VERIFIER),
        ("ville", "ville", 20, AUCUNE | {"statuts": frozenset({"retraite"})}, Verdict.NON),
        ("ville", "ville", 20, AUCUNE | {"statuts": frozenset({"ata_ada"})}, Verdict.OUI),
        ("lisiere", "rural", 20, AUCUNE, Verdict.A_VERIFIER),
        (None, "rural", 20, AUCUNE, Verdict.A_VERIFIER),
        ("rural", "bourg", 120, {"c2s": True}, Verdict.NON),
        ("rural", None, 20, AUCUNE, Verdict.A_VERIFIER),
        ("rural", "bourg", None, {"c2s": True}, Verdict.A_VERIFIER),
    ],
)
def test_un_transport_solidaire_suit_l_un_des_criteres_et_cent_kilometres(
    residence: str | None, arrivee: str | None, km: float | None, faits: Faits, attendu: Verdict
) -> None:
    """One criterion is enough; by residence alone the trip stays between small communes."""
    motif = transport_permis(TrajetSolidaire("rural", arrivee, km, km), residence, faits, PETITES, P)
    assert motif.verdict is attendu
    assert bool(motif.manques) is (attendu is Verdict.A_VERIFIER)


@pytest.mark.parametrize(
    ("depart", "arrivee", "attendu"),
    [
        ("rural", "bourg", Verdict.OUI),
        ("ville", "bourg", Verdict.A_VERIFIER),
        ("lisiere", "rural", Verdict.A_VERIFIER),
    ],
)
def test_par_la_commune_seule_le_depart_aussi_doit_etre_petit(
    depart: str, arrivee: str, attendu: Verdict
) -> None:
    """She lives in a small commune, and stays for a time in a big town: the trip leaves a big town."""
    motif = transport_permis(TrajetSolidaire(depart, arrivee, 20, 20), "rural", AUCUNE, PETITES, P)
    assert motif.verdict is attendu


def test_un_trajet_permis_par_la_commune_ne_doute_que_de_sa_longueur() -> None:
    motif = transport_permis(TrajetSolidaire("rural", "bourg", 90, 120), "rural", {}, PETITES, P)
    assert [m.quoi for m in motif.manques] == ["la distance du trajet"]


def test_de_fortes_ressources_n_ecartent_pas_une_complementaire_que_personne_n_a_demandee() -> None:
    riche: Faits = {
        "statuts": frozenset({"salarie"}),
        "ressources_mois": (5000.0, 6000.0),
        "foyer_personnes": (1.0, 1.0),
    }
    trajet = TrajetSolidaire("ville", "ville", 20, 20)
    assert transport_permis(trajet, "ville", riche, PETITES, P).verdict is Verdict.A_VERIFIER
    assert transport_permis(trajet, "ville", {**riche, "c2s": False}, PETITES, P).verdict is Verdict.NON


def test_sans_le_foyer_c_est_le_foyer_que_l_on_demande() -> None:
    faits: Faits = {"statuts": frozenset({"salarie"}), "c2s": False, "ressources_mois": (2500.0, 3000.0)}
    motif = transport_permis(TrajetSolidaire("ville", "ville", 20, 20), "ville", faits, PETITES, P)
    assert [m.code for m in motif.manques] == ["foyer_personnes"]


def test_une_commune_proche_d_une_grande_reste_a_verifier_faute_d_unites_urbaines() -> None:
    populations = {"grande": 15000, "touche": 900, "deux": 400, "loin": 300}
    voisines = {
        "grande": frozenset({"touche"}),
        "touche": frozenset({"grande", "deux"}),
        "deux": frozenset({"touche", "loin"}),
        "loin": frozenset({"deux"}),
    }
    assert petites_communes(populations, voisines, 12000) == {
        "grande": Verdict.NON,
        "touche": Verdict.A_VERIFIER,
        "deux": Verdict.A_VERIFIER,
        "loin": Verdict.OUI,
    }


def test_un_plafond_suit_le_foyer_et_ne_tranche_plus_une_fois_perime() -> None:
    assert plafond_annuel("c2s_gratuite", 6, P) == 21711 + 2 * 4135
    seule: Faits = {"ressources_mois": (700.0, 800.0), "foyer_personnes": (1.0, 1.0)}
    assert sous_plafond("c2s_gratuite", seule, P) is Verdict.OUI
    assert sous_plafond("c2s_gratuite", seule, parametres(date(2026, 11, 21))) is Verdict.A_VERIFIER
    assert sous_plafond("c2s_gratuite", {"ressources_mois": (900.0, 1400.0)}, P) is Verdict.A_VERIFIER
    assert sous_plafond("c2s_gratuite", {}, P) is Verdict.A_VERIFIER
    riche: Faits = {"ressources_mois": (6000.0, 7000.0)}
    assert sous_plafond("c2s_gratuite", riche, parametres(date(2026, 11, 21))) is Verdict.NON
