"""The other side of the proof: openfisca-france, alone in its venv, reads situations and writes amounts.

``python openfisca_calcul.py situations.json resultats.json``. Imports nothing of the project.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openfisca_core.simulation_builder import SimulationBuilder  # type: ignore[import-not-found]
from openfisca_france import FranceTaxBenefitSystem  # type: ignore[import-not-found]

MOTIFS = {
    "entretien": ("recherche_emploi", "entretien_embauche"),
    "emploi": ("reprise_emploi", "indeterminee"),
    "formation": ("formation", "indeterminee"),
}


def calculer(situations: list[dict[str, Any]]) -> list[dict[str, float]]:
    """The amounts of every situation, month by month (one simulation a month)."""
    systeme = FranceTaxBenefitSystem()
    resultats: list[dict[str, float]] = [{} for _ in situations]
    for mois in sorted({s["mois"] for s in situations}):
        rangs = [rang for rang, s in enumerate(situations) if s["mois"] == mois]
        simulation = SimulationBuilder().build_from_entities(
            systeme, _entites([situations[r] for r in rangs], mois)
        )
        # One adult asks in each situation: the first of its family.
        premiers = _premiers([situations[r] for r in rangs])
        par_famille = {nom: simulation.calculate(nom, mois) for nom in ("cmu_c_plafond", "rsa_socle")}
        par_individu = {
            nom: simulation.calculate(nom, mois)
            for nom in (
                "aide_mobilite",
                "aide_mobilite_eligible",
                "aide_permis_demandeur_emploi",
                "pret_formation_permis_eligibilite",
                "aide_financement_permis_apprenti",
            )
        }
        for place, rang in enumerate(rangs):
            for nom, valeurs in par_famille.items():
                resultats[rang][nom] = float(valeurs[place])
            for nom, valeurs in par_individu.items():
                resultats[rang][nom] = float(valeurs[premiers[place]])
    return resultats


def _premiers(situations: list[dict[str, Any]]) -> list[int]:
    rangs, rang = [], 0
    for s in situations:
        rangs.append(rang)
        rang += s["adultes"] + len(s["enfants"])
    return rangs


def _entites(situations: list[dict[str, Any]], mois: str) -> dict[str, Any]:
    individus: dict[str, Any] = {}
    groupes: dict[str, dict[str, Any]] = {"familles": {}, "foyers_fiscaux": {}, "menages": {}}
    for rang, s in enumerate(situations):
        adultes = [f"a{rang}_{n}" for n in range(s["adultes"])]
        enfants = [f"e{rang}_{n}" for n in range(len(s["enfants"]))]
        for nom in adultes:
            individus[nom] = {"age": {mois: s["age"]}, "age_en_mois": {mois: s["age"] * 12}}
        for nom, age in zip(enfants, s["enfants"], strict=True):
            individus[nom] = {"age": {mois: age}, "age_en_mois": {mois: age * 12}}
        individus[adultes[0]] |= _demande(s, mois)
        groupes["familles"][f"f{rang}"] = {
            "parents": adultes,
            "enfants": enfants,
            "rsa_eligibilite": {mois: True},
            "rsa": {mois: s["rsa"]},
        }
        groupes["foyers_fiscaux"][f"i{rang}"] = {"declarants": adultes, "personnes_a_charge": enfants}
        menage: dict[str, Any] = {"personne_de_reference": [adultes[0]], "enfants": enfants}
        if len(adultes) > 1:
            menage["conjoint"] = [adultes[1]]
        groupes["menages"][f"m{rang}"] = menage | {"residence": {mois: "metropole"}}
    return {"individus": individus} | groupes


def _demande(s: dict[str, Any], mois: str) -> dict[str, Any]:
    """What the first adult asks for: the aide à la mobilité, a licence."""
    contexte, recherche = MOTIFS[s["motif"]]
    contrat = "formation" if s["motif"] == "formation" else "cdi" if s["cdi"] else "cdd"
    valeurs = {
        "activite": "chomeur" if s["inscrite"] else "actif",
        "apprenti": s["apprenti"],
        "pole_emploi_categorie_demandeur_emploi": "categorie_1" if s["inscrite"] else "pas_de_categorie",
        "allocation_retour_emploi_journaliere": s["allocation_jour"],
        "contexte_activite_pole_emploi": contexte,
        "types_activite_en_recherche_emploi": recherche,
        "contrat_de_travail_type": contrat,
        "contrat_de_travail_duree": s["contrat_mois"],
        "duree_formation": s["formation_heures"],
        "formation_validee_pole_emploi": True,
        "formation_financee_ou_cofinancee": True,
        "lieu_emploi_ou_formation": "metropole_hors_corse",
        "distance_activite_domicile": s["km"],
        "aide_mobilite_duree_trajet": s["minutes"] * 2,
        "nombre_allers_retours": s["allers_retours"],
        "date_debut_recherche_emploi": f"{mois}-15",
        "contrat_de_travail_debut": f"{mois}-15",
        "aide_mobilite_date_demande": f"{mois}-16",
    }
    return {nom: {mois: valeur} for nom, valeur in valeurs.items()}


def main() -> None:
    """Read, compute, write, with the versions that spoke."""
    entree, sortie = (Path(chemin) for chemin in sys.argv[1:3])
    situations = json.loads(entree.read_text(encoding="utf-8"))
    versions = {nom: version(nom) for nom in ("OpenFisca-France", "OpenFisca-Core")}
    document = {"versions": versions, "resultats": calculer(situations)}
    sortie.write_text(json.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    main()
